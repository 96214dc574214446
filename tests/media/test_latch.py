"""Source latching: the rules by themselves, then with sockets."""

from collections.abc import Iterator

import pytest

from media.commands import Bridge, CloseLeg, GetStats, Latched, Stats
from media.latch import Address, Latch, Verdict
from tests.media.desk import Desk, Phone, desk, sine

PUBLIC = Address("9.9.9.9", 4000)
PRIVATE = Address("192.168.1.5", 4000)
OTHER = Address("8.8.8.8", 7000)
NEVER = 0.0


@pytest.fixture
def table() -> Iterator[Desk]:
    with desk() as one:
        yield one


def test_the_signalled_host_is_believed_at_once_on_any_port() -> None:
    latch = Latch(PUBLIC, False, 10)
    assert latch.consider(Address(PUBLIC.host, 4001), 10, NEVER) is Verdict.MOVE
    assert latch.aim.port == 4001


def test_a_foreign_source_waits_until_a_public_host_had_its_chance() -> None:
    latch = Latch(PUBLIC, False, 10)
    assert latch.consider(OTHER, 10.1, NEVER) is Verdict.STRANGER
    assert latch.consider(OTHER, 10.6, NEVER) is Verdict.MOVE


def test_behind_a_nat_the_first_source_is_believed_and_the_signalled_one_preferred() -> None:
    latch = Latch(PRIVATE, False, 10)
    assert latch.consider(OTHER, 10, NEVER) is Verdict.MOVE
    assert latch.consider(Address("7.7.7.7", 1), 10.01, NEVER) is Verdict.STRANGER
    assert latch.consider(PRIVATE, 11, 10.9) is Verdict.MOVE
    assert latch.consider(OTHER, 11.1, 11.1) is Verdict.STRANGER


def test_a_latched_source_is_followed_only_after_its_silence() -> None:
    latch = Latch(PUBLIC, False, 10)
    assert latch.consider(OTHER, 12, 11.9) is Verdict.STRANGER
    assert latch.consider(OTHER, 14, 11.9) is Verdict.STRANGER
    assert latch.consider(OTHER, 15, 11.9) is Verdict.MOVE
    assert latch.consider(OTHER, 15.1, 15.1) is Verdict.ACCEPT


def test_the_signalled_source_cannot_come_back_after_the_learning() -> None:
    latch = Latch(PRIVATE, False, 10)
    latch.consider(OTHER, 10, NEVER)
    assert latch.consider(PRIVATE, 16, 15.9) is Verdict.STRANGER


def test_strict_never_leaves_the_host() -> None:
    latch = Latch(PRIVATE, True, 10)
    assert latch.consider(OTHER, 100, NEVER) is Verdict.STRANGER
    assert latch.consider(Address(PRIVATE.host, 9), 100, NEVER) is Verdict.MOVE


def test_only_another_address_opens_the_learning_again() -> None:
    latch = Latch(PRIVATE, False, 10)
    latch.consider(OTHER, 10, NEVER)
    assert not latch.signal(PRIVATE, False, 20)
    assert latch.aim == OTHER
    assert latch.signal(PUBLIC, False, 30)
    assert latch.aim == PUBLIC


def test_a_stranger_is_dropped_and_counted(table: Desk) -> None:
    (a, alice), (b, bob) = table.open(), table.open()
    table.do(Bridge(1, (a, b)))
    table.talk(10, (alice, 1000))
    thief = Phone()
    table.phones.append(thief)
    thief.to = alice.to
    heard = len(bob.heard)
    for _ in range(20):
        thief.say(sine(3000, 0.02))
        alice.say(sine(1000, 0.02))
        table.step()
    assert len(bob.heard) == heard + 20
    assert thief.heard == []
    table.do(GetStats(a))
    stats = table.of(Stats)[-1].stats
    assert stats.strangers == 20
    assert stats.packets_in == 30
    assert table.of(Latched) == []


def test_a_phone_behind_another_port_is_found_and_sent_to(table: Desk) -> None:
    (a, alice), (b, bob) = table.open(), table.open()
    table.do(alice.remote(a, port=9))
    table.do(Bridge(1, (a, b)))
    table.talk(10, (alice, 1000), (bob, 400))
    assert len(bob.heard) == 10
    assert len(alice.heard) >= 9
    assert [(event.leg, event.port) for event in table.of(Latched)] == [(a, alice.port)]


def test_rubbish_latches_nothing(table: Desk) -> None:
    a, alice = table.open(port=9)
    for rubbish in (b"", b"x", bytes(172), b"\x80\x12" + bytes(170), bytes(2000)):
        alice.rtp.sendto(rubbish, alice.to)
    table.step()
    assert table.of(Latched) == []
    table.do(GetStats(a))
    assert table.of(Stats)[-1].stats.strangers == 5


def test_a_phone_that_changed_its_port_is_found_after_the_old_one_fell_silent(
    table: Desk,
) -> None:
    (a, alice), (b, bob) = table.open(), table.open()
    table.do(Bridge(1, (a, b)))
    table.talk(10, (alice, 1000))
    again = Phone(ssrc=77)
    table.phones.append(again)
    again.to = alice.to
    table.step(200)
    table.talk(10, (again, 1000), (bob, 400))
    assert len(again.heard) >= 9
    assert len(bob.heard) == 20
    headers = [h.header for h in bob.heard]
    assert [h.sequence - headers[0].sequence for h in headers] == list(range(20))
    assert headers[10].timestamp - headers[9].timestamp > 200 * 160


def test_a_closed_port_drains(table: Desk) -> None:
    a, alice = table.open()
    table.do(CloseLeg(a))
    _, bob = table.open()
    assert bob.to != alice.to
