"""Voicemail messages: whose they are, who left them, where the sound lies, what became of them.

A message belongs to a mailbox, and so does its mark: what one person of a team has handled, is
handled for all. The mail about it is another matter (`outbox.py`) and may fail without loss.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from softswitch.store.numbers import turned
from softswitch.store.ports import Shelf, Store
from softswitch.store.schema import messages, micros, moment, to_micros

# What only serves to find a message is no part of it.
_SHOWN = tuple(one for one in messages.columns if one is not messages.c.number_reversed)


@dataclass(frozen=True, slots=True)
class Message:
    """One message. Moments are aware; `path` names the sound's file."""

    id: str
    mailbox: str
    call: str | None
    number: str | None
    name: str | None
    at: datetime
    seconds: float
    path: str
    heard_at: datetime | None = None
    heard_by: str | None = None
    handled_at: datetime | None = None
    handled_by: str | None = None


@dataclass(frozen=True, slots=True)
class MailboxCount:
    """What a phone's lamp tells (RFC 3842): messages not heard yet, and the rest."""

    new: int
    old: int


class MessageTable:
    """The messages of all mailboxes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.on_change: Callable[[], None] = lambda: None  # a message came, or was heard

    def add(self, message: Message) -> None:
        """Keep it. Never waits, never raises; on the disk within a second."""
        self._store.put("message.add", _values(message))
        self.on_change()

    def mark_heard(self, message: str, by: str | None, at: datetime) -> None:
        """Somebody has listened to the message of this id."""
        self._store.put("message.heard", (to_micros(at), by, message))
        self.on_change()

    def mark_new(self, message: str) -> None:
        """As if nobody had listened to it."""
        self._store.put("message.heard", (None, None, message))
        self.on_change()

    def mark_handled(self, message: str, by: str | None, at: datetime) -> None:
        """Somebody has dealt with it; nobody else of the team needs to."""
        self._store.put("message.handled", (to_micros(at), by, message))
        self.on_change()

    def mark_open(self, message: str) -> None:
        """Take the mark back: it is to be dealt with after all."""
        self._store.put("message.handled", (None, None, message))

    def delete(self, message: str) -> None:
        """Forget it; the sound's file is its owner's to remove."""
        self._store.put("message.delete", (message,))
        self.on_change()

    async def get(self, message: str) -> Message | None:
        """The message of this id. Raises StoreError."""
        rows = await self._store.read(select(*_SHOWN).where(messages.c.id == message))
        return _message(rows[0]) if rows else None

    async def find(self, identifier: str) -> Message | None:
        """The message of this id, or of an id that begins so, if there is exactly one.

        What was put so far is in it. Raises StoreError.
        """
        await self._store.flush()
        begins = messages.c.id.startswith(identifier, autoescape=True)
        query = select(*_SHOWN).where(begins).order_by(messages.c.id).limit(2)
        rows = await self._store.read(query)  # the exact one is the first
        is_one = len(rows) == 1 or (len(rows) > 1 and rows[0].id == identifier)
        return _message(rows[0]) if is_one else None

    async def list_messages(
        self, mailbox: str | None = None, *, only_open: bool = False, limit: int = 100
    ) -> Sequence[Message]:
        """Newest first; `only_open`: those nobody has handled. What was put so far is in it.

        Raises StoreError.
        """
        await self._store.flush()
        return await list_messages(self._store, mailbox, only_open=only_open, limit=limit)

    async def count(self, mailbox: str) -> MailboxCount:
        """For the lamp. Raises StoreError."""
        total, heard = func.count(), func.count(messages.c.heard_at)
        query = select(total, heard).where(messages.c.mailbox == mailbox)
        all_of_them, old = (await self._store.read(query))[0]
        return MailboxCount(new=all_of_them - old, old=old)

    async def counts(self) -> Mapping[str, MailboxCount]:
        """Of every mailbox with messages, all that were put so far included. Raises StoreError."""
        await self._store.flush()
        total, heard = func.count(), func.count(messages.c.heard_at)
        query = select(messages.c.mailbox, total, heard).group_by(messages.c.mailbox)
        rows = await self._store.read(query)
        return {box: MailboxCount(new=every - old, old=old) for box, every, old in rows}


async def list_messages(
    shelf: Shelf, mailbox: str | None = None, *, only_open: bool = False, limit: int = 100
) -> list[Message]:
    """Of one mailbox or all, newest first; `only_open`: those nobody has handled. StoreError."""
    query = select(*_SHOWN).order_by(messages.c.at.desc(), messages.c.id).limit(limit)
    if mailbox is not None:
        query = query.where(messages.c.mailbox == mailbox)
    if only_open:
        query = query.where(messages.c.handled_at.is_(None))
    return [_message(row) for row in await shelf.read(query)]


async def messages_of(shelf: Shelf, forms: Sequence[str]) -> list[Message]:
    """Those that a number has left, by the forms in which rows may have it; the oldest first.

    Raises StoreError.
    """
    query = select(*_SHOWN).where(messages.c.number_reversed.in_(map(turned, forms)))
    return [_message(row) for row in await shelf.read(query.order_by(messages.c.at))]


def _values(message: Message) -> tuple[str | int | float | None, ...]:
    return (
        message.id,
        message.mailbox,
        message.call,
        message.number,
        message.name,
        to_micros(message.at),
        float(message.seconds),
        message.path,
        micros(message.heard_at),
        message.heard_by,
        micros(message.handled_at),
        message.handled_by,
        turned(message.number),
    )


def _message(row: Any) -> Message:
    fields = dict(row._mapping)
    for name in ("at", "heard_at", "handled_at"):
        fields[name] = moment(fields[name])
    return Message(**fields)
