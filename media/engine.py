"""The media engine: obeys commands, runs the line of passes every 20 ms, tells what happened.

receive -> order -> decode -> play -> mix -> encode -> send -> record. Time is a parameter; the
sockets of the legs are its only way out. The process around it is media/worker.py.
"""

import contextlib
import math
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from media.agreement import NotSpoken, agree, other_codec
from media.breaks import Breaks
from media.commands import (
    Bridge,
    CloseLeg,
    Command,
    Echo,
    Event,
    Failed,
    GetStats,
    LegClosed,
    LegOpened,
    MediaSettings,
    Music,
    OpenLeg,
    Play,
    PlayEnd,
    SendDigits,
    SetCountry,
    SetRemote,
    Silent,
    Stats,
    StopMusic,
    StopPlay,
    Unbridge,
)
from media.digits import Digits
from media.forward import Forwarder
from media.legs import Leg
from media.line import Line
from media.native.functions import Loops
from media.network import Network, NetworkError
from media.outputs import Outputs
from media.passes.receive import Received
from media.plays import Plays
from media.ratings import TICKS as RATE_TICKS
from media.ratings import Ratings
from media.recordings import RecordingRefused
from media.rows import Rows
from media.sockets import NoPort, PortRange
from media.stats import leg_stats
from media.taping import Taping

# Ports bound a worker's legs already; this bounds its memory, and the owner field of a packet.
MAX_ROWS: Final = 8192
# Once a second is early enough to notice ten seconds of silence.
SILENCE_LOOK_TICKS: Final = 50


class _Refused(Exception):
    """A command that cannot be obeyed; the text is the reason."""


class Engine:
    """All legs of one worker. `watch(fd, handler | None)` and `unwatch(fd)` are the loop's."""

    def __init__(
        self,
        settings: MediaSettings,
        emit: Callable[[Event], None],
        token: Callable[[int], int],
        wall: Callable[[], float],
    ) -> None:
        self.settings = settings
        self._emit, self._token = emit, token
        ports = PortRange(settings.rtp_low, settings.rtp_high, settings.drain_seconds)
        # Legs may come here from other workers, so each has room for all of them.
        self.rows = Rows(max(1, min(len(ports) * settings.workers, MAX_ROWS)))
        self.legs, self._by_row = dict[int, Leg](), dict[int, Leg]()
        self.forwarder = Forwarder(self.rows, self._received)
        self._outputs = Outputs(self.rows, self.forwarder, self.legs)
        self._plays = Plays(emit, self._outputs, settings.country)
        self.breaks = Breaks()  # between two ticks: recordings are written then
        self._taping = Taping(self.rows, self._outputs, self._row_of, self.breaks)
        self.network = Network(settings, ports, self.rows, self.forwarder, emit, wall)
        self._ratings = Ratings(self.rows, self.legs, emit)
        self._digits = Digits(self.rows, self._outputs, self._by_row, emit, self._barge)
        self._following = dict[Leg, int]()  # few: whose phone has gone over to another codec
        self._silent = set[Leg]()  # of whom that is told
        self._ticks = 0
        self._obey: dict[type, Callable[[Any, float], None]] = {
            OpenLeg: self._open,
            SetRemote: self._set_remote,
            Bridge: self._bridge,
            Unbridge: self._unbridge,
            Play: self._play,
            StopPlay: self._stop_play,
            Music: self._music,
            StopMusic: self._stop_music,
            SendDigits: self._send_digits,
            Echo: self._echo,
            GetStats: self._get_stats,
            CloseLeg: self._close,
            SetCountry: self._set_country,
            **self._taping.commands,
        }

    def use(self, loops: Loops) -> None:
        """What Python does once a packet is done in this form from now on."""
        self.forwarder.use(loops)
        self._outputs.use(loops)

    def obey(self, command: Command, now: float) -> None:
        """Carries a command out, or says Failed. Never raises on what a command asks."""
        name, leg = type(command).__name__, getattr(command, "leg", None)
        recording = getattr(command, "recording", None)
        obey = self._obey.get(type(command))
        if obey is None:
            self._emit(Failed(name, leg, "not a command"))
            return
        try:
            obey(command, now)
        except (_Refused, NotSpoken, NoPort, NetworkError, RecordingRefused) as error:
            self._emit(Failed(name, leg, str(error), recording))

    # --- legs ---

    def _leg(self, number: int) -> Leg:
        leg = self.legs.get(number)
        if leg is None:
            raise _Refused(f"no leg {number}")
        return leg

    def _row_of(self, number: int) -> int | None:
        leg = self.legs.get(number)
        return leg.row if leg is not None else None

    def _open(self, command: OpenLeg, now: float) -> None:
        if command.leg in self.legs:
            raise _Refused(f"leg {command.leg} exists")
        row = self.rows.allocate()
        if row is None:
            raise _Refused("no free row")
        try:
            sockets = self.network.open(command.host, command.port, now)
        except NoPort:
            self.rows.release(row)
            raise
        ssrc = self._token(32)
        # RFC 3550 5.1: sequence and timestamp begin at random.
        self.rows.ssrc_out[row] = ssrc
        self.rows.sequence_out[row] = self._token(15)
        self.rows.timestamp_out[row] = self._token(31)
        leg = Leg(command.leg, self.rows, row, sockets, Line(row, ssrc), now)
        self.legs[leg.number] = self._by_row[row] = leg
        self.network.watch(leg)
        self._emit(LegOpened(leg.number, sockets.port))

    def _set_remote(self, command: SetRemote, now: float) -> None:
        leg = self._leg(command.leg)
        self.forwarder.absorb(now)
        is_first = leg.remote is None
        is_other = agree(self.rows, leg, command, self._emit)
        if is_first:
            leg.began_at = now  # until now it may have waited for its call, or rung
        self._silent.discard(leg)  # of another agreement it is told anew
        self.network.signal(leg, command, now)
        self.forwarder.refresh(leg.line)
        if is_other:
            self._plays.change_format(leg)
        self._route(leg, now)

    def _route(self, leg: Leg, now: float) -> None:
        """What the leg hears, and what those hear who hear it."""
        self._outputs.route((leg.number, *self._outputs.bridges.peers(leg.number)), now)

    def _close(self, command: CloseLeg, now: float) -> None:
        self._remove(self._leg(command.leg), now, command.moves)

    def _remove(self, leg: Leg, now: float, moves: bool = False) -> None:
        self.forwarder.absorb(now)
        self._taping.drop_leg(leg.number, now)
        if not moves:
            self.network.say_goodbye(leg, now)
        self._plays.end(leg, PlayEnd.STOPPED)
        self._digits.end(leg)
        leg.remote, leg.music, leg.is_echo = None, None, False
        touched = self._outputs.bridges.remove(leg.number)
        self._outputs.route(touched, now)
        stats = leg_stats(self.rows, leg, now)
        self.network.close(leg, now)
        del self.legs[leg.number], self._by_row[leg.row]
        self._outputs.forget(leg)
        self.forwarder.forget(leg.line)
        self.rows.release(leg.row)
        self._emit(LegClosed(leg.number, stats))

    def _get_stats(self, command: GetStats, now: float) -> None:
        leg = self._leg(command.leg)
        self.forwarder.absorb(now)
        self._emit(Stats(leg.number, leg_stats(self.rows, leg, now)))

    # --- who hears whom ---

    def _bridge(self, command: Bridge, now: float) -> None:
        for number in command.legs:
            self._leg(number)
        exactly = {hearing.leg: hearing.whom for hearing in command.hears}
        strangers = {*exactly, *command.muted}.union(*exactly.values()) - set(command.legs)
        if strangers:
            raise _Refused(f"leg {min(strangers)} is not in the bridge")
        secret = self._taping.privileged(command.legs)
        if exactly and len(command.legs) > 2 and secret is not None:
            # A third one whom not all of them hear listens in.
            raise _Refused(f"leg {secret} is privileged")
        bridges = self._outputs.bridges
        touched = bridges.assign(command.bridge, command.legs, exactly, command.muted)
        self._outputs.route(touched, now)
        self._taping.bridges_changed(touched, now)

    def _unbridge(self, command: Unbridge, now: float) -> None:
        self._outputs.route(self._outputs.bridges.clear(command.bridge), now)

    def _echo(self, command: Echo, now: float) -> None:
        leg = self._leg(command.leg)
        leg.is_echo = command.on
        self._route(leg, now)

    def _play(self, command: Play, now: float) -> None:
        leg = self._leg(command.leg)
        self._plays.start(leg, command)
        self._route(leg, now)

    def _stop_play(self, command: StopPlay, now: float) -> None:
        leg = self._leg(command.leg)
        self._plays.end(leg, PlayEnd.STOPPED)
        self._route(leg, now)

    def _music(self, command: Music, now: float) -> None:
        leg = self._leg(command.leg)
        if not math.isfinite(command.volume_db) or command.volume_db > 20:
            raise _Refused(f"volume {command.volume_db} dB")
        self._plays.set_music(leg, command)
        self._route(leg, now)

    def _stop_music(self, command: StopMusic, now: float) -> None:
        leg = self._leg(command.leg)
        self._plays.stop_music(leg)
        self._route(leg, now)

    def _set_country(self, command: SetCountry, now: float) -> None:
        self._plays.country = command.tones

    def _send_digits(self, command: SendDigits, now: float) -> None:
        try:
            self._digits.send(self._leg(command.leg), command, now)
        except ValueError as error:
            raise _Refused(str(error)) from None

    # --- what comes in ---

    def _received(self, received: Received, now: float) -> None:
        for row in received.new_sources:
            leg = self._by_row.get(row)
            if leg is not None:
                self._digits.end(leg)
        for row, kind in received.other_codec:
            if row in self._by_row:
                self._following[self._by_row[row]] = kind
        self._digits.receive(received.events, now)

    def _barge(self, leg: Leg, now: float) -> None:
        if leg.play is not None and leg.play.is_barge:
            self._plays.end(leg, PlayEnd.DIGIT)
            self._route(leg, now)

    # --- the tick ---

    def tick(self, now: float) -> None:
        """One 20 ms step of every leg."""
        self._ticks += 1
        while self._following:
            self._follow(*self._following.popitem(), now)
        is_block = self._outputs.hear(now)
        ended = self._outputs.speak(now)
        if is_block:
            self._digits.listen(now)
            self._taping.end_block()
            self._outputs.end_block()
        for leg in ended:
            self._plays.finish(leg)
            self._route(leg, now)
        self._digits.sent(now)
        self._digits.tick(now)
        for leg in self._plays.take(self.legs):
            self._route(leg, now)
        for event in self._taping.take():
            self._emit(event)
        self.network.report(self._ticks, now)
        if self._ticks % RATE_TICKS == 0:
            self.forwarder.absorb(now)
            self._ratings.tick()
        if self._ticks % SILENCE_LOOK_TICKS == 0:
            self._look_for_silence(now)

    def _follow(self, leg: Leg, payload_type: int, now: float) -> None:
        """The far phone sends another codec of those agreed (RFC 3264 6.1): so do we."""
        # What is counted later than the change would be told as another change.
        self.forwarder.absorb(now)
        self._following.pop(leg, None)
        if self.legs.get(leg.number) is not leg or leg.remote is None:
            return
        new = other_codec(leg.remote, payload_type)
        if new is None:
            return
        with contextlib.suppress(NetworkError):  # the address is the old one, good or bad
            self._set_remote(new, now)

    def _look_for_silence(self, now: float) -> None:
        """Once a second of all legs; looked at one by one are those of whom nothing came."""
        arrivals, limit = self.rows.last_arrival, self.settings.silent_seconds
        used = np.fromiter(self._by_row, np.intp, len(self._by_row))
        silent = dict[Leg, float]()
        for row in used[now - arrivals[used] >= limit].tolist():
            leg = self._by_row[row]
            since = now - max(float(arrivals[row]), leg.began_at)
            if leg.is_listened_to and since >= limit:
                silent[leg] = since
        for leg, since in silent.items():
            if leg not in self._silent:
                self._emit(Silent(leg.number, round(since, 1)))
        self._silent = set(silent)

    def close(self, now: float) -> None:
        """BYE to every leg, recordings finished."""
        for leg in list(self.legs.values()):
            with contextlib.suppress(OSError):
                self._remove(leg, now)
        self._plays.close()
        for event in self._taping.close():
            self._emit(event)

    def dump(self) -> dict[str, object]:
        """Counts for logs and leak checks."""
        return {
            "legs": len(self.legs),
            "rows": self.rows.dump(),
            "recordings": self._taping.dump(),
            "outputs": self._outputs.dump(),
            "network": self.network.dump(),
        }
