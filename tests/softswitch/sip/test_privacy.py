"""Privacy and P-Asserted-Identity, read."""

from __future__ import annotations

import pytest

from softswitch.sip.message import Headers
from softswitch.sip.privacy import asserted, is_anonymous, wants_privacy
from softswitch.sip.uri import parse_uri


def headers(name: str, *values: str) -> Headers:
    made = Headers()
    for value in values:
        made.add(name, value)
    return made


@pytest.mark.parametrize(
    ("values", "hidden"),
    [
        ((), False),
        (("none",), False),
        (("critical",), False),
        (("history",), False),
        (("ID",), True),
        (("header; id ;critical",), True),
        (("user",), True),
        (("history", "id"), True),
        (("invalid",), False),
    ],
)
def test_privacy(values: tuple[str, ...], hidden: bool) -> None:
    assert wants_privacy(headers("Privacy", *values)) is hidden


@pytest.mark.parametrize(
    ("uri", "nobody"),
    [
        ("sip:anonymous@anonymous.invalid", True),
        ("sip:Anonymous@provider.example", True),
        ("sip:x@ANONYMOUS.invalid", True),
        ("sip:+48600100200@provider.example", False),
        ("tel:+48600100200", False),
        ("tel:anonymous", True),
    ],
)
def test_anonymous(uri: str, nobody: bool) -> None:
    assert is_anonymous(parse_uri(uri)) is nobody


def test_asserted_may_name_two_and_a_broken_one_is_none() -> None:
    found = asserted(headers("P-Asserted-Identity", '"A" <sip:1@x>, <tel:+48221>'))
    assert [str(one.uri) for one in found] == ["sip:1@x", "tel:+48221"]
    assert asserted(headers("P-Asserted-Identity", "<<")) == []
