"""Who makes the packets of each leg, and the part of a tick that makes them.

One rule decides what a leg hears: digits being sent, else a play or music, else its own echo,
else its bridge. Of a bridge, who hears one alone is forwarded that one's packets as they arrive,
also from law to law; who hears more, or a play over his bridge, or a codec that must become
another, has them mixed: at 16 kHz where somebody wideband hears somebody who is, else at 8. The
index sets are kept; a change moves only the legs that it concerns, before the next tick.
"""

from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from media.bridges import Bridges, Room
from media.dtmf import EventPacket
from media.forward import Forwarder
from media.g722 import Coders
from media.hearing import Hearing
from media.legs import Leg, Output
from media.mixes import Hearers, Mix, each
from media.native.functions import Loops
from media.outflow import USUAL_PTIME
from media.passes.decode import convert_heard
from media.passes.encode import encode_rows, resume_rows, write_rows
from media.passes.mix import Groups, MixRoom, mix
from media.passes.order import TRIM_TICKS, trim
from media.passes.play import Shared, Voice, lay_over, play
from media.rows import BLOCK, FRAME, Index, Law, Rows
from media.rtp import build_header
from media.singles import pack_single, pass_key, play_single, say_single
from media.transmitter import Transmitter

# Voices of one sound from which a look-up for all of them is cheaper than a copy for each.
MANY: Final = 12


def _is_forwardable(source: Leg, to: Leg) -> bool:
    """May the leg be sent the other's packets as they are?"""
    if to.remote is None or to.remote.ptime != USUAL_PTIME:
        return False
    a, b = source.line.format, to.line.format
    return a == b or (a.is_table and b.is_table)


class Outputs:
    """The outputs of all legs. `legs` is the engine's table by leg number."""

    def __init__(self, rows: Rows, forwarder: Forwarder, legs: dict[int, Leg]) -> None:
        self._rows = rows
        self._forwarder = forwarder
        self._legs = legs
        self.bridges = Bridges()
        self._coders = Coders(rows)
        self._hearing = Hearing(rows, self._coders)
        # By leg number: in tables' laws, in G.722, in whatever is sent one by one.
        self._voices: dict[int, Leg] = {}
        self._banded_voices: dict[int, Leg] = {}
        self._single_voices: dict[int, Leg] = {}
        # Of the voices: those that share a sound, and the others.
        self._shared: list[Shared] = []
        self._alone: list[Leg] = []
        self._is_voice_stale = False
        self._keyed: dict[int, Leg] = {}
        self._mixes: list[Mix] = []
        # Sends to legs whose packets are made in columns.
        self._transmitter = Transmitter(rows, forwarder.records)
        # Legs that hear a mix, and all legs of their bridges.
        self._mixed: set[int] = set()
        self._in_mixes: set[int] = set()
        # Legs that changed since the index sets were renewed; whether anything else did.
        self._changed: set[int] = set()
        self._is_stale = self._is_mix_stale = False
        self._ticks = 0
        self.frame = 0  # frames of the current block: ticked

    def use(self, loops: Loops) -> None:
        """What is done a packet at a time is done in this form from now on."""
        self._transmitter.use(loops)
        self._coders.use(loops)

    @property
    def toned(self) -> Index:
        """Rows in whose sound keys are listened for."""
        return self._hearing.toned

    def stale(self) -> None:
        """Other rows are recorded: the index sets are renewed before the next tick."""
        self._is_stale = True

    def route(self, numbers: Iterable[int], now: float) -> None:
        """Decides anew what these legs hear; call after anything that may change it."""
        for number in numbers:
            leg = self._legs.get(number)
            if leg is not None:
                self._changed.add(number)
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
            if not source.is_listened_to or source.is_echo:
                return Output.NOTHING, None
            if _is_forwardable(source, leg):
                return Output.FORWARD, source
            return Output.MIX, None
        # A phone in a larger bridge is sent silence rather than nothing: it may think us gone.
        return (Output.MIX if len(room.legs) > 2 else Output.NOTHING), None

    def _renew(self) -> None:
        """The index sets, as far as something changed."""
        if not (self._is_stale or self._changed or self._is_mix_stale):
            return
        changed, self._changed, self._is_stale = self._changed, set(), False
        for number in changed:
            if number in self._legs:
                self._sort(self._legs[number])
        if self._is_mix_stale or not self._in_mixes.isdisjoint(changed):
            self._renew_mixes()
        if self._is_voice_stale:
            self._divide_voices()
        mixed = [leg for one in self._mixes for leg in one.plain]
        banded = [leg for leg in self._banded_voices.values() if leg.outflow is None]
        self._transmitter.aim([*self._voices.values(), *banded, *mixed])
        self._hearing.renew(self.frame)

    def _sort(self, leg: Leg) -> None:
        """Into the sets where it belongs now."""
        is_voice, is_banded = leg.output is Output.VOICE, leg.line.law is Law.G722
        is_single = leg.outflow is not None and not is_banded
        self._is_voice_stale |= is_voice or leg.number in self._voices
        for sorted_in, belongs in (
            (self._voices, is_voice and not (is_single or is_banded)),
            (self._banded_voices, is_voice and is_banded),
            (self._single_voices, is_voice and is_single),
            (self._keyed, leg.output is Output.DIGITS),
        ):
            if belongs:
                sorted_in[leg.number] = leg
            else:
                sorted_in.pop(leg.number, None)
        if leg.output is Output.MIX:
            self._mixed.add(leg.number)
            self._is_mix_stale = True
        else:
            self._mixed.discard(leg.number)
        self._hearing.sort(leg)

    def _divide_voices(self) -> None:
        """Once a tick at most, and only if one of them changed."""
        self._is_voice_stale = False
        by_sound: dict[int, dict[Leg, Voice]] = {}
        for leg in self._voices.values():
            voice = leg.voice
            if voice is not None and voice.is_shared and leg.tail is None:
                by_sound.setdefault(id(voice.codes), {})[leg] = voice
        many = [legs for legs in by_sound.values() if len(legs) >= MANY]
        self._shared = [
            Shared(np.array([leg.row for leg in legs], np.intp), [*legs.values()]) for legs in many
        ]
        sharing = set().union(*many)
        self._alone = [leg for leg in self._voices.values() if leg not in sharing]

    def _renew_mixes(self) -> None:
        self._is_mix_stale = False
        mixing = self.bridges.rooms_of(self._mixed)
        # Bridges of two by themselves: with nothing to be added up they are quicker.
        kinds: dict[tuple[bool, bool], list[Room]] = {}
        for room in mixing:
            kinds.setdefault((self._is_wide(room), room.is_pair), []).append(room)
        self._mixes = [self._mix_of(rooms, is_wide) for (is_wide, _), rooms in kinds.items()]
        wide = [room for (is_wide, _), rooms in kinds.items() if is_wide for room in rooms]
        self._in_mixes = {number for room in mixing for number in room.legs}
        self._hearing.mix(self._rows_mixed(mixing), self._rows_mixed(wide))

    def _is_wide(self, room: Room) -> bool:
        """Somebody wideband among others hears nothing wideband."""
        return sum(self._legs[number].line.format.is_wide for number in room.legs) > 1

    def _mix_of(self, rooms: list[Room], is_wide: bool) -> Mix:
        legs = [self._legs[number] for room in rooms for number in room.legs]
        hearers = [leg for leg in legs if leg.output is Output.MIX]
        return Mix(Groups([self._by_rows(room) for room in rooms]), hearers, is_wide)

    def _by_rows(self, room: Room) -> MixRoom:
        row = {number: self._legs[number].row for number in room.legs}
        exactly = {row[n]: tuple([row[one] for one in whom]) for n, whom in room.exactly.items()}
        return MixRoom(tuple(row.values()), exactly, frozenset(row[n] for n in room.muted))

    def _rows_mixed(self, rooms: list[Room]) -> set[int]:
        """The rows that anybody hears in a mix. (A listener's own silence need not be decoded.)"""
        heard = set[int]()
        for room in rooms:
            for number in room.legs:
                if not heard.issuperset(room.legs) and self._legs[number].output is Output.MIX:
                    heard.update(room.heard_by(number))
        return {self._legs[number].row for number in heard}

    def hear(self, now: float) -> bool:
        """The order and decode passes, each tick if anything is mixed, else once a block.

        True: a block is complete, and `end_block` must be called after the record pass.
        """
        self._renew()
        self._ticks += 1
        is_complete, forwarder = self.frame + 1 == BLOCK, self._forwarder
        is_due = is_complete and not forwarder.may_wait(now)
        if is_due or self._mixes or forwarder.is_urgent:
            forwarder.absorb(now)
            self._renew()  # a key among what came ended a prompt: its last frame is not sent again
        self.frame += 1
        if is_complete or self._mixes:
            self._hearing.decode(self.frame)
        if self._ticks % TRIM_TICKS == 0:
            trim(self._rows, self._hearing.rows)
        return is_complete

    def end_block(self) -> None:
        self.frame = 0
        self._hearing.begin_block()

    def catch_up(self, rows: tuple[int, ...], now: float) -> int:
        """Decodes what these rows said of the block so far; returns its frames so far."""
        if self._hearing.is_behind(rows, self.frame):
            self._forwarder.absorb(now)
            self._hearing.decode_some(rows, self.frame)
        return self.frame

    def speak(self, now: float) -> list[Leg]:
        """The play, mix, encode and send passes; returns legs whose sound came to its end."""
        for leg in self._keyed.values():
            self._send_key(leg, now)
        for sound in self._shared:
            sound.play(self._rows)
        ended = [leg for leg in self._alone if self._play(leg)]
        if self._banded_voices:
            ended += self._play_banded(now)
        singles = self._single_voices.values()
        ended += [leg for leg in singles if play_single(self._rows, leg, now)]
        for one in self._mixes:
            ended += self._say_mix(one, now)
        if self._transmitter.rows.size:
            write_rows(self._rows, self._transmitter.rows, now)
            self._transmitter.send()
        return ended

    def _say_mix(self, one: Mix, now: float) -> list[Leg]:
        """Mixes and encodes; sends to those that are spoken to one by one."""
        heard = mix(self._rows, one.groups, self.frame - 1, one.is_wide)
        ended: list[Leg] = []
        if one.alike.legs:
            ended += self._say_to(one.alike, heard.sounds, heard.which[one.alike.places], now)
        if one.others.legs:
            sounds, r = heard.sounds[heard.which[one.others.places]], one.others.rows
            ended += self._say_to(one.others, convert_heard(self._rows, r, sounds), each(r), now)
        return ended

    def _say_to(
        self, to: Hearers, sounds: NDArray[np.int16], which: Index, now: float
    ) -> list[Leg]:
        rows = self._rows
        if to.covered:
            sounds, which = sounds[which], each(which)
        ended = [leg for i, leg in to.covered if self._cover(leg, sounds[i])]
        if to.tables.size:
            encode_rows(rows, to.rows[to.tables], sounds, which[to.tables])
        if to.banded.size:
            self._coders.encode(to.rows[to.banded], sounds, which[to.banded])
        for i, leg in to.singles:
            say_single(rows, leg, sounds[which[i]], now)
        return ended

    def hearers(self, leg: Leg) -> list[Leg]:
        """Who hears the leg and nobody else."""
        bridges = self.bridges
        alone = (n for n in bridges.peers(leg.number) if bridges.feeder(n) == leg.number)
        return [self._legs[number] for number in alone]

    def pass_key(self, leg: Leg, payload: bytes, timestamp: int) -> None:
        """A key pressed on the leg, to whoever hears it alone and in another codec."""
        for hearer in self.hearers(leg):
            if hearer.output is Output.MIX:
                pass_key(self._rows, leg, hearer, payload, timestamp)

    def _play(self, leg: Leg) -> bool:
        """The leg's next frame into its packet; True if it was the last one."""
        voice = leg.voice
        if voice is None:
            return False
        if leg.tail is not None or not voice.copy(leg.payload):
            play(self._rows, leg.row, voice, leg.tail)
            leg.tail = None
        return not voice.is_loop and voice.is_over

    def _play_banded(self, now: float) -> list[Leg]:
        """The same of legs that are sent G.722."""
        voices = {leg: leg.voice for leg in self._banded_voices.values() if leg.voice is not None}
        sounds = [voice.softened(leg.tail) for leg, voice in voices.items()]
        if not sounds:
            return []
        r = np.array([leg.row for leg in voices], np.intp)
        self._coders.encode(r, np.stack(sounds), each(r))
        for leg in voices:
            leg.tail = None
            pack_single(self._rows, leg, now)
        return [leg for leg, voice in voices.items() if not voice.is_loop and voice.is_over]

    @staticmethod
    def _cover(leg: Leg, heard: NDArray[np.int16]) -> bool:
        """A play's next frame over what the leg hears; True if it was the last one."""
        voice = leg.voice
        if voice is None:
            return False
        lay_over(heard, voice)
        return not voice.is_loop and voice.is_over

    def _send_key(self, leg: Leg, now: float) -> None:
        rows, row = self._rows, leg.row
        assert leg.keys is not None
        packet = leg.keys.step(int(rows.timestamp_out[row]) & 0xFFFFFFFF)
        rows.timestamp_out[row] += FRAME * rows.unit[row]
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
        leg.line.send(header + packet.payload)

    def keyed_out(self) -> list[Leg]:
        """Legs whose digits are all sent."""
        return [leg for leg in self._keyed.values() if leg.keys is None or not leg.keys.is_busy]

    def forget(self, leg: Leg) -> None:
        """The leg is closed."""
        self._is_voice_stale |= leg.number in self._voices
        for sorted_in in (
            self._voices, self._banded_voices, self._single_voices, self._keyed,
        ):  # fmt: skip
            sorted_in.pop(leg.number, None)
        self._mixed.discard(leg.number)
        self._is_mix_stale |= leg.number in self._in_mixes
        self._is_stale = True
        self._hearing.forget(leg)

    def dump(self) -> dict[str, int]:
        voices = len(self._voices) + len(self._banded_voices)
        return {"voices": voices, "hearing": int(self._hearing.rows.size)}
