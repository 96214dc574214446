"""Far phones by the hundred, in a process of their own: each sends 50 packets a second of A-law
and measures what comes back. Packets carry the time of their sending in the first eight octets
of their payload, which a forwarded packet keeps.

    python -m benchmarks.load     as native/load.c, where there is no C compiler
"""

import contextlib
import gc
import resource
import select
import socket
import struct
import sys
import time
from dataclasses import dataclass, field

import numpy as np

HOST = "127.0.0.1"
PERIOD = 0.02
SLICES = 20  # the phones' clocks are spread over the period
PACKET = 172

_HEAD = struct.Struct("!BBHIId")


@dataclass
class Phones:
    """All phones, their sockets, and what they measured."""

    sockets: list[socket.socket]
    received: int = 0
    in_time: int = 0  # received until "done"
    first: dict[int, int] = field(default_factory=dict)
    highest: dict[int, int] = field(default_factory=dict)
    is_measuring: bool = False
    delays: list[float] = field(default_factory=list)
    jitters: list[float] = field(default_factory=list)
    last: dict[int, float] = field(default_factory=dict)

    @classmethod
    def open(cls, count: int) -> "Phones":
        sockets = []
        for _ in range(count):
            udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
            udp.bind((HOST, 0))
            sockets.append(udp)
        return cls(sockets)

    def send(self, first: int, step: int) -> None:
        packet = self.packet
        pack = _HEAD.pack_into
        now = time.monotonic()
        for i in range(first, len(self.sockets), SLICES):
            pack(packet, 0, 0x80, 8, step & 0xFFFF, step * 160 & 0xFFFFFFFF, 1000 + i, now)
            with contextlib.suppress(OSError):
                self.sockets[i].send(packet)

    packet = bytearray(b"\xd5" * PACKET)

    def take(self, poll: select.epoll, by_fd: dict[int, socket.socket], buffer: bytearray) -> None:
        ready = poll.poll(0, 4096)
        now = time.monotonic()
        for descriptor, _ in ready:
            try:
                by_fd[descriptor].recv_into(buffer)
            except OSError:
                continue
            if not self.is_measuring:
                continue
            self.received += 1
            _, _, sequence, _, _, at = _HEAD.unpack_from(buffer)
            self._see(descriptor, sequence)
            before = self.last.get(descriptor)
            self.last[descriptor] = now
            if before is not None and self.received % 7 == 0:
                self.jitters.append(abs(now - before - PERIOD))
                self.delays.append(now - at)

    def _see(self, descriptor: int, sequence: int) -> None:
        """Sequence numbers of the worker's stream tell what was lost, whenever it began."""
        first = self.first.setdefault(descriptor, sequence)
        ahead = (sequence - first) & 0xFFFF
        if ahead < 0x8000:
            self.highest[descriptor] = max(self.highest.get(descriptor, 0), ahead)

    def expected(self) -> int:
        return sum(self.highest.values()) + len(self.first)

    def run(self, warm: float, seconds: float) -> None:
        """Sends on a grid that never shifts; counts only after the warm-up."""
        poll = select.epoll()
        by_fd = {udp.fileno(): udp for udp in self.sockets}
        for udp in self.sockets:
            poll.register(udp, select.EPOLLIN)
        buffer = bytearray(2048)
        start = time.monotonic()
        slices = int((warm + seconds) / PERIOD) * SLICES
        for number in range(slices):
            at = start + number * PERIOD / SLICES
            wait = at - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            if not self.is_measuring and number >= warm / PERIOD * SLICES:
                self.is_measuring = True
                print("go", flush=True)
            step, first = divmod(number, SLICES)
            self.send(first, step)
            self.take(poll, by_fd, buffer)
        self.in_time = self.received
        print("done", flush=True)
        self._linger(poll, by_fd, buffer)

    def _linger(
        self, poll: select.epoll, by_fd: dict[int, socket.socket], buffer: bytearray
    ) -> None:
        """What is still on its way: until nothing came for a while."""
        quiet = 0
        for _ in range(600):
            time.sleep(0.005)
            before = self.received
            self.take(poll, by_fd, buffer)
            quiet = quiet + 1 if self.received == before else 0
            if quiet > 20:
                return


def _milliseconds(values: list[float], percent: float) -> float:
    return round(float(np.percentile(values, percent)) * 1000, 3) if values else 0.0


def main() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    phones = Phones.open(int(sys.stdin.readline()))
    # Where reports go: read by nobody, but there, as a phone's RTCP port is.
    sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sink.bind((HOST, 0))
    ports = [udp.getsockname()[1] for udp in phones.sockets]
    print(sink.getsockname()[1], *ports, flush=True)
    warm, seconds, *to = sys.stdin.readline().split()
    for udp, port in zip(phones.sockets, map(int, to), strict=True):
        udp.connect((HOST, port))
    gc.disable()
    phones.run(float(warm), float(seconds))
    result: dict[str, float] = {
        "sent": phones.expected(),
        "received": phones.received,
        "handled": phones.in_time,
        "due": len(ports) * float(seconds) / PERIOD,
    }
    for name, values in (("delay", phones.delays), ("jitter", phones.jitters)):
        result |= {f"{name}{p}": _milliseconds(values, p) for p in (50, 99)}
    print(*(word for pair in result.items() for word in pair), flush=True)


if __name__ == "__main__":
    main()
