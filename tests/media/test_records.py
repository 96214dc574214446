"""Where a voice goes: never to whoever has the descriptor of somebody who is gone."""

import os
import random
import weakref
from collections.abc import Iterator

import numpy as np
import pytest
from pylibsrtp import Policy, Session

from media.commands import Bridge, CloseLeg, Echo, Failed, Unbridge
from media.libsrtp import address_of
from media.native.functions import Loops
from media.native.pump import (
    BLANK,
    HIGH,
    KEY,
    NEVER,
    NOBODY,
    NOTHING,
    OPEN,
    OUT,
    PLAIN,
    ROW,
    SEAL,
    SEALED,
    UNREAD,
    key_of,
)
from media.records import Records
from tests.media.desk import Desk, Phone, desk
from tests.media.test_srtp import PROFILES, SecurePhone


@pytest.fixture
def table(loops: Loops) -> Iterator[Desk]:
    with desk() as one:
        one.engine.forwarder.use(loops)
        yield one


def test_whoever_is_closed_is_struck_out_of_all_records() -> None:
    records = Records(8)
    for descriptor in (3, 4, 5):
        records.open(descriptor, descriptor)
    records.arm(3, key_of(8, 1), 4, key_of(8, 2), (0, 0))
    records.arm(5, key_of(8, 1), 4, key_of(8, 2), (0, 0))
    records.close(4)
    assert tuple(records.words[4]) == BLANK
    for descriptor in (3, 5):
        assert records.words[descriptor, OUT] == NOBODY
        assert records.words[descriptor, KEY] == NEVER


def test_whoever_sealed_for_one_who_is_closed_sends_nothing_there() -> None:
    records = Records(8)
    records.open(3, 3)
    records.open(4, 4, Session(Policy(bytes(30), Policy.SSRC_ANY_OUTBOUND)))
    records.arm(3, key_of(8, 1), SEALED - 4, key_of(8, 2), (0, 0))
    records.close(4)
    assert records.words[3, [KEY, OUT]].tolist() == [NEVER, NOBODY]


def test_a_session_lives_as_long_as_a_record_leads_to_it() -> None:
    records = Records(8)
    opener, other = (Session(Policy(bytes(30), Policy.SSRC_ANY_INBOUND)) for _ in range(2))
    sealer = Session(Policy(bytes(30), Policy.SSRC_ANY_OUTBOUND))
    living = [weakref.ref(one) for one in (opener, other, sealer)]
    wanted = [address_of(opener), address_of(sealer)]
    records.open(4, 7, sealer)
    assert records.words[4, OPEN] == UNREAD
    records.admit(4, opener)
    assert records.words[4, [OPEN, SEAL]].tolist() == wanted
    del opener, sealer
    assert all(one() is not None for one in living)
    records.open(1000, 8)  # they lie elsewhere now
    assert records.words[4, [OPEN, SEAL]].tolist() == wanted
    records.admit(4, other)
    assert records.words[4, OPEN] == address_of(other) and living[0]() is None
    del other
    records.open(4, 9)
    assert not any(one() for one in living)
    assert records.words[4, [OPEN, SEAL]].tolist() == [UNREAD, PLAIN]


def test_what_was_opened_before_is_not_told_anew() -> None:
    """Whoever is admitted once more goes on; another session begins with a look."""
    records = Records(8)
    one, other = (Session(Policy(bytes(30), Policy.SSRC_ANY_INBOUND)) for _ in range(2))
    records.open(4, 7)
    records.admit(4, one)
    records.words[4, HIGH] = 5
    records.admit(4, one)
    assert records.words[4, HIGH] == 5
    records.admit(4, other)
    assert records.words[4, HIGH] == NOTHING


def test_records_grow_and_keep_what_they_hold() -> None:
    records = Records(8)
    assert not records.open(7, 70)
    records.admit(7)
    assert records.open(1000, 71)
    assert not records.open(1001, 72)
    records.admit(1001)
    assert records.words[[7, 1000, 1001], ROW].tolist() == [70, 71, 72]
    assert records.words[[7, 1000, 1001], OPEN].tolist() == [PLAIN, UNREAD, PLAIN]
    records.disarm(-1)  # of a leg without a talker
    assert tuple(records.words[-1]) == BLANK


def test_more_descriptors_than_there_was_room_for(table: Desk) -> None:
    records = table.engine.forwarder.records
    records.words = np.full((1, len(BLANK)), BLANK, np.int64)
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
    words = forwarder.records.words
    # Of all others nothing is read, and nothing leads to a session.
    used = (words[:, OPEN] != UNREAD) | (words[:, SEAL] != PLAIN)
    secure = {d for d, line in forwarder.lines.items() if line.srtp is not None}
    waiting = {d for d in secure if words[d, OPEN] == UNREAD}  # nothing was authentic yet
    assert set(np.flatnonzero(used).tolist()) == set(forwarder.lines)
    for descriptor, line in forwarder.lines.items():
        opener, sealer = PLAIN, PLAIN
        if line.srtp is not None:
            assert line.srtp.sealer is not None
            sealer = address_of(line.srtp.sealer)
            opener = UNREAD if line.srtp.opener is None else address_of(line.srtp.opener)
        assert words[descriptor, SEAL] == sealer
        assert words[descriptor, OPEN] == opener or descriptor in waiting
        key, out = words[descriptor, [KEY, OUT]].tolist()
        if key != NEVER and out != NOBODY:
            assert line.target is not None and line.target.way_out == out


@pytest.mark.parametrize("seed", range(6))
def test_no_voice_goes_astray_property(table: Desk, seed: int) -> None:
    """Legs come and go, are joined, parted and moved by chance, while all of them talk: a packet
    that comes to a phone is of whom it is joined with when it is sent, and of nobody else.
    """
    rng = random.Random(seed)
    phones = dict[int, Phone]()
    peer = dict[int, int]()
    keys = iter(range(1, 255))
    in_secret = 0

    def phone_of(source: int, is_secure: bool) -> Phone:
        if not is_secure:
            return Phone(ssrc=source)
        phone = SecurePhone(ssrc=source)
        phone.agree(rng.choice(list(PROFILES)), next(keys), next(keys))
        return phone

    def part(leg: int) -> None:
        for one in (leg, peer.get(leg, leg)):
            peer.pop(one, None)

    for step in range(200):
        what = rng.randrange(7)
        free = [leg for leg in phones if leg not in peer]
        if what == 0 and len(phones) < 10:
            # Not even SSRCs differ.
            leg, phone = table.open(phone_of(rng.randrange(3), rng.random() < 0.5))
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
            phone = phone_of(phones[leg].ssrc, rng.random() < 0.5)
            phone.to = phones[leg].to
            table.phones.append(phone)
            phones[leg] = phone
            table.do(phone.remote(leg))
        elif what == 5 and free:
            leg = rng.choice(free)
            table.do(Echo(leg, True))
            table.do(Echo(leg, False))
        elif what == 6 and phones:
            leg, phone = rng.choice(list(phones.items()))
            if isinstance(phone, SecurePhone):
                phone.agree(rng.choice(list(PROFILES)), next(keys), next(keys))
                table.do(phone.remote(leg))
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
            in_secret += bool(heard) and isinstance(phone, SecurePhone)
    assert in_secret > 20 and not table.of(Failed)


def test_they_do_hear_each_other(table: Desk) -> None:
    """What the test above takes for granted."""
    (a, alice), (b, bob) = table.open(Phone(ssrc=1)), table.open(Phone(ssrc=1))
    table.do(Bridge(1, (a, b)))
    for _ in range(5):
        say(table, alice)
        say(table, bob)
        table.step()
    assert (voices(alice), voices(bob)) == ({2}, {1})
