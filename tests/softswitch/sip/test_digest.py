"""Digest arithmetic: the RFCs' own examples, and the parameters as text."""

import pytest

from softswitch.sip.digest import ha1, parse_parameters, request_digest
from softswitch.sip.errors import ParseError

# the RFCs' examples


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_example_of_rfc_7616(algorithm: str, expected: str) -> None:
    secret = ha1("Mufasa", "http-auth@example.org", "Circle of Life", algorithm)
    given = {
        "nonce": "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
        "uri": "/dir/index.html",
        "qop": "auth",
        "nc": "00000001",
        "cnonce": "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    }
    assert request_digest(algorithm, secret, given, "GET", b"", is_session=False) == expected


def test_the_example_of_rfc_2069_has_no_qop() -> None:
    secret = ha1("Mufasa", "testrealm@host.com", "CircleOfLife", "MD5")
    given = {"nonce": "dcd98b7102dd2f0e8b11d0f600bfb0c093", "uri": "/dir/index.html"}
    expected = "1949323746fe6a43ef61f9606e7febea"  # RFC 2069, erratum 749
    assert request_digest("MD5", secret, given, "GET", b"", is_session=False) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a=b", {"a": "b"}),
        ('A="b,c" , d = e', {"a": "b,c", "d": "e"}),
        (r'a="x\"y\\z"', {"a": 'x"y\\z'}),
        ('a="",b=', {"a": "", "b": ""}),
        (",, a=b ,, c=d ,", {"a": "b", "c": "d"}),
        ("", {}),
    ],
)
def test_parameters(text: str, expected: dict[str, str]) -> None:
    assert parse_parameters(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "=b",
        'a="b',
        "a=b c=d",
        "a=b,A=c",
        'a="b"c',
        "a=b\x00\x01 =",
        ",".join(f"a{n}=1" for n in range(40)),
    ],
)
def test_bad_parameters(text: str) -> None:
    with pytest.raises(ParseError):
        parse_parameters(text)
