"""How good a leg sounds, from what was counted: the E-model, on columns.

ITU-T G.107 for narrowband: R from delay, loss and its bursts, 93.2 at best; MOS from R (annex B).
ITU-T G.107.1 for wideband: R up to 129, MOS from R / 1.29 (annex A). What a codec costs, and how
well it bears loss: G.113, appendix I and IV. Each scale is one of its own: MOS is what people say
who expect nothing better (P.800.1: MOS-CQEN and MOS-CQEW), and the two are not to be compared; on
the scale of wideband, G.711's best is 3.7 (Ie,wb 36). Everything else of the models has its default
value. No echo is assumed: all is digital up to the telephone. NaN: not measured.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from media.codecs.format import Format

# G.107 table 2, G.107.1 7.1: R with all parameters at their defaults.
BASE: Final = 93.2
WIDE_BASE: Final = 129.0
# G.107.1 annex A: MOS is that of R / 1.29.
_WIDER: Final = 1.29
# G.107 7.4: nobody notices less, one way.
_FREE_DELAY_MS: Final = 100.0

Column = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Impairment:
    """G.113: `ie` without loss; `bpl`: robustness against it. On the scale of the codec's band."""

    ie: float
    bpl: float


# G.113 appendix I, G.711 with concealment (appendix I of G.711); without it would be 4.3.
_NARROW: Final = Impairment(0.0, 25.1)
# G.113 appendix IV has Bpl,wb for three modes of AMR-WB alone, 4.3 to 4.9, of loss by chance. Here
# stands the best of them (23.85 kbit/s) for what we conceal ourselves: our own loss lab gives no
# better one (docs/loss.md).
_WIDE_BPL: Final = 4.9
UNKNOWN: Final = Impairment(math.nan, 1.0)
_IMPAIRMENTS: Final[Mapping[tuple[str, bool], Impairment]] = MappingProxyType(
    {
        ("PCMA", False): _NARROW,
        ("PCMU", False): _NARROW,
        # 16 bits instead of eight, concealed in the same way.
        ("L16", False): _NARROW,
        # G.113 appendix IV, table IV.1: 64 kbit/s. (20 at 56, 31 at 48, which RTP does not carry.)
        ("G722", True): Impairment(13.0, _WIDE_BPL),
        # The direct channel that the wideband scale is anchored at.
        ("L16", True): Impairment(0.0, _WIDE_BPL),
        # Nobody has published values of Opus on this scale, and the far phone's rate is not known.
        ("opus", True): UNKNOWN,
    }
)


def impairment_of(format: Format) -> Impairment:
    return _IMPAIRMENTS[format.name, format.is_wide]


def rating(
    delay_ms: Column, loss: Column, burst: Column, ie: NDArray[np.floating],
    bpl: NDArray[np.floating], is_wide: NDArray[np.bool_],
) -> Column:  # fmt: skip
    """R of each leg, 0 to 93.2, wideband to 129. All arguments (n,): delay one way; loss a
    fraction; burst: the mean length of losses against what chance would make of them (BurstR, 1
    and more).
    """
    percent = 100 * loss
    # G.107.1 (7-15) has no BurstR, and the same 95 as G.107.
    ratio = np.where(is_wide, 1.0, burst)
    lossy = ie + (95 - ie) * percent / (percent / ratio + bpl)
    base = np.where(is_wide, WIDE_BASE, BASE)
    made: Column = np.clip(base - _delay_impairment(delay_ms) - lossy, 0, base)
    return made


def _delay_impairment(delay_ms: Column) -> Column:
    """G.107 7.4, G.107.1 7.4: Idd."""
    x = np.log2(np.maximum(delay_ms, _FREE_DELAY_MS) / _FREE_DELAY_MS)
    made: Column = 25 * ((1 + x**6) ** (1 / 6) - 3 * (1 + (x / 3) ** 6) ** (1 / 6) + 2)
    return made


def mos(r: Column, is_wide: NDArray[np.bool_]) -> Column:
    """G.107 annex B, G.107.1 annex A: the mean opinion, 1 (bad) to 4.5."""
    x = np.where(is_wide, r / _WIDER, r)
    made: Column = np.maximum(1.0, 1 + 0.035 * x + x * (x - 60) * (100 - x) * 7e-6)
    return made
