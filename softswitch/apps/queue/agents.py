"""In which state an agent is: the one verified machine of those who answer queues. Pure.

What the state follows from is known elsewhere and by one owner each: calls and rests by
`calls/people.py`, settings by `calls/standing.py`, phones by the registrar. So the state is read
off the facts at every look and never stored: nobody can be left "reserved" or "talking" by a step
that was forgotten, and a reload has nothing to lose. The rows of the table are looked at from top
to bottom; the first whose question is answered by yes is the state.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class AgentState(StrEnum):
    """What he does, as far as queues are concerned. Only who is FREE is ever rung."""

    LOGGED_OUT = "logged_out"
    ABSENT = "absent"  # by his own word, by the office file, or he forwards every call
    TALKING = "talking"  # in any call, not only in one of a queue
    RINGING = "ringing"  # or reserved, in the instant before
    UNREACHABLE = "unreachable"  # no phone is registered
    DND = "dnd"
    PAUSED = "paused"
    WRAP_UP = "wrap_up"  # writes down what the last talk was about
    RESTING = "resting"  # let a call ring out or refused it a moment ago
    FREE = "free"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is true of somebody at a moment; times are monotonic seconds."""

    is_logged_in: bool = True
    left: frozenset[str] = frozenset()  # queues for which he does not answer, though for others
    is_absent: bool = False
    has_phone: bool = True
    is_undisturbed: bool = False  # do not disturb
    is_paused: bool = False
    calls: int = 0  # ringing ones included
    rung: int = 0  # so many of them only ring
    is_reserved: bool = False  # a queue is about to ring him
    wrap_up_until: float = 0.0
    rest_until: float = 0.0
    idle: float = 0.0  # seconds since his last call

    def of(self, queue: str) -> "Facts":
        """As this queue sees him: who has left it is logged out."""
        return replace(self, is_logged_in=False) if queue in self.left else self


_TABLE: tuple[tuple[AgentState, Callable[[Facts, float], bool]], ...] = (
    (AgentState.TALKING, lambda one, now: one.calls > one.rung),
    (AgentState.RINGING, lambda one, now: one.rung > 0 or one.is_reserved),
    (AgentState.LOGGED_OUT, lambda one, now: not one.is_logged_in),
    (AgentState.ABSENT, lambda one, now: one.is_absent),
    (AgentState.UNREACHABLE, lambda one, now: not one.has_phone),
    (AgentState.DND, lambda one, now: one.is_undisturbed),
    (AgentState.PAUSED, lambda one, now: one.is_paused),
    (AgentState.WRAP_UP, lambda one, now: now < one.wrap_up_until),
    (AgentState.RESTING, lambda one, now: now < one.rest_until),
)


def state_of(one: Facts, now: float) -> AgentState:
    """The first row of the table that is true; else he is free."""
    return next((state for state, is_true in _TABLE if is_true(one, now)), AgentState.FREE)


class Manned(StrEnum):
    """Whether a queue can be answered at all; each but the first is an exit of its own."""

    YES = "yes"
    NOBODY = "nobody"  # all have gone
    UNREACHABLE = "unreachable"  # of those who are there, nobody can be rung now or after a talk


# Who has gone home, and who is there and cannot be rung whatever he does at the moment.
_GONE = (lambda one: not one.is_logged_in, lambda one: one.is_absent)
_DEAF = (lambda one: not one.has_phone, lambda one: one.is_undisturbed)


def manned(agents: Iterable[Facts]) -> Manned:
    """What stands behind the calls they are in counts: who talks and has logged out has gone."""
    there = [one for one in agents if not any(is_gone(one) for is_gone in _GONE)]
    if not there:
        return Manned.NOBODY
    if all(any(is_deaf(one) for is_deaf in _DEAF) for one in there):
        return Manned.UNREACHABLE
    return Manned.YES
