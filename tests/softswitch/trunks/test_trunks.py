"""Who is a trunk, which number it calls, who it says is calling."""

import pytest

from softswitch.office.trunk import Trunk
from softswitch.sip.flow import Flow, Hop, Transport
from softswitch.sip.message import Headers, Request
from softswitch.sip.uri import Uri, parse_uri
from softswitch.trunks.trunks import Party, Trunks

TRUNK = Trunk.model_validate(
    {"server": "127.0.0.2:5070", "numbers": ["+48 22 123 45 67"]}, context={"country": "PL"}
)
NAMED = Trunk.model_validate({"server": "sip.operator.example"}, context={"country": "PL"})


async def locate(uri: Uri) -> list[Hop]:
    if uri.host == "sip.operator.example":
        return [Hop(Transport.UDP, "192.0.2.1", 5060), Hop(Transport.UDP, "192.0.2.2", 5060)]
    return [Hop(Transport.UDP, uri.host, uri.port or 5060)]


async def trunks() -> Trunks:
    both = Trunks({"near": TRUNK, "named": NAMED}, "PL", locate)
    await both.refresh()
    return both


def invite(uri: str, *lines: tuple[str, str]) -> Request:
    headers = Headers()
    for name, value in (("To", f"<{uri}>"), ("From", "<sip:600100200@op>;tag=1"), *lines):
        headers.set(name, value)
    return Request("INVITE", parse_uri(uri), headers)


def flow(host: str, port: int) -> Flow:
    return Flow(Transport.UDP, ("127.0.0.1", 5060), (host, port))


@pytest.mark.parametrize(
    ("host", "port", "name"),
    [
        ("127.0.0.2", 5070, "near"),
        ("127.0.0.2", 5071, None),  # the port was written, so it counts
        ("127.0.0.3", 5070, None),
        ("192.0.2.2", 49152, "named"),  # no port was written: any of the server's
    ],
)
async def test_a_trunk_is_known_by_its_address(host: str, port: int, name: str | None) -> None:
    assert (await trunks()).identify(flow(host, port)) == name


@pytest.mark.parametrize(
    ("uri", "number"),
    [
        ("sip:+48221234567@us", "+48221234567"),
        ("sip:221234567@us", "+48221234567"),
        ("sip:0048221234567@us", "+48221234567"),
        ("sip:+48221234567;phone-context=+48@us", "+48221234567"),
        ("tel:+48-22-123-45-67", "+48221234567"),
        ("sip:account@us", None),
    ],
)
async def test_the_called_number(uri: str, number: str | None) -> None:
    assert (await trunks()).called_number(invite(uri)) == number


async def test_the_called_number_may_stand_in_to_alone() -> None:
    request = invite("sip:account@us", ("To", "<sip:221234567@us>"))
    assert (await trunks()).called_number(request) == "+48221234567"


@pytest.mark.parametrize(
    ("lines", "party"),
    [
        ((), Party("+48600100200", None)),
        (
            (("From", '"Jan Kowalski" <sip:+48600100200@op>;tag=1'),),
            Party("+48600100200", "Jan Kowalski"),
        ),
        (
            (("P-Asserted-Identity", "<tel:+48700800900>, <sip:x@y>"),),
            Party("+48700800900", None),
        ),
        ((("P-Asserted-Identity", "<<<"),), Party("+48600100200", None)),
        ((("Privacy", "id"),), Party(None, None)),
        ((("From", '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=1'),), Party(None, None)),
        ((("From", "<sip:12@op>;tag=1"),), Party("12", None)),
    ],
)
async def test_who_calls(lines: tuple[tuple[str, str], ...], party: Party) -> None:
    assert (await trunks()).caller(invite("sip:221234567@us", *lines)) == party


async def test_the_way_out_is_the_first_trunk_that_is_known() -> None:
    assert (await trunks()).way_out() == ("near", Hop(Transport.UDP, "127.0.0.2", 5070))
    nowhere = Trunks({}, "PL", locate)
    await nowhere.refresh()
    assert nowhere.way_out() is None


@pytest.mark.parametrize(
    ("server", "parts"),
    [
        ("sip.operator.example", ("sip.operator.example", None)),
        ("192.0.2.1:5070", ("192.0.2.1", 5070)),
        ("[2001:db8::1]:5070", ("2001:db8::1", 5070)),
        ("[2001:db8::1]", ("2001:db8::1", None)),
    ],
)
def test_the_servers_host_and_port(server: str, parts: tuple[str, int | None]) -> None:
    trunk = Trunk.model_validate({"server": server}, context={"country": "PL"})
    assert (trunk.host, trunk.port) == parts
