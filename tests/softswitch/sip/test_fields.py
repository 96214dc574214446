"""Headers: order, names, text kept as it came, no smuggling."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softswitch.sip.errors import ParseError
from softswitch.sip.fields import MAX_FIELDS, MAX_LINE, Headers, has_stray_control
from tests.helpers.pump import fill, is_linear

TEXT = (
    "v: SIP/2.0/UDP a\r\nX-Odd  :  kept \t as it is  \r\nVIA:SIP/2.0/TCP b\r\n"
    "Subject: one\r\n  two\r\n\tthree\r\nSubject:"
)


def test_names_and_values() -> None:
    headers = Headers.parse(TEXT)
    assert list(headers) == [
        ("Via", "SIP/2.0/UDP a"),
        ("X-Odd", "kept \t as it is"),
        ("Via", "SIP/2.0/TCP b"),
        ("Subject", "one two three"),
        ("Subject", ""),
    ]
    assert headers.get("VIA") == headers.get("v") == "SIP/2.0/UDP a"
    assert headers.all("via") == ["SIP/2.0/UDP a", "SIP/2.0/TCP b"]
    assert headers.count("s") == 2 and len(headers) == 5
    assert "x-odd" in headers and "To" not in headers
    assert headers.get("To") is None and headers.all("To") == [] and headers.count("To") == 0
    assert headers.names == tuple(name for name, _ in headers)


def test_untouched_text_is_kept() -> None:
    headers = Headers.parse(TEXT)
    assert "\r\n".join(headers.lines()) == TEXT
    headers.add("To", "x")
    headers.prepend("Route", "<sip:r>")
    headers.remove("V")
    assert headers.lines() == [
        "Route: <sip:r>",
        "X-Odd  :  kept \t as it is  ",
        "Subject: one\r\n  two\r\n\tthree",
        "Subject:",
        "To: x",
    ]


def test_changes() -> None:
    headers = Headers()
    headers.add("v", "1")
    headers.add("Via", "2")
    headers.add("To", "t")
    headers.replace_first("via", "3")
    assert list(headers) == [("Via", "3"), ("Via", "2"), ("To", "t")]
    headers.set("VIA", "4")
    assert list(headers) == [("Via", "4"), ("To", "t")]
    headers.set("From", "f")
    headers.replace_first("Route", "r")
    assert " ".join(headers.names) == "Route Via To From"
    headers.remove("nothing")
    headers.remove("route")
    assert " ".join(headers.names) == "Via To From"
    assert repr(headers) == "<Headers Via, To, From>"


def test_copies_are_apart() -> None:
    one = Headers.parse("To: a\r\nFrom: b")
    one.views["To"] = "view"
    other = one.copy()
    other.set("To", "c")
    assert one.get("To") == "a" and one.views == {"To": "view"}
    assert other.get("To") == "c" and other.views == {}
    assert one.take(frozenset({"From"})).lines() == ["From: b"]


@pytest.mark.parametrize(
    "change",
    [
        lambda headers: headers.set("to", "x"),
        lambda headers: headers.remove("f"),
        lambda headers: headers.replace_first("v", "x"),
        lambda headers: headers.add("Route", "x"),
    ],
)
def test_views_leave_with_their_field(change: Callable[[Headers], None]) -> None:
    headers = Headers.parse("To: a\r\nFrom: b\r\nVia: c\r\nRoute: d")
    headers.views.update(dict.fromkeys(["To", "From", "Via", "Route"], 1))
    change(headers)
    assert len(headers.views) == 3


@pytest.mark.parametrize("value", ["a\r\nVia: x", "a\nb", "a\r", "\r\n"])
def test_no_value_begins_a_line(value: str) -> None:
    headers = Headers.parse("To: a\r\nTo: b")
    for change in (headers.add, headers.prepend, headers.set, headers.replace_first):
        for name in ("To", "Subject"):
            with pytest.raises(ValueError, match="line"):
                change(name, value)
    assert headers.lines() == ["To: a", "To: b"]


@pytest.mark.parametrize("name", ["", "a b", "a:", "a\r\nb", "ż"])
def test_a_name_is_a_token(name: str) -> None:
    with pytest.raises(ValueError, match="token"):
        Headers().add(name, "x")


@pytest.mark.parametrize(
    "text",
    ["x", ": x", "a b: x", " a: x", "a: x\r\n", "a: x\r\n\r\nb: y", "ż: x", "a\x00: x", '"a": x'],
)
def test_what_is_no_header(text: str) -> None:
    with pytest.raises(ParseError) as caught:
        Headers.parse(text)
    assert caught.value.status == 400


@pytest.mark.parametrize(
    "text",
    ["a: x\r\n" * MAX_FIELDS + "a: x", "a: " + "x" * MAX_LINE, "a: x" + "\r\n  y" * MAX_LINE],
)
def test_too_much(text: str) -> None:
    with pytest.raises(ParseError) as caught:
        Headers.parse(text)
    assert caught.value.status == 513


def test_as_much_as_may_be() -> None:
    assert len(Headers.parse("\r\n".join(["a: x"] * MAX_FIELDS))) == MAX_FIELDS
    assert Headers.parse("a: " + "x" * (MAX_LINE - 3)).get("a")
    assert len(Headers.parse("")) == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a\r\nb", False), ("a\nb", True), ("a\rb", True), ("a\r\r\nb", True), ("a\n\rb", True)]
    + [("\0", True), ("\\\0", False), ("\\\0\0", True), ("", False)],
)
def test_stray_controls(text: str, expected: bool) -> None:
    assert has_stray_control(text) is expected


def test_salvage() -> None:
    text = "garbage\r\n v: a\r\nVia: 1\r\n 2\r\nv: 3\r\nTo: x\r\nTo: y\r\nb b: c\r\nSubject: s"
    found = Headers.salvage(text, frozenset({"Via", "To"}))
    assert list(found) == [("Via", "1 2"), ("Via", "3"), ("To", "x")]
    assert len(Headers.salvage(" \r\n \r\n:", frozenset({"Via"}))) == 0


@given(st.text(st.sampled_from("Va:; \t\r\n\\\0ż\udcff")))
@settings(max_examples=200)
def test_only_parse_errors_come_out(text: str) -> None:
    if has_stray_control(text):
        return
    Headers.salvage(text, frozenset({"Via", "To"}))
    try:
        headers = Headers.parse(text)
    except ParseError:
        return
    assert "\r\n".join(headers.lines()) == text
    assert not any("\n" in value for _, value in headers)


@pytest.mark.parametrize(
    "text",
    [
        fill(before, unit, after)
        for before in ("", "a:")
        for unit in " :\ta\0\\"
        for after in ("", "x")
    ]
    + [fill("", unit) for unit in ("a:\r\n", "\r\n", "\r\n ", " \r\n", "a: x\r\n ")]
    + [fill("a: x\r\n ", " ", "x"), fill("a: ", " ", "x\r\n y")],
)
def test_headers_are_linear(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_linear(Headers.parse, text)
    assert is_linear(has_stray_control, text)
    assert is_linear(lambda text: Headers.salvage(text, frozenset({"Via"})), text)
    monkeypatch.setattr("softswitch.sip.fields.MAX_LINE", len(text))
    monkeypatch.setattr("softswitch.sip.fields.MAX_FIELDS", len(text))
    assert is_linear(Headers.parse, text)
