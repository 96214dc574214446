"""Fresh machine code on trial: before a worker is given it, it must do what Python does of the same
source, octet for octet. Whoever compiled wrongly, or crashes here, is nobody's loss.
"""

import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

import numpy as np

from media.native.cache import Unusable
from media.native.functions import PUMP, TRANSMIT, Interpreted, Loops, Memory
from media.native.pump import (
    COUNT,
    DESCRIPTOR,
    ELSEWHERE,
    EVENT,
    LIMIT,
    LOG_SIZE,
    NOBODY,
    NOTHING,
    PACKET,
    READ,
    RECORD,
    SLOT_SIZE,
    SLOTS,
    STATE,
    key_of,
)
from media.native.system import addresses
from media.native.transmit import COUNT as ROWS_COUNT
from media.native.transmit import STATE as ROWS_STATE

_ROW: Final = 3
_SSRC: Final = 0x01020304
_SSRC_OUT: Final = 0xFFEEDDCC
_PLAIN: Final = (
    bytes((0x80, 8, 0xFF, 0xF0, 0xFF, 0xFF, 0xFF, 0)) + _SSRC.to_bytes(4) + bytes(range(160))
)
# What an ordinary talker sends, and what is not ordinary: a marker, others' SSRC, every length
# that is looked at, more than a slot holds.
_PACKETS: Final = (
    _PLAIN,
    b"\x80\x88" + _PLAIN[2:],
    _PLAIN[:8] + _SSRC_OUT.to_bytes(4) + _PLAIN[12:],
    *((_PLAIN + bytes(600))[:size] for size in (1, 11, 12, 171, 173, 703, 704, 705)),
    _PLAIN,
)
# Both numbers wrap, forwards and backwards, by more than they can count.
_SHIFTS: Final = ((0, 0), (0x20, 0x200), (-0x18000, -(1 << 33)))


@dataclass(frozen=True, slots=True)
class _Wire:
    """A phone that talks, our end of it, our end to another phone, and that phone."""

    phone: socket.socket
    near: socket.socket
    out: socket.socket
    other: socket.socket

    def arrived(self) -> bytes | None:
        try:
            return self.other.recv(2000)
        except BlockingIOError:
            return None


def prove(loops: Loops) -> None:
    """Raises Unusable: the code does not do what its source says."""
    with ExitStack() as opened:
        pairs = [socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM) for _ in range(2)]
        wire = _Wire(*(opened.enter_context(end) for pair in pairs for end in pair))
        for end in pairs[0] + pairs[1]:
            end.setblocking(False)
        ways = (wire.out.fileno(), NOBODY, ELSEWHERE)
        for case, at in enumerate((way, shifts) for way in ways for shifts in _SHIFTS):
            _compare("pump", *(list(_pumped(form, wire, *at, case & 1)) for form in _both(loops)))
        _compare("transmit", *(list(_transmitted(form, wire)) for form in _both(loops)))


def _both(loops: Loops) -> tuple[Loops, Loops]:
    return Interpreted(), loops


def _compare(what: str, wanted: list[object], got: list[object]) -> None:
    if wanted != got:
        raise Unusable(f"{what}: what was compiled does not do what Python does; please report it")


def _pumped(
    loops: Loops, wire: _Wire, way: int, shifts: tuple[int, int], is_heard: int
) -> Iterator[object]:
    """All that can be seen of the loop: what it said, what went on, and what it left in memory."""
    descriptor = wire.near.fileno()
    events = np.zeros(EVENT, np.uint32)
    events[DESCRIPTOR] = descriptor
    records = np.zeros((descriptor + 1, RECORD), np.int64)
    records[descriptor, :-1] = (1, _ROW, key_of(8, _SSRC), way, key_of(0, _SSRC_OUT), *shifts)
    heard = np.full(_ROW + 1, is_heard, np.uint8)
    octets, owners = np.zeros(SLOTS * SLOT_SIZE, np.uint8), np.zeros(SLOTS, np.int32)
    log, state = np.zeros(LOG_SIZE * 2, np.uint32), np.zeros(STATE, np.int64)
    state[LIMIT], state[COUNT] = descriptor + 1, 1
    columns = (octets, octets.view(np.uint16), octets.view(np.uint32), owners)
    memory: Sequence[Memory] = (*columns, log.view(np.uint16), log, state)
    run = loops.bind(PUMP, (events, addresses(), records, heard, *memory))
    for packet in _PACKETS:
        wire.phone.send(packet)
        state[0:2], state[READ] = (1, 0), NOTHING
        yield run()
        yield wire.arrived()
    state[0:2] = (1, 0)
    yield run()  # a wake-up for nothing
    state[READ] = len(_PLAIN)  # what only Python could read
    yield run()
    yield wire.arrived()
    yield from (column.tobytes() for column in (octets, owners, log, state))


def _transmitted(loops: Loops, wire: _Wire) -> Iterator[object]:
    outs = np.array([NOBODY, wire.out.fileno(), ELSEWHERE, wire.out.fileno()], np.int32)
    rows, state = np.array([3, 0, 2, 1], np.int64), np.zeros(ROWS_STATE, np.int64)
    octets = (np.arange(len(outs) * PACKET) % 251).astype(np.uint8)
    state[ROWS_COUNT] = len(rows)
    run = loops.bind(TRANSMIT, (rows, addresses(), outs, octets, state))
    for _ in range(3):
        yield run()
        yield from (wire.arrived() for _ in range(2))
        yield state.tobytes()
