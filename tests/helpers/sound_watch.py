"""Many RTP streams, with the moment of each packet as the kernel saw it.

Packets that we send carry the moment when they were sent, so a stall of the sender is told apart
from one on the way; what arrives is stamped by the kernel (SO_TIMESTAMPNS), so a stall of the
reader is not seen at all.
"""

import selectors
import socket
import struct
import threading
import time
from dataclasses import dataclass, field
from types import TracebackType

PACKET = 0.02
_MAGIC = b"sent"
_STAMP = struct.Struct("!4sQ")
_TIME = struct.Struct("ll")
# Linux: asm-generic/socket.h; the socket module does not name it.
_SO_TIMESTAMPNS = 35
_BUFFER = 1 << 20


@dataclass(frozen=True, slots=True)
class Arrival:
    """One packet; wall clock, seconds. `sent` is None for the switch's own sound."""

    at: float
    sent: float | None


@dataclass(slots=True)
class Stream:
    """One end of a call's sound."""

    socket: socket.socket
    remote: tuple[str, int] | None = None
    sent: int = 0
    arrivals: list[Arrival] = field(default_factory=list)

    @property
    def port(self) -> int:
        return int(self.socket.getsockname()[1])

    def between(self, begin: float, end: float) -> list[Arrival]:
        return [one for one in list(self.arrivals) if begin <= one.at < end]

    def worst_gap(self, begin: float, end: float) -> float:
        """The longest time without a packet; of packets of ours, without that of the sender."""
        found = self.between(begin, end)
        pairs = zip(found, found[1:], strict=False)
        gaps = [_gap(before, after) for before, after in pairs]
        edges = [found[0].at - begin, end - found[-1].at] if found else [end - begin]
        return max([*gaps, *(edge - PACKET for edge in edges)])


def _gap(before: Arrival, after: Arrival) -> float:
    own = after.sent - before.sent if before.sent and after.sent else 0.0
    return after.at - before.at - own


class SoundWatch:
    """All streams of a test; two threads, one sends and one listens."""

    def __init__(self) -> None:
        self._streams: list[Stream] = []
        self._selector = selectors.DefaultSelector()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=one) for one in (self._talk, self._listen)]

    def __enter__(self) -> "SoundWatch":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._selector.close()
        for stream in self._streams:
            stream.socket.close()

    def stream(self) -> Stream:
        """A new one; it talks as soon as it has a `remote`."""
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.bind(("127.0.0.1", 0))
        made.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        made.setblocking(False)
        stream = Stream(made)
        self._streams.append(stream)
        self._selector.register(made, selectors.EVENT_READ, stream)
        return stream

    def _talk(self) -> None:
        due = time.monotonic()
        while not self._stop.wait(max(0.0, due - time.monotonic())):
            due = max(due + PACKET, time.monotonic() - 10 * PACKET)
            for stream in list(self._streams):
                if stream.remote is not None:
                    stream.socket.sendto(_packet(stream.sent), stream.remote)
                    stream.sent += 1

    def _listen(self) -> None:
        while not self._stop.is_set():
            for key, _ in self._selector.select(0.1):
                self._read(key.data)

    def _read(self, stream: Stream) -> None:
        while True:
            try:
                data, extra, *_ = stream.socket.recvmsg(2048, 256)
            except BlockingIOError:
                return
            if len(data) > 100:
                seconds, nanoseconds = _TIME.unpack(extra[0][2])
                stream.arrivals.append(Arrival(seconds + nanoseconds / 1e9, _sent(data[12:])))


def _packet(number: int) -> bytes:
    """RTP (RFC 3550 5.1), 160 octets of A-law that begin with the moment of sending."""
    head = b"\x80\x08" + (number & 0xFFFF).to_bytes(2, "big")
    head += (number * 160 & 0xFFFFFFFF).to_bytes(4, "big") + b"hand"
    return head + _STAMP.pack(_MAGIC, time.time_ns()).ljust(160, b"\x55")


def _sent(payload: bytes) -> float | None:
    magic, nanoseconds = _STAMP.unpack_from(payload)
    return nanoseconds / 1e9 if magic == _MAGIC else None
