"""A sound file, block by block, whatever an office has put there: WAV, FLAC, Ogg, MP3, M4A, …

libsndfile reads what it knows; everything else is FFmpeg's (PyAV, read in only if it is needed: it
takes as long as all of a check). Knows nothing of prompts or loudness.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from softswitch.office.sound_header import SoundFileError
from softswitch.wording import say

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Decoding:
    """A file that is being read. `seconds`: by its header. `blocks`: mono, of any length."""

    rate: int
    seconds: float
    blocks: Iterator[Samples]


@contextmanager
def decoding(path: Path, block_seconds: float = 0.25) -> Iterator[Decoding]:
    """Raises `SoundFileError`, while blocks are read too."""
    try:
        with soundfile.SoundFile(path) as file:
            size = max(1, int(file.samplerate * block_seconds))
            yield Decoding(file.samplerate, file.frames / file.samplerate, _mono(file, size))
    except soundfile.LibsndfileError as error:
        if not path.is_file() or not path.stat().st_size:
            raise SoundFileError(_reason(path, error)) from error
        with _by_ffmpeg(path) as found:
            yield found
    except (OSError, ValueError) as error:
        raise SoundFileError(str(error).rstrip(".")) from error


def _reason(path: Path, error: Exception) -> str:
    if not path.exists():
        return say("no_such_file")
    return say("file_empty") if path.is_file() else str(error).rstrip(".")


def _mono(file: soundfile.SoundFile, size: int) -> Iterator[Samples]:
    try:
        for block in file.blocks(blocksize=size, dtype="float32", always_2d=True):
            yield block.mean(axis=1, dtype=np.float32)
    except (soundfile.SoundFileError, ValueError) as error:
        raise SoundFileError(str(error).rstrip(".")) from error


@contextmanager
def _by_ffmpeg(path: Path) -> Iterator[Decoding]:
    import av
    from av.error import FFmpegError

    try:
        with av.open(str(path)) as container:
            stream = next(iter(container.streams.audio), None)
            if stream is None:
                raise SoundFileError(say("no_sound_in_it"))
            rate = stream.codec_context.sample_rate
            seconds = float((container.duration or 0) / av.time_base)
            yield Decoding(rate, seconds, _frames(container, stream))
    except (FFmpegError, ValueError) as error:
        raise SoundFileError(_spoken(error)) from error


def _frames(container: Any, stream: Any) -> Iterator[Samples]:
    import av
    from av.error import FFmpegError

    mono = av.AudioResampler(format="flt", layout="mono")
    try:
        for frame in container.decode(stream):
            for one in mono.resample(frame):
                yield one.to_ndarray().reshape(-1).astype(np.float32, copy=False)
    except (FFmpegError, ValueError) as error:
        raise SoundFileError(_spoken(error)) from error


def _spoken(error: Exception) -> str:
    """FFmpeg's words without its number and the path, which stands in the message already."""
    return getattr(error, "strerror", None) or str(error).rstrip(".")
