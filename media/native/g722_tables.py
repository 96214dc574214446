"""The tables of G.722, laid out as one column of 16-bit numbers for media/native/g722.py.

ITU-T G.722 (09/2012): table 11 (the filters between one signal and two bands), tables 14 to 21
(the quantizers, their inverses, how fast a step grows). What the recommendation works out sample by
sample of few possible values is looked up instead: the step of a band by the logarithm of it, and
the quantizer's interval by how many steps of 1/4096 an error is.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

# The low band's six bits to a difference, in 1/32768 of its step (table 17), and by the upper four
# of them alone, which is what both ends go on from (table 18).
_FINE: Final = (
    *(-136, -136, -136, -136, -24808, -21904, -19008, -16704, -14984, -13512, -12280, -11192),
    *(-10232, -9360, -8576, -7856, -7192, -6576, -6000, -5456, -4944, -4464, -4008, -3576),
    *(-3168, -2776, -2400, -2032, -1688, -1360, -1040, -728, 24808, 21904, 19008, 16704),
    *(14984, 13512, 12280, 11192, 10232, 9360, 8576, 7856, 7192, 6576, 6000, 5456),
    *(4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040, 728),
    *(432, 136, -432, -136),
)
_COARSE: Final = (
    *(0, -20456, -12896, -8968, -6288, -4240, -2584, -1200),
    *(20456, 12896, 8968, 6288, 4240, 2584, 1200, 0),
)
# By how much the logarithm of the low band's step changes, by the same four bits.
_GROWTH: Final = (
    *(-60, 3042, 1198, 538, 334, 172, 58, -30),
    *(3042, 1198, 538, 334, 172, 58, -30, -60),
)
# The high band's two bits: both tables.
_HIGH: Final = (-7408, -1616, 7408, 1616)
_HIGH_GROWTH: Final = (798, -214, 798, -214)
# Where the low band's intervals end, in 1/4096 of its step (table 14).
_ENDS: Final = (
    *(35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714),
    *(786, 858, 940, 1023, 1121, 1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919),
)
# Their code words, from the smallest error on: of errors above and below zero (table 16).
_ABOVE: Final = tuple(range(61, 31, -1))
_BELOW: Final = (63, 62, *range(31, 3, -1))
# The impulse response of the filters: every other one of its 24, the others are the same backwards.
_FILTER: Final = (3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11)
# Two to the power of n/32, times 2048 (table 20).
_POWERS: Final = (
    *(2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774),
    *(2834, 2896, 2960, 3025, 3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838),
    *(3922, 4008),
)

# The most that the logarithms of the two steps become.
LOW_MOST: Final = 18432
HIGH_MOST: Final = 22528
# An error of so many 1/4096 of a step and more is in the last interval.
FAR: Final = _ENDS[-1] + 1
# Of an inverse: exact, and no product reaches 2^63.
INVERSE_BITS: Final = 42

# Where each begins.
FINE: Final = 0
COARSE: Final = FINE + len(_FINE)
GROWTH: Final = COARSE + len(_COARSE)
HIGH: Final = GROWTH + len(_GROWTH)
HIGH_GROWTH: Final = HIGH + len(_HIGH)
FILTER: Final = HIGH_GROWTH + len(_HIGH_GROWTH)
ABOVE: Final = FILTER + len(_FILTER)
BELOW: Final = ABOVE + len(_ABOVE)
LOW_STEP: Final = BELOW + len(_BELOW)
HIGH_STEP: Final = LOW_STEP + (LOW_MOST >> 6) + 1
INTERVAL: Final = HIGH_STEP + (HIGH_MOST >> 6) + 1


def _step(logarithm: int, right: int) -> int:
    """A band's step, by the upper bits of its logarithm (3.3.3: blocks SCALEL and SCALEH)."""
    power, right = _POWERS[logarithm & 31], right - (logarithm >> 5)
    return (power >> right if right >= 0 else power << -right) << 2


def tables() -> NDArray[np.int16]:
    """All of them, read-only."""
    steps = [_step(one, 8) for one in range((LOW_MOST >> 6) + 1)]
    steps += [_step(one, 10) for one in range((HIGH_MOST >> 6) + 1)]
    intervals = np.searchsorted(_ENDS, np.arange(FAR + 1), side="left")
    fixed = (*_FINE, *_COARSE, *_GROWTH, *_HIGH, *_HIGH_GROWTH, *_FILTER, *_ABOVE, *_BELOW)
    column = np.concatenate([fixed, steps, intervals]).astype(np.int16)
    column.flags.writeable = False
    return column


def inverses() -> NDArray[np.int64]:
    """By the upper bits of the low band's logarithm: what divides by its step, rounded up, for
    numbers below 4098 steps: n * inverse >> INVERSE_BITS.
    """
    steps = np.array([_step(one, 8) for one in range((LOW_MOST >> 6) + 1)], np.int64)
    column: NDArray[np.int64] = -(-(1 << INVERSE_BITS) // steps)
    column.flags.writeable = False
    return column
