"""What a queue has done since midnight, read from the event log. Pure.

Nothing is counted anywhere else, so the figures are the log's own: every caller who came is in
exactly one of the ways in which one leaves a queue, or waits.

    offered = answered + abandoned + too_long + full + no_agents + unreachable + key + called_back
              + interrupted (by a restart) + waiting
"""

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from typing import Any

from softswitch.apps.queue.agents import AgentState
from softswitch.store.event import Event
from softswitch.store.fold import INTERRUPTED, seconds, text

# Talks after which the past says enough of how long one takes; before the first one, this long.
LATEST_TALKS, USUAL_TALK = 20, 180.0
# Waits of a day that are kept one by one, for the percentile.
MOST_WAITS = 10_000
# Who will be there for the callers: whatever he does now, he does not do it for ever.
STAFFED = frozenset(
    {
        AgentState.FREE,
        AgentState.TALKING,
        AgentState.RINGING,
        AgentState.WRAP_UP,
        AgentState.RESTING,
    }
)
ANSWERED, ABANDONED = "answered", "abandoned"


def expected_wait(position: int, staffed: int, handling: float) -> float | None:
    """Seconds until the one at this place is served; None when nobody is there to serve him.

    Each of `staffed` people ends a call every `handling` seconds, so one ends every
    handling / staffed of them (Little's law, in its simplest case).
    """
    return position * handling / staffed if staffed else None


@dataclass(slots=True)
class AgentDay:
    """One agent of one queue."""

    answered: int = 0
    returned: int = 0  # of those who were promised a call, so many had it from him
    missed: int = 0  # rung for a caller, and did not come
    talk: float = 0.0


@dataclass(slots=True)
class QueueDay:
    """One queue, since midnight. `left`: by how one leaves it."""

    left: Counter[str] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)  # of those who were answered
    agents: dict[str, AgentDay] = field(default_factory=dict)
    talks: deque[float] = field(default_factory=lambda: deque(maxlen=LATEST_TALKS))

    def agent(self, extension: str) -> AgentDay:
        return self.agents.setdefault(extension, AgentDay())

    @property
    def answered(self) -> int:
        return self.left[ANSWERED]

    @property
    def returned(self) -> int:
        """How many of those who were promised a call had somebody who made it."""
        return sum(one.returned for one in self.agents.values())

    def within(self, limit: float) -> int:
        """How many of them were answered in time."""
        return sum(wait <= limit for wait in self.waits)

    def service_level(self, limit: float) -> float | None:
        """The share of all who came that was answered within `limit` seconds; None without any."""
        offered = sum(self.left.values())
        return self.within(limit) / offered if offered else None

    def average_wait(self) -> float | None:
        return sum(self.waits) / len(self.waits) if self.waits else None

    def percentile(self, share: float) -> float | None:
        """The wait that this share of the answered had at most."""
        ordered = sorted(self.waits)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else None


@dataclass(slots=True)
class _Call:
    """A call in progress that came to a queue."""

    queue: str
    rings: bool = False
    agent: str | None = None


class Figures:
    """Fed by the event log. Bounded by the queues and agents of a day and the calls in progress."""

    def __init__(self, zone: tzinfo | None = None) -> None:
        self.zone = zone
        self._day: date | None = None
        self._queues: dict[str, QueueDay] = {}
        self._calls: dict[str, _Call] = {}
        self._talks: dict[str, deque[float]] = {}

    def queue(self, key: str) -> QueueDay:
        """The figures of one queue."""
        day = self._queues.get(key)
        if day is None:
            day = self._queues[key] = QueueDay()
            day.talks = self._talks.setdefault(key, day.talks)
        return day

    def handling(self, key: str, wrap_up: float) -> float:
        """How long a caller of this queue keeps somebody busy, of late."""
        talks = self.queue(key).talks
        return (sum(talks) / len(talks) if talks else USUAL_TALK) + wrap_up

    def served(self, key: str, agent: str) -> int:
        """How many callers of this queue the agent has had today."""
        known = self.queue(key).agents.get(agent)
        return 0 if known is None else known.answered + known.returned

    def see(self, event: Event) -> None:
        """Take an event of any call, of the day of the last `turn`; others are passed over."""
        step = _STEPS.get(event.kind)
        if step is not None:
            step(self, event.call, event.data)

    def turn(self, at: datetime) -> None:
        """A new day begins with the first look after midnight."""
        today = at.astimezone(self.zone).date()
        if self._day != today:
            self._day, self._queues = today, {}

    def _entered(self, call: str, data: Mapping[str, Any]) -> None:
        self._calls[call] = _Call(text(data.get("queue")) or "")

    def _left(self, call: str, data: Mapping[str, Any]) -> None:
        queue, outcome = text(data.get("queue")) or "", text(data.get("outcome")) or ""
        waited, day = seconds(data.get("waited")) or 0.0, self.queue(queue)
        day.left[outcome] += 1
        agent = text(data.get("who"))
        if outcome != ANSWERED:
            self._calls.pop(call, None)
            return
        if len(day.waits) < MOST_WAITS:
            day.waits.append(waited)
        if agent is not None:
            day.agent(agent).answered += 1
            self._calls[call] = _Call(queue, agent=agent)

    def _returned(self, _call: str, data: Mapping[str, Any]) -> None:
        queue, agent = text(data.get("queue")), text(data.get("who"))
        if queue is not None and agent is not None:
            self.queue(queue).agent(agent).returned += 1

    def _rings(self, call: str, data: Mapping[str, Any]) -> None:
        known = self._calls.get(call)
        if known is not None:
            known.rings = data.get("kind") == "queue"

    def _missed(self, call: str, data: Mapping[str, Any]) -> None:
        known = self._calls.get(call)
        if known is not None and known.rings and known.agent is None:
            for agent in data.get("who", ()):
                self.queue(known.queue).agent(agent).missed += 1

    def _talked(self, call: str, data: Mapping[str, Any]) -> None:
        known = self._calls.get(call)
        if known is None or known.agent is None or data.get("who") != known.agent:
            return
        talk, day = seconds(data.get("seconds")) or 0.0, self.queue(known.queue)
        day.agent(known.agent).talk += talk
        day.talks.append(talk)

    def _ended(self, call: str, _data: Mapping[str, Any]) -> None:
        """Who waits when the switch stops leaves his queue by no word of his own."""
        known = self._calls.pop(call, None)
        if known is not None and known.agent is None:
            self.queue(known.queue).left[INTERRUPTED] += 1

    def forget_calls(self) -> None:
        """Those of a process that has ended come to no end of their own."""
        self._calls.clear()

    def dump(self) -> dict[str, int]:
        """Counts for the leak check."""
        return {"queue calls": len(self._calls)}


_STEPS = {
    "queue.entered": Figures._entered,
    "queue.left": Figures._left,
    "queue.returned": Figures._returned,
    "ring.started": Figures._rings,
    "ring.failed": Figures._missed,
    "bridge.ended": Figures._talked,
    "call.ended": Figures._ended,
}
KINDS = frozenset(_STEPS)
"""The kinds of events that are counted."""
