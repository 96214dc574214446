"""A sealed recording as a WAV or FLAC file: opened chunk by chunk, never as a whole in clear."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from media.api import Gap, SealedError, SealedReader, Sound
from softswitch.wording import say

FORMATS = {".wav": "WAV", ".flac": "FLAC"}
# What stands for a gap, so that nobody takes what follows for what came next: half a second.
MARK_SECONDS, MARK_HZ, MARK_LEVEL = 0.5, 880.0, 6000
# Where the disk took nothing the time goes on; more than this is not worth hearing.
LOST, MOST_SILENCE = "lost", 60.0


class ExportError(Exception):
    """It cannot be exported; the text says why."""


@dataclass(frozen=True, slots=True)
class Exported:
    """`gaps`: how many; not `is_whole`: its end was cut off by a crash."""

    seconds: float
    gaps: int
    is_whole: bool


def export(sealed: Path, key: bytes, to: Path) -> Exported:
    """Write it, for its owner alone; never over a file that is there. Raises ExportError."""
    kind = FORMATS.get(to.suffix.lower())
    if kind is None:
        raise ExportError(say("recording_form", file=to.name))
    try:
        with sealed.open("rb") as source:
            reader = SealedReader(source, key)
            to.touch(0o600, exist_ok=False)
            with soundfile.SoundFile(
                to, "w", reader.rate, reader.channels, "PCM_16", format=kind
            ) as target:
                gaps = _copy(reader, target)
                return Exported(target.frames / reader.rate, gaps, reader.is_whole)
    except FileExistsError:
        raise ExportError(say("file_there", file=str(to))) from None
    except (OSError, SealedError, soundfile.SoundFileError) as error:
        raise ExportError(say("told_of_file", file=to.name, why=str(error))) from error


def _copy(reader: SealedReader, target: soundfile.SoundFile) -> int:
    """How many gaps there were."""
    gaps = 0
    for piece in reader.pieces():
        if isinstance(piece, Sound):
            samples = np.frombuffer(piece.samples, "<i2").reshape(-1, reader.channels)
        else:
            gaps += 1
            samples = _gap(piece, reader)
        target.write(samples)
    return gaps


def _gap(gap: Gap, reader: SealedReader) -> np.ndarray:
    if gap.why == LOST:
        count = round(min(gap.seconds or 0.0, MOST_SILENCE) * reader.rate)
        return np.zeros((count, reader.channels), np.int16)
    time = np.arange(round(MARK_SECONDS * reader.rate)) / reader.rate
    tone = (MARK_LEVEL * np.sin(2 * np.pi * MARK_HZ * time)).astype(np.int16)
    return np.repeat(tone[:, None], reader.channels, axis=1)
