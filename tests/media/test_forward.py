"""The packet loop: what is forwarded at once, what more slowly, and what not at all."""

import time
from collections.abc import Iterator

import numpy as np
import pytest

from media.codecs.g711 import LINEAR_TO_PCMA
from media.commands import Bridge, GetStats, Play, Stats
from media.native.functions import Loops
from media.native.pump import NOBODY
from tests.media.desk import EVENTS, Desk, desk, sine, strength


@pytest.fixture
def table(loops: Loops) -> Iterator[Desk]:
    with desk() as one:
        one.engine.use(loops)
        yield one


def sequences(phone_heard: list) -> list[int]:
    return [h.header.sequence for h in phone_heard]


def test_loss_and_order_of_the_source_stay_visible(table: Desk) -> None:
    (a, alice), (b, bob) = table.open(), table.open()
    table.do(Bridge(1, (a, b)))
    table.talk(20, (alice, 1000))
    for step in (2, -1, 2, 1):
        alice.sequence += step - 1
        alice.timestamp += (step - 1) * 160
        alice.say(sine(1000, 0.02))
        table.step()
    numbers = np.diff(sequences(bob.heard))[-4:]
    assert numbers.tolist() == [2, -1, 2, 1]


def test_a_source_that_begins_anew_is_continuous_for_the_other_side(table: Desk) -> None:
    (a, alice), (b, bob) = table.open(), table.open()
    table.do(Bridge(1, (a, b)))
    table.talk(20, (alice, 1000))
    alice.ssrc, alice.sequence, alice.timestamp = 4242, 9, 1
    table.talk(20, (alice, 1000))
    assert set(np.diff(sequences(bob.heard)).tolist()) == {1}
    assert len({h.header.ssrc for h in bob.heard}) == 1
    assert len(bob.heard) == 40


def test_the_change_of_a_source_within_one_tick_is_continuous(table: Desk) -> None:
    (a, alice), (b, bob) = table.open(), table.open()
    table.do(Bridge(1, (a, b)))
    table.talk(20, (alice, 1000))
    for _ in range(3):
        alice.say(sine(1000, 0.02))
    table.pump()
    alice.ssrc, alice.sequence, alice.timestamp = 4242, 60000, 7
    for _ in range(3):
        alice.say(sine(1000, 0.02))
    table.step()
    assert set(np.diff(sequences(bob.heard)).tolist()) == {1}


def test_a_source_that_begins_anew_twice_at_once_is_continuous(table: Desk) -> None:
    """What is not counted yet was sent on as the first one stood, and not the second."""
    (a, alice), (b, bob) = table.open(), table.open()
    table.do(Bridge(1, (a, b)))
    table.talk(11, (alice, 1000))
    for sequence in (40000, 700):
        alice.ssrc, alice.sequence = alice.ssrc + 1, sequence
        alice.say(sine(1000, 0.02))
    table.step()
    first = bob.heard[0].header.sequence
    assert [h.header.sequence - first for h in bob.heard] == list(range(13))


def test_few_numbers_are_counted_together_and_soon(table: Desk) -> None:
    """Not once a block, if nobody hears them; what is told of them is right all the same."""
    (a, alice), (b, _) = table.open(), table.open()
    table.do(Bridge(1, (a, b)))
    table.talk(20, (alice, 1000))
    table.engine.forwarder.absorb(table.now)
    row, counted = table.engine.legs[a].row, list[int]()
    said = int(table.engine.rows.packets_in[row])
    for _ in range(10):
        table.talk(5, (alice, 1000))
        counted.append(int(table.engine.rows.packets_in[row]) - said)
    assert len(set(counted)) < 6
    assert all(0 <= 5 * (i + 1) - count <= 15 for i, count in enumerate(counted))
    table.talk(2, (alice, 1000))
    table.do(GetStats(a))
    stats = table.of(Stats)[-1].stats
    assert (stats.packets_in, stats.lost_in) == (72, 0)


def test_numbers_do_not_wait_beside_what_is_kept(table: Desk) -> None:
    (a, alice), (b, _) = table.open(), table.open()
    table.do(Bridge(1, (a, b)))
    table.talk(20, (alice, 1000))
    forwarder = table.engine.forwarder
    forwarder.absorb(table.now)
    alice.say(sine(1000, 0.02))
    table.pump()
    assert forwarder.may_wait(table.now) and not forwarder.may_wait(table.now + 1)
    alice.say(sine(1000, 0.02), marker=True)
    table.pump()
    assert not forwarder.may_wait(table.now)


def test_what_is_no_packet_of_a_talker_ends_the_wait(table: Desk) -> None:
    """And is told at once, however long until the tick; packets meanwhile go on."""
    (a, alice), (b, bob) = table.open(), table.open()
    table.do(Bridge(1, (a, b)))
    table.talk(20, (alice, 1000))
    before, forwarder = len(bob.heard), table.engine.forwarder
    for awaited in (NOBODY, table.ready.fileno()):
        alice.say(sine(1000, 0.02))
        assert alice.to is not None
        alice.rtcp.sendto(b"a report", (alice.to[0], alice.to[1] + 1))
        until = time.monotonic() + 100
        others: list[int] = []
        while not others:
            others = forwarder.serve(table.ready, until, awaited)
            assert time.monotonic() < until
        for descriptor in others:
            table.handlers[descriptor](table.now)
    table.pump()
    bob.listen()
    assert len(bob.heard) == before + 2


def test_a_jump_of_numbers_is_closed_up(table: Desk) -> None:
    (a, alice), (b, bob) = table.open(), table.open()
    table.do(Bridge(1, (a, b)))
    table.talk(20, (alice, 1000))
    alice.sequence += 20000
    table.talk(20, (alice, 1000))
    numbers = sequences(bob.heard)
    assert (numbers[-1] - numbers[0]) & 0xFFFF < 45


def test_markers_and_other_lengths_take_the_slower_way(table: Desk) -> None:
    (a, alice), (b, bob) = table.open(), table.open()
    table.do(Bridge(1, (a, b)))
    table.talk(10, (alice, 1000))
    alice.say(sine(1000, 0.02), marker=True)
    table.step()
    alice.say(sine(1000, 0.03))
    table.step()
    table.talk(10, (alice, 1000))
    assert sum(h.header.marker for h in bob.heard) == 2
    assert 240 in [len(h.payload) for h in bob.heard]
    assert set(np.diff(sequences(bob.heard)).tolist()) == {1}


def test_no_number_is_used_twice_behind_what_is_unusual(table: Desk) -> None:
    """A key and a longer packet, sent on behind ordinary ones that are not counted yet; then a
    prompt goes on where the stream stands.
    """
    (a, alice), (b, bob) = table.open(), table.open()
    table.do(Bridge(1, (a, b)))
    table.talk(10, (alice, 1000))
    alice.say(sine(1000, 0.02))
    alice.send(EVENTS, bytes([5, 10, 0, 160]))
    alice.say(sine(1000, 0.03))
    table.step(10)
    table.do(Play(b, 1, ("tone:busy",)))
    table.until(lambda: len(bob.heard) > 20)
    first = bob.heard[0].header.sequence
    assert [h.header.sequence - first for h in bob.heard] == list(range(len(bob.heard)))


def test_extensions_padding_and_csrcs_do_not_reach_the_other_side(table: Desk) -> None:
    (a, alice), (b, bob) = table.open(), table.open()
    table.do(Bridge(1, (a, b)))
    payload = LINEAR_TO_PCMA[sine(1000, 0.02).view(np.uint16)].tobytes()
    head = bytes([0x80 | 0x20 | 0x10 | 1, 8, 0, 9, 0, 0, 1, 0, 0, 0, 0, 5])
    extras = bytes(4) + bytes([0xBE, 0xDE, 0, 1]) + bytes(4)
    alice.rtp.sendto(head + extras + payload + bytes([0, 0, 0, 4]), alice.to)
    table.step()
    assert [h.payload for h in bob.heard] == [payload]


def test_rubbish_is_counted_and_not_forwarded(table: Desk) -> None:
    (a, alice), (b, bob) = table.open(), table.open()
    table.do(Bridge(1, (a, b)))
    table.talk(5, (alice, 1000))
    for rubbish in (b"", b"x", bytes(172), b"\x80\x12" + bytes(170), b"\x9f\x08" + bytes(12)):
        alice.rtp.sendto(rubbish, alice.to)
        table.step()
    table.talk(5, (alice, 1000))
    assert len(bob.heard) == 10
    table.do(GetStats(a))
    assert table.of(Stats)[-1].stats.strangers == 5


def test_a_flood_from_the_source_itself_is_survived(table: Desk) -> None:
    (a, alice), (b, bob) = table.open(), table.open()
    table.do(Bridge(1, (a, b)))
    table.talk(10, (alice, 1000))
    alice.sequence += 5
    for _ in range(120):
        alice.say(sine(1000, 0.02))
    table.step()
    table.talk(20, (alice, 1000))
    assert strength(bob.audio()[-1600:], 1000) > 7000
    table.do(GetStats(a))
    assert table.of(Stats)[-1].stats.packets_in == 150
