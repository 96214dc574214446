"""Fresh machine code on trial: before a worker is given it, it must do what Python does of the same
source, octet for octet. Whoever compiled wrongly, or crashes here, is nobody's loss.
"""

import select
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from time import monotonic_ns
from typing import Final

import numpy as np
from pylibsrtp import Policy, Session

from media import libsrtp
from media.native.cache import Unusable
from media.native.functions import PUMP, TRANSMIT, Interpreted, Loops, Memory
from media.native.g722_trial import coded
from media.native.pump import (
    AWAITED,
    BLANK,
    COUNT,
    DESCRIPTOR,
    DONE,
    ELSEWHERE,
    EVENT,
    GATHERED,
    HIGH,
    LIMIT,
    LOG_SIZE,
    MOST,
    NOBODY,
    NOTHING,
    NOW,
    PACKET,
    PLAIN,
    POLL,
    READ,
    RECORD,
    SEAL,
    SEALED,
    SLOT_SIZE,
    SLOTS,
    STATE,
    STEPPED,
    UNTIL,
    key_of,
    shifts_of,
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
# In ns: when packets came (any time); for how long one is waited for, and for how long it need not.
_WHEN: Final = 123_456_789
_WHILE: Final = 1_000_000
_LONG: Final = 60_000_000_000
# Each kind of cipher and tag.
_SUITES: Final = (
    Policy.SRTP_PROFILE_AES128_CM_SHA1_80,
    Policy.SRTP_PROFILE_AES128_CM_SHA1_32,
    Policy.SRTP_PROFILE_AEAD_AES_256_GCM,
)


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
        _compare("waiting", *(list(_served(form, wire)) for form in _both(loops)))
        _compare("transmit", *(list(_transmitted(form, wire)) for form in _both(loops)))
        # Elsewhere the loops never meet a session.
        for suite in _SUITES if libsrtp.IS_IN_PLACE else ():
            for is_heard in range(2):
                told = [list(_encrypted(form, wire, suite, is_heard)) for form in _both(loops)]
                _compare("pump", *told)
    _compare("G.722", *(list(coded(form)) for form in _both(loops)))


def _both(loops: Loops) -> tuple[Loops, Loops]:
    return Interpreted(), loops


def _compare(what: str, wanted: list[object], got: list[object]) -> None:
    if wanted != got:
        raise Unusable(f"{what}: what was compiled does not do what Python does; please report it")


class _Table:
    """One talker, the memory around it, and the loop on it."""

    def __init__(self, loops: Loops, wire: _Wire, is_heard: int) -> None:
        self.wire, near = wire, wire.near.fileno()
        events = np.zeros(EVENT, np.uint32)
        events[DESCRIPTOR] = near
        self.records = np.full((max(near, wire.out.fileno()) + 1, RECORD), BLANK, np.int64)
        heard, self.forged = np.full(_ROW + 1, is_heard, np.uint8), np.zeros(_ROW + 1, np.int64)
        octets, owners = np.zeros((SLOTS + 1) * SLOT_SIZE, np.uint8), np.zeros(SLOTS, np.int32)
        lengths = np.zeros(SLOTS + 1, np.int32)
        log, self.state = np.zeros(LOG_SIZE * 2, np.uint32), np.zeros(STATE, np.int64)
        self.state[LIMIT], self.state[COUNT], self.state[NOW] = near + 1, 1, _WHEN
        self.state[READ] = NOTHING
        kept_at, logged_at = np.zeros(SLOTS, np.int64), np.zeros(LOG_SIZE, np.int64)
        self.arrivals = (kept_at, logged_at)
        self._seen = (self.forged, octets, owners, lengths, log, *self.arrivals, self.state)
        columns = (octets, octets.view(np.uint16), octets.view(np.uint32), owners, lengths, kept_at)
        memory: Sequence[Memory] = (*columns, log.view(np.uint16), log, logged_at, self.state)
        self.run = loops.bind(
            PUMP, (events, addresses(), self.records, heard, self.forged, *memory)
        )

    def arm(self, out: int, shifts: tuple[int, int], opened_by: int = PLAIN) -> None:
        key, key_out = key_of(8, _SSRC), key_of(0, _SSRC_OUT)
        words = (_ROW, key, out, key_out, shifts_of(*shifts), opened_by, PLAIN, NOTHING)
        self.records[self.wire.near.fileno()] = words

    def feed(self, packet: bytes) -> Iterator[object]:
        """What the loop says of it, and what goes on."""
        self.wire.phone.send(packet)
        self.state[0:2], self.state[READ] = (1, 0), NOTHING
        told = self.run()
        yield told
        if told == STEPPED:
            yield self.run()
        yield self.wire.arrived()

    def left(self) -> Iterator[bytes]:
        """In memory."""
        return (column.tobytes() for column in (*self._seen, self.records[:, HIGH]))


def _pumped(
    loops: Loops, wire: _Wire, way: int, shifts: tuple[int, int], is_heard: int
) -> Iterator[object]:
    """All that can be seen of the loop: what it said, what went on, and what it left in memory."""
    table = _Table(loops, wire, is_heard)
    table.arm(way, shifts)
    for packet in _PACKETS:
        yield from table.feed(packet)
    table.state[0:2] = (1, 0)
    yield table.run()  # a wake-up for nothing
    table.state[READ] = len(_PLAIN)  # what only Python could read
    yield table.run()
    yield wire.arrived()
    yield from table.left()


def _served(loops: Loops, wire: _Wire) -> Iterator[object]:
    """The loop that waits by itself, as far as it is the same however slow the machine is."""
    table = _Table(loops, wire, 1)
    table.arm(wire.out.fileno(), _SHIFTS[0])
    state, first = table.state, monotonic_ns()
    state[COUNT] = 0
    with closing(select.epoll()) as poll:
        poll.register(wire.near.fileno(), select.EPOLLIN)
        state[POLL], state[MOST] = poll.fileno(), 1
        for awaited in (NOBODY, poll.fileno()):
            wire.phone.send(_PLAIN)
            began, state[AWAITED], state[GATHERED] = monotonic_ns(), awaited, 0
            is_right = True
            while is_right and state[GATHERED] == 0:  # it may have been too late already
                state[UNTIL] = monotonic_ns() + _WHILE
                is_right = table.run() == DONE and monotonic_ns() >= state[UNTIL]
            yield is_right and began < state[NOW] <= monotonic_ns()
            yield wire.arrived()
        wire.phone.send(_PACKETS[1])  # which ends the wait
        state[UNTIL] = monotonic_ns() + _LONG
        yield table.run()
        yield monotonic_ns() < state[UNTIL]
    for arrivals in table.arrivals:
        yield np.count_nonzero((arrivals > first) & (arrivals <= state[NOW]))
    yield state[: READ + 1].tobytes()


def _encrypted(loops: Loops, wire: _Wire, suite: int, is_heard: int) -> Iterator[object]:
    """The same of one that is opened, and sealed with another key where it goes."""
    phone, opener, sealer = (
        Session(Policy(bytes([key]) * 44, kind, srtp_profile=suite))
        for key, kind in (
            (1, Policy.SSRC_ANY_OUTBOUND),
            (1, Policy.SSRC_ANY_INBOUND),
            (2, Policy.SSRC_ANY_OUTBOUND),
        )
    )
    table, out = _Table(loops, wire, is_heard), wire.out.fileno()
    table.arm(SEALED - out, (0x20, 0x200), libsrtp.address_of(opener))
    # Nothing goes to whom nothing can be sealed for, nor what is repeated, forged or plain.
    for sealed_by in (PLAIN, libsrtp.address_of(sealer)):
        table.records[out, SEAL] = sealed_by
        sealed = [phone.protect(packet) for packet in _numbered(sealed_by != PLAIN)]
        for packet in (*sealed, sealed[-1], sealed[0][:-1] + b"?", _PLAIN, sealed[0][:9]):
            yield from table.feed(packet)
    yield from table.left()


def _numbered(is_later: bool) -> Iterator[bytes]:
    """Packets over the end of a round of sequence numbers, and a longer one."""
    begin = 0xFFFE + 5 * is_later
    for number in range(begin, begin + 4):
        yield _PLAIN[:2] + (number & 0xFFFF).to_bytes(2) + _PLAIN[4:]
    yield _PLAIN[:2] + (begin + 4 & 0xFFFF).to_bytes(2) + (_PLAIN + bytes(600))[4:690]


def _transmitted(loops: Loops, wire: _Wire) -> Iterator[object]:
    out = wire.out.fileno()
    sealer = Session(Policy(bytes([3]) * 30, Policy.SSRC_ANY_OUTBOUND))
    records = np.full((out + 1, RECORD), BLANK, np.int64)
    is_sealed = libsrtp.IS_IN_PLACE
    if is_sealed:
        records[out, SEAL] = libsrtp.address_of(sealer)
    outs = np.array([NOBODY, out, ELSEWHERE, out, SEALED - out if is_sealed else out], np.int32)
    rows, state = np.array([3, 4, 0, 2, 1, 4], np.int64), np.zeros(ROWS_STATE, np.int64)
    octets = (np.arange(len(outs) * PACKET) % 251).astype(np.uint8)
    octets[4 * PACKET :] = np.frombuffer(_PLAIN, np.uint8)
    scratch, lengths = np.zeros(SLOT_SIZE, np.uint8), np.zeros(1, np.int32)
    state[ROWS_COUNT] = len(rows)
    memory = (rows, addresses(), records, outs, octets, scratch, lengths, state)
    run = loops.bind(TRANSMIT, memory)
    for _ in range(3):
        yield run()
        yield from (wire.arrived() for _ in range(3))
        yield from (column.tobytes() for column in (octets, scratch, lengths, state))
