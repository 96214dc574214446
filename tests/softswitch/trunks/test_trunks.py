"""Who is a trunk, which number it calls, who it says is calling."""

import asyncio

import pytest

from softswitch.apps.outward import terms_of
from softswitch.office.findings import OfficeErrors
from softswitch.office.loader import parse_office
from softswitch.office.trunk import Trunk, TrunkTransport
from softswitch.sip.flow import Flow, Hop, Transport
from softswitch.sip.message import Headers, Request
from softswitch.sip.uri import Uri, parse_uri
from softswitch.trunks.trunks import Party, Rank, Trunks, contact_user

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
    assert (await trunks()).called_number("near", invite(uri)) == number


async def test_the_called_number_may_stand_in_to_alone() -> None:
    request = invite("sip:account@us", ("To", "<sip:221234567@us>"))
    assert (await trunks()).called_number("near", request) == "+48221234567"


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
        # What goes to phones, tables and terminals is one printable line of bounded length.
        (
            (("From", '"\x1b[31m\u202eJan\t  Kot\u200b" <sip:+48600100200@op>;tag=1'),),
            Party("+48600100200", "[31m Jan Kot"),
        ),
        ((("From", f'"{"x" * 300}" <sip:12@op>;tag=1'),), Party("12", "x" * 80)),
        ((("From", '"  " <sip:%1b%07bell@op>;tag=1'),), Party("bell", None)),
        ((("From", "<sip:%1b@op>;tag=1"),), Party(None, None)),
    ],
)
async def test_who_calls(lines: tuple[tuple[str, str], ...], party: Party) -> None:
    assert (await trunks()).caller(invite("sip:221234567@us", *lines)) == party


NEAR = ("near", Hop(Transport.UDP, "127.0.0.2", 5070))
FIRST, SECOND = (("named", Hop(Transport.UDP, f"192.0.2.{n}", 5060)) for n in (1, 2))


async def test_the_ways_out_are_all_servers_in_order() -> None:
    assert (await trunks()).ways_out() == [NEAR, FIRST, SECOND]
    nowhere = Trunks({}, "PL", locate)
    await nowhere.refresh()
    assert nowhere.ways_out() == []


async def test_a_trunk_that_is_down_is_no_way_but_for_help() -> None:
    both = await trunks()
    both.judge = lambda name: Rank.LEFT_OUT if name == "near" else Rank.GOOD
    assert both.ways_out() == [FIRST, SECOND]
    assert both.every_way_out() == [FIRST, SECOND, NEAR]
    both.judge = lambda name: Rank.UNPROVEN if name == "near" else Rank.GOOD
    assert both.ways_out() == [FIRST, SECOND, NEAR]


async def test_the_server_that_answers_comes_first_and_one_that_rests_last() -> None:
    now = 100.0
    both = Trunks({"near": TRUNK, "named": NAMED}, "PL", locate, clock=lambda: now)
    await both.refresh()
    both.prefer("named", SECOND[1])
    assert both.ways_out() == [NEAR, SECOND, FIRST]
    both.rest("named", SECOND[1], 30)
    both.rest("near", NEAR[1], 20)
    assert both.ways_out() == [FIRST, NEAR, SECOND]
    now += 20
    assert both.ways_out() == [NEAR, FIRST, SECOND]
    now += 10
    assert both.ways_out() == [NEAR, SECOND, FIRST]


class Talk:
    """A leg to the provider."""

    def __init__(self) -> None:
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.told = 0

    def readdress(self) -> None:
        self.told += 1


async def test_only_the_calls_of_a_trunk_that_moved_are_told() -> None:
    both = Trunks({"near": TRUNK, "named": NAMED}, "PL", locate)
    near, named, over = Talk(), Talk(), Talk()
    both.occupy("near", near)
    both.occupy("near", over)
    both.occupy("named", named)
    over.ended.set_result(None)
    await asyncio.sleep(0)
    both.readdress("near")
    assert (near.told, named.told, over.told) == (1, 0, 0)


async def test_a_full_trunk_is_no_way_out() -> None:
    one = Trunks({"near": TRUNK.model_copy(update={"calls": 1})}, "PL", locate)
    await one.refresh()
    talk = Talk()
    assert one.ways_out() == [NEAR] and not one.is_full("near")
    one.occupy("near", talk)
    assert one.ways_out() == [] and one.every_way_out() == [NEAR]
    talk.ended.set_result(None)
    await asyncio.sleep(0)
    assert one.ways_out() == [NEAR] and one.dump() == {"trunk calls": 0}


async def test_a_trunk_that_is_not_enabled_is_not_there() -> None:
    off = Trunks({"near": TRUNK.model_copy(update={"enabled": False})}, "PL", locate)
    await off.refresh()
    assert off.ways_out() == [] and off.identify(flow("127.0.0.2", 5070)) is None


def account(name: str, number: str, **more: object) -> Trunk:
    entry = {"server": "sip.operator.example:5061", "register": True, "username": name}
    entry |= {"password": "secret", "numbers": [number], **more}
    return Trunk.model_validate(entry, context={"country": "PL"})


async def test_two_accounts_at_one_provider() -> None:
    """Told by our contact from whatever port; else by the number that is called."""
    first, second = account("a", "+48 22 123 45 67"), account("b", "+48 12 123 45 67")
    both = Trunks({"first": first, "second": second}, "PL", locate)
    await both.refresh()
    ours = invite(f"sip:{contact_user('second', second)}@us")
    assert both.identify(flow("192.0.2.1", 33000), ours) == "second"
    assert both.identify(flow("192.0.2.9", 5061), ours) is None  # somebody who knows it
    theirs = invite("sip:+48121234567@us")
    assert both.identify(flow("192.0.2.1", 5061), theirs) == "second"
    assert both.identify(flow("192.0.2.1", 33000), theirs) is None
    assert both.identify(flow("192.0.2.1", 33000)) == "first"  # no stranger, as far as is seen
    assert both.servers() == {("192.0.2.1", None), ("192.0.2.2", None)}


async def test_what_is_looked_up_says_the_transport() -> None:
    asked: list[str] = []

    async def note(uri: Uri) -> list[Hop]:
        asked.append(str(uri))
        return []

    tls = NAMED.model_copy(update={"transport": TrunkTransport.TLS})
    proxied = NAMED.model_copy(update={"outbound_proxy": "proxy.operator.example:5080"})
    await Trunks({"tls": tls, "proxied": proxied}, "PL", note).refresh()
    assert asked == [
        "sip:sip.operator.example;transport=tls",
        "sip:proxy.operator.example:5080;transport=udp",
    ]


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


@pytest.mark.parametrize(("ptime", "said"), [(25, "cannot be made"), (300, "at most 60"), (30, "")])
def test_the_length_of_packets(ptime: int, said: str) -> None:
    text = (
        f"office: {{name: O, safe: leave}}\ntrunks: {{a: {{server: x.example, ptime: {ptime}}}}}\n"
        "mailboxes: {all: {mail: a@b.example}}\nroutes: {leave: {voicemail: all}}\n"
    )
    try:
        trunk = parse_office(text).office.trunks["a"]
    except OfficeErrors as errors:
        assert said and said in str(errors)
    else:
        assert not said
        (codec, *_) = terms_of(trunk).capabilities(Hop(Transport.UDP, "1.1.1.1", 1), None).codecs
        assert codec.name == "PCMA"
        assert terms_of(trunk).capabilities(Hop(Transport.UDP, "1.1.1.1", 1), None).ptime == 30
