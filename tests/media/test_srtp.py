"""Encrypted legs, with pylibsrtp as the far phone: forwarded, mixed, rekeyed, forged, repeated."""

import base64
import weakref
from collections.abc import Iterator
from typing import Any

import pytest
from pylibsrtp import Error, Policy, Session

from media import libsrtp
from media.commands import (
    Bridge,
    CloseLeg,
    Failed,
    GetStats,
    Play,
    SetRemote,
    Stats,
)
from media.native.functions import Loops
from media.native.pump import OPEN, SEAL, UNREAD
from media.rtcp import SenderReport, parse_compound
from media.rtp import build_header
from media.srtp import Srtp, SrtpError
from media.srtp_commands import Rolled, SrtpKeys
from tests.media.desk import EVENTS, PCMA, PCMU, Desk, Phone, desk, sine, strength

PROFILES = {
    "AES_CM_128_HMAC_SHA1_80": (Policy.SRTP_PROFILE_AES128_CM_SHA1_80, 30),
    "AES_CM_128_HMAC_SHA1_32": (Policy.SRTP_PROFILE_AES128_CM_SHA1_32, 30),
    "AEAD_AES_128_GCM": (Policy.SRTP_PROFILE_AEAD_AES_128_GCM, 28),
    "AEAD_AES_256_GCM": (Policy.SRTP_PROFILE_AEAD_AES_256_GCM, 44),
}
USUAL = "AES_CM_128_HMAC_SHA1_80"


def text(key: bytes) -> str:
    return base64.b64encode(key).decode()


class Wire:
    """What a phone's socket looks like to it: plain inside, encrypted outside."""

    def __init__(self, socket: Any, phone: "SecurePhone") -> None:
        self._socket, self._phone = socket, phone
        self.seen: list[bytes] = []

    def sendto(self, packet: bytes, to: Any) -> None:
        self._socket.sendto(self._phone.tx.protect(packet), to)

    def recv(self, size: int) -> bytes:
        data = self._socket.recv(size)
        self.seen.append(data)
        return self._phone.opened(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)


class SecurePhone(Phone):
    def __init__(self, suite: str = USUAL, payload_type: int = PCMA, ssrc: int = 0x55) -> None:
        super().__init__(payload_type, ssrc)
        self.wire = Wire(self.rtp, self)
        self.rtp = self.wire  # type: ignore[assignment]
        self.agree(suite, 1, 2)

    def agree(self, suite: str, ours: int, theirs: int) -> None:
        """`ours`, `theirs`: which key the phone and the engine send with."""
        self.suite = suite
        profile, size = PROFILES[suite]
        self.keys = bytes([ours]) * size, bytes([theirs]) * size
        self.tx = Session(Policy(self.keys[0], Policy.SSRC_ANY_OUTBOUND, srtp_profile=profile))
        self.rx = Session(Policy(self.keys[1], Policy.SSRC_ANY_INBOUND, srtp_profile=profile))

    def opened(self, packet: bytes) -> bytes:
        return bytes(self.rx.unprotect(packet))

    def talk_for_long(self, rollover: int) -> None:
        """Its stream is so often 22 minutes old; it goes on in the middle of a round."""
        for index in range(0, (rollover << 16) + 0x8000, 0x4000):
            self.tx.protect(build_header(PCMA, index & 0xFFFF, 0, self.ssrc) + bytes(160))
        self.sequence = 0x8000

    def remote(self, leg: int, **changes: Any) -> SetRemote:
        keys = SrtpKeys(self.suite, text(self.keys[1]), text(self.keys[0]))
        return super().remote(leg, **({"srtp": keys} | changes))


@pytest.fixture
def table(loops: Loops) -> Iterator[Desk]:
    with desk() as one:
        one.engine.use(loops)
        yield one


@pytest.mark.parametrize("suite", PROFILES)
def test_an_encrypted_phone_talks_with_a_plain_one(table: Desk, suite: str) -> None:
    first, a = table.open(SecurePhone(suite))
    second, b = table.open(Phone())
    table.do(Bridge(1, (first, second)))
    table.talk(50, (a, 440), (b, 1000))
    assert strength(b.audio()[-3200:], 440) > 7000
    assert strength(a.audio()[-3200:], 1000) > 7000
    # The header is readable, the sound is not.
    sealed = a.wire.seen[-1]  # type: ignore[attr-defined]
    plain = a.heard[-1]
    assert len(sealed) > 12 + len(plain.payload)
    assert plain.payload not in sealed
    assert not table.of(Failed)


def test_two_encrypted_phones_with_keys_of_their_own(table: Desk) -> None:
    first, a = table.open(SecurePhone(USUAL))
    second, b = table.open(SecurePhone("AEAD_AES_256_GCM", ssrc=0x77))
    table.do(Bridge(1, (first, second)))
    table.talk(50, (a, 440), (b, 1000))
    assert strength(b.audio()[-3200:], 440) > 7000
    assert strength(a.audio()[-3200:], 1000) > 7000
    a.send(EVENTS, bytes([5, 0x8A, 3, 0x20]))
    table.step(3)
    assert [one.payload[0] for one in b.heard if one.header.payload_type == EVENTS] == [5]


def test_a_conference_and_a_prompt(table: Desk) -> None:
    first, a = table.open(SecurePhone())
    second, b = table.open(Phone(PCMU, ssrc=2))
    third, c = table.open(Phone(ssrc=3))
    table.do(Bridge(1, (first, second, third)))
    table.talk(50, (a, 440), (b, 1000))
    assert strength(a.audio()[-3200:], 1000) > 6000
    assert strength(c.audio()[-3200:], 440) > 6000
    a.heard.clear()
    table.do(Play(first, 5, ("tone:busy",)))
    table.until(lambda: len(a.heard) > 20)
    assert strength(a.audio()[-1600:], 425) > 1000


def test_what_is_plain_forged_or_repeated_is_not_heard(table: Desk) -> None:
    first, a = table.open(SecurePhone())
    second, b = table.open(Phone())
    table.do(Bridge(1, (first, second)))
    table.talk(10, (a, 440))
    heard = len(b.heard)
    forged = build_header(PCMA, a.sequence, a.timestamp, a.ssrc) + bytes(160)
    a.plain.sendto(forged, a.to)
    a.plain.sendto(forged + bytes(10), a.to)
    sealed = a.tx.protect(build_header(PCMA, a.sequence, a.timestamp, a.ssrc) + bytes(160))
    for _ in range(3):
        a.plain.sendto(sealed, a.to)
    table.step(3)
    assert len(b.heard) == heard + 1
    table.do(GetStats(first))
    assert table.of(Stats)[-1].stats.strangers == 4


def test_a_stranger_without_the_key_cannot_take_the_leg(table: Desk) -> None:
    first, a = table.open(SecurePhone(), port=9)  # the signalled port is not the phone's own
    second, b = table.open(Phone())
    table.do(Bridge(1, (first, second)))
    thief = Phone(ssrc=a.ssrc)
    table.phones.append(thief)
    thief.to = a.to
    table.now += 1
    table.talk(5, (thief, 700))
    assert not b.heard
    table.talk(20, (a, 440), (b, 1000))
    assert strength(b.audio()[-1600:], 440) > 7000
    assert strength(a.audio()[-1600:], 1000) > 7000
    assert not thief.heard


def test_another_key_in_the_middle_of_a_call(table: Desk) -> None:
    first, a = table.open(SecurePhone())
    second, b = table.open(Phone())
    table.do(Bridge(1, (first, second)))
    table.talk(20, (a, 440), (b, 1000))
    sequence = a.heard[-1].header.sequence
    a.agree("AEAD_AES_128_GCM", 3, 4)
    table.do(a.remote(first))
    table.talk(20, (a, 700), (b, 1300))
    assert strength(b.audio()[-1600:], 700) > 7000
    assert strength(a.audio()[-1600:], 1300) > 7000
    assert a.heard[-1].header.sequence > sequence


def test_the_same_agreement_again_leaves_the_streams_where_they_are(table: Desk) -> None:
    first, a = table.open(SecurePhone())
    second, b = table.open(Phone())
    table.do(Bridge(1, (first, second)))
    table.talk(20, (a, 440), (b, 1000))
    cipher = table.engine.legs[first].srtp
    table.do(a.remote(first))
    assert table.engine.legs[first].srtp is cipher
    # Packets of before are still refused as repeated.
    old = a.wire.seen[-1]  # type: ignore[attr-defined]
    with pytest.raises(Error):
        a.rx.unprotect(old)
    table.talk(20, (a, 440), (b, 1000))
    assert strength(a.audio()[-1600:], 1000) > 7000
    assert strength(b.audio()[-1600:], 440) > 7000


def test_from_plain_to_encrypted_and_back(table: Desk) -> None:
    first, a = table.open(SecurePhone())
    second, b = table.open(Phone())
    table.do(Bridge(1, (first, second)))
    table.talk(15, (a, 440))
    table.do(a.remote(first, srtp=None))
    a.rtp = a.plain
    table.talk(15, (a, 700), (b, 1000))
    assert strength(b.audio()[-1600:], 700) > 7000
    assert strength(a.audio()[-1600:], 1000) > 7000


@pytest.mark.parametrize("suite", [USUAL, "AEAD_AES_128_GCM"])
@pytest.mark.parametrize("told", [2, 3])
def test_whoever_begins_to_listen_late_is_told_where_the_stream_is(
    table: Desk, suite: str, told: int
) -> None:
    phone = SecurePhone(suite)
    first, a = table.open(phone)
    second, b = table.open(Phone())
    table.do(Bridge(1, (first, second)))
    phone.talk_for_long(3)
    table.talk(20, (a, 440))
    assert not b.heard
    table.do(GetStats(first))
    assert table.of(Stats)[-1].stats.strangers == 20
    # A successor: another leg object with the same keys; the counter may have stepped meanwhile.
    table.engine.legs[first].srtp = None
    keys = SrtpKeys(suite, text(phone.keys[1]), text(phone.keys[0]), phone.ssrc, told)
    table.do(phone.remote(first, srtp=keys, payload_type=PCMA))
    table.do(phone.remote(first, srtp=keys, port=9))
    table.do(phone.remote(first, srtp=keys))
    table.talk(20, (a, 440))
    assert strength(b.audio()[-1600:], 440) > 7000
    assert Rolled(first, phone.ssrc, 3) in table.of(Rolled)


def test_each_round_of_sequence_numbers_is_told(table: Desk) -> None:
    first, a = table.open(SecurePhone())
    table.talk(5, (a, 440))
    for _ in range(9):
        a.sequence += 0x4000
        table.talk(2, (a, 440))
    assert table.of(Rolled) == [Rolled(first, a.ssrc, 1), Rolled(first, a.ssrc, 2)]
    a.ssrc += 1
    a.sequence += 256  # it is looked at once in so many packets
    table.talk(2, (a, 440))
    assert table.of(Rolled)[-1] == Rolled(first, a.ssrc, 0)


@pytest.mark.parametrize("goes_on", [True, False])
def test_another_key_in_a_long_call(table: Desk, goes_on: bool) -> None:
    """RFC 3711 3.3.1: the counter goes on; with some phones it does not."""
    phone = SecurePhone()
    first, a = table.open(phone)
    second, b = table.open(Phone())
    table.do(Bridge(1, (first, second)))
    table.talk(5, (a, 440))
    for _ in range(5):
        a.sequence += 0x4000
        table.talk(2, (a, 440))
    sequence = a.sequence
    phone.agree(USUAL, 3, 4)
    if goes_on:
        phone.talk_for_long(1)
    a.sequence = sequence
    table.do(phone.remote(first))
    b.heard.clear()
    table.talk(20, (a, 700))
    assert strength(b.audio()[-1600:], 700) > 7000
    a.sequence += 0x4000
    table.talk(2, (a, 440))


def test_reports_are_encrypted_too(table: Desk) -> None:
    first, a = table.open(SecurePhone())
    second, b = table.open(Phone())
    table.do(Bridge(1, (first, second)))
    table.talk(260, (a, 440), (b, 1000))
    table.do(CloseLeg(first))
    sealed = a.reports()
    assert sealed
    opened = [parse_compound(a.rx.unprotect_rtcp(one))[0] for one in sealed]
    assert any(isinstance(one, SenderReport) for one in opened)


def test_a_report_is_taken_only_if_it_is_authentic(table: Desk) -> None:
    first, a = table.open(SecurePhone())
    second, b = table.open(Phone())
    table.do(Bridge(1, (first, second)))
    table.talk(10, (a, 440), (b, 1000))
    ssrc = a.heard[-1].header.ssrc
    # RFC 3550 6.4.2: a receiver report with one block, a quarter lost.
    report = bytes([0x81, 201, 0, 7]) + a.ssrc.to_bytes(4, "big") + ssrc.to_bytes(4, "big")
    report += bytes([64]) + bytes(19)
    to = (a.to[0], a.to[1] + 1)
    for data, known in ((report, None), (a.tx.protect_rtcp(report), 0.25)):
        a.rtcp.sendto(data, to)
        table.step(2)
        table.do(GetStats(first))
        assert table.of(Stats)[-1].stats.loss_remote == known


@pytest.mark.parametrize(
    "keys",
    [
        SrtpKeys("AES_256_CM", "AAAA", "AAAA"),
        SrtpKeys(USUAL, "AAAA", text(bytes(30))),
        SrtpKeys(USUAL, text(bytes(30)), "not base64"),
    ],
)
def test_keys_that_are_none_are_refused_and_never_told(table: Desk, keys: SrtpKeys) -> None:
    with pytest.raises(SrtpError):
        Srtp(keys, lambda: None)
    leg, phone = table.open()
    table.do(phone.remote(leg, srtp=keys))
    (failed,) = table.of(Failed)
    assert "not base64" not in failed.reason
    assert "AAAA" not in failed.reason
    assert "AAAA" not in repr(phone.remote(leg, srtp=keys))


def test_from_its_keys_on_nothing_plain_is_sent_to_a_leg(table: Desk) -> None:
    """Agreed on in a re-INVITE, while packets of another one are forwarded to it."""
    phone = SecurePhone()
    phone.rtp = phone.plain  # type: ignore[assignment]
    (first, a), (second, b) = table.open(), table.open(phone, srtp=None)
    table.do(Bridge(1, (first, second)))
    table.talk(10, (a, 1000))
    assert len(b.heard) == 10
    phone.rtp = phone.wire  # type: ignore[assignment]
    table.do(phone.remote(second))
    table.talk(10, (a, 1000))
    assert len(b.heard) == 20 and len(phone.wire.seen) == 10
    assert {len(packet) for packet in phone.wire.seen} == {172 + 10}


def never(*_: object) -> int:
    raise AssertionError("this is the packet loop's")


def test_once_something_was_authentic_python_opens_and_seals_nothing(table: Desk) -> None:
    first, a = table.open(SecurePhone())
    second, b = table.open(SecurePhone("AEAD_AES_128_GCM", ssrc=0x77))
    table.do(Bridge(1, (first, second)))
    table.talk(10, (a, 440), (b, 1000))
    for leg in table.engine.legs.values():
        assert leg.srtp is not None
        leg.srtp._unseal, leg.line.receive, leg.line.transmit = never, never, never
    a.heard.clear()
    b.heard.clear()
    table.talk(40, (a, 440), (b, 1000))
    assert len(a.heard) == len(b.heard) == 40
    assert strength(b.audio(), 440) > 7000 and strength(a.audio(), 1000) > 7000


def test_where_libsrtp_is_pythons_alone_calls_go_on(
    table: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(libsrtp, "IS_IN_PLACE", False)
    first, a = table.open(SecurePhone())
    second, b = table.open(Phone())
    table.do(Bridge(1, (first, second)))
    table.talk(50, (a, 440), (b, 1000))
    assert len(a.heard) == len(b.heard) == 50
    assert strength(b.audio()[-3200:], 440) > 7000
    assert strength(a.audio()[-3200:], 1000) > 7000
    words = table.engine.forwarder.records.words
    assert set(words[:, SEAL].tolist()) == {0} and set(words[:, OPEN].tolist()) == {0, UNREAD}
    table.do(Play(first, 5, ("tone:busy",)))
    a.heard.clear()
    table.until(lambda: len(a.heard) > 20)
    assert strength(a.audio()[-1600:], 425) > 1000


def test_packets_on_their_way_while_the_keys_change_are_nothing(table: Desk) -> None:
    """What waits in the socket was sealed with a key that is no more, and so is its session."""
    phone = SecurePhone()
    first, a = table.open(phone)
    second, b = table.open(Phone())
    table.do(Bridge(1, (first, second)))
    for i in range(20):
        table.talk(5, (a, 440), (b, 1000))
        cipher = table.engine.legs[first].srtp
        assert cipher is not None and cipher.opener is not None
        gone = [weakref.ref(one) for one in (cipher.opener, cipher.sealer)]
        heard = len(b.heard)
        for _ in range(3):
            a.say(sine(440, 0.02))
            b.say(sine(1000, 0.02))
        phone.agree(list(PROFILES)[i % 4], 2 * i + 3, 2 * i + 4)
        table.do(phone.remote(first))
        assert not any(one() for one in gone)
        table.step()
        assert len(b.heard) == heard
        table.do(GetStats(first))
        assert table.of(Stats)[-1].stats.strangers == 3 * (i + 1)
    table.talk(20, (a, 440), (b, 1000))
    assert strength(a.audio()[-1600:], 1000) > 7000
    assert strength(b.audio()[-1600:], 440) > 7000


def test_keys_that_are_refused_leave_those_that_were(table: Desk) -> None:
    phone = SecurePhone()
    first, a = table.open(phone)
    second, b = table.open(Phone())
    table.do(Bridge(1, (first, second)))
    table.talk(10, (a, 440), (b, 1000))
    for send, receive in ((9, None), (None, 9)):
        keys = (text(bytes([key]) * 30) if key else "not base64" for key in (send, receive))
        table.do(phone.remote(first, srtp=SrtpKeys(USUAL, *keys)))
    assert len(table.of(Failed)) == 2
    a.heard.clear()
    b.heard.clear()
    table.talk(20, (a, 440), (b, 1000))
    assert len(a.heard) == len(b.heard) == 20
    table.do(phone.remote(first))  # and they are still the agreed ones
    table.talk(20, (a, 440), (b, 1000))
    assert len(a.heard) == len(b.heard) == 40
