"""STUN on the SIP port: packets made by hand after RFC 5389, and by a client that is not ours."""

import asyncio
import ipaddress
import socket
import struct

import aioice.stun
import pytest
from hypothesis import given
from hypothesis import strategies as st

from softswitch.net import stun
from softswitch.net.stun import Stun, answer, is_stun
from softswitch.sip.flow import Flow, Transport
from tests.softswitch.net.peer import peer, udp, until

COOKIE = 0x2112A442
ID = bytes(range(12))
PHONE = ("192.0.2.1", 32853)


def binding(body: bytes = b"", kind: int = 1, cookie: int = COOKIE) -> bytes:
    return struct.pack("!HHI12s", kind, len(body), cookie, ID) + body


def test_the_sample_of_rfc_5769() -> None:
    """2.2: 192.0.2.1 port 32853 is a1 47 e1 12 a6 43 under the cookie."""
    made = answer(binding(), PHONE)
    assert made is not None
    assert made[:20] == struct.pack("!HHI12s", 0x0101, 12, COOKIE, ID)
    assert made[20:] == bytes.fromhex("0020 0008 0001 a147 e112 a643")


def test_ipv6_is_mixed_with_the_transaction() -> None:
    made = answer(binding(), ("2001:db8::1%eth0", 5060))
    assert made is not None
    assert len(made) == 44
    mask = struct.pack("!I", COOKIE) + ID
    address = bytes(a ^ b for a, b in zip(made[-16:], mask, strict=True))
    assert ipaddress.ip_address(address) == ipaddress.ip_address("2001:db8::1")


@pytest.mark.parametrize("remote", [PHONE, ("2001:db8::7", 1)])
def test_a_foreign_client_reads_it(remote: tuple[str, int]) -> None:
    request = aioice.stun.Message(aioice.stun.Method.BINDING, aioice.stun.Class.REQUEST)
    made = answer(bytes(request), remote)
    assert made is not None
    read = aioice.stun.parse_message(made)
    assert read.transaction_id == request.transaction_id
    assert read.attributes["XOR-MAPPED-ADDRESS"] == remote


@pytest.mark.parametrize(
    "data",
    [
        b"",
        binding()[:19],
        binding(kind=0x0101),  # an answer: two of us would talk for ever
        binding(kind=0x0011),  # an indication wants none
        binding(kind=0x0003),  # TURN
        binding(cookie=1),
        binding() + b"\0\0\0\0",  # more than its length says
        binding(b"\x80\x22\xff\xff"),  # an attribute beyond the end
        binding(b"\x80\x22\0\x04abcd" * 70),
        b"OPTIONS sip:x SIP/2.0\r\n\r\n",
    ],
)
def test_no_answer(data: bytes) -> None:
    assert answer(data, PHONE) is None


def test_what_must_be_understood_and_is_not_is_refused() -> None:
    made = answer(binding(b"\0\x24\0\x04\0\0\0\1"), PHONE)  # PRIORITY of ICE
    assert made is not None
    assert made[:2] == b"\x01\x11"
    assert bytes.fromhex("0009 0004 0000 0414 000a 0002 0024") in made


def test_what_need_not_be_understood_is_passed_over() -> None:
    made = answer(binding(b"\x80\x22\0\x03abc\0"), PHONE)  # SOFTWARE
    assert made is not None
    assert made[:2] == b"\x01\x01"


@given(st.binary(max_size=120), st.booleans())
def test_nothing_breaks_it(noise: bytes, is_dressed: bool) -> None:
    data = binding(noise) if is_dressed else noise
    made = answer(data, PHONE)
    assert made is None or len(made) <= 44


def test_an_address_gets_so_many_a_second() -> None:
    desk = Stun()
    got = [desk.answer(binding(), PHONE, 7.1) for _ in range(200)]
    assert sum(one is not None for one in got) == stun.PER_ADDRESS
    assert desk.answer(binding(), ("192.0.2.2", 1), 7.9) is not None
    assert desk.answer(binding(), PHONE, 8.0) is not None


def test_and_all_together() -> None:
    desk = Stun()
    got = [desk.answer(binding(), (f"10.0.{n // 250}.{n % 250}", 1), 7.0) for n in range(5000)]
    assert sum(one is not None for one in got) == stun.IN_ALL


async def test_a_phone_is_answered_by_the_socket_it_asked() -> None:
    heard: list[Flow] = []
    async with peer(udp()) as near:
        near.endpoint.on_heard = heard.append
        hop = near.hop(Transport.UDP)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
            phone.setblocking(False)
            phone.bind(("127.0.0.1", 0))
            loop = asyncio.get_running_loop()
            await loop.sock_sendto(phone, binding(), (hop.host, hop.port))
            async with asyncio.timeout(30):
                made = await loop.sock_recv(phone, 100)
            assert aioice.stun.parse_message(made).attributes["XOR-MAPPED-ADDRESS"] == (
                phone.getsockname()
            )
            await loop.sock_sendto(phone, b"\r\n\r\n", (hop.host, hop.port))
            await until(lambda: len(heard) == 2)
            assert {flow.remote for flow in heard} == {phone.getsockname()}
        assert near.events == []
        assert not is_stun(b"\r\n\r\n")
