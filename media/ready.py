"""Which descriptors have something to read: epoll, whose events stay where the packet loop looks.

Python's own epoll makes a list of pairs of them, which nobody here wants: libc is asked itself.
"""

import contextlib
import select
from functools import partial

import numpy as np

from media.native.pump import DESCRIPTOR, EVENT
from media.native.system import epoll_wait


class Ready:
    """`events`: what the last look found, `count` of them."""

    def __init__(self, most: int) -> None:
        self._poll = select.epoll()
        self.most = most
        self.events = np.zeros(most * EVENT, np.uint32)
        self.count = 0
        self._words = self.events.data
        place = self.events.ctypes.data
        self._wait = partial(epoll_wait, self._poll.fileno(), place, most)

    def register(self, descriptor: int) -> None:
        self._poll.register(descriptor, select.EPOLLIN)

    def unregister(self, descriptor: int) -> None:
        with contextlib.suppress(OSError):
            self._poll.unregister(descriptor)

    def fileno(self) -> int:
        return self._poll.fileno()

    def look(self, longest: int = 0) -> int:
        """How many are ready, within so many milliseconds; below 0: waits for ever."""
        # A signal is as if nothing had come.
        self.count = max(0, self._wait(longest))
        return self.count

    def descriptor(self, place: int) -> int:
        return self._words[place * EVENT + DESCRIPTOR]

    def close(self) -> None:
        self._poll.close()
