"""RFC 3891: the value, and what it names."""

import pytest

from softswitch.sip.dialog import DialogId
from softswitch.sip.errors import ParseError
from softswitch.sip.headers import NameAddr
from softswitch.sip.replaces import Replaces
from softswitch.sip.uri import Uri


def test_the_examples_of_the_rfc() -> None:
    value = Replaces.parse("98732@sip.example.com ;from-tag=r33th4x0r ;to-tag=ff87ff")
    assert value.dialog == DialogId("98732@sip.example.com", "ff87ff", "r33th4x0r")
    assert str(value) == "98732@sip.example.com;to-tag=ff87ff;from-tag=r33th4x0r"
    assert not value.is_early_only
    assert Replaces.parse("a;to-tag=b;from-tag=c;early-only").is_early_only


def test_a_phone_without_tags() -> None:
    assert Replaces.parse("87134@171.161.34.23;to-tag=24796;from-tag=0").dialog.remote_tag == ""


def test_escaped_in_a_refer_to() -> None:
    text = "<sip:102@host?Replaces=12adf2f34456gs5%3Bto-tag%3D12345%3Bfrom-tag%3D54321&Require=a>"
    uri = NameAddr.parse(text).uri
    assert isinstance(uri, Uri)
    value = Replaces.parse(uri.header("Replaces") or "")
    assert value.dialog == DialogId("12adf2f34456gs5", "12345", "54321")


@pytest.mark.parametrize("text", ["", "a", "a;to-tag=b", ";to-tag=a;from-tag=b", "a;from-tag=b;x"])
def test_rubbish(text: str) -> None:
    with pytest.raises(ParseError):
        Replaces.parse(text)
