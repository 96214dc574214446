"""How much new work is taken while the switch is late: the rest gets 503 with Retry-After.

Told regularly how late things are: the event loop behind its timers, or packets behind the network.
Over the high mark fewer and fewer new requests are taken, half of them each time; below the low
mark twice as many again, so the way back is as gradual. Flows that proved themselves are shed later
than strangers. What belongs to a call that is up is never asked here.
"""

PERIOD = 0.1
"""Seconds between two measurements."""
HIGH, LOW = 0.25, 0.05
"""Seconds late. A caller notices half a second; a busy moment of 50 ms is ordinary."""
SMOOTHING = 0.25
"""Weight of the newest measurement: one hiccup of a second (a full disk, a reload) sheds nobody,
half a second that lasts does."""
LEVELS = 8
"""At the last one, one new request in 128 is taken."""
FRIENDS_FROM = 2
"""Up to this level, flows that proved themselves are taken all the same."""
CALM = 5
"""Measurements below the low mark before a level is taken back."""


class Load:
    """See the module's docstring."""

    def __init__(self) -> None:
        self.delay = 0.0
        """Seconds late, smoothed."""
        self.level = 0
        """0: everything is taken."""
        self._calm = 0
        self._asked = 0

    def sample(self, late: float) -> None:
        """One measurement: seconds late."""
        self.delay += (max(late, 0.0) - self.delay) * SMOOTHING
        if self.delay > HIGH:
            self._calm = 0
            self.level = min(self.level + 1, LEVELS - 1)
        elif self.delay < LOW and self.level:
            self._calm += 1
            if self._calm >= CALM:
                self._calm = 0
                self.level -= 1

    def takes(self, is_friend: bool) -> bool:
        """May this new request be taken?"""
        level = self.level if not is_friend else self.level - FRIENDS_FROM
        if level <= 0:
            return True
        self._asked += 1
        return self._asked % (1 << level) == 0
