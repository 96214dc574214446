"""The real DNS client against a small name server on loopback."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from softswitch.net.resolver import Naptr, Srv
from softswitch.net.system_dns import SystemDns

ZONE = {
    ("pbx.example.", "A"): ["192.0.2.1", "192.0.2.2"],
    ("pbx.example.", "AAAA"): ["2001:db8::1"],
    ("pbx.example.", "NAPTR"): ['10 20 "s" "SIP+D2U" "" _sip._udp.pbx.example.'],
    ("_sip._udp.pbx.example.", "SRV"): ["1 2 5070 pbx.example."],
    ("_sip._udp.none.example.", "SRV"): ["0 0 0 ."],
}


class NameServer(asyncio.DatagramProtocol):
    """Answers from `ZONE`; what it was asked is counted."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, peer: tuple[str, int]) -> None:
        query = dns.message.from_wire(data)
        question = query.question[0]
        name, kind = question.name.to_text(), dns.rdatatype.to_text(question.rdtype)
        self.asked[f"{kind} {name}"] += 1
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        if "broken" in name:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif (name, kind) in ZONE:
            answer.answer.append(dns.rrset.from_text(name, 60, "IN", kind, *ZONE[name, kind]))
        elif not any(name == known for known, _ in ZONE):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        self.transport.sendto(answer.to_wire(), peer)


@asynccontextmanager
async def name_server() -> AsyncIterator[tuple[NameServer, SystemDns]]:
    transport, server = await asyncio.get_running_loop().create_datagram_endpoint(
        NameServer, ("127.0.0.1", 0)
    )
    try:
        yield server, SystemDns(["127.0.0.1"], transport.get_extra_info("sockname")[1])
    finally:
        transport.close()


async def test_records_of_every_kind() -> None:
    async with name_server() as (_, client):
        *four, six = await client.addresses("pbx.example")
        assert (sorted(four), six) == (["192.0.2.1", "192.0.2.2"], "2001:db8::1")
        assert await client.naptr("pbx.example") == [
            Naptr(10, 20, "s", "SIP+D2U", "_sip._udp.pbx.example")
        ]
        assert await client.srv("_sip._udp.pbx.example") == [Srv(1, 2, 5070, "pbx.example")]
        assert await client.srv("_sip._udp.none.example") == [Srv(0, 0, 0, ".")]


async def test_answers_are_kept_while_they_last() -> None:
    async with name_server() as (server, client):
        for _ in range(3):
            await client.srv("_sip._udp.pbx.example")
            assert await client.srv("_sip._tcp.nobody.example") == []
        assert server.asked["SRV _sip._udp.pbx.example."] == 1


async def test_nothing_and_trouble_are_empty() -> None:
    async with name_server() as (_, client):
        assert await client.naptr("nobody.example") == []
        assert await client.srv("_sip._udp.broken.example") == []
        assert await client.srv("x" * 300) == []
        assert await client.srv("a..b") == []


async def test_names_of_this_machine_come_from_the_system() -> None:
    async with name_server() as (server, client):
        assert "127.0.0.1" in await client.addresses("localhost")
        assert not server.asked
