"""RTP headers against aiortc's, and the columns against the scalar reader."""

import numpy as np
from aiortc.rtp import RtpPacket
from hypothesis import given
from hypothesis import strategies as st

from media import rtp


def packet_of(packets: list[bytes], width: int = 400) -> tuple[np.ndarray, np.ndarray]:
    block = np.zeros((len(packets), width), np.uint8)
    for row, data in enumerate(packets):
        block[row, : len(data)] = np.frombuffer(data, np.uint8)
    return block, np.array([len(data) for data in packets])


@given(
    st.integers(0, 127),
    st.booleans(),
    st.integers(0, 0xFFFF),
    st.integers(0, 0xFFFFFFFF),
    st.integers(0, 0xFFFFFFFF),
    st.lists(st.integers(0, 0xFFFFFFFF), max_size=15),
    st.binary(max_size=160),
    st.integers(0, 20),
)
def test_what_aiortc_builds_is_read(
    kind: int,
    marker: bool,
    sequence: int,
    timestamp: int,
    ssrc: int,
    csrc: list[int],
    payload: bytes,
    padding: int,
) -> None:
    theirs = RtpPacket(kind, int(marker), sequence, timestamp, ssrc, payload)
    theirs.csrc, theirs.padding_size = csrc, padding
    data = theirs.serialize()
    header = rtp.parse_header(data)
    assert header is not None
    assert header[:5] == (kind, marker, sequence, timestamp, ssrc)
    assert data[header.payload_start : header.payload_end] == payload


def test_what_we_build_aiortc_reads() -> None:
    data = rtp.build_header(8, 65535, 2**32 - 160, 0xDEADBEEF, marker=True) + b"x" * 160
    theirs = RtpPacket.parse(data)
    assert (theirs.payload_type, theirs.marker, theirs.sequence_number) == (8, 1, 65535)
    assert (theirs.timestamp, theirs.ssrc, theirs.payload) == (2**32 - 160, 0xDEADBEEF, b"x" * 160)


def test_build_wraps() -> None:
    data = rtp.build_header(0, 65536 + 7, 2**32 + 9, 1)
    header = rtp.parse_header(data)
    assert header is not None
    assert (header.sequence, header.timestamp) == (7, 9)


def test_extension_is_skipped() -> None:
    extension = b"\xbe\xde\x00\x02" + bytes(8)
    data = bytearray(rtp.build_header(8, 1, 2, 3) + extension + b"payload")
    data[0] |= 0x10
    header = rtp.parse_header(data)
    assert header is not None
    assert data[header.payload_start : header.payload_end] == b"payload"


def bad_packets() -> list[bytes]:
    plain = rtp.build_header(8, 1, 2, 3)
    return [
        b"",
        plain[:11],
        b"\x40" + plain[1:],
        b"\xc0" + plain[1:],
        b"\x8f" + plain[1:] + bytes(8),
        b"\x90" + plain[1:],
        b"\x90" + plain[1:] + b"\xbe\xde\xff\xff" + bytes(20),
        b"\xa0" + plain[1:],
        b"\xa0" + plain[1:] + b"\x00",
        b"\xa0" + plain[1:] + b"\x09",
        b"INVITE sip:101@office SIP/2.0\r\n",
    ]


def test_what_is_not_rtp_is_none() -> None:
    for data in bad_packets():
        assert rtp.parse_header(data) is None, data
    block, lengths = packet_of(bad_packets())
    columns = rtp.parse_headers(block, lengths)
    assert not columns.valid.any()
    assert not columns.payload_size.any()


@given(st.lists(st.binary(max_size=60) | st.binary(max_size=60).map(lambda b: b"\x90\x08" + b)))
def test_columns_say_what_the_scalar_says(packets: list[bytes]) -> None:
    columns = rtp.parse_headers(*packet_of(packets, 64))
    for row, data in enumerate(packets):
        header = rtp.parse_header(data)
        assert columns.valid[row] == (header is not None)
        if header is None:
            continue
        assert (columns.payload_type[row], columns.marker[row]) == header[:2]
        assert (columns.sequence[row], columns.timestamp[row], columns.ssrc[row]) == header[2:5]
        assert columns.payload_start[row] == header.payload_start
        assert columns.payload_size[row] == header.payload_end - header.payload_start


def test_only_the_received_part_of_a_buffer_counts() -> None:
    buffer = bytearray(2048)
    buffer[:172] = rtp.build_header(8, 1, 2, 3) + b"x" * 160
    header = rtp.parse_header(buffer, 172)
    assert header is not None
    assert (header.payload_start, header.payload_end) == (12, 172)


def test_headers_in_columns_are_what_aiortc_reads() -> None:
    packets = np.full((3, 172), 0xD5, np.uint8)
    rtp.write_headers(
        packets,
        np.array([0, 8, 101], np.uint8),
        np.array([False, True, False]),
        np.array([0, 65535, 65536 + 5]),
        np.array([2**32 - 1, 2**32 + 3, 7]),
        np.array([1, 2**32 - 1, 3], np.uint32),
    )
    read = [RtpPacket.parse(row.tobytes()) for row in packets]
    assert [(p.payload_type, p.marker) for p in read] == [(0, 0), (8, 1), (101, 0)]
    assert [p.sequence_number for p in read] == [0, 65535, 5]
    assert [p.timestamp for p in read] == [2**32 - 1, 3, 7]
    assert [p.ssrc for p in read] == [1, 2**32 - 1, 3]
    assert all(p.payload == b"\xd5" * 160 for p in read)


def test_differences_over_the_wrap() -> None:
    assert rtp.sequence_delta(2, 65534) == 4
    assert rtp.sequence_delta(65534, 2) == -4
    assert rtp.sequence_delta(32768, 0) == -32768
    assert rtp.timestamp_delta(100, 2**32 - 60) == 160
    assert rtp.timestamp_delta(2**32 - 60, 100) == -160
