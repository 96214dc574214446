"""All TCP and TLS connections of an endpoint: reused, opened, bounded, swept (RFC 3261 18, 18.1.1).

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
from softswitch.net.listener import Listener
from softswitch.net.stream import StreamConnection
from softswitch.sip.flow import Flow, Hop, Transport
from softswitch.sip.framing import MAX_MESSAGE

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
    ) -> None:
        self._received, self._lost, self._failed = received, lost, failed
        self._client_tls = client_tls
        self._limits = limits
        self._open: dict[int, StreamConnection] = {}
        self._by_hop: dict[Hop, StreamConnection] = {}
        self._hop_of: dict[int, Hop] = {}
        self._hosts: Counter[str] = Counter()
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
        if self._is_closing or self._is_full:
            wire.close()
            return
        task = asyncio.get_running_loop().create_task(self._take(transport, tls, wire))
        self._accepting.add(task)
        task.add_done_callback(self._accepting.discard)

    async def _take(
        self, transport: Transport, tls: ssl.SSLContext | None, wire: socket.socket
    ) -> None:
        """Make a connection of an accepted socket, after its handshake where there is one."""
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                partial(StreamConnection, self, transport, MAX_MESSAGE),
                wire,
                ssl=tls,
                ssl_handshake_timeout=self._limits.open_seconds if tls else None,
            )
        except OSError as error:
            _log.info("no handshake", error=str(error))

    def find(self, number: int | None) -> StreamConnection | None:
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
        count = len(self._open) + len(self._opening) + len(self._accepting)
        return count >= self._limits.connections

    async def _connect(self, hop: Hop, server_name: str | None) -> None:
        connection: StreamConnection | None = None
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
        factory = partial(StreamConnection, self, hop.transport, MAX_MESSAGE)
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

    def connected(self, connection: StreamConnection) -> None:
        host = connection.flow.remote[0]
        is_crowded = self._hosts[host] >= self._limits.per_host
        if self._is_closing or is_crowded or len(self._open) >= self._limits.connections:
            connection.abort()
        self._open[connection.number] = connection
        self._hosts[host] += 1
        self._empty.clear()

    def received(self, data: bytes, flow: Flow) -> None:
        self._received(data, flow)

    def lost(self, connection: StreamConnection) -> None:
        self._open.pop(connection.number, None)
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

    def _schedule_sweep(self) -> None:
        if self._sweep is None and not self._is_closing:
            wait = min(self._limits.first_seconds, self._limits.idle_seconds) / 2
            self._sweep = asyncio.get_running_loop().call_later(wait, self._sweep_out)

    def _sweep_out(self) -> None:
        """End who never said a message, and who said nothing for too long."""
        self._sweep = None
        now = asyncio.get_running_loop().time()
        for connection in list(self._open.values()):
            traffic = connection.traffic
            is_mute = traffic.messages == 0 and connection.number not in self._hop_of
            if is_mute and now - traffic.opened > self._limits.first_seconds:
                connection.abort()
            elif now - traffic.last > self._limits.idle_seconds:
                connection.close()
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
