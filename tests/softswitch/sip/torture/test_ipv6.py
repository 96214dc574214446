"""RFC 5118: each message is read or refused as the table says, alone and by the whole stack."""

from itertools import count

import pytest

from softswitch.sip import sdp
from softswitch.sip.errors import ParseError
from softswitch.sip.message import Request, Response, parse_message
from softswitch.sip.stack import Flow, RequestReceived, Send, Stack, StackConfig, Transport
from softswitch.sip.uri import Uri
from tests.softswitch.sip.torture.ipv6 import IPV6

FLOW = Flow(Transport.UDP, ("2001:db8::10", 5060), ("2001:db8::9:1", 5060))


def read(name: str) -> Request:
    message = parse_message(IPV6[name].data)
    assert isinstance(message, Request)
    return message


def test_they_are_all_here() -> None:
    assert len(IPV6) == 12
    assert {case.section for case in IPV6.values()} == {f"4.{n}" for n in range(1, 11)}


@pytest.mark.parametrize("name", IPV6)
def test_what_becomes_of_it(name: str) -> None:
    """Refused by the parser, answered by the stack, or given to the user as it came."""
    case, numbers = IPV6[name], count()
    stack = Stack(StackConfig(), lambda: f"token{next(numbers):08}")
    stack.receive(case.data, FLOW, 0.0)
    outputs = stack.take()
    sent = [parse_message(one.data) for one in outputs if isinstance(one, Send)]
    finals = [one.status for one in sent if isinstance(one, Response) and one.status > 100]
    told = [one.request for one in outputs if isinstance(one, RequestReceived)]
    status = case.refused or case.stack
    assert finals == ([status] if status else [])
    assert len(told) == (0 if status else 1)


@pytest.mark.parametrize("name", [name for name, case in IPV6.items() if not case.refused])
def test_it_leaves_as_it_came(name: str) -> None:
    request = read(name)
    assert request.to_bytes() == IPV6[name].data
    assert request.via and request.from_ and request.to and request.cseq and request.call_id


def test_the_one_that_is_wrong() -> None:
    """4.2: an address without brackets reads like a port that is no number."""
    with pytest.raises(ParseError) as caught:
        parse_message(IPV6["ipv6-bad"].data)
    assert caught.value.status == 400 and caught.value.response_headers is not None


@pytest.mark.parametrize(
    ("name", "host", "port"),
    [
        ("ipv6-good", "2001:db8::10", None),
        ("port-ambiguous", "2001:db8::10:5070", None),
        ("port-unambiguous", "2001:db8::10", 5070),
        ("ipv6-bug-abnf-3-colons", "2001:db8::192.0.2.1", None),
        ("ipv6-correct-abnf-2-colons", "2001:db8::192.0.2.1", None),
    ],
)
def test_where_it_goes(name: str, host: str, port: int | None) -> None:
    uri = read(name).uri
    assert isinstance(uri, Uri) and (uri.host, uri.port) == (host, port)


@pytest.mark.parametrize("name", [name for name in IPV6 if name.startswith("via-")])
def test_received_with_and_without_delimiters(name: str) -> None:
    """4.5: peers write both, so both are read, as the same address."""
    via = read(name).via
    assert (via.host, via.received) == ("[2001:db8::9:1]", "2001:db8::9:255")


def test_both_families_in_headers() -> None:
    """4.7."""
    vias = read("mult-ip-in-header").vias
    hosts = [(via.host, via.port, via.received) for via in vias]
    assert hosts == [
        ("[2001:db8::9:1]", 6050, None),
        ("192.0.2.1", None, None),
        ("[2001:db8::9:255]", None, "192.0.2.200"),
    ]


@pytest.mark.parametrize(
    ("name", "addresses"),
    [
        ("ipv6-in-sdp", ["2001:db8::20", "2001:db8::20"]),
        ("mult-ip-in-sdp", ["192.0.2.1", "2001:db8::1"]),
        ("ipv4-mapped-ipv6", ["::ffff:192.0.2.2", "::ffff:192.0.2.2"]),
    ],
)
def test_addresses_of_sound_and_picture(name: str, addresses: list[str]) -> None:
    """4.6, 4.8, 4.9: a media's own connection line counts before the session's."""
    session = sdp.parse(read(name).body)
    found = []
    for media in session.media:
        connection = media.connection or session.connection
        assert connection is not None
        found.append(connection.address)
    assert found == addresses
