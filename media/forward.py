"""Packets in, and on at once: the path that most of a plain call's packets take.

An ordinary packet - 20 ms of audio, no marker, of the source already known - is handled here and
now: if its leg feeds another one, its header is rewritten and it is sent on before anything else
is done (RFC 3550 7: a mixer's own SSRC; sequence and timestamp shifted by a constant, so loss and
order of the source stay visible). What it was goes into a log of numbers; its octets are kept only
if the tick wants to hear them. Everything unusual - a first packet, a marker, a telephone event,
another law or length - is kept whole, and sent on packet by packet in `relay`.

Must not know commands, bridges or why a leg feeds another.
"""

from collections.abc import Callable
from typing import Final

import numpy as np

from media.arena import SECOND, Arena
from media.codecs.g711 import PCMA_TO_PCMU, PCMU_TO_PCMA
from media.line import Line
from media.native.functions import PUMP, Interpreted, Loops, Memory
from media.native.pump import (
    AT,
    AWAITED,
    COUNT,
    FULL,
    GATHERED,
    KEPT,
    LIMIT,
    MOST,
    NO_TALKER,
    NOBODY,
    NOTHING,
    NOW,
    POLL,
    READ,
    SEND,
    SIZE,
    SLOT,
    SLOT_SIZE,
    STEPPED,
    TALKERS,
    UNTIL,
    UNUSUAL,
    key_of,
)
from media.native.system import addresses
from media.passes.encode import resume_rows
from media.passes.receive import Received, receive
from media.ready import Ready
from media.records import Records
from media.rows import FRAME, NO_TYPE, Law, Rows
from media.rtp import RtpHeader, build_header, parse_header, sequence_delta

# So many are counted at the next tick; fewer wait up to a block, which spares the fixed cost of
# some 130 calls of numpy. Where that is most of it, numbers alone wait for the next ones, but not
# longer.
MANY_KEPT: Final = 768
MANY_LOGGED: Final = 4096
FEW_LOGGED: Final = 1500
PATIENCE: Final = 0.25

_TRANSCODE: Final = {
    (Law.PCMA, Law.PCMU): PCMA_TO_PCMU.tobytes(),
    (Law.PCMU, Law.PCMA): PCMU_TO_PCMA.tobytes(),
}


class Forwarder:
    """The packet loop, and who feeds whom."""

    def __init__(self, rows: Rows, on_received: Callable[[Received, float], None]) -> None:
        self._rows = rows
        self._on_received = on_received
        self.arena = Arena()
        self.records = Records()
        self._system = addresses()
        self._loops: Loops = Interpreted()
        self._ready: Ready | None = None  # that the loop is bound to
        self.lines: dict[int, Line] = {}  # by the talker's descriptor
        self._to_arm: set[Line] = set()
        self._is_urgent = False
        self._counted_at = 0.0
        # Legs that feed another one: while there are none, no packet is in a hurry.
        self.feeding = 0

    @property
    def is_urgent(self) -> bool:
        """Whether the next tick should count what came: digits, beginnings, or very much."""
        arena = self.arena
        return self._is_urgent or arena.kept > MANY_KEPT or arena.logged > MANY_LOGGED

    def may_wait(self, now: float) -> bool:
        """Whether the end of a block need not count what came: few ordinary packets that nobody
        hears.
        """
        arena = self.arena
        if arena.kept or self._to_arm or arena.logged > FEW_LOGGED:
            return False
        return now - self._counted_at < PATIENCE

    def use(self, loops: Loops) -> None:
        """The packet loop goes on in this form, where it stands."""
        self._loops, self._ready = loops, None

    def _bind(self, ready: Ready) -> None:
        rows, records = self._rows, self.records.words
        # Kept until the next time: a loop may be at work when records grow and lie elsewhere.
        kept: list[Memory] = [ready.events, self._system, records]
        kept += [rows.hears.view(np.uint8), rows.strangers, *self.arena.memory]
        self._memory = kept
        self._run = self._loops.bind(PUMP, kept)
        state = self.arena.state
        state[LIMIT] = len(self.records.words)
        state[POLL], state[MOST] = ready.fileno(), ready.most
        self._ready = ready

    def pump(self, ready: Ready, now: float) -> list[int]:
        """Reads one packet of each talker that a look found ready; returns the descriptors that are
        none.
        """
        state = self.arena.state
        state[COUNT], state[AT], state[NOW] = ready.count, 0, round(now * SECOND)
        state[UNTIL] = 0
        state[GATHERED] += ready.count
        return self._go_on(ready)

    def serve(self, ready: Ready, until: float, awaited: int) -> list[int]:
        """The same of all that come until then, or until somebody else is to be served, who is
        returned. This descriptor ends a wait; NOBODY: nothing does, it naps.
        """
        state = self.arena.state
        state[AT] = state[COUNT]
        state[UNTIL], state[AWAITED] = round(until * SECOND), awaited
        state[TALKERS] = len(self.lines)
        return self._go_on(ready)

    def _go_on(self, ready: Ready) -> list[int]:
        if ready is not self._ready:
            self._bind(ready)
        run, arena, state = self._run, self.arena, self.arena.state
        others: list[int] = []
        state[READ] = NOTHING
        while told := run():
            if told == FULL:
                self.absorb(arena.now)
                state[UNTIL] = 0  # what it meant is told at once
                continue
            descriptor = ready.descriptor(state[AT] - 1)
            line = self.lines.get(descriptor)
            if line is None:
                others.append(descriptor)
                state[UNTIL] = 0
            elif told == NO_TALKER:
                self._read(line)
            elif told == UNUSUAL:
                self._take_unusual(line, state[SIZE], arena.now)
            elif told == SEND:
                self._send_on(line)
            elif told == STEPPED and line.srtp is not None:
                line.srtp.step(arena.views[state[KEPT]])
        return others

    def take_gathered(self) -> int:
        """How many events were found since the last time."""
        gathered: int = self.arena.state[GATHERED]
        self.arena.state[GATHERED] = 0
        return gathered

    def _read(self, line: Line) -> None:
        """A packet that only Python can read; the loop goes on with it, and by itself from the next
        count, if it can.
        """
        receive, arena = line.receive, self.arena
        if receive is None:
            return
        self._to_arm.add(line)
        try:  # noqa: SIM105 - a context manager costs as much as the rest of this
            arena.state[READ] = receive(arena.views[arena.state[KEPT]])
        except OSError:
            pass

    def _send_on(self, line: Line) -> None:
        """An ordinary packet to a leg that only Python can send to."""
        if line.target is not None:
            line.target.send(self.arena.frames[self.arena.state[SLOT]])

    def _take_unusual(self, line: Line, size: int, now: float) -> None:
        """A packet in the next slot that is kept whole, and relayed if its leg feeds another."""
        # One that fills its slot was cut off: it is nothing, as one that is too short.
        size = size if size < SLOT_SIZE else 0
        slot = self.arena.keep(line.row, size, now)
        # Until it is counted no packet of the line is logged: the log is read first.
        self._disarm(line)
        kind = self.arena.views[slot][1] & 0x7F
        if line.ssrc < 0 or kind == line.event_in or kind in line.others_in:
            self._is_urgent = True
        if line.target is not None:
            self._relay(line, slot, size, now)

    # --- talkers come and go ---

    def attach(self, line: Line, descriptor: int) -> None:
        """The line's talker. Its ways in and out are known."""
        self.detach(line)
        line.descriptor = descriptor
        self.lines[descriptor] = line
        self._rows.out[line.row] = line.way_out
        sealer = None if line.srtp is None else line.srtp.sealer
        if self.records.open(descriptor, line.row, sealer):
            self._ready = None
        self._admit(line)
        self.refresh(line)

    def _admit(self, line: Line) -> None:
        """Whether the loop reads the line's talker: as soon as it needs nothing but a session."""
        srtp = line.srtp
        if srtp is None or srtp.opener is not None:
            self.records.admit(line.descriptor, None if srtp is None else srtp.opener)

    def detach(self, line: Line) -> None:
        """Before its talker is closed: the number may be another leg's at once."""
        if line.descriptor >= 0:
            del self.lines[line.descriptor]
            self.records.close(line.descriptor)
            self._rows.out[line.row] = NOBODY
            line.descriptor = -1

    def _disarm(self, line: Line) -> None:
        """Its packets are looked at one by one until they are counted."""
        self.records.disarm(line.descriptor)
        self._to_arm.add(line)

    def accept(self, line: Line, size: int, now: float) -> None:
        """A packet that stands in the next free slot: it came another way than by the talker."""
        self._take_unusual(line, size, now)

    def free_slot(self, now: float) -> memoryview:
        """Where the next packet may be received into."""
        if self.arena.is_full:
            self.absorb(now)
        return self.arena.views[self.arena.kept]

    def absorb(self, now: float) -> None:
        """Counts all packets, hands on what they mean, and arms the fast way where it may be."""
        self._is_urgent, self._counted_at = False, now
        if self.arena.kept or self.arena.logged:
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
                self.records.disarm(line.descriptor)
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
        self.records.disarm(source.descriptor)
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
        self._disarm(source)
        self._rows.feeds[source.row] = NO_TYPE

    def refresh(self, line: Line) -> None:
        """The line's addresses or payload types changed: the next packets are looked at anew."""
        for one in (line, line.source):
            if one is not None:
                self._disarm(one)

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
        target.send(packet)

    def _count(
        self, row: int, sequence: int, timestamp: int, octets: int, step: int, now: float
    ) -> None:
        rows = self._rows
        rows.packets_out[row] += 1
        rows.octets_out[row] += octets
        rows.last_sent[row] = now
        self._advance(row, sequence + 1, timestamp + step)

    def _advance(self, row: int, sequence: int, timestamp: int) -> None:
        """The row's stream goes on there, but never back."""
        rows = self._rows
        if sequence_delta(sequence, int(rows.sequence_out[row])) > 0:
            rows.sequence_out[row] = sequence & 0xFFFF
            rows.timestamp_out[row] = timestamp & 0xFFFFFFFF

    def _align(self, line: Line, target: Line, head: RtpHeader, now: float) -> None:
        """The next packet goes on where the target's stream stands, however the source counts."""
        rows, row = self._rows, target.row
        # Where it stands after ordinary packets that are not counted yet, sent on as it was armed.
        last = self.arena.last_of(line.row) if line.is_aligned else None
        if last is not None:
            shifts = int(rows.sequence_shift[line.row]), int(rows.timestamp_shift[line.row])
            self._advance(row, last[0] + shifts[0] + 1, last[1] + shifts[1] + FRAME)
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
        if line.descriptor < 0:
            return
        self._admit(line)
        if not rows.has_source[row] or not line.format.is_framed:
            return
        ssrc = int(rows.ssrc_in[row])
        out, key_out = NOBODY, 0
        if target is None:
            line.ssrc = ssrc
        elif not line.is_aligned or line.ssrc != ssrc or line.format != target.format:
            return
        else:
            rows.sequence_shift[row] = line.sequence_shift
            rows.timestamp_shift[row] = line.timestamp_shift
            out, key_out = int(rows.out[target.row]), key_of(target.type_out, target.ssrc_out)
        shifts = line.sequence_shift, line.timestamp_shift
        self.records.arm(line.descriptor, key_of(line.type_in, ssrc), out, key_out, shifts)
