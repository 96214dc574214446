"""A media engine without sound: it keeps who hears whom, and answers as the real one does."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from media import api

PROMPT_SECONDS = 0.5
# What everybody says after the tone.
SPEECH = 10.0


@dataclass(slots=True)
class Row:
    """What is done to one leg."""

    music: str | None = None
    play: int | None = None
    items: tuple[str, ...] = ()
    digits: str = ""
    timer: asyncio.TimerHandle | None = None


@dataclass(slots=True)
class VirtualMedia:
    """In the place of `MediaClient`."""

    on_event: Callable[[api.Event], None] | None = None
    legs: dict[int, Row] = field(default_factory=dict)
    bridges: dict[int, tuple[int, ...]] = field(default_factory=dict)
    # By bridge: whom its legs hear exactly, and who is muted.
    hears: dict[int, dict[int, tuple[int, ...]]] = field(default_factory=dict)
    muted: dict[int, tuple[int, ...]] = field(default_factory=dict)
    recordings: dict[int, api.Record] = field(default_factory=dict)
    turned: dict[int, tuple[int, ...]] = field(default_factory=dict)
    paused: dict[int, str] = field(default_factory=dict)
    protected: set[int] = field(default_factory=set)
    cut: list[str] = field(default_factory=list)
    played: list[str] = field(default_factory=list)  # prompts, in the order in which they began
    hosts: dict[int, str] = field(default_factory=dict)  # of legs that were moved
    mistakes: list[str] = field(default_factory=list)
    ids: "count[int]" = field(default_factory=lambda: count(1))
    packets: int = 0

    def new_id(self) -> int:
        return next(self.ids)

    async def open_leg(self, host: str, beside: int | None = None) -> api.Leg:
        leg = self.new_id()
        self.legs[leg] = Row()
        try:
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            self.send(api.CloseLeg(leg))
            raise
        return api.Leg(leg, 40_000 + 2 * leg)

    def rehost(self, leg: int, host: str) -> None:
        if leg not in self.legs:
            self.mistakes.append(f"a closed leg {leg} is moved to {host}")
        self.hosts[leg] = host

    def heard_by(self, leg: int) -> list[int]:
        """The legs whose voices come to this one; none while music or a prompt covers them."""
        row = self.legs[leg]
        if row.music is not None or row.play is not None:
            return []
        rooms = [number for number, members in self.bridges.items() if leg in members]
        return [
            one
            for number in rooms
            for one in self.hears[number].get(leg, self.bridges[number])
            if one != leg and one in self.bridges[number] and one not in self.muted[number]
        ]

    def send(self, command: api.Command) -> None:
        leg = getattr(command, "leg", None)
        if leg is not None and leg not in self.legs:
            self.mistakes.append(f"{command} for a leg that is closed")
            return
        match command:
            case api.Bridge():
                self._bridge(command)
            case api.Unbridge(bridge):
                self.bridges.pop(bridge, None)
            case api.Play():
                self._play(command)
            case api.StopPlay(leg=number):
                self._stop(number, api.PlayEnd.STOPPED)
            case api.Music(leg=number, path=path):
                self.legs[number].music = path
            case api.StopMusic(leg=number):
                self.legs[number].music = None
            case api.SendDigits(leg=number, digits=digits):
                self.legs[number].digits += digits
            case api.GetStats(leg=number):
                self.packets += 1  # every phone always speaks
                self._tell(api.Stats(number, api.LegStats(packets_in=self.packets)))
            case api.Record():
                self._record(command)
            case api.Rechannel(recording, left, right):
                self._turn(recording, left, right)
            case api.PauseRecording(recording, why):
                self.paused[recording] = why
            case api.ResumeRecording(recording):
                self.paused.pop(recording, None)
            case api.Protect(leg=number, on=on):
                (self.protected.add if on else self.protected.discard)(number)
            case api.StopRecording(recording):
                is_message = recording in self.recordings and self.recordings[recording].message
                self._end_recording(recording, "silence" if is_message else "stopped")
            case api.CloseLeg(leg=number):
                self._close(number)

    def recorded(self) -> set[int]:
        """The legs whose words are written somewhere now."""
        running = [legs for number, legs in self.turned.items() if number not in self.paused]
        return {leg for legs in running for leg in legs}

    def _record(self, command: api.Record) -> None:
        number = command.recording
        if self._is_refused(command.left + command.right) and not command.message:
            self._tell(api.Failed("Record", None, "a leg is privileged"))
            return
        self.recordings[number] = command
        self.turned[number] = command.left + command.right
        if command.message:
            loop = asyncio.get_running_loop()
            loop.call_later(SPEECH, self._end_recording, number)

    def _turn(self, number: int, left: tuple[int, ...], right: tuple[int, ...]) -> None:
        if self._is_refused(left + right) or number not in self.recordings:
            self.mistakes.append(f"a recording cannot be turned to {left + right}")
        else:
            self.turned[number] = left + right

    def _is_refused(self, legs: tuple[int, ...]) -> bool:
        talks = [members for members in self.bridges.values() if set(members) & set(legs)]
        return bool(self.protected & {*legs, *(leg for members in talks for leg in members)})

    def _end_recording(self, number: int, end: str = "silence") -> None:
        record = self.recordings.pop(number, None)
        self.turned.pop(number, None)
        self.paused.pop(number, None)
        if record is not None:
            reason = api.RecordingEnd(end)
            self._tell(api.RecordingEnded(number, record.path, SPEECH + 8.0, reason))

    def _cut(self) -> None:
        """As the engine does when somebody privileged comes into a recording."""
        for number, legs in list(self.turned.items()):
            if self._is_refused(legs) and not self.recordings[number].message:
                self.cut.append(self.recordings[number].name)
                self._end_recording(number, "privileged")

    def _bridge(self, command: api.Bridge) -> None:
        bridge, legs = command.bridge, command.legs
        self.hears[bridge] = {hearing.leg: hearing.whom for hearing in command.hears}
        self.muted[bridge] = command.muted
        taken = {one for number, members in self.bridges.items() if number != bridge
                 for one in members}  # fmt: skip
        if taken & set(legs) or not set(legs) <= set(self.legs):
            self.mistakes.append(f"bridge of {legs} beside {self.bridges}")
        self.bridges[bridge] = legs
        self._cut()

    def _play(self, command: api.Play) -> None:
        self._stop(command.leg, api.PlayEnd.STOPPED)
        row = self.legs[command.leg]
        row.play, row.items = command.play, command.items
        self.played += [] if command.loop else command.items
        if not command.loop:
            loop = asyncio.get_running_loop()
            row.timer = loop.call_later(
                PROMPT_SECONDS, self._stop, command.leg, api.PlayEnd.FINISHED
            )

    def _stop(self, leg: int, reason: api.PlayEnd) -> None:
        row = self.legs[leg]
        if row.timer is not None:
            row.timer.cancel()
            row.timer = None
        if row.play is not None:
            self._tell(api.PlayEnded(leg, row.play, reason))
            row.play, row.items = None, ()

    def _close(self, leg: int) -> None:
        self._stop(leg, api.PlayEnd.STOPPED)
        for bridge, members in list(self.bridges.items()):
            if leg in members:
                self.bridges[bridge] = tuple(one for one in members if one != leg)
                if len(self.bridges[bridge]) < 2:
                    del self.bridges[bridge]
        for number, legs in list(self.turned.items()):
            if leg in legs:
                self.turned[number] = legs = tuple(one for one in legs if one != leg)
                if not legs:
                    message = self.recordings[number].message
                    self._end_recording(number, "silence" if message else "stopped")
        self.protected.discard(leg)
        del self.legs[leg]
        self._tell(api.LegClosed(leg, api.LegStats()))

    def _tell(self, event: api.Event) -> None:
        """The engine answers later, never inside a command."""
        asyncio.get_running_loop().call_soon(self._deliver, event)

    def _deliver(self, event: api.Event) -> None:
        if self.on_event is not None:
            self.on_event(event)
