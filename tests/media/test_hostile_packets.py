"""What nobody in earnest sends to an RTP port, at a worker process with a talk that goes on.

RFC 3550 5.1, 5.3.1, 6 (headers of any shape, reports); RFC 4733 2.5.1 (events without an end);
RFC 5764 5.1.2 and RFC 7983 (what else may come to the port); RFC 3711 3.3.2 (replay).

Each test ends when both hear each other again, clearly; the worker has then made no mistake of its
own (`worker_process`). Packets of the far phone itself are its own doing, so only the rest of the
house must not suffer; those of strangers are counted, and nobody hears them.
"""

import os
import random
import socket
import struct
from collections.abc import Callable, Iterator

import pytest
from msgspec.structs import replace

from media.commands import Digit, MediaSettings
from media.rtp import build_header
from tests.media.desk import EVENTS, HOST, PCMA, Phone
from tests.media.test_srtp import SecurePhone
from tests.media.worker_process import Talk, Worker, worker_process

SETTINGS = MediaSettings(rtp_low=33100, rtp_high=33180, drain_seconds=0.0, rtcp_seconds=0.2)
LOUD = b"\x2a" * 160
"""PCMA: the loudest there is."""


Workers = dict[bool, Worker]
"""By whether its packet loop is compiled."""


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with (
        worker_process(SETTINGS) as compiled,
        worker_process(replace(SETTINGS, native=False)) as python,
    ):
        yield {True: compiled, False: python}


class Talks:
    """Gives a test its talks; their numbers are never used again."""

    numbers = iter(range(1, 10_000, 10))

    def __init__(self, workers: Workers) -> None:
        self._workers, self._talks = workers, list[Talk]()

    def begin(self, *phones: Phone, is_mixed: bool = False, is_compiled: bool = True) -> Talk:
        talk = Talk(
            self._workers[is_compiled], *phones, is_mixed=is_mixed, first=next(self.numbers),
            pace=0.02 if is_mixed else 0.01,
        )  # fmt: skip
        self._talks.append(talk)
        talk.goes_on()
        return talk

    def end(self) -> None:
        for talk in self._talks:
            talk.close()


@pytest.fixture
def talks(workers: Workers) -> Iterator[Talks]:
    some = Talks(workers)
    yield some
    some.end()


WAYS = {"forwarded": (False, True), "forwarded by Python": (False, False), "mixed": (True, True)}


@pytest.fixture(params=WAYS.values(), ids=WAYS)
def talk(request: pytest.FixtureRequest, talks: Talks) -> Talk:
    is_mixed, is_compiled = request.param
    return talks.begin(is_mixed=is_mixed, is_compiled=is_compiled)


@pytest.fixture
def stranger() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind((HOST, 0))
        yield one


def stun() -> bytes:
    """RFC 8489 5: a Binding request."""
    return struct.pack("!HHI", 1, 0, 0x2112A442) + os.urandom(12)


def dtls() -> bytes:
    """RFC 6347 4.1: the record of a ClientHello."""
    return b"\x16\xfe\xff" + bytes(8) + struct.pack("!H", 180) + os.urandom(180)


NOT_RTP: dict[str, Callable[[], bytes]] = {
    "STUN": stun,
    "DTLS": dtls,
    "DTLS alert": lambda: b"\x15\xfe\xfd" + bytes(8) + b"\x00\x02\x01\x00",
    "ZRTP": lambda: b"\x10\x00\x00\x01ZRTP" + os.urandom(120),
    "TURN channel": lambda: b"\x40\x00\x00\xa0" + os.urandom(160),
    "RTCP on the RTP port": lambda: struct.pack("!BBHIIIIII", 0x80, 200, 6, 1, 2, 3, 4, 5, 6),
    "another payload type": lambda: build_header(34, 1, 1, 1) + bytes(160),
    "only a header": lambda: build_header(34, 1, 1, 1),
    "nothing": lambda: b"",
    "an octet": lambda: b"\x80",
    "a megaphone": lambda: build_header(34, 1, 1, 1) + bytes(60_000),
    "chance": lambda: b"\x00" + os.urandom(300),
}


def test_what_is_no_sound_is_counted(talks: Talks) -> None:
    """From the phone itself."""
    talk = talks.begin()
    for make in NOT_RTP.values():
        for _ in range(3):
            talk.alice.rtp.sendto(make(), talk.alice.to)
            talk.step()
    talk.goes_on()
    stats = talk.stats(talk.legs[0])
    assert stats.strangers <= 3 * len(NOT_RTP) <= stats.strangers + stats.late_in, (
        "of so many at once that it is a flood, the last ones are late ones unread"
    )


def test_strangers_are_counted_and_not_heard(talk: Talk, stranger: socket.socket) -> None:
    """And with the phone's own SSRC and numbers too."""
    before = talk.stats(talk.legs[0]).strangers
    for number in range(30):
        for make in NOT_RTP.values():
            stranger.sendto(make(), talk.alice.to)
        head = build_header(PCMA, talk.alice.sequence + number % 3, 0, talk.alice.ssrc)
        stranger.sendto(head + LOUD, talk.alice.to)
        talk.step()
    assert LOUD not in [one.payload for one in talk.bob.heard]
    talk.goes_on()
    assert talk.stats(talk.legs[0]).strangers >= before + 30


def shaped(chance: random.Random, payload: bytes, sequence: int) -> tuple[bytes, bool]:
    """A packet with CSRCs, an extension and padding of any length, and whether it may be heard:
    not when it says of itself that more is in it than there is."""
    count, words, padding = chance.randrange(16), chance.randrange(40), chance.randrange(1, 256)
    has_extension, has_padding = chance.random() < 0.6, chance.random() < 0.6
    said, said_padding = words, padding
    match chance.randrange(6):
        case 0:
            said = chance.choice([200, 0x7FFF, 0xFFFF])
        case 1:
            said_padding = chance.choice([0, 255])
    first = 0x80 | 0x20 * has_padding | 0x10 * has_extension | count
    packet = struct.pack("!BBHII", first, PCMA, sequence, 0, 0) + os.urandom(4 * count)
    if has_extension:
        packet += struct.pack("!HH", 0xBEDE, said) + os.urandom(4 * words)
    packet += payload
    if has_padding:
        packet += bytes(padding - 1) + bytes([said_padding])
    is_good = not (has_extension and said != words) and not (
        has_padding and said_padding != padding
    )
    return packet, is_good


def test_headers_of_any_shape(talk: Talk) -> None:
    """What bears a whole packet is heard, in its order; what does not is not, or as the less that
    it says to be."""
    chance, alice = random.Random(20261130), talk.alice
    good: list[bytes] = []
    for _ in range(60):
        payload = bytes(chance.randrange(256) for _ in range(160))
        packet, is_good = shaped(chance, payload, alice.sequence & 0xFFFF)
        stamps = struct.pack("!II", alice.timestamp & 0xFFFFFFFF, alice.ssrc)
        alice.rtp.sendto(packet[:4] + stamps + packet[12:], alice.to)
        alice.sequence += 1
        alice.timestamp += 160
        good += [payload] * is_good
        talk.step(is_alice_silent=True)
    assert 20 < len(good) < 58
    if len(talk.phones) == 2:
        payloads = [one.payload for one in talk.bob.heard]
        assert [one for one in payloads if one in good] == good
        assert all(one.header.payload_type == PCMA for one in talk.bob.heard)
    talk.goes_on()


def test_headers_that_are_cut_off(talk: Talk) -> None:
    chance = random.Random(20261130)
    whole, _ = shaped(chance, LOUD, 1)
    for length in range(0, len(whole), 9):
        talk.alice.rtp.sendto(whole[:length], talk.alice.to)
        talk.step()
    talk.goes_on()


def test_another_ssrc_in_each_packet(talk: Talk) -> None:
    """RFC 3550 8.2; toward the other side it is one stream all the time."""
    usual = talk.alice.ssrc
    for number in range(60):
        talk.alice.ssrc = 0xABC000 + number
        talk.step()
    talk.alice.ssrc = usual
    talk.goes_on()
    assert len({one.header.ssrc for one in talk.bob.heard}) == 1


def test_two_sources_that_take_turns(talk: Talk) -> None:
    for number in range(60):
        talk.alice.ssrc = 0xABC + number % 2
        talk.alice.sequence += 30_000 * (number % 2)
        talk.step()
    talk.goes_on()


def test_jumps_back_and_forth(talk: Talk) -> None:
    """Of the timestamps, of the numbers, of both."""
    chance, alice = random.Random(20261130), talk.alice
    for number in range(90):
        if not 30 <= number < 60:
            alice.timestamp = chance.choice([0, 1, 1 << 31, 0xFFFFFFFF, chance.randrange(1 << 32)])
        if number >= 30:
            alice.sequence = chance.choice([0, 1, 1 << 15, 0xFFFF, chance.randrange(1 << 16)])
        talk.step()
    talk.goes_on()


def test_a_key_that_never_ends(talk: Talk) -> None:
    """It is told once when its packets cease, however long it was (RFC 4733 2.5.1.3, 2.5.2.3)."""
    alice = talk.alice
    for number in range(90):
        alice.send(EVENTS, struct.pack("!BBH", 5, 10, min(0xFFFF, number * 800)))
        talk.step(is_alice_silent=True)
    talk.until(lambda: talk.of(Digit), "the key is over")
    talk.goes_on()
    assert [one.digit for one in talk.of(Digit)] == ["5"]
    alice.timestamp += 800
    alice.send(EVENTS, struct.pack("!BBH", 6, 0x8A, 800))
    talk.until(lambda: len(talk.of(Digit)) == 2, "the next key")
    assert talk.of(Digit)[-1].digit == "6"


def test_events_that_are_no_keys(talk: Talk) -> None:
    """Other events, other lengths, another key under the same timestamp."""
    alice = talk.alice
    for payload in (
        b"",
        b"\x05",
        b"\x05\x0a\x00",
        bytes(400),
        *(bytes([n]) * 4 for n in range(16, 256, 7)),
    ):
        alice.send(EVENTS, payload)
        talk.step(is_alice_silent=True)
    talk.goes_on()
    alice.timestamp += 1600
    for key in range(16):
        alice.send(EVENTS, struct.pack("!BBH", key, 10, 160 * key))
        talk.step(is_alice_silent=True)
    talk.until(lambda: talk.of(Digit), "one key", is_alice_silent=True)
    talk.goes_on()
    assert len({one.digit for one in talk.of(Digit)}) <= 2


REPORTS: dict[str, Callable[[random.Random], bytes]] = {
    "chance": lambda chance: chance.randbytes(chance.randrange(0, 1400)),
    "chance that says to be a report": lambda chance: (
        struct.pack("!BBH", 0x80 | chance.randrange(64), chance.randrange(192, 224),
                    chance.choice([0, 1, 6, 12, 0xFFFF])) + chance.randbytes(chance.randrange(200))
    ),
    "a report of absurd figures": lambda chance: struct.pack(
        "!BBHIIIIIIIIIIII", 0x81, 200, 12, 1, *(chance.randrange(1 << 32) for _ in range(11))
    ),
    "BYE": lambda chance: struct.pack("!BBHIBBHI", 0x80, 201, 1, 1, 0x81, 203, 1, 1),
    "31 blocks that are not there": lambda chance: struct.pack("!BBHI", 0x9F, 201, 187, 1),
    "items without an end": lambda chance: (
        struct.pack("!BBHIBBHI", 0x80, 201, 1, 1, 0x9F, 202, 40, 1) + b"\x01\xff" * 60
    ),
}  # fmt: skip


def test_reports_that_are_none(talks: Talks, stranger: socket.socket) -> None:
    """From the phone's own RTCP port and from a stranger's; the figures stay figures."""
    talk, chance = talks.begin(), random.Random(20261130)
    to = (talk.alice.to[0], talk.alice.to[1] + 1)
    for _ in range(20):
        for make in REPORTS.values():
            talk.alice.rtcp.sendto(make(chance), to)
            stranger.sendto(make(chance), to)
        talk.step()
    talk.goes_on()
    stats = talk.stats(talk.legs[0])
    assert stats.loss_remote is None or 0.0 <= stats.loss_remote <= 1.0
    assert stats.round_trip_ms is None or stats.round_trip_ms >= 0.0
    assert stats.strangers > 20 and stats.lost_in == 0


def test_packets_that_are_sent_again_and_other_keys(talks: Talks, stranger: socket.socket) -> None:
    """A flood of what was sealed before, by another key, or not at all: from the phone's address
    and from a stranger's. None of it is heard, all that is read is counted."""
    talk = talks.begin(alice := SecurePhone(), Phone(ssrc=2))
    wrong = SecurePhone()
    wrong.agree(wrong.suite, 7, 8)
    sealed = [alice.tx.protect(build_header(PCMA, alice.sequence + n, 0, alice.ssrc) + LOUD)
              for n in range(3)]  # fmt: skip
    alice.sequence += 3
    for one in sealed:
        alice.plain.sendto(one, alice.to)
    talk.goes_on()
    before = talk.stats(talk.legs[0]).strangers
    for number in range(30):
        head = build_header(PCMA, alice.sequence + number, alice.timestamp, alice.ssrc)
        foreign = wrong.tx.protect(build_header(PCMA, number, 0, alice.ssrc) + LOUD)
        for packet in (*sealed, foreign, head + LOUD, foreign[:20]):
            for _ in range(5):
                alice.plain.sendto(packet, alice.to)
                stranger.sendto(packet, alice.to)
        talk.step()
    talk.goes_on()
    assert LOUD not in [one.payload for one in talk.bob.heard]
    assert talk.stats(talk.legs[0]).strangers > before + 30
    wrong.close()


FLOOD = 400
"""Packets in 20 ms: 20,000 a second, of 172 octets."""


@pytest.mark.parametrize("is_mixed", [False, True], ids=["forwarded", "mixed"])
def test_a_flood_by_strangers(talks: Talks, stranger: socket.socket, is_mixed: bool) -> None:
    """While it lasts both hear each other; what is read of it is counted."""
    talk = talks.begin(is_mixed=is_mixed)
    packets = [build_header(PCMA, n, n * 160, 9) + LOUD for n in range(FLOOD)]
    to = (talk.alice.to[0], talk.alice.to[1] + 1)

    def flood() -> None:
        for packet in packets:
            stranger.sendto(packet, talk.alice.to)
            stranger.sendto(packet, to)

    before, heard = talk.stats(talk.legs[0]).strangers, len(talk.bob.heard)
    for _ in range(25):
        flood()
        talk.step()
    talk.until(lambda: flood() or talk._is_clear(heard + 25), "they hear each other in the flood")
    assert LOUD not in [one.payload for one in talk.bob.heard]
    assert talk.stats(talk.legs[0]).strangers > before
    talk.goes_on()


def test_a_phone_that_floods_us_costs_no_other_talk(talks: Talks) -> None:
    """Twenty thousand packets a second from a phone that we listen to, good ones: two others hear
    each other all the time, and afterwards its own side does so too."""
    mad, other = talks.begin(), talks.begin(Phone(ssrc=5), Phone(ssrc=6))
    alice = mad.alice
    head = [build_header(PCMA, n, n * 160, alice.ssrc) + LOUD for n in range(FLOOD)]
    for _ in range(25):
        for packet in head:
            alice.rtp.sendto(packet, alice.to)
        other.step()
        mad.bob.listen()
    other.goes_on()
    mad.goes_on()
    assert other.stats(other.legs[0]).strangers == 0
