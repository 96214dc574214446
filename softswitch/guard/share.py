"""How much of the switch's time strangers get: a part of it, and less the later the switch is.

A bucket of time and not of messages: what a challenge or a judged password costs depends on the
machine, from a tenth of a millisecond to more than one, so no fixed number of them a second is
right for both. What each took is taken from the bucket afterwards. The part grows slowly while all
is on time and is halved when it is not, as TCP does with its window: what callers need is served
first, and strangers live on what is left over. It never becomes nothing, so that a new phone gets
through.
"""

MOST, LEAST = 0.2, 0.02
"""Seconds a second. A fifth of a core leaves calls the rest; a fiftieth is some 50 challenges
a second on a slow machine."""
BURST = 0.25
"""Seconds: 200 phones that come back after a power cut, 400 messages, are served in one go."""
DEBT = 0.02
"""Seconds that may be overdrawn: a message into whose time a slow moment of the machine fell does
not keep the next ones waiting longer than a second."""
LATE = 0.03
"""Seconds by which the switch may be late, smoothed, before strangers get less. A caller's patience
ends ten times later."""
STEP = 0.01
"""By which the part grows in each period (`load.PERIOD`): back at the most in two seconds."""


class Share:
    """See the module's docstring. `part`: seconds a second."""

    def __init__(self) -> None:
        self.part = MOST
        self._left, self._at = BURST, 0.0

    def follow(self, late: float) -> None:
        """Told in each period how late the switch is, smoothed."""
        if late > LATE:
            self.part = max(self.part / 2, LEAST)
        else:
            self.part = min(self.part + STEP, MOST)

    def spend(self, seconds: float, now: float) -> None:
        """A stranger's message took so long. The bucket may be overdrawn: the next ones wait."""
        self._refill(now)
        self._left = max(self._left - seconds, -DEBT)

    def wait(self, now: float) -> float:
        """Seconds until the next stranger is served; 0: now."""
        self._refill(now)
        return max(-self._left / self.part, 0.0)

    def _refill(self, now: float) -> None:
        self._left = min(self._left + max(now - self._at, 0.0) * self.part, BURST)
        self._at = now
