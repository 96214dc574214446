"""Many RTP streams, and whether one of them was ever broken off.

A stall of the machine delays packets and takes none away: whoever looks for what was done to a
stream looks at its numbers and timestamps (RFC 3550 5.1), not at the clock. Packets that we send
are known by their payload.
"""

import selectors
import socket
import struct
import threading
import time
from dataclasses import dataclass, field
from itertools import pairwise
from types import TracebackType

PACKET = 0.02
FRAME = 160
_MAGIC = b"sent"
_HEADER = struct.Struct("!HHII")
_BUFFER = 1 << 20


@dataclass(frozen=True, slots=True)
class Arrival:
    """One packet. `is_ours`: it came from another stream of the watch, not from the switch."""

    sequence: int
    timestamp: int
    ssrc: int
    is_ours: bool

    def follows(self, before: "Arrival") -> bool:
        """It is the next frame of the same stream."""
        return (
            self.ssrc == before.ssrc
            and (self.sequence - before.sequence) & 0xFFFF == 1
            and (self.timestamp - before.timestamp) & 0xFFFFFFFF == FRAME
        )


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

    def breaks(self, first: int) -> int:
        """How often it was broken off since its packet number `first`."""
        found = self.arrivals[first:]
        return sum(not after.follows(before) for before, after in pairwise(found))


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
                data = stream.socket.recv(2048)
            except BlockingIOError:
                return
            if len(data) > 100:
                _, sequence, timestamp, ssrc = _HEADER.unpack_from(data)
                is_ours = data.startswith(_MAGIC, _HEADER.size)
                stream.arrivals.append(Arrival(sequence, timestamp, ssrc, is_ours))


def _packet(number: int) -> bytes:
    """RTP, 160 octets of A-law."""
    head = b"\x80\x08" + (number & 0xFFFF).to_bytes(2, "big")
    head += (number * FRAME & 0xFFFFFFFF).to_bytes(4, "big") + b"hand"
    return head + _MAGIC.ljust(FRAME, b"\x55")
