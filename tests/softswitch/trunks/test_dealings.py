"""How a call goes on after a redirection, a challenge, a refusal."""

import pytest

from softswitch.sip.flow import Hop, Transport
from softswitch.sip.message import Headers, Request, Response
from softswitch.sip.uri import parse_uri
from softswitch.trunks.causes import Then, after
from softswitch.trunks.credentials import Account, Signer, credentials_of
from softswitch.trunks.dealings import MAX_REDIRECTIONS, Dealings

HOPS = [Hop(Transport.UDP, "192.0.2.1", 5060), Hop(Transport.UDP, "192.0.2.2", 5060)]


def dealings(has_account: bool = True) -> Dealings:
    signer = Signer(Account("u", "p", lambda: "c")) if has_account else None
    return Dealings(signer, HOPS, frozenset({"sip.operator.example"}))


def invite() -> Request:
    headers = Headers()
    for name, value in (("CSeq", "1 INVITE"), ("Call-ID", "x"), ("From", "<sip:u@o>;tag=1")):
        headers.add(name, value)
    return Request("INVITE", parse_uri("sip:600100200@sip.operator.example"), headers, b"v=0")


def answer(status: int, *lines: tuple[str, str]) -> Response:
    headers = Headers()
    for name, value in lines:
        headers.add(name, value)
    return Response(status, "", headers)


@pytest.mark.parametrize(
    ("contact", "target"),
    [
        ("<sip:600100200@192.0.2.2>", HOPS[1]),
        ("<sip:600100200@192.0.2.2:5070>", Hop(Transport.UDP, "192.0.2.2", 5070)),
        ("<sip:600100200;rn=1@SIP.operator.example>", HOPS[0]),
        ("<sip:1@evil.example>, <sip:600100200@192.0.2.1>", HOPS[0]),
        ("<sip:+18095550100@evil.example>", None),
        ("<tel:+48600100200>", None),
        ("<sip:192.0.2.2>", None),
        ("<<<", None),
    ],
)
def test_a_redirection_stays_at_the_provider(contact: str, target: Hop | None) -> None:
    retry = dealings().retry(invite(), answer(302, ("Contact", contact)))
    assert (retry and retry.target) == target
    if retry is not None:
        assert retry.request.cseq.number == 2 and retry.request.body == b"v=0"
        assert retry.request.call_id == "x"


def test_redirections_in_a_circle_end() -> None:
    ours, sent, count = dealings(), invite(), 0
    moved = answer(302, ("Contact", "<sip:600100200@192.0.2.2>"))
    while (retry := ours.retry(sent, moved)) is not None:
        sent, count = retry.request, count + 1
    assert count == MAX_REDIRECTIONS


def test_a_challenge_is_answered_once() -> None:
    ours, challenge = dealings(), ("Proxy-Authenticate", 'Digest realm="o", nonce="n", qop="auth"')
    first = ours.retry(invite(), answer(407, challenge))
    assert first is not None and first.target is None
    assert first.request.cseq.number == 2 and len(credentials_of(first.request)) == 1
    assert ours.retry(first.request, answer(407, challenge)) is None


def test_a_request_of_the_dialog() -> None:
    ours, challenge = dealings(), ("WWW-Authenticate", 'Digest realm="o", nonce="n"')
    bye = Request("BYE", parse_uri("sip:u@o"), Headers())
    ours.sign(bye)
    assert not credentials_of(bye)
    assert ours.is_worth_another(answer(401, challenge))
    ours.sign(bye)
    assert len(credentials_of(bye)) == 1
    assert not ours.is_worth_another(answer(401, challenge))


def test_without_an_account_a_challenge_stands() -> None:
    ours = dealings(has_account=False)
    challenge = ("WWW-Authenticate", 'Digest realm="o", nonce="n"')
    assert ours.retry(invite(), answer(401, challenge)) is None
    assert not ours.is_worth_another(answer(401, challenge))


@pytest.mark.parametrize(("text", "seconds"), [("30", 30), ("5 (busy)", 5), ("soon", None)])
def test_how_long_a_server_wants_rest(text: str, seconds: int | None) -> None:
    ours = dealings()
    assert ours.retry(invite(), answer(503, ("Retry-After", text))) is None
    assert ours.retry_after == seconds


@pytest.mark.parametrize(
    ("status", "reason", "has_rung", "then"),
    [
        (486, "", False, Then.NOWHERE),
        (603, "", False, Then.NOWHERE),
        (404, "", False, Then.NOWHERE),
        (484, "", False, Then.NOWHERE),
        (404, "Q.850;cause=38", False, Then.NOWHERE),  # the number is wrong everywhere
        (480, "", False, Then.NOWHERE),
        (480, "Q.850;cause=19", False, Then.NOWHERE),
        (480, 'Q.850;cause=34;text="No circuit"', False, Then.NEXT_SERVER),
        (500, "Q.850;cause=17", False, Then.NOWHERE),
        (500, "SIP;cause=200, Q.850;cause=41", False, Then.NEXT_SERVER),
        (500, "garbled", False, Then.NEXT_SERVER),
        (503, "", False, Then.NEXT_SERVER),
        (503, "", True, Then.NOWHERE),
        (504, "", False, Then.NEXT_SERVER),
        (408, "", False, Then.NEXT_SERVER),
        (408, "", True, Then.NOWHERE),
        (None, "", False, Then.NEXT_SERVER),
        (302, "", False, Then.NEXT_TRUNK),
        (401, "", False, Then.NEXT_TRUNK),
        (403, "", False, Then.NEXT_TRUNK),
        (407, "", False, Then.NEXT_TRUNK),
        (488, "", False, Then.NEXT_TRUNK),
        (482, "", False, Then.NOWHERE),
        (487, "", False, Then.NOWHERE),
    ],
)
def test_where_a_refused_call_goes(
    status: int | None, reason: str, has_rung: bool, then: Then
) -> None:
    assert after(status, reason, has_rung) is then
