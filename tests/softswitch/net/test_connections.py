"""Streams from the peer's side: raw sockets that behave well, badly, or not at all."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial

import pytest

from softswitch.net import connection, departures
from softswitch.net.connections import ConnectionLimits
from softswitch.net.endpoint import EndpointConfig
from softswitch.sip.events import (
    MessageRejected,
    RequestReceived,
    ResponseReceived,
    TransactionFailed,
)
from softswitch.sip.flow import Flow, Hop, Transport
from tests.softswitch.net.peer import PATIENCE, Peer, certificates, peer, request, tcp, tls, until

Wire = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def phone(near: Peer, transport: Transport = Transport.TCP) -> AsyncIterator[Wire]:
    """A raw connection to a peer."""
    hop = near.hop(transport)
    tls_context = certificates()[1] if transport.secure else None
    name = "pbx.example" if transport.secure else None
    reader, writer = await asyncio.open_connection(
        hop.host, hop.port, ssl=tls_context, server_hostname=name
    )
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


def config(**limits: float) -> EndpointConfig:
    return EndpointConfig(connections=ConnectionLimits(**limits))  # type: ignore[arg-type]


def options(number: int, body: bytes = b"") -> bytes:
    made = request(body=body)
    made.headers.prepend("Via", f"SIP/2.0/TCP 127.0.0.1:9;branch=z9hG4bK{number}")
    return made.to_bytes()


def has_connections(near: Peer, count: int) -> bool:
    return near.endpoint.dump()["connections"] == count


async def end_of(reader: asyncio.StreamReader) -> bytes:
    """Everything until the other side ends it."""
    async with asyncio.timeout(PATIENCE):
        try:
            return await reader.read(-1)
        except ConnectionError:
            return b""


@pytest.mark.parametrize("transport", [Transport.TCP, Transport.TLS])
async def test_messages_in_pieces_and_in_heaps(transport: Transport) -> None:
    async with peer(tcp(), tls()) as near, phone(near, transport) as (reader, writer):
        heap = options(1) + options(2, b"x" * 300) + options(3)
        for start in range(0, len(heap), 97):
            writer.write(heap[start : start + 97])
            await writer.drain()
        await near.wait(RequestReceived, 3)
        answers = b""
        async with asyncio.timeout(PATIENCE):
            while answers.count(b"SIP/2.0 200") < 3:
                answers += await reader.read(4096)


async def test_a_ping_is_answered_and_a_pong_is_not() -> None:
    async with peer(tcp()) as near, phone(near) as (reader, writer):
        writer.write(b"\r\n\r\n")
        async with asyncio.timeout(PATIENCE):
            assert await reader.readexactly(2) == b"\r\n"
        writer.write(b"\r\n" + options(1))
        async with asyncio.timeout(PATIENCE):
            assert (await reader.readline()).startswith(b"SIP/2.0 200")
        assert len(near.events) == 1


@pytest.mark.parametrize(
    "junk",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"OPTIONS sip:x SIP/2.0\r\nContent-Length: -1\r\n\r\n",
        b"x" * 70_000,
        b"OPTIONS sip:x SIP/2.0\r\nContent-Length: 999999999\r\n\r\n",
    ],
)
async def test_a_stream_that_cannot_be_cut_is_ended(junk: bytes) -> None:
    async with peer(tcp()) as near, phone(near) as (reader, writer):
        writer.write(junk)
        await end_of(reader)
        await until(lambda: near.endpoint.dump()["connections"] == 0)


async def test_a_bad_message_leaves_the_connection() -> None:
    async with peer(tcp()) as near, phone(near) as (reader, writer):
        writer.write(b"OPTIONS sip:x SIP/2.0\r\nContent-Length: 0\r\n\r\n" + options(1))
        await near.wait(RequestReceived)
        await near.wait(MessageRejected)
        assert near.endpoint.dump()["connections"] == 1
        assert (await reader.readline()).startswith(b"SIP/2.0 ")


async def test_who_says_nothing_is_ended() -> None:
    async with (
        peer(tcp(), config=config(first_seconds=0.1)) as near,
        phone(near) as (reader, writer),
        phone(near) as (_, other),
    ):
        other.write(options(1))
        await near.wait(RequestReceived)
        writer.write(b"\r\n\r\n")
        assert await end_of(reader) == b"\r\n"
        assert near.endpoint.dump()["connections"] == 1


async def test_idle_connections_are_ended() -> None:
    async with (
        peer(tcp(), config=config(idle_seconds=0.2)) as near,
        phone(near) as (reader, writer),
    ):
        writer.write(options(1))
        assert (await end_of(reader)).startswith(b"SIP/2.0 200")


async def test_limits_of_one_host_and_of_all() -> None:
    for limits in (config(per_host=2), config(connections=2)):
        async with peer(tcp(), config=limits) as near:
            async with phone(near), phone(near):
                await until(partial(has_connections, near, 2))
                async with phone(near) as (reader, _):
                    assert await end_of(reader) == b""
                near.endpoint.send(request(), Hop(Transport.TCP, "127.0.0.1", 9))
                await near.wait(TransactionFailed)
            await until(partial(has_connections, near, 0))


async def test_a_peer_that_does_not_read_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "MAX_UNSENT", 20_000)
    async with peer(tcp()) as near, phone(near) as (_, writer):
        writer.write(options(1))
        flow = (await near.wait(RequestReceived)).flow
        for _ in range(400):
            near.endpoint.send(request("MESSAGE", body=b"x" * 50_000), flow)
            if not near.endpoint.is_alive(flow):
                break
        await near.wait(TransactionFailed)
        await until(lambda: near.endpoint.dump()["connections"] == 0)


async def test_a_connection_that_does_not_come_in_time() -> None:
    listener = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    slow = EndpointConfig(
        client_tls=certificates()[1], connections=ConnectionLimits(open_seconds=0.1)
    )
    async with listener, peer(tcp(), config=slow) as near:
        near.endpoint.send(request(), Hop(Transport.TLS, "127.0.0.1", port))
        assert near.endpoint.dump()["connections opening"] == 1
        await near.wait(TransactionFailed)
        assert near.endpoint.dump()["connections opening"] == 0


async def test_only_so_many_messages_wait_for_a_connection() -> None:
    async with peer(tcp(), config=config(waiting=2)) as near, peer(tcp()) as far:
        for _ in range(3):
            near.endpoint.send(request(), far.hop(Transport.TCP))
        await near.wait(TransactionFailed)
        await far.wait(RequestReceived, 2)


async def test_a_plain_stranger_at_the_tls_port() -> None:
    async with peer(tls()) as near:
        hop = near.hop(Transport.TLS)
        reader, writer = await asyncio.open_connection(hop.host, hop.port)
        writer.write(options(1))
        await end_of(reader)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        assert not near.events
        with pytest.raises(ssl.SSLError):
            await asyncio.open_connection(
                hop.host, hop.port, ssl=ssl.create_default_context(), server_hostname="pbx.example"
            )


async def test_handshakes_are_bounded_in_time_and_number() -> None:
    async with peer(tls(), config=config(connections=1, open_seconds=0.2)) as near:
        hop = near.hop(Transport.TLS)
        silent, silent_writer = await asyncio.open_connection(hop.host, hop.port)
        await until(lambda: near.endpoint.dump()["connections opening"] == 1)
        crowded, crowded_writer = await asyncio.open_connection(hop.host, hop.port)
        assert await end_of(crowded) == b""
        assert near.endpoint.dump()["connections opening"] == 1
        assert await end_of(silent) == b""
        assert near.endpoint.dump()["connections opening"] == 0
        silent_writer.close()
        crowded_writer.close()


async def test_close_in_the_middle_of_a_handshake() -> None:
    async with peer(tls()) as near:
        hop = near.hop(Transport.TLS)
        reader, writer = await asyncio.open_connection(hop.host, hop.port)
        await until(lambda: near.endpoint.dump()["connections opening"] == 1)
        await near.endpoint.close()
        assert await end_of(reader) == b""
        writer.close()


async def test_closing_waits_for_the_last_bytes_but_not_for_ever() -> None:
    async with (
        peer(tcp(), config=config(close_seconds=0.1)) as near,
        phone(near) as (reader, writer),
    ):
        near.status = 0
        writer.write(options(1))
        flow = (await near.wait(RequestReceived)).flow
        for _ in range(10):
            near.endpoint.send(request("MESSAGE", body=b"x" * 60_000), flow)
        await near.endpoint.close()
        assert (await end_of(reader)).startswith(b"MESSAGE")


async def test_connections_from_an_address_that_is_gone_are_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """At once, and whoever owns them is told; those from other addresses stay."""
    async with peer(tcp()) as near, peer(tcp()) as far, phone(near) as (reader, _):
        lost: list[Flow] = []
        near.endpoint.on_flow_lost = lost.append
        near.endpoint.send(request(), far.hop(Transport.TCP))
        await near.wait(ResponseReceived)
        await until(lambda: has_connections(near, 2))
        assert near.endpoint.leave_lost_addresses() == [], "every address is still ours"
        assert has_connections(near, 2) and not lost
        monkeypatch.setattr(departures, "is_of_this_machine", lambda _host: False)
        assert near.endpoint.leave_lost_addresses() == ["127.0.0.1"]
        await until(lambda: has_connections(near, 0))
        assert far.hop(Transport.TCP).port in {flow.remote[1] for flow in lost}
        assert await end_of(reader) == b""
