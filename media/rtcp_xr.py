"""Extended reports: the VoIP metrics block, what a receiver says of how it hears.

RFC 3611 2 (the packet), 4.7 (the block). Other blocks are skipped by their length (RFC 3611 3).
What a burst is and what a gap stands in media/bursts.py.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from media.bursts import GMIN, BurstMetrics

EXTENDED_REPORT: Final = 207
VOIP_METRICS: Final = 7
# 4.7: "unavailable" of the fields of eight bits.
UNAVAILABLE: Final = 127

_HEAD: Final = struct.Struct("!BBHI")
_VERSION: Final = 0x80
_BLOCK_HEAD: Final = struct.Struct("!BBH")
_METRICS: Final = struct.Struct("!I4B4H4B4BBBHHH")
_WORDS: Final = _METRICS.size // 4
# 4.7.6: concealment "enhanced", a buffer that is adaptive.
_ENHANCED, _ADAPTIVE = 0b10 << 6, 0b11 << 4


@dataclass(frozen=True, slots=True)
class VoipMetrics:
    """How one source is heard. None: unavailable."""

    ssrc: int
    loss: float
    """Fraction of the packets of the whole stream that never came."""
    discarded: float
    """Fraction that came too late to be heard."""
    r: float | None = None
    mos_listening: float | None = None
    mos: float | None = None
    """With delay counted: conversational."""
    round_trip_ms: int = 0
    buffer_ms: int | None = None
    """None: nothing waits for its turn here, packets go on as they come."""
    bursts: BurstMetrics = BurstMetrics()


def build_extended(ssrc: int, one: VoipMetrics) -> bytes:
    """An XR packet of ours with one block, to stand in a compound packet."""
    buffer, longest = (one.buffer_ms, 200) if one.buffer_ms is not None else (0, 0)
    bursts = one.bursts
    body = _METRICS.pack(
        one.ssrc,
        *(_share(one.loss), _share(one.discarded)),
        *(_share(bursts.burst_density), _share(bursts.gap_density)),
        *(_sixteen(bursts.burst_ms), _sixteen(bursts.gap_ms)),
        *(_sixteen(one.round_trip_ms), _sixteen(buffer)),
        *(UNAVAILABLE, UNAVAILABLE, UNAVAILABLE, GMIN),
        *(_whole(one.r), UNAVAILABLE, _tenths(one.mos_listening), _tenths(one.mos)),
        *(0 if one.buffer_ms is None else _ENHANCED | _ADAPTIVE, 0),
        *(_sixteen(buffer), longest, longest),
    )
    block = _BLOCK_HEAD.pack(VOIP_METRICS, 0, _WORDS) + body
    return _HEAD.pack(_VERSION, EXTENDED_REPORT, 1 + len(block) // 4, ssrc) + block


def parse_extended(body: bytes) -> tuple[VoipMetrics, ...]:
    """The metrics blocks of a packet's body (behind its header); what is cut off is no block."""
    return tuple(_metrics(one) for kind, one in _blocks(body[4:]) if kind == VOIP_METRICS)


def _blocks(data: bytes) -> Iterator[tuple[int, bytes]]:
    offset = 0
    while offset + _BLOCK_HEAD.size <= len(data):
        kind, _, words = _BLOCK_HEAD.unpack_from(data, offset)
        start, offset = offset + _BLOCK_HEAD.size, offset + _BLOCK_HEAD.size + 4 * words
        if offset > len(data):
            return
        if kind != VOIP_METRICS or words == _WORDS:
            yield kind, data[start:offset]


def _metrics(block: bytes) -> VoipMetrics:
    fields = _METRICS.unpack(block)
    loss, discarded = fields[1] / 256, fields[2] / 256
    r, _, listening, conversing = fields[13:17]
    return VoipMetrics(
        fields[0],
        loss,
        discarded,
        _known(r, 1),
        _known(listening, 10),
        _known(conversing, 10),
        fields[7],
        fields[19] or None,
        BurstMetrics(fields[3] / 256, fields[4] / 256, float(fields[5]), float(fields[6])),
    )


def _share(fraction: float) -> int:
    return max(0, min(255, int(fraction * 256)))


def _sixteen(value: float) -> int:
    return min(0xFFFF, round(value))


def _whole(value: float | None) -> int:
    return UNAVAILABLE if value is None else round(value)


def _tenths(value: float | None) -> int:
    return UNAVAILABLE if value is None else round(value * 10)


def _known(value: int, parts: int) -> float | None:
    """4.7.5: MOS from 10 to 50; R to 100. What cannot be is as good as unavailable."""
    lowest, highest = (1, 100) if parts == 1 else (10, 50)
    return value / parts if lowest <= value <= highest else None
