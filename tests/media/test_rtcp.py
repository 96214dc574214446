"""RTCP against aiortc's, and what a stranger may send."""

import contextlib

import pytest
from aiortc import rtp as theirs
from hypothesis import given
from hypothesis import strategies as st

from media import rtcp

BLOCK = rtcp.ReportBlock(0x1234, 25, -3, 0x10005, 77, 0xAABBCCDD, 65536)
INFO = rtcp.SenderInfo(rtcp.ntp_time(1_700_000_000.5), 160_000, 1000, 160_000)
COMPOUND = (
    rtcp.SenderReport(1, INFO, (BLOCK, BLOCK)),
    rtcp.SourceDescription(
        (
            rtcp.SourceChunk(1, ((rtcp.SDES_CNAME, "leg-7@office"), (rtcp.SDES_TOOL, "żółw"))),
            rtcp.SourceChunk(2, ((rtcp.SDES_CNAME, "abc"),)),
        )
    ),
    rtcp.Goodbye((1, 2), "call ended"),
)


def test_round_trip() -> None:
    assert rtcp.parse_compound(rtcp.build_compound(COMPOUND)) == COMPOUND
    receiver = (rtcp.ReceiverReport(9, (BLOCK,)), rtcp.Goodbye((9,)))
    assert rtcp.parse_compound(rtcp.build_compound(receiver)) == receiver


def test_what_we_build_aiortc_reads() -> None:
    # aiortc's reader takes two octets for the null that ends a chunk, so it is shown one chunk.
    one = rtcp.SourceDescription((rtcp.SourceChunk(1, ((rtcp.SDES_CNAME, "leg-7@office"),)),))
    data = rtcp.build_compound((COMPOUND[0], one, COMPOUND[2]))
    sender, description, goodbye = theirs.RtcpPacket.parse(data)
    assert isinstance(sender, theirs.RtcpSrPacket)
    assert sender.ssrc == 1
    assert sender.sender_info.ntp_timestamp == INFO.ntp_time
    assert sender.sender_info.packet_count == 1000
    block = sender.reports[1]
    assert (block.ssrc, block.fraction_lost, block.packets_lost) == (0x1234, 25, -3)
    assert (block.highest_sequence, block.jitter, block.lsr) == (0x10005, 77, 0xAABBCCDD)
    assert block.dlsr == 65536
    assert isinstance(description, theirs.RtcpSdesPacket)
    assert description.chunks[0].items[0] == (1, b"leg-7@office")
    assert isinstance(goodbye, theirs.RtcpByePacket)
    assert goodbye.sources == [1, 2]


def test_what_aiortc_builds_we_read() -> None:
    info = theirs.RtcpReceiverInfo(7, 1, -1, 5, 6, 8, 9)
    data = bytes(theirs.RtcpRrPacket(3, [info]))
    data += bytes(theirs.RtcpSdesPacket([theirs.RtcpSourceInfo(3, [(1, b"{abc}")])]))
    data += bytes(theirs.RtcpByePacket([3]))
    assert rtcp.parse_compound(data) == (
        rtcp.ReceiverReport(3, (rtcp.ReportBlock(7, 1, -1, 5, 6, 8, 9),)),
        rtcp.SourceDescription((rtcp.SourceChunk(3, ((1, "{abc}"),)),)),
        rtcp.Goodbye((3,)),
    )


def test_unknown_packets_are_skipped_and_padding_is_cut() -> None:
    report = rtcp.build_compound([rtcp.ReceiverReport(3)])
    unknown = b"\x80\xcc\x00\x02" + b"APPL" + b"data"
    padded = b"\xa1\xcb\x00\x02" + b"\x00\x00\x00\x03" + b"\x00\x00\x00\x04"
    assert rtcp.parse_compound(report + unknown + padded) == (
        rtcp.ReceiverReport(3),
        rtcp.Goodbye((3,)),
    )


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80\xc9",
        b"\x80\xc9\x00\x01",
        b"\x40\xc9\x00\x01\x00\x00\x00\x01",
        b"\x80\xcb\x00\x00",
        b"\x81\xc9\x00\x01\x00\x00\x00\x01",
        b"\x80\xc8\x00\x01\x00\x00\x00\x01",
        b"\x80\xc9\x00\x00",
        b"\xa0\xc9\x00\x01\x00\x00\x00\x09",
        b"\xa0\xc9\x00\x01\x00\x00\x00\x04" + b"\x80\xc9\x00\x01\x00\x00\x00\x01",
        b"\x80\xc9\x00\x01\x00\x00\x00\x01" + b"\x81\xca\x00\x01\x00\x00\x00\x01"[:-4],
        b"\x80\xc9\x00\x01\x00\x00\x00\x01" + b"\x81\xca\x00\x02\x00\x00\x00\x01\x01\xff\x00\x00",
        b"\x80\xc9\x00\x01\x00\x00\x00\x01" + b"\x82\xcb\x00\x01\x00\x00\x00\x01",
    ],
)
def test_refused(data: bytes) -> None:
    with pytest.raises(rtcp.RtcpError):
        rtcp.parse_compound(data)


def test_a_compound_begins_with_a_report_and_has_room_for_31() -> None:
    for packets in ([], [rtcp.Goodbye((1,))], [rtcp.ReceiverReport(1, (BLOCK,) * 32)]):
        with pytest.raises(ValueError):
            rtcp.build_compound(packets)


@given(st.binary(max_size=200) | st.binary(max_size=200).map(lambda b: b"\x81\xc8\x00\x06" + b))
def test_only_rtcp_error_comes_out(data: bytes) -> None:
    with contextlib.suppress(rtcp.RtcpError):
        rtcp.parse_compound(data)


def test_long_text_is_cut_at_a_character() -> None:
    chunk = rtcp.SourceChunk(1, ((1, "ż" * 200),))
    packets = (rtcp.ReceiverReport(1), rtcp.SourceDescription((chunk,)))
    read = rtcp.parse_compound(rtcp.build_compound(packets))[1]
    assert isinstance(read, rtcp.SourceDescription)
    assert read.chunks[0].cname == "ż" * 127


def test_ntp_time() -> None:
    assert rtcp.ntp_time(0.0) == 2_208_988_800 << 32
    assert rtcp.ntp_time(0.5) == (2_208_988_800 << 32) | 0x80000000
    assert rtcp.ntp_middle(0x11112222_33334444) == 0x22223333
