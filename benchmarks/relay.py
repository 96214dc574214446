"""The reference: a bare epoll relay. Receives a packet of one socket of a pair, sends it by the
other; no header is looked at, nothing is counted. Connected sockets and the media worker's own
naps, so that what differs is only what the worker does more.

    python -m benchmarks.relay     as native/relay.c, where there is no C compiler
"""

import resource
import select
import socket
import sys
import time

from media.native.pump import NAP
from media.worker import LOADED, MAX_READY

HOST = "127.0.0.1"
PERIOD = 0.02


def _open(far: int) -> socket.socket:
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    udp.bind((HOST, 0))
    udp.connect((HOST, far))
    return udp


def relay(pairs: list[tuple[socket.socket, socket.socket]]) -> None:
    """Forever."""
    poll = select.epoll()
    ways = {}
    for a, b in pairs:
        ways[a.fileno()] = (a.recv_into, b.send)
        ways[b.fileno()] = (b.recv_into, a.send)
        poll.register(a, select.EPOLLIN)
        poll.register(b, select.EPOLLIN)
    buffer = memoryview(bytearray(2048))
    frame = buffer[:172]
    nap, gathered, look = 0.0, 0, time.monotonic() + PERIOD
    while True:
        now = time.monotonic()
        if now >= look:
            nap = NAP / 1e9 if gathered > LOADED else 0.0
            gathered, look = 0, now + PERIOD
        if nap:
            time.sleep(nap)
        ready = poll.poll(0 if nap else PERIOD, MAX_READY)
        gathered += len(ready)
        for descriptor, _ in ready:
            receive, send = ways[descriptor]
            try:
                size = receive(buffer)
                send(frame if size == 172 else buffer[:size])
            except OSError:
                continue


def main() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    _, *far = map(int, sys.stdin.readline().split())
    ours = [_open(port) for port in far]
    pairs = list(zip(ours[::2], ours[1::2], strict=True))
    print(*(udp.getsockname()[1] for udp in ours), flush=True)
    relay(pairs)


if __name__ == "__main__":
    main()
