"""Answers to challenges, judged by the switch's own digest server."""

import pytest

from softswitch.sip.auth import AuthStatus, DigestServer
from softswitch.sip.digest import ha1
from softswitch.sip.message import Headers, Request, Response
from softswitch.sip.uri import parse_uri
from softswitch.trunks.credentials import Account, Signer, credentials_of

USER, PASSWORD, REALM = "48221234567", "tajne", "operator.example"


def signer(password: str = PASSWORD) -> Signer:
    return Signer(Account(USER, password, lambda: "0a4f113b"))


def request(method: str = "INVITE", body: bytes = b"") -> Request:
    headers = Headers()
    headers.add("CSeq", f"1 {method}")
    return Request(method, parse_uri("sip:+48600100200@operator.example"), headers, body)


def challenged(status: int, *values: str) -> Response:
    headers = Headers()
    for value in values:
        headers.add("WWW-Authenticate" if status == 401 else "Proxy-Authenticate", value)
    return Response(status, "", headers)


def server(*algorithms: str, **options: bool) -> DigestServer:
    return DigestServer(REALM, b"s" * 32, algorithms, **options)


def judge(digest: DigestServer, sent: Request, now: float = 10.0) -> AuthStatus:
    def look_up(user: str, algorithm: str) -> str | None:
        return ha1(user, REALM, PASSWORD, algorithm) if user == USER else None

    values = [value for _, value in credentials_of(sent)]
    return digest.verify(sent, values, look_up, now).status


@pytest.mark.parametrize("status", [401, 407])
@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256", "SHA-512-256"])
def test_every_algorithm_in_both_headers(status: int, algorithm: str) -> None:
    digest, ours = server(algorithm), signer()
    assert ours.learn(challenged(status, *digest.challenge(10.0)))
    sent = request()
    assert ours.sign(sent)
    assert [name for name, _ in credentials_of(sent)] == [
        "Authorization" if status == 401 else "Proxy-Authorization"
    ]
    assert judge(digest, sent) is AuthStatus.OK


def test_what_is_known_is_put_on_the_next_request_with_another_count() -> None:
    digest, ours = server("MD5"), signer()
    ours.learn(challenged(401, *digest.challenge(10.0)))
    for method in ("REGISTER", "REGISTER", "BYE"):
        sent = request(method)
        ours.sign(sent)
        assert judge(digest, sent) is AuthStatus.OK  # a count used twice would be REPLAYED


@pytest.mark.parametrize("qop", ["", ', qop="auth,auth-int"', ', qop="auth-int"'])
def test_forms_of_qop(qop: str) -> None:
    ours = signer()
    assert ours.learn(challenged(407, f'Digest realm="{REALM}", nonce="n"{qop}'))
    sent = request(body=b"v=0\r\n")
    ours.sign(sent)
    ((_, value),) = credentials_of(sent)
    assert ("nc=00000001" in value) is bool(qop)


def test_a_wrong_password_is_told_once() -> None:
    ours = signer("falsch")
    digest = server("MD5")
    assert ours.learn(challenged(401, *digest.challenge(10.0)))
    assert not ours.learn(challenged(401, *digest.challenge(11.0)))
    sent = request()
    assert not ours.sign(sent) and not credentials_of(sent)
    assert ours.learn(challenged(401, *digest.challenge(400.0)))  # another try, minutes later


def test_a_stale_nonce_is_answered_again_but_not_for_ever() -> None:
    ours, digest = signer(), server("MD5")
    assert ours.learn(challenged(401, *digest.challenge(10.0)))
    tries = 0
    while ours.learn(challenged(401, *digest.challenge(10.0, stale=True))):
        tries += 1
        assert tries < 5
    assert tries == 2


def test_proxy_and_server_challenge_one_after_the_other() -> None:
    ours, proxy, behind = signer(), server("MD5"), server("SHA-256")
    assert ours.learn(challenged(407, *proxy.challenge(10.0)))
    assert ours.learn(challenged(401, *behind.challenge(10.0)))
    sent = request()
    ours.sign(sent)
    assert len(credentials_of(sent)) == 2


@pytest.mark.parametrize(
    "values",
    [
        (),
        ("Basic realm=x",),
        ('Digest realm="x", nonce="n", algorithm=ROT13',),
        ('Digest realm="x"',),
        ("Digest " + "," * 50,),
    ],
)
def test_what_cannot_be_answered(values: tuple[str, ...]) -> None:
    ours = signer()
    assert not ours.learn(challenged(401, *values))
    assert not ours.sign(request())


def test_only_challenges_are_learnt() -> None:
    assert not signer().learn(challenged(403, 'Digest realm="x", nonce="n"'))


def test_a_password_is_not_printed() -> None:
    assert PASSWORD not in repr(Account(USER, PASSWORD, str)) + repr(signer())
