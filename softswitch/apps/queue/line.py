"""The line of one queue: who waits, since when, in which order. Pure; knows no phone and no clock.

Order: higher priority first, then who came first. The order of two callers changes only when the
office changes a priority, so nobody is overtaken by somebody who came later with the same one.
"""

from bisect import insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum


class CallerState(Enum):
    """What becomes of a caller; `_MOVES` has every step there is."""

    WAITING = "waiting"
    OFFERED = "offered"  # agents are rung for him
    ANSWERED = "answered"
    LEFT = "left"  # hung up, an exit was due, or he goes and is called back


_MOVES: dict[CallerState, frozenset[CallerState]] = {
    CallerState.WAITING: frozenset({CallerState.OFFERED, CallerState.ANSWERED, CallerState.LEFT}),
    CallerState.OFFERED: frozenset({CallerState.WAITING, CallerState.ANSWERED, CallerState.LEFT}),
    # Whoever answered hung up before the two were joined: the caller waits on, in his place.
    CallerState.ANSWERED: frozenset({CallerState.WAITING}),
    CallerState.LEFT: frozenset(),
}


@dataclass(slots=True, eq=False)
class Waiting:
    """One caller in a line; `tried` are the agents that let his call ring out in this round.

    `since`: when he came, monotonic. `is_promised`: he has hung up and is called when it is his
    turn; only while `is_ready`. `kept`: since when a place was kept for him, who has called again
    by himself. `agents`: who is rung for him. `node`: of the route, where his priority is written.
    """

    call: str
    priority: int
    since: float
    queue: str = ""
    node: str | None = None
    is_promised: bool = False
    is_ready: bool = True
    kept: float | None = None
    state: CallerState = CallerState.WAITING
    tried: set[str] = field(default_factory=set)
    agents: tuple[str, ...] = ()

    @property
    def order(self) -> tuple[int, float]:
        return (-self.priority, self.since if self.kept is None else self.kept)

    def move(self, to: CallerState) -> bool:
        """Take a step; False, and nothing done, when there is no such step."""
        if to not in _MOVES[self.state]:
            return False
        self.state = to
        return True


class Line:
    """Callers in the order in which they are served, at most `places` of them on the phone."""

    def __init__(self) -> None:
        self._waiting: list[Waiting] = []

    def __len__(self) -> int:
        return len(self._waiting)

    def __iter__(self) -> Iterator[Waiting]:
        return iter(tuple(self._waiting))

    def is_full(self, places: int) -> bool:
        """Who has hung up and is to be called takes no place of those who are on the phone."""
        return sum(not one.is_promised for one in self._waiting) >= places

    def join(self, waiting: Waiting) -> int:
        """Enter the line; returns the position, counted from 1."""
        insort(self._waiting, waiting, key=lambda other: other.order)
        return self.position(waiting)

    def leave(self, waiting: Waiting) -> None:
        """Out of the line, served or not; leaving twice is harmless."""
        if waiting in self._waiting:
            self._waiting.remove(waiting)

    def position(self, waiting: Waiting) -> int:
        """1 for the next to be served. Raises `ValueError` when not in the line."""
        return self._waiting.index(waiting) + 1

    def rank(self, waiting: Waiting, priority: int) -> None:
        """The office has given him another priority while he waits."""
        if waiting.priority != priority and waiting in self._waiting:
            self._waiting.remove(waiting)
            waiting.priority = priority
            self.join(waiting)
