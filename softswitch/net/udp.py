"""One UDP socket of SIP (RFC 3261 18.1, 18.2; RFC 3581: answers leave from where requests came).

A raw socket with a reader on the event loop: it takes a batch a wake-up, where asyncio's own
datagram transport takes one packet, and costs a quarter less (5.6 to 7.4 µs a packet in and out;
uvloop's costs 5.5). Unreachable peers are learnt from ICMP where the system tells (Linux), which
no transport offers: a phone that was switched off fails at once.

Carries bytes; knows nothing of what they say.
"""

import asyncio
import contextlib
import errno
import socket
import struct
import sys
import time
from collections.abc import Callable
from functools import partial

from softswitch.log import get_logger
from softswitch.sip.flow import Flow, Transport

_log = get_logger("net.udp")

Receive = Callable[[bytes, Flow], bool]
"""Takes a packet. True: it was read; False: it was passed over or waits, which costs little."""
Unreachable = Callable[[tuple[str, int]], None]

# Packets read in one wake-up: enough to empty a burst, few enough that timers and streams get their
# turn within about 5 ms. Those that are passed over cost a hundredth: under attack they must not
# keep the others waiting in the system's queue.
BATCH, MOST_TAKEN = 32, 512
MAX_DATAGRAM = 65_535
# A burst of re-registrations after a power cut comes within a second: 4 MB hold about 6,000.
RECEIVE_BUFFER = 4 << 20
SEND_BUFFER = 1 << 20
# Peers whose Flow value is kept ready; one more than this and the table starts anew.
MAX_FLOWS = 8_192

# Linux: <linux/in.h>, <linux/in6.h>, <linux/errqueue.h>; the socket module does not name them.
_IP_RECVERR, _IPV6_RECVERR, _MSG_ERRQUEUE = 11, 25, 0x2000
# The system notes when each packet came (socket(7), SO_TIMESTAMPNS; <asm-generic/socket.h>).
_SO_TIMESTAMPNS, _TIMESPEC = 35, struct.Struct("@ll")
# RFC 3261 18.4: host, network, port and protocol unreachable count; others are passing troubles.
_UNREACHABLE = frozenset(
    {errno.ECONNREFUSED, errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ENOPROTOOPT}
)


def is_ipv6(host: str) -> bool:
    return ":" in host


class UdpSocket:
    """Bound at once; reads from `open` to `close`."""

    def __init__(self, host: str, port: int, receive: Receive, unreachable: Unreachable) -> None:
        """Raises `OSError` when the address cannot be had."""
        family = socket.AF_INET6 if is_ipv6(host) else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._receive, self._unreachable = receive, unreachable
        self._buffer = bytearray(MAX_DATAGRAM)
        self._view = memoryview(self._buffer)
        self._read = partial(self._socket.recvfrom_into, self._buffer)
        self._flows: dict[tuple[str, int], Flow] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self.dropped = 0
        # Since when more packets wait than one wake-up takes, in the loop's seconds; and how long
        # the latest of them had waited that was asked for its age, where the system knows it.
        self._behind_since: float | None = None
        self._waited: float | None = None
        try:
            self._configure(family)
            self._socket.bind((host, port))
        except OSError as error:
            error.filename = f"{host}:{port} UDP"
            self._socket.close()
            raise
        name = self._socket.getsockname()
        self.address: tuple[str, int] = (name[0], name[1])

    def _configure(self, family: socket.AddressFamily) -> None:
        self._socket.setblocking(False)
        for option, size in (
            (socket.SO_RCVBUF, RECEIVE_BUFFER),
            (socket.SO_SNDBUF, SEND_BUFFER),
        ):
            self._socket.setsockopt(socket.SOL_SOCKET, option, size)
        if family == socket.AF_INET6:
            # IPv4 has a socket of its own: no address ever looks like ::ffff:192.0.2.1.
            self._socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        level, option = (
            (socket.IPPROTO_IPV6, _IPV6_RECVERR)
            if family == socket.AF_INET6
            else (socket.IPPROTO_IP, _IP_RECVERR)
        )
        for kind, name in ((level, option), (socket.SOL_SOCKET, _SO_TIMESTAMPNS)):
            with contextlib.suppress(OSError):
                self._socket.setsockopt(kind, name, 1)

    @property
    def is_ipv6(self) -> bool:
        return self._socket.family == socket.AF_INET6

    def open(self) -> None:
        """Begin to read, on the running loop."""
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket, self._readable)

    def close(self) -> None:
        """Stop; more than once is harmless."""
        if self._loop is not None:
            self._loop.remove_reader(self._socket)
            self._loop = None
        self._socket.close()

    def send(self, data: bytes, remote: tuple[str, int]) -> bool:
        """False when the packet surely never left (no route, too long, the socket is closed).

        A full send buffer is like loss on the way: SIP repeats what matters.
        """
        for _ in range(2):
            try:
                self._socket.sendto(data, remote)
                return True
            except BlockingIOError:
                self.dropped += 1
                return True
            except OSError as error:
                self._read_errors()
                # An ICMP answer to an *earlier* packet is reported here once; so try again once.
                if error.errno not in _UNREACHABLE:
                    return False
        return False

    def behind(self, now: float) -> float:
        """For how many seconds a packet waits to be read, while they come faster than that.

        That some wait is no delay: a few phones that each answer at once what they are asked keep
        the socket from ever being empty, and none of them waits for more than the others' packets.
        """
        if self._behind_since is None:
            return 0.0
        since = now - self._behind_since
        return since if self._waited is None else min(self._waited, since)

    def _readable(self) -> None:
        flows, receive, taken = self._flows, self._receive, 0
        read = self._read if self._behind_since is None else self._read_dated
        for count in range(MOST_TAKEN):
            try:
                size, remote = read()
            except BlockingIOError:
                self._behind_since = self._waited = None
                if count == 0:
                    # Woken for no packet: the queue of ICMP errors is what waits to be emptied.
                    self._troubled(None)
                return
            except OSError as error:
                self._troubled(error)
                continue
            key = (remote[0], remote[1])
            flow = flows.get(key)
            if flow is None:
                flow = self._new_flow(key)
            read = self._read
            taken += receive(bytes(self._view[:size]), flow)
            if self._loop is None:
                return
            if taken >= BATCH:
                break
        if self._behind_since is None:
            self._behind_since = self._loop.time() if self._loop else None

    def _read_dated(self) -> tuple[int, tuple[str, int]]:
        """A packet whose age is noted: one a wake-up while more wait than that takes."""
        size, ancillary, _, remote = self._socket.recvmsg_into([self._buffer], _TIMESPEC.size * 4)
        for level, kind, data in ancillary:
            if (level, kind) == (socket.SOL_SOCKET, _SO_TIMESTAMPNS):
                seconds, nanoseconds = _TIMESPEC.unpack(data)
                self._waited = max(time.time() - seconds - nanoseconds / 1e9, 0.0)
        return size, remote

    def _new_flow(self, remote: tuple[str, int]) -> Flow:
        if len(self._flows) >= MAX_FLOWS:
            self._flows.clear()
        flow = self._flows[remote] = Flow(Transport.UDP, self.address, remote)
        return flow

    def _troubled(self, error: OSError | None) -> None:
        if error is not None and error.errno not in _UNREACHABLE:
            _log.warning("reading failed", address=self.address, error=str(error))
        self._read_errors()

    def _read_errors(self) -> None:
        """Tell which peers ICMP declared unreachable (ip(7), IP_RECVERR), and read on."""
        if self._loop is not None:
            # libuv stops polling a socket that reports an error.
            self._loop.remove_reader(self._socket)
            self._loop.add_reader(self._socket, self._readable)
        for _ in range(BATCH):
            try:
                _, ancillary, _, remote = self._socket.recvmsg(1, 512, _MSG_ERRQUEUE)
            except OSError:
                return
            # struct sock_extended_err begins with the errno, a native 32-bit number.
            codes = {int.from_bytes(data[:4], sys.byteorder) for _, _, data in ancillary}
            if remote and codes & _UNREACHABLE:
                self._unreachable((remote[0], remote[1]))
