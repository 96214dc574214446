"""What a tick made goes to its leg's phone and to nobody else, in either form of the loop."""

import socket
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import soundfile

from media.commands import Bridge, CloseLeg, Music, OpenLeg
from media.legs import Leg
from media.native.functions import Loops
from media.rtp import build_header
from media.srtp_commands import SrtpKeys
from media.transmitter import Transmitter
from tests.media.desk import HOST, Desk, Phone, desk, sine, strength
from tests.media.test_srtp import PROFILES, SecurePhone


@pytest.fixture
def table(loops: Loops) -> Iterator[Desk]:
    with desk() as one:
        one.engine.use(loops)
        yield one


@pytest.fixture
def music(tmp_path: Path) -> str:
    path = tmp_path / "music.wav"
    soundfile.write(path, sine(700, 2.0), 8000)
    return str(path)


def legs_of(table: Desk, *numbers: int) -> list[Leg]:
    return [table.engine.legs[number] for number in numbers]


def transmitter(table: Desk, loops: Loops, legs: list[Leg]) -> Transmitter:
    """Beside the engine's own, so that what is sent is what a test asks for."""
    one = Transmitter(table.engine.rows, table.engine.forwarder.records)
    one.use(loops)
    one.aim(legs)
    return one


def heard(phone: Phone) -> list[bytes]:
    found = []
    while True:
        try:
            found.append(phone.rtp.recv(2000))
        except BlockingIOError:
            return found


def test_each_phone_gets_what_stands_in_its_row(table: Desk, loops: Loops) -> None:
    (a, alice), (b, bob) = table.open(), table.open()
    rows, legs = table.engine.rows, legs_of(table, b, a)
    for leg in legs:
        rows.packets[leg.row] = leg.number
    sending = transmitter(table, loops, legs)
    for _ in range(2):
        sending.send()
    assert heard(alice) == [bytes([a]) * 172] * 2
    assert heard(bob) == [bytes([b]) * 172] * 2


def test_who_has_no_address_or_is_gone_keeps_nobody_else_from_his_own(
    table: Desk, loops: Loops
) -> None:
    (a, alice), (b, bob), (c, carol) = (table.open() for _ in range(3))
    table.do(OpenLeg(50, HOST))
    sending = transmitter(table, loops, legs_of(table, a, 50, b, c))
    alice.rtp.close()
    for _ in range(4):  # each second one meets the ICMP error about the one before
        sending.send()
    assert len(heard(bob)) == len(heard(carol)) == 4


def test_what_is_encrypted_is_sealed_in_its_turn(table: Desk, loops: Loops) -> None:
    keys = SrtpKeys(
        "AES_CM_128_HMAC_SHA1_80", *(b64encode(bytes([i] * 30)).decode() for i in (1, 2))
    )
    (a, alice), (b, bob), (c, carol) = table.open(), table.open(srtp=keys), table.open()
    sending = transmitter(table, loops, legs_of(table, a, b, c))
    table.engine.rows.packets[:, 0] = 0x80  # libsrtp looks at the version
    sending.send()
    assert [len(one) for one in heard(alice) + heard(carol)] == [172, 172]
    (sealed,) = heard(bob)
    assert len(sealed) == 182 and sealed[12:172] != bytes(160)


@pytest.mark.parametrize("suite", PROFILES)
def test_what_is_sealed_is_a_copy_and_its_neighbours_stay_as_they_are(
    table: Desk, loops: Loops, suite: str
) -> None:
    phones = [SecurePhone(suite, ssrc=i) for i in range(3)]
    legs = legs_of(table, *(table.open(phone)[0] for phone in phones))
    rows = table.engine.rows
    sending = transmitter(table, loops, legs)
    for number in range(5):
        for i, leg in enumerate(legs):
            made = build_header(8, number, 160 * number, 7777) + bytes([i]) * 160
            rows.packets[leg.row] = np.frombuffer(made, np.uint8)
        before = rows.packets.copy()
        sending.send()
        assert (rows.packets == before).all()
    for i, phone in enumerate(phones):
        phone.listen()
        assert [one.payload for one in phone.heard] == [bytes([i]) * 160] * 5


def test_more_descriptors_than_there_was_room_for(table: Desk, loops: Loops) -> None:
    """Records lie elsewhere then."""
    records = table.engine.forwarder.records
    (a, alice), phone = table.open(SecurePhone()), SecurePhone(ssrc=9)
    leg = table.engine.legs[a]
    records.words = records.words[: leg.line.descriptor + 1].copy()
    sending = transmitter(table, loops, [leg])
    before = records.words
    b, _ = table.open(phone)
    assert records.words is not before
    other = table.engine.legs[b]
    sending.aim([leg, other])
    for one in (leg, other):
        table.engine.rows.packets[one.row] = np.frombuffer(
            build_header(8, 1, 160, 7777) + bytes(160), np.uint8
        )
    sending.send()
    for one in (alice, phone):
        one.listen()
        assert len(one.heard) == 1


def test_nobody_is_a_tick_too(table: Desk, loops: Loops) -> None:
    sending = transmitter(table, loops, [])
    sending.send()
    assert not sending.rows.size


@contextmanager
def next_are_those_of(leg: Leg) -> Iterator[None]:
    """All numbers below are taken: once the leg is closed its numbers are the next ones."""
    taken = [socket.socket()]
    while taken[-1].fileno() < leg.line.descriptor:
        taken.append(socket.socket())
    yield
    for one in taken:
        one.close()


def test_a_closed_talkers_number_is_never_sent_to(table: Desk, loops: Loops) -> None:
    """Not even while the leg that is gone is still among those who are spoken to."""
    (a, alice), (b, bob), carol = table.open(), table.open(), Phone()
    leg, other = legs_of(table, a, b)
    sending, number = transmitter(table, loops, [leg, other]), leg.line.descriptor
    with next_are_those_of(leg):
        table.do(CloseLeg(a))
        c, _ = table.open(carol)
        assert legs_of(table, c)[0].line.descriptor == number
        sending.send()
    # The new leg has another row: what stands in the old one is for nobody.
    assert not heard(alice) and not heard(carol) and len(heard(bob)) == 1


def test_music_of_a_closed_leg_is_not_heard_by_who_has_its_descriptor(
    table: Desk, music: str
) -> None:
    (a, alice), (b, bob) = table.open(), table.open()
    for leg in (a, b):
        table.do(Music(leg, music))
    table.until(lambda: len(alice.heard) > 2 and len(bob.heard) > 2)
    (leg,), carol = legs_of(table, a), Phone()
    number, silent, before = leg.line.descriptor, len(alice.heard), len(bob.heard)
    with next_are_those_of(leg):
        table.do(CloseLeg(a))
        c, _ = table.open(carol)
        assert legs_of(table, c)[0].line.descriptor == number
        table.step(5)
    assert len(bob.heard) == before + 5 and len(alice.heard) == silent
    assert not carol.heard


def test_who_cannot_be_reached_any_more_is_not_spoken_to_at_his_old_number(
    table: Desk, loops: Loops
) -> None:
    (a, alice), carol, c = table.open(), Phone(), 50
    table.phones.append(carol)
    table.do(OpenLeg(c, HOST))  # its talker comes with its address
    (leg,) = legs_of(table, a)
    sending, number = transmitter(table, loops, [leg]), leg.line.descriptor
    with next_are_those_of(leg):
        table.do(alice.remote(a, host="nowhere.example"))
        table.do(carol.remote(c))
        assert legs_of(table, c)[0].line.descriptor == number
        sending.send()
    assert not heard(alice) and not heard(carol)


def test_a_phone_that_moves_is_followed_at_once(table: Desk, music: str) -> None:
    """Its old descriptor is closed between two changes of who is spoken to."""
    a, alice = table.open()
    table.do(Music(a, music))
    table.until(lambda: len(alice.heard) > 2)
    moved = Phone(ssrc=alice.ssrc)
    table.phones.append(moved)
    moved.to, silent = alice.to, len(alice.heard)
    table.now += 5.0  # so long that another source may be the phone
    for _ in range(3):
        moved.say(np.zeros(160, np.int16))
        table.pump()
    table.step(5)
    assert len(moved.heard) == 5 and len(alice.heard) == silent


def test_a_mix_is_heard_by_its_room_alone(table: Desk) -> None:
    legs = [table.open() for _ in range(6)]
    table.do(Bridge(1, tuple(leg for leg, _ in legs[:3])))
    table.do(Bridge(2, tuple(leg for leg, _ in legs[3:])))
    table.talk(40, (legs[0][1], 500), (legs[3][1], 900))
    for _, phone in legs[1:3]:
        assert strength(phone.audio()[3200:], 500) > 5000 > 100 > strength(phone.audio(), 900)
    for _, phone in legs[4:]:
        assert strength(phone.audio()[3200:], 900) > 5000 > 100 > strength(phone.audio(), 500)
