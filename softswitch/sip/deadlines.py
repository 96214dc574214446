"""One heap for every clock of the stack, with lazy deletion.

An owner carries two numbers: `due`, when it wants to be called (`inf`: never), which it may change
as it likes and then hands itself to `update`; and `queued`, the time of its one live entry in the
heap, which belongs to this file. Moving a deadline to later costs nothing: the old entry stays,
and when it surfaces it sinks to the new time. Moving it to earlier pushes an entry and leaves the
old one as a dead one, known by not being at `queued`.

This file knows neither transactions nor time: `now` is a number that its caller passes.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heapify, heappop, heappush, heapreplace
from math import inf
from typing import Protocol

SWEEP_ABOVE = 1024
"""Entries below which dead ones are not worth sweeping out."""


class Owner(Protocol):
    """Anything with a clock."""

    due: float
    queued: float


class Deadlines:
    """Who is to be called when. Bounded by its owners: at most twice as many entries as owners,
    above `SWEEP_ABOVE`."""

    __slots__ = ("_heap", "_serial", "_sweep_at")

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Owner]] = []
        self._serial = 0
        self._sweep_at = SWEEP_ABOVE

    def __len__(self) -> int:
        """Entries, dead ones included."""
        return len(self._heap)

    @property
    def alive(self) -> int:
        """Owners that wait for their time."""
        return sum(when == owner.queued and owner.due != inf for when, _, owner in self._heap)

    def update(self, owner: Owner) -> None:
        """Take note of the owner's `due`."""
        if owner.due < owner.queued:
            self._push(owner)

    @property
    def next(self) -> float | None:
        """When the earliest owner is due, exactly; None: nobody is."""
        heap = self._heap
        while heap:
            when, _, owner = heap[0]
            if when == owner.queued == owner.due:
                return when
            self._settle_top()
        return None

    def expired(self, now: float) -> Iterator[Owner]:
        """Everyone due by `now`, earliest first. Each is to get a new `due` and an `update`.

        An owner that is due again by `now` after that comes again, so `due` must move on.
        """
        while (when := self.next) is not None and when <= now:
            owner = heappop(self._heap)[2]
            owner.queued = inf
            owner.due = inf
            yield owner

    def _settle_top(self) -> None:
        """The top is not what it says: drop it, or let it sink to its owner's time."""
        when, serial, owner = self._heap[0]
        if when == owner.queued and owner.due != inf:
            owner.queued = owner.due
            heapreplace(self._heap, (owner.due, serial, owner))
            return
        heappop(self._heap)
        if when == owner.queued:
            owner.queued = inf

    def _push(self, owner: Owner) -> None:
        if len(self._heap) >= self._sweep_at:
            self._sweep()
        self._serial += 1
        owner.queued = owner.due
        heappush(self._heap, (owner.due, self._serial, owner))

    def _sweep(self) -> None:
        """Drop the dead entries, so that what has ended does not stay in memory until its time."""
        alive: list[tuple[float, int, Owner]] = []
        for entry in self._heap:
            when, _, owner = entry
            if when != owner.queued:
                continue
            if owner.due == inf:
                owner.queued = inf
            else:
                alive.append(entry)
        heapify(alive)
        self._heap = alive
        self._sweep_at = max(SWEEP_ABOVE, 2 * len(alive))
