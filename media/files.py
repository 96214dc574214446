"""Audio files: prompts in, recordings out.

Prompts are read whole, as mono int16 at 8 kHz, and kept in a cache bounded by bytes. Recordings are
WAV files, written by one thread for all of them, so that a slow or full disk never holds up a tick:
the producer hands over samples and goes on, and what cannot be kept is counted.

A recording is readable at any moment up to its last whole second: samples are written before the
header that counts them, and the header is one write of 44 bytes. So it survives `kill -9`.

Knows nothing of legs or rows. AudioFileError: a prompt that cannot be read.
"""

import contextlib
import os
import struct
import threading
from collections import OrderedDict, deque
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

RATE: Final = 8000
SAMPLE_SIZE: Final = 2
# A prompt longer than 20 minutes is a mistake, and would be 19 MB in the cache.
MAX_PROMPT_SECONDS: Final = 1200
# About an hour of prompts and music.
PROMPT_CACHE_BYTES: Final = 64 * 1024 * 1024
# 4 s of 500 stereo recordings: longer than a disk usually hesitates.
RECORDING_QUEUE_BYTES: Final = 64 * 1024 * 1024
# Together, and with a caller that hands over each 100 ms, less than the second of audio that a
# recording may lose to a crash. The writing thread
# looks by itself and is not woken for each frame: 25,000 wake-ups a second would cost a core.
FLUSH_SECONDS: Final = 0.6
LOOK_SECONDS: Final = 0.2
# The size fields of a WAV file have 32 bits: 37 hours of stereo.
MAX_DATA_BYTES: Final = 0xFFFFFFFF - 64
HEADER_SIZE: Final = 44
_WAV: Final = struct.Struct("<4sI4s4sIHHIIHH4sI")


class AudioFileError(Exception):
    """A prompt that is missing, too long, or not audio. The text names the file."""


def load_prompt(path: Path) -> NDArray[np.int16]:
    """A sound file as (samples,) int16 mono 8 kHz, read-only; loudness as it is.

    Any format of libsndfile (WAV, FLAC, Ogg, MP3); channels are averaged. AudioFileError.
    """
    try:
        with soundfile.SoundFile(path) as file:
            if file.frames > MAX_PROMPT_SECONDS * file.samplerate:
                raise AudioFileError(f"{path}: longer than {MAX_PROMPT_SECONDS // 60} minutes")
            rate = file.samplerate
            frames = file.read(dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, OSError) as error:
        raise AudioFileError(f"{path}: {error}") from error
    mono = frames.mean(axis=1) if frames.shape[1] > 1 else frames[:, 0]
    if rate != RATE:
        mono = soxr.resample(mono, rate, RATE)
    samples: NDArray[np.int16] = np.rint(np.clip(mono * 32768.0, -32768, 32767)).astype(np.int16)
    samples.flags.writeable = False
    return samples


class PromptCache:
    """Prompts by path; the least recently used leave when the bound is reached.

    A file that was replaced (other time or size) is read again. Any thread may call.
    """

    def __init__(self, max_bytes: int = PROMPT_CACHE_BYTES) -> None:
        self._max_bytes = max_bytes
        self._entries: OrderedDict[Path, tuple[tuple[int, int], NDArray[np.int16]]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def load(self, path: Path) -> NDArray[np.int16]:
        """As `load_prompt`. Touches the disk, and decodes if need be: not for the tick's thread."""
        try:
            status = path.stat()
        except OSError as error:
            raise AudioFileError(f"{path}: {error.strerror}") from error
        version = (status.st_mtime_ns, status.st_size)
        with self._lock:
            entry = self._entries.get(path)
            if entry is not None and entry[0] == version:
                self._entries.move_to_end(path)
                return entry[1]
        samples = load_prompt(path)
        with self._lock:
            self._keep(path, version, samples)
        return samples

    def dump(self) -> dict[str, int]:
        """Counts for logs and tests."""
        with self._lock:
            return {"prompts": len(self._entries), "bytes": self._bytes}

    def _keep(self, path: Path, version: tuple[int, int], samples: NDArray[np.int16]) -> None:
        self._drop(path)
        if samples.nbytes > self._max_bytes:
            return
        self._entries[path] = (version, samples)
        self._bytes += samples.nbytes
        while self._bytes > self._max_bytes:
            self._drop(next(iter(self._entries)))

    def _drop(self, path: Path) -> None:
        entry = self._entries.pop(path, None)
        if entry is not None:
            self._bytes -= entry[1].nbytes


def wav_header(channels: int, data_bytes: int) -> bytes:
    """The 44-byte header of a 16-bit PCM file at 8 kHz (RIFF WAVE, format 1)."""
    frame = channels * SAMPLE_SIZE
    return _WAV.pack(
        *(b"RIFF", data_bytes + HEADER_SIZE - 8, b"WAVE", b"fmt ", 16, 1, channels),
        *(RATE, RATE * frame, frame, SAMPLE_SIZE * 8, b"data", data_bytes),
    )


@dataclass(frozen=True, slots=True)
class RecordingResult:
    """How a recording ended."""

    recording: int
    path: Path
    seconds: float
    """Length of the file."""
    dropped_seconds: float
    """Audio that could not be kept; silence stands in its place if the disk recovered."""
    error: str | None
    """The first trouble with the file; None if there was none."""


@dataclass(frozen=True, slots=True)
class _Open:
    recording: int
    path: Path
    channels: int


@dataclass(frozen=True, slots=True)
class _Write:
    recording: int
    samples: bytes
    gap: int
    """Bytes that were dropped before these samples."""


@dataclass(frozen=True, slots=True)
class _Finish:
    recording: int
    gap: int


_Order = _Open | _Write | _Finish


class _File:
    """One recording, as the writing thread sees it."""

    __slots__ = (
        "_descriptor",
        "_flush_at",
        "_missing",
        "_pending",
        "channels",
        "dropped",
        "end",
        "error",
    )

    def __init__(self, order: _Open) -> None:
        self.channels = order.channels
        self.error: str | None = None
        self.dropped = 0
        # Bytes of samples that are safely in the file.
        self.end = 0
        # Bytes that were lost behind `end`: the next write leaves a hole, which reads as silence.
        self._missing = 0
        self._pending = bytearray()
        self._flush_at = int(FLUSH_SECONDS * RATE) * order.channels * SAMPLE_SIZE
        self._descriptor = -1
        try:
            order.path.parent.mkdir(parents=True, exist_ok=True)
            # A recording never takes another one's place, and is its office's secret.
            flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_CLOEXEC", 0)
            self._descriptor = os.open(order.path, flags, 0o600)
            os.pwrite(self._descriptor, wav_header(order.channels, 0), 0)
        except (OSError, ValueError) as error:  # ValueError: a path with a null character
            self._failed(error, 0)

    def add(self, samples: bytes, gap: int) -> None:
        if gap:
            self.flush()
            self.dropped += gap
            self._missing += gap
        self._pending += samples
        if len(self._pending) >= self._flush_at:
            self.flush()

    def flush(self) -> None:
        """Samples first, then the header that counts them."""
        data, self._pending = self._pending, bytearray()
        if not data:
            return
        start = self.end + self._missing
        end = start + len(data)
        if self._descriptor < 0 or end > MAX_DATA_BYTES:
            self.dropped += len(data)
            return
        try:
            while start < end:
                rest = memoryview(data)[start - end :]
                start += os.pwrite(self._descriptor, rest, HEADER_SIZE + start)
            os.pwrite(self._descriptor, wav_header(self.channels, end), 0)
        except OSError as error:
            self._failed(error, len(data))
        else:
            self.end, self._missing = end, 0

    def close(self) -> None:
        self.flush()
        if self._descriptor < 0:
            return
        try:
            os.fsync(self._descriptor)
        except OSError as error:
            self._failed(error, 0)
        with contextlib.suppress(OSError):
            os.close(self._descriptor)
        self._descriptor = -1

    def _failed(self, error: OSError | ValueError, lost: int) -> None:
        self.dropped += lost
        self._missing += lost
        if self.error is None:
            self.error = getattr(error, "strerror", None) or str(error)


class Recorder:
    """All recordings of a process. One producer thread calls; one thread of its own writes.

    `open`, `write` and `finish` never wait for the disk. A recording that was finished appears once
    in `take`. The queue is bounded by bytes; samples that do not fit are dropped and counted.
    """

    def __init__(self, queue_bytes: int = RECORDING_QUEUE_BYTES) -> None:
        self._queue_bytes = queue_bytes
        self._orders: deque[_Order] = deque()
        # Each counter has one writing thread, so their difference needs no lock.
        self._handed_over = 0
        self._taken_up = 0
        self._gaps: dict[int, int] = {}
        self._results: deque[RecordingResult] = deque()
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

    def open(self, recording: int, path: Path, channels: int) -> None:
        """Begins a file; 1 or 2 channels. Trouble is told in the recording's result."""
        self._gaps[recording] = 0
        self._orders.append(_Open(recording, path, channels))

    def write(self, recording: int, samples: NDArray[np.int16]) -> bool:
        """Appends (frames, channels) or (frames,) int16; False if they were dropped."""
        gap = self._gaps.get(recording)
        if gap is None:
            return False
        if self._handed_over - self._taken_up + samples.nbytes > self._queue_bytes:
            self._gaps[recording] = gap + samples.nbytes
            return False
        if gap:
            self._gaps[recording] = 0
        self._handed_over += samples.nbytes
        self._orders.append(_Write(recording, samples.tobytes(), gap))
        return True

    def finish(self, recording: int) -> None:
        """Ends a file; its result comes by `take`. Unknown recordings are ignored."""
        gap = self._gaps.pop(recording, None)
        if gap is not None:
            self._orders.append(_Finish(recording, gap))
            self._wake.set()

    def take(self) -> list[RecordingResult]:
        """The recordings that ended since the last call."""
        results = []
        while self._results:
            results.append(self._results.popleft())
        return results

    def dump(self) -> dict[str, int]:
        """Counts for logs and tests."""
        return {"recordings": len(self._gaps), "queued": self._handed_over - self._taken_up}

    def _run(self) -> None:
        files: dict[int, tuple[Path, _File]] = {}
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

    def _carry_out(self, order: _Order, files: dict[int, tuple[Path, _File]]) -> None:
        if isinstance(order, _Open):
            files[order.recording] = (order.path, _File(order))
        elif isinstance(order, _Write):
            if order.recording in files:
                files[order.recording][1].add(order.samples, order.gap)
            self._taken_up += len(order.samples)
        elif order.recording in files:
            path, file = files.pop(order.recording)
            file.dropped += order.gap
            file.close()
            second = RATE * SAMPLE_SIZE * file.channels
            self._results.append(
                RecordingResult(
                    order.recording, path, file.end / second, file.dropped / second, file.error
                )
            )
