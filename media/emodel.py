"""How good a leg sounds, from what was counted: the E-model, on columns.

ITU-T G.107 (R from delay, loss and its bursts; MOS from R: annex B), G.113 appendix I (what a codec
costs, and how well it bears loss). Everything else of the model has its default value: G.107's
own R of 93.2. No echo is assumed: all is digital up to the telephone. NaN: not measured.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

# G.107 table 2: R with all parameters at their defaults.
BASE: Final = 93.2
# G.107 7.4: nobody notices less, one way.
_FREE_DELAY_MS: Final = 100.0

Column = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Impairment:
    """G.113: `ie` without loss; `bpl`: robustness against it."""

    ie: float
    bpl: float


# G.113 appendix I, G.711 with concealment (appendix I of G.711); without it would be 4.3.
_CONCEALED: Final = Impairment(0.0, 25.1)
# Of the wideband codecs G.113 tells values on another, wideband scale. On this one they are as
# good as G.711, and what they lose is concealed here in the same way.
IMPAIRMENTS: Final = {name: _CONCEALED for name in ("PCMA", "PCMU", "G722", "opus", "L16")}


def rating(
    delay_ms: Column, loss: Column, burst: Column, ie: NDArray[np.floating],
    bpl: NDArray[np.floating],
) -> Column:  # fmt: skip
    """R, 0 to 93.2, of each leg. All arguments (n,): delay one way; loss a fraction; burst: the
    mean length of losses against what chance would make of them (BurstR, 1 and more).
    """
    percent = 100 * loss
    lossy = ie + (95 - ie) * percent / (percent / burst + bpl)
    return np.clip(BASE - _delay_impairment(delay_ms) - lossy, 0, 100)


def _delay_impairment(delay_ms: Column) -> Column:
    """G.107 7.4: Idd."""
    x = np.log2(np.maximum(delay_ms, _FREE_DELAY_MS) / _FREE_DELAY_MS)
    made: Column = 25 * ((1 + x**6) ** (1 / 6) - 3 * (1 + (x / 3) ** 6) ** (1 / 6) + 2)
    return made


def mos(r: Column) -> Column:
    """G.107 annex B: the mean opinion, 1 (bad) to 4.5."""
    return np.maximum(1.0, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6)
