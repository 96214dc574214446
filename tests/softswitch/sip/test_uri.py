"""SIP URIs and the others."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softswitch.sip.errors import ParseError
from softswitch.sip.uri import CACHED_URI, MAX_URI, OtherUri, Uri, parse_hostport, parse_uri
from tests.helpers.pump import fill, is_linear


def sip(text: str) -> Uri:
    uri = parse_uri(text)
    assert isinstance(uri, Uri)
    return uri


@pytest.mark.parametrize(
    ("text", "uri"),
    [
        ("sip:h", Uri("sip", None, None, "h", None)),
        ("SIP:a@H.Example", Uri("sip", "a", None, "H.Example", None)),
        ("sips:a:b@h:5061", Uri("sips", "a", "b", "h", 5061)),
        ("sip:a:@h", Uri("sip", "a", "", "h", None)),
        ("sip:h;lr", Uri("sip", None, None, "h", None, (("lr", None),))),
        ("sip:a@[::1]:5070;x=y", Uri("sip", "a", None, "::1", 5070, (("x", "y"),))),
        ("sip:a@h?b=c&d=", Uri("sip", "a", None, "h", None, (), (("b", "c"), ("d", "")))),
        ("sip:a@h;p=q?b", Uri("sip", "a", None, "h", None, (("p", "q"),), (("b", None),))),
        ("sip:%2B48%20@h", Uri("sip", "+48 ", None, "h", None)),
        ("sip:*21#@h", Uri("sip", "*21#", None, "h", None)),
        ("sip:zażółć@h", Uri("sip", "zażółć", None, "h", None)),
        ("sip:u;x=y?z@h", Uri("sip", "u;x=y?z", None, "h", None)),
        ("sip:under_score.local", Uri("sip", None, None, "under_score.local", None)),
        ("tel:+48-22;ext=5", OtherUri("tel", "+48-22;ext=5")),
        ("URN:uuid:x", OtherUri("urn", "uuid:x")),
        ("http://a@b/c?d#e", OtherUri("http", "//a@b/c?d#e")),
    ],
)
def test_reads_and_writes(text: str, uri: Uri | OtherUri) -> None:
    assert parse_uri(text) == uri
    assert str(parse_uri(text)) == (text if isinstance(uri, Uri) else str(uri))
    assert parse_uri(str(uri)) == uri


@pytest.mark.parametrize(
    "text",
    ["", "a", "sip", "sip:", ":x", "sip:@h", "sip::p@h", "sip:a@", "sip:a@b@c", "sip:h:", "sip:h:0"]
    + ["sip:h:65536", "sip:h:x", "sip:h:-1", "sip:[::1", "sip:::1", "sip:[zz]", "sip:[:::]"]
    + ["sip:[::1%eth0]", "sip:[1.2.3.4]", "sip:h;;", "sip:h;;a", "sip:h;=a", "sip:h?", "sip:h?=b"]
    + ["sip:a b@h", "sip:h x", "sip:h;a b", "sip:<h>", 'sip:"a"@h', "sip:a%zz@h", "sip:a%4@h"]
    + ["sip:h\r\nVia: x", "sip:a\x00@h", "sip:h\n", "tel:", "tel:a b", "1tel:5", "sip:h;a@b@c"]
    + ["sip:hóst", "sip:h:٣"],
)
def test_what_is_no_uri(text: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse_uri(text)
    assert caught.value.status == 400


def test_too_long() -> None:
    with pytest.raises(ParseError) as caught:
        parse_uri("sip:" + "a" * MAX_URI)
    assert caught.value.status == 414
    assert sip("sip:" + "a" * (MAX_URI - 4)).host
    assert sip("sip:" + "a" * CACHED_URI).host


@pytest.mark.parametrize(
    ("uri", "text"),
    [
        (Uri("sip", "a b", None, "h", None), "sip:a%20b@h"),
        (Uri("sip", "a@b:c#", None, "h", None), "sip:a%40b%3Ac%23@h"),
        (Uri("sip", "x\r\nVia: y", "p@", "h", 1), "sip:x%0D%0AVia%3A%20y:p%40@h:1"),
        (Uri("sip", "50%", None, "h", None), "sip:50%25@h"),
        (Uri("sip", "ż", None, "h", None), "sip:%C5%BC@h"),
        (Uri("sip", "\udcff", None, "h", None), "sip:%FF@h"),
        (Uri("sip", "+48221234567", None, "::1", 5060), "sip:+48221234567@[::1]:5060"),
    ],
)
def test_our_own_are_escaped(uri: Uri, text: str) -> None:
    assert str(uri) == text
    assert parse_uri(text) == uri


def test_changes_are_written() -> None:
    uri = sip("sip:a@h;transport=tcp?x=y")
    assert str(uri.with_params((("lr", None),))) == "sip:a@h;lr?x=y"
    assert str(uri.without_headers()) == "sip:a@h;transport=tcp"
    assert uri.param("transport") == "tcp" and uri.has_param("transport")
    assert not uri.has_param("lr")


def test_headers_are_unescaped() -> None:
    uri = sip("sip:a@h?Replaces=1%40h%3Bto-tag%3D2&Subject=a%20b&x")
    assert uri.header("replaces") == "1@h;to-tag=2"
    assert uri.header("SUBJECT") == "a b"
    assert uri.header("x") is None and uri.header("y") is None


def test_tel_has_a_user() -> None:
    uri = parse_uri("tel:+48221234567;phone-context=x.example;isub=1")
    assert isinstance(uri, OtherUri) and uri.user == "+48221234567"
    assert uri.param("phone-context") == "x.example" and uri.has_param("isub")
    other = parse_uri("urn:x;a=b")
    assert isinstance(other, OtherUri) and other.user is None and other.param("a") is None
    assert OtherUri("tel", "1;;").param("a") is None


# RFC 3261 19.1.4.
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtlanTa.CoM;Transport=tcp"),
        ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"),
        ("sip:carol@chicago.com", "sip:carol@chicago.com;security=on"),
        (
            "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
            "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com",
        ),
        (
            "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
            "sip:alice@atlanta.com?priority=urgent&subject=project%20x",
        ),
    ],
)
def test_equivalent(one: str, other: str) -> None:
    assert sip(one).equivalent(sip(other)) and sip(other).equivalent(sip(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("sip:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"),
        ("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"),
        ("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"),
        ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"),
        ("sip:a@h", "sip:a@h;user=phone"),
        ("sip:a@h", "sip:a:b@h"),
        ("sip:a@h", "sips:a@h"),
    ],
)
def test_not_equivalent(one: str, other: str) -> None:
    assert not sip(one).equivalent(sip(other)) and not sip(other).equivalent(sip(one))


def test_nothing_else_is_equivalent() -> None:
    assert not sip("sip:h").equivalent("sip:h")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("h", ("h", None)), ("h:5", ("h", 5)), ("[::1]", ("::1", None)), ("[::1]:5", ("::1", 5))],
)
def test_parse_hostport(text: str, expected: tuple[str, int | None]) -> None:
    assert parse_hostport(text) == expected


@pytest.mark.parametrize("text", ["", ":5", "h:", "::1", "[::1]x", "[x]", "h:99999", "a b"])
def test_what_is_no_host(text: str) -> None:
    with pytest.raises(ParseError):
        parse_hostport(text)


@given(st.text(st.sampled_from('sip:tel@;=?&%[]<>"\\ 0aż4\x00\r\n\udcff.,')))
@settings(max_examples=200)
def test_only_parse_errors_come_out(text: str) -> None:
    for prefix in ("", "sip:", "sip:a@", "sip:h;", "tel:"):
        with contextlib.suppress(ParseError):
            uri = parse_uri(prefix + text)
            assert parse_uri(str(uri)) == uri
            hash(uri)


@given(
    user=st.none() | st.text(min_size=1),
    password=st.none() | st.text(),
    host=st.sampled_from(["h", "example.com", "192.0.2.1", "2001:db8::1"]),
    port=st.none() | st.integers(1, 65535),
)
@settings(max_examples=200)
def test_whatever_we_write_can_be_read(
    user: str | None, password: str | None, host: str, port: int | None
) -> None:
    uri = Uri("sip", user, password if user else None, host, port)
    assert parse_uri(str(uri)) == uri


@pytest.mark.parametrize(
    "text",
    [fill("sip:", unit, end) for unit in "a:@;=?&%[.0" for end in ("", "@", " ")]
    + [fill("sip:", ";a=b"), fill("sip:a@h", ";a"), fill("sip:a@h?", "&a"), fill("sip:", "%41")]
    + [fill("tel:", "9"), fill("tel:", ";a"), fill("a", "a", ":"), fill("a", "a")],
)
def test_uris_are_linear(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("softswitch.sip.uri.MAX_URI", len(text))
    assert is_linear(parse_uri, text)
