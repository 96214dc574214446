"""The control side of the media engine: carries commands to the workers and their events back.

It knows what is wanted of every leg, so it can say all of it again to the worker that takes a dead
one's place, on the same ports: no far phone needs to be asked (media/placing.py). Only what no
worker could take over is told as lost.
"""

import asyncio
import itertools
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from media.commands import (
    Bridge,
    CloseLeg,
    Command,
    Event,
    Failed,
    LegClosed,
    LegOpened,
    LegStats,
    MediaSettings,
    PlayEnded,
    SetCountry,
    Unbridge,
    WorkerDied,
    WorkerLost,
    WorkerReady,
    WorkerRepaired,
)
from media.link import LegRefused, WorkerGone
from media.placing import Placing
from media.recording_commands import (
    PauseRecording,
    Rechannel,
    Record,
    RecordingEnded,
    ResumeRecording,
    StopRecording,
)
from media.standby import Standby
from media.wanted import WantedLeg
from media.workforce import Workforce

# A leg waits so long for a worker that is being started; its caller hears a slow network.
PATIENCE = 10.0
# The office is put together within a second of the workers' start.
MAX_UNTOLD = 64
# How often it is looked whether legs wait for calls that do not come.
LOOK_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Leg:
    """An open leg: its number, and the local RTP port (RTCP is the next one)."""

    id: int
    port: int


class MediaClient:
    """Starts the workers, carries commands to them and their events to `on_event`."""

    def __init__(
        self,
        on_event: Callable[[Event], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._on_event = on_event
        # What workers said before anybody listened: in which form their loops run, for one.
        self._untold = deque[Event](maxlen=MAX_UNTOLD)
        self._clock = clock
        self._ids = itertools.count(1)
        self._workers = workers = Workforce(clock)
        workers.on_event, workers.on_hopeless = self._hear, self._give_up
        workers.on_down, workers.on_up = self._down, self._up
        self._placing = Placing(workers, self._tell, clock)
        self._wanted = self._placing.wanted
        self._standby = Standby(workers.send, self.new_id)
        self._look: asyncio.TimerHandle | None = None
        self._opening: dict[int, asyncio.Future[int]] = {}
        self._died_at: dict[int, float] = {}

    @property
    def on_event(self) -> Callable[[Event], None] | None:
        """Who listens; whoever does first is told what was said before."""
        return self._on_event

    @on_event.setter
    def on_event(self, listener: Callable[[Event], None] | None) -> None:
        self._on_event = listener
        while listener is not None and self._untold:
            listener(self._untold.popleft())

    @property
    def processes(self) -> list[int]:
        """The workers' process numbers: for measurements."""
        return self._workers.processes()

    def new_id(self) -> int:
        """A number never given before: for legs, bridges, plays and recordings alike."""
        return next(self._ids)

    async def start(self, settings: MediaSettings) -> None:
        """Spawn the workers and wait until they listen. Raises WorkerGone, ValueError."""
        await self._workers.start(settings)
        self._standby.start(settings)
        self._look_again()

    def _look_again(self) -> None:
        self._standby.rest(self._clock())
        self._look = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look_again)

    async def close(self) -> None:
        """Stop the workers; they end their recordings and say BYE first."""
        if self._look is not None:
            self._look.cancel()
        self._refuse_opening("media client closed")
        await self._workers.close()

    def dump(self) -> dict[str, int]:
        """Counts for leak checks: all zero when no call is up."""
        return {**self._wanted.dump(), "opening": len(self._opening)}

    def dump_standby(self) -> dict[str, int]:
        """Counts of the legs that wait for calls."""
        return self._standby.dump()

    # --- legs ---

    async def open_leg(self, host: str, beside: int | None = None) -> Leg:
        """A leg with a port pair on the local address `host`, in the worker of the leg `beside`, or
        in the one that has the fewest; at once, if that has one ready. Raises LegRefused,
        WorkerGone.
        """
        refusal = LegRefused("no media worker")
        for post in self._placing.by_load(beside):
            try:
                leg = self._ready(host, post) or await self._open(self.new_id(), host, post)
            except LegRefused as error:
                refusal = error
                continue
            if self._workers.is_up(post):
                self._standby.fill(post, host, self._clock())
            return leg
        if not self._workers.posts:
            raise WorkerGone("no media worker")
        raise refusal

    def _ready(self, host: str, post: int) -> Leg | None:
        ready = self._standby.take(post, host)
        if ready is None:
            return None
        self._placing.adopt(ready.number, host, post, ready.port)
        return Leg(*ready)

    async def _open(self, leg: int, host: str, post: int) -> Leg:
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[int] = loop.create_future()
        self._opening[leg] = waiting
        self._placing.open(leg, host, post)
        patience = loop.call_later(PATIENCE, _give_up_waiting, waiting)
        try:
            return Leg(leg, await waiting)
        except TimeoutError:
            self.send(CloseLeg(leg))
            raise WorkerGone("there is no media worker") from None
        except asyncio.CancelledError:
            self.send(CloseLeg(leg))
            raise
        except (LegRefused, WorkerGone):
            self._wanted.legs.pop(leg, None)
            raise
        finally:
            patience.cancel()
            self._opening.pop(leg, None)

    def _answered(self, event: LegOpened | Failed) -> None:
        """To an OpenLeg: somebody waits for it, or the leg was opened again."""
        waiting = self._opening.get(event.leg or 0)
        if isinstance(event, LegOpened):
            self._wanted.hear(event)
            if waiting is not None and not waiting.done():
                waiting.set_result(event.port)
        elif waiting is not None:
            if not waiting.done():
                waiting.set_exception(LegRefused(event.reason))
        elif event.leg in self._wanted.legs:
            self._lose((event.leg,), event.reason)

    def _refuse_opening(self, why: str) -> None:
        for waiting in self._opening.values():
            if not waiting.done():
                waiting.set_exception(WorkerGone(why))

    def rehost(self, leg: int, host: str) -> None:
        """Our address toward its far phone is another one now: the leg goes on from there, on the
        same ports, some milliseconds later. Harmless if nothing is new."""
        self._placing.rehost(leg, host)

    # --- commands ---

    def send(self, command: Command) -> None:
        """Never blocks. What a worker that is gone should know, its successor is told."""
        placing = self._placing
        placing.wanted.fold(command, self._clock())
        match command:
            case Bridge():
                placing.unite(command.legs)
                placing.join(command.bridge)
            case Unbridge():
                placing.part(command)
            case Record():
                placing.unite(command.left + command.right)
                placing.roll(command.recording)
            case Rechannel():
                placing.turn(command)
            case PauseRecording() | ResumeRecording() | StopRecording():
                placing.tell_recording(command)
            case SetCountry():
                placing.tell_all(command)
            case _:
                placing.tell_leg(command)

    # --- events ---

    def _tell(self, event: Event) -> None:
        self._wanted.hear(event)
        if self._on_event is None:
            self._untold.append(event)
        else:
            self._on_event(event)

    def _hear(self, post: int, event: Event) -> None:
        """One event from a worker."""
        if self._standby.hear(event):
            return
        leg = self._wanted.legs.get(getattr(event, "leg", None) or 0)
        match event:
            case WorkerReady():
                pass
            case LegOpened() | Failed("OpenLeg"):
                self._answered(event)
            case LegClosed() if leg is not None:
                self._placing.closed(leg, event)
            case RecordingEnded() if self._placing.is_on_its_way(event):
                pass
            case PlayEnded() if leg is not None and (leg.worker != post or leg.leaving == post):
                pass  # it goes on where the leg has moved to
            case _:
                self._tell(event)

    def _down(self, post: int, reason: str) -> None:
        self._died_at[post] = self._clock()
        self._standby.down(post)
        self._tell(WorkerDied(reason, self._placing.down(post)))

    def _up(self, post: int) -> None:
        legs = self._placing.up(post)
        process = self._workers.posts[post].link
        number = process.process if process is not None else None
        took = round(self._clock() - self._died_at.get(post, self._clock()), 3)
        self._tell(WorkerRepaired(number or 0, legs, took))

    def _give_up(self, post: int, reason: str) -> None:
        self._lose(tuple(leg.number for leg in self._of(post)), reason)

    def _of(self, post: int) -> list[WantedLeg]:
        legs = self._wanted.legs.values()
        return [leg for leg in legs if leg.worker == post and leg.number not in self._opening]

    def _lose(self, legs: tuple[int, ...], reason: str) -> None:
        """No worker has them any more, and none will."""
        for number in legs:
            self._wanted.fold(CloseLeg(number), self._clock())
        self._tell(WorkerLost(reason, legs))
        for number in legs:
            if number in self._wanted.legs:
                self._tell(LegClosed(number, self._wanted.legs[number].before or LegStats()))


def _give_up_waiting(answer: asyncio.Future[int]) -> None:
    if not answer.done():
        answer.set_exception(TimeoutError())
