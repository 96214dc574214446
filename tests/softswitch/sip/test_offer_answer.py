"""Offer and answer: what is agreed, what is refused, what stays in its place."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softswitch.sip.offer_answer import (
    PCMA,
    PCMU,
    Capabilities,
    Codec,
    Direction,
    LocalMedia,
    OfferAnswer,
    OfferAnswerError,
)
from softswitch.sip.sdp import Media, SessionDescription, parse

CAPABILITIES = Capabilities((PCMA, PCMU))
LOCAL = LocalMedia("192.0.2.1", 16384)


def session(capabilities: Capabilities = CAPABILITIES) -> OfferAnswer:
    return OfferAnswer.start(1234, capabilities, LOCAL)


def sdp(*media: str, connection: str = "IN IP4 198.51.100.7", head: str = "") -> bytes:
    lines = ["v=0", "o=- 1 1 IN IP4 198.51.100.7", "s=-", f"c={connection}", "t=0 0"]
    if head:
        lines.append(head)
    return "\r\n".join([*lines, *media, ""]).encode()


AUDIO = (
    "m=audio 4000 RTP/AVP 8 0 101",
    "a=rtpmap:8 PCMA/8000",
    "a=rtpmap:0 PCMU/8000",
    "a=rtpmap:101 telephone-event/8000",
    "a=fmtp:101 0-15",
)


def read(body: bytes) -> SessionDescription:
    return parse(body)


def only(body: bytes) -> Media:
    (media,) = parse(body).media
    return media


def refusal(offer: bytes, capabilities: Capabilities = CAPABILITIES) -> OfferAnswerError:
    with pytest.raises(OfferAnswerError) as caught:
        session(capabilities).answer(offer)
    return caught.value


# our offer


def test_our_offer() -> None:
    _, body = session().make_offer()
    assert body.decode() == (
        "v=0\r\n"
        "o=- 1234 1 IN IP4 192.0.2.1\r\n"
        "s=-\r\n"
        "c=IN IP4 192.0.2.1\r\n"
        "t=0 0\r\n"
        "m=audio 16384 RTP/AVP 8 0 101\r\n"
        "a=rtpmap:8 PCMA/8000\r\n"
        "a=rtpmap:0 PCMU/8000\r\n"
        "a=rtpmap:101 telephone-event/8000\r\n"
        "a=fmtp:101 0-16\r\n"
        "a=ptime:20\r\n"
        "a=sendrecv\r\n"
        "a=rtcp-xr:voip-metrics\r\n"
    )


def test_an_ipv6_address_is_named_so() -> None:
    new = OfferAnswer.start(1, CAPABILITIES, LocalMedia("2001:db8::5", 4000))
    description = read(new.make_offer()[1])
    assert "IP6 2001:db8::5" in str(description)


def test_the_answer_to_our_offer() -> None:
    offered, _ = session().make_offer()
    agreed, stream = offered.accept_answer(sdp(*AUDIO))
    assert stream is not None
    assert (stream.remote_host, stream.remote_port) == ("198.51.100.7", 4000)
    assert (stream.rtcp_host, stream.rtcp_port) == ("198.51.100.7", 4001)
    assert stream.codec == PCMA
    assert [one.codec for one in stream.others] == [PCMU]
    assert (stream.dtmf_send, stream.dtmf_receive) == (101, 101)
    assert stream.direction is Direction.SENDRECV
    assert not stream.is_held
    assert agreed.stream == stream


def test_their_payload_types_are_for_sending_ours_for_receiving() -> None:
    offered, _ = session().make_offer()
    _, stream = offered.accept_answer(
        sdp(
            "m=audio 4000 RTP/AVP 97 96",
            "a=rtpmap:97 pcma/8000",
            "a=rtpmap:96 telephone-event/8000",
        )
    )
    assert stream is not None
    assert stream.codec == Codec("PCMA", 8000, 97)
    assert stream.dtmf_send == 96
    assert stream.dtmf_receive == 101


def test_the_answer_chooses_among_what_we_offered_in_its_own_order() -> None:
    offered, _ = session().make_offer()
    _, stream = offered.accept_answer(sdp("m=audio 4000 RTP/AVP 0 8"))
    assert stream is not None
    assert stream.codec == PCMU
    assert stream.dtmf_send is None
    assert stream.dtmf_receive is None


def test_an_answer_that_refuses_the_audio() -> None:
    offered, _ = session().make_offer()
    agreed, stream = offered.accept_answer(sdp("m=audio 0 RTP/AVP 8"))
    assert stream is None
    assert agreed.stream is None


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"nonsense", 400),
        (sdp(), 400),
        (sdp("m=audio 4000 RTP/AVP 18"), 488),
        (sdp("m=video 4000 RTP/AVP 8"), 488),
        (sdp("m=audio 4000 RTP/SAVP 8"), 488),
        (sdp("m=audio 4000 RTP/AVP 8", connection="IN IP4 phone.example"), 488),
        (sdp("m=audio 4000 RTP/AVP 8", connection="IN IP4 239.1.1.1/8"), 488),
        (sdp("m=audio 4000 RTP/AVP 8", connection="IN IP4"), 488),
    ],
)
def test_answers_that_cannot_be_used(body: bytes, status: int) -> None:
    offered, _ = session().make_offer()
    with pytest.raises(OfferAnswerError) as caught:
        offered.accept_answer(body)
    assert caught.value.status == status


def test_an_answer_to_nothing() -> None:
    with pytest.raises(OfferAnswerError) as caught:
        session().accept_answer(sdp(*AUDIO))
    assert caught.value.status == 400


def test_answers_come_again_and_forks_grow_apart() -> None:
    offered, _ = session().make_offer()
    early, early_stream = offered.accept_answer(sdp("m=audio 4000 RTP/AVP 8"))
    other, other_stream = offered.accept_answer(sdp("m=audio 5000 RTP/AVP 0"))
    assert early_stream is not None
    assert other_stream is not None
    assert (early_stream.remote_port, other_stream.remote_port) == (4000, 5000)
    # 183 with the answer, then 200 without: the early one stands.
    assert early.accept_answer(b"") == (early, early_stream)
    # 183 with an announcement's answer, then 200 with another: the last one stands.
    _, final = early.accept_answer(sdp("m=audio 6000 RTP/AVP 8"))
    assert final is not None
    assert final.remote_port == 6000


# their offer


def test_our_answer_takes_the_callers_first_codec_and_only_it() -> None:
    new, body, stream = session().answer(sdp("m=audio 4000 RTP/AVP 18 0 8 101", *AUDIO[3:]))
    media = only(body)
    assert media.formats == ("0", "101")
    assert media.port == 16384
    assert media.rtpmap(101) is not None
    assert media.fmtp(101) == "0-16"
    assert stream is not None
    assert stream.codec == PCMU
    assert stream.others == ()
    assert new.stream == stream


def test_our_answer_uses_their_numbers() -> None:
    _, body, stream = session().answer(
        sdp(
            "m=audio 4000 RTP/AVP 110 102 103",
            "a=rtpmap:110 PCMA/8000",
            "a=rtpmap:102 telephone-event/48000",
            "a=rtpmap:103 telephone-event/8000",
        )
    )
    assert only(body).formats == ("110", "103")
    assert stream is not None
    assert stream.codec.payload_type == 110
    assert (stream.dtmf_send, stream.dtmf_receive) == (103, 103)


def test_keys_are_answered_only_where_offered_and_wanted() -> None:
    assert only(session().answer(sdp("m=audio 4000 RTP/AVP 8"))[1]).formats == ("8",)
    silent = session(Capabilities((PCMA,), telephone_event=False))
    assert only(silent.answer(sdp(*AUDIO))[1]).formats == ("8",)


def test_a_static_number_may_be_mapped_to_something_else() -> None:
    assert refusal(sdp("m=audio 4000 RTP/AVP 8", "a=rtpmap:8 iLBC/8000")).status == 488


def test_rejected_lines_keep_their_place() -> None:
    _, body, stream = session().answer(
        sdp(
            "m=video 5000 RTP/AVP 97 98",
            "a=rtpmap:97 H264/90000",
            *AUDIO,
            "m=audio 4002 RTP/AVP 8",
            "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
            "m=message 7654 TCP/MSRP",
        )
    )
    media = read(body).media
    assert [(one.kind, one.port) for one in media] == [
        ("video", 0),
        ("audio", 16384),
        ("audio", 0),
        ("application", 0),
        ("message", 0),
    ]
    assert media[0].formats == ("97", "98")
    assert all(one.formats for one in media)
    assert all(not one.lines for one in media if one.port == 0)
    assert stream is not None
    assert stream.remote_port == 4000


def test_the_first_audio_that_we_can_take_is_taken() -> None:
    _, body, stream = session().answer(
        sdp(
            "m=audio 4000 RTP/SAVP 8",
            "m=audio 4002 RTP/AVP 18",
            "m=audio 4004 RTP/AVP 8",
            "c=IN IP4 somewhere.example",
            "m=audio 4006 RTP/AVPF 8",
        )
    )
    assert [media.port for media in read(body).media] == [0, 0, 0, 16384]
    assert read(body).media[3].protocol == "RTP/AVPF"
    assert stream is not None
    assert stream.remote_port == 4006


@pytest.mark.parametrize(
    ("offer", "status", "reason"),
    [
        (b"", 400, "missing"),
        (b"v=1", 400, "version"),
        (sdp(), 488, "no audio"),
        (sdp("m=audio 0 RTP/AVP 8"), 488, "no audio"),
        (sdp("m=video 4000 RTP/AVP 97"), 488, "no audio"),
        (sdp("m=audio 4000 RTP/SAVP 8"), 488, "encrypted"),
        (sdp("m=audio 4000 UDP/TLS/RTP/SAVPF 8"), 488, "encrypted"),
        (sdp("m=audio 4000 udp 8"), 488, "no RTP audio"),
        (sdp("m=audio 4000 RTP/AVP 18 4"), 488, "codec"),
        (sdp("m=audio 4000 RTP/AVP"), 488, "codec"),
    ],
)
def test_offers_that_are_refused(offer: bytes, status: int, reason: str) -> None:
    error = refusal(offer)
    assert error.status == status
    assert reason in error.reason
    assert str(error) == error.reason


def test_rtcp_where_they_say() -> None:
    _, _, stream = session().answer(sdp(*AUDIO, "a=rtcp:4321 IN IP4 198.51.100.9"))
    assert stream is not None
    assert (stream.rtcp_host, stream.rtcp_port) == ("198.51.100.9", 4321)
    _, _, stream = session().answer(sdp(*AUDIO, "a=rtcp:4321 IN IP4 name.example"))
    assert stream is not None
    assert (stream.rtcp_host, stream.rtcp_port) == ("198.51.100.7", 4321)


def test_the_highest_port_has_no_next_one() -> None:
    _, _, stream = session().answer(sdp("m=audio 65535 RTP/AVP 8"))
    assert stream is not None
    assert stream.rtcp_port == 65535


@pytest.mark.parametrize(
    ("lines", "ptime"),
    [
        ((), 20),
        (("a=ptime:20",), 20),
        (("a=ptime:30",), 30),
        (("a=ptime:35",), 30),
        (("a=ptime:3",), 10),
        (("a=ptime:40",), 40),
        (("a=ptime:200",), 60),
        (("a=ptime:40", "a=maxptime:20"), 20),
        (("a=ptime:10",), 10),
        (("a=maxptime:10",), 10),
        (("a=ptime:junk",), 20),
    ],
)
def test_ptime_in_whole_steps(lines: tuple[str, ...], ptime: int) -> None:
    _, _, stream = session().answer(sdp(*AUDIO, *lines))
    assert stream is not None
    assert stream.ptime == ptime


def test_late_offer_both_ways() -> None:
    ours, offer = session().make_offer()
    theirs = OfferAnswer.start(9, CAPABILITIES, LocalMedia("198.51.100.7", 4000))
    _, answer, far = theirs.answer(offer)
    _, near = ours.accept_answer(answer)
    assert near is not None
    assert far is not None
    assert near.codec == far.codec == PCMA
    assert (near.remote_host, near.remote_port) == ("198.51.100.7", 4000)
    assert (far.remote_host, far.remote_port) == ("192.0.2.1", 16384)


def test_a_dynamic_codec_of_ours_and_the_number_of_keys() -> None:
    opus = Codec("opus", 48000, 101, 2, "useinbandfec=1")
    _, body = session(Capabilities((opus,))).make_offer()
    media = only(body)
    assert media.formats == ("101", "110")
    assert media.fmtp(101) == "useinbandfec=1"
    assert str(media.attributes("rtpmap")) == "('101 opus/48000/2', '110 telephone-event/48000')"


MEDIA_LINES = st.lists(
    st.sampled_from(
        [
            *AUDIO,
            "m=audio 0 RTP/AVP 8",
            "m=audio 4000/2 RTP/SAVP 8",
            "m=video 5000 RTP/AVP 97",
            "m=audio 4002 RTP/AVPF 0",
            "c=IN IP4 0.0.0.0",
            "c=IN IP6 2001:db8::9",
            "c=IN",
            "a=inactive",
            "a=sendonly",
            "a=rtcp:9",
            "a=ptime:0",
            "a=rtpmap:8",
            "a=rtpmap:8 PCMA/",
        ]
    ),
    max_size=14,
)


@settings(max_examples=200, deadline=None)
@given(MEDIA_LINES, MEDIA_LINES)
def test_any_two_offers_are_answered_or_refused(first: list[str], second: list[str]) -> None:
    call = session()
    for lines in (first, second):
        offer = sdp(*lines)
        try:
            call, body, stream = call.answer(offer)
        except OfferAnswerError as error:
            assert error.status in (400, 488)
            continue
        answer = read(body)
        assert [m.kind for m in answer.media] == [m.kind for m in read(offer).media]
        open_lines = [media for media in answer.media if media.port]
        assert len(open_lines) == (0 if stream is None else 1)


@settings(max_examples=150, deadline=None)
@given(MEDIA_LINES | st.lists(st.text(max_size=40), max_size=6))
def test_any_answer_is_taken_or_refused(lines: list[str]) -> None:
    offered, _ = session().make_offer()
    try:
        offered.accept_answer("\n".join(["v=0", *lines]).encode("utf-8", "surrogatepass"))
    except OfferAnswerError as error:
        assert error.status in (400, 488)


@pytest.mark.parametrize("said", ["voip-metrics", "rcvr-rtt=all:10000 voip-metrics", "", "stat"])
def test_extended_reports_are_answered_where_they_are_offered(said: str) -> None:
    """RFC 3611 5.1, 5.2."""
    body = sdp(*AUDIO, f"a=rtcp-xr:{said}") if said else sdp(*AUDIO)
    _, answer, stream = session().answer(body)
    is_wanted = "voip-metrics" in said
    assert (b"a=rtcp-xr:voip-metrics\r\n" in answer) is is_wanted
    assert stream is not None and stream.wants_metrics is is_wanted
    _, stream = session().make_offer()[0].accept_answer(body)
    assert stream is not None and stream.wants_metrics is is_wanted


@pytest.mark.parametrize(("own", "is_wanted"), [((), True), (("a=rtcp-xr:rcvr-rtt=all",), False)])
def test_extended_reports_of_the_whole_session(own: tuple[str, ...], is_wanted: bool) -> None:
    """RFC 3611 5.1: linphone says it of all media at once; what one says itself is stronger."""
    body = sdp(*AUDIO, *own, head="a=rtcp-xr:rcvr-rtt=all:10000 stat-summary=loss voip-metrics")
    _, answer, stream = session().answer(body)
    assert (b"a=rtcp-xr:voip-metrics\r\n" in answer) is is_wanted
    assert stream is not None and stream.wants_metrics is is_wanted


@pytest.mark.parametrize(
    ("said", "most"),
    [
        ("useinbandfec=1;maxaveragebitrate=20000", 20000),
        ("maxplaybackrate=16000; MaxAverageBitrate=16000", 16000),
        ("maxaveragebitrate=5999", None),
        ("maxaveragebitrate=-1", None),
        ("maxaveragebitrate=\u0661\u0662\u0663\u0664\u0665", None),
        ("maxaveragebitrate", None),
        ("useinbandfec=1", None),
    ],
)
def test_they_may_want_less_of_opus(said: str, most: int | None) -> None:
    """RFC 7587 6.1; whatever else comes first, for they may change over to it."""
    offer = sdp("m=audio 4000 RTP/AVP 8 107", "a=rtpmap:107 opus/48000/2", f"a=fmtp:107 {said}")
    _, _, stream = session().answer(offer)
    assert stream is not None and stream.most_bits == most
