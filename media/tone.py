"""The tones of a country, and DTMF, as samples.

ITU-T E.180 and its supplement 2 (tones by country), ITU-T Q.23 (DTMF frequencies).
All tones are mono int16 at 8 kHz. A tone with a cadence is one whole cycle, a steady tone is one
second of whole periods: both repeat without a seam. Arrays are shared and read-only.

Knows nothing of legs or time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

RATE: Final = 8000
# E.180 5: about -10 dBm0 at most; -16 dBm0 is loud enough in a headset and pleasant.
TONE_DBM0: Final = -16.0
# A sine that just reaches G.711's largest value is +3.14 dBm0 (A-law; mu-law 3.17).
FULL_SCALE_DBM0: Final = 3.14
# Rise and fall of 5 ms: no click, and still within E.180's limits for a cadence.
RAMP_SECONDS: Final = 0.005
# DTMF: the high group 2 dB above the low one, as telephone sets send it (ITU-T Q.23).
DTMF_TWIST_DB: Final = 2.0


class ToneName(Enum):
    """The tones that a caller may hear."""

    DIAL = "dial"
    RINGING = "ringing"
    BUSY = "busy"
    CONGESTION = "congestion"
    WAITING = "waiting"
    RECORD = "record"


@dataclass(frozen=True, slots=True)
class Tone:
    """Frequencies sounding together, and a cadence of on and off times in seconds in turn."""

    frequencies: tuple[float, ...]
    cadence: tuple[float, ...]
    """Empty: steady."""


# The beep after which a mailbox records: 1400 Hz as ITU-T E.180's recording tone, once.
_RECORD: Final = Tone((1400,), (0.4, 0.1))


def _european(
    ringing: tuple[float, ...], busy: float, congestion: float, frequency: float = 425
) -> dict[ToneName, Tone]:
    tone = (frequency,)
    return {
        ToneName.DIAL: Tone(tone, ()),
        ToneName.RINGING: Tone(tone, ringing),
        ToneName.BUSY: Tone(tone, (busy, busy)),
        ToneName.CONGESTION: Tone(tone, (congestion, congestion)),
        ToneName.WAITING: Tone(tone, (0.2, 0.2, 0.2, 4.0)),
        ToneName.RECORD: _RECORD,
    }


COUNTRIES: Final[Mapping[str, Mapping[ToneName, Tone]]] = MappingProxyType(
    {
        "PL": _european((1.0, 4.0), 0.5, 0.25),
        "DE": _european((1.0, 4.0), 0.48, 0.24),
        "GB": {
            ToneName.DIAL: Tone((350, 440), ()),
            ToneName.RINGING: Tone((400, 450), (0.4, 0.2, 0.4, 2.0)),
            ToneName.BUSY: Tone((400,), (0.375, 0.375)),
            ToneName.CONGESTION: Tone((400,), (0.4, 0.35, 0.225, 0.525)),
            ToneName.WAITING: Tone((400,), (0.1, 3.0)),
            ToneName.RECORD: _RECORD,
        },
        "US": {
            ToneName.DIAL: Tone((350, 440), ()),
            ToneName.RINGING: Tone((440, 480), (2.0, 4.0)),
            ToneName.BUSY: Tone((480, 620), (0.5, 0.5)),
            ToneName.CONGESTION: Tone((480, 620), (0.25, 0.25)),
            ToneName.WAITING: Tone((440,), (0.3, 9.7)),
            ToneName.RECORD: _RECORD,
        },
    }
)
# E.180 2-6: the recommended tones, for a country without an entry of its own.
RECOMMENDED: Final[Mapping[ToneName, Tone]] = _european((1.0, 4.0), 0.5, 0.25)

DTMF_LOW: Final = (697, 770, 852, 941)
DTMF_HIGH: Final = (1209, 1336, 1477, 1633)
DTMF_KEYS: Final = ("123A", "456B", "789C", "*0#D")


def amplitude(dbm0: float) -> float:
    """The peak of a sine of that level, in 16-bit samples."""
    return float(32767 * 10 ** ((dbm0 - FULL_SCALE_DBM0) / 20))


@lru_cache(maxsize=64)
def country_tone(country: str, name: ToneName) -> NDArray[np.int16]:
    """One cycle of a tone, (samples,) int16; an unknown country has E.180's recommended tones."""
    tone = COUNTRIES.get(country.upper(), RECOMMENDED)[name]
    # Two sines share the power of one: 3 dB less each.
    level = TONE_DBM0 - 10 * np.log10(len(tone.frequencies))
    if not tone.cadence:
        return _samples(_sines(tone.frequencies, (level,) * len(tone.frequencies), RATE))
    parts: list[NDArray[np.float64]] = []
    for index, seconds in enumerate(tone.cadence):
        count = round(seconds * RATE)
        if index % 2:
            parts.append(np.zeros(count))
        else:
            levels = (level,) * len(tone.frequencies)
            parts.append(_ramped(_sines(tone.frequencies, levels, count)))
    return _samples(np.concatenate(parts))


@lru_cache(maxsize=64)
def dtmf_tone(
    digit: str, duration_ms: int = 100, dbm0: float = -9.0, rate: int = RATE
) -> NDArray[np.int16]:
    """A key as sound, (duration_ms * rate / 1000,) int16; `dbm0` is the low group's level.

    ValueError: not a key of `0-9*#A-D`.
    """
    for row, keys in enumerate(DTMF_KEYS):
        if len(digit) == 1 and digit.upper() in keys:
            pair = (DTMF_LOW[row], DTMF_HIGH[keys.index(digit.upper())])
            count = duration_ms * rate // 1000
            levels = (dbm0, dbm0 + DTMF_TWIST_DB)
            return _samples(_ramped(_sines(pair, levels, count, rate), rate))
    raise ValueError(f"{digit!r} is not a telephone key")


def _sines(
    frequencies: tuple[float, ...], levels: tuple[float, ...], count: int, rate: int = RATE
) -> NDArray[np.float64]:
    time = np.arange(count) / rate
    wave = np.zeros(count)
    for frequency, level in zip(frequencies, levels, strict=True):
        wave += amplitude(level) * np.sin(2 * np.pi * frequency * time)
    return wave


def _ramped(wave: NDArray[np.float64], rate: int = RATE) -> NDArray[np.float64]:
    count = min(round(RAMP_SECONDS * rate), wave.size // 2)
    rise = 0.5 - 0.5 * np.cos(np.pi * (np.arange(count) + 0.5) / count)
    wave[:count] *= rise
    wave[wave.size - count :] *= rise[::-1]
    return wave


def _samples(wave: NDArray[np.float64]) -> NDArray[np.int16]:
    samples = np.rint(wave).astype(np.int16)
    samples.flags.writeable = False
    return samples
