"""How good legs sound, through the whole engine: packets and reports in, figures and alarms out."""

from collections.abc import Iterator

import pytest

from media.commands import CloseLeg, LegClosed
from media.measured import Band, Poor, Way
from media.rtcp import (
    ExtendedReport,
    ReceiverReport,
    ReportBlock,
    build_compound,
    parse_compound,
)
from media.rtcp_xr import VoipMetrics, build_extended
from tests.media.codec_phone import CodecPhone, tone
from tests.media.desk import Desk, Phone, desk, sine

FRAME = sine(440, 0.02)


@pytest.fixture
def table() -> Iterator[Desk]:
    with desk() as one:
        yield one


def speak(table: Desk, phone: Phone, seconds: float, every: int = 0) -> None:
    """Every so manieth packet is lost on the way."""
    for i in range(round(seconds * 50)):
        if every and i % every == 0:
            phone.sequence += 1
            phone.timestamp += 160
        else:
            phone.say(FRAME)
        table.step()


def report(table: Desk, phone: Phone, leg_port: int, lost: float) -> None:
    block = ReportBlock(7777, round(lost * 256), 0, 100, 0, 0, 0)
    data = build_compound([ReceiverReport(phone.ssrc, (block,))])
    phone.rtcp.sendto(data, ("127.0.0.1", leg_port + 1))
    table.step()


def test_a_leg_that_is_heard_well_and_says_nothing(table: Desk) -> None:
    leg, phone = table.open()
    speak(table, phone, 11)
    table.do(CloseLeg(leg))
    rated = table.of(LegClosed)[0].stats.rated
    assert rated.mos_in == pytest.approx(4.41, abs=0.01) == rated.worst_in
    assert (rated.mos_out, rated.worst_out, rated.told) == (None, None, None)
    assert len(rated.timeline_in) == 2 and rated.timeline_out == (None, None)
    assert table.of(Poor) == []


def test_a_bad_leg_is_told_once_and_again_when_it_was_good(table: Desk) -> None:
    leg, phone = table.open()
    speak(table, phone, 25, every=6)
    told = table.of(Poor)
    assert [(event.leg, event.way) for event in told] == [(leg, Way.IN)]
    assert 1 < told[0].mos < 3.1
    speak(table, phone, 6)
    speak(table, phone, 20, every=6)
    assert len(table.of(Poor)) == 2


def test_a_leg_whose_codec_has_no_opinion_is_bad_by_what_is_lost(table: Desk) -> None:
    """Opus: not measured is no reason not to be told."""
    phone = CodecPhone("opus")
    leg, _ = table.open(phone)
    wave = tone(440, 0.02)
    for i in range(1250):
        if i % 6:
            phone.say(wave)
        else:
            phone.sequence += 1
            phone.timestamp += 960
        table.step()
    (told,) = table.of(Poor)
    assert (told.leg, told.way, told.mos) == (leg, Way.IN, None)
    assert told.loss == pytest.approx(1 / 6, abs=0.02)
    table.do(CloseLeg(leg))
    rated = table.of(LegClosed)[0].stats.rated
    assert (rated.band, rated.mos_in) == (Band.WIDE, None)


def test_what_the_phone_reports_is_the_other_way(table: Desk) -> None:
    leg, phone = table.open()
    port = phone.to[1]
    for _ in range(4):
        report(table, phone, port, 0.0)
        report(table, phone, port, 0.25)
        speak(table, phone, 5)
    assert [(event.leg, event.way) for event in table.of(Poor)] == [(leg, Way.OUT)]
    table.do(CloseLeg(leg))
    rated = table.of(LegClosed)[0].stats.rated
    assert rated.mos_out is not None and rated.mos_out < 3.1 and rated.mos_in > 4.3


def test_a_phone_that_is_silent_is_not_bad(table: Desk) -> None:
    leg, _ = table.open()
    table.step(1200)
    table.do(CloseLeg(leg))
    assert table.of(Poor) == []
    assert table.of(LegClosed)[0].stats.rated.timeline_in == (None,) * 4


def test_extended_reports_where_they_were_offered(table: Desk) -> None:
    """What we tell of how we hear the phone, and what it tells of how it hears us."""
    leg, phone = table.open(xr=True)
    _, other = table.open(Phone(ssrc=5))
    for _ in range(11):
        speak(table, phone, 1, every=10)
        other.say(FRAME)
    extended = [
        packet
        for data in phone.reports()
        for packet in parse_compound(data)
        if isinstance(packet, ExtendedReport)
    ]
    metrics = extended[-1].metrics[0]
    assert metrics.ssrc == phone.ssrc and metrics.loss == pytest.approx(0.1, abs=0.02)
    assert metrics.mos is not None and 3 < metrics.mos < 4
    assert metrics.mos_listening is not None and metrics.mos_listening >= metrics.mos
    assert metrics.r is not None and 50 < metrics.r < 80
    # Every tenth, alone: within Gmin of each other they are one burst, from first to last.
    assert metrics.bursts.burst_density == pytest.approx(0.1, abs=0.02)
    assert metrics.bursts.gap_density == 0 and metrics.bursts.burst_ms > 8000
    packets = [one for data in other.reports() for one in parse_compound(data)]
    assert packets and not any(isinstance(one, ExtendedReport) for one in packets)

    said = VoipMetrics(7777, 0.0, 0.0, 70.0, 4.0, 3.6)
    data = build_compound([ReceiverReport(phone.ssrc)]) + build_extended(phone.ssrc, said)
    phone.rtcp.sendto(data, ("127.0.0.1", phone.to[1] + 1))
    table.step()
    table.do(CloseLeg(leg))
    assert table.of(LegClosed)[0].stats.rated.told == 3.6
