"""RFC 5118, "SIP Torture Test Messages for IPv6", rebuilt, and mutations of RFC 4475's messages.

RFC 4475 itself is in the folder `torture`.
"""

import random
from itertools import count

import pytest

from softswitch.sip.errors import ParseError
from softswitch.sip.headers import Via
from softswitch.sip.message import Request, Response, parse_message
from softswitch.sip.stack import Flow, RequestReceived, Send, Stack, StackConfig, Transport
from softswitch.sip.uri import Uri, parse_uri
from tests.softswitch.sip.torture import CASES
from tests.softswitch.sip.torture.case import wire

FLOW = Flow(Transport.UDP, ("2001:db8::1", 5060), ("2001:db8::2", 5060))


def register(uri: str, via: str) -> bytes:
    """The REGISTER of 4.1 to 4.5."""
    return wire(
        f"""
REGISTER {uri} SIP/2.0
To: sip:user@example.com
From: sip:user@example.com;tag=81x2
Via: {via}
Call-ID: SSG9559905523997077@hlau_4100
Max-Forwards: 70
Contact: "Caller" <sip:caller@[2001:db8::1]>
CSeq: 98176 REGISTER
Content-Length: 0
"""
    )


def options(uri: str) -> bytes:
    """The OPTIONS of 4.10."""
    return wire(
        f"""
OPTIONS {uri} SIP/2.0
To: {uri}
From: sip:user@example.com;tag=810x2
Via: SIP/2.0/UDP lab1.east.example.com;branch=z9hG4bKas3-111
Call-ID: G9559905523997077@hlau_4100
CSeq: 689 OPTIONS
Max-Forwards: 70
Content-Length: 0
"""
    )


def read(data: bytes) -> Request:
    message = parse_message(data)
    assert isinstance(message, Request)
    return message


V6 = "SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-111"


@pytest.mark.parametrize(
    ("uri", "host", "port"),
    [
        ("sip:[2001:db8::10]", "2001:db8::10", None),  # 4.1
        ("sip:[2001:db8::10:5070]", "2001:db8::10:5070", None),  # 4.3: what is in [] is address
        ("sip:[2001:db8::10]:5070", "2001:db8::10", 5070),  # 4.4
    ],
)
def test_references(uri: str, host: str, port: int | None) -> None:
    request = read(register(uri, V6))
    assert isinstance(request.uri, Uri)
    assert (request.uri.host, request.uri.port) == (host, port)
    assert str(request.uri) == uri
    assert (request.via.host, request.via.port) == ("[2001:db8::9:1]", None)
    assert request.contact is not None and str(request.contact.uri) == "sip:caller@[2001:db8::1]"


def test_an_address_without_brackets_is_refused() -> None:
    """4.2."""
    with pytest.raises(ParseError) as caught:
        parse_message(register("sip:2001:db8::10", V6))
    assert caught.value.status == 400 and caught.value.response_headers is not None


@pytest.mark.parametrize("received", ["[2001:db8::9:255]", "2001:db8::9:255"])
def test_received_with_and_without_brackets(received: str) -> None:
    """4.5: implementations must be able to take both."""
    via = f"SIP/2.0/UDP [2001:db8::9:1];received={received};branch=z9hG4bKas3-111"
    request = read(register("sip:[2001:db8::10]", via))
    assert request.via.received == "2001:db8::9:255"
    assert request.headers.get("Via") == via
    assert str(Via.parse(via)) == via


def test_both_families_in_one_message() -> None:
    """4.7, 4.9."""
    data = register(
        "sip:[::ffff:192.0.2.2]", "SIP/2.0/UDP [::ffff:192.0.2.10]:19823;branch=z9hG4bKbh19"
    ).replace(b"\r\nCall-ID", b"\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKas3-111\r\nCall-ID", 1)
    hosts = [(via.host, via.port) for via in read(data).vias]
    assert hosts == [("[::ffff:192.0.2.10]", 19823), ("192.0.2.1", None)]


@pytest.mark.parametrize(
    "uri", ["sip:user@[2001:db8:::192.0.2.1]", "sip:user@[2001:db8::192.0.2.1]"]
)
def test_the_extra_colon_is_tolerated(uri: str) -> None:
    """4.10: "an implementation must tolerate both of the above constructs"."""
    request = read(options(uri))
    assert isinstance(request.uri, Uri) and request.uri.host == "2001:db8::192.0.2.1"
    assert str(request.uri) == uri


@pytest.mark.parametrize(
    "host", ["2001:db8:::10", "2001:db8::::192.0.2.1", "1:2:3", "::g", "", "192.0.2.1", "::1::"]
)
def test_no_addresses(host: str) -> None:
    with pytest.raises(ParseError):
        parse_message(options(f"sip:user@[{host}]"))


PIECES = (
    *(b"\r\n", b"\r\n ", b"\0", b"\\", b'"', b"<", b">", b",", b";", b"=", b"%", b"%zz", b"\xff"),
    *(b"@", b":", b"[", b"]", b"9" * 5000, b" ", b"\t", b"\n", b"\r", b"*", b";tag=1", b"Via: "),
    *(b"\xed\xa0\x80", b"\xe2\x80\xa8", b"\xc2\x85", b"ACK", b"CANCEL", b";lr", b";rport", b"?a=b"),
)


def mutate(dice: random.Random, data: bytes) -> bytes:
    """One message with one to eight wounds, most of them in its header."""
    wounded = bytearray(data)
    for _ in range(dice.choice((1, 1, 2, 3, 8))):
        at = dice.randrange(min(len(wounded), 600) + 1)
        if dice.random() < 0.6:
            wounded[at:at] = dice.choice(PIECES)
        elif dice.random() < 0.5:
            del wounded[at : at + dice.choice((1, 2, 10, 50))]
        else:
            other = dice.choice(list(CASES.values())).data
            start = dice.randrange(len(other))
            wounded[at : at + 20] = other[start : start + 60]
    return bytes(wounded)


@pytest.mark.parametrize("seed", range(8))
def test_the_stack_survives_wounded_messages(seed: int) -> None:
    """Nothing but answers comes out, no answer has a line that we did not write, and what was read
    is written so that it reads the same again."""
    dice, numbers = random.Random(seed), count()
    stack = Stack(StackConfig(), lambda: f"token{next(numbers):08}")
    messages = [case.data for case in CASES.values()]
    for moment in range(250):
        stack.receive(mutate(dice, dice.choice(messages)), FLOW, float(moment))
        for output in stack.take():
            if isinstance(output, Send):
                head = output.data.partition(b"\r\n\r\n")[0]
                assert head.count(b"\n") == head.count(b"\r") == head.count(b"\r\n")
            elif isinstance(output, RequestReceived):
                written = output.request.to_bytes()
                assert parse_message(written).to_bytes() == written


@pytest.mark.parametrize(
    ("to", "answered"),
    [
        ("<sip:a@b>", "<sip:a@b>;tag=ours"),
        ("sip:a@b;user=phone", "sip:a@b;user=phone;tag=ours"),
        ("<sip:a@b>;x;", "<sip:a@b>;x;tag=ours"),
        ("<sip:a@b;tag=u>", "<sip:a@b;tag=u>;tag=ours"),
        ('";tag=1" <sip:a@b>', '";tag=1" <sip:a@b>;tag=ours'),
        ("<sip:a@b> ; TAG = theirs", "<sip:a@b> ; TAG = theirs"),
    ],
)
def test_our_tag_goes_where_none_is(to: str, answered: str) -> None:
    request = read(
        CASES["badbranch"].data.replace(b"To: sip:user@example.com", f"To: {to}".encode())
    )
    assert Response.answering(request, 486, to_tag="ours").headers.get("To") == answered
    fields = Response.answering_fields(request.headers, 400, to_tag="ours").headers
    assert fields.get("To") == answered


def test_untouched_parts_of_a_uri_are_kept() -> None:
    uri = parse_uri(
        "sip:%61;x%3By:p%40@[2001:DB8::1]:5070;%6C%72;n%61me=v%61l%41?Route=%3Csip:r%3E"
    )
    assert isinstance(uri, Uri)
    assert uri.has_param("lr") and uri.param("name") == "valA"  # RFC 4475 3.1.1.3
    assert str(uri.without_headers()) == str(uri).partition("?")[0]
    changed = uri.with_params((("transport", "tcp"),)).without_headers()
    assert str(changed) == "sip:%61;x%3By:p%40@[2001:DB8::1]:5070;transport=tcp"
    assert parse_uri(str(changed)) == changed
    again = parse_uri("sip:a;x;y:p%40@[2001:db8:0::1]:5070;lr;name=val%41?route=%3Csip:r%3e")
    assert uri.equivalent(again)  # RFC 5954 4.2: addresses, not their spelling


@pytest.mark.parametrize(
    "uri",
    [
        Uri("sip", "a", None, "h>;tag=x", None),
        Uri("sip", "a", None, "h", None, (("p", "x>, <sip:e@v"),)),
        Uri("sip", "a", None, "h", None, (), (("Subject", "a b"),)),
    ],
)
def test_a_uri_cannot_break_out_of_its_brackets(uri: Uri) -> None:
    with pytest.raises(ValueError, match="brackets"):
        str(uri)
