"""The file of one recording, as the writing thread sees it: WAV in clear, or sealed.

Samples wait in memory for 0.6 s, then go to the file in one piece, gathered by the kernel and not
copied here. Either kind is readable at any moment up to its last second: of a WAV file the samples
are written before the header that counts them, of a sealed one (`sealed.py`) every whole chunk can
be read. So it survives `kill -9`. What the disk does not take is counted: in a WAV file a hole
stands for it, which reads as silence, in a sealed one a gap that says so. A file never takes
another one's place.
"""

import contextlib
import os
import struct
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from media.files import RATE
from media.sealed import SALT_SIZE, SealedError, Sealer, find_end

SAMPLE_SIZE: Final = 2
# With what the writing thread takes to look (recorder.py) and a block of ticks, less than the
# second of audio that a recording may lose to a crash.
FLUSH_SECONDS: Final = 0.6
# The size fields of a WAV file have 32 bits: 37 hours of stereo.
MAX_DATA_BYTES: Final = 0xFFFFFFFF - 64
HEADER_SIZE: Final = 44
_WAV: Final = struct.Struct("<4sI4s4sIHHIIHH4sI")
# Linux gathers 1024 (UIO_MAXIOV); frame by frame 0.6 s are 30.
MOST_PIECES: Final = 256
# Why nothing is there, when it was the disk that took nothing.
LOST: Final = "lost"

Octets = bytes | memoryview


def wav_header(channels: int, data_bytes: int) -> bytes:
    """The 44-byte header of a 16-bit PCM file at 8 kHz (RIFF WAVE, format 1)."""
    frame = channels * SAMPLE_SIZE
    return _WAV.pack(
        *(b"RIFF", data_bytes + HEADER_SIZE - 8, b"WAVE", b"fmt ", 16, 1, channels),
        *(RATE, RATE * frame, frame, SAMPLE_SIZE * 8, b"data", data_bytes),
    )


class RecordingFile(ABC):
    """`add` and `mark` in their order, `close` at last; none of them raises."""

    __slots__ = ("_descriptor", "_flush_at", "_missing", "_pending", "_waiting", "channels",
                 "dropped", "end", "error")  # fmt: skip

    def __init__(self, path: Path, channels: int, resume: float = 0.0) -> None:
        """`resume`: the file is there, cut off by a crash; it should be so many seconds long."""
        self.channels = channels
        # The first trouble with it.
        self.error: str | None = None
        self.dropped = 0
        # Bytes of samples up to the end of what is safely in the file.
        self.end = 0
        # Bytes that were lost behind `end`.
        self._missing = 0
        # Samples in their order, and how many bytes they are.
        self._pending: list[Octets] = []
        self._waiting = 0
        self._flush_at = int(FLUSH_SECONDS * self.second)
        self._descriptor = -1
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            is_there = bool(resume) and path.exists()
            how = os.O_RDWR if is_there else os.O_CREAT | os.O_EXCL | os.O_WRONLY
            # It is its office's secret.
            self._descriptor = os.open(path, how | getattr(os, "O_CLOEXEC", 0), 0o600)
            (self._take_up if is_there else self._begin)()
            self._missing = max(0, round(resume * RATE) * self._frame - self.end)
        except (OSError, ValueError) as error:  # ValueError: a null character
            self._failed(error, 0)

    @property
    def _frame(self) -> int:
        return SAMPLE_SIZE * self.channels

    @property
    def second(self) -> int:
        """Bytes of a second of samples."""
        return RATE * self._frame

    def _take_up(self) -> None:
        """What is no recording of ours is left as it is."""
        try:
            self._resume()
        except (OSError, ValueError):
            os.close(self._descriptor)
            self._descriptor = -1
            raise

    def add(self, samples: Sequence[Octets], size: int, gap: int) -> None:
        """Pieces of sound, `size` bytes in all, before which `gap` bytes could not be kept in
        memory. They are the file's until they are written.
        """
        if gap:
            self.flush()
            self.dropped += gap
            self._missing += gap
        self._pending += samples
        self._waiting += size
        if self._waiting >= self._flush_at:
            self.flush()

    def flush(self) -> None:
        """What waits goes into the file."""
        data, size = self._pending, self._waiting
        self._pending, self._waiting = [], 0
        if not size:
            return
        if self._descriptor < 0:
            self.dropped += size
            return
        try:
            self._keep(data, size)
        except OSError as error:
            self._failed(error, size)

    @abstractmethod
    def mark(self, why: str, seconds: float | None) -> None:
        """A gap begins here (None), or has ended."""

    def finish(self, gap: int) -> None:
        """The end; `gap` bytes before it could not be kept in memory."""
        self.dropped += gap
        self.close()

    def close(self) -> None:
        self.flush()
        if self._descriptor < 0:
            return
        try:
            self._finish()
            os.fsync(self._descriptor)
        except OSError as error:
            self._failed(error, 0)
        with contextlib.suppress(OSError):
            os.close(self._descriptor)
        self._descriptor = -1

    @abstractmethod
    def _begin(self) -> None:
        """The head. OSError."""

    @abstractmethod
    def _resume(self) -> None:
        """Finds the end of what is in the file. OSError, ValueError: it is no such file."""

    @abstractmethod
    def _keep(self, data: Sequence[Octets], size: int) -> None:
        """Samples, behind what is missing. OSError: none of them are kept."""

    @abstractmethod
    def _finish(self) -> None:
        """The end, nothing was cut off. OSError."""

    def _write(self, data: Octets, start: int) -> None:
        """All of it at this place of the file. OSError."""
        written = 0
        while written < len(data):
            written += os.pwrite(self._descriptor, memoryview(data)[written:], start + written)

    def _gather(self, data: Sequence[Octets], size: int, start: int) -> None:
        """The pieces one after the other, `size` bytes in all, from this place on. OSError."""
        written = os.pwritev(self._descriptor, data, start) if len(data) <= MOST_PIECES else 0
        if written < size:
            self._write(b"".join(data)[written:], start + written)

    def _failed(self, error: Exception, lost: int) -> None:
        self.dropped += lost
        self._missing += lost
        if self.error is None:
            self.error = getattr(error, "strerror", None) or str(error)


class WavFile(RecordingFile):
    """In clear: a message, which is heard and mailed as it is."""

    __slots__ = ()

    def mark(self, why: str, seconds: float | None) -> None:
        """There is no place for it. What waits is written: it is a part of a block of all
        recordings, which must not stay in memory for as long as a pause lasts.
        """
        self.flush()

    def _begin(self) -> None:
        self._write(wav_header(self.channels, 0), 0)

    def _resume(self) -> None:
        """The header is true; samples that it does not count are cut off."""
        head = os.pread(self._descriptor, HEADER_SIZE, 0)
        if len(head) < HEADER_SIZE or head[:4] != b"RIFF":
            raise ValueError("what is there is no recording")
        self.end = _WAV.unpack(head)[-1]
        os.ftruncate(self._descriptor, HEADER_SIZE + self.end)

    def _keep(self, data: Sequence[Octets], size: int) -> None:
        start = self.end + self._missing
        end = start + size
        if end > MAX_DATA_BYTES:
            raise OSError(0, "the recording is too long for a WAV file")
        self._gather(data, size, HEADER_SIZE + start)
        self._write(wav_header(self.channels, end), 0)
        self.end, self._missing = end, 0

    def _finish(self) -> None:
        pass  # its header is true at any moment


class SealedFile(RecordingFile):
    """Under a key of its own; see `sealed.py`."""

    __slots__ = ("_key", "_name", "_place", "_sealer")

    def __init__(
        self, path: Path, channels: int, key: bytes, name: str, resume: float = 0.0
    ) -> None:
        """Raises SealedError for a key or a name that cannot be."""
        # Where the next chunk stands. One that could not be written whole is written over.
        self._place = 0
        self._sealer = Sealer(key, name, os.urandom(SALT_SIZE), channels, RATE)
        self._key, self._name = key, name
        super().__init__(path, channels, resume)

    def mark(self, why: str, seconds: float | None) -> None:
        self.flush()
        if self._descriptor < 0:
            return
        try:
            self._append(self._sealer.gap(why, seconds))
        except OSError as error:
            self._failed(error, 0)

    def _begin(self) -> None:
        self._append(self._sealer.head)

    def _resume(self) -> None:
        """Behind the last whole chunk; a torn one is written over, under another number."""
        with open(self._descriptor, "rb", closefd=False) as file:
            try:
                torn = find_end(file)
                self._sealer = torn.sealer(self._key, self._name)
            except SealedError as error:
                raise ValueError(str(error)) from None
        self._place, self.end = torn.place, torn.sound
        os.ftruncate(self._descriptor, self._place)

    def _keep(self, data: Sequence[Octets], size: int) -> None:
        if self._missing:
            self._append(self._sealer.gap(LOST, round(self._missing / self.second, 3)))
            self._missing = 0
        self._append(self._sealer.sound(b"".join(data)))
        self.end += size

    def _finish(self) -> None:
        self._append(self._sealer.end())
        os.ftruncate(self._descriptor, self._place)

    def _append(self, data: bytes) -> None:
        self._write(data, self._place)
        self._place += len(data)
