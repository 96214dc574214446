"""What an INVITE that came back shows, and what it says of the profile."""

import pytest

from softswitch.office.trunk import Trunk
from softswitch.sip.message import Headers, Request
from softswitch.sip.uri import Uri
from softswitch.trunks.showing import (
    Advice,
    advice_on_refusal,
    advice_on_showing,
    shown_by,
)

OWN, OTHER = "+48221234567", "+48221234568"
SDP = (
    b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    b"m=audio 4000 RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\n"
    b"a=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\n"
)


def trunk(**fields: object) -> Trunk:
    return Trunk.model_validate({"server": "sip.example", **fields}, context={"country": "PL"})


def invite(user: str, to: str, body: bytes = b"", **headers: str) -> Request:
    made = Headers()
    made.add("From", headers.pop("From", f"<sip:{OWN}@sip.example>;tag=1"))
    made.add("To", f"<sip:{to}@sip.example>")
    for name, value in headers.items():
        made.add(name.replace("_", "-"), value)
    return Request("INVITE", Uri("sip", user, None, "10.0.0.1", None), made, body)


def test_what_stands_in_it() -> None:
    request = invite(
        "trunk-1", "221234567", SDP,
        P_Asserted_Identity=f"<sip:{OWN}@sip.example>", Diversion="<sip:1@x>;reason=no-answer",
        Supported="timer, 100rel", User_Agent="Provider 1",
    )  # fmt: skip
    shown = shown_by(request)
    assert shown.called == {"request-uri": "trunk-1", "to": "221234567"}
    assert list(shown.identity) == ["From", "P-Asserted-Identity", "Diversion"]
    assert (shown.codecs, shown.ptime) == (["PCMA", "telephone-event"], 20)
    assert (shown.extensions, shown.agent) == (["100rel", "timer"], "Provider 1")


def test_nonsense_is_no_mistake() -> None:
    shown = shown_by(invite("x", "y", b"\0\0", P_Called_Party_ID="<<<"))
    assert shown.codecs == [] and "p-called-party-id" not in shown.called


@pytest.mark.parametrize(
    ("user", "to", "did", "found"),
    [
        ("trunk-1", "221234567", "request-uri", [Advice("did", "to")]),
        ("trunk-1", "0048221234567", "to", []),
        ("48221234567", "x", "request-uri", []),
        ("trunk-1", "account", "to", [Advice("did_nowhere")]),
    ],
)
def test_where_the_number_stands(user: str, to: str, did: str, found: list[Advice]) -> None:
    shown = shown_by(invite(user, to))
    advice = advice_on_showing(trunk(did=did), "PL", shown, OWN, [OWN])
    assert [one for one in advice if one.what.startswith("did")] == found


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ({}, Advice("caller_shown", "From")),
        (
            {"From": "<sip:48221234567@x>;tag=1", "P_Asserted_Identity": f"<tel:{OWN}>"},
            Advice("caller_shown", "From, P-Asserted-Identity"),
        ),
        (
            {"From": '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=1'},
            Advice("caller_hidden"),
        ),
        ({"From": "<sip:+48600100200@x>;tag=1"}, Advice("caller_other", "+48600100200")),
        ({"From": f"<sip:{OTHER}@x>;tag=1"}, Advice("caller_shown", "From")),
    ],
)
def test_who_is_shown(headers: dict[str, str], found: Advice) -> None:
    shown = shown_by(invite(OWN, OWN, **headers))
    assert advice_on_showing(trunk(), "PL", shown, OWN, [OWN, OTHER])[-1] == found


@pytest.mark.parametrize(
    ("status", "what", "value"),
    [
        (403, "forbidden", "national"),
        (404, "format", "national"),
        (488, "codecs", "PCMA, PCMU"),
        (407, "password", "407"),
        (None, "silent", "None"),
        (503, "busy", "503"),
        (486, "refused", "486"),
    ],
)
def test_what_a_refusal_says(status: int | None, what: str, value: str) -> None:
    assert advice_on_refusal(trunk(format="national"), status) == Advice(what, value)
