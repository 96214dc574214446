"""Answers that are given later: a wrong password waits, and so does who tries before his time.

Bounded: when too many wait, the next ones are sent away at once. The owner closes it.
"""

import asyncio
from collections.abc import Callable

from softswitch.sip.stack import RequestReceived
from softswitch.sip.transaction import TransactionKey

MAX_WAITING = 4_096
"""One transaction each. All devices of an office may have old passwords, an attacker has more."""
MAX_OF_ONE = 32
"""From one flow: who sends guesses all together does not fill the table of everybody."""


class LateAnswers:
    """`answer` is called with the request when its time has come."""

    def __init__(self, answer: Callable[[RequestReceived], None]) -> None:
        self._answer = answer
        self._waiting: dict[TransactionKey, asyncio.TimerHandle] = {}
        self._of: dict[tuple[str, int], int] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def later(self, event: RequestReceived, seconds: float) -> bool:
        """Answer after so many seconds. False: too many wait already."""
        remote = event.flow.remote
        count = self._of.get(remote, 0)
        if len(self._waiting) >= MAX_WAITING or count >= MAX_OF_ONE:
            return False
        self._of[remote] = count + 1
        loop = asyncio.get_running_loop()
        self._waiting[event.key] = loop.call_later(seconds, self._due, event)
        return True

    def close(self) -> None:
        """Nobody waits any more."""
        for timer in self._waiting.values():
            timer.cancel()
        self._waiting.clear()
        self._of.clear()

    def _due(self, event: RequestReceived) -> None:
        del self._waiting[event.key]
        remote = event.flow.remote
        self._of[remote] -= 1
        if not self._of[remote]:
            del self._of[remote]
        self._answer(event)
