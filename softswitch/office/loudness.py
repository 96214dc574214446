"""How loud a sound is to the ear: ITU-R BS.1770, as EBU R 128 uses it, for one channel.

The K-weighting is applied to the spectra of the 400 ms blocks rather than by its filters, which
differs from them by less than 0.1 LU in speech and music. Arrays in, a number out.
"""

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

# BS.1770: blocks of 400 ms, a new one each 100 ms; blocks below the gates are pauses.
_BLOCK, _HOP = 0.4, 0.1
_ABSOLUTE_GATE: Final = -70.0
_RELATIVE_GATE: Final = -10.0
_OFFSET: Final = -0.691
# Its two filters, for 48 kHz: the head, and the ear's deafness to the lowest tones.
_RATE: Final = 48000
_STAGES: Final = (
    (1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241, 0.73248077421585),
    (1.0, -2.0, 1.0, -1.99004745483398, 0.99007225036621),
)
# Nothing is louder than so many dB below full scale.
SILENCE: Final = -200.0


def _weights(frequencies: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Power gain of the K-weighting at these frequencies."""
    z = np.exp(-2j * np.pi * frequencies / _RATE)
    gain = np.ones_like(z)
    for b0, b1, b2, a1, a2 in _STAGES:
        gain *= (b0 + b1 * z + b2 * z * z) / (1 + a1 * z + a2 * z * z)
    weights: NDArray[np.float64] = np.abs(gain) ** 2
    return weights


class Meter:
    """Takes a sound piece by piece."""

    def __init__(self, rate: int) -> None:
        self._size, self._hop = int(rate * _BLOCK), int(rate * _HOP)
        # Of a spectrum's lines each but the first and the last stands for two.
        self._scale = _weights(np.fft.rfftfreq(self._size, 1 / rate)) * 2 / self._size**2
        self._scale[[0, -1]] /= 2
        self._rest = np.zeros(0, np.float32)
        self._powers: list[float] = []

    def add(self, samples: Samples) -> None:
        """(n,) within ±1."""
        rest = np.concatenate([self._rest, samples])
        done = 0
        while done + self._size <= rest.size:
            self._powers.append(self._power(rest[done : done + self._size]))
            done += self._hop
        self._rest = rest[done:]

    def _power(self, block: Samples) -> float:
        return float((np.abs(np.fft.rfft(block)) ** 2) @ self._scale)

    def loudness(self) -> float:
        """LUFS of what was added; SILENCE if there is nothing above the gates."""
        powers = np.array(self._powers)
        if not powers.size and self._rest.size:  # one word: a block that is filled up
            powers = np.array([self._power(np.resize(self._rest, self._size))])
        for gate in (None, _RELATIVE_GATE):
            least = _ABSOLUTE_GATE if gate is None else _level(powers) + gate
            powers = powers[powers > 10 ** ((least - _OFFSET) / 10)]
            if not powers.size:
                return SILENCE
        return _level(powers)


def _level(powers: NDArray[np.float64]) -> float:
    return _OFFSET + 10 * math.log10(float(powers.mean()))
