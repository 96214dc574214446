"""What can be said of a sound file without playing it: how long it is, and whether one hears it.

Knows nothing of prompts or offices. A file is read in blocks, so an hour of music needs no memory,
and its verdict is kept as long as the file does not change.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from softswitch.office.sound_header import SoundFileError, flac_seconds

__all__ = ["MOST_SECONDS", "SILENT_BELOW", "Sound", "SoundFileError", "length", "listen"]

# Longer is a mistake; the media engine plays nothing longer.
MOST_SECONDS = 1200

# Speech is about -20 dB of full scale; a whole file whose loudest part is below this is silence or
# hiss: a recorder that ran with its microphone off.
SILENT_BELOW = -55.0
# Loudness is that of the loudest stretch of so many seconds.
_STRETCH = 0.25
# An office has some hundred sounds.
_KEPT = 1024
_NOTHING = -200.0


@dataclass(frozen=True, slots=True)
class Sound:
    """`seconds`: its length. `loudness`: RMS of its loudest stretch, in dB of full scale."""

    seconds: float
    loudness: float

    @property
    def is_silent(self) -> bool:
        return self.loudness < SILENT_BELOW


def length(path: Path) -> float:
    """Seconds, from the file's header alone. Raises `SoundFileError`."""
    if (seconds := flac_seconds(path)) is not None:
        return seconds
    from softswitch.office.decoding import decoding  # brings numpy: only for sounds of an office

    with decoding(path) as sound:
        return sound.seconds


def listen(path: Path) -> Sound:
    """Decode the whole file. Raises `SoundFileError`."""
    try:
        status = path.stat()
    except OSError as error:
        raise SoundFileError(str(error.strerror)) from error
    return _listen(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=_KEPT)
def _listen(path: Path, modified: int, size: int) -> Sound:
    import numpy as np  # as above

    from softswitch.office.decoding import decoding

    loudest, frames = 0.0, 0
    with decoding(path, _STRETCH) as sound:
        for block in sound.blocks:
            frames += block.size
            if block.size:
                loudest = max(loudest, float(np.mean(np.square(block, dtype=np.float64))))
    loudness = 10 * math.log10(loudest) if loudest > 0 else _NOTHING
    return Sound(frames / sound.rate, loudness)
