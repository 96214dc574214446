"""Where a voice goes: never to whoever has the descriptor of somebody who is gone."""

import os
import random
from collections.abc import Iterator

import numpy as np
import pytest

from media.commands import Bridge, CloseLeg, Echo, Unbridge
from media.native.functions import Loops
from media.native.pump import IS_TALKER, KEY, NEVER, NOBODY, OUT, ROW, key_of
from media.records import Records
from tests.media.desk import Desk, Phone, desk


@pytest.fixture
def table(loops: Loops) -> Iterator[Desk]:
    with desk() as one:
        one.engine.forwarder.use(loops)
        yield one


def test_whoever_is_closed_is_struck_out_of_all_records() -> None:
    records = Records(8)
    for descriptor in (3, 4, 5):
        records.open(descriptor, descriptor, True)
    records.arm(3, key_of(8, 1), 4, key_of(8, 2), (0, 0))
    records.arm(5, key_of(8, 1), 4, key_of(8, 2), (0, 0))
    records.close(4)
    assert not records.words[4].any()
    for descriptor in (3, 5):
        assert records.words[descriptor, OUT] == NOBODY
        assert records.words[descriptor, KEY] == NEVER


def test_records_grow_and_keep_what_they_hold() -> None:
    records = Records(8)
    assert not records.open(7, 70, True)
    assert records.open(1000, 71, False)
    assert not records.open(1001, 72, True)
    assert records.words[[7, 1000, 1001], ROW].tolist() == [70, 71, 72]
    assert records.words[[7, 1000, 1001], IS_TALKER].tolist() == [1, 0, 1]
    records.disarm(-1)  # of a leg without a talker
    assert not records.words[-1].any()


def test_more_descriptors_than_there_was_room_for(table: Desk) -> None:
    records = table.engine.forwarder._records
    records.words = np.zeros((1, 8), np.int64)
    (a, alice), (b, bob) = table.open(), table.open()
    table.do(Bridge(1, (a, b)))
    table.talk(20, (alice, 1000))
    assert len(bob.heard) == 20


# What all voices here begin with: a machine's ports are reused, and other programs' calls go on.
OURS = os.urandom(8)


def voice_of(table: Desk, phone: Phone) -> int:
    return table.phones.index(phone) + 1


def say(table: Desk, phone: Phone) -> None:
    """A packet that says whose it is."""
    phone.send(phone.payload_type, OURS + bytes([voice_of(table, phone)]) * 152)
    phone.timestamp += 160


def voices(phone: Phone) -> set[int]:
    """Whom the phone has heard."""
    return {heard.payload[8] for heard in phone.heard if heard.payload.startswith(OURS)}


def test_a_talker_in_the_place_of_one_who_left_hears_nothing_of_it(table: Desk) -> None:
    """The descriptor of the leg that is closed is the next one that is given out."""
    (a, alice), (b, bob) = table.open(), table.open()
    table.do(Bridge(1, (a, b)))
    for _ in range(10):
        say(table, alice)
        table.step()
    gone = table.engine.legs[b].line.descriptor
    table.do(CloseLeg(b))
    (c, carol), (d, _) = table.open(), table.open()
    taken = {table.engine.legs[leg].line.descriptor for leg in (c, d)}
    assert gone in taken or any(
        leg.sockets.catcher.fileno() == gone or leg.sockets.control.fileno() == gone
        for leg in table.engine.legs.values()
    )
    for _ in range(10):
        say(table, alice)
        table.step()
    assert not voices(carol) and len(bob.heard) == 10


def test_a_phone_that_moves_takes_its_records_along(table: Desk) -> None:
    """A re-INVITE to another address: a new talker, often with the old one's number."""
    (a, alice), (b, bob) = table.open(), table.open()
    table.do(Bridge(1, (a, b)))
    for _ in range(10):
        say(table, alice)
        table.step()
    moved = Phone()
    table.phones.append(moved)
    table.do(moved.remote(b))
    for _ in range(10):
        say(table, alice)
        table.step()
    assert (len(bob.heard), len(moved.heard)) == (10, 10)
    table.do(moved.remote(b, host="0.0.0.0", port=0, send=False))
    say(table, alice)
    table.step()
    assert len(moved.heard) == 10


def records_are_true(table: Desk) -> None:
    """Of talkers that there are, and leading where their legs do."""
    forwarder = table.engine.forwarder
    words = forwarder._records.words
    assert set(np.flatnonzero(words[:, IS_TALKER]).tolist()) == set(forwarder.lines)
    for descriptor, line in forwarder.lines.items():
        key, out = words[descriptor, [KEY, OUT]].tolist()
        if key != NEVER and out != NOBODY:
            assert line.target is not None and line.target.descriptor == out


@pytest.mark.parametrize("seed", range(6))
def test_no_voice_goes_astray_property(table: Desk, seed: int) -> None:
    """Legs come and go, are joined, parted and moved by chance, while all of them talk: a packet
    that comes to a phone is of whom it is joined with when it is sent, and of nobody else.
    """
    rng = random.Random(seed)
    phones = dict[int, Phone]()
    peer = dict[int, int]()

    def part(leg: int) -> None:
        for one in (leg, peer.get(leg, leg)):
            peer.pop(one, None)

    for step in range(200):
        what = rng.randrange(6)
        free = [leg for leg in phones if leg not in peer]
        if what == 0 and len(phones) < 10:
            leg, phone = table.open(Phone(ssrc=rng.randrange(3)))  # not even SSRCs differ
            phones[leg] = phone
        elif what == 1 and phones:
            leg = rng.choice(list(phones))
            table.do(CloseLeg(leg))
            part(leg)
            del phones[leg]
        elif what == 2 and len(free) > 1:
            a, b = rng.sample(free, 2)
            table.do(Bridge(min(a, b), (a, b)))
            peer[a], peer[b] = b, a
        elif what == 3 and peer:
            leg = rng.choice(list(peer))
            table.do(Unbridge(min(leg, peer[leg])))
            part(leg)
        elif what == 4 and phones:
            leg = rng.choice(list(phones))
            phone = Phone(ssrc=phones[leg].ssrc)
            phone.to = phones[leg].to
            table.phones.append(phone)
            phones[leg] = phone
            table.do(phone.remote(leg))
        elif what == 5 and free:
            leg = rng.choice(free)
            table.do(Echo(leg, True))
            table.do(Echo(leg, False))
        records_are_true(table)
        for phone in table.phones:
            phone.heard.clear()
        for phone in phones.values():
            say(table, phone)
        table.step()
        for phone in table.phones:
            leg = next((one for one, its in phones.items() if its is phone), None)
            wanted = voice_of(table, phones[peer[leg]]) if leg in peer else None
            heard = voices(phone)
            assert heard <= {wanted}, f"step {step}: leg {leg} heard {heard}, wanted {wanted}"


def test_they_do_hear_each_other(table: Desk) -> None:
    """What the test above takes for granted."""
    (a, alice), (b, bob) = table.open(Phone(ssrc=1)), table.open(Phone(ssrc=1))
    table.do(Bridge(1, (a, b)))
    for _ in range(5):
        say(table, alice)
        say(table, bob)
        table.step()
    assert (voices(alice), voices(bob)) == ({2}, {1})
