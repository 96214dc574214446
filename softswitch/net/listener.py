"""One listening socket of TCP or TLS: accepts, and hands each new socket over before a handshake.

An own accept loop, so that bounds hold from the first packet on: asyncio's server tells of a TLS
connection only when its handshake is done, and forgets the others when it closes.
"""

import asyncio
import errno
import socket
from collections.abc import Callable

from softswitch.log import get_logger

_log = get_logger("net.listener")

# Connections that the kernel accepts for us meanwhile: all phones of an office after a power cut.
BACKLOG = 512
BATCH = 64
# Without a descriptor left, accepting would only spin; by then some calls have ended.
REST_SECONDS = 1.0
_EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


class Listener:
    """Bound at once; accepts from `open` to `close`."""

    def __init__(self, host: str, port: int, accepted: Callable[[socket.socket], None]) -> None:
        """Raises `OSError` when the address cannot be had."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        self._accepted = accepted
        self._loop: asyncio.AbstractEventLoop | None = None
        self._rest: asyncio.TimerHandle | None = None
        try:
            self._socket.setblocking(False)
            # After a restart the old connections may linger; the port is ours all the same.
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                self._socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            self._socket.bind((host, port))
            self._socket.listen(BACKLOG)
        except OSError as error:
            error.filename = f"{host}:{port} TCP"
            self._socket.close()
            raise
        name = self._socket.getsockname()
        self.address: tuple[str, int] = (name[0], name[1])

    def open(self) -> None:
        """Begin to accept, on the running loop."""
        self._rest = None
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket, self._accept)

    def close(self) -> None:
        """Stop; more than once is harmless."""
        if self._rest is not None:
            self._rest.cancel()
            self._rest = None
        if self._loop is not None:
            self._loop.remove_reader(self._socket)
            self._loop = None
        self._socket.close()

    def _accept(self) -> None:
        for _ in range(BATCH):
            try:
                wire, _ = self._socket.accept()
            except (BlockingIOError, ConnectionAbortedError, InterruptedError):
                return
            except OSError as error:
                _log.error("cannot accept", address=self.address, error=str(error))
                if error.errno in _EXHAUSTED and self._loop is not None:
                    self._loop.remove_reader(self._socket)
                    self._rest = self._loop.call_later(REST_SECONDS, self.open)
                return
            wire.setblocking(False)
            self._accepted(wire)
