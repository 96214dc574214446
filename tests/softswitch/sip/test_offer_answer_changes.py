"""Offers inside a call: hold and resume, places, numbers and the version that stay."""

import pytest

from softswitch.sip.offer_answer import Direction, OfferAnswerError
from tests.softswitch.sip.test_offer_answer import AUDIO, only, read, sdp, session

# hold


@pytest.mark.parametrize(
    ("theirs", "ours", "is_held"),
    [
        ("sendrecv", Direction.SENDRECV, False),
        ("sendonly", Direction.RECVONLY, True),
        ("recvonly", Direction.SENDONLY, False),
        ("inactive", Direction.INACTIVE, True),
    ],
)
@pytest.mark.parametrize("on_session_level", [False, True])
def test_directions_of_an_offer(
    theirs: str, ours: Direction, is_held: bool, on_session_level: bool
) -> None:
    line = f"a={theirs}"
    offer = sdp(*AUDIO, head=line) if on_session_level else sdp(*AUDIO, line)
    _, body, stream = session().answer(offer)
    assert only(body).direction is ours
    assert stream is not None
    assert stream.direction is ours
    assert stream.is_held is is_held


@pytest.mark.parametrize(
    ("connection", "host"), [("IN IP4 0.0.0.0", "0.0.0.0"), ("IN IP6 ::", "::")]
)
def test_the_old_way_to_hold(connection: str, host: str) -> None:
    _, body, stream = session().answer(sdp(*AUDIO, connection=connection))
    assert stream is not None
    assert stream.is_held
    assert stream.remote_host == host
    assert stream.direction is Direction.RECVONLY
    assert only(body).direction is Direction.RECVONLY


def test_our_own_wish_limits_the_answer() -> None:
    _, body, stream = session().answer(sdp(*AUDIO), Direction.SENDONLY)
    assert only(body).direction is Direction.SENDONLY
    assert stream is not None
    assert not stream.is_held
    _, body, stream = session().answer(sdp(*AUDIO, "a=sendonly"), Direction.SENDONLY)
    assert only(body).direction is Direction.INACTIVE


@pytest.mark.parametrize(
    ("offered", "answered", "ours", "is_held"),
    [
        (Direction.SENDRECV, "sendrecv", Direction.SENDRECV, False),
        (Direction.SENDRECV, "sendonly", Direction.RECVONLY, True),
        (Direction.SENDRECV, "inactive", Direction.INACTIVE, True),
        (Direction.SENDONLY, "recvonly", Direction.SENDONLY, False),
        (Direction.SENDONLY, "sendrecv", Direction.SENDONLY, False),
        (Direction.INACTIVE, "inactive", Direction.INACTIVE, False),
        (Direction.SENDONLY, "inactive", Direction.INACTIVE, True),
    ],
)
def test_directions_of_an_answer(
    offered: Direction, answered: str, ours: Direction, is_held: bool
) -> None:
    new, _ = session().make_offer(offered)
    _, stream = new.accept_answer(sdp(*AUDIO, f"a={answered}"))
    assert stream is not None
    assert stream.direction is ours
    assert stream.is_held is is_held


# a call's later offers


def version(body: bytes) -> str:
    origin = read(body).origin
    assert origin is not None
    return origin.version


def test_the_version_rises_only_when_the_text_changes() -> None:
    call, body, _ = session().answer(sdp(*AUDIO))
    assert version(body) == "1"
    call, again, _ = call.answer(sdp(*AUDIO))
    assert again == body
    call, held, _ = call.answer(sdp(*AUDIO, "a=sendonly"))
    assert version(held) == "2"
    call, back, _ = call.answer(sdp(*AUDIO))
    assert version(back) == "3"
    call, _ = call.make_offer()
    _, repeated = call.make_offer()
    assert version(repeated) == "4"


def test_our_later_offer_keeps_places_and_numbers() -> None:
    call, _, _ = session().answer(
        sdp(
            "m=video 5000 RTP/AVP 97",
            "m=audio 4000 RTP/AVP 110 96",
            "a=rtpmap:110 PCMA/8000",
            "a=rtpmap:96 telephone-event/8000",
        )
    )
    call, body = call.make_offer(Direction.SENDONLY)
    video, audio = read(body).media
    assert (video.kind, video.port, video.formats) == ("video", 0, ("97",))
    assert audio.formats == ("110", "0", "96")
    assert audio.direction is Direction.SENDONLY
    _, stream = call.accept_answer(
        sdp("m=video 0 RTP/AVP 97", "m=audio 4000 RTP/AVP 110", "a=rtpmap:110 PCMA/8000")
    )
    assert stream is not None
    assert stream.codec.payload_type == 110


def test_a_failed_offer_leaves_the_agreement() -> None:
    call, _, stream = session().answer(sdp(*AUDIO))
    with pytest.raises(OfferAnswerError):
        call.answer(sdp("m=audio 4000 RTP/AVP 18"))
    assert call.stream == stream
    assert call.version == 1


def test_an_offer_inside_a_call_may_close_the_audio_and_open_it_again() -> None:
    call, _, _ = session().answer(sdp(*AUDIO))
    call, body, stream = call.answer(sdp("m=audio 0 RTP/AVP 8"))
    assert stream is None
    assert only(body).port == 0
    call, body, stream = call.answer(sdp(*AUDIO))
    assert stream is not None
    assert only(body).port == 16384
    closed, _, _ = call.answer(sdp("m=audio 0 RTP/AVP 8"))
    _, body = closed.make_offer()
    assert only(body).port == 16384


@pytest.mark.parametrize("direction", ["sendrecv", "sendonly", "inactive"])
def test_what_was_said_is_said_again_and_changes_nothing(direction: str) -> None:
    """A refresh (RFC 4028 7.4): the same version, and a hold of theirs stays one."""
    ours, body, before = session().answer(sdp(*AUDIO, f"a={direction}"))
    assert ours.repeat() == body
    again, stream = ours.accept_answer(sdp(*AUDIO, f"a={direction}"))
    assert stream == before
    assert again.repeat() == body
