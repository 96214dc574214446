"""Who makes the packets of each leg, and the part of a tick that makes them.

One rule decides what a leg hears: digits being sent, else a play or music, else its own echo,
else its bridge. Of a bridge, who hears one alone is forwarded that one's packets as they arrive,
also from law to law; who hears more, or a play over his bridge, has them mixed. The index sets are
kept and rebuilt only after a change.
"""

import contextlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from media.bridges import Bridges, Room
from media.dtmf import EventPacket
from media.forward import Forwarder
from media.legs import Leg, Output
from media.passes.decode import decode_rows
from media.passes.encode import encode_rows, resume_rows, write_rows
from media.passes.mix import Groups, MixRoom, mix
from media.passes.order import TRIM_TICKS, take, trim
from media.passes.play import lay_over, play
from media.rows import BLOCK, FRAME, HEADER, Index, Rows
from media.rtp import build_header


class Outputs:
    """The outputs of all legs. `legs` is the engine's table, by leg number."""

    def __init__(self, rows: Rows, forwarder: Forwarder, legs: dict[int, Leg]) -> None:
        self._rows = rows
        self._forwarder = forwarder
        self._legs = legs
        self.bridges = Bridges()
        # Rows whose audio is wanted as samples for a reason of their own: recordings.
        self.wanted: set[int] = set()
        self._views: dict[int, tuple[memoryview, memoryview]] = {}
        self._voices: list[Leg] = []
        self._keyed: list[Leg] = []
        # Who hears a mix, and the places of these legs among all rows of the groups.
        self._mixed: list[Leg] = []
        self._places: Index = np.zeros(0, np.intp)
        self._covered: list[tuple[int, Leg]] = []  # with a play over it, by place in _mixed
        self._groups = Groups([])
        self._hearing: Index = np.zeros(0, np.intp)
        self._is_stale = False
        self._ticks = 0
        # Frames of the current block: ticked, and decoded already.
        self.frame = 0
        self._decoded = 0

    def stale(self) -> None:
        """Something changed: the index sets are rebuilt before the next tick."""
        self._is_stale = True

    def route(self, numbers: Iterable[int], now: float) -> None:
        """Decides anew what these legs hear; call after anything that may change it."""
        self._is_stale = True
        for number in numbers:
            leg = self._legs.get(number)
            if leg is not None:
                self._route(leg, now)

    def _route(self, leg: Leg, now: float) -> None:
        output, source = self._wish(leg)
        if output is Output.FORWARD and source is not None:
            self._forwarder.connect(source.line, leg.line, now)
        else:
            self._forwarder.disconnect(leg.line, now)
        if output is not leg.output:
            leg.output = output
            if output is not Output.VOICE:
                leg.tail = None
            if output in (Output.DIGITS, Output.VOICE, Output.MIX):
                resume_rows(self._rows, leg.row, now)

    def _wish(self, leg: Leg) -> tuple[Output, Leg | None]:
        if not leg.is_sent_to:
            return Output.NOTHING, None
        if leg.keys is not None and leg.keys.is_busy:
            return Output.DIGITS, None
        room = self.bridges.room_of(leg.number)
        if leg.voice is not None:
            is_mixed = leg.is_played_over and len(room.legs) > 1
            return (Output.MIX if is_mixed else Output.VOICE), None
        if leg.is_echo:
            return Output.FORWARD, leg
        return self._wish_of_room(leg, room)

    def _wish_of_room(self, leg: Leg, room: Room) -> tuple[Output, Leg | None]:
        feeder = self.bridges.feeder(leg.number)
        if feeder is not None:
            source = self._legs[feeder]
            if source.is_listened_to and not source.is_echo:
                return Output.FORWARD, source
            return Output.NOTHING, None
        # A phone in a larger bridge is sent silence rather than nothing: it may think us gone.
        return (Output.MIX if len(room.legs) > 2 else Output.NOTHING), None

    def _rebuild(self) -> None:
        self._is_stale = False
        legs = self._legs.values()
        self._voices = [leg for leg in legs if leg.output is Output.VOICE]
        self._keyed = [leg for leg in legs if leg.output is Output.DIGITS]
        mixing = [
            room
            for room in self.bridges.rooms()
            if any(self._legs[n].output is Output.MIX for n in room.legs)
        ]
        self._groups = Groups([self._by_rows(room) for room in mixing])
        place = {int(row): i for i, row in enumerate(self._groups.rows)}
        self._mixed = [leg for leg in legs if leg.output is Output.MIX]
        self._places = np.array([place[leg.row] for leg in self._mixed], np.intp)
        self._covered = [(i, leg) for i, leg in enumerate(self._mixed) if leg.voice is not None]
        hearing = self.wanted | self._rows_mixed(mixing)
        self._hear(np.array(sorted(hearing), np.intp))

    def _by_rows(self, room: Room) -> MixRoom:
        row = {number: self._legs[number].row for number in room.legs}
        exactly = {row[n]: tuple(row[one] for one in whom) for n, whom in room.exactly.items()}
        return MixRoom(tuple(row.values()), exactly, frozenset(row[n] for n in room.muted))

    def _rows_mixed(self, rooms: list[Room]) -> set[int]:
        """The rows that anybody hears in a mix. (A listener's own silence need not be decoded.)"""
        heard = set[int]()
        for room in rooms:
            for number in room.legs:
                if not heard.issuperset(room.legs) and self._legs[number].output is Output.MIX:
                    heard.update(room.heard_by(number))
        return {self._legs[number].row for number in heard}

    def _hear(self, hearing: Index) -> None:
        rows = self._rows
        lost = np.setdiff1d(self._hearing, hearing)
        rows.is_started[lost] = False
        rows.pcm[lost] = 0
        self._hearing = hearing
        rows.hears[:] = False
        rows.hears[hearing] = True
        for leg in self._legs.values():
            if not leg.is_listened_to:
                rows.hears[leg.row] = False
            leg.line.is_heard = bool(rows.hears[leg.row])

    def hear(self, now: float) -> bool:
        """The order and decode passes, each tick if anything is mixed, else once a block.

        True: a block is complete, and `end_block` must be called after the record pass.
        """
        if self._is_stale:
            self._rebuild()
        self._ticks += 1
        self.frame += 1
        is_complete = self.frame == BLOCK
        if is_complete or self._mixed or self._forwarder.is_urgent:
            self._forwarder.absorb(now)
        if is_complete or self._mixed:
            self._decode()
        if self._ticks % TRIM_TICKS == 0:
            trim(self._rows, self._hearing)
        return is_complete

    def end_block(self) -> None:
        self.frame = self._decoded = 0

    def catch_up(self, now: float) -> int:
        """Decodes the block as far as it is; returns its frames so far."""
        self._forwarder.absorb(now)
        self._decode()
        return self.frame

    def _decode(self) -> None:
        if self._is_stale:
            self._rebuild()
        first, self._decoded = self._decoded, self.frame
        if self.frame > first and self._hearing.size:
            codes, present = take(self._rows, self._hearing, self.frame - first)
            decode_rows(self._rows, self._hearing, first, codes, present)

    def speak(self, now: float) -> list[Leg]:
        """The play, mix, encode and send passes; returns legs whose sound came to its end."""
        for leg in self._keyed:
            self._send_key(leg, now)
        speaking = list(self._voices)
        ended = [leg for leg in self._voices if self._play(leg)]
        if self._mixed:
            heard = mix(self._rows, self._groups, self.frame - 1)[self._places]
            ended += [leg for place, leg in self._covered if self._cover(leg, heard[place])]
            encode_rows(self._rows, self._groups.rows[self._places], heard)
            speaking += self._mixed
        if speaking:
            write_rows(self._rows, np.array([leg.row for leg in speaking], np.intp), now)
            self._send(speaking)
        return ended

    def _play(self, leg: Leg) -> bool:
        """The leg's next frame into its packet; True if it was the last one."""
        voice = leg.voice
        if voice is None:
            return False
        if leg.tail is not None or not voice.copy(self._payload(leg.row)):
            play(self._rows, leg.row, voice, leg.tail)
            leg.tail = None
        return not voice.is_loop and voice.is_over

    @staticmethod
    def _cover(leg: Leg, heard: NDArray[np.int16]) -> bool:
        """A play's next frame over what the leg hears; True if it was the last one."""
        voice = leg.voice
        if voice is None:
            return False
        lay_over(heard, voice)
        return not voice.is_loop and voice.is_over

    def _payload(self, row: int) -> memoryview:
        return self._packet(row)[1]

    def _packet(self, row: int) -> tuple[memoryview, memoryview]:
        """Views on the row's packet, and on its payload; made once."""
        views = self._views.get(row)
        if views is None:
            packet = memoryview(self._rows.packets[row].data)
            views = self._views[row] = (packet, packet[HEADER:])
        return views

    def _send(self, legs: list[Leg]) -> None:
        for leg in legs:
            with contextlib.suppress(OSError):
                leg.line.transmit(self._packet(leg.row)[0])

    def _send_key(self, leg: Leg, now: float) -> None:
        rows, row = self._rows, leg.row
        assert leg.keys is not None
        packet = leg.keys.step(int(rows.timestamp_out[row]) & 0xFFFFFFFF)
        rows.timestamp_out[row] += FRAME
        rows.last_sent[row] = now
        if packet is None or leg.line.event_out is None:
            return
        self._send_event(leg, packet)

    def _send_event(self, leg: Leg, packet: EventPacket) -> None:
        rows, row = self._rows, leg.row
        header = build_header(
            leg.line.event_out or 0,
            int(rows.sequence_out[row]),
            packet.timestamp,
            leg.line.ssrc_out,
            packet.marker,
        )
        rows.sequence_out[row] += 1
        rows.packets_out[row] += 1
        rows.octets_out[row] += len(packet.payload)
        with contextlib.suppress(OSError):
            leg.line.transmit(header + packet.payload)

    def keyed_out(self) -> list[Leg]:
        """Legs whose digits are all sent."""
        return [leg for leg in self._keyed if leg.keys is None or not leg.keys.is_busy]

    def forget(self, leg: Leg) -> None:
        """The leg is closed."""
        self._views.pop(leg.row, None)
        self._is_stale = True

    def dump(self) -> dict[str, int]:
        return {"voices": len(self._voices), "hearing": int(self._hearing.size)}
