"""Digest authentication: both sides against each other, and bad input."""

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softswitch.sip import auth
from softswitch.sip.auth import (
    ALGORITHMS,
    AuthResult,
    AuthStatus,
    DigestServer,
    answer_challenge,
    ha1,
)
from softswitch.sip.digest import parse_parameters
from softswitch.sip.errors import ParseError
from softswitch.sip.uri import OtherUri, Uri, parse_uri
from tests.helpers.pump import fill, is_linear

REALM = "softswitch"
SECRET = b"s" * 32
PASSWORD = "zażółć"
USERS = {"101", 'J"\\n', "Jäsøn Doe"}


@dataclass(frozen=True)
class Signed:
    """As much of a request as the credentials are about."""

    method: str = "REGISTER"
    uri: Uri | OtherUri = parse_uri("sip:pbx.example")
    body: bytes = b""


def server(**options: object) -> DigestServer:
    return DigestServer(REALM, SECRET, **options)  # type: ignore[arg-type]


def lookup(user: str, algorithm: str) -> str | None:
    return ha1(user, REALM, PASSWORD, algorithm) if user in USERS else None


def credentials(challenges: list[str], user: str = "101", **options: object) -> str:
    settings = {"uri": "sip:pbx.example", "password": PASSWORD, "cnonce": "abc", "nc": 1}
    settings |= options
    method = settings.pop("method", "REGISTER")
    return answer_challenge(challenges, method, user=user, **settings)  # type: ignore[arg-type]


def status(
    digest: DigestServer, value: str, now: float = 10.0, request: Signed | None = None
) -> AuthStatus:
    return digest.verify(request or Signed(), [value], lookup, now).status


# both sides


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_right_password_is_right(algorithm: str) -> None:
    digest = server(algorithms=(algorithm,))
    value = credentials(digest.challenge(10.0))
    assert digest.verify(Signed(), [value], lookup, 10.5) == AuthResult(AuthStatus.OK, "101")


@pytest.mark.parametrize("user", sorted(USERS))
def test_users_with_quotes_and_letters(user: str) -> None:
    digest = server()
    value = credentials(digest.challenge(10.0), user)
    assert digest.verify(Signed(), [value], lookup, 10.0).user == user
    assert status(digest, value.replace("nc=00000001", "nc=00000002")) is AuthStatus.BAD_PASSWORD


def test_challenges_come_strongest_first_and_are_never_the_same() -> None:
    digest = server(algorithms=("MD5", "SHA-512-256", "SHA-256"))
    first, again = digest.challenge(10.0), digest.challenge(10.0)
    assert [parse_parameters(one[7:])["algorithm"] for one in first] == list(ALGORITHMS)
    assert set(first).isdisjoint(again)
    assert all("stale" not in one for one in first)
    assert all("stale=true" in one for one in digest.challenge(10.0, stale=True))
    assert "algorithm=SHA-512-256" in credentials(first)
    assert "algorithm=MD5" in credentials(first[-1:])


def test_wrong_password_and_unknown_user() -> None:
    digest = server()
    challenges = digest.challenge(10.0)
    assert status(digest, credentials(challenges, password="x")) is AuthStatus.BAD_PASSWORD
    assert status(digest, credentials(challenges, user="999")) is AuthStatus.UNKNOWN_USER
    assert digest.dump()["nonces used"] == 0


def test_missing_and_foreign_credentials() -> None:
    digest = server()
    assert digest.verify(Signed(), [], lookup, 1.0).status is AuthStatus.MISSING
    assert status(digest, "Basic MTAxOnNlY3JldA==") is AuthStatus.MISSING
    foreign = DigestServer("elsewhere", SECRET).challenge(10.0)
    assert status(digest, credentials(foreign)) is AuthStatus.WRONG_REALM


def test_the_right_one_of_several_credentials_is_found() -> None:
    digest = server()
    foreign = credentials(DigestServer("elsewhere", SECRET).challenge(10.0))
    right = credentials(digest.challenge(10.0))
    result = digest.verify(Signed(), ["Basic x", foreign, right], lookup, 10.0)
    assert result.status is AuthStatus.OK
    wrong = credentials(digest.challenge(10.0), password="x")
    assert digest.verify(Signed(), [foreign, wrong], lookup, 10.0) == AuthResult(
        AuthStatus.BAD_PASSWORD, "101"
    )
    many = [foreign] * auth.MAX_CREDENTIALS + [credentials(digest.challenge(10.0))]
    assert digest.verify(Signed(), many, lookup, 10.0).status is AuthStatus.WRONG_REALM


@pytest.mark.parametrize(("age", "expected"), [(299, "OK"), (301, "STALE"), (-5, "STALE")])
def test_nonces_expire(age: float, expected: str) -> None:
    digest = server(nonce_seconds=300)
    value = credentials(digest.challenge(1000.0))
    result = digest.verify(Signed(), [value], lookup, 1000.0 + age)
    assert result.status is AuthStatus[expected]
    assert result.is_stale is (expected == "STALE")


def test_a_nonce_of_another_process_is_stale_not_wrong() -> None:
    before = DigestServer(REALM, b"x" * 32).challenge(10.0)
    assert status(server(), credentials(before)) is AuthStatus.STALE
    assert status(server(), credentials(before, password="x")) is AuthStatus.BAD_PASSWORD


@pytest.mark.parametrize("nonce", ["", "x", ".", "..", "ffff.1.AAAA", "ą", "-1.1." + "A" * 16])
def test_invented_nonces(nonce: str) -> None:
    challenge = f'Digest realm="{REALM}", nonce="{nonce}", qop="auth", algorithm=MD5'
    expected = AuthStatus.STALE if nonce else AuthStatus.MALFORMED
    assert status(server(), credentials([challenge])) is expected


# counts


def test_a_count_is_good_once_and_order_matters_little() -> None:
    digest = server()
    challenges = digest.challenge(10.0)
    seen = [
        status(digest, credentials(challenges, nc=nc)).name
        for nc in (2, 1, 2, 1, 3, 200, 137, 136, 200, 199)
    ]
    assert seen == [
        "OK",
        "OK",
        "REPLAYED",
        "REPLAYED",
        "OK",
        "OK",
        "OK",
        "REPLAYED",
        "REPLAYED",
        "OK",
    ]


def test_the_table_of_used_nonces_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auth, "MAX_USED_NONCES", 3)
    digest = server(nonce_seconds=300)
    values = []
    for step in range(6):
        values.append(credentials(digest.challenge(100.0 + step)))
        assert status(digest, values[-1], 100.0 + step) is AuthStatus.OK
        assert digest.dump()["nonces used"] <= 3
    # What was pushed out is stale, never good again; what is remembered is a replay.
    assert [status(digest, one, 106.0).name for one in values] == ["STALE"] * 3 + ["REPLAYED"] * 3


def test_expired_nonces_leave_the_table() -> None:
    digest = server(nonce_seconds=10)
    for step in range(5):
        assert status(digest, credentials(digest.challenge(step * 6.0)), step * 6.0).name == "OK"
    assert digest.dump()["nonces used"] == 2


# quality of protection


def test_auth_int_covers_the_body() -> None:
    digest = server()
    challenges = [one.replace('qop="auth"', 'qop="auth-int"') for one in digest.challenge(10.0)]
    value = credentials(challenges, body=b"v=0")
    assert "qop=auth-int" in value
    assert status(digest, value, request=Signed(body=b"v=1")) is AuthStatus.BAD_PASSWORD
    assert status(digest, value, request=Signed(body=b"v=0")) is AuthStatus.OK


def test_without_qop_only_where_it_is_allowed() -> None:
    def old(digest: DigestServer, algorithm: str) -> str:
        challenges = [one for one in digest.challenge(10.0) if one.find(f"={algorithm},") > 0]
        return credentials([challenges[0].replace(', qop="auth"', "")])

    assert status(server(), old(server(), "MD5")) is AuthStatus.MALFORMED
    lax = server(allow_without_qop=True)
    assert status(lax, old(lax, "MD5")) is AuthStatus.OK
    assert status(lax, old(lax, "SHA-256")) is AuthStatus.MALFORMED


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_session_algorithms(algorithm: str) -> None:
    digest = server(algorithms=(algorithm,))
    (challenge,) = digest.challenge(10.0)
    value = credentials([challenge.replace(f"={algorithm}", f"={algorithm}-sess")])
    assert f"algorithm={algorithm}-sess" in value
    assert status(digest, value) is AuthStatus.OK


def test_a_missing_algorithm_is_md5() -> None:
    digest = server()
    challenge = digest.challenge(10.0)[-1].replace(", algorithm=MD5", "")
    value = credentials([challenge])
    assert "algorithm" not in value
    assert status(digest, value) is AuthStatus.OK


def test_an_algorithm_that_was_not_offered() -> None:
    value = credentials(server(algorithms=("MD5",)).challenge(10.0))
    assert status(server(algorithms=("SHA-256",)), value) is AuthStatus.MALFORMED


def test_unknown_algorithms_cannot_be_configured() -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        server(algorithms=("SHA-1",))
    with pytest.raises(ValueError, match="SHA-256"):
        server(algorithms=())


# the URI


@pytest.mark.parametrize(
    ("said", "actual", "is_same"),
    [
        ("sip:pbx.example", "sip:pbx.example", True),
        ("sip:PBX.example", "sip:pbx.example:5060;transport=udp", True),
        ("sips:pbx.example", "sip:pbx.example;lr", True),
        ("sip:102@pbx.example", "sip:102@pbx.example;user=phone", True),
        ("sip:%31%30%32@pbx.example", "sip:102@pbx.example", True),
        ("sip:[2001:db8::1]", "sip:[2001:db8::1]:5060", True),
        ("tel:+48221234567", "tel:+48221234567", True),
        ("sip:103@pbx.example", "sip:102@pbx.example", False),
        ("sip:pbx.example", "sip:other.example", False),
        ("pbx.example", "sip:pbx.example", False),
        ("", "sip:pbx.example", False),
        ("tel:+48221234567", "tel:+48221234568", False),
    ],
)
def test_the_uri_must_be_the_requests(said: str, actual: str, is_same: bool) -> None:
    digest = server()
    value = credentials(digest.challenge(10.0), uri=said)
    result = status(digest, value, request=Signed(uri=parse_uri(actual)))
    assert result is (AuthStatus.OK if is_same else AuthStatus.MALFORMED)


def test_the_method_is_covered() -> None:
    digest = server()
    value = credentials(digest.challenge(10.0), method="INVITE")
    assert status(digest, value) is AuthStatus.BAD_PASSWORD


# the text


def test_username_star() -> None:
    digest = server()
    value = credentials(digest.challenge(10.0), "Jäsøn Doe")
    extended = value.replace('username="Jäsøn Doe"', "username*=UTF-8''J%C3%A4s%C3%B8n%20Doe")
    assert digest.verify(Signed(), [extended], lookup, 10.0).user == "Jäsøn Doe"


@pytest.mark.parametrize(
    "change",
    [
        ("username=", "name="),
        ("username=", "username*=UTF-8''x, username="),
        ('username="101"', "username*=UTF-8''%ff"),
        ('username="101"', "username*=latin-1''x"),
        ('username="101"', "username*=x"),
        ("nonce=", "once="),
        ("uri=", "url="),
        ("response=", "request="),
        ("qop=auth", "qop=everything"),
        ("nc=00000001", "nc=x"),
        ("nc=00000001", "nc=000000001"),
        ("nc=00000001", "nd=00000001"),
        ("cnonce=", "dnonce="),
        ("algorithm=SHA-256", "algorithm=SHA-1"),
        ("qop=auth", "qop=auth, userhash=true"),
        ("Digest ", "Digest ="),
    ],
)
def test_malformed_credentials(change: tuple[str, str]) -> None:
    digest = server()
    value = credentials(digest.challenge(10.0))
    assert change[0] in value
    assert status(digest, value.replace(*change)) is AuthStatus.MALFORMED


@pytest.mark.parametrize("response", ["", "x", "ą" * 32, "\udcff", "0" * 64])
def test_strange_responses_are_wrong(response: str) -> None:
    digest = server()
    head, _, tail = credentials(digest.challenge(10.0)).partition('response="')
    value = f'{head}response="{response}"{tail[tail.index(chr(34)) + 1 :]}'
    assert status(digest, value) is AuthStatus.BAD_PASSWORD


@pytest.mark.parametrize(
    "challenges",
    [
        [],
        ["Basic realm=x"],
        ['Digest realm="x", nonce="y", algorithm=SHA-1'],
        ['Digest realm="x", nonce="y", qop="token"'],
        ['Digest nonce="y"'],
        ["Digest nonsense"],
    ],
)
def test_challenges_that_nobody_can_answer(challenges: list[str]) -> None:
    with pytest.raises(ParseError):
        credentials(challenges)


def test_an_opaque_goes_back() -> None:
    value = credentials(['Digest realm="x", nonce="y", opaque="o,\\"p", qop="auth,auth-int"'])
    assert r'opaque="o,\"p"' in value
    assert "qop=auth," in value


@settings(max_examples=200, deadline=None)
@given(
    st.text(max_size=120)
    | st.binary(max_size=80).map(lambda b: b.decode("utf-8", "surrogateescape"))
)
def test_no_text_breaks_the_server(text: str) -> None:
    digest = server()
    good = credentials(digest.challenge(10.0))
    for value in (text, "Digest " + text, good + "," + text, good.replace("101", text)):
        digest.verify(Signed(), [value], lookup, 10.0)


@pytest.mark.parametrize(
    "sign", ["a", "=", '"', "\\", ",", " ", 'a="', 'a="\\"', "a=", 'a="",', "\\\\", "Digest "]
)
def test_pump(sign: str) -> None:
    def read(value: str) -> None:
        server().verify(Signed(), [value], lookup, 10.0)
        credentials([value])

    assert is_linear(read, fill("Digest ", sign))
