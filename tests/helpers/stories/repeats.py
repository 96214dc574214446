"""A message that is sent again until it is answered (RFC 3261 17.1.1.2, 17.1.2.2, 13.3.1.4)."""

import asyncio
from collections.abc import Callable

from tests.live.sip_text import Message

T1, T2, GIVE_UP = 0.5, 4.0, 32.0


class Repeated:
    """Sent at once; `give_up` is told when nothing came for half a minute."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        message: Message,
        put: Callable[[Message], None],
        give_up: Callable[[Message], None],
    ) -> None:
        self.message = message
        self._loop, self._put, self._give_up = loop, put, give_up
        self._wait, self._end = T1, loop.time() + GIVE_UP
        self._timer: asyncio.TimerHandle
        self._go()

    def stop(self) -> None:
        self._timer.cancel()

    def _go(self) -> None:
        self._timer = self._loop.call_later(self._wait, self._again)
        self._put(self.message)

    def _again(self) -> None:
        if self._loop.time() >= self._end:
            self._give_up(self.message)
            return
        self._wait = min(2 * self._wait, T2)
        self._go()
