"""What a MESSAGE may carry, read from its headers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softswitch.apps.texting.content import MAX_BODY, Content, Refused, Weight, content_of
from softswitch.sip.message import Headers, Request
from softswitch.sip.uri import Uri

URI = Uri("sip", "102", None, "office.example", None, (), ())


def read(body: bytes, *headers: tuple[str, str]) -> Content | Refused:
    request = Request("MESSAGE", URI, Headers(), body)
    for name, value in headers:
        request.headers.add(name, value)
    return content_of(request)


@pytest.mark.parametrize(
    ("kind", "weight"),
    [
        ("text/plain", Weight.TEXT),
        ('TEXT/Plain ; Charset="UTF-8"', Weight.TEXT),
        ("text/plain;charset=iso-8859-2", Weight.TEXT),
        ("message/cpim", Weight.TEXT),
        ("message/imdn+xml", Weight.FLEETING),
        ("application/im-iscomposing+xml;charset=utf-8", Weight.FLEETING),
    ],
)
def test_types_pass_as_they_came(kind: str, weight: Weight) -> None:
    assert read(b"x", ("Content-Type", kind)) == Content(kind, weight)


def test_without_a_type_it_is_plain_text() -> None:
    assert read("zażółć".encode()) == Content("text/plain", Weight.TEXT)


def test_only_what_says_that_it_is_utf8_is_held_to_it() -> None:
    latin = "zażółć".encode("iso-8859-2")
    assert isinstance(read(latin, ("Content-Type", "text/plain;charset=iso-8859-2")), Content)
    for kind in ("text/plain", "text/plain;charset=utf-8"):
        refusal = read(latin, ("Content-Type", kind))
        assert refusal == Refused(415, (("Accept", "text/plain;charset=utf-8"),))


@pytest.mark.parametrize("kind", ["", "text", "text/", "/plain", "te xt/plain", "a" * 300 + "/b"])
def test_a_type_that_is_none(kind: str) -> None:
    expected = Content("text/plain", Weight.TEXT) if not kind else Refused(400)
    assert read(b"x", ("Content-Type", kind)) == expected


def test_sizes() -> None:
    assert isinstance(read(b"x" * MAX_BODY), Content)
    assert read(b"x" * (MAX_BODY + 1)) == Refused(413)
    assert read(b"") == Refused(400)


@given(st.binary(max_size=64), st.text(max_size=64).filter(str.isprintable))
def test_fuzz_nothing_but_a_verdict_comes_out(body: bytes, kind: str) -> None:
    verdict = read(body, ("Content-Type", kind.strip()))
    assert isinstance(verdict, Content | Refused)
