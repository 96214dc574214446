"""One WebSocket connection of SIP, the server's side (RFC 7118; RFC 6455 by `websockets`).

The library's protocol has no sockets of its own, so a browser's connection is one more `Connection`
under the same limits, with no task. Each WebSocket message is one SIP message (RFC 7118 5),
whatever its frames were; a browser's page must come from an origin that the operator named.
"""

import logging
from dataclasses import dataclass

from websockets.datastructures import Headers
from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.typing import Origin, Subprotocol

from softswitch.log import get_logger
from softswitch.net.connection import Connection, Owner
from softswitch.sip.flow import Transport
from softswitch.sip.framing import MAX_MESSAGE

_log = get_logger("net.ws")

SIP = Subprotocol("sip")
"""RFC 7118 4.1: "The client MUST include the value "sip" in the Sec-WebSocket-Protocol"."""
ANY_ORIGIN = "*"
# Octets of the HTTP request that opens the connection; browsers send about 600, with cookies more.
MAX_HANDSHAKE = 16_384
# The library's own lines tell of each connection in its words; ours are enough.
_library = logging.Logger("websockets", logging.CRITICAL)

_PING, _PONG = b"\r\n\r\n", b"\r\n"


@dataclass(frozen=True, slots=True)
class WebSocketPolicy:
    """Who may connect, and how long a peer may be silent."""

    origins: tuple[str, ...] = ()
    """Pages whose scripts may connect, `https://office.example`; `*` lets every page. A client that
    names no origin is no browser, and passes: it is the password that counts."""
    ping_seconds: float = 25.0
    """Without a sign from the peer, until it is asked for one; as long again, and it is gone. Home
    routers and proxies forget a silent connection after 60 s and more."""

    @property
    def accepted(self) -> list[Origin | None] | None:
        """As the library wants it: None for a client without one, and None instead for all."""
        if ANY_ORIGIN in self.origins:
            return None
        return [None, *(Origin(origin) for origin in self.origins)]


class WebSocketConnection(Connection):
    """See the module's docstring."""

    def __init__(self, owner: Owner, transport: Transport, policy: WebSocketPolicy) -> None:
        super().__init__(owner, transport)
        self._protocol = ServerProtocol(
            origins=policy.accepted, subprotocols=[SIP], max_size=MAX_MESSAGE, logger=_library
        )
        self._ping_seconds = policy.ping_seconds
        self._message = bytearray()
        self._opcode = Opcode.TEXT
        self._head = 0
        self._is_failed = False
        self._heard = self.traffic.opened
        self._asked: float | None = None

    def arrived(self, data: bytes) -> None:
        self._heard, self._asked = self.loop.time(), None
        if self._protocol.state is State.CONNECTING:
            self._head += len(data)
            if self._head > MAX_HANDSHAKE:
                self.abort()
                return
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if isinstance(event, Request):
                self._shake_hands(event)
            elif isinstance(event, Frame):
                self._take(event)
            if not self.is_open:
                return
        self._flush()

    def write(self, data: bytes) -> bool:
        if not self.is_open or self._protocol.state is not State.OPEN:
            return False
        self.traffic.last = self.loop.time()
        if self._opcode is Opcode.TEXT and _is_text(data):
            self._protocol.send_text(data)
        else:
            self._protocol.send_binary(data)
        return self._flush()

    def keep_alive(self, now: float) -> None:
        """RFC 7118 6, RFC 6455 5.5.2: ping who is silent, and end who does not answer."""
        if self._protocol.state is not State.OPEN:
            return
        if self._asked is not None:
            if now - self._asked >= self._ping_seconds:
                _log.info("a peer does not answer", remote=self.flow.remote)
                self.abort()
        elif now - self._heard >= self._ping_seconds:
            self._asked = now
            self._protocol.send_ping(b"")
            self._flush()

    def close(self) -> None:
        if self._protocol.state is State.OPEN:
            self._protocol.send_close(CloseCode.GOING_AWAY)
            self._flush()
        super().close()

    def _shake_hands(self, request: Request) -> None:
        """RFC 7118 4.2: 400 without the subprotocol, 403 for a foreign page, 426 for no upgrade."""
        response = self._protocol.accept(request)
        self._protocol.send_response(response)
        if response.status_code != 101:
            _log.info(
                "no WebSocket",
                remote=self.flow.remote,
                status=response.status_code,
                origin=_origin(request.headers),
            )

    def _take(self, frame: Frame) -> None:
        if self._is_failed or frame.opcode not in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            return
        if frame.opcode is not Opcode.CONT:
            self._opcode = frame.opcode
        self._message += frame.data
        if frame.fin:
            message = bytes(self._message)
            self._message.clear()
            self._understand(message)

    def _understand(self, message: bytes) -> None:
        """RFC 7118 5: exactly one SIP message; or a keep-alive of RFC 5626 4.4.1."""
        self.traffic.last = self.loop.time()
        if message == _PING:
            self.write(_PONG)
        elif not message.strip(_PONG):
            return
        elif not _is_sip(message) or (self._opcode is Opcode.TEXT and not _is_text(message)):
            _log.info("no SIP in a WebSocket", remote=self.flow.remote)
            self._is_failed = True
            self._protocol.fail(CloseCode.INVALID_DATA, "This is not SIP")
        else:
            self.traffic.messages += 1
            self.owner.received(message, self.flow)

    def _flush(self) -> bool:
        for data in self._protocol.data_to_send():
            if data:
                if not self.put(data):
                    return False
            else:
                super().close()  # the library's sign for the end of the stream
        return True


def _is_sip(message: bytes) -> bool:
    """As for a stream: a start line that never names SIP is a browser's or a scanner's."""
    end = message.find(b"\r\n")
    return b"SIP/" in message[: end if end >= 0 else None].upper()


def _is_text(message: bytes) -> bool:
    """RFC 6455 8.1: a text frame is UTF-8, or the connection fails."""
    if message.isascii():
        return True
    try:
        message.decode()
    except UnicodeDecodeError:
        return False
    return True


def _origin(headers: Headers) -> str | None:
    found = headers.get_all("Origin")
    return found[0][:200] if found else None
