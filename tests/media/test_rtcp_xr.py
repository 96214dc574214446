"""Extended reports: our block to the octet, and whatever may come."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.bursts import BurstMetrics
from media.rtcp import ExtendedReport, ReceiverReport, build_compound, parse_compound
from media.rtcp_xr import VoipMetrics, build_extended, parse_extended

BURSTS = BurstMetrics(0.5, 0.03125, 400, 12_500)
METRICS = VoipMetrics(0x1234, 0.125, 0.0625, 83.0, 4.1, 4.0, 55, 60, BURSTS)


def test_the_block_as_rfc_3611_draws_it() -> None:
    data = build_extended(0xABCD, METRICS)
    assert data[:8] == struct.pack("!BBHI", 0x80, 207, 10, 0xABCD)
    assert data[8:16] == struct.pack("!BBHI", 7, 0, 8, 0x1234)
    assert list(data[16:20]) == [32, 16, 128, 8]  # loss, discard, burst and gap density
    assert struct.unpack("!4H", data[20:28]) == (400, 12_500, 55, 60)
    assert list(data[28:36]) == [127, 127, 127, 16, 83, 127, 41, 40]
    assert list(data[36:38]) == [0b10_11_0000, 0]
    assert struct.unpack("!3H", data[38:]) == (60, 200, 200)


def test_there_and_back() -> None:
    data = build_compound([ReceiverReport(1)]) + build_extended(1, METRICS)
    assert parse_compound(data) == (ReceiverReport(1), ExtendedReport((METRICS,)))
    nothing = VoipMetrics(9, 0.0, 0.0)
    assert parse_extended(build_extended(1, nothing)[4:]) == (nothing,)


@pytest.mark.parametrize("octet", [0, 9, 51, 127, 255])
def test_a_figure_that_cannot_be_is_unavailable(octet: int) -> None:
    data = bytearray(build_extended(1, METRICS)[4:])
    data[30] = data[31] = octet  # MOS-LQ, MOS-CQ
    (found,) = parse_extended(bytes(data))
    assert found.mos is None and found.mos_listening is None


def test_other_blocks_are_passed_over_by_their_length() -> None:
    other = struct.pack("!BBH", 4, 0, 2) + bytes(8)  # receiver reference time
    ours = build_extended(1, METRICS)
    assert parse_extended(ours[4:8] + other + ours[8:] + other) == (METRICS,)
    assert parse_extended(ours[4:8] + other + ours[8:-4]) == ()


@given(st.binary(max_size=200))
def test_fuzz_extended_reports(body: bytes) -> None:
    for one in parse_extended(body):
        assert one.mos is None or 0 < one.mos <= 5
