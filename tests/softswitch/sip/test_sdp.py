"""Session descriptions: what is read, what is kept, what is refused."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softswitch.sip.direction import Direction
from softswitch.sip.errors import ParseError
from softswitch.sip.rtpmap import RtpMap
from softswitch.sip.sdp import (
    MAX_LINES,
    Connection,
    Line,
    Media,
    RtcpAddress,
    SessionDescription,
    parse,
)
from tests.helpers.pump import fill, is_linear

DESK_PHONE = (
    "v=0\r\n"
    "o=- 20518 0 IN IP4 203.0.113.1\r\n"
    "s= \r\n"
    "c=IN IP4 203.0.113.1\r\n"
    "b=AS:64\r\n"
    "t=0 0\r\n"
    "a=ice-options:trickle\r\n"
    "m=audio 54400 RTP/AVP 8 0 96\r\n"
    "a=rtpmap:8 PCMA/8000\r\n"
    "a=rtpmap:96 telephone-event/8000\r\n"
    "a=fmtp:96 0-16\r\n"
    "a=ptime:20\r\n"
    "a=maxptime:40\r\n"
    "a=rtcp:54403 IN IP4 203.0.113.9\r\n"
    "a=sendonly\r\n"
    "m=video 0 RTP/AVP 97\r\n"
    "x=unknown line kept\r\n"
    "m=application 9/2 TCP/TLS/BFCP *\r\n"
    "c=IN IP6 2001:db8::1\r\n"
)


def audio(*lines: str) -> Media:
    text = "\n".join(["v=0", "m=audio 4000 RTP/AVP 0 8", *lines])
    return parse(text).media[0]


def test_views_of_a_whole_description() -> None:
    description = parse(DESK_PHONE.encode())
    assert description.origin is not None
    assert description.origin.session_id == "20518"
    assert description.origin.address == "203.0.113.1"
    assert description.connection == Connection("203.0.113.1")
    sound, video, slides = description.media
    assert (sound.kind, sound.port, sound.protocol) == ("audio", 54400, "RTP/AVP")
    assert sound.payload_types == (8, 0, 96)
    assert sound.rtpmap(0) == RtpMap("PCMU", 8000)
    assert sound.rtpmap(96) == RtpMap("telephone-event", 8000)
    assert sound.rtpmap(100) is None
    assert sound.fmtp(96) == "0-16"
    assert sound.fmtp(8) is None
    assert (sound.ptime, sound.maxptime) == (20, 40)
    assert sound.rtcp == RtcpAddress(54403, "203.0.113.9")
    assert sound.direction is Direction.SENDONLY
    assert video.port == 0
    assert Line("x", "unknown line kept") in video.lines
    assert slides.port_count == 2
    assert slides.payload_types == ()
    assert description.connection_of(slides) == Connection("2001:db8::1")
    assert description.direction_of(video) is Direction.SENDRECV


def test_every_line_keeps_its_place() -> None:
    assert str(parse(DESK_PHONE)) == DESK_PHONE.replace("s= \r\n", "s=\r\n")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\n\n"])
def test_line_ends_of_every_kind(end: str) -> None:
    description = parse(DESK_PHONE.replace("\r\n", end))
    assert len(description.media) == 3
    assert description == parse(DESK_PHONE)


def test_stray_spaces_and_missing_time() -> None:
    description = parse(
        "v=0 \n o = - 1 1 IN IP4 h\ns=x\nm=audio  4000   RTP/AVP 0\na=rtpmap:0 PCMU/8000 "
    )
    assert description.origin is not None
    assert description.media[0].formats == ("0",)
    assert description.media[0].rtpmap(0) == RtpMap("PCMU", 8000)


def test_bytes_that_are_no_utf8_survive() -> None:
    body = b"v=0\r\ns=\xff\xfe caf\xe9\r\n"
    assert parse(body).to_bytes() == body


def test_session_direction_is_the_default_of_its_media() -> None:
    description = parse("v=0\na=inactive\nm=audio 1 RTP/AVP 0\nm=audio 2 RTP/AVP 0\na=recvonly\n")
    first, second = description.media
    assert first.direction is None
    assert description.direction_of(first) is Direction.INACTIVE
    assert description.direction_of(second) is Direction.RECVONLY


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("a=rtpmap:0 PCMU/8000/1", RtpMap("PCMU", 8000)),
        ("a=rtpmap:0 opus/48000/2", RtpMap("opus", 48000, 2)),
        ("a=rtpmap:0 L16/44100/0", RtpMap("L16", 44100)),
        ("a=rtpmap:0 PCMU", None),
        ("a=rtpmap:0 PCMU/many", None),
        ("a=rtpmap:0 /8000", None),
        ("a=rtpmap:99999999999999 X/1", RtpMap("PCMU", 8000)),
    ],
)
def test_rtpmap(line: str, expected: RtpMap | None) -> None:
    assert audio(line).rtpmap(0) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("20", 20), ("20.0", 20), ("0", None), ("-20", None), ("1000000", None), ("x", None)],
)
def test_ptime(value: str, expected: int | None) -> None:
    assert audio(f"a=ptime:{value}").ptime == expected


@pytest.mark.parametrize("value", ["", "x", "0", "70000", "-1"])
def test_bad_rtcp_is_none(value: str) -> None:
    assert audio(f"a=rtcp:{value}").rtcp is None


@pytest.mark.parametrize(
    ("address", "is_hold"),
    [
        ("0.0.0.0", True),
        ("::", True),
        ("anonymous.invalid", True),
        ("192.0.2.1", False),
        ("2001:db8::", False),
    ],
)
def test_addresses_of_nobody(address: str, is_hold: bool) -> None:
    assert Connection(address).is_hold is is_hold


def test_multicast_ttl_is_cut_off() -> None:
    assert parse("v=0\nc=IN IP4 224.2.1.1/127/3\n").connection == Connection("224.2.1.1")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "\r\n",
        "hello",
        "o=- 1 1 IN IP4 h\nv=0\n",
        "v=1\n",
        "v=0\nnonsense\n",
        "v=0\nab=c\n",
        "v=0\nm=audio\n",
        "v=0\nm=audio x RTP/AVP 0\n",
        "v=0\nm=audio 65536 RTP/AVP 0\n",
        "v=0\nm=audio -1 RTP/AVP 0\n",
        "v=0\nm=audio 4000/0 RTP/AVP 0\n",
        "v=0\n" + "a=x\n" * MAX_LINES,
        "v=0\n" + "m=audio 1 RTP/AVP 0\n" * 65,
        "v=0\na=" + "x" * 70_000,
    ],
)
def test_refused(body: str) -> None:
    with pytest.raises(ParseError):
        parse(body)


def test_a_connection_line_without_address_is_none() -> None:
    assert parse("v=0\nc=IN IP4\n").connection is None


def test_the_writer_lets_no_value_break_out() -> None:
    with pytest.raises(ValueError, match="line end"):
        str(SessionDescription((Line("v", "0"), Line("s", "a\r\nc=IN IP4 192.0.2.66"))))


def views(description: SessionDescription) -> None:
    """Touch everything that reads."""
    _ = description.origin, description.direction
    for media in description.media:
        _ = media.direction, media.ptime, media.maxptime, media.rtcp, media.payload_types
        _ = description.connection_of(media), description.direction_of(media)
        for payload_type in range(128):
            _ = media.rtpmap(payload_type), media.fmtp(payload_type)


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=300) | st.binary(max_size=200).map(lambda tail: DESK_PHONE.encode() + tail)
)
def test_only_parse_error_comes_out(body: bytes) -> None:
    try:
        description = parse(body)
        views(description)
    except ParseError:
        return
    assert parse(description.to_bytes()) == description


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_mutations_of_a_real_body(data: st.DataObject) -> None:
    body = bytearray(DESK_PHONE.encode())
    for _ in range(data.draw(st.integers(1, 8))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(ParseError):
        views(parse(bytes(body)))


@pytest.mark.parametrize(
    "sign", ["a", "=", " ", "/", ":", "\n", "\r", "0", "9", "\0", ";", "v=0\n", "a=\n"]
)
@pytest.mark.parametrize(
    "head", ["", "v=0\na=rtpmap:", "v=0\nm=audio 1 RTP/AVP ", "v=0\nc=", "v=0\no="]
)
def test_pump(head: str, sign: str) -> None:
    body = fill(head, sign)[:65_500]  # no more is read
    assert is_linear(lambda text: views(parse(text)), body)
