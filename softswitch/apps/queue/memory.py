"""What agents did of late, by the event log: what strategies and wrap-up need after a restart.

Pure: events of calls go in, in the order of each call; out comes since when each person has been
idle, until when he wraps up, and whom each queue's round had come to. A running switch knows it by
itself (`calls/people`, `assignment`), so this is asked once, at the start.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from softswitch.store.event import Event
from softswitch.store.fold import text


@dataclass(slots=True)
class _Call:
    """A call so far. `talks`: who is in it besides its caller; `agents`: of which queue."""

    caller: str | None = None
    rung: frozenset[str] = frozenset()
    talks: set[str] = field(default_factory=set)
    agents: dict[str, str] = field(default_factory=dict)


class Memory:
    """`wrap_up`: of a queue, in seconds. Bounded by the calls that are read."""

    def __init__(self, wrap_up: Callable[[str], float]) -> None:
        self._wrap_up = wrap_up
        self._calls: dict[str, _Call] = {}
        self._rounds: dict[str, tuple[datetime, str]] = {}
        self.idle_since: dict[str, datetime] = {}
        self.wraps_up_until: dict[str, datetime] = {}

    @property
    def rounds(self) -> Mapping[str, str]:
        """By queue, who was rung last, alone."""
        return {queue: agent for queue, (_, agent) in self._rounds.items()}

    def see(self, event: Event) -> None:
        """Take an event of any call; those of other things are passed over."""
        step = _STEPS.get(event.kind)
        if step is not None:
            step(self, event, self._calls.setdefault(event.call, _Call()))

    def _begun(self, event: Event, call: _Call) -> None:
        if event.data.get("direction") != "in":
            call.caller = text(event.data.get("number"))

    def _rings(self, event: Event, call: _Call) -> None:
        call.rung = _people(event)
        queue = text(event.data.get("key"))
        if event.data.get("kind") == "queue" and queue is not None and len(call.rung) == 1:
            self._round(queue, event.at, *call.rung)

    def _rang_out(self, event: Event, call: _Call) -> None:
        for one in call.rung | _people(event):
            self._free(one, event.at)
        call.rung = frozenset()

    def _promise_rang(self, event: Event, _call: _Call) -> None:
        """Nobody came who was rung for a promised call; it has no call of its own yet."""
        who, queue = _people(event), text(event.data.get("queue"))
        for one in who:
            self._free(one, event.at)
        if queue is not None and len(who) == 1:
            self._round(queue, event.at, *who)

    def _left(self, event: Event, call: _Call) -> None:
        """Somebody has a caller of the queue, or calls one who was promised it."""
        queue, who = text(event.data.get("queue")), text(event.data.get("who"))
        if queue is None or who is None:
            self._rang_out(event, call)  # nobody has him: whoever was rung for him is free
            return
        call.agents[who] = queue
        call.talks.add(who)
        self._silenced(event, call, who)
        if event.kind == "queue.returned":
            self._round(queue, event.at, who)

    def _talks(self, event: Event, call: _Call) -> None:
        who = text(event.data.get("who")) or ""
        call.talks.add(who)
        self._silenced(event, call, who)

    def _talked(self, event: Event, call: _Call) -> None:
        who = text(event.data.get("who")) or ""
        call.talks.discard(who)
        self._done(who, event.at, call)

    def _ended(self, event: Event, call: _Call) -> None:
        """Also of a call that the end of the process cut off."""
        for who in call.talks | ({call.caller} if call.caller else set()):
            self._done(who, event.at, call)
        self._rang_out(event, call)
        self._calls.pop(event.call, None)

    def _silenced(self, event: Event, call: _Call, who: str) -> None:
        for other in call.rung - {who}:
            self._free(other, event.at)
        call.rung = frozenset()

    def _done(self, who: str, at: datetime, call: _Call) -> None:
        self._free(who, at)
        queue = call.agents.pop(who, None)
        if queue is not None:
            until = at + timedelta(seconds=self._wrap_up(queue))
            self.wraps_up_until[who] = max(until, self.wraps_up_until.get(who, until))

    def _free(self, who: str, at: datetime) -> None:
        self.idle_since[who] = max(at, self.idle_since.get(who, at))

    def _round(self, queue: str, at: datetime, agent: str) -> None:
        if queue not in self._rounds or at >= self._rounds[queue][0]:
            self._rounds[queue] = (at, agent)


def _people(event: Event) -> frozenset[str]:
    return frozenset(one for one in event.data.get("who") or () if isinstance(one, str))


_STEPS = {
    "call.started": Memory._begun,
    "ring.started": Memory._rings,
    "ring.failed": Memory._rang_out,
    "promise.rang": Memory._promise_rang,
    "queue.left": Memory._left,
    "queue.returned": Memory._left,
    "bridge.started": Memory._talks,
    "bridge.ended": Memory._talked,
    "call.ended": Memory._ended,
}
KINDS = frozenset(_STEPS)
"""The kinds of events that matter here."""
