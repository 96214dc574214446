"""Ports and sockets of a leg: RTP on an even port, RTCP on the odd one above it (RFC 3550 11).

A leg has two RTP sockets on one port. The *talker* is connected to the far phone: the kernel gives
it the far phone's packets only, and reading and sending need no address, which is a fifth cheaper.
Everybody else's packets fall to the unconnected *catcher*: strangers, and sources to be learned.
"""

import contextlib
import errno
import socket
from collections import deque
from typing import Final

from media.latch import Address

# A port that another program holds is passed over; so many in a row, and something else is wrong.
MAX_TRIES: Final = 64


class NoPort(Exception):
    """No port pair could be opened; the text says why."""


class PortRange:
    """Even ports of a range. A closed port drains before it is given out again, so that late
    packets of one call are never heard in the next.
    """

    def __init__(self, low: int, high: int, drain_seconds: float) -> None:
        self._all = range(low + low % 2, high, 2)
        self._free = deque(self._all)
        self._draining: deque[tuple[float, int]] = deque()
        self._drain_seconds = drain_seconds

    def __len__(self) -> int:
        return len(self._free) + len(self._draining)

    def take(self, now: float) -> int | None:
        while self._draining and self._draining[0][0] <= now:
            self._free.append(self._draining.popleft()[1])
        return self._free.popleft() if self._free else None

    def take_this(self, port: int) -> None:
        """It is not given out any more, whether it is one of ours or not."""
        with contextlib.suppress(ValueError):
            self._free.remove(port)
        self._draining = deque(entry for entry in self._draining if entry[1] != port)

    def give_back(self, port: int, now: float) -> None:
        """One that is not of this range came from another worker, and is that one's again."""
        if port in self._all:
            self._draining.append((now + self._drain_seconds, port))

    def dump(self) -> dict[str, int]:
        return {"free": len(self._free), "draining": len(self._draining)}


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _bound(host: str, port: int, shared: bool = False) -> socket.socket:
    udp = socket.socket(_family(host), socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    try:
        if shared:
            udp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        udp.bind((host, port))
    except OSError:
        udp.close()
        raise
    return udp


class LegSockets:
    """The sockets of one leg. All non-blocking."""

    def __init__(self, host: str, port: int) -> None:
        """Raises OSError."""
        self.host = host
        self.port = port
        self.talker: socket.socket | None = None
        self.catcher = _bound(host, port)
        try:
            self.control = _bound(host, port + 1)
        except OSError:
            self.catcher.close()
            raise

    def aim(self, to: Address) -> socket.socket:
        """A fresh talker toward the address; the old one is closed. Raises OSError."""
        # Only while the second socket is bound do both allow to share the port: nobody else on
        # this machine can slip in later.
        self.catcher.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.silence()
        try:
            talker = _bound(self.host, self.port, shared=True)
        finally:
            self.catcher.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
        try:
            talker.connect((to.host, to.port))
        except OSError:
            talker.close()
            raise
        talker.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
        # Between bind and connect anybody's packet may have fallen into it.
        with contextlib.suppress(OSError):
            while True:
                talker.recv(1)
        self.talker = talker
        return talker

    def silence(self) -> None:
        """No talker: nothing is sent, and all that comes is a stranger's."""
        if self.talker is not None:
            self.talker.close()
            self.talker = None

    def close(self) -> None:
        self.silence()
        self.catcher.close()
        self.control.close()


def reopen_sockets(host: str, port: int, ports: PortRange) -> LegSockets:
    """The port pair that a leg had in a worker that is gone. Raises NoPort."""
    try:
        sockets = LegSockets(host, port)
    except OSError as error:
        raise NoPort(f"{host}:{port}: {error.strerror or error}") from None
    ports.take_this(port)
    return sockets


def open_sockets(host: str, ports: PortRange, now: float) -> LegSockets:
    """The next port pair that this machine has free. Raises NoPort."""
    for _ in range(MAX_TRIES):
        port = ports.take(now)
        if port is None:
            raise NoPort("no free RTP port")
        try:
            return LegSockets(host, port)
        except OSError as error:
            ports.give_back(port, now)
            if error.errno != errno.EADDRINUSE:
                raise NoPort(f"{host}: {error.strerror or error}") from None
    raise NoPort(f"{MAX_TRIES} RTP ports in a row are in use by other programs")
