"""What connections of TCP, TLS and WebSocket have in common: a life, a bound, and a count.

Watches that the peer reads what we write, and says once when it is over. How octets become
messages is each kind's own: `stream` (RFC 3261 18.3), `ws` (RFC 7118). Which connections there are,
and which one a message takes: `connections`.
"""

import asyncio
import itertools
import socket
import sys
from abc import abstractmethod
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol, cast

from softswitch.log import get_logger
from softswitch.sip.flow import Flow, Transport

_log = get_logger("net.connection")

# What may wait unread by the peer: some hundred messages. Who does not read is gone or hostile.
MAX_UNSENT = 1 << 20
# Seconds after which the kernel gives up unacknowledged data (TCP_USER_TIMEOUT): less than the
# 32 s of a transaction, so that a dead connection is known before its calls are.
USER_TIMEOUT = 20
# A peer that vanished without FIN is found after 60 + 3 * 20 s of silence; NATs forget later.
KEEPALIVE_IDLE, KEEPALIVE_INTERVAL, KEEPALIVE_COUNT = 60, 20, 3

_numbers = itertools.count(1)


class Owner(Protocol):
    """Who keeps the connection."""

    def connected(self, connection: "Connection") -> None: ...

    def received(self, data: bytes, flow: Flow) -> None: ...

    def lost(self, connection: "Connection") -> None: ...


class ConnectionState(Enum):
    """Where a connection is in its life."""

    OPENING = auto()
    OPEN = auto()
    CLOSED = auto()


@dataclass(slots=True)
class Traffic:
    """When something of SIP last happened, in the loop's seconds."""

    opened: float
    last: float
    messages: int = 0
    half: float | None = None
    """Since when a message lies here that is not whole."""


class Connection(asyncio.Protocol):
    """One connection, either side's."""

    def __init__(self, owner: Owner, transport: Transport) -> None:
        self.owner = owner
        self._kind = transport
        self._wire: asyncio.Transport | None = None
        self.loop = asyncio.get_running_loop()
        self.state = ConnectionState.OPENING
        self.number = next(_numbers)
        self.flow = Flow(transport, ("", 0), ("", 0), self.number)
        now = self.loop.time()
        self.traffic = Traffic(now, now)

    @property
    def is_open(self) -> bool:
        return self.state is ConnectionState.OPEN

    @abstractmethod
    def arrived(self, data: bytes) -> None:
        """Octets of the peer."""

    @abstractmethod
    def write(self, data: bytes) -> bool:
        """Send one message. False when the connection is over, or was ended because its peer does
        not read."""

    def keep_alive(self, now: float) -> None:
        """Called every few seconds: look whether the peer is there, if this kind can ask."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._wire = cast(asyncio.Transport, transport)
        local, remote = transport.get_extra_info("sockname"), transport.get_extra_info("peername")
        if not local or not remote:
            # The peer was gone before the accept: there is nobody to name.
            self.abort()
            return
        self.flow = Flow(self._kind, (local[0], local[1]), (remote[0], remote[1]), self.number)
        _configure(transport.get_extra_info("socket"))
        self.state = ConnectionState.OPEN
        self.owner.connected(self)

    def data_received(self, data: bytes) -> None:
        if self.state is ConnectionState.OPEN:
            self.arrived(data)

    def put(self, data: bytes) -> bool:
        """Octets for the wire; False as of `write`."""
        if self.state is not ConnectionState.OPEN or self._wire is None:
            return False
        if self._wire.get_write_buffer_size() + len(data) > MAX_UNSENT:
            _log.info("a peer does not read", remote=self.flow.remote)
            self.abort()
            return False
        self._wire.write(data)
        return True

    def close(self) -> None:
        """End it after what was written has left."""
        if self._wire is not None:
            self._wire.close()

    def abort(self) -> None:
        """End it now."""
        if self._wire is not None:
            self._wire.abort()

    def eof_received(self) -> bool:
        return False  # half-open connections are closed: no phone means one

    def connection_lost(self, error: Exception | None) -> None:
        was_open = self.state is ConnectionState.OPEN
        self.state = ConnectionState.CLOSED
        self._wire = None
        if error is not None and not isinstance(error, OSError):
            _log.warning("a connection failed", remote=self.flow.remote, error=repr(error))
        if was_open:
            self.owner.lost(self)


def _configure(wire: socket.socket | None) -> None:
    """Small packets at once, and dead peers found by the kernel."""
    if wire is None:
        return
    try:
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if sys.platform == "linux":
            wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, KEEPALIVE_IDLE)
            wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, KEEPALIVE_INTERVAL)
            wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, KEEPALIVE_COUNT)
            wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, USER_TIMEOUT * 1000)
    except OSError as error:
        _log.debug("socket options refused", error=str(error))
