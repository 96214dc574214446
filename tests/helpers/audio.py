"""Which tone is heard, since when, for how long, with what gaps: audio proved by frequency.

Everything here is independent of the `media` package, so that it can judge it: G.711 is worked out
from ITU-T G.711's segments, tones are found by correlation. Samples are `int16` or float arrays
`(n,)` at 8,000 Hz unless said; a *step* is 20 ms.

The test tones stand at least 260 Hz apart: under a Hann window of 20 ms a tone fills +-100 Hz.
"""

from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
import soundfile

RATE = 8000
STEP = 0.02
FRAME = round(RATE * STEP)

# A tone that is meant to be heard is sent at 8,000; music and prompts may be turned down by 20 dB.
AUDIBLE = 400.0


def tone(
    frequency: float, seconds: float, amplitude: float = 8000.0, rate: int = RATE
) -> np.ndarray:
    """A sine, `(seconds * rate,) int16`."""
    at = np.arange(round(seconds * rate)) / rate
    return np.round(amplitude * np.sin(2 * np.pi * frequency * at)).astype(np.int16)


def silence(seconds: float, rate: int = RATE) -> np.ndarray:
    """Digital silence, `(seconds * rate,) int16`."""
    return np.zeros(round(seconds * rate), np.int16)


def joined(parts: list[np.ndarray]) -> np.ndarray:
    """One after the other."""
    return np.concatenate(parts)


# --- G.711 ------------------------------------------------------------------------------------


def _alaw_values() -> np.ndarray:
    """The 256 decoder output values of A-law (G.711 table 1a, 13 bits scaled to 16)."""
    code = np.arange(256) ^ 0x55
    mantissa, segment = code & 0x0F, (code >> 4) & 0x07
    low = (mantissa << 4) + 8
    high = ((mantissa << 4) + 0x108) << np.maximum(segment - 1, 0)
    value = np.where(segment == 0, low, high)
    return np.where(code & 0x80, value, -value).astype(np.int16)


def _ulaw_values() -> np.ndarray:
    """The 256 decoder output values of mu-law (G.711 table 2a, 14 bits scaled to 16)."""
    code = ~np.arange(256) & 0xFF
    mantissa, segment = code & 0x0F, (code >> 4) & 0x07
    value = (((mantissa << 3) + 0x84) << segment) - 0x84
    return np.where(code & 0x80, -value, value).astype(np.int16)


def _nearest_codes(values: np.ndarray) -> np.ndarray:
    """For each int16 sample (index + 32768) the code whose value lies nearest."""
    order = np.argsort(values, kind="stable")
    ranked = values[order].astype(np.float64)
    borders = (ranked[1:] + ranked[:-1]) / 2
    return order[np.searchsorted(borders, np.arange(-32768, 32768))].astype(np.uint8)


_DECODE = {"PCMA": _alaw_values(), "PCMU": _ulaw_values()}
_ENCODE = {name: _nearest_codes(values) for name, values in _DECODE.items()}


def encode(samples: np.ndarray, codec: str = "PCMA") -> bytes:
    """`(n,) int16` to n octets of G.711."""
    return _ENCODE[codec][samples.astype(np.int32) + 32768].tobytes()


def decode(payload: bytes, codec: str = "PCMA") -> np.ndarray:
    """n octets of G.711 to `(n,) int16`."""
    return _DECODE[codec][np.frombuffer(payload, np.uint8)]


# --- files ------------------------------------------------------------------------------------


def read_wav(path: Path) -> tuple[np.ndarray, int]:
    """`(frames, channels) int16` and the rate, of any WAV that libsndfile can read."""
    samples, rate = soundfile.read(path, dtype="int16", always_2d=True)
    return samples, int(rate)


def read_mono(path: Path) -> np.ndarray:
    """The first channel of a WAV of 8,000 Hz, `(n,) int16`."""
    samples, rate = read_wav(path)
    assert rate == RATE, f"{path} has {rate} Hz"
    return samples[:, 0]


def write_wav(path: Path, samples: np.ndarray, rate: int = RATE) -> Path:
    """Write 16-bit PCM; returns the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, rate, subtype="PCM_16")
    return path


# --- what is in it ------------------------------------------------------------------------------


def steps(samples: np.ndarray, rate: int = RATE, step: float = STEP) -> np.ndarray:
    """Cut into whole steps: `(steps, step * rate) float64`; the rest is dropped."""
    length = round(rate * step)
    count = len(samples) // length
    return np.asarray(samples[: count * length], np.float64).reshape(count, length)


def levels(samples: np.ndarray, rate: int = RATE, step: float = STEP) -> np.ndarray:
    """Root mean square of each step, `(steps,)`; a full sine of amplitude a reads a / sqrt(2)."""
    cut = steps(samples, rate, step)
    return np.sqrt(np.mean(cut * cut, axis=1))


def amplitudes(
    samples: np.ndarray, frequencies: tuple[int, ...], rate: int = RATE, step: float = STEP
) -> np.ndarray:
    """Amplitude of each tone in each step, `(steps, frequencies)`."""
    cut = steps(samples, rate, step)
    length = cut.shape[1]
    window = np.hanning(length)
    at = np.arange(length) / rate
    waves = np.exp(-2j * np.pi * np.outer(at, frequencies)) * window[:, None]
    return 2 * np.abs(cut @ waves) / window.sum()


def strength(samples: np.ndarray, frequency: int, rate: int = RATE) -> float:
    """Mean amplitude of one tone over the whole of it."""
    found = amplitudes(samples, (frequency,), rate)
    return float(found.mean()) if len(found) else 0.0


def dominant(
    samples: np.ndarray,
    frequencies: tuple[int, ...],
    rate: int = RATE,
    step: float = STEP,
    audible: float = AUDIBLE,
) -> list[int | None]:
    """For each step the strongest of the tones, None where none is audible."""
    found = amplitudes(samples, frequencies, rate, step)
    best = found.argmax(axis=1) if len(found) else []
    return [
        frequencies[index] if row[index] >= audible else None
        for row, index in zip(found, best, strict=True)
    ]


def seconds_of(
    samples: np.ndarray, frequency: int, rate: int = RATE, audible: float = AUDIBLE
) -> float:
    """For how long this tone is audible, whatever else is."""
    found = amplitudes(samples, (frequency,), rate)[:, 0]
    return float(np.count_nonzero(found >= audible) * STEP)


def onset(
    samples: np.ndarray, frequency: int, rate: int = RATE, audible: float = AUDIBLE
) -> float | None:
    """Seconds until this tone is first audible; None when it never is."""
    (where,) = np.nonzero(amplitudes(samples, (frequency,), rate)[:, 0] >= audible)
    return float(where[0] * STEP) if len(where) else None


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of sound or of silence."""

    start: float
    seconds: float

    @property
    def end(self) -> float:
        return self.start + self.seconds


def spans(is_set: np.ndarray) -> list[Span]:
    """Runs of true in a row of steps."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], is_set.astype(np.int8), [0]))))
    return [
        Span(float(start * STEP), float((end - start) * STEP))
        for start, end in edges.reshape(-1, 2)
    ]


def spans_of(
    samples: np.ndarray, frequency: int, rate: int = RATE, audible: float = AUDIBLE
) -> list[Span]:
    """Every stretch in which this tone is audible."""
    return spans(amplitudes(samples, (frequency,), rate)[:, 0] >= audible)


def gaps(
    samples: np.ndarray,
    frequency: int,
    longer_than: float = 0.04,
    rate: int = RATE,
    audible: float = AUDIBLE,
) -> list[Span]:
    """Silent stretches between the first and the last moment of this tone."""
    heard = spans_of(samples, frequency, rate, audible)
    between = (
        Span(before.end, after.start - before.end)
        for before, after in zip(heard, heard[1:], strict=False)
    )
    return [gap for gap in between if gap.seconds > longer_than + STEP / 2]


def order_of(
    samples: np.ndarray, frequencies: tuple[int, ...], shortest: float = 0.1, rate: int = RATE
) -> list[int]:
    """The tones in the order they are heard; stretches shorter than `shortest` do not count."""
    heard: list[int] = []
    for found, run in groupby(dominant(samples, frequencies, rate)):
        is_short = len(list(run)) * STEP < shortest - STEP / 2
        if found is not None and not is_short and heard[-1:] != [found]:
            heard.append(found)
    return heard


def describe(samples: np.ndarray, frequencies: tuple[int, ...], rate: int = RATE) -> str:
    """One line for an assertion's message: a letter per 100 ms, `a` the first tone, `.` silence."""
    letters = {frequency: chr(ord("a") + index) for index, frequency in enumerate(frequencies)}
    found = dominant(samples, frequencies, rate, step=0.1)
    line = "".join(letters[name] if name else "." for name in found)
    legend = ", ".join(f"{letter}={frequency}" for frequency, letter in letters.items())
    return f"{len(samples) / rate:.1f} s [{line}] ({legend})"
