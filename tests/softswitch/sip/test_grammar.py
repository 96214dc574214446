"""Tokens, quoted strings, lists, parameters."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softswitch.sip import grammar
from softswitch.sip.errors import ParseError
from softswitch.sip.grammar import (
    MAX_LIST,
    MAX_PARAMS,
    Params,
    digits,
    end_of_quoted,
    format_params,
    has_param,
    is_token,
    param,
    parse_params,
    printable,
    quote,
    split_list,
    unquote,
)
from tests.helpers.pump import fill, is_linear


@pytest.mark.parametrize(
    ("text", "expected"),
    [("INVITE", True), ("a-.!%*_+`'~9", True), ("", False), ("a b", False), ("ż", False)]
    + [("a\n", False), ("a:", False)],
)
def test_is_token(text: str, expected: bool) -> None:
    assert is_token(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", 0),
        ("0070", 70),
        ("100", 100),
        ("101", None),
        ("0" * 50 + "7", 7),
        ("9" * 5000, None),
        ("", None),
        ("-1", None),
        ("+1", None),
        ("1_0", None),
        (" 1", None),
        ("٣", None),
        ("²", None),
    ],
)
def test_digits(text: str, expected: int | None) -> None:
    assert digits(text, 100) == expected


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", [""]),
        ("a", ["a"]),
        (" a ,\tb,c ", ["a", "b", "c"]),
        ("a,,b", ["a", "", "b"]),
        ('"x, y" <sip:a,b@h>, z', ['"x, y" <sip:a,b@h>', "z"]),
        (r'"x\", y", z', [r'"x\", y"', "z"]),
        (r'"x\\", y', [r'"x\\"', "y"]),
        ('Digest realm="a,b", nonce="c"', ['Digest realm="a,b"', 'nonce="c"']),
    ],
)
def test_split_list(text: str, values: list[str]) -> None:
    assert split_list(text) == values


@pytest.mark.parametrize("text", ['a, "b', "a, <b", r'a, "b\"', "," * MAX_LIST])
def test_lists_that_are_none(text: str) -> None:
    with pytest.raises(ParseError):
        split_list(text)


def test_end_of_quoted() -> None:
    text = r'x"a\"b"c'
    assert end_of_quoted(text, 1) == len(text) - 1


@pytest.mark.parametrize(
    ("quoted", "text"),
    [
        ('""', ""),
        ('"Anna"', "Anna"),
        (r'"a \"b\" \\ c"', r'a "b" \ c'),
        ('"Zażółć"', "Zażółć"),
        ('"\\\x00\\\x07"', "\x00\x07"),
    ],
)
def test_quoting(quoted: str, text: str) -> None:
    assert unquote(quoted) == text
    assert quote(text) == quoted


def test_what_is_not_quoted_stays() -> None:
    assert [unquote(text) for text in ("a", '"', 'a"', '"a')] == ["a", '"', 'a"', '"a']
    assert unquote(r'"\a"') == "a"


@pytest.mark.parametrize("text", ["a\r\nVia: x", "a\n", "\r"])
def test_a_quoted_string_stays_on_its_line(text: str) -> None:
    with pytest.raises(ValueError, match="line"):
        quote(text)


@given(st.text(st.characters(blacklist_characters="\r\n", blacklist_categories=())))
@settings(max_examples=200)
def test_quoting_comes_back(text: str) -> None:
    quoted = quote(text)
    assert unquote(quoted) == text
    assert end_of_quoted(quoted, 0) == len(quoted)


def test_printable() -> None:
    assert printable("Żółw\x00\r\n\udcff!") == "Żółw\ufffd\ufffd\ufffd\ufffd!"
    printable("\udc80").encode()


@pytest.mark.parametrize(
    ("text", "params"),
    [
        ("", ()),
        (";a=b;c", (("a", "b"), ("c", None))),
        (";a=;b", (("a", ""), ("b", None))),
        (";a=b=c", (("a", "b=c"),)),
        (" ; a = b ;c", (("a", "b"), ("c", None))),
        (';a="x;y=\\"z";b', (("a", '"x;y=\\"z"'), ("b", None))),
        (";received=[2001:db8::1]", (("received", "[2001:db8::1]"),)),
        (";a=<urn:x>", (("a", "<urn:x>"),)),
        (";", ()),
        (" ; ", ()),
        (";a=b;", (("a", "b"),)),
        ("; a = b ;", (("a", "b"),)),
    ],
)
def test_parse_params(text: str, params: Params) -> None:
    assert parse_params(text) == params
    assert parse_params(format_params(params)) == params


@pytest.mark.parametrize(
    "text",
    [";;", ";a;;b", "a", "x;a", ";=b", ";a b", ';"a"', ';a="b', ';a="b"c', ";a=b c", ";a,b"]
    + [";a\x00", ";a=\x01", ";a" * (MAX_PARAMS + 1), "; a" * (MAX_PARAMS + 1)],
)
def test_params_that_are_none(text: str) -> None:
    with pytest.raises(ParseError):
        parse_params(text)


def test_param() -> None:
    params = parse_params(';Tag=x;lr;q="a b";tag=y')
    assert param(params, "tag") == "x"
    assert param(params, "q") == "a b"
    assert param(params, "lr") is None and has_param(params, "lr")
    assert param(params, "no") is None and not has_param(params, "no")


@pytest.mark.parametrize("name", ["split_list", "parse_params", "unquote", "is_token"])
@given(text=st.text(st.sampled_from('";,<>\\= \tab\x00ż\r\n')))
@settings(max_examples=200)
def test_only_parse_errors_come_out(name: str, text: str) -> None:
    with contextlib.suppress(ParseError):
        getattr(grammar, name)(text)


@pytest.mark.parametrize(
    "text",
    [
        fill('"', "\\"),
        fill('a,"', "\\\\"),
        fill('a,"', '\\"'),
        fill("", '"'),
        fill("a,", "<"),
        fill("", "<>"),
        fill(",", " "),
        fill(",a", " ", "b"),
    ],
)
def test_lists_are_linear(text: str) -> None:
    assert is_linear(split_list, text)


@pytest.mark.parametrize(
    "text",
    [
        fill("", ";"),
        fill(";", " "),
        fill("", " ;"),
        fill(";a", " ", "b"),
        fill(";a=", " ", "b c"),
        fill(";a=", "=", " "),
        fill(';a="', "\\"),
        fill(';a="', "\\\\", '"x'),
        fill(';a="', "a"),
        fill(";", "a", " "),
        fill("", ";a=b", "\x00"),
    ],
)
def test_parameters_are_linear(text: str) -> None:
    assert is_linear(parse_params, text)


def test_numbers_are_linear() -> None:
    assert is_linear(lambda text: digits(text, 10), fill("", "9"))
    assert is_linear(lambda text: digits(text, 10), fill("", "0", "x"))
