"""SIP over WebSocket from the client's side: a foreign client library, and raw frames by hand."""

import asyncio
import os
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidStatus
from websockets.typing import Origin, Subprotocol

from softswitch.net import connection, ws
from softswitch.net.connections import ConnectionLimits
from softswitch.net.endpoint import EndpointConfig, ListenAddress
from softswitch.net.ws import WebSocketPolicy
from softswitch.sip.events import MessageRejected, RequestReceived
from softswitch.sip.flow import Flow, Hop, Transport
from tests.softswitch.net.peer import PATIENCE, Peer, certificates, peer, request, until

WS, WSS = Transport.WS, Transport.WSS
KEY = "dGhlIHNhbXBsZSBub25jZQ=="  # RFC 6455 1.3
PAGE = "https://office.example"


def listen(transport: Transport = WS) -> ListenAddress:
    tls = certificates()[0] if transport.secure else None
    return ListenAddress(transport, "127.0.0.1", 0, tls)


def config(*origins: str, ping: float = 25.0, **limits: float) -> EndpointConfig:
    return EndpointConfig(
        connections=ConnectionLimits(**limits),  # type: ignore[arg-type]
        websockets=WebSocketPolicy(origins, ping),
    )


def options(body: bytes = b"") -> bytes:
    made = request(body=body)
    made.headers.prepend("Via", f"SIP/2.0/WS a1b2.invalid;branch=z9hG4bK{os.urandom(4).hex()}")
    return made.to_bytes()


@asynccontextmanager
async def client(
    near: Peer,
    transport: Transport = WS,
    protocols: tuple[str, ...] = ("sip",),
    origin: str | None = None,
) -> AsyncIterator[ClientConnection]:
    hop = near.hop(transport)
    scheme, name = ("wss", "pbx.example") if transport.secure else ("ws", None)
    async with connect(
        f"{scheme}://{hop.host}:{hop.port}/",
        subprotocols=[Subprotocol(one) for one in protocols] or None,
        origin=Origin(origin) if origin else None,
        ssl=certificates()[1] if transport.secure else None,
        server_hostname=name,
    ) as made:
        yield made


async def answer(wire: ClientConnection) -> str | bytes:
    async with asyncio.timeout(PATIENCE):
        return await wire.recv()


async def closed(wire: ClientConnection) -> int:
    """The code by which the other side ended it."""
    async with asyncio.timeout(PATIENCE):
        await wire.wait_closed()
    assert wire.close_code is not None
    return wire.close_code


def count(near: Peer) -> int:
    return near.endpoint.dump()["connections"]


@pytest.mark.parametrize("transport", [WS, WSS])
async def test_a_request_and_its_answer(transport: Transport) -> None:
    async with peer(listen(transport)) as near:
        async with client(near, transport) as wire:
            assert wire.subprotocol == "sip"
            await wire.send(options().decode())
            text = await answer(wire)
            assert isinstance(text, str)
            assert text.startswith("SIP/2.0 200 OK\r\nVia: SIP/2.0/WS a1b2.invalid;")
            assert ";received=127.0.0.1" in text
            event = await near.wait(RequestReceived)
            assert event.flow.transport is transport
            assert near.endpoint.is_alive(event.flow)
        await until(lambda: count(near) == 0)
        assert not near.endpoint.is_alive(event.flow)


async def test_who_speaks_binary_is_answered_in_binary() -> None:
    async with peer(listen()) as near, client(near) as wire:
        await wire.send(options())
        assert isinstance(await answer(wire), bytes)
        await wire.send(options().decode())
        assert isinstance(await answer(wire), str)


async def test_what_is_no_text_is_sent_as_binary() -> None:
    async with peer(listen()) as near, client(near) as wire:
        await wire.send(options().decode())
        await answer(wire)
        flow = (await near.wait(RequestReceived)).flow
        near.endpoint.send(request("MESSAGE", body=b"\xff\xfe"), flow)
        data = await answer(wire)
        assert isinstance(data, bytes)
        assert data.endswith(b"\xff\xfe")
        assert b"Via: SIP/2.0/WS 127.0.0.1:" in data


async def test_no_content_length_is_needed() -> None:
    text = b"OPTIONS sip:x SIP/2.0\r\n" + options(b"hello").split(b"\r\n", 1)[1]
    bare = b"\r\n".join(line for line in text.split(b"\r\n") if b"Content-Length" not in line)
    async with peer(listen()) as near, client(near) as wire:
        await wire.send(bare.decode())
        assert (await near.wait(RequestReceived)).request.body == b"hello"


async def test_a_message_in_fragments() -> None:
    async with peer(listen()) as near, client(near) as wire:
        text = options(b"x" * 300).decode()
        await wire.send([text[at : at + 7] for at in range(0, len(text), 7)])
        assert len((await near.wait(RequestReceived)).request.body) == 300


async def test_two_messages_in_one_frame_are_the_first() -> None:
    """RFC 7118 5 forbids them; what lies behind a body is dropped as in a datagram (18.3)."""
    async with peer(listen()) as near, client(near) as wire:
        await wire.send((options() + options()).decode())
        await wire.send(options(b"third").decode())
        await near.wait(RequestReceived, 2)
        bodies = [one.request.body for one in near.events if isinstance(one, RequestReceived)]
        assert bodies == [b"", b"third"]


async def test_a_double_crlf_is_a_ping() -> None:
    async with peer(listen()) as near, client(near) as wire:
        await wire.send("\r\n\r\n")
        assert await answer(wire) == "\r\n"
        await wire.send("\r\n")
        await wire.send("")
        await wire.send(options().decode())
        assert str(await answer(wire)).startswith("SIP/2.0 200")
        assert len(near.events) == 1


@pytest.mark.parametrize(
    ("protocols", "status"), [((), 400), (("xmpp",), 400), (("xmpp", "sip"), 101)]
)
async def test_the_subprotocol(protocols: tuple[str, ...], status: int) -> None:
    async with peer(listen()) as near:
        if status == 101:
            async with client(near, protocols=protocols) as wire:
                assert wire.subprotocol == "sip"
            return
        with pytest.raises(InvalidStatus) as refused:
            async with client(near, protocols=protocols):
                pass
        assert refused.value.response.status_code == status
        await until(lambda: count(near) == 0)


@pytest.mark.parametrize(
    ("allowed", "origin", "is_welcome"),
    [
        ((), None, True),
        ((), PAGE, False),
        ((PAGE,), PAGE, True),
        ((PAGE,), "https://evil.example", False),
        ((PAGE,), "http://office.example", False),
        ((PAGE,), "null", False),
        (("*",), "https://evil.example", True),
    ],
)
async def test_origins(allowed: tuple[str, ...], origin: str | None, is_welcome: bool) -> None:
    async with peer(listen(), config=config(*allowed)) as near:
        if is_welcome:
            async with client(near, origin=origin):
                return
        with pytest.raises(InvalidStatus) as refused:
            async with client(near, origin=origin):
                pass
        assert refused.value.response.status_code == 403


# what no client should send


@asynccontextmanager
async def raw(near: Peer) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    hop = near.hop(WS)
    reader, writer = await asyncio.open_connection(hop.host, hop.port)
    try:
        yield reader, writer
    finally:
        writer.close()


def handshake(*lines: str) -> bytes:
    usual = ("Host: x", "Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Key: {KEY}")
    all_lines = ("GET / HTTP/1.1", *usual, "Sec-WebSocket-Version: 13", *lines)
    return ("\r\n".join(all_lines) + "\r\n\r\n").encode()


SIP_LINE = "Sec-WebSocket-Protocol: sip"


def frame(payload: bytes, opcode: int = 1, fin: bool = True, masked: bool = True) -> bytes:
    head = bytes([(0x80 if fin else 0) | opcode])
    bit = 0x80 if masked else 0
    if len(payload) < 126:
        head += bytes([bit | len(payload)])
    elif len(payload) < 65536:
        head += struct.pack("!BH", bit | 126, len(payload))
    else:
        head += struct.pack("!BQ", bit | 127, len(payload))
    return head + (b"\0\0\0\0" if masked else b"") + payload


async def everything(reader: asyncio.StreamReader) -> bytes:
    async with asyncio.timeout(PATIENCE):
        try:
            return await reader.read(-1)
        except ConnectionError:
            return b""


@pytest.mark.parametrize(
    ("junk", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"426"),
        (b"POST / HTTP/1.1\r\nHost: x\r\n\r\n", b"405"),
        (handshake(SIP_LINE).replace(b": 13", b": 8"), b"400"),
        (handshake(SIP_LINE).replace(KEY.encode(), b"short"), b"400"),
        (handshake(SIP_LINE, "Origin: a", "Origin: b"), b"400"),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 9000 + b"\r\n\r\n", b"431"),
        (b"OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bKa\r\n\r\n", b""),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64) + b"\n", b""),
        (b"x" * 20_000, b""),
        (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 4000, b""),
    ],
)
async def test_no_handshake(junk: bytes, status: bytes) -> None:
    async with peer(listen()) as near, raw(near) as (reader, writer):
        writer.write(junk)
        answered = await everything(reader)
        if status:
            assert answered.startswith(b"HTTP/1.1 " + status), answered[:80]
        await until(lambda: count(near) == 0)
        assert near.events == []


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (frame(b"hello, this is nobody"), 1007),
        (frame(os.urandom(600), opcode=2), 1007),
        (frame(b"OPTIONS sip:x SIP/2.0\r\n\xff\xfe\r\n\r\n"), 1007),
        (frame(b"x" * 70_000)[:10], 1009),
        (frame(b"x" * 60_000, fin=False) + frame(b"x" * 60_000, opcode=0)[:4], 1009),
        (struct.pack("!BBQ", 0x81, 0xFF, 2**62), 1009),
        (frame(b"x", opcode=0), 1002),
        (frame(b"x", opcode=3), 1002),
        (frame(b"x", masked=False), 1002),
        (frame(b"x" * 126, opcode=9), 1002),
        (frame(b"x", fin=False) + frame(b"y"), 1002),
        (b"\xf1\x81\0\0\0\0x", 1002),
    ],
)
async def test_a_frame_that_ends_the_connection(bad: bytes, code: int) -> None:
    async with peer(listen()) as near, raw(near) as (reader, writer):
        writer.write(handshake(SIP_LINE))
        async with asyncio.timeout(PATIENCE):
            await reader.readuntil(b"\r\n\r\n")
        writer.write(bad)
        answered = await everything(reader)
        assert answered[0] == 0x88
        assert struct.unpack("!H", answered[2:4]) == (code,)
        await until(lambda: count(near) == 0)
        assert near.events == []


async def test_a_malformed_message_leaves_the_connection() -> None:
    async with peer(listen()) as near, client(near) as wire:
        await wire.send("OPTIONS sip:x SIP/2.0\r\nVia: what\r\n\r\n")
        await near.wait(MessageRejected)
        await wire.send(options().decode())
        await near.wait(RequestReceived)


async def test_the_last_word_before_the_end_is_heard() -> None:
    """A browser's page that unregisters and closes in one breath."""
    async with peer(listen()) as near, raw(near) as (reader, writer):
        writer.write(handshake(SIP_LINE) + frame(options()) + frame(b"\x03\xe8", opcode=8))
        await near.wait(RequestReceived)
        await everything(reader)
        await until(lambda: count(near) == 0)


async def test_pings_without_end_are_answered_and_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A peer that sends and does not read fills no memory of ours."""
    monkeypatch.setattr(connection, "MAX_UNSENT", 50_000)
    async with peer(listen()) as near, raw(near) as (reader, writer):
        writer.write(handshake(SIP_LINE))
        async with asyncio.timeout(PATIENCE):
            await reader.readuntil(b"\r\n\r\n")
            with pytest.raises(ConnectionError):
                while True:
                    writer.write(frame(b"x" * 125, opcode=9) * 200)
                    await writer.drain()
                    if count(near) == 0:
                        raise ConnectionResetError
                    await asyncio.sleep(0)
        await until(lambda: count(near) == 0)


async def test_a_slow_reader_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "MAX_UNSENT", 50_000)
    async with peer(listen()) as near, raw(near) as (_, writer):
        writer.write(handshake(SIP_LINE) + frame(options()))
        flow = (await near.wait(RequestReceived)).flow
        async with asyncio.timeout(PATIENCE):
            while near.endpoint.is_alive(flow):
                near.endpoint.send(request("MESSAGE", body=b"x" * 30_000), flow)
                await asyncio.sleep(0)
        await until(lambda: count(near) == 0)


# silence


async def test_who_opens_and_says_nothing_is_ended() -> None:
    async with (
        peer(listen(), config=config(first_seconds=0.1)) as near,
        client(near) as mute,
        raw(near) as (reader, _),
        client(near) as other,
    ):
        await other.send(options().decode())
        assert await everything(reader) == b""
        assert await closed(mute) == 1006
        assert count(near) == 1


async def test_who_answers_pings_stays_and_who_does_not_goes() -> None:
    lost: list[Flow] = []
    async with peer(listen(), config=config(ping=0.1)) as near:
        near.endpoint.on_flow_lost = lost.append
        async with client(near) as alive, raw(near) as (reader, writer):
            await alive.send(options().decode())
            writer.write(handshake(SIP_LINE) + frame(options()))
            await near.wait(RequestReceived, 2)
            assert b"\x89\x00" in await everything(reader)
            await until(lambda: len(lost) == 1)
            await asyncio.sleep(0.3)
            assert count(near) == 1
            await alive.send(options().decode())
            await near.wait(RequestReceived, 3)


async def test_pongs_alone_are_no_use_of_a_connection() -> None:
    async with (
        peer(listen(), config=config(ping=0.1, idle_seconds=0.5)) as near,
        client(near) as wire,
    ):
        await wire.send(options().decode())
        await answer(wire)
        assert await closed(wire) == 1001
        await until(lambda: count(near) == 0)


async def test_so_many_and_no_more() -> None:
    async with peer(listen(), config=config(per_host=2)) as near, client(near), client(near):
        with pytest.raises((ConnectionError, InvalidHandshake)):
            async with client(near):
                pass


async def test_nobody_is_dialled_by_websocket() -> None:
    async with peer(listen()) as near:
        hop = near.hop(WS)
        near.endpoint.send(request(), Hop(WS, hop.host, hop.port))
        await asyncio.sleep(0)
        assert count(near) == 0
        assert near.endpoint.local_contact(hop) == f"127.0.0.1:{hop.port};transport=ws"


def test_the_handshake_has_room_for_a_browser() -> None:
    assert len(handshake(SIP_LINE, "Cookie: " + "x" * 4096)) < ws.MAX_HANDSHAKE
