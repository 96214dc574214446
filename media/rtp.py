"""RTP headers: one at a time for a packet in hand, and in columns for a tick's worth of packets.

RFC 3550 5.1 (fixed header), 5.3.1 (extension).
Input is what any stranger may have sent: nothing here raises on it. A packet that is not RTP gives
None (scalar) or a row that is not valid (columns); why does not matter, it is only counted.

Knows nothing of sockets, clocks or codecs.
"""

import struct
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

HEADER_SIZE: Final = 12
# RFC 3550 5.1: packet numbers have 16 bits.
SEQUENCE_MODULUS: Final = 1 << 16

_HEADER: Final = struct.Struct("!BBHII")
_VERSION_2: Final = 0x80
_PADDING: Final = 0x20
_EXTENSION: Final = 0x10
_MARKER: Final = 0x80


class RtpHeader(NamedTuple):
    """One packet's header and where its payload lies.

    A named tuple and not a dataclass: it is built for each packet that comes in, and costs a third.
    """

    payload_type: int
    marker: bool
    sequence: int
    timestamp: int
    ssrc: int
    payload_start: int
    """Offset of the first payload byte: behind CSRC list and header extension."""
    payload_end: int
    """Offset behind the last payload byte: before the padding."""


def parse_header(
    packet: bytes | bytearray | memoryview, size: int | None = None
) -> RtpHeader | None:
    """The header of the first `size` bytes of `packet` (all of it by default); None if not RTP."""
    if size is None:
        size = len(packet)
    if size < HEADER_SIZE:
        return None
    first, second, sequence, timestamp, ssrc = _HEADER.unpack_from(packet)
    start, end = HEADER_SIZE, size
    if first != _VERSION_2:
        if first & 0xC0 != _VERSION_2:
            return None
        start += 4 * (first & 0x0F)
        if first & _EXTENSION:
            if start + 4 > size:
                return None
            start += 4 + 4 * (packet[start + 2] << 8 | packet[start + 3])
        if first & _PADDING:
            # 5.1: "The last octet of the padding contains a count of how many padding octets
            # should be ignored, including itself."
            padding = packet[size - 1]
            if padding == 0:
                return None
            end -= padding
        if start > end:
            return None
    return RtpHeader(second & 0x7F, second >= _MARKER, sequence, timestamp, ssrc, start, end)


def build_header(
    payload_type: int, sequence: int, timestamp: int, ssrc: int, marker: bool = False
) -> bytes:
    """A plain 12-byte header; sequence and timestamp are taken modulo their range."""
    return _HEADER.pack(
        _VERSION_2,
        payload_type | (_MARKER if marker else 0),
        sequence & 0xFFFF,
        timestamp & 0xFFFFFFFF,
        ssrc,
    )


def sequence_delta(newer: int, older: int) -> int:
    """How many packets `newer` lies ahead of `older`, modulo 2^16: -32768 to 32767."""
    return ((newer - older + 0x8000) & 0xFFFF) - 0x8000


def timestamp_delta(newer: int, older: int) -> int:
    """How many samples `newer` lies ahead of `older`, modulo 2^32: -2^31 to 2^31 - 1."""
    return ((newer - older + 0x80000000) & 0xFFFFFFFF) - 0x80000000


@dataclass(frozen=True, slots=True)
class HeaderColumns:
    """The headers of n packets, each field an array (n,). Where `valid` is False the rest is 0."""

    valid: NDArray[np.bool_]
    payload_type: NDArray[np.uint8]
    marker: NDArray[np.bool_]
    sequence: NDArray[np.uint16]
    timestamp: NDArray[np.uint32]
    ssrc: NDArray[np.uint32]
    payload_start: NDArray[np.intp]
    payload_size: NDArray[np.intp]


def parse_headers(packets: NDArray[np.uint8], lengths: NDArray[np.integer]) -> HeaderColumns:
    """The headers of n received packets at once.

    packets: (n, size) uint8, a packet a row, size >= 12; lengths: (n,), how much of each row is
    packet. The same verdicts as `parse_header`.
    """
    size = lengths.astype(np.intp)
    fixed = np.ascontiguousarray(packets[:, :HEADER_SIZE])
    first, second = fixed[:, 0], fixed[:, 1]
    valid = (size >= HEADER_SIZE) & (first & 0xC0 == _VERSION_2)
    start = np.full(size.shape, HEADER_SIZE, np.intp)
    end = size.copy()
    # Nearly every packet has a plain header; only the others pay for their extras.
    for row in np.flatnonzero(valid & (first != _VERSION_2)):
        header = parse_header(memoryview(packets[row]), int(size[row]))
        valid[row] = header is not None
        if header is not None:
            start[row], end[row] = header.payload_start, header.payload_end
    words = fixed.view(">u4")
    return HeaderColumns(
        valid=valid,
        payload_type=np.where(valid, second & 0x7F, 0).astype(np.uint8),
        marker=valid & (second >= _MARKER),
        sequence=np.where(valid, words[:, 0] & 0xFFFF, 0).astype(np.uint16),
        timestamp=np.where(valid, words[:, 1], 0).astype(np.uint32),
        ssrc=np.where(valid, words[:, 2], 0).astype(np.uint32),
        payload_start=np.where(valid, start, 0),
        payload_size=np.where(valid, end - start, 0),
    )


def write_headers(
    packets: NDArray[np.uint8],
    payload_types: NDArray[np.uint8],
    markers: NDArray[np.bool_],
    sequences: NDArray[np.integer],
    timestamps: NDArray[np.integer],
    ssrcs: NDArray[np.integer],
) -> None:
    """Plain 12-byte headers over the front of n packets: (n, >= 12) uint8; the others (n,)."""
    head = np.empty((packets.shape[0], HEADER_SIZE), np.uint8)
    head[:, 0] = _VERSION_2
    head[:, 1] = payload_types | (markers.astype(np.uint8) << 7)
    head.view(">u2")[:, 1] = sequences & 0xFFFF
    head.view(">u4")[:, 1] = timestamps & 0xFFFFFFFF
    head.view(">u4")[:, 2] = ssrcs
    packets[:, :HEADER_SIZE] = head
