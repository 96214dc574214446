"""RFC 3263 as a table: what a URI says, what the zone holds, where it leads."""

import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softswitch.net.resolver import MAX_HOPS, Naptr, Resolver, Srv, by_weight
from softswitch.sip.flow import Hop, Transport
from softswitch.sip.uri import parse_uri
from tests.softswitch.net.peer import ZoneDns

UDP, TCP, TLS = Transport.UDP, Transport.TCP, Transport.TLS
ALL = frozenset({UDP, TCP, TLS})


def resolver(dns: ZoneDns | None = None, transports: frozenset[Transport] = ALL) -> Resolver:
    return Resolver(dns or ZoneDns(), transports, lambda: 0.5)


@pytest.mark.parametrize(
    ("uri", "hop"),
    [
        ("sip:192.0.2.1", Hop(UDP, "192.0.2.1", 5060)),
        ("sip:101@192.0.2.1:5070", Hop(UDP, "192.0.2.1", 5070)),
        ("sip:192.0.2.1;transport=tcp", Hop(TCP, "192.0.2.1", 5060)),
        ("sip:192.0.2.1;transport=TLS", Hop(TLS, "192.0.2.1", 5061)),
        ("sips:192.0.2.1", Hop(TLS, "192.0.2.1", 5061)),
        ("sips:192.0.2.1:5070;transport=tcp", Hop(TLS, "192.0.2.1", 5070)),
        ("sip:[2001:db8::1]:5070", Hop(UDP, "2001:db8::1", 5070)),
        ("sip:pbx.example;maddr=192.0.2.9", Hop(UDP, "192.0.2.9", 5060)),
        ("sip:192.0.2.1;transport=carrier-pigeon", Hop(UDP, "192.0.2.1", 5060)),
        ("sip:192.0.2.1;transport=ws", None),
        ("sip:pbx.example", None),
        ("tel:+48221234567", None),
    ],
)
async def test_numeric_uris_need_no_look_up(uri: str, hop: Hop | None) -> None:
    dns = ZoneDns()
    assert resolver(dns).locate_now(parse_uri(uri)) == hop
    if hop is not None:
        assert await resolver(dns).locate(parse_uri(uri)) == [hop]
        assert dns.asked == []


def test_what_is_switched_off_is_not_chosen() -> None:
    streams = resolver(transports=frozenset({TCP, TLS}))
    assert streams.locate_now(parse_uri("sip:192.0.2.1")) == Hop(TCP, "192.0.2.1", 5060)
    assert streams.locate_now(parse_uri("sip:192.0.2.1;transport=udp")) is None


def zone() -> ZoneDns:
    return ZoneDns(
        naptr={
            "operator.example": [
                Naptr(20, 10, "s", "SIP+D2U", "_sip._udp.operator.example"),
                Naptr(10, 20, "S", "SIPS+D2T", "_sips._tcp.operator.example"),
                Naptr(10, 10, "s", "SIP+D2T", "_sip._tcp.operator.example"),
                Naptr(1, 1, "s", "SIP+D2S", "_sip._sctp.operator.example"),
                Naptr(1, 1, "u", "SIP+D2U", "nowhere"),
            ]
        },
        srv={
            "_sip._udp.operator.example": [
                Srv(20, 0, 5062, "two.operator.example"),
                Srv(10, 0, 5061, "one.operator.example"),
            ],
            "_sip._tcp.operator.example": [Srv(1, 1, 5070, "one.operator.example")],
            "_sips._tcp.operator.example": [Srv(1, 1, 5071, "one.operator.example")],
            "_sip._udp.only-srv.example": [Srv(1, 1, 5080, "192.0.2.8")],
            "_sip._tcp.only-srv.example": [Srv(1, 1, 5081, "one.operator.example")],
            "_sip._udp.gone.example": [Srv(0, 0, 0, ".")],
        },
        addresses={
            "one.operator.example": ["192.0.2.1", "2001:db8::1"],
            "two.operator.example": ["192.0.2.2"],
            "plain.example": ["192.0.2.3", "192.0.2.4"],
            "gone.example": ["192.0.2.5"],
            "many.example": [f"192.0.2.{n}" for n in range(100)],
        },
    )


@pytest.mark.parametrize(
    ("uri", "hops"),
    [
        (
            "sip:operator.example",
            [
                Hop(TCP, "192.0.2.1", 5070),
                Hop(TCP, "2001:db8::1", 5070),
                Hop(TLS, "192.0.2.1", 5071),
                Hop(TLS, "2001:db8::1", 5071),
                Hop(UDP, "192.0.2.1", 5061),
                Hop(UDP, "2001:db8::1", 5061),
                Hop(UDP, "192.0.2.2", 5062),
            ],
        ),
        (
            "sips:operator.example",
            [Hop(TLS, "192.0.2.1", 5071), Hop(TLS, "2001:db8::1", 5071)],
        ),
        (
            "sip:operator.example;transport=tcp",
            [Hop(TCP, "192.0.2.1", 5070), Hop(TCP, "2001:db8::1", 5070)],
        ),
        ("sip:only-srv.example", [Hop(UDP, "192.0.2.8", 5080)]),
        ("sip:plain.example", [Hop(UDP, "192.0.2.3", 5060), Hop(UDP, "192.0.2.4", 5060)]),
        ("sips:plain.example", [Hop(TLS, "192.0.2.3", 5061), Hop(TLS, "192.0.2.4", 5061)]),
        ("sip:two.operator.example:5099", [Hop(UDP, "192.0.2.2", 5099)]),
        ("sip:two.operator.example:5099;transport=tls", [Hop(TLS, "192.0.2.2", 5099)]),
        ("sip:gone.example", [Hop(UDP, "192.0.2.5", 5060)]),
        ("sip:nobody.example", []),
        ("sip:plain.example;transport=wss", []),
        ("tel:+48221234567", []),
    ],
)
async def test_where_names_lead(uri: str, hops: list[Hop]) -> None:
    assert await resolver(zone()).locate(parse_uri(uri)) == hops


async def test_a_port_spares_the_service_look_ups() -> None:
    dns = zone()
    await resolver(dns).locate(parse_uri("sip:plain.example:5060"))
    assert dns.asked == ["A plain.example"]
    dns.asked.clear()
    await resolver(dns).locate(parse_uri("sip:plain.example;transport=udp"))
    assert dns.asked == ["SRV _sip._udp.plain.example", "A plain.example"]


async def test_hops_are_bounded() -> None:
    hops = await resolver(zone()).locate(parse_uri("sip:many.example"))
    assert len(hops) == MAX_HOPS


SRV = st.builds(
    Srv, st.integers(0, 3), st.integers(0, 100), st.just(5060), st.text("ab", min_size=1)
)


@settings(max_examples=100, deadline=None)
@given(st.lists(SRV, max_size=12), st.floats(0, 0.999))
def test_weights_lose_nothing_and_keep_priorities(records: list[Srv], chance: float) -> None:
    ordered = by_weight(records, lambda: chance)
    assert Counter(ordered) == Counter(records)
    assert [one.priority for one in ordered] == sorted(one.priority for one in records)


def test_weights_share_the_load() -> None:
    dice = random.Random(1)
    records = [Srv(1, 90, 1, "big"), Srv(1, 10, 1, "small"), Srv(1, 0, 1, "spare")]
    first = Counter(by_weight(records, dice.random)[0].target for _ in range(2000))
    assert first["big"] > 1600
    assert 120 < first["small"] < 300
    assert 0 < first["spare"] < 80
