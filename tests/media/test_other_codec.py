"""Both codecs were agreed on, and the far phone sends the second one (RFC 3264 6.1)."""

from collections.abc import Iterator

import pytest

from media.commands import Bridge, Failed, GetStats, OtherCodec, Stats
from tests.media.desk import EVENTS, PCMA, PCMU, Desk, Phone, desk, strength


@pytest.fixture
def table() -> Iterator[Desk]:
    with desk() as one:
        yield one


def went_over(phone: Phone) -> None:
    phone.payload_type = PCMU


@pytest.mark.parametrize("other", [PCMA, PCMU], ids=["transcoded", "forwarded"])
def test_it_is_heard_and_answered_in_its_own(table: Desk, other: int) -> None:
    first, a = table.open(others=(OtherCodec("PCMU", PCMU, 8000, EVENTS, EVENTS),))
    second, b = table.open(Phone(other, ssrc=0x77))
    table.do(Bridge(1, (first, second)))
    went_over(a)
    table.talk(40, (a, 440), (b, 1000))
    assert strength(b.audio()[-3200:], 440) > 6000
    # What it is sent is of the codec it speaks, but for the first packets.
    assert {one.header.payload_type for one in a.heard[-20:]} == {PCMU}
    assert strength(a.audio()[-3200:], 1000) > 6000
    assert not table.of(Failed)


def test_and_back_again_in_the_middle_of_a_talk(table: Desk) -> None:
    first, a = table.open(others=(OtherCodec("PCMU", PCMU, 8000, EVENTS, EVENTS),))
    second, b = table.open(Phone(PCMA, ssrc=0x77))
    table.do(Bridge(1, (first, second)))
    for payload_type in (PCMA, PCMU, PCMA):
        a.payload_type = payload_type
        b.heard.clear()
        table.talk(30, (a, 440))
        assert strength(b.audio()[-1600:], 440) > 6000, payload_type


def test_what_was_not_agreed_stays_a_stranger(table: Desk) -> None:
    first, a = table.open()
    second, b = table.open(Phone(PCMA, ssrc=0x77))
    table.do(Bridge(1, (first, second)))
    went_over(a)
    table.talk(10, (a, 440))
    assert not b.heard
    table.do(GetStats(first))
    assert table.of(Stats)[-1].stats.strangers == 10
