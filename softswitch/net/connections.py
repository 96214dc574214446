"""All connections of an endpoint: reused, opened, bounded, swept (RFC 3261 18, 18.1.1).

A message for a hop takes the connection that is open to it, or waits for the one being opened.
Tasks live here only while a connection is being opened or secured; `close` waits for them.
"""

import asyncio
import socket
import ssl
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from softswitch.log import get_logger
from softswitch.net.connection import Connection
from softswitch.net.doorkeeper import Doorkeeper
from softswitch.net.listener import Listener
from softswitch.net.stream import StreamConnection
from softswitch.net.ws import WebSocketConnection, WebSocketPolicy
from softswitch.sip.flow import Flow, Hop, Transport

_log = get_logger("net.connections")


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Bounds of what peers may hold open, and for how long."""

    connections: int = 4_096
    """Descriptors: each costs about 10 KB, 50 KB over TLS."""
    per_host: int = 512
    """An office behind one NAT address has at most some hundred phones."""
    waiting: int = 256
    """Messages that wait for one connection to open."""
    open_seconds: float = 8.0
    """To connect, and to shake hands: four SYNs, and less than a caller's patience."""
    first_seconds: float = 30.0
    """Until the first whole message; who says nothing for so long wants only our descriptors."""
    idle_seconds: float = 7_200.0
    """Without a byte. Longer than any registration, whose phone would be cut off otherwise."""
    close_seconds: float = 1.0
    """What a peer gets to take the last bytes when we stop."""


@dataclass(slots=True)
class _Opening:
    """A connection on its way, and what waits for it."""

    task: asyncio.Task[None]
    waiting: list[tuple[bytes, object]] = field(default_factory=list)


class Connections:
    """`received(data, flow)` for each message, `lost(flow, hop)` when a connection ended, and
    `failed(token)` for each message that waited for a connection that never came."""

    def __init__(
        self,
        received: Callable[[bytes, Flow], None],
        lost: Callable[[Flow, Hop | None], None],
        failed: Callable[[object], None],
        client_tls: Callable[[], ssl.SSLContext],
        limits: ConnectionLimits,
        websockets: WebSocketPolicy,
        doorkeeper: Doorkeeper,
    ) -> None:
        self._received, self._lost, self._failed = received, lost, failed
        self._client_tls = client_tls
        self._limits, self._websockets = limits, websockets
        self._doorkeeper = doorkeeper
        self._open: dict[int, Connection] = {}
        self._by_hop: dict[Hop, Connection] = {}
        self._hop_of: dict[int, Hop] = {}
        self._hosts: Counter[str] = Counter()
        self._leaving: set[int] = set()
        self.evicted = 0
        self._opening: dict[Hop, _Opening] = {}
        self._accepting: set[asyncio.Task[None]] = set()
        self._listeners: list[Listener] = []
        self._sweep: asyncio.TimerHandle | None = None
        self._is_closing = False
        self._empty = asyncio.Event()
        self._empty.set()

    def listen(
        self, transport: Transport, host: str, port: int, tls: ssl.SSLContext | None
    ) -> tuple[str, int]:
        """Accept connections; gives the real address. Raises `OSError` when it cannot be had."""
        listener = Listener(host, port, partial(self._accepted, transport, tls))
        self._listeners.append(listener)
        listener.open()
        self._schedule_sweep()
        return listener.address

    def _accepted(
        self, transport: Transport, tls: ssl.SSLContext | None, wire: socket.socket
    ) -> None:
        if self._is_full:
            self._make_room()
        if self._is_closing or self._is_full or not self._is_welcome(wire):
            wire.close()
            return
        task = asyncio.get_running_loop().create_task(self._take(transport, tls, wire))
        self._accepting.add(task)
        task.add_done_callback(self._accepting.discard)

    def _is_welcome(self, wire: socket.socket) -> bool:
        try:
            host = wire.getpeername()[0]
        except OSError:
            return False  # gone meanwhile
        return self._doorkeeper.admits_connection(host, asyncio.get_running_loop().time())

    def _make_room(self) -> None:
        """End the oldest connection that somebody opened who never proved who he is."""
        now = asyncio.get_running_loop().time()
        for number, connection in self._open.items():
            if number in self._hop_of or number in self._leaving:
                continue
            if not self._doorkeeper.is_friend(connection.flow, now):
                self._leaving.add(number)
                self.evicted += 1
                connection.abort()
                return

    async def _take(
        self, transport: Transport, tls: ssl.SSLContext | None, wire: socket.socket
    ) -> None:
        """Make a connection of an accepted socket, after its handshake where there is one."""
        factory: Callable[[], Connection] = partial(StreamConnection, self, transport)
        if transport.over_http:
            factory = partial(WebSocketConnection, self, transport, self._websockets)
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                factory,
                wire,
                ssl=tls,
                ssl_handshake_timeout=self._limits.open_seconds if tls else None,
            )
        except OSError as error:
            _log.info("no handshake", error=str(error))

    def find(self, number: int | None) -> Connection | None:
        """The open connection of this number."""
        return self._open.get(number) if number is not None else None

    def is_open_to(self, hop: Hop) -> bool:
        return hop in self._by_hop

    def send(self, data: bytes, hop: Hop, token: object, server_name: str | None) -> bool:
        """Write to the hop's connection, opening one if there is none.

        False: it failed at once. A failure after that comes by `failed(token)`.
        """
        connection = self._by_hop.get(hop)
        if connection is not None and connection.is_open:
            return connection.write(data)
        opening = self._opening.get(hop)
        if opening is None:
            if self._is_closing or self._is_full:
                return False
            task = asyncio.get_running_loop().create_task(self._connect(hop, server_name))
            opening = self._opening[hop] = _Opening(task)
        if len(opening.waiting) >= self._limits.waiting:
            return False
        opening.waiting.append((data, token))
        return True

    @property
    def _is_full(self) -> bool:
        count = len(self._open) - len(self._leaving) + len(self._opening) + len(self._accepting)
        return count >= self._limits.connections

    async def _connect(self, hop: Hop, server_name: str | None) -> None:
        connection: Connection | None = None
        try:
            async with asyncio.timeout(self._limits.open_seconds):
                connection = await self._dial(hop, server_name)
        except (OSError, UnicodeError) as error:
            _log.info("cannot connect", hop=str(hop), error=str(error) or "timeout")
        finally:
            waiting = self._opening.pop(hop).waiting
        if connection is not None and connection.is_open:
            self._by_hop[hop] = connection
            self._hop_of[connection.number] = hop
        for data, token in waiting:
            if connection is None or not connection.write(data):
                self._failed(token)

    async def _dial(self, hop: Hop, server_name: str | None) -> StreamConnection:
        loop = asyncio.get_running_loop()
        factory = partial(StreamConnection, self, hop.transport)
        if not hop.transport.secure:
            _, connection = await loop.create_connection(factory, hop.host, hop.port)
            return connection
        _, connection = await loop.create_connection(
            factory,
            hop.host,
            hop.port,
            ssl=self._client_tls(),
            server_hostname=server_name or hop.host,
            ssl_handshake_timeout=self._limits.open_seconds,
        )
        return connection

    def connected(self, connection: Connection) -> None:
        host = connection.flow.remote[0]
        is_crowded = self._hosts[host] >= self._limits.per_host
        count = len(self._open) - len(self._leaving)
        if self._is_closing or is_crowded or count >= self._limits.connections:
            connection.abort()
        self._open[connection.number] = connection
        self._hosts[host] += 1
        self._empty.clear()

    def received(self, data: bytes, flow: Flow) -> None:
        self._received(data, flow)

    def lost(self, connection: Connection) -> None:
        self._open.pop(connection.number, None)
        self._leaving.discard(connection.number)
        host = connection.flow.remote[0]
        self._hosts[host] -= 1
        if self._hosts[host] <= 0:
            del self._hosts[host]
        hop = self._hop_of.pop(connection.number, None)
        if hop is not None and self._by_hop.get(hop) is connection:
            del self._by_hop[hop]
        if not self._open:
            self._empty.set()
        self._lost(connection.flow, hop)

    def abandon(self, is_of_this_machine: Callable[[str], bool]) -> list[str]:
        """End what was opened from an address that we have no more, and give those addresses.

        Nothing comes by such a connection ever again, and TCP would take a quarter of an hour to
        notice (RFC 1122 4.2.3.5).
        """
        ours = {connection.flow.local[0] for connection in self._open.values()}
        gone = {host for host in ours if not is_of_this_machine(host)}
        for connection in list(self._open.values()):
            if connection.flow.local[0] in gone:
                connection.abort()
        return sorted(gone)

    def _schedule_sweep(self) -> None:
        if self._sweep is None and not self._is_closing:
            limits, ping_seconds = self._limits, self._websockets.ping_seconds
            wait = min(limits.first_seconds, limits.idle_seconds, ping_seconds) / 2
            self._sweep = asyncio.get_running_loop().call_later(wait, self._sweep_out)

    def _sweep_out(self) -> None:
        """End who never said a message, and who said nothing for too long; ask the others."""
        self._sweep = None
        now = asyncio.get_running_loop().time()
        for connection in list(self._open.values()):
            traffic = connection.traffic
            is_mute = traffic.messages == 0 and connection.number not in self._hop_of
            if is_mute and now - traffic.opened > self._limits.first_seconds:
                connection.abort()
            elif traffic.half is not None and now - traffic.half > self._limits.first_seconds:
                connection.abort()  # who dribbles wants only our descriptors, too
            elif now - traffic.last > self._limits.idle_seconds:
                connection.close()
            else:
                connection.keep_alive(now)
        self._schedule_sweep()

    async def close(self) -> None:
        """End everything; afterwards no task, timer or socket is left."""
        self._is_closing = True
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None
        for listener in self._listeners:
            listener.close()
        self._listeners.clear()
        tasks = [*self._accepting, *(opening.task for opening in self._opening.values())]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for connection in list(self._open.values()):
            connection.close()
        try:
            async with asyncio.timeout(self._limits.close_seconds):
                await self._empty.wait()
        except TimeoutError:
            for connection in list(self._open.values()):
                connection.abort()
            await self._empty.wait()
        # Transports close their sockets in the loop's next turns.
        for _ in range(3):
            await asyncio.sleep(0)

    def dump(self) -> dict[str, int]:
        """Counts for the leak check."""
        opening = len(self._opening) + len(self._accepting)
        return {"connections": len(self._open), "connections opening": opening}
