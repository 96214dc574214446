"""Named faults and the verdict that each deserves; what is fine, or not measured, gets none."""

from collections.abc import Sequence
from datetime import UTC, datetime
from string import Formatter

import pytest

from softswitch.store.event import Event
from softswitch.trace.ladder import build
from softswitch.trace.message import TracedMessage
from softswitch.trace.participants import Known
from softswitch.trace.verdicts import LANGUAGES, Certainty, gather, judge, phrases, said, title
from softswitch.trace.verdicts.phrases import _ENGLISH, _POLISH
from tests.softswitch.trace.ladders import CLIENT, IN, OUT, PHONE, START, Wire, plain_call, sdp

AT = datetime.fromtimestamp(START / 1_000_000, UTC)
OK = "SIP/2.0 200 OK"


def event(kind: str, **data: object) -> Event:
    return Event("c", AT, kind, data)


def stats(sip: str, came: int, left: int, **more: object) -> Event:
    fields: dict[str, object] = {"seconds": 20.0, "packets_in": came, "packets_out": left}
    return event("leg.stats", **{"sip": sip, "lost_in": 0, "strangers": 0} | fields | more)


def codes(
    messages: Sequence[TracedMessage], *events: Event, known: Known | None = None
) -> list[tuple[str, str]]:
    found = judge(gather(events, build(messages, known=known)))
    return [(one.code, one.certainty.value) for one in found]


def caller(remote: str = CLIENT) -> Wire:
    return Wire("in", "<sip:101@x>", "<sip:102@x>", remote, ours=False)


def callee(remote: str = PHONE) -> Wire:
    return Wire("out", "<sip:102@x>", "<sip:101@x>", remote, ours=True)


def trunk() -> tuple[Wire, Known]:
    leg = Wire("out", "<sip:+48700200300@x>", "<sip:1@x>", CLIENT, ours=True)
    return leg, Known({}, None, {"+48700200300": "operator"})


def test_a_good_call_has_no_fault() -> None:
    good = [one for one in plain_call() if b"481" not in one.text]
    stories = [stats("in", 500, 500, loss_remote=0.01, jitter_ms=3.0), stats("out", 500, 500)]
    assert codes(good, *stories) == [("reason", "note")]


def test_nothing_measured_says_nothing() -> None:
    assert codes([]) == []
    evidence = gather([], None)
    assert (evidence.is_traced, evidence.is_measured) == (False, False)


def unacknowledged(ends: bool) -> list[TracedMessage]:
    leg = caller()
    found = [leg.say(0, IN, "INVITE sip:102@x", "1 INVITE", body=sdp())]
    found += [leg.say(1 + n, OUT, OK, "1 INVITE", body=sdp()) for n in range(8)]
    if ends:
        reason = 'Reason: SIP;cause=408;text="No ACK"'
        found.append(leg.say(33, OUT, "BYE sip:101@x", "1 BYE", reason))
    return found


def test_no_ack() -> None:
    assert codes(unacknowledged(True)) == [("no_ack", "sure")]
    assert codes(unacknowledged(False)) == [("no_ack_yet", "likely")]
    ack = caller().say(9, IN, "ACK sip:switch@x", "1 ACK")
    assert codes([*unacknowledged(False), ack]) == [("repeats", "likely")]
    assert codes(unacknowledged(False)[:3]) == [], "two are no evidence yet"


def talked(address: str, direction: str = "sendrecv", remote: str = CLIENT) -> list[TracedMessage]:
    leg = caller(remote)
    return [
        leg.say(0, IN, "INVITE sip:102@x", "1 INVITE", body=sdp(address, direction)),
        leg.say(1, OUT, OK, "1 INVITE", body=sdp()),
        leg.say(1.1, IN, "ACK sip:102@x", "1 ACK"),
    ]


def test_silence() -> None:
    silent = stats("in", 0, 900)
    assert codes(talked("203.0.113.5"), silent) == [("silent", "sure")]
    assert codes(talked("192.168.1.20"), silent) == [("silent_private", "likely")]
    home = talked("192.168.1.20", remote="192.168.1.20:5060")
    assert codes(home, silent) == [("silent", "sure")]
    stranger = stats("in", 0, 900, strangers=800)
    assert codes(talked("203.0.113.5"), stranger) == [("silent_stranger", "likely")]


def test_silence_that_is_none() -> None:
    assert codes(talked("192.168.1.20")) == [], "nothing was measured"
    assert codes(talked("192.168.1.20"), stats("in", 0, 20)) == [], "half a second"
    assert codes(talked("192.168.1.20"), stats("in", 900, 900)) == []
    assert codes(talked("203.0.113.5", "recvonly"), stats("in", 0, 900)) == []
    assert codes([], stats("in", 0, 900)) == [], "nobody knows what was agreed on"


@pytest.mark.parametrize("status", ["488 Not Acceptable Here", "415 Unsupported", "606 Not"])
def test_codecs(status: str) -> None:
    leg = callee()
    invite = leg.say(0, OUT, "INVITE sip:102@x", "1 INVITE", body=sdp())
    refusal = leg.say(1, IN, f"SIP/2.0 {status}", "1 INVITE")
    assert codes([invite, refusal]) == [("codec_them", "sure")]
    leg = caller()
    invite = leg.say(0, IN, "INVITE sip:102@x", "1 INVITE", body=sdp())
    assert codes([invite, leg.say(1, OUT, f"SIP/2.0 {status}", "1 INVITE")]) == [
        ("codec_us", "sure")
    ]


PLAIN_REFUSED = 'Warning: 302 softswitch "the offer has no keys"'


@pytest.mark.parametrize(
    ("offer", "header", "code"),
    [
        (sdp(), (PLAIN_REFUSED,), "plain_us"),
        (sdp(), ('Warning: 305 softswitch "no codec"',), "codec_us"),
        (sdp().replace("RTP/AVP", "RTP/SAVP"), (PLAIN_REFUSED,), "codec_us"),
        (sdp() + "a=crypto:1 AES_CM_128_HMAC_SHA1_80 [cut]\r\n", (PLAIN_REFUSED,), "codec_us"),
    ],
)
def test_an_offer_without_encryption(offer: str, header: tuple[str, ...], code: str) -> None:
    leg = caller()
    invite = leg.say(0, IN, "INVITE sip:102@x", "1 INVITE", body=offer)
    refusal = leg.say(1, OUT, "SIP/2.0 488 Not Acceptable Here", "1 INVITE", *header)
    assert codes([invite, refusal]) == [(code, "sure")]


def challenged(tries: int) -> list[TracedMessage]:
    leg, found = caller(), []
    for number in range(1, tries + 1):
        given = () if number == 1 else ("Authorization: Digest [cut]",)
        found.append(leg.say(number, IN, "INVITE sip:102@x", f"{number} INVITE", *given))
        found.append(leg.say(number + 0.1, OUT, "SIP/2.0 401 Unauthorized", f"{number} INVITE"))
        found.append(leg.say(number + 0.2, IN, "ACK sip:102@x", f"{number} ACK"))
    return found


def test_passwords() -> None:
    assert codes(challenged(3)) == [("password_ours", "likely")]
    assert codes(challenged(1)) == []
    leg = caller()
    good = [
        leg.say(9, IN, "INVITE sip:102@x", "9 INVITE", "Authorization: Digest [cut]"),
        leg.say(9.1, OUT, OK, "9 INVITE"),
        leg.say(9.2, IN, "ACK sip:102@x", "9 ACK"),
    ]
    assert codes([*challenged(2), *good]) == [], "a stale nonce"


def test_a_phone_that_is_off() -> None:
    leg = callee()
    tries = [leg.say(n, OUT, "INVITE sip:102@x", "1 INVITE", body=sdp()) for n in range(5)]
    assert codes(tries) == [("phone_silent", "sure")]
    assert codes(tries[:2]) == []
    trying = leg.say(5, IN, "SIP/2.0 100 Trying", "1 INVITE")
    assert ("phone_silent", "sure") not in codes([*tries, trying])
    line, known = trunk()
    tries = [line.say(n, OUT, "INVITE sip:+48700200300@x", "1 INVITE") for n in range(5)]
    assert codes(tries, known=known) == [("trunk_silent", "sure")]


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("403 Forbidden", "trunk_forbidden"),
        ("503 Service Unavailable", "trunk_fault"),
        ("404 Not Found", "trunk_number"),
        ("407 Proxy Authentication Required", "trunk_password"),
    ],
)
def test_a_trunk_that_refuses(status: str, code: str) -> None:
    line, known = trunk()
    found = [
        line.say(0, OUT, "INVITE sip:+48700200300@x", "1 INVITE", body=sdp()),
        line.say(1, IN, f"SIP/2.0 {status}", "1 INVITE"),
    ]
    assert codes(found, known=known) == [(code, "sure")]
    assert codes(found) == [], "not a trunk, so a person's own refusal"


def test_a_phone_that_restarted() -> None:
    leg = caller()
    begin = talked("203.0.113.5")
    leg.has_tag = True
    options = leg.say(60, OUT, "OPTIONS sip:101@x", "2 OPTIONS")
    unknown = leg.say(60.1, IN, "SIP/2.0 481 Does Not Exist", "2 OPTIONS")
    assert codes([*begin, options, unknown]) == [("unknown_dialog", "likely")]
    assert ("unknown_dialog", "likely") not in codes(plain_call()), "a BYE that crossed another"


def test_glare() -> None:
    leg, begin = caller(), talked("203.0.113.5")
    leg.has_tag = True
    crossed = [
        leg.say(5, IN, "INVITE sip:102@x", "2 INVITE", body=sdp()),
        leg.say(5.1, OUT, "SIP/2.0 491 Request Pending", "2 INVITE"),
        leg.say(5.2, IN, "ACK sip:102@x", "2 ACK"),
    ]
    assert codes([*begin, *crossed]) == [("glare_open", "likely")]
    again = [
        leg.say(7, IN, "INVITE sip:102@x", "3 INVITE", body=sdp()),
        leg.say(7.1, OUT, OK, "3 INVITE", body=sdp()),
        leg.say(7.2, IN, "ACK sip:102@x", "3 ACK"),
    ]
    assert codes([*begin, *crossed, *again]) == [("glare", "note")]


def test_session_timers() -> None:
    leg, begin = caller(), talked("203.0.113.5")
    reason = 'Reason: SIP;cause=408;text="Session timer expired"'
    assert codes([*begin, leg.say(90, OUT, "BYE sip:101@x", "9 BYE", reason)]) == [
        ("session_timer", "sure")
    ]
    theirs = codes([*begin, leg.say(90, IN, "BYE sip:101@x", "9 BYE", reason)])
    assert theirs == [("session_timer_them", "sure"), ("reason", "note")]


def test_bad_sound() -> None:
    begin = talked("203.0.113.5")
    bad = stats("in", 930, 1000, lost_in=70, loss_remote=0.05, jitter_ms=55.0)
    assert codes(begin, bad) == [
        ("loss_from", "sure"),
        ("loss_to", "sure"),
        ("jitter", "likely"),
    ]
    assert codes(begin, stats("in", 90, 1000, lost_in=70)) == [], "too little to say"


def test_a_call_that_was_bad_for_a_while() -> None:
    line = {"seconds": 5, "in": [4.4, 2.5, 2.9, 4.4], "out": [4.4, None, 4.1, 4.4]}
    rated = stats("in", 930, 1000, mos_in=3.9, worst_in=2.5, worst_out=4.1, timeline=line)
    (verdict,) = judge(gather([rated], build(talked("203.0.113.5"))))
    assert (verdict.code, verdict.facts["mos"], verdict.facts["seconds"]) == (
        *("poor_from", "2.5", "10"),
    )
    assert codes(talked("203.0.113.5"), stats("in", 930, 1000, worst_in=None)) == []


def test_the_switch_itself() -> None:
    assert codes([], event("call.ended", by="switch", reason="interrupted")) == [
        ("interrupted", "sure")
    ]
    assert codes([], event("call.ended", by="switch", reason="Media lost")) == [
        ("media_lost", "sure")
    ]


def test_every_phrase_is_there_in_both_languages() -> None:
    assert _ENGLISH.keys() == _POLISH.keys()
    fields = Formatter()
    for code, (what, cure) in _ENGLISH.items():
        known = {name for text in (what, cure) for _, name, _, _ in fields.parse(text) if name}
        for text in _POLISH[code]:
            assert {name for _, name, _, _ in fields.parse(text) if name} <= known, code
        assert bool(cure) == bool(_POLISH[code][1])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_verdict_is_said_with_its_cure(language: str) -> None:
    [verdict] = judge(gather([], build(unacknowledged(True))))
    what, cure = said(verdict, language)
    assert "101" in what and "8" in what and "SIP ALG" in cure
    assert verdict.certainty is Certainty.SURE
    assert title(verdict, language) == phrases._TITLES[language][Certainty.SURE]
