"""Streams are cut into messages, however they arrive."""

import contextlib
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softswitch.sip.framing import (
    MAX_HEAD,
    MAX_MESSAGE,
    Frame,
    FramingError,
    Keepalive,
    StreamFramer,
)
from tests.helpers.pump import fill, is_linear

PING, PONG = Keepalive.PING, Keepalive.PONG
VIA = b"Via: SIP/2.0/TCP h;branch=z9hG4bK1\r\nCSeq: 1 X\r\n"
BARE = b"X sip:h SIP/2.0\r\n" + VIA + b"\r\n"
FULL = b"X sip:h SIP/2.0\r\n" + VIA + b"Content-Type: a/b\r\nContent-Length: 6\r\n\r\n\r\n\r\nab"
SHORT = b"SIP/2.0 200 OK\r\n" + VIA + b"l :\r\n 3\r\n\r\nabc"


def messages(frames: list[Frame]) -> list[bytes]:
    return [frame for frame in frames if isinstance(frame, bytes)]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 64, 10_000])
def test_messages_in_pieces(size: int) -> None:
    stream = FULL + BARE + SHORT + b"\r\n" + SHORT + b"\r\n\r\n" + FULL + BARE
    framer, frames = StreamFramer(), list[Frame]()
    for start in range(0, len(stream), size):
        frames += framer.feed(stream[start : start + size])
    assert messages(frames) == [FULL, BARE, SHORT, SHORT, FULL, BARE]
    assert frames.count(PING) == 1


@pytest.mark.parametrize(
    ("pieces", "frames"),
    [
        ([b"\r\n\r\n"], [PING]),
        ([b"\r\n"], [PONG]),
        ([b"\r\n\r\n\r\n"], [PING, PONG]),
        ([b"\r\n\r\n\r\n\r\n"], [PING, PING]),
        ([b"\r", b"\n"], [PONG]),
        ([b"\r\n", b"\r\n"], [PONG, PING]),
        ([b"\r\n\r", b"\n"], [PING]),
        ([b"\r", b"\n\r", b"\n"], [PING]),
        ([b"\r\n", BARE, b"\r\n"], [PONG, BARE, PONG]),
        ([b"\r\n" + BARE], [PONG, BARE]),
        ([b"\r\n\r\n" + BARE + b"\r\n\r\n"], [PING, BARE, PING]),
        ([b""], []),
    ],
)
def test_keepalives(pieces: list[bytes], frames: list[Frame]) -> None:
    framer = StreamFramer()
    assert [frame for piece in pieces for frame in framer.feed(piece)] == frames


@pytest.mark.parametrize(
    ("junk", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (BARE.replace(b"CSeq", b"Content-Length: x\r\nCSeq"), 400),
        (BARE.replace(b"CSeq", b"Content-Length: -1\r\nCSeq"), 400),
        (BARE.replace(b"CSeq", b"Content-Length:\r\nCSeq"), 400),
        (BARE.replace(b"CSeq", b"Content-Length: 1\r\nl: 2\r\nCSeq"), 400),
        (BARE.replace(b"CSeq", b"Content-Length: " + b"9" * 5000 + b"\r\nCSeq"), 400),
        (BARE.replace(b"CSeq", b"c: application/sdp\r\nCSeq"), 400),
        (BARE.replace(b"CSeq", b"Content-Length: 65535\r\nCSeq"), 413),
        (BARE.replace(b"CSeq", b"Content-Length: 999999999\r\nCSeq"), 413),
        (b"\n", 400),
        (b"\rX", 400),
        (b"x" * MAX_HEAD, 513),
        (BARE[:-2] + b"a: b\r\n" * MAX_HEAD, 513),
    ],
)
def test_what_cannot_be_cut(junk: bytes, status: int) -> None:
    framer = StreamFramer()
    with pytest.raises(FramingError) as caught:
        framer.feed(SHORT + b"\r\n\r\n" + junk)
    assert caught.value.status == status
    assert caught.value.frames == (SHORT, PING)
    is_answered = junk.startswith(b"X sip:h") and status != 513
    assert (caught.value.response_headers is not None) == is_answered


def test_the_same_length_twice_has_an_end() -> None:
    twice = SHORT.replace(b"l :", b"Content-Length: 3\r\nl :")
    assert StreamFramer().feed(twice) == [twice]


def test_the_bound_is_exact() -> None:
    head = BARE[:-2] + b"Content-Length: %d\r\n\r\n"
    room = MAX_MESSAGE - len(head % 65000)
    whole = head % room + b"x" * room
    assert StreamFramer().feed(whole) == [whole]
    with pytest.raises(FramingError):
        StreamFramer(len(whole) - 1).feed(whole)
    small = StreamFramer(len(BARE))
    assert small.feed(BARE) == [BARE]


def test_a_body_may_look_like_anything() -> None:
    body = BARE + b"\r\n\r\n" + SHORT
    data = b"X sip:h SIP/2.0\r\nL: %d\r\n\r\n" % len(body) + body
    assert StreamFramer().feed(data + BARE) == [data, BARE]


@given(st.lists(st.sampled_from([BARE, FULL, SHORT, b"\r\n\r\n"]), max_size=12), st.randoms())
@settings(max_examples=200)
def test_cutting_does_not_depend_on_the_pieces(parts: list[bytes], random: Random) -> None:
    stream = b"".join(parts)
    framer, frames = StreamFramer(), list[Frame]()
    while stream:
        size = random.randint(1, 40)
        frames += framer.feed(stream[:size])
        stream = stream[size:]
    assert messages(frames) == [part for part in parts if part.strip()]


@given(st.lists(st.binary(max_size=60), max_size=20))
@settings(max_examples=200)
def test_only_framing_errors_come_out(pieces: list[bytes]) -> None:
    framer = StreamFramer()
    with contextlib.suppress(FramingError):
        for piece in pieces:
            framer.feed(piece)


@pytest.mark.parametrize(
    "text",
    [
        fill(before, unit)
        for before in ("", BARE.decode()[:-2])
        for unit in ("\r\n", "a", "\r", "\n", "l:\r\n")
    ]
    + [fill("X sip:h SIP/2.0\r\n", unit, "\r\n\r\n")[-MAX_HEAD:] for unit in ("l: 0\r\n", "\r\n ")]
    + [fill("", BARE.decode())],
)
def test_streams_are_linear(text: str) -> None:
    data = text.encode()
    assert is_linear(lambda data: StreamFramer().feed(data), data)


def test_octet_by_octet_is_linear() -> None:
    def one_by_one(data: bytes) -> None:
        framer = StreamFramer()
        for start in range(len(data)):
            framer.feed(data[start : start + 1])

    # Calls of about a microsecond; searching anew at each would take seconds.
    assert is_linear(one_by_one, b"X sip:h SIP/2.0\r\n" + b"a" * 30_000)
