"""Which codec is agreed on, with the telephone events of its clock (RFC 3264, 4733, 7587)."""

import pytest

from softswitch.sip.codecs import CODECS, G722, OPUS, PCMA, PCMU
from softswitch.sip.offer_answer import Capabilities, LocalMedia, OfferAnswer
from softswitch.sip.sdp import parse

ALL = Capabilities(tuple(CODECS.values()))


def session(caps: Capabilities = ALL) -> OfferAnswer:
    return OfferAnswer.start(7, caps, LocalMedia("192.0.2.1", 4000))


def sdp(formats: str, *lines: str) -> bytes:
    head = ("v=0", "c=IN IP4 198.51.100.7", f"m=audio 4000 RTP/AVP {formats}")
    return "".join(f"{line}\r\n" for line in (*head, *lines)).encode()


OPUS_LINES = ("a=rtpmap:107 opus/48000/2", "a=fmtp:107 useinbandfec=1")


def test_an_offer_names_all_with_events_of_each_clock() -> None:
    _, body = session().make_offer()
    media = parse(body).media[0]
    assert media.formats == ("8", "0", "9", "111", "112", "101", "110", "96")
    assert media.attributes("rtpmap") == (
        *("8 PCMA/8000", "0 PCMU/8000", "9 G722/8000", "111 opus/48000/2", "112 L16/16000"),
        *("101 telephone-event/8000", "110 telephone-event/48000", "96 telephone-event/16000"),
    )
    assert "useinbandfec=1" in (media.fmtp(111) or "")


def test_the_callers_first_codec_is_taken() -> None:
    _, body, stream = session().answer(sdp("107 9 8", *OPUS_LINES))
    assert stream is not None
    assert stream.codec.is_same_coding(OPUS)
    assert stream.codec.payload_type == 107
    assert parse(body).media[0].formats == ("107",)


def test_the_other_sides_codec_is_taken_if_it_was_offered() -> None:
    offer = sdp("107 9 8", *OPUS_LINES)
    assert session().answer(offer, prefer=PCMA)[2].codec == PCMA  # type: ignore[union-attr]
    assert session().answer(offer, prefer=G722)[2].codec == G722  # type: ignore[union-attr]
    unknown = session().answer(offer, prefer=PCMU)[2]
    assert unknown is not None
    assert unknown.codec.is_same_coding(OPUS)


def test_an_offer_in_the_middle_changes_the_codec_only_if_the_old_one_is_gone() -> None:
    agreed, _, _ = session().answer(sdp("8 9"))
    held, _, stream = agreed.answer(sdp("9 8", "a=sendonly"))
    assert stream is not None
    assert stream.codec == PCMA
    _, _, stream = held.answer(sdp("9"))
    assert stream is not None
    assert stream.codec == G722


@pytest.mark.parametrize(
    ("lines", "clock", "number"),
    [
        (("a=rtpmap:101 telephone-event/48000",), 48000, 101),
        (("a=rtpmap:101 telephone-event/8000",), 8000, 101),
        (("a=rtpmap:101 telephone-event/8000", "a=rtpmap:100 telephone-event/48000"), 48000, 100),
        (("a=rtpmap:101 telephone-event/16000",), 8000, None),
        ((), 8000, None),
    ],
)
def test_events_beside_opus(lines: tuple[str, ...], clock: int, number: int | None) -> None:
    _, body, stream = session().answer(sdp("107 100 101", *OPUS_LINES, *lines))
    assert stream is not None
    assert (stream.dtmf_clock, stream.dtmf_send, stream.dtmf_receive) == (clock, number, number)
    answered = parse(body).media[0]
    assert (f"{number} telephone-event/{clock}" in answered.attributes("rtpmap")) == bool(number)


def test_an_answer_of_several_tells_what_else_may_come() -> None:
    asking, _ = session().make_offer()
    _, stream = asking.accept_answer(
        sdp(
            "111 8 101 110",
            "a=rtpmap:111 opus/48000/2",
            "a=rtpmap:101 telephone-event/8000",
            "a=rtpmap:110 telephone-event/48000",
        )
    )
    assert stream is not None
    assert (stream.codec, stream.dtmf_send, stream.dtmf_clock) == (OPUS, 110, 48000)
    pcma = next(one for one in stream.others if one.codec == PCMA)
    assert (pcma.dtmf_send, pcma.dtmf_receive, pcma.dtmf_clock) == (101, 101, 8000)


@pytest.mark.parametrize(("formats", "noise"), [("8 13", 13), ("8", None), ("107 13", None)])
def test_comfort_noise_is_taken_beside_codecs_of_8000(formats: str, noise: int | None) -> None:
    _, body, stream = session().answer(sdp(formats, *OPUS_LINES))
    assert stream is not None
    assert stream.noise == noise
    # Nobody is invited to send silence instead of sound.
    assert "13" not in parse(body).media[0].formats
