"""Writes the recordings: one thread for all of them, so that a disk never holds up a tick.

The producer hands over samples and goes on; what cannot be kept is counted, and told at once. The
files themselves stand in `recording_file.py`. Knows nothing of legs or rows.
"""

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from media.breaks import Breaks
from media.recording_file import Octets, RecordingFile, SealedFile, WavFile
from media.sealed import SealedError

T = TypeVar("T")

# 4 s of 500 stereo recordings: longer than a disk usually hesitates.
RECORDING_QUEUE_BYTES: Final = 64 * 1024 * 1024
# The writing thread looks by itself and is not woken for each frame: 25,000 wake-ups a second would
# cost a core.
LOOK_SECONDS: Final = 0.2
# So many blocks are handed on together; two where the disk keeps up.
MOST_BLOCKS: Final = 5
TOO_SLOW: Final = "the disk does not keep up"


@dataclass(frozen=True, slots=True)
class Seal:
    """The key of a recording (32 octets) and its name, which is bound to what is sealed."""

    key: bytes
    name: str


@dataclass(frozen=True, slots=True)
class RecordingResult:
    """How a recording ended."""

    recording: int
    path: Path
    seconds: float
    """Length of the file; of a sealed one, of the sound in it."""
    dropped_seconds: float
    """Audio that could not be kept; silence stands in its place if the disk recovered."""
    error: str | None
    """The first trouble with the file; None if there was none."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Sound of this recording is being lost; told once a recording."""

    recording: int
    error: str


@dataclass(frozen=True, slots=True)
class _Open:
    recording: int
    path: Path
    channels: int
    seal: Seal | None
    resume: float


@dataclass(frozen=True, slots=True)
class _Write:
    recording: int
    samples: bytes
    gap: int
    """Bytes that were dropped before these samples."""


@dataclass(frozen=True, slots=True)
class _WriteAll:
    recordings: tuple[int, ...]
    samples: NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class _Mark:
    recording: int
    why: str
    seconds: float | None


@dataclass(frozen=True, slots=True)
class _Finish:
    recording: int
    gap: int


_Order = _Open | _Write | _WriteAll | _Mark | _Finish
_Files = dict[int, tuple[Path, RecordingFile]]


class Recorder:
    """All recordings of a process. One producer thread calls; one thread of its own writes.

    `open`, `write`, `mark` and `finish` never wait for the disk. A recording that was finished
    appears once in `take`. The queue is bounded by bytes; samples that do not fit are dropped and
    counted.
    """

    def __init__(
        self, queue_bytes: int = RECORDING_QUEUE_BYTES, breaks: Breaks | None = None
    ) -> None:
        """`breaks`: when the producer has no use for the interpreter."""
        self._breaks = breaks or Breaks()
        self._queue_bytes = queue_bytes
        self._orders: deque[_Order] = deque()
        # Each counter has one writing thread, so their difference needs no lock.
        self._handed_over = 0
        self._taken_up = 0
        self._gaps: dict[int, int] = {}
        # Those of which the next samples have a gap before them.
        self._gapped: set[int] = set()
        self._results: deque[RecordingResult] = deque()
        self._troubles: deque[Trouble] = deque()
        # Recordings whose trouble was told already: each thread has its own.
        self._too_slow: set[int] = set()
        self._troubled: set[int] = set()
        self._wake = threading.Event()
        self._is_closing = False
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)

    def start(self) -> None:
        """Starts the writing thread."""
        self._thread.start()

    def close(self, timeout: float = 5.0) -> bool:
        """Writes what is queued, ends open recordings; False if the disk did not manage in time."""
        self._is_closing = True
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def open(
        self,
        recording: int,
        path: Path,
        channels: int,
        seal: Seal | None = None,
        resume: float = 0.0,
    ) -> None:
        """Begins a file; 1 or 2 channels. Trouble is told in the recording's result.

        With a `seal` nothing of it is ever in clear; without, it is a WAV file. With `resume` the
        file is there, and what it lacks of so many seconds is left as a gap.
        """
        self._gaps[recording] = 0
        self._orders.append(_Open(recording, path, channels, seal, resume))

    def write(self, recording: int, samples: NDArray[np.int16]) -> bool:
        """Appends (frames, channels) or (frames,) int16; False if they were dropped."""
        gap = self._gaps.get(recording)
        if gap is None:
            return False
        if not self._has_room(samples.nbytes):
            self._gaps[recording] = gap + samples.nbytes
            self._gapped.add(recording)
            if recording not in self._too_slow:
                self._too_slow.add(recording)
                self._troubles.append(Trouble(recording, TOO_SLOW))
            return False
        if gap:
            self._gaps[recording] = 0
            self._gapped.discard(recording)
        self._handed_over += samples.nbytes
        self._orders.append(_Write(recording, samples.tobytes(), gap))
        return True

    def write_all(self, recordings: tuple[int, ...], samples: NDArray[np.int16]) -> None:
        """The same for many at once; samples: (recordings, frames, channels), ours from now on."""
        if self._gapped or not self._has_room(samples.nbytes):
            for recording, part in zip(recordings, samples, strict=True):
                self.write(recording, part)
            return
        self._handed_over += samples.nbytes
        self._orders.append(_WriteAll(recordings, samples))

    def _has_room(self, size: int) -> bool:
        return self._handed_over - self._taken_up + size <= self._queue_bytes

    def mark(self, recording: int, why: str, seconds: float | None) -> None:
        """A gap begins here (None), or has ended after so many seconds."""
        if recording in self._gaps:
            self._orders.append(_Mark(recording, why, seconds))

    def finish(self, recording: int) -> None:
        """Ends a file; its result comes by `take`. Unknown recordings are ignored."""
        gap = self._gaps.pop(recording, None)
        self._too_slow.discard(recording)
        self._gapped.discard(recording)
        if gap is not None:
            self._orders.append(_Finish(recording, gap))
            self._wake.set()

    def take(self) -> list[RecordingResult]:
        """The recordings that ended since the last call."""
        return _drained(self._results)

    def troubles(self) -> list[Trouble]:
        """What was found to be going wrong since the last call."""
        return _drained(self._troubles)

    def dump(self) -> dict[str, int]:
        """Counts for logs and tests."""
        return {"recordings": len(self._gaps), "queued": self._handed_over - self._taken_up}

    def _run(self) -> None:
        files: _Files = {}
        while True:
            # Cleared before the queue is emptied: an order that comes meanwhile wakes us again.
            self._wake.wait(LOOK_SECONDS)
            self._wake.clear()
            is_closing = self._is_closing
            while self._orders:
                self._carry_out(self._orders.popleft(), files)
            if is_closing:
                for recording in list(files):
                    gap = self._gaps.pop(recording, 0)
                    self._carry_out(_Finish(recording, gap), files)
                return

    def _carry_out(self, order: _Order, files: _Files) -> None:
        match order:
            case _Open():
                self._open(order, files)
            case _WriteAll():
                self._add_all(order, files)
            case _Write(recording, data, gap):
                self._add(recording, [data], len(data), gap, files)
                self._taken_up += len(data)
            case _Mark(recording, why, seconds):
                if recording in files:
                    files[recording][1].mark(why, seconds)
                    self._look(recording, files)
            case _Finish(recording, gap):
                if recording in files:
                    files[recording][1].finish(gap)
                    self._look(recording, files)
                    self._finish(recording, *files.pop(recording))

    def _add_all(self, first: _WriteAll, files: _Files) -> None:
        """A block of many recordings, and those of the same that wait behind it: one step each."""
        blocks = [first.samples]
        while self._orders and len(blocks) < MOST_BLOCKS and _goes_on(first, self._orders[0]):
            blocks.append(cast(_WriteAll, self._orders.popleft()).samples)
        # Views: copying a thousand recordings would hold the interpreter for 1 ms.
        octets = [np.ascontiguousarray(block).reshape(-1).view(np.uint8).data for block in blocks]
        whole, size = sum(map(len, octets)), len(octets[0]) // len(first.recordings)
        each = size * len(octets)
        for place, recording in enumerate(first.recordings):
            start, end = place * size, (place + 1) * size
            self._add(recording, [block[start:end] for block in octets], each, 0, files)
        self._taken_up += whole

    def _add(
        self, recording: int, data: Sequence[Octets], size: int, gap: int, files: _Files
    ) -> None:
        found = files.get(recording)
        if found is not None:
            found[1].add(data, size, gap)
            self._look(recording, files)

    def _look(self, recording: int, files: _Files) -> None:
        """After each step: is there trouble, and may the next step begin?"""
        error = files[recording][1].error
        if error is not None and recording not in self._troubled:
            self._troubled.add(recording)
            self._troubles.append(Trouble(recording, error))
        if not self._is_closing:
            self._breaks.worked()

    def _open(self, order: _Open, files: _Files) -> None:
        try:
            path, channels, seal, resume = order.path, order.channels, order.seal, order.resume
            if seal is None:
                file: RecordingFile = WavFile(path, channels, resume)
            else:
                file = SealedFile(path, channels, seal.key, seal.name, resume)
        except SealedError as error:
            self._gaps.pop(order.recording, None)
            result = RecordingResult(order.recording, order.path, 0.0, 0.0, str(error))
            self._results.append(result)
            return
        files[order.recording] = (order.path, file)
        self._look(order.recording, files)

    def _finish(self, recording: int, path: Path, file: RecordingFile) -> None:
        self._troubled.discard(recording)
        seconds, dropped = file.end / file.second, file.dropped / file.second
        self._results.append(RecordingResult(recording, path, seconds, dropped, file.error))


def _goes_on(first: _WriteAll, order: _Order) -> bool:
    """Is it the next block of the same recordings?"""
    return (
        isinstance(order, _WriteAll)
        and order.recordings is first.recordings
        and order.samples.shape == first.samples.shape
    )


def _drained(waiting: deque[T]) -> list[T]:
    """All that is there, in order; another thread may append meanwhile."""
    found = []
    while waiting:
        found.append(waiting.popleft())
    return found
