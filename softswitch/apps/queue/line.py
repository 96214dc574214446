"""The line of one queue: who waits, since when, in which order. Pure; knows no phone and no clock.

Order: higher priority first, then who came first. The order of two callers never changes while both
wait, so nobody is overtaken by somebody who came later with the same priority.
"""

from bisect import insort
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(slots=True, eq=False)
class Waiting:
    """One caller in a line; `tried` are the agents that let his call ring out in this round."""

    call: str
    priority: int
    since: float
    tried: set[str] = field(default_factory=set)

    @property
    def order(self) -> tuple[int, float]:
        return (-self.priority, self.since)


class Line:
    """Callers in the order in which they are served, at most `places` of them."""

    def __init__(self) -> None:
        self._waiting: list[Waiting] = []

    def __len__(self) -> int:
        return len(self._waiting)

    def __iter__(self) -> Iterator[Waiting]:
        return iter(tuple(self._waiting))

    def is_full(self, places: int) -> bool:
        return len(self._waiting) >= places

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
