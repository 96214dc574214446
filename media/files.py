"""Audio files that are played: prompts and music, whole, as mono int16 at 8 kHz, in a cache.

What is recorded is written by `recorder.py`. Knows nothing of legs or rows. AudioFileError: a
prompt that cannot be read.
"""

import threading
from collections import OrderedDict
from pathlib import Path
from typing import Final

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

RATE: Final = 8000
# A prompt longer than 20 minutes is a mistake, and would be 19 MB in the cache.
MAX_PROMPT_SECONDS: Final = 1200
# About an hour of prompts and music.
PROMPT_CACHE_BYTES: Final = 64 * 1024 * 1024


class AudioFileError(Exception):
    """A prompt that is missing, too long, or not audio. The text names the file."""


def load_prompt(path: Path, target: int = RATE) -> NDArray[np.int16]:
    """A sound file as (samples,) int16 mono at `target` Hz, read-only; loudness as it is.

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
    if rate != target:
        mono = soxr.resample(mono, rate, target)
    samples: NDArray[np.int16] = np.rint(np.clip(mono * 32768.0, -32768, 32767)).astype(np.int16)
    samples.flags.writeable = False
    return samples


_Kept = tuple[Path, int]


class PromptCache:
    """Prompts by path; the least recently used leave when the bound is reached.

    A file that was replaced (other time or size) is read again. Any thread may call.
    """

    def __init__(self, max_bytes: int = PROMPT_CACHE_BYTES) -> None:
        self._max_bytes = max_bytes
        # By path and rate: the file's time and size, and its samples.
        self._entries: OrderedDict[_Kept, tuple[tuple[int, int], NDArray[np.int16]]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def load(self, path: Path, rate: int = RATE) -> NDArray[np.int16]:
        """As `load_prompt`. Touches the disk, and decodes if need be: not for the tick's thread."""
        try:
            status = path.stat()
        except OSError as error:
            raise AudioFileError(f"{path}: {error.strerror}") from error
        version = (status.st_mtime_ns, status.st_size)
        with self._lock:
            entry = self._entries.get((path, rate))
            if entry is not None and entry[0] == version:
                self._entries.move_to_end((path, rate))
                return entry[1]
        samples = load_prompt(path, rate)
        with self._lock:
            self._keep((path, rate), version, samples)
        return samples

    def dump(self) -> dict[str, int]:
        """Counts for logs and tests."""
        with self._lock:
            return {"prompts": len(self._entries), "bytes": self._bytes}

    def _keep(self, key: _Kept, version: tuple[int, int], samples: NDArray[np.int16]) -> None:
        self._drop(key)
        if samples.nbytes > self._max_bytes:
            return
        self._entries[key] = (version, samples)
        self._bytes += samples.nbytes
        while self._bytes > self._max_bytes:
            self._drop(next(iter(self._entries)))

    def _drop(self, key: _Kept) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._bytes -= entry[1].nbytes
