"""What the control side wants of the media engine: every leg, bridge and recording as it should be.

Commands are folded in as they are sent, and events as they come; what then stands here can be said
again to another worker, when the one that knew it is gone. Pure bookkeeping; times are parameters.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from msgspec.structs import replace

from media.commands import (
    Bridge,
    CloseLeg,
    Command,
    Echo,
    Event,
    Failed,
    LegClosed,
    LegOpened,
    LegStats,
    Music,
    OpenLeg,
    Play,
    PlayEnded,
    SetRemote,
    StopMusic,
    StopPlay,
    Unbridge,
)
from media.recording_commands import (
    PauseRecording,
    Protect,
    Rechannel,
    Record,
    RecordingEnded,
    ResumeRecording,
    StopRecording,
)
from media.srtp_commands import Rolled

_COUNTED = (
    *("packets_in", "packets_out", "octets_in", "octets_out", "lost_in", "late_in"),
    *("duplicate_in", "strangers", "seconds"),
)


@dataclass(slots=True)
class WantedLeg:
    """One leg. `worker` is where it lives; until it is settled there, nothing is said to it, and
    while it is leaving another worker it cannot be.
    """

    number: int
    host: str
    worker: int
    port: int = 0
    is_settled: bool = True
    leaving: int | None = None
    is_closing: bool = False
    remote: SetRemote | None = None
    guard: Protect | None = None
    echo: Echo | None = None
    music: Music | None = None
    play: Play | None = None
    rolled: Rolled | None = None
    # What was counted in workers that it has left.
    before: LegStats | None = None

    def again(self) -> Iterator[Command]:
        """All that makes the leg what it is, but its bridge."""
        yield OpenLeg(self.number, self.host, self.port)
        parts = (self._remote_again(), self.guard, self.echo, self.music, self.play)
        yield from (part for part in parts if part is not None)

    def _remote_again(self) -> SetRemote | None:
        """With where an encrypted stream is: its packets tell only half of it."""
        remote, rolled = self.remote, self.rolled
        if remote is None or remote.srtp is None or rolled is None:
            return remote
        keys = replace(remote.srtp, source=rolled.source, rollover=rolled.rollover)
        return replace(remote, srtp=keys)


@dataclass(slots=True)
class WantedRecording:
    """One recording; `worker` is None while none of them makes it."""

    command: Record
    began: float
    worker: int | None = None
    last_worker: int | None = None
    paused: float = 0.0  # seconds of pauses that are over
    pause: PauseRecording | None = None
    paused_at: float = 0.0
    is_stopping: bool = False
    # It was stopped in one worker only to go on in another.
    is_moving: bool = False

    @property
    def legs(self) -> tuple[int, ...]:
        return self.command.left + self.command.right

    def again(self, now: float) -> Iterator[Command]:
        """It goes on in its file."""
        until = self.paused_at if self.pause is not None else now
        length = until - self.began - self.paused
        yield replace(self.command, resume=max(0.001, round(length, 3)))
        if self.pause is not None:
            yield self.pause
        if self.is_stopping:
            yield StopRecording(self.command.recording)


@dataclass(slots=True)
class Wanted:
    """Everything. `joined`: in which worker a bridge stands, if in one."""

    legs: dict[int, WantedLeg] = field(default_factory=dict)
    bridges: dict[int, Bridge] = field(default_factory=dict)
    joined: dict[int, int] = field(default_factory=dict)
    recordings: dict[int, WantedRecording] = field(default_factory=dict)
    # By leg, so that a call costs as much beside a thousand others as alone.
    _bridge_of: dict[int, int] = field(default_factory=dict)
    _recorded: dict[int, set[int]] = field(default_factory=dict)

    def fold(self, command: Command, now: float) -> None:
        """One command that is being sent. `OpenLeg` is not one of them: who opens adds the leg."""
        match command:
            case Bridge():
                self._bridge(command)
            case Unbridge(bridge):
                self._drop(bridge)
            case Record(recording=number):
                self._end(number)
                self.recordings[number] = WantedRecording(command, now)
                self._list(number)
            case Rechannel() | PauseRecording() | ResumeRecording() | StopRecording():
                self._fold_recording(command, now)
            case CloseLeg(leg=number):
                self._close(number)
            case _:
                leg = self.legs.get(getattr(command, "leg", -1))
                if leg is not None:
                    _fold_leg(leg, command)

    def _bridge(self, command: Bridge) -> None:
        """A leg is in one bridge at most."""
        for leg in command.legs:
            self._leave(leg)
        self._drop(command.bridge)
        self._put(command)

    def _put(self, command: Bridge) -> None:
        self.bridges[command.bridge] = command
        self._bridge_of.update(dict.fromkeys(command.legs, command.bridge))

    def _drop(self, bridge: int) -> None:
        command = self.bridges.pop(bridge, None)
        for leg in command.legs if command is not None else ():
            self._bridge_of.pop(leg, None)

    def _list(self, number: int) -> None:
        for leg in self.recordings[number].legs:
            self._recorded.setdefault(leg, set()).add(number)

    def _unlist(self, number: int) -> None:
        for leg in self.recordings[number].legs:
            numbers = self._recorded.get(leg, set())
            numbers.discard(number)
            if not numbers:
                self._recorded.pop(leg, None)

    def _end(self, number: int) -> None:
        if number in self.recordings:
            self._unlist(number)
            del self.recordings[number]

    def _leave(self, leg: int) -> None:
        """The leg is in no bridge any more."""
        bridge = self._bridge_of.get(leg)
        if bridge is None:
            return
        command = self.bridges[bridge]
        self._drop(bridge)
        rest = tuple(one for one in command.legs if one != leg)
        hears = tuple(
            replace(one, whom=tuple(who for who in one.whom if who != leg))
            for one in command.hears
            if one.leg != leg
        )
        muted = tuple(one for one in command.muted if one != leg)
        if rest:
            self._put(Bridge(bridge, rest, hears, muted))

    def _fold_recording(
        self, command: Rechannel | PauseRecording | ResumeRecording | StopRecording, now: float
    ) -> None:
        recording = self.recordings.get(command.recording)
        if recording is None:
            return
        match command:
            case Rechannel(_, left, right):
                self._turn(command.recording, left, right)
            case PauseRecording():
                if recording.pause is None:
                    recording.paused_at = now
                recording.pause = command
            case ResumeRecording():
                if recording.pause is not None:
                    recording.paused += now - recording.paused_at
                recording.pause = None
            case StopRecording():
                recording.is_stopping = True

    def _close(self, number: int) -> None:
        leg = self.legs.get(number)
        if leg is None:
            return
        leg.is_closing = True
        self._leave(number)
        for recording in sorted(self._recorded.get(number, ())):
            command = self.recordings[recording].command
            left = tuple(one for one in command.left if one != number)
            right = tuple(one for one in command.right if one != number)
            self._turn(recording, left, right)
            self.recordings[recording].is_stopping |= not left and not right

    def _turn(self, number: int, left: tuple[int, ...], right: tuple[int, ...]) -> None:
        recording = self.recordings[number]
        self._unlist(number)
        recording.command = replace(recording.command, left=left, right=right)
        self._list(number)

    def hear(self, event: Event) -> None:
        """One event that came."""
        match event:
            case LegOpened(leg, port) if leg in self.legs:
                self.legs[leg].port = port
            case Rolled(leg) if leg in self.legs:
                self.legs[leg].rolled = event
            case LegClosed(leg):
                self.legs.pop(leg, None)
            case PlayEnded(leg, play) if leg in self.legs:
                one = self.legs[leg]
                if one.play is not None and one.play.play == play:
                    one.play = None
                if play == 0:  # music that could not be read
                    one.music = None
            case RecordingEnded(recording=int(number)) | Failed("Record", recording=int(number)):
                self._end(number)

    def together(self, legs: Iterable[int]) -> set[int]:
        """These legs, and all that hear or are recorded with them, directly or not."""
        groups = [set(bridge.legs) for bridge in self.bridges.values()]
        groups += [set(recording.legs) for recording in self.recordings.values()]
        found, is_growing = set(legs), True
        while is_growing:
            near = [group for group in groups if group & found and not group <= found]
            found.update(*near)
            is_growing = bool(near)
        return found & self.legs.keys()

    def dump(self) -> dict[str, int]:
        """Counts for leak checks: all zero when no call is up."""
        return {
            "legs": len(self.legs),
            "bridges": len(self.bridges),
            "recordings": len(self.recordings),
        }


def _fold_leg(leg: WantedLeg, command: Command) -> None:
    match command:
        case SetRemote():
            leg.remote = command
        case Protect():
            leg.guard = command if command.on else None
        case Echo():
            leg.echo = command if command.on else None
        case Music():
            leg.music = command
        case StopMusic():
            leg.music = None
        case Play():
            leg.play = command
        case StopPlay():
            leg.play = None


def added(before: LegStats | None, after: LegStats) -> LegStats:
    """What was counted in two workers; what was measured is the later one's."""
    if before is None:
        return after
    sums = {name: getattr(before, name) + getattr(after, name) for name in _COUNTED}
    return replace(after, **sums, rated=after.rated.after(before.rated))
