"""What would happen: the real runner with a virtual caller, virtual phones and a virtual clock.

`simulate` answers "who calls at that moment, presses these keys, while these people are away";
`ChoosingCaller` lets a chooser (a test, a random walk) decide every outcome. Neither awaits
anything, so a route of half an hour takes some microseconds.
"""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from softswitch.office.calendar import state
from softswitch.office.hours import HoursError
from softswitch.office.models import Office
from softswitch.office.numbers import pretty
from softswitch.routing.caller import (
    CallerGone,
    HangupReason,
    Priority,
    QueueOutcome,
    QueueResult,
    RingOutcome,
    RingTarget,
    VoicemailOutcome,
)
from softswitch.routing.graph import Graph
from softswitch.routing.runner import RouteResult, run
from softswitch.routing.verbs.base import End

T = TypeVar("T")

# How long things take in the virtual world; near enough to the real one to read a trace by.
PROMPT = timedelta(seconds=6)
KEY = timedelta(seconds=2)
ANSWER = timedelta(seconds=5)
TALK = timedelta(minutes=2)
MESSAGE = timedelta(seconds=30)

_ENDS = {
    End.TALK: "the caller talks to a human",
    End.MESSAGE: "the caller leaves a message",
    End.HANGUP: "the switch ends the call",
    End.REFUSED: "the caller hears busy",
    End.UNHEARD: "the caller leaves no message",
    End.LOST: "the caller is lost",
}


@dataclass(frozen=True, slots=True)
class Situation:
    """The world in which a call happens.

    `away`: no phone registered. `busy`: in another call. `silent`: rings and nobody answers.
    `keys`: pressed one after the other, each where a key is asked for; `-` presses none there.
    `full`: queues without a free place. `patience`: the caller hangs up after so long.
    """

    at: datetime
    number: str | None = None
    keys: str = ""
    away: frozenset[str] = frozenset()
    busy: frozenset[str] = frozenset()
    silent: frozenset[str] = frozenset()
    full: frozenset[str] = frozenset()
    leaves_message: bool = True
    patience: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a trace: the moment, where, and what happened."""

    at: datetime
    node: str
    text: str

    def __str__(self) -> str:
        return f"{self.at:%H:%M:%S}  {self.node:<16} {self.text}".rstrip()


@dataclass(frozen=True, slots=True)
class Story:
    """A simulated call. `result` is None when the caller gave up."""

    lines: tuple[Line, ...]
    result: RouteResult | None

    def __str__(self) -> str:
        return "\n".join(str(line) for line in self.lines)


@dataclass(slots=True)
class Trace:
    """The lines of a call while it is simulated, and its clock."""

    clock: datetime
    began: datetime
    patience: timedelta | None = None
    node: str = ""
    lines: list[Line] = field(default_factory=list)

    def tell(self, text: str) -> None:
        self.lines.append(Line(self.clock, self.node, text))

    def spend(self, duration: timedelta) -> None:
        """Let time pass; a caller whose patience ends on the way hangs up then."""
        self.clock += duration
        if self.patience is not None and self.clock - self.began > self.patience:
            self.clock = self.began + self.patience
            self.tell("the caller hangs up")
            raise CallerGone


class VirtualCaller:
    """A `Caller` (see `caller.py`) in a `Situation`."""

    def __init__(self, office: Office, called: str, situation: Situation) -> None:
        self._office = office
        self._situation = situation
        self._keys = list(situation.keys)
        at = situation.at.astimezone(office.zone)
        self.trace = Trace(at, at, situation.patience)
        self.number = situation.number
        self.name: str | None = None
        self.called = called
        self.language = office.office.language

    def now(self) -> datetime:
        return self.trace.clock

    def note(self, kind: str, /, **data: object) -> None:
        if kind == "route.entered":
            self.trace.node = str(data["node"])
        elif kind == "route.left" and data["verb"] == "hours":
            self.trace.tell(self._hours(str(data["node"]), str(data["outcome"])))

    def _hours(self, node: str, outcome: str) -> str:
        """Open or closed, with the reason."""
        written = self._office.routes.get(node, {}).get("hours", "")
        try:
            found = state(self._office, written, self.now())
        except (KeyError, HoursError):
            return outcome
        return f"{found} ({written}: {self._office.hours[written]})"

    async def answer(self) -> None:
        return

    async def play(self, prompt: str) -> None:
        self.trace.tell(f"hears {prompt}")
        self.trace.spend(PROMPT)

    async def collect(self, prompt: str, keys: frozenset[str], first: float) -> str | None:
        key = self._keys.pop(0) if self._keys else "-"
        self.trace.tell(f"hears {prompt}, presses {'nothing' if key == '-' else key}")
        if key == "-":
            self.trace.spend(PROMPT + timedelta(seconds=first))
            return None
        self.trace.spend(KEY)
        return key

    async def ring(self, target: RingTarget, seconds: float) -> RingOutcome:
        groups = [(p,) for p in target.people] if target.in_order else [target.people]
        outcome = RingOutcome.UNREACHABLE
        for people in groups:
            outcome = self._ring(people, seconds)
            if outcome is RingOutcome.ANSWERED:
                break
        return outcome

    def _ring(self, people: Sequence[str], seconds: float) -> RingOutcome:
        """Some people at once."""
        there = [p for p in people if p not in self._situation.away]
        free = [p for p in there if p not in self._situation.busy]
        willing = [p for p in free if p not in self._situation.silent]
        who = ", ".join(self._who(p) for p in people)
        if willing:
            self.trace.tell(f"rings {who}; {self._who(willing[0])} answers")
            self.trace.spend(ANSWER)
            self._talk()
            return RingOutcome.ANSWERED
        if free:
            self.trace.tell(f"rings {who} for {seconds:g} s; nobody answers")
            self.trace.spend(timedelta(seconds=seconds))
            return RingOutcome.NO_ANSWER
        outcome = RingOutcome.BUSY if there else RingOutcome.UNREACHABLE
        self.trace.tell(f"rings {who}; {outcome}")
        return outcome

    async def queue(self, queue: str, priority: Priority, keys: frozenset[str]) -> QueueResult:
        config = self._office.queues[queue]
        there = [agent for agent in config.agents if agent not in self._situation.away]
        if queue in self._situation.full:
            self.trace.tell(f"the queue {queue} is full")
            return QueueResult(QueueOutcome.FULL)
        if not there:
            self.trace.tell(f"nobody is there for the queue {queue}")
            return QueueResult(QueueOutcome.NO_AGENTS)
        unwilling = self._situation.busy | self._situation.silent
        free = [agent for agent in there if agent not in unwilling]
        if free:
            self.trace.tell(f"waits in the queue {queue}; {self._who(free[0])} answers")
            self.trace.spend(ANSWER)
            self._talk()
            return QueueResult(QueueOutcome.ANSWERED)
        if self._keys and self._keys[0] in keys:
            key = self._keys.pop(0)
            self.trace.tell(f"waits in the queue {queue} and presses {key}")
            self.trace.spend(ANSWER)
            return QueueResult(QueueOutcome.KEY, key)
        self.trace.tell(f"waits in the queue {queue} for {config.longest_wait:g} s, in vain")
        self.trace.spend(timedelta(seconds=config.longest_wait))
        return QueueResult(QueueOutcome.TOO_LONG)

    async def voicemail(self, mailbox: str) -> VoicemailOutcome:
        self.trace.tell(f"is asked for a message in the mailbox {mailbox}")
        self.trace.spend(PROMPT + MESSAGE)
        return VoicemailOutcome.STORED if self._situation.leaves_message else VoicemailOutcome.EMPTY

    async def hangup(self, reason: HangupReason) -> None:
        self.trace.tell("hears busy" if reason is HangupReason.BUSY else "is cut off")

    def _who(self, extension: str) -> str:
        person = self._office.people.get(extension)
        return f"{extension} {person.name}" if person else extension

    def _talk(self) -> None:
        self.trace.patience = None  # who talks does not wait
        self.trace.spend(TALK)


class ChoosingCaller(VirtualCaller):
    """A caller for whom `choose` picks every outcome, possible or not in any one situation."""

    def __init__(
        self,
        office: Office,
        called: str,
        situation: Situation,
        choose: Callable[[Sequence[Any]], Any],
    ) -> None:
        super().__init__(office, called, situation)
        self._choose = choose

    def _pick(self, choices: Sequence[T]) -> T:
        chosen: T = self._choose(choices)
        self.trace.tell(f"{chosen}")
        return chosen

    async def collect(self, prompt: str, keys: frozenset[str], first: float) -> str | None:
        key = self._pick([*sorted(keys), "0", "*", "-"])
        self.trace.spend(PROMPT)
        return None if key == "-" else key

    async def ring(self, target: RingTarget, seconds: float) -> RingOutcome:
        self.trace.spend(timedelta(seconds=seconds))
        return self._pick(list(RingOutcome))

    async def queue(self, queue: str, priority: Priority, keys: frozenset[str]) -> QueueResult:
        self.trace.spend(timedelta(seconds=self._office.queues[queue].longest_wait))
        choices = [QueueResult(o) for o in QueueOutcome if o is not QueueOutcome.KEY]
        return self._pick([*choices, *(QueueResult(QueueOutcome.KEY, k) for k in sorted(keys))])

    async def voicemail(self, mailbox: str) -> VoicemailOutcome:
        self.trace.spend(PROMPT + MESSAGE)
        return self._pick(list(VoicemailOutcome))


def simulate(graph: Graph, called: str, situation: Situation) -> Story:
    """The story of one call to a number, a person, a queue or a route. `KeyError`: no such."""
    return walk(graph, called, VirtualCaller(graph.office, called, situation))


def walk(graph: Graph, called: str, caller: VirtualCaller) -> Story:
    """Lead a virtual caller to an end."""
    start = graph.start(called)
    if start is None:
        raise KeyError(called)
    number = caller.number
    who = pretty(number, graph.office.country) if number else "a withheld number"
    caller.trace.tell(f"{who} calls {pretty(called, graph.office.country)}")
    try:
        result = _finish(run(graph, start, caller))
    except CallerGone:
        return Story(tuple(caller.trace.lines), None)
    caller.trace.tell(f"end: {_ENDS[result.end]}")
    return Story(tuple(caller.trace.lines), result)


def _finish(coroutine: Coroutine[Any, Any, RouteResult]) -> RouteResult:
    """Run a coroutine that never really waits, without an event loop."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        result: RouteResult = done.value
        return result
    coroutine.close()
    raise RuntimeError("a virtual caller must not wait")
