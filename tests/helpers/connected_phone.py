"""A phone played by hand over any transport: TCP, TLS, WebSocket with or without TLS, UDP.

Nobody can connect to it: its own connection is the only way there, as with a browser, or a phone
behind a router. Its WebSocket is the `websockets` library's; the stream is cut here.
"""

import asyncio
import re
import secrets
import ssl
from contextlib import suppress
from types import TracebackType

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.helpers.hand_phone import HOST, Address, Phone
from tests.live.sip_text import Message

_LENGTH = re.compile(rb"\r\nContent-Length:[ \t]*(\d+)", re.IGNORECASE)


class ConnectedPhone(Phone):
    """`transport`: as in Via. `trust`: for the two over TLS. `instance`: its `+sip.instance`."""

    def __init__(
        self,
        user: str,
        server: Address,
        password: str | None = None,
        transport: str = "UDP",
        trust: ssl.SSLContext | None = None,
        instance: str | None = None,
        reg_id: int | None = None,
    ) -> None:
        super().__init__(user, server, password)
        self.transport, self.instance, self.reg_id = transport, instance, reg_id
        self.supported = "path, outbound, gruu"
        self.kept: Message | None = None  # the answer to its last REGISTER
        self._trust = trust
        self._host = f"{secrets.token_hex(6)}.invalid"
        self._writer: asyncio.StreamWriter | None = None
        self._socket: ClientConnection | None = None
        self._outbox: asyncio.Queue[bytes] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> "ConnectedPhone":
        await super().__aenter__()
        await self.connect()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.disconnect()
        await super().__aexit__(kind, error, trace)

    async def connect(self) -> None:
        """Open its connection; again after `disconnect`."""
        tls = self._trust if self.transport in ("TLS", "WSS") else None
        if self.transport in ("WS", "WSS"):
            uri = f"{self.transport.lower()}://{self.server[0]}:{self.server[1]}"
            self._socket = await connect(uri, subprotocols=[Subprotocol("sip")], ssl=tls)
            self._tasks.append(asyncio.create_task(self._read_frames(self._socket)))
            self._tasks.append(asyncio.create_task(self._write_frames(self._socket)))
        elif self.transport != "UDP":
            reader, self._writer = await asyncio.open_connection(*self.server, ssl=tls)
            self._tasks.append(asyncio.create_task(self._read_stream(reader)))

    async def disconnect(self) -> None:
        """Its connection is gone, with no word of SIP."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        if self._socket is not None:
            await self._socket.close()
            self._socket = None
        if self._writer is not None:
            self._writer.close()
            with suppress(OSError):
                await self._writer.wait_closed()
            self._writer = None

    @property
    def contact(self) -> str:
        """What it calls itself: a browser knows no address of its own."""
        if self.transport == "UDP":
            return super().contact
        kind = "ws" if self.transport == "WSS" else self.transport.lower()
        return f"<sip:{self.user}@{self._host};transport={kind}>"

    def via(self) -> str:
        if self.transport == "UDP":
            return super().via()
        branch = secrets.token_hex(8)
        return f"SIP/2.0/{self.transport} {self._host};rport;branch=z9hG4bK{branch}"

    def message(self, method: str, target: str, *headers: tuple[str, str]) -> Message:
        """A request outside any dialog, for `ask`."""
        me, uri = f"<sip:{self.user}@{self.domain}>", f"sip:{target}@{self.domain}"
        made = self.request(method, uri, me, f"<{uri}>")
        made.headers += [("Contact", self.contact), *headers]
        return made

    async def register(self, expires: int = 300) -> None:
        me = f"<sip:{self.user}@{self.domain}>"
        request = self.request("REGISTER", f"sip:{self.domain}", me, me)
        contact = self.contact
        if self.instance is not None:
            contact += f';+sip.instance="{self.instance}"'
        if self.reg_id is not None:
            contact += f";reg-id={self.reg_id}"
        request.headers += [("Contact", contact), ("Expires", str(expires))]
        request.headers.append(("Supported", self.supported))
        self.kept = await self.ask(request)
        assert self.kept.status == 200, self.kept.start

    def gruu(self, kind: str = "pub") -> str:
        """The address that the registrar gave to this device."""
        assert self.kept is not None
        for name, value in self.kept.headers:
            if name == "Contact" and self.instance and self.instance in value:
                found = re.search(rf'{kind}-gruu="([^"]+)"', value)
                assert found, value
                return found[1]
        raise AssertionError("no GRUU")

    def put(self, message: Message) -> None:
        if self.transport == "UDP":
            super().put(message)
        elif self._socket is not None:
            self._outbox.put_nowait(message.to_bytes())
        elif self._writer is not None:
            self._writer.write(message.to_bytes())

    async def _read_frames(self, socket: ClientConnection) -> None:
        with suppress(ConnectionClosed):
            async for data in socket:
                text = data.encode() if isinstance(data, str) else data
                self.datagram_received(text, (HOST, 0))

    async def _write_frames(self, socket: ClientConnection) -> None:
        with suppress(ConnectionClosed):
            while True:
                await socket.send((await self._outbox.get()).decode())

    async def _read_stream(self, reader: asyncio.StreamReader) -> None:
        with suppress(asyncio.IncompleteReadError, OSError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                found = _LENGTH.search(head)
                body = await reader.readexactly(int(found[1])) if found else b""
                self.datagram_received(head.lstrip(b"\r\n") + body, (HOST, 0))
