"""Connections of people who are no phones: slow, mute, many, endless; and phones among them."""

import asyncio
import time
from contextlib import AsyncExitStack

import pytest

from softswitch.guard.guard import Guard
from softswitch.guard.sources import STRANGER_BURST, STRANGER_RATE
from softswitch.net.connections import ConnectionLimits
from softswitch.net.endpoint import EndpointConfig
from softswitch.sip.events import MessageRejected, RequestReceived
from softswitch.sip.flow import Transport
from tests.softswitch.net.peer import HOST, Peer, peer, tcp, udp, until
from tests.softswitch.net.test_connections import config, end_of, has_connections, options, phone

HALF = b"OPTIONS sip:peer.example SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:9;bra"


def guarded(guard: Guard, **limits: float) -> EndpointConfig:
    return EndpointConfig(
        connections=ConnectionLimits(**limits),  # type: ignore[arg-type]
        doorkeeper=guard,
    )


async def dribble(writer: asyncio.StreamWriter, data: bytes) -> None:
    """Octet by octet, for ever."""
    for at in range(1_000_000):
        writer.write(data[at : at + 1] if at < len(data) else b"x")
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("was_good_before", [False, True])
async def test_who_dribbles_is_cut_off(was_good_before: bool) -> None:
    """Slow loris: octets keep coming, a whole message never does; one good one bought no time."""
    async with (
        peer(tcp(), config=config(first_seconds=0.3)) as near,
        phone(near) as (reader, writer),
    ):
        if was_good_before:
            writer.write(options(1))
            await near.wait(RequestReceived)
            await reader.readuntil(b"\r\n\r\n")
        slow = asyncio.create_task(dribble(writer, options(2)[:60]))
        assert await end_of(reader) == b""
        slow.cancel()
        await asyncio.wait([slow])
        await until(lambda: has_connections(near, 0))


async def test_a_slow_phone_that_ends_its_messages_stays() -> None:
    async with (
        peer(tcp(), config=config(first_seconds=0.5)) as near,
        phone(near) as (reader, writer),
    ):
        for number in range(3):
            data = options(number)
            for at in range(0, len(data), 100):
                writer.write(data[at : at + 100])
                await asyncio.sleep(0.02)
            await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(0.6)
        assert has_connections(near, 1)


async def test_many_mute_connections_are_swept() -> None:
    async with (
        peer(tcp(), config=config(first_seconds=0.3)) as near,
        AsyncExitStack() as stack,
    ):
        mute = [await stack.enter_async_context(phone(near)) for _ in range(100)]
        await until(lambda: has_connections(near, 100))
        _, writer = await stack.enter_async_context(phone(near))
        writer.write(options(1))
        await near.wait(RequestReceived)
        await until(lambda: has_connections(near, 1))
        assert [await end_of(reader) for reader, _ in mute] == [b""] * 100


@pytest.mark.parametrize(
    "data",
    [
        options(1).replace(b"Content-Length: 0", b"Content-Length: 999999999"),
        options(1).replace(b"Content-Length: 0", b"Content-Length: " + b"9" * 10_000),
        options(1).replace(b"Content-Length: 0", b"Content-Length: -1"),
        HALF + b"x" * 40_000,
        HALF + b"\r\nX: y" * 10_000,
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00" * 20_000,
    ],
    ids=["giant", "endless number", "negative", "long line", "header bomb", "HTTP", "TLS"],
)
async def test_bombs_end_their_connection_and_no_other(data: bytes) -> None:
    async with peer(tcp()) as near, phone(near) as (reader, writer), phone(near) as (ear, mouth):
        writer.write(data)
        await end_of(reader)
        mouth.write(options(2))
        await near.wait(RequestReceived)
        assert (await ear.readuntil(b"\r\n")).startswith(b"SIP/2.0 200")
        await until(lambda: has_connections(near, 1))


async def test_header_bombs_by_datagram() -> None:
    bombs = [
        options(1).replace(b"\r\n\r\n", b"\r\n" + b"X: y\r\n" * 9_000 + b"\r\n", 1),
        options(1).replace(b"\r\n\r\n", b"\r\nX: " + b"y" * 60_000 + b"\r\n\r\n", 1),
        options(1).replace(b"\r\n\r\n", b"\r\nContact: " + b"<sip:a@b>," * 6_000 + b"\r\n\r\n", 1),
    ]
    async with peer(udp()) as near, peer(udp()) as far:
        loop = asyncio.get_running_loop()
        hop = near.hop(Transport.UDP)
        transport, _ = await loop.create_datagram_endpoint(
            asyncio.DatagramProtocol, remote_addr=(hop.host, hop.port)
        )
        for bomb in bombs:
            transport.sendto(bomb)
        for number in range(1, len(bombs) + 1):
            await near.wait(MessageRejected, number)
        transport.close()
        assert far.endpoint.dump()["udp sockets"] == 1
        assert near.endpoint.stack.dump()["server_transactions"] == 0


async def talk(near: Peer, count: int) -> tuple[int, bytes]:
    """A connection that sends so many messages; how many were answered before its end."""
    async with phone(near) as (reader, writer):
        try:
            for number in range(count):
                writer.write(options(number + 1_000 * count))
                await writer.drain()
            data = await end_of(reader)
        except ConnectionError:
            data = b""
    return data.count(b"SIP/2.0 200"), data


async def test_a_stranger_who_floods_is_cut_off() -> None:
    """What is not read over a stream is never repeated, so the stream has to end."""
    guard = Guard()
    async with peer(tcp(), config=guarded(guard)) as near:
        began = time.monotonic()
        answered, _ = await talk(near, 10 * int(STRANGER_BURST))
        # On a slow machine he gets more meanwhile, and never so much.
        assert answered <= STRANGER_BURST + STRANGER_RATE * (time.monotonic() - began) + 1
        assert guard.sources.counters["crowded"] >= 1
        await until(lambda: has_connections(near, 0))


async def test_a_scanner_gets_no_connection() -> None:
    guard = Guard()
    async with peer(tcp(), config=guarded(guard)) as near:
        guard.sources.drop(HOST[4], asyncio.get_running_loop().time())
        async with phone(near) as (reader, _):
            assert await end_of(reader) == b""
        assert has_connections(near, 0)


async def test_strangers_make_room_for_phones() -> None:
    """All places are taken by people who say nothing: the oldest of them leaves, no phone does."""
    guard = Guard()
    async with (
        peer(tcp(), config=guarded(guard, connections=10, first_seconds=60.0)) as near,
        AsyncExitStack() as stack,
    ):
        ear, mouth = await stack.enter_async_context(phone(near))
        mouth.write(options(1))
        event = await near.wait(RequestReceived)
        await ear.readuntil(b"\r\n\r\n")
        guard.vouch(event.flow, asyncio.get_running_loop().time())
        for _ in range(30):
            await stack.enter_async_context(phone(near))
        _, newest = await stack.enter_async_context(phone(near))
        newest.write(options(2))
        await near.wait(RequestReceived, 2)
        mouth.write(options(3))
        await near.wait(RequestReceived, 3)
        await until(lambda: near.endpoint.dump()["connections"] <= 10)
