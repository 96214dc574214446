"""The interpreter, lent between two ticks to the threads that have work in it.

The packet loop waits and works without it then (media/native/pump.py). But a tick gives it away
with every system call; a thread that takes it may not be run at once by the kernel, and the tick
stands still until it was: with recordings being written, one packet in a hundred came 10 ms late.
So such a thread works until shortly before a tick, and where ticks follow each other at once, in
small slices.
"""

import threading
import time
from typing import Final

# A step of work takes some 30 us; none is begun when a tick is about to.
_MARGIN: Final = 0.0002
# Without a break a slice of so much CPU is due each so often: an eighth of a core.
_SLICE: Final = 0.0003
_LONGEST_WAIT: Final = 0.002


class Breaks:
    """`begin` is the loop's; `worked` the other thread's, of which there is one."""

    def __init__(self) -> None:
        self._until = 0.0
        self._is_wanted = False
        self._gate = threading.Lock()
        self._gate.acquire()
        self._began = 0.0

    def begin(self, until: float) -> None:
        """Nobody needs the interpreter until then (monotonic seconds)."""
        self._until = until
        if self._is_wanted and self._gate.locked():
            self._gate.release()

    def worked(self) -> None:
        """A step of work is done; returns when the next one may begin."""
        if time.monotonic() < self._until - _MARGIN or time.thread_time() < self._began + _SLICE:
            return
        self._is_wanted = True
        is_break = self._gate.acquire(timeout=_LONGEST_WAIT)
        self._is_wanted = False
        # A break that is over when we are woken allows nothing.
        self._began = time.thread_time() - (_SLICE if is_break else 0.0)
