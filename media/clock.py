"""The 20 ms grid. Sans-IO: the time is a parameter.

Ticks lie on a grid counted from the start, so a late one never shifts those behind it.
"""

from typing import Final

TICK: Final = 0.02
# After a stall of the machine so many ticks are caught up at once; older ones would only make
# every far phone's buffer overflow.
MAX_CATCH_UP: Final = 5


class TickClock:
    """Says how many ticks are due, and when the next one is."""

    def __init__(self, now: float) -> None:
        self._start = now
        self._done = 0
        self.skipped = 0

    @property
    def next(self) -> float:
        return self._start + (self._done + 1) * TICK

    def lateness(self, now: float) -> float:
        """Seconds since the next tick was due; negative before it."""
        return now - self.next

    def due(self, now: float) -> int:
        """Ticks to run now: 0 to MAX_CATCH_UP."""
        late = int((now - self._start) / TICK + 1e-6) - self._done
        if late > MAX_CATCH_UP:
            self.skipped += late - MAX_CATCH_UP
            self._done += late - MAX_CATCH_UP
            late = MAX_CATCH_UP
        late = max(0, late)
        self._done += late
        return late
