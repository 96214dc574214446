"""One talker whose packets go on to another, by the packet loop in one of its forms."""

import socket
from time import monotonic_ns

import numpy as np

from media.arena import Arena
from media.native.functions import PUMP, Loops, Memory
from media.native.pump import (
    AT,
    AWAITED,
    COUNT,
    KEPT,
    LIMIT,
    LOGGED_COUNT,
    MOST,
    NO_TALKER,
    NOTHING,
    POLL,
    READ,
    SIZE,
    SLOT,
    UNTIL,
    key_of,
)
from media.native.system import addresses
from media.ready import Ready
from media.records import Records

SSRC, OUT_SSRC, ROW = 0x01020304, 0xFFEEDDCC, 5
PLAIN = bytes([0x80, 8]) + bytes([0xFF, 0xF0]) + b"\xff\xff\xff\x00" + SSRC.to_bytes(4, "big")


class Bench:
    """The talker, both phones, and the memory between them."""

    def __init__(self, loops: Loops) -> None:
        self.near, self.phone = pair()
        self.out, self.other = pair()
        self.ready, self.arena, self.records = Ready(16), Arena(), Records()
        self.heard, self.forged = np.zeros(16, np.uint8), np.zeros(16, np.int64)
        self.is_python_reading = False
        self.ready.register(self.near.fileno())
        self.records.open(self.near.fileno(), ROW)
        self.records.admit(self.near.fileno())
        ours: tuple[Memory, ...] = (addresses(), self.records.words, self.heard, self.forged)
        self.run = loops.bind(PUMP, (self.ready.events, *ours, *self.arena.memory))
        self.arena.state[LIMIT] = len(self.records.words)
        self.arena.state[READ] = NOTHING
        self.arena.state[POLL], self.arena.state[MOST] = self.ready.fileno(), self.ready.most

    def arm(self, out: int, shifts: tuple[int, int] = (3, 1000), payload_type: int = 8) -> None:
        key, key_out = key_of(payload_type, SSRC), key_of(0, OUT_SSRC)
        self.records.arm(self.near.fileno(), key, out, key_out, shifts)

    def feed(self, packet: bytes) -> tuple[int, bytes | None]:
        """One packet; what the loop said, and what went on."""
        self.phone.send(packet)
        self.ready.look(1000)
        self.arena.state[COUNT], self.arena.state[AT] = self.ready.count, 0
        told = self.run()
        if told == NO_TALKER and self.is_python_reading:
            told = self._read()
        return told, self.sent()

    def serve(self, awaited: int, longest: int) -> int:
        """The loop waits by itself, for so many nanoseconds at most since `began`."""
        state = self.arena.state
        self.began = monotonic_ns()
        state[AWAITED], state[UNTIL] = awaited, self.began + longest
        return self.run()

    def sent(self) -> bytes | None:
        try:
            return self.other.recv(2000)
        except BlockingIOError:
            return None

    def _read(self) -> int:
        """What only Python can read: it puts the packet into the slot."""
        state, data = self.arena.state, self.near.recv(704)
        self.arena.views[state[KEPT]][: len(data)] = data
        state[READ] = len(data)
        return self.run()

    def let_python_read(self) -> None:
        self.is_python_reading = True
        self.records.open(self.near.fileno(), ROW)

    def state(self) -> list[int]:
        return [self.arena.state[i] for i in (KEPT, LOGGED_COUNT, SLOT, SIZE, AT)]

    def traces(self) -> tuple[bytes, ...]:
        """In memory; `state` says where the loop stands."""
        return tuple(column.tobytes() for column in self.arena.memory[:-1])

    def close(self) -> None:
        self.ready.close()
        for one in (self.near, self.phone, self.out, self.other):
            one.close()


def pair() -> tuple[socket.socket, socket.socket]:
    one, other = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
    for end in (one, other):
        end.bind(("127.0.0.1", 0))
        end.setblocking(False)
    one.connect(other.getsockname())
    other.connect(one.getsockname())
    return one, other
