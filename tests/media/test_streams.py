"""What real phones and networks do to a stream, and what somebody who listens hears of it.

Three legs, so all is ordered, decoded and mixed: a voice of 440 Hz goes in and is heard at the
other end, whatever becomes of numbers, times and sources on the way.
"""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from media import codecs
from media.commands import Bridge
from media.rtp import build_header
from tests.media.desk import PCMA, Desk, Phone, desk, sine

VOICE = 440
# Frames before something happens, and behind it.
BEFORE, BEHIND = 50, 60


@pytest.fixture
def table() -> Iterator[Desk]:
    with desk() as one:
        yield one


class Stream:
    """A phone whose packets are kept until they are sent, as they are or otherwise."""

    def __init__(self, phone: Phone) -> None:
        self.phone = phone
        self.wave = sine(VOICE, 20)
        self.place = 0

    def next(self, marker: bool = False) -> bytes:
        frame = self.wave[self.place : self.place + 160]
        self.place += 160
        phone = self.phone
        head = build_header(PCMA, phone.sequence, phone.timestamp, phone.ssrc, marker)
        phone.sequence = (phone.sequence + 1) & 0xFFFF
        phone.timestamp = (phone.timestamp + 160) & 0xFFFFFFFF
        return head + codecs.PCMA.encode(frame).tobytes()

    def send(self, *packets: bytes) -> None:
        for packet in packets:
            self.phone.rtp.sendto(packet, self.phone.to)


def silent_frames(samples: NDArray[np.int16]) -> int:
    """The longest run of 20 ms in which the voice is not there."""
    loud = np.abs(samples[: samples.size // 160 * 160].reshape(-1, 160)).max(axis=1) > 4000
    longest = run = 0
    for is_loud in loud:
        run = 0 if is_loud else run + 1
        longest = max(longest, run)
    return longest


def listened(table: Desk, happen: Callable[[Stream, Desk], None]) -> NDArray[np.int16]:
    """What bob hears from a second after the voice began."""
    (a, alice), (b, bob), (c, _) = (
        table.open(),
        table.open(Phone(ssrc=8)),
        table.open(Phone(ssrc=9)),
    )
    table.do(Bridge(1, (a, b, c)))
    stream = Stream(alice)
    for _ in range(BEFORE):
        stream.send(stream.next())
        table.step()
    bob.heard.clear()
    happen(stream, table)
    for _ in range(BEHIND):
        stream.send(stream.next())
        table.step()
    return bob.audio()


def repeat_each(stream: Stream, table: Desk) -> None:
    for _ in range(30):
        packet = stream.next()
        stream.send(packet, packet, packet)
        table.step()


def swap_pairs(stream: Stream, table: Desk) -> None:
    for _ in range(15):
        first, second = stream.next(), stream.next()
        stream.send(second)
        table.step()
        stream.send(first)
        table.step()


def wrap(stream: Stream, table: Desk) -> None:
    """Both numbers go over their end; the source is another, as they cannot jump there."""
    stream.phone.ssrc += 1
    stream.phone.sequence, stream.phone.timestamp = 0xFFF0, (1 << 32) - 160 * 16
    for _ in range(40):
        stream.send(stream.next())
        table.step()


def another_source(stream: Stream, table: Desk) -> None:
    stream.phone.ssrc, stream.phone.sequence, stream.phone.timestamp = 0x9999, 7, 123_456
    stream.send(stream.next(marker=True))
    table.step()


def restart(stream: Stream, table: Desk) -> None:
    """The same source counts from elsewhere: a phone that came back from its own hold."""
    stream.phone.sequence = (stream.phone.sequence + 20_000) & 0xFFFF
    stream.phone.timestamp = (stream.phone.timestamp + 3_000_000) & 0xFFFFFFFF
    stream.send(stream.next(marker=True))
    table.step()


def time_alone_jumps(stream: Stream, table: Desk) -> None:
    stream.phone.timestamp = (stream.phone.timestamp - 900_000) & 0xFFFFFFFF


def markers(stream: Stream, table: Desk) -> None:
    for _ in range(30):
        stream.send(stream.next(marker=True))
        table.step()


def burst(stream: Stream, table: Desk) -> None:
    """The network holds 100 ms back, and gives them all at once."""
    held = []
    for _ in range(5):
        held.append(stream.next())
        table.step()
    stream.send(*held)


@pytest.mark.parametrize(
    "happen",
    [
        *(repeat_each, swap_pairs, markers, burst, wrap, another_source, restart),
        time_alone_jumps,
    ],
)
def test_the_voice_goes_on(table: Desk, happen: Callable[[Stream, Desk], None]) -> None:
    """Not 20 ms of it are missing: what a new beginning waits for is covered."""
    heard = listened(table, happen)
    assert silent_frames(heard) == 0
    assert heard.size >= (BEHIND - 5) * 160


def test_a_voice_that_is_not_there_is_missed(table: Desk) -> None:
    """The judge is judged: 300 ms of nothing are a hole, less what covers them."""

    def lose(stream: Stream, table: Desk) -> None:
        for _ in range(15):
            stream.next()
            table.step()

    assert silent_frames(listened(table, lose)) > 8
