"""G.711: A-law and mu-law as table look-ups over arrays of any shape.

ITU-T G.711 (11/88) tables 1 and 2: the decision values are the standard's, on the 16-bit linear
scale of ITU-T G.191's reference code, so positive and negative halves mirror each other and a
value exactly on a decision value of the negative half goes to the smaller magnitude.
From law to law the way is over linear (as G.191 does it), not over G.711's tables 3 and 4.

Knows nothing of packets, rows or rates: bytes in, samples out, and back.
Tables are read-only; a table for all 65,536 samples costs 64 KB and one pass over the array.
"""

from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.uint8]
Samples = NDArray[np.int16]
_Scalar = TypeVar("_Scalar", bound=np.generic)

# The code words of digital silence: smallest positive magnitude (mu-law has an exact zero).
PCMA_SILENCE: Final = 0xD5
PCMU_SILENCE: Final = 0xFF

# G.711 3.1/3.2: A-law inverts the even bits, mu-law all bits, of the code word on the line.
_ALAW_INVERSION: Final = 0x55
_MULAW_INVERSION: Final = 0xFF
# mu-law magnitudes are shifted by 33 (of 8192) so that each segment begins at a power of two.
_MULAW_BIAS: Final = 33
_MULAW_CLIP: Final = 8191


def _alaw_decode_table() -> Samples:
    code = np.arange(256) ^ _ALAW_INVERSION
    segment, step = (code >> 4) & 7, code & 15
    # Segment 0 is linear; from segment 1 on, each has twice the step of the one before.
    magnitude = (step * 16 + 8 + np.where(segment > 0, 256, 0)) << np.maximum(segment - 1, 0)
    return _frozen(np.where(code & 0x80, magnitude, -magnitude).astype(np.int16))


def _mulaw_decode_table() -> Samples:
    code = np.arange(256) ^ _MULAW_INVERSION
    segment, step = (code >> 4) & 7, code & 15
    magnitude = (((step * 2 + _MULAW_BIAS) << segment) - _MULAW_BIAS) * 4
    return _frozen(np.where(code & 0x80, -magnitude, magnitude).astype(np.int16))


def _all_samples() -> NDArray[np.int64]:
    """Each int16 value at the place of its own bit pattern read as uint16."""
    return np.arange(65536).astype(np.uint16).view(np.int16).astype(np.int64)


def _segment_of(magnitude: NDArray[np.int64], first: int) -> NDArray[np.int64]:
    """How often a magnitude must be halved until it is below `first`: 0 to 7."""
    ends = first << np.arange(7)
    return np.searchsorted(ends, magnitude, side="right").astype(np.int64)


def _alaw_encode_table() -> Codes:
    linear = _all_samples()
    magnitude = np.where(linear < 0, ~linear, linear) >> 4
    segment = _segment_of(magnitude, 16)
    step = (magnitude >> np.maximum(segment - 1, 0)) & 15
    sign = np.where(linear < 0, 0, 0x80)
    return _frozen(((sign | segment << 4 | step) ^ _ALAW_INVERSION).astype(np.uint8))


def _mulaw_encode_table() -> Codes:
    linear = _all_samples()
    magnitude = (np.where(linear < 0, ~linear, linear) >> 2) + _MULAW_BIAS
    magnitude = np.minimum(magnitude, _MULAW_CLIP)
    segment = _segment_of(magnitude, 64)
    step = (magnitude >> (segment + 1)) & 15
    sign = np.where(linear < 0, 0x80, 0)
    return _frozen(((sign | segment << 4 | step) ^ _MULAW_INVERSION).astype(np.uint8))


def _frozen(table: NDArray[_Scalar]) -> NDArray[_Scalar]:
    table.flags.writeable = False
    return table


PCMA_TO_LINEAR: Final = _alaw_decode_table()
PCMU_TO_LINEAR: Final = _mulaw_decode_table()
LINEAR_TO_PCMA: Final = _alaw_encode_table()
LINEAR_TO_PCMU: Final = _mulaw_encode_table()
PCMA_TO_PCMU: Final = _frozen(LINEAR_TO_PCMU[PCMA_TO_LINEAR.view(np.uint16)])
PCMU_TO_PCMA: Final = _frozen(LINEAR_TO_PCMA[PCMU_TO_LINEAR.view(np.uint16)])


def decode(table: Samples, codes: Codes, out: Samples | None = None) -> Samples:
    """Codes (any shape) uint8 -> samples of the same shape, int16, by a 256-entry table.

    `out`, if given, is filled and returned: same shape, int16.
    """
    # "wrap" can never wrap a uint8 in 256 entries; it spares numpy's bounds check and a buffer.
    return np.take(table, codes, out=out, mode="wrap")


def encode(table: Codes, samples: Samples, out: Codes | None = None) -> Codes:
    """Samples (any shape) int16 -> codes of the same shape, uint8, by a 65,536-entry table."""
    if out is None:
        return table.take(samples.view(np.uint16))
    return np.take(table, samples.view(np.uint16), out=out, mode="clip")


def transcode(table: Codes, codes: Codes, out: Codes | None = None) -> Codes:
    """Codes of one law -> codes of the other, any shape, by PCMA_TO_PCMU or PCMU_TO_PCMA."""
    return np.take(table, codes, out=out, mode="wrap")
