"""A new version of the office on trial: what takes it back, decided without a clock of its own.

For some minutes after a reload the switch looks at what the new version does, and goes back to the
one before when nobody has confirmed it in time (if that was asked for), when a trunk that this
version changed has lost its registration, or when calls that began with it meet faults of ours that
calls before it did not. Fates that have other causes are no reason: a line that is down takes every
trunk away, a full disk fails calls of each version.
"""

from collections import deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from softswitch.office.loader import LoadedOffice
from softswitch.store.events import Event
from softswitch.wording import Said, say

# A changed account registers within seconds; a provider may want it twice.
TRUNK_GRACE = 60.0
# Whom a provider refuses by name does not try again for minutes: waiting would only lose calls.
REFUSED_GRACE = 5.0
# One call in trouble may be anybody's; the second one is this version's.
FAULTS = 2
# So far back is looked for calls that failed already, or as far as the trial lasts.
BEFORE = 600.0
# Calls that are up at once, and some that never ended; faults of a bad hour.
_MOST_CALLS, _MOST_FAULTS = 10_000, 1000
REGISTERED, REFUSED = "registered", "refused"


@dataclass(frozen=True, slots=True)
class Version:
    """An accepted version: name, text, and the office unless a run before this one had it."""

    name: str
    text: str
    office: LoadedOffice | None


class CallFaults:
    """A reader of the event log: calls that met faults of ours, by the version they began with.

    `kinds`: of the events that it is to see.
    """

    kinds = frozenset({"call.started", "route.left", "route.ended", "call.ended"})

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._version = 0
        self._calls: dict[str, int] = {}
        self._faulty: set[str] = set()
        self._faults: deque[tuple[float, int]] = deque(maxlen=_MOST_FAULTS)

    def see(self, event: Event) -> None:
        """Never waits, never raises."""
        if event.kind == "call.started":
            while len(self._calls) >= _MOST_CALLS:
                self._forget(next(iter(self._calls)))
            self._calls[event.call] = self._version
        elif event.call in self._calls and _is_fault(event) and event.call not in self._faulty:
            self._faulty.add(event.call)
            self._faults.append((self._clock(), self._calls[event.call]))
        if event.kind == "call.ended":
            self._forget(event.call)

    def next_version(self) -> None:
        """Calls that begin from now on are led by another one."""
        self._version += 1

    def met_now(self) -> int:
        """Calls of the version in force that met a fault."""
        return sum(version == self._version for _, version in self._faults)

    def met_before(self, since: float) -> int:
        """Those of earlier ones, from then on."""
        return sum(at >= since and version != self._version for at, version in self._faults)

    def dump(self) -> dict[str, int]:
        return {"watched calls": len(self._calls)}

    def _forget(self, call: str) -> None:
        self._calls.pop(call, None)
        self._faulty.discard(call)


def _is_fault(event: Event) -> bool:
    """A step that failed with a reason of ours, a caller who was lost, a call that broke."""
    if event.kind == "route.left":
        return "reason" in event.data
    if event.kind == "route.ended":
        return event.data.get("end") == "lost"
    return event.kind == "call.ended" and event.data.get("status") == 500


@dataclass(slots=True)
class Trial:
    """One version on trial. Times are seconds of one clock.

    `before`: what the switch goes back to. `watched`: trunks that were registered before, and that
    this version changed.
    """

    before: Version
    version: str
    began: float
    ends: float
    must_be_confirmed: bool
    watched: Collection[str] = ()
    _away: dict[str, float] = field(default_factory=dict)

    def fault(self, now: float, trunks: Mapping[str, str], calls: CallFaults) -> Said | None:
        """Why it is to be taken back. `trunks`: the state of each."""
        for name in self.watched:
            state = trunks.get(name)
            grace = REFUSED_GRACE if state == REFUSED else TRUNK_GRACE
            if state == REGISTERED:
                self._away.pop(name, None)
            elif now - self._away.setdefault(name, now) >= grace:
                return say("trial_trunk", trunk=name)
        met = calls.met_now()
        if met >= FAULTS and met > calls.met_before(self.began - max(now - self.began, BEFORE)):
            return say("trial_calls", count=met)
        if self.must_be_confirmed and self.is_over(now):
            return say("trial_unconfirmed")
        return None

    def is_over(self, now: float) -> bool:
        return now >= self.ends


def changed_trunks(before: Version, after: LoadedOffice) -> set[str]:
    """Trunks of both that the new version writes otherwise, and still registers."""
    old = before.office.office.trunks if before.office is not None else {}
    new = after.office.trunks
    return {
        name
        for name in old.keys() & new.keys()
        if old[name] != new[name] and new[name].enabled and new[name].register_
    }
