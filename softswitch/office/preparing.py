"""Makes one sound of an office as it is played: decoded, at 16 kHz, at one loudness, as FLAC.

When and where: `prepared.py`, which reads this file only when there is something to make.
"""

from pathlib import Path
from typing import Final

import numpy as np
import soundfile
import soxr

from softswitch.office.decoding import Samples, decoding
from softswitch.office.loudness import SILENCE, Meter
from softswitch.office.sound_header import SoundFileError
from softswitch.office.sounds import MOST_SECONDS

RATE: Final = 16000
_MOST_GAIN_DB: Final = 24.0  # more is a recording of noise
# As the shipped prompts: louder peaks are bent, not cut (G.711 ends at -3 dB of a sine).
_PEAK: Final = 10 ** (-3 / 20)


def bring_to(wanted: float, path: Path, target: Path) -> None:
    """Write `path` to `target` at so many LUFS. Raises SoundFileError, OSError."""
    pieces, loudness = _read(path)
    gain = 1.0 if loudness == SILENCE else 10 ** (min(_MOST_GAIN_DB, wanted - loudness) / 20)
    try:
        with soundfile.SoundFile(target, "w", RATE, 1, "PCM_16", format="FLAC") as file:
            for piece in pieces:
                file.write(_limited(piece * np.float32(gain)))
    except soundfile.SoundFileError as error:
        raise OSError(f"{target.parent}: {error}") from error


def _read(path: Path) -> tuple[list[Samples], float]:
    """Its samples at RATE, and its loudness in LUFS."""
    meter, pieces = Meter(RATE), []
    with decoding(path) as sound:
        if sound.seconds > MOST_SECONDS:
            raise SoundFileError(f"it is longer than {MOST_SECONDS // 60} minutes")
        resample = soxr.ResampleStream(sound.rate, RATE, 1, dtype="float32")
        left = MOST_SECONDS * sound.rate
        for block in sound.blocks:
            left -= block.size
            if left < 0:  # its header said otherwise
                raise SoundFileError(f"it is longer than {MOST_SECONDS // 60} minutes")
            pieces.append(resample.resample_chunk(block))
            meter.add(pieces[-1])
        pieces.append(resample.resample_chunk(np.zeros(0, np.float32), last=True))
        meter.add(pieces[-1])
    if not any(piece.size for piece in pieces):
        raise SoundFileError("there is no sound in it")
    return pieces, meter.loudness()


def _limited(samples: Samples) -> Samples:
    """Peaks bent softly below _PEAK; what is below two thirds of it stays as it is."""
    size = np.abs(samples)
    if not size.size or size.max() <= _PEAK * 2 / 3:
        return samples
    knee = np.float32(_PEAK * 2 / 3)
    room = np.float32(_PEAK) - knee
    bent = knee + room * np.tanh((size - knee) / room)
    return np.where(size > knee, np.copysign(bent, samples), samples).astype(np.float32)
