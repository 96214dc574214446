"""Packets in, and on at once: the path that most of a plain call's packets take.

An ordinary packet - 20 ms of audio, no marker, of the source already known - is handled here and
now: if its leg feeds another one, its header is rewritten and it is sent on before anything else
is done (RFC 3550 7: a mixer's own SSRC; sequence and timestamp shifted by a constant, so loss and
order of the source stay visible). What it was goes into a log of numbers; its octets are kept only
if the tick wants to hear them. Everything unusual - a first packet, a marker, a telephone event,
another law or length - is kept whole, and sent on packet by packet in `relay`.

Must not know commands, bridges or why a leg feeds another.
"""

import struct
from array import array
from collections.abc import Callable, Iterable
from typing import Final

import numpy as np

from media.codecs.format import PCMA, Format
from media.codecs.g711 import PCMA_TO_PCMU, PCMU_TO_PCMA
from media.passes.encode import resume_rows
from media.passes.receive import Kept, Logged, Received, receive
from media.rows import FRAME, NO_TYPE, PACKET, Law, Rows
from media.rtp import RtpHeader, build_header, parse_header, sequence_delta

# Packets that are kept whole between two counts. 80 ms of G.711 fit into a slot. 11 cache lines,
# an odd number, so that columns of headers do not all fall into the same sets of a cache.
SLOTS: Final = 2048
SLOT_SIZE: Final = 704
# Ordinary packets between two counts: numbers only.
LOG_SIZE: Final = 8192
# So many are counted at the next tick; fewer wait up to a block, which spares the fixed cost.
MANY_KEPT: Final = 768
MANY_LOGGED: Final = 4096
# The owner of a slot is a row, or this and the place of its ordinary packet in the log.
LOGGED: Final = 1 << 16

_HEADER: Final = struct.Struct("!HHII")
LOG_ENTRY: Final = struct.Struct("=HHI")
_LOG_COLUMNS: Final = np.dtype([("row", "u2"), ("sequence", "u2"), ("timestamp", "u4")])
_PLAIN: Final = 0x8000  # version 2, nothing else; the payload type is added
_NEVER: Final = -1  # no first 16 bits are equal to it

_TRANSCODE: Final = {
    (Law.PCMA, Law.PCMU): PCMA_TO_PCMU.tobytes(),
    (Law.PCMU, Law.PCMA): PCMU_TO_PCMA.tobytes(),
}

Receive = Callable[[memoryview], int]
Transmit = Callable[[bytes | memoryview], object]


def nowhere(_: bytes | memoryview) -> object:
    """What a leg without a far address sends with."""
    return None


class Line:
    """What the packet loop knows of one leg."""

    __slots__ = (
        *("row", "receive", "transmit", "law", "format", "is_heard"),
        *("type_in", "event_in", "noise_in", "others_in"),
        *("type_out", "event_out", "noise_out", "ssrc_out"),
        *("source", "target", "is_aligned", "ssrc", "sequence_shift", "timestamp_shift"),
        *("plain", "plain_out", "ssrc_on", "send_on"),
    )

    def __init__(self, row: int, ssrc_out: int) -> None:
        self.row = row
        self.receive: Receive | None = None
        self.transmit: Transmit = nowhere
        self.law = Law.PCMA
        self.format: Format = PCMA
        self.type_in = self.type_out = NO_TYPE
        self.event_in: int | None = None
        self.noise_in: int | None = None
        self.others_in: frozenset[int] = frozenset()
        self.event_out: int | None = None
        self.noise_out: int | None = None
        self.ssrc_out = ssrc_out
        # Whether the tick wants the octets of ordinary packets too.
        self.is_heard = False
        # Forwarding: who feeds this leg, and whom it feeds.
        self.source: Line | None = None
        self.target: Line | None = None
        self.is_aligned = False
        self.ssrc = -1
        self.sequence_shift = 0
        self.timestamp_shift = 0
        # What makes a packet ordinary, and what is written; `plain` is _NEVER unless armed.
        self.plain = _NEVER
        self.plain_out = 0
        self.ssrc_on = 0
        self.send_on: Transmit | None = None

    def other_kind(self, kind: int, target: "Line") -> int | None:
        """Under which type what is no audio goes on; NO_TYPE: the target cannot take it; None: it
        is nothing that was agreed on.
        """
        if kind == self.event_in:
            return NO_TYPE if target.event_out is None else target.event_out
        if kind == self.noise_in:
            return NO_TYPE if target.noise_out is None else target.noise_out
        return None

    def takes(self, kind: int) -> bool:
        """Was this payload type agreed on?"""
        return kind in (self.type_in, self.event_in, self.noise_in) or kind in self.others_in


class Arena:
    """Packets since the last count: kept whole in slots, or as numbers in the log."""

    def __init__(self) -> None:
        self.buffer = bytearray(SLOTS * SLOT_SIZE)
        whole = memoryview(self.buffer)
        self.views = [whole[i * SLOT_SIZE : (i + 1) * SLOT_SIZE] for i in range(SLOTS)]
        self.frames = [view[:PACKET] for view in self.views]
        self.owners = array("i", bytes(4 * SLOTS))
        self.lengths = array("i", bytes(4 * SLOTS))
        self.log = bytearray(LOG_ENTRY.size * LOG_SIZE)
        self.kept = 0
        self.logged = 0
        self._packets = np.frombuffer(self.buffer, np.uint8).reshape(SLOTS, SLOT_SIZE)
        self._owners = np.frombuffer(self.owners, np.int32)
        self._lengths = np.frombuffer(self.lengths, np.int32)
        self._log = np.frombuffer(self.log, _LOG_COLUMNS)
        self._kept_at = np.zeros(SLOTS)
        self._logged_at = np.zeros(LOG_SIZE)
        self._stamped = (0, 0)

    @property
    def is_full(self) -> bool:
        return self.kept == SLOTS or self.logged == LOG_SIZE

    def stamp(self, now: float) -> None:
        """All packets since the last stamp arrived now."""
        kept, logged = self._stamped
        self._kept_at[kept : self.kept] = now
        self._logged_at[logged : self.logged] = now
        self._stamped = (self.kept, self.logged)

    def take(self) -> tuple[Logged, Kept]:
        """All packets, as views: to be used before the next packet comes."""
        count, logged = self.kept, self.logged
        self.kept = self.logged = 0
        self._stamped = (0, 0)
        kept = Kept(
            self._packets[:count],
            self._lengths[:count],
            self._owners[:count],
            self._kept_at[:count],
        )
        return (
            Logged(
                self._log["row"][:logged],
                self._log["sequence"][:logged],
                self._log["timestamp"][:logged],
                self._logged_at[:logged],
            ),
            kept,
        )

    def last_of(self, row: int) -> tuple[int, int] | None:
        """Sequence and timestamp of the newest ordinary packet of a row."""
        places = np.flatnonzero(self._log["row"][: self.logged] == row)
        if not places.size:
            return None
        _, sequence, timestamp = LOG_ENTRY.unpack_from(self.log, int(places[-1]) * LOG_ENTRY.size)
        return sequence, timestamp


class Forwarder:
    """The packet loop, and who feeds whom."""

    def __init__(self, rows: Rows, on_received: Callable[[Received, float], None]) -> None:
        self._rows = rows
        self._on_received = on_received
        self.arena = Arena()
        self.lines: dict[int, Line] = {}  # by the talker's descriptor
        self._to_arm: set[Line] = set()
        self._is_urgent = False
        # Legs that feed another one: while there are none, no packet is in a hurry.
        self.feeding = 0

    @property
    def is_urgent(self) -> bool:
        """Whether the next tick should count what came: digits, beginnings, or very much."""
        arena = self.arena
        return self._is_urgent or arena.kept > MANY_KEPT or arena.logged > MANY_LOGGED

    def pump(self, ready: Iterable[tuple[int, int]], now: float) -> list[int]:
        """Reads one packet of each ready talker; returns the descriptors that are none."""
        arena, lines_get = self.arena, self.lines.get
        views, frames, buffer = arena.views, arena.frames, arena.buffer
        log, note = arena.log, LOG_ENTRY.pack_into
        unpack, pack = _HEADER.unpack_from, _HEADER.pack_into
        others: list[int] = []
        for descriptor, _ in ready:
            line = lines_get(descriptor)
            if line is None:
                others.append(descriptor)
                continue
            slot, place = arena.kept, arena.logged
            if slot == SLOTS or place == LOG_SIZE:
                self.absorb(now)
                slot = place = 0
            try:
                receive = line.receive  # as `line.receive(...)` it is looked up as a method first
                size = receive(views[slot])  # type: ignore[misc]
                offset = slot * SLOT_SIZE
                first, sequence, timestamp, ssrc = unpack(buffer, offset)
                if first != line.plain or ssrc != line.ssrc or size != PACKET:
                    self._take_unusual(line, size, now)
                    continue
                note(log, place * 8, line.row, sequence, timestamp)
                arena.logged = place + 1
                if line.is_heard:
                    arena.owners[slot] = place | LOGGED
                    arena.kept = slot + 1
                send_on = line.send_on
                if send_on is not None:
                    sequence = sequence + line.sequence_shift & 0xFFFF
                    timestamp = timestamp + line.timestamp_shift & 0xFFFFFFFF
                    pack(buffer, offset, line.plain_out, sequence, timestamp, line.ssrc_on)
                    send_on(frames[slot])
            except OSError:
                continue  # an ICMP error about a packet of ours, or a wake-up for nothing
        arena.stamp(now)
        return others

    def _take_unusual(self, line: Line, size: int, now: float) -> None:
        """A packet in the next slot that is kept whole, and relayed if its leg feeds another."""
        arena = self.arena
        slot = arena.kept
        # One that fills its slot was cut off: it is nothing, as one that is too short.
        size = size if size < SLOT_SIZE else 0
        arena.owners[slot] = line.row
        arena.lengths[slot] = size
        arena.kept = slot + 1
        # Until it is counted no packet of the line is logged: the log is read first.
        line.plain = _NEVER
        self._to_arm.add(line)
        kind = arena.views[slot][1] & 0x7F
        if line.ssrc < 0 or kind == line.event_in or kind in line.others_in:
            self._is_urgent = True
        if line.target is not None:
            self._relay(line, slot, size, now)

    def accept(self, line: Line, size: int, now: float) -> None:
        """A packet that stands in the next free slot: it came another way than by the talker."""
        self._take_unusual(line, size, now)
        self.arena.stamp(now)

    def free_slot(self, now: float) -> memoryview:
        """Where the next packet may be received into."""
        if self.arena.is_full:
            self.absorb(now)
        return self.arena.views[self.arena.kept]

    def absorb(self, now: float) -> None:
        """Counts all packets, hands on what they mean, and arms the fast way where it may be."""
        self._is_urgent = False
        if self.arena.kept or self.arena.logged:
            self.arena.stamp(now)
            received = receive(self._rows, *self.arena.take())
            if received.jumped:
                self._realign(set(received.jumped))
            self._on_received(received, now)
        if self._to_arm:
            lines, self._to_arm = self._to_arm, set()
            for line in lines:
                self._arm(line)

    def _realign(self, rows: set[int]) -> None:
        for line in self.lines.values():
            if line.row in rows:
                line.plain = _NEVER
                line.is_aligned = False

    def connect(self, source: Line, target: Line, now: float) -> None:
        """From now on the source feeds the target."""
        if source.target is target:
            return
        self.absorb(now)
        self._release(target.source)
        self._release(source)
        source.target, target.source = target, source
        self.feeding += 1
        source.is_aligned = False
        source.plain = _NEVER
        self._rows.feeds[source.row] = target.row

    def disconnect(self, target: Line, now: float) -> None:
        """Nobody feeds the target any more."""
        if target.source is not None:
            self.absorb(now)
            self._release(target.source)

    def _release(self, source: Line | None) -> None:
        if source is None or source.target is None:
            return
        source.target.source = None
        source.target = None
        self.feeding -= 1
        source.plain = _NEVER
        self._to_arm.add(source)
        self._rows.feeds[source.row] = NO_TYPE

    def refresh(self, line: Line) -> None:
        """The line's addresses or payload types changed: the next packets are looked at anew."""
        for one in (line, line.source):
            if one is not None:
                one.plain = _NEVER
                self._to_arm.add(one)

    def forget(self, line: Line) -> None:
        """The leg is closed."""
        self._to_arm.discard(line)

    def _relay(self, line: Line, slot: int, size: int, now: float) -> None:
        """Forwards any packet of a line with a target, packet by packet."""
        view, target = self.arena.views[slot], line.target
        head = parse_header(view, size)
        if head is None or target is None:
            return
        is_audio = head.payload_type == line.type_in
        kind = target.type_out if is_audio else line.other_kind(head.payload_type, target)
        if kind is None:
            return
        is_first = not line.is_aligned or head.ssrc != line.ssrc
        if is_first:
            self._align(line, target, head, now)
        if kind == NO_TYPE:
            # The target cannot take it: the numbers close up behind it.
            line.sequence_shift -= 1
            return
        payload = bytes(view[head.payload_start : head.payload_end])
        if is_audio and line.format != target.format:
            payload = payload.translate(_TRANSCODE[line.law, target.law])
        sequence = head.sequence + line.sequence_shift
        timestamp = head.timestamp + line.timestamp_shift
        marker = is_first or head.marker
        packet = build_header(kind, sequence, timestamp, target.ssrc_out, marker) + payload
        # Counted before: what follows must not take its number, even if it could not be sent.
        step = 0
        if is_audio:
            step = len(payload) if line.format.is_framed else line.format.step
        self._count(target.row, sequence, timestamp, len(payload), step, now)
        target.transmit(packet)

    def _count(
        self, row: int, sequence: int, timestamp: int, octets: int, step: int, now: float
    ) -> None:
        rows = self._rows
        rows.packets_out[row] += 1
        rows.octets_out[row] += octets
        rows.last_sent[row] = now
        if sequence_delta(sequence + 1, int(rows.sequence_out[row])) > 0:
            rows.sequence_out[row] = (sequence + 1) & 0xFFFF
            rows.timestamp_out[row] = (timestamp + step) & 0xFFFFFFFF

    def _align(self, line: Line, target: Line, head: RtpHeader, now: float) -> None:
        """The next packet goes on where the target's stream stands, however the source counts."""
        rows, row = self._rows, target.row
        # Where it stands after ordinary packets that are not counted yet.
        last = self.arena.last_of(line.row) if line.is_aligned else None
        if last is not None:
            rows.sequence_out[row] = last[0] + line.sequence_shift + 1
            rows.timestamp_out[row] = last[1] + line.timestamp_shift + FRAME
        resume_rows(rows, row, now)
        rows.marker_out[row] = False
        line.sequence_shift = int(rows.sequence_out[row]) - head.sequence
        line.timestamp_shift = int(rows.timestamp_out[row]) - head.timestamp
        line.ssrc = head.ssrc
        line.is_aligned = True
        self._is_urgent = True

    def _arm(self, line: Line) -> None:
        """Ordinary packets of a known source may take the fast way from now on."""
        rows, row, target = self._rows, line.row, line.target
        if not rows.has_source[row] or line.receive is None or not line.format.is_framed:
            return
        ssrc = int(rows.ssrc_in[row])
        if target is None:
            line.ssrc, line.send_on = ssrc, None
        elif not line.is_aligned or line.ssrc != ssrc or line.format != target.format:
            return
        else:
            rows.sequence_shift[row] = line.sequence_shift
            rows.timestamp_shift[row] = line.timestamp_shift
            line.plain_out = _PLAIN | target.type_out
            line.ssrc_on = target.ssrc_out
            line.send_on = target.transmit
        line.plain = _PLAIN | line.type_in
