"""RTCP: sender and receiver reports, source descriptions and goodbyes, as compound packets.

RFC 3550 6.1 (compound packets), 6.4 (SR, RR), 6.5 (SDES), 6.6 (BYE), appendix A.2 (validity).
Other packet types are skipped by their length, as 6.1 asks. Knows nothing of sockets or clocks:
what the time is comes in as a parameter.

RtcpError: what came in is not a valid compound packet.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from media.rtcp_xr import EXTENDED_REPORT, VoipMetrics, parse_extended

SENDER_REPORT: Final = 200
RECEIVER_REPORT: Final = 201
SOURCE_DESCRIPTION: Final = 202
GOODBYE: Final = 203

SDES_CNAME: Final = 1
SDES_TOOL: Final = 6

# The count field has 5 bits (6.4.1).
MAX_BLOCKS: Final = 31
# Seconds between the NTP era of 1900 and the Unix epoch (RFC 868).
NTP_UNIX_OFFSET: Final = 2_208_988_800

_HEADER: Final = struct.Struct("!BBH")
_SSRC: Final = struct.Struct("!I")
_SENDER_INFO: Final = struct.Struct("!QIII")
_BLOCK: Final = struct.Struct("!IIIIII")
_VERSION_2: Final = 0x80
_PADDING: Final = 0x20


class RtcpError(ValueError):
    """Not a valid RTCP compound packet (RFC 3550 A.2)."""


@dataclass(frozen=True, slots=True)
class SenderInfo:
    """What a sender says of its own stream (6.4.1)."""

    ntp_time: int
    """64 bits: seconds since 1900 with 32 binary places."""
    rtp_timestamp: int
    packets: int
    octets: int


@dataclass(frozen=True, slots=True)
class ReportBlock:
    """How one source is received (6.4.1)."""

    ssrc: int
    fraction_lost: int
    """Lost since the previous report, in 256ths."""
    cumulative_lost: int
    """Signed, 24 bits: duplicates may make it negative."""
    highest_sequence: int
    """Extended: cycles in the upper 16 bits."""
    jitter: int
    """In timestamp units."""
    last_sender_report: int
    """Middle 32 bits of the NTP time of the last SR; 0 if there was none."""
    delay_since_last: int
    """In 1/65536 s; 0 if there was no SR."""


@dataclass(frozen=True, slots=True)
class SenderReport:
    ssrc: int
    info: SenderInfo
    blocks: tuple[ReportBlock, ...] = ()


@dataclass(frozen=True, slots=True)
class ReceiverReport:
    ssrc: int
    blocks: tuple[ReportBlock, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceChunk:
    """One source's items: (SDES type, text)."""

    ssrc: int
    items: tuple[tuple[int, str], ...]

    @property
    def cname(self) -> str | None:
        """The canonical name (6.5.1)."""
        return next((text for kind, text in self.items if kind == SDES_CNAME), None)


@dataclass(frozen=True, slots=True)
class SourceDescription:
    chunks: tuple[SourceChunk, ...]


@dataclass(frozen=True, slots=True)
class Goodbye:
    ssrcs: tuple[int, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ExtendedReport:
    """RFC 3611; of its blocks those that tell how a voice is heard."""

    metrics: tuple[VoipMetrics, ...]


SentPacket = SenderReport | ReceiverReport | SourceDescription | Goodbye
RtcpPacket = SentPacket | ExtendedReport


def ntp_time(unix_seconds: float) -> int:
    """Unix seconds as a 64-bit NTP timestamp (RFC 3550 4)."""
    whole = int(unix_seconds // 1)
    return ((whole + NTP_UNIX_OFFSET) & 0xFFFFFFFF) << 32 | int((unix_seconds - whole) * 2**32)


def ntp_middle(ntp: int) -> int:
    """The middle 32 bits, as LSR and round-trip arithmetic use them (RFC 3550 4)."""
    return (ntp >> 16) & 0xFFFFFFFF


def build_compound(packets: Sequence[SentPacket]) -> bytes:
    """One compound packet. The first must be a report (6.1); ValueError if it is not."""
    if not packets or not isinstance(packets[0], SenderReport | ReceiverReport):
        raise ValueError("a compound packet begins with a report")
    return b"".join(_build(packet) for packet in packets)


def parse_compound(data: bytes | bytearray | memoryview) -> tuple[RtcpPacket, ...]:
    """The known packets of a compound packet in their order. RtcpError if it is not valid."""
    packets: list[RtcpPacket] = []
    for kind, count, body in _split(bytes(data)):
        if kind == SENDER_REPORT:
            packets.append(_parse_sender_report(count, body))
        elif kind == RECEIVER_REPORT:
            packets.append(_parse_receiver_report(count, body))
        elif kind == SOURCE_DESCRIPTION:
            packets.append(_parse_source_description(count, body))
        elif kind == GOODBYE:
            packets.append(_parse_goodbye(count, body))
        elif kind == EXTENDED_REPORT:
            packets.append(ExtendedReport(parse_extended(body)))
    return tuple(packets)


def _packet(kind: int, count: int, body: bytes) -> bytes:
    if count > MAX_BLOCKS:
        raise ValueError(f"at most {MAX_BLOCKS} entries fit in an RTCP packet, not {count}")
    return _HEADER.pack(_VERSION_2 | count, kind, len(body) // 4) + body


def _build(packet: SentPacket) -> bytes:
    if isinstance(packet, SenderReport):
        info = packet.info
        sender = _SENDER_INFO.pack(
            info.ntp_time,
            info.rtp_timestamp & 0xFFFFFFFF,
            info.packets & 0xFFFFFFFF,
            info.octets & 0xFFFFFFFF,
        )
        body = _SSRC.pack(packet.ssrc) + sender + _build_blocks(packet.blocks)
        return _packet(SENDER_REPORT, len(packet.blocks), body)
    if isinstance(packet, ReceiverReport):
        body = _SSRC.pack(packet.ssrc) + _build_blocks(packet.blocks)
        return _packet(RECEIVER_REPORT, len(packet.blocks), body)
    if isinstance(packet, SourceDescription):
        body = b"".join(_build_chunk(chunk) for chunk in packet.chunks)
        return _packet(SOURCE_DESCRIPTION, len(packet.chunks), body)
    body = b"".join(_SSRC.pack(ssrc) for ssrc in packet.ssrcs)
    if packet.reason:
        body += _padded(_text(packet.reason))
    return _packet(GOODBYE, len(packet.ssrcs), body)


def _build_blocks(blocks: Sequence[ReportBlock]) -> bytes:
    return b"".join(
        _BLOCK.pack(
            block.ssrc,
            block.fraction_lost << 24 | block.cumulative_lost & 0xFFFFFF,
            block.highest_sequence & 0xFFFFFFFF,
            block.jitter & 0xFFFFFFFF,
            block.last_sender_report,
            block.delay_since_last & 0xFFFFFFFF,
        )
        for block in blocks
    )


def _build_chunk(chunk: SourceChunk) -> bytes:
    items = b"".join(bytes([kind]) + _text(text) for kind, text in chunk.items)
    # 6.5: "terminated by one or more null octets" up to the next 32-bit boundary.
    return _SSRC.pack(chunk.ssrc) + _padded(items + b"\0")


def _text(text: str) -> bytes:
    """A length octet and at most 255 octets of UTF-8, cut at a character."""
    encoded = text.encode()[:255].decode(errors="ignore").encode()
    return bytes([len(encoded)]) + encoded


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def _split(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """(packet type, count, body) of each packet, with A.2's checks."""
    offset = 0
    while offset < len(data):
        if len(data) - offset < 4:
            raise RtcpError("cut off in a header")
        first, kind, words = _HEADER.unpack_from(data, offset)
        end = offset + 4 + words * 4
        if first & 0xC0 != _VERSION_2:
            raise RtcpError("version is not 2")
        if offset == 0 and kind not in (SENDER_REPORT, RECEIVER_REPORT):
            raise RtcpError("does not begin with a report")
        if end > len(data):
            raise RtcpError("a packet is longer than the datagram")
        body = data[offset + 4 : end]
        if first & _PADDING:
            body = _without_padding(body, is_last=end == len(data))
        yield kind, first & 0x1F, body
        offset = end
    if not data:
        raise RtcpError("empty")


def _without_padding(body: bytes, is_last: bool) -> bytes:
    # 6.4.1: "padding is only required on one individual packet", the last one.
    if not is_last or not body or not 0 < body[-1] <= len(body):
        raise RtcpError("padding that cannot be")
    return body[: -body[-1]]


def _parse_sender_report(count: int, body: bytes) -> SenderReport:
    if len(body) < 24:
        raise RtcpError("sender report is too short")
    info = SenderInfo(*_SENDER_INFO.unpack_from(body, 4))
    return SenderReport(_SSRC.unpack_from(body)[0], info, _parse_blocks(count, body[24:]))


def _parse_receiver_report(count: int, body: bytes) -> ReceiverReport:
    if len(body) < 4:
        raise RtcpError("receiver report is too short")
    return ReceiverReport(_SSRC.unpack_from(body)[0], _parse_blocks(count, body[4:]))


def _parse_blocks(count: int, body: bytes) -> tuple[ReportBlock, ...]:
    # What follows the blocks is a profile's extension (6.4.3) and is not looked at.
    if len(body) < count * _BLOCK.size:
        raise RtcpError("fewer report blocks than announced")
    blocks = []
    for offset in range(0, count * _BLOCK.size, _BLOCK.size):
        ssrc, lost, highest, jitter, last, delay = _BLOCK.unpack_from(body, offset)
        cumulative = lost & 0xFFFFFF
        if cumulative >= 0x800000:
            cumulative -= 0x1000000
        blocks.append(ReportBlock(ssrc, lost >> 24, cumulative, highest, jitter, last, delay))
    return tuple(blocks)


def _parse_source_description(count: int, body: bytes) -> SourceDescription:
    chunks = []
    offset = 0
    for _ in range(count):
        if len(body) - offset < 4:
            raise RtcpError("fewer source chunks than announced")
        (ssrc,) = _SSRC.unpack_from(body, offset)
        items, offset = _parse_items(body, offset + 4)
        chunks.append(SourceChunk(ssrc, items))
    return SourceDescription(tuple(chunks))


def _parse_items(body: bytes, offset: int) -> tuple[tuple[tuple[int, str], ...], int]:
    """A chunk's items and where the next chunk begins."""
    items = []
    while offset < len(body) and body[offset] != 0:
        if offset + 2 > len(body) or offset + 2 + body[offset + 1] > len(body):
            raise RtcpError("a source item is cut off")
        end = offset + 2 + body[offset + 1]
        items.append((body[offset], body[offset + 2 : end].decode(errors="replace")))
        offset = end
    return tuple(items), offset + 4 - offset % 4


def _parse_goodbye(count: int, body: bytes) -> Goodbye:
    if len(body) < count * 4:
        raise RtcpError("fewer sources in a goodbye than announced")
    ssrcs = tuple([_SSRC.unpack_from(body, offset)[0] for offset in range(0, count * 4, 4)])
    rest = body[count * 4 :]
    reason = rest[1 : 1 + rest[0]].decode(errors="replace") if rest else ""
    return Goodbye(ssrcs, reason)
