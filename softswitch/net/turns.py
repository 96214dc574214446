"""Reads the messages that had to wait, in short slices between everything else on the loop.

A friend's packet never stands behind more than one slice of strangers' work: after each, the loop
looks at its sockets and timers again. What a message costs is measured as CPU of this thread, for
on a busy machine the clock also counts what others took, and told to the doorkeeper, who says when
the next one may come. Decides nothing by itself.
"""

import asyncio
import time
from collections.abc import Callable

from softswitch.net.doorkeeper import Doorkeeper
from softswitch.sip.flow import Flow

SLICE = 0.001
"""Seconds: three to ten challenges, and nothing to a call that is being set up."""


class Turns:
    """See the module's docstring. `handle` reads one message."""

    def __init__(
        self,
        doorkeeper: Doorkeeper,
        handle: Callable[[bytes, Flow], None],
        clock: Callable[[], float],
        cpu: Callable[[], float] = time.thread_time,
    ) -> None:
        self._doorkeeper, self._handle = doorkeeper, handle
        self._clock, self._cpu = clock, cpu
        self._due: asyncio.Handle | None = None
        self._is_open = True

    def wake(self) -> None:
        """Something waits."""
        if self._due is not None or not self._is_open:
            return
        pause = self._doorkeeper.pause(self._clock())
        if pause is None:
            return
        loop = asyncio.get_running_loop()
        if pause > 0.0:
            self._due = loop.call_later(pause, self._serve)
        else:
            self._due = loop.call_soon(self._serve)

    def close(self) -> None:
        """What still waits is not read any more."""
        self._is_open = False
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _serve(self) -> None:
        self._due = None
        doorkeeper, cpu = self._doorkeeper, self._cpu
        now = self._clock()
        end = now + SLICE
        while now < end and (waiting := doorkeeper.next_waiting(now)) is not None:
            began = cpu()
            self._handle(*waiting)
            now = self._clock()
            doorkeeper.spent(cpu() - began, now)
        self.wake()
