"""Typed values of header fields."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softswitch.sip.errors import ParseError
from softswitch.sip.grammar import MAX_LIST, Params
from softswitch.sip.headers import (
    LONGEST_KEPT,
    Challenge,
    ContactList,
    CSeq,
    NameAddr,
    Parsable,
    Reason,
    RetryAfter,
    Via,
    parse_list,
    split_challenges,
)
from softswitch.sip.uri import OtherUri, Uri, parse_uri
from tests.helpers.pump import fill, is_linear

KINDS: list[type[Parsable]] = [NameAddr, Via, CSeq, Challenge, Reason, RetryAfter]


@pytest.mark.parametrize(
    ("text", "display", "uri", "params"),
    [
        ("<sip:a@h>", None, "sip:a@h", ()),
        ("sip:a@h", None, "sip:a@h", ()),
        ("sip:a@h;tag=1", None, "sip:a@h", (("tag", "1"),)),
        ("sip:a@h ; tag = 1", None, "sip:a@h", (("tag", "1"),)),
        ("<sip:a@h;lr>;tag=1", None, "sip:a@h;lr", (("tag", "1"),)),
        ('"Anna Nowak" <sip:a@h>', "Anna Nowak", "sip:a@h", ()),
        ('"Anna"<sip:a@h>', "Anna", "sip:a@h", ()),
        ('"" <sip:a@h>', "", "sip:a@h", ()),
        ('"Zażółć, \\"x\\" <y>" <sip:a@h>', 'Zażółć, "x" <y>', "sip:a@h", ()),
        ('"a <sip:b@h>" <sip:a@h>', "a <sip:b@h>", "sip:a@h", ()),
        ("Anna <sip:a@h>", "Anna", "sip:a@h", ()),
        ("Anna Maria\t <sip:a@h>", "Anna Maria", "sip:a@h", ()),
        ("Łukasz <sip:a@h>", "Łukasz", "sip:a@h", ()),
        ("Nowak, Anna <sip:a@h>", "Nowak, Anna", "sip:a@h", ()),
        ("< sip:a@h > ;q=0.5", None, "sip:a@h", (("q", "0.5"),)),
        ("<tel:+48221234567>", None, "tel:+48221234567", ()),
        ("tel:112", None, "tel:112", ()),
        ("sip:a@h;tag=<1", None, "sip:a@h", (("tag", "<1"),)),
        (
            '<sip:a@h>;+sip.instance="<urn:uuid:0>";reg-id=1;expires=60',
            None,
            "sip:a@h",
            (("+sip.instance", '"<urn:uuid:0>"'), ("reg-id", "1"), ("expires", "60")),
        ),
    ],
)
def test_name_addr(text: str, display: str | None, uri: str, params: Params) -> None:
    address = NameAddr.parse(text)
    assert address == NameAddr(display, parse_uri(uri), params)
    again = NameAddr.parse(str(address))
    assert again == NameAddr(display or None, parse_uri(uri), params)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "<>",
        "<sip:h",
        "sip:h>",
        '"a',
        '"a" sip:h',
        '"a" x <sip:h>',
        'a "b" <sip:h>',
        "<<sip:h>>",
    ]
    + ["sip:h?a=b", "sip:a,b@h", "<sip:h>x", "<sip:h>;;", "a:b <sip:h>", "<sip:h> <sip:i>", "*"]
    + ['"a\\" <sip:h>', "a\\b <sip:h>", "Anna", "<sip:h>;a=b c"]
    + ["sip:h;a=b><>", "a>b <sip:h>"],
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ParseError):
        NameAddr.parse(text)


def test_name_addr_is_asked() -> None:
    address = NameAddr.parse('<sip:a@h>;TAG="x y";lr')
    assert address.tag == "x y" and address.param("tag") == "x y"
    assert address.has_param("lr") and address.param("lr") is None and not address.has_param("q")
    assert NameAddr.parse("<sip:h>").tag is None


@pytest.mark.parametrize("display", ["x\r\nVia: y", "a\n"])
def test_a_name_stays_on_its_line(display: str) -> None:
    with pytest.raises(ValueError, match="line"):
        str(NameAddr(display, OtherUri("tel", "1"), ()))


@pytest.mark.parametrize(
    ("text", "via"),
    [
        ("SIP/2.0/UDP h", Via("UDP", "h", None)),
        ("SIP/2.0/tls h:5061", Via("TLS", "h", 5061)),
        (
            "SIP/2.0/UDP 1.2.3.4;branch=z;rport",
            Via("UDP", "1.2.3.4", None, (("branch", "z"), ("rport", None))),
        ),
        ("SIP/2.0/TCP [::1]:5;branch=z", Via("TCP", "[::1]", 5, (("branch", "z"),))),
        ("SIP/2.0/TCP [::1]", Via("TCP", "[::1]", None)),
        ("SIP / 2.0 / UDP  h : 5 ; branch = z", Via("UDP", "h", 5, (("branch", "z"),))),
        ("sip/2.0/udp\th;a", Via("UDP", "h", None, (("a", None),))),
        ("SIP/2.0/UDP [::1] : 7 ;a", Via("UDP", "[::1]", 7, (("a", None),))),
        ("SIP/2.0/X-new+y h", None),
        ("SIP/2.0/UDP h ;a", Via("UDP", "h", None, (("a", None),))),
        (
            "SIP/2.0/UDP h;received=2001:db8::9",
            Via("UDP", "h", None, (("received", "2001:db8::9"),)),
        ),
    ],
)
def test_via(text: str, via: Via | None) -> None:
    if via is None:
        assert Via.parse(text).transport == "X-NEW+Y"
        return
    assert Via.parse(text) == via
    assert Via.parse(str(via)) == via


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SIP/2.0/UDP",
        "SIP/2.0/UDP ",
        "SIP/3.0/UDP h",
        "HTTP/2.0/UDP h",
        "SIP/2.0/UDP h i",
        "SIP/2.0 h",
    ]
    + [
        "SIP/2.0/UDP ::1",
        "SIP/2.0/UDP h:",
        "SIP/2.0/UDP h:99999",
        "SIP/2.0/UDP h;;",
        "SIP/2.0/U DP h",
    ]
    + ["SIP/2.0/UDP h;a b", "SIP/2.0/UDP [::1", "SIP/2.0/UDP h:5x", "SIP/2.0/UDP h,i", "SIP//UDP h"]
    + ["SIP/2.0/UDP h:5 : 6", "SIP/2.0/UDP h/x"],
)
def test_what_is_no_via(text: str) -> None:
    with pytest.raises(ParseError):
        Via.parse(text)


def test_via_is_asked() -> None:
    via = Via.parse("SIP/2.0/UDP h;Branch=z;rport=5060;received=192.0.2.1")
    assert (via.branch, via.rport, via.received) == ("z", 5060, "192.0.2.1")
    bare = Via.parse("SIP/2.0/UDP h;rport")
    assert bare.has_param("rport") and bare.rport is None and bare.branch is None
    assert Via.parse("SIP/2.0/UDP h;rport=70000").rport is None
    assert str(Via("UDP", "::1", 5)) == "SIP/2.0/UDP [::1]:5"


@pytest.mark.parametrize(
    ("text", "cseq"),
    [
        ("1 INVITE", CSeq(1, "INVITE")),
        ("0009  \tACK", CSeq(9, "ACK")),
        ("2147483647 X-y", CSeq(2**31 - 1, "X-y")),
    ],
)
def test_cseq(text: str, cseq: CSeq) -> None:
    assert CSeq.parse(text) == cseq
    assert CSeq.parse(str(cseq)) == cseq


@pytest.mark.parametrize(
    "text",
    ["", "1", "INVITE", "INVITE 1", "-1 ACK", "2147483648 ACK", "1 A B", "1 A/B", "٣ ACK"]
    + ["9" * 5000 + " ACK", "1ACK", "1\nACK"],
)
def test_what_is_no_cseq(text: str) -> None:
    with pytest.raises(ParseError):
        CSeq.parse(text)


def test_lists() -> None:
    lines = ["<sip:a@h>, <sip:b@h;x=y>;q=1", "", '"c, d" <sip:c@h>']
    addresses = parse_list(NameAddr, lines)
    assert [address.uri.user for address in addresses if isinstance(address.uri, Uri)] == [
        "a",
        "b",
        "c",
    ]
    assert parse_list(NameAddr, []) == []
    with pytest.raises(ParseError):
        parse_list(NameAddr, ["<sip:a@h>,,<sip:b@h>"])
    with pytest.raises(ParseError):
        parse_list(Via, ["SIP/2.0/UDP h"] * (MAX_LIST + 1))


def test_contacts() -> None:
    assert ContactList.parse_lines(["*"]) == ContactList((), True)
    assert ContactList.parse_lines([]) == ContactList(())
    assert len(ContactList.parse_lines(["<sip:a@h>, sip:b@h", "sip:c@h"]).addresses) == 3
    with pytest.raises(ParseError):
        ContactList.parse_lines(["*", "<sip:a@h>"])
    with pytest.raises(ParseError):
        ContactList.parse_lines(["*, <sip:a@h>"])


def test_challenge() -> None:
    text = 'Digest Realm="a, \\"b\\"",nonce=abc , qop="auth,auth-int", stale=FALSE, opaque=""'
    challenge = Challenge.parse(text)
    assert challenge.scheme == "Digest"
    assert challenge.params == {
        "realm": 'a, "b"',
        "nonce": "abc",
        "qop": "auth,auth-int",
        "stale": "FALSE",
        "opaque": "",
    }
    assert str(challenge) == text
    basic = Challenge.parse("Basic dXNlcjpwYXNz==")
    assert (basic.scheme, basic.params, basic.text) == ("Basic", {}, "dXNlcjpwYXNz==")
    assert str(Challenge.parse("Negotiate")) == "Negotiate"
    with pytest.raises(ParseError):
        Challenge.parse('"Digest"')
    with pytest.raises(ParseError):
        Challenge.parse('Digest realm="a, b')


def test_several_challenges() -> None:
    lines = [
        'Digest realm="a, b", nonce="1", algorithm=SHA-256, Digest realm="c", nonce="2"',
        "Negotiate, Basic realm=x",
        "",
    ]
    assert split_challenges(lines) == [
        'Digest realm="a, b", nonce="1", algorithm=SHA-256',
        'Digest realm="c", nonce="2"',
        "Negotiate",
        "Basic realm=x",
    ]


def test_reason() -> None:
    reason = Reason.parse('SIP ;cause=200 ;text="Call completed elsewhere"')
    assert (reason.protocol, reason.cause) == ("SIP", 200)
    assert reason.text == "Call completed elsewhere"
    assert str(reason) == 'SIP;cause=200;text="Call completed elsewhere"'
    (first, second) = parse_list(Reason, ["Q.850;cause=16, SIP;cause=x"])
    assert first.cause == 16 and second.cause is None and second.text is None
    with pytest.raises(ParseError):
        Reason.parse(";cause=1")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("120", 120), ("18000;duration=3600", 18000), ("5 (in a meeting)", 5), ("5(x);a", 5)],
)
def test_retry_after(text: str, seconds: int) -> None:
    assert RetryAfter.parse(text) == RetryAfter(seconds)
    assert str(RetryAfter(seconds)) == str(seconds)


@pytest.mark.parametrize("text", ["", "x", "-5", "949302838503028349304023988", "(a) 5"])
def test_what_is_no_retry_after(text: str) -> None:
    with pytest.raises(ParseError):
        RetryAfter.parse(text)


@pytest.mark.parametrize("kind", KINDS)
@given(text=st.text(st.sampled_from('SIP/2.0UDPsip:h<>"\\,;=@?[]()* \tż\x00\r\n\udcff19')))
@settings(max_examples=200)
def test_only_parse_errors_come_out(kind: type[Parsable], text: str) -> None:
    for prefix in ("", "SIP/2.0/UDP ", "<sip:a@h>", '"', "Digest a=", "1 "):
        with contextlib.suppress(ParseError):
            parse_list(kind, [prefix + text])
        with contextlib.suppress(ParseError):
            split_challenges([prefix + text])


@given(st.text(st.characters(blacklist_characters="\r\n", blacklist_categories=()), min_size=1))
@settings(max_examples=200)
def test_every_display_name_comes_back(display: str) -> None:
    address = NameAddr(display, OtherUri("tel", "1"), (("tag", "x"),))
    assert NameAddr.parse(str(address)) == address


PUMPS = [
    fill(before, unit, after)
    for before in ("", "a")
    for unit in '"<>;, \\=:'
    for after in ("", "x")
]
PUMPS += [
    fill('"', "\\a", '" <sip:h>'),
    fill('"', "\\a"),
    fill('"', "a", '" <sip:h>'),
    fill("<sip:h>", " "),
    fill("<sip:h>", " ;"),
    fill("<", " ", "sip:h>"),
    fill("", "a ", "<sip:h>"),
    fill("a", ">", "<sip:h"),
    fill("a>", "<", ">"),
    fill("", " ", "x <sip:h>"),
    fill("SIP", " ", "/2.0/UDP h"),
    fill("SIP/2.0/UDP ", " ", "h"),
    fill("SIP/2.0/UDP h", " "),
    fill("SIP/2.0/UDP h", " ", ":"),
    fill("SIP/2.0/", "a"),
    fill("SIP/2.0/UDP [", ":"),
    fill("SIP/2.0/UDP ", "h:"),
    fill("1", " ", "x y"),
    fill("", "1", " x"),
    fill("Digest ", 'a="b",'),
    fill("Digest a=", " ", "b"),
    fill("Digest a", " ", "=b"),
    fill("Digest ", "a "),
    fill("1", " ("),
]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (NameAddr, '"Anna" <sip:anna@h>;tag='),
        (NameAddr, "sip:anna@h;tag="),
        (Via, "SIP/2.0/UDP h:5062;branch="),
        (ContactList, "<sip:anna@h>;tag="),
    ],
)
def test_what_is_too_long_to_be_kept_is_read_the_same(kind: type, text: str) -> None:
    read = kind.parse_lines if kind is ContactList else kind.parse
    for length in (1, LONGEST_KEPT - len(text), LONGEST_KEPT + 1):
        value = text + "x" * length
        found = read([value] if kind is ContactList else value)
        assert str(found).replace("'", "").count("x") == length
        assert found == read([value] if kind is ContactList else value)


@pytest.mark.parametrize("kind", KINDS)
def test_values_are_linear(kind: type[Parsable]) -> None:
    for text in PUMPS:
        assert is_linear(lambda text: parse_list(kind, [text]), text), text[:20]
        assert is_linear(kind.parse, text), text[:20]


def test_challenges_are_linear() -> None:
    for text in PUMPS:
        assert is_linear(lambda text: split_challenges([text]), text), text[:20]
