"""How many messages lie in each mailbox, kept in memory so that a lamp is told at once.

Counted once at the start and again after every change; counting is one query for all mailboxes,
and changes that come while it runs share the next one.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Protocol

from softswitch.log import get_logger
from softswitch.presence.things import Kind, Summary, Thing
from softswitch.store.messages import MailboxCount
from softswitch.store.ports import StoreError

_log = get_logger("presence.mailboxes")

# A store that cannot be read is asked again after so long.
AGAIN = 5.0


class Messages(Protocol):
    """What is asked of the message store."""

    async def counts(self) -> Mapping[str, MailboxCount]:
        """Of every mailbox that has messages, what has been put so far. Raises StoreError."""


class Mailboxes:
    """Bounded by the mailboxes that have messages."""

    def __init__(self, messages: Messages, on_change: Callable[[Thing], None]) -> None:
        self._messages, self._on_change = messages, on_change
        self._counts: dict[str, Summary] = {}
        self._dirty = asyncio.Event()

    def summary(self, mailbox: str) -> Summary:
        """What the lamp of this mailbox shows; no messages before the first count."""
        return self._counts.get(mailbox) or Summary()

    def changed(self) -> None:
        """A message came, or one was heard."""
        self._dirty.set()

    async def run(self) -> None:
        """Count whenever something changed; to be cancelled."""
        while True:
            await self._dirty.wait()
            if not await self.count():
                await asyncio.sleep(AGAIN)
                self._dirty.set()

    async def count(self) -> bool:
        """Count now, and tell of every mailbox whose figures are others than before."""
        self._dirty.clear()
        try:
            found = await self._messages.counts()
        except StoreError as error:
            _log.warning("messages cannot be counted", error=str(error))
            return False
        before = self._counts
        self._counts = {key: Summary(one.new, one.old) for key, one in found.items()}
        for key in before.keys() | self._counts.keys():
            if before.get(key, Summary()) != self.summary(key):
                self._on_change(Thing(Kind.MAILBOX, key))
        return True
