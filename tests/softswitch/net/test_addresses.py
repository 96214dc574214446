"""Which address a peer is told."""

import socket

import pytest

from softswitch.net.addresses import (
    Addresses,
    Listening,
    hop_of,
    is_of_this_machine,
    is_public,
    numeric,
)
from softswitch.sip.flow import Flow, Hop, Transport

UDP, TCP, TLS = Transport.UDP, Transport.TCP, Transport.TLS


def addresses(*places: Listening, public: str | None = None) -> Addresses:
    made = Addresses(public, lambda: 0.0)
    made.add(*places)
    return made


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1%eth0"),
        ("pbx.example", None),
        ("pbx1", None),
        ("1.2.3", None),
        ("", None),
        ("[]", None),
    ],
)
def test_numeric(host: str, expected: str | None) -> None:
    assert numeric(host) == expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("sip.operator.example", True),
        ("192.168.1.5", False),
        ("10.0.0.1", False),
        ("100.64.0.1", False),
        ("127.0.0.1", False),
        ("169.254.1.1", False),
        ("::1", False),
        ("fd00::1", False),
        ("fe80::1%eth0", False),
    ],
)
def test_what_is_beyond_the_router(host: str, expected: bool) -> None:
    assert is_public(host) is expected


def test_a_wildcard_is_never_told() -> None:
    everywhere = addresses(Listening(UDP, "0.0.0.0", 5070), Listening(TCP, "0.0.0.0", 5071))
    flow = Flow(UDP, ("0.0.0.0", 5070), ("127.0.0.1", 9))
    assert everywhere.local(flow) == "127.0.0.1"
    assert everywhere.sent_by(flow) == ("127.0.0.1", 5070)
    assert everywhere.contact(flow) == "127.0.0.1:5070"
    assert everywhere.contact(Hop(TCP, "127.0.0.1", 9)) == "127.0.0.1:5071;transport=tcp"


def test_ipv6_has_brackets() -> None:
    six = addresses(Listening(UDP, "::", 5070), Listening(UDP, "0.0.0.0", 5060))
    assert six.contact(Hop(UDP, "::1", 9)) == "[::1]:5070"
    assert six.sent_by(Hop(UDP, "::1", 9)) == ("[::1]", 5070)
    assert six.local(Hop(UDP, "::1", 9)) == "::1"


def test_the_public_address_is_for_those_outside() -> None:
    at_home = addresses(Listening(UDP, "127.0.0.1", 5060), public="203.0.113.5")
    assert at_home.advertised(Hop(UDP, "8.8.8.8", 5060)) == "203.0.113.5"
    assert at_home.contact(Hop(UDP, "8.8.8.8", 5060)) == "203.0.113.5:5060"
    assert at_home.local(Hop(UDP, "8.8.8.8", 5060)) == "127.0.0.1"
    assert at_home.advertised(Hop(UDP, "127.0.0.7", 5060)) == "127.0.0.1"


def test_a_stream_is_told_the_listening_port_not_its_own() -> None:
    both = addresses(Listening(UDP, "127.0.0.1", 5060), Listening(TLS, "127.0.0.1", 5061))
    flow = Flow(TLS, ("127.0.0.1", 40_000), ("127.0.0.1", 40_001), 7)
    assert both.contact(flow) == "127.0.0.1:5061;transport=tls"


def test_without_a_listener_of_the_kind_another_is_told() -> None:
    only_udp = addresses(Listening(UDP, "127.0.0.1", 5060))
    assert only_udp.contact(Hop(TCP, "127.0.0.1", 9)) == "127.0.0.1:5060"
    assert addresses().contact(Hop(TCP, "127.0.0.1", 9)) == "127.0.0.1"


def test_of_several_places_the_one_that_faces_the_peer() -> None:
    several = addresses(
        Listening(UDP, "127.0.0.2", 5062),
        Listening(UDP, "0.0.0.0", 5060),
        Listening(UDP, "127.0.0.1", 5061),
    )
    place = several.place(UDP, "127.0.0.1")
    assert place is not None
    assert place.port == 5061
    place = several.place(UDP, "127.9.9.9")
    assert place is not None
    assert place.host in ("0.0.0.0", "127.0.0.1")  # as the routes of this machine are
    assert several.contact(Flow(UDP, ("127.0.0.2", 5062), ("127.0.0.1", 1))) == "127.0.0.2:5062"


def test_routes_are_remembered_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0
    real = socket.socket

    def counting(*args: int) -> socket.socket:
        nonlocal asked
        asked += 1
        return real(*args)

    monkeypatch.setattr(socket, "socket", counting)
    times = iter((0.0, 59.0, 61.0))
    table = Addresses(None, lambda: next(times))
    table.add(Listening(UDP, "0.0.0.0", 5060))
    for _ in range(3):
        assert table.local(Hop(UDP, "127.0.0.1", 9)) == "127.0.0.1"
    assert asked == 2


def test_no_route_and_no_address() -> None:
    everywhere = addresses(Listening(UDP, "0.0.0.0", 5060))
    assert everywhere.local(Hop(UDP, "pbx.example", 9)) == "127.0.0.1"


@pytest.mark.parametrize(
    ("transport", "port"),
    [(UDP, 5060), (TCP, 5060), (TLS, 5061), (Transport.WS, 80), (Transport.WSS, 443)],
)
def test_default_ports(transport: Transport, port: int) -> None:
    assert hop_of("[::1]", None, transport) == Hop(transport, "::1", port)


@pytest.mark.parametrize(
    ("host", "is_ours"),
    [("127.0.0.1", True), ("192.0.2.1", False), ("0.0.0.0", True), ("no address", True)],
)
def test_an_address_of_this_machine(host: str, is_ours: bool) -> None:
    """In doubt it is: nothing is ended for what is not known."""
    assert is_of_this_machine(host) is is_ours
