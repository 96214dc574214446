"""Seconds since 1970 as they were when the switch began, counted on by the monotonic clock.

Registrations and subscriptions last so long, and are kept over a restart in such seconds. When the
machine's clock is set meanwhile, no phone is forgotten by it, and none is remembered for hours.
"""

import time
from collections.abc import Callable


class SteadyClock:
    """Asked for the seconds now; the wall clock counts only in the moment in which it is made."""

    def __init__(
        self,
        wall: Callable[[], float] = lambda: time.time(),
        now: Callable[[], float] = lambda: time.monotonic(),
    ) -> None:
        self._now = now
        self._ahead = wall() - now()

    def __call__(self) -> float:
        return self._ahead + self._now()
