"""Mails that wait to be sent, and their tries.

A mail stays here until a server has taken it for every recipient; there is no last try. Sending is
the business of `softswitch/mail`; the one sender task of the process takes what is due.
"""

import asyncio
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from softswitch.store.ports import Store
from softswitch.store.schema import from_micros, mails, micros, moment, to_micros

# A server that is restarted is back within a minute; one that is broken is asked hourly, so that
# its repair is noticed the same morning.
FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(hours=1)
# An error is for a person to read; a server may send pages.
ERROR_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail. `missing` is said in the body if the attachment cannot be read when it is sent."""

    recipients: tuple[str, ...]
    subject: str
    body: str
    missing: str = ""
    attachment: str | None = None  # path of a file
    attachment_name: str | None = None  # as the recipient sees it
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    tries: int = 0
    next_try: datetime | None = None  # None: at once
    last_error: str | None = None
    sent_at: datetime | None = None
    html: str | None = None  # the body once more, for programs that show it


def retry_delay(tries: int) -> timedelta:
    """How long to wait after the try of this number (1, 2, …): doubling, to an hour."""
    doublings = min(max(tries - 1, 0), 10)  # far beyond an hour already; keeps the number small
    return min(FIRST_RETRY * (1 << doublings), LONGEST_RETRY)


class Outbox:
    """The queue of mails. One task of the process sends from it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._added = asyncio.Event()

    def add(self, mail: Mail) -> None:
        """Queue it for sending at once. Never waits, never raises."""
        self._store.put("mail.add", _values(mail))
        self._added.set()

    async def due(self, now: datetime, limit: int = 20) -> Sequence[Mail]:
        """Mails whose time has come, the longest waiting first. Raises StoreError."""
        self._added.clear()
        await self._store.flush()
        query = (
            select(mails)
            .where(mails.c.sent_at.is_(None), mails.c.next_try <= to_micros(now))
            .order_by(mails.c.next_try, mails.c.id)
            .limit(limit)
        )
        return [_mail(row) for row in await self._store.read(query)]

    async def next_due(self) -> datetime | None:
        """When the next unsent mail is to be tried; None without one. Raises StoreError."""
        query = select(func.min(mails.c.next_try)).where(mails.c.sent_at.is_(None))
        return moment((await self._store.read(query))[0][0])

    async def oldest_waiting(self) -> datetime | None:
        """Since when the longest waiting mail waits; None without one. Raises StoreError."""
        query = select(func.min(mails.c.created)).where(mails.c.sent_at.is_(None))
        return moment((await self._store.read(query))[0][0])

    async def wait(self, seconds: float) -> None:
        """Until a mail is added, or so long."""
        try:
            async with asyncio.timeout(seconds):
                await self._added.wait()
        except TimeoutError:
            return

    async def sent(self, mail: Mail, now: datetime) -> None:
        """All recipients' servers have it. On the disk on return, lest it be sent twice."""
        self._tried(mail, mail.recipients, now, None, sent_at=now)
        await self._store.flush()

    async def failed(
        self, mail: Mail, now: datetime, error: str, left: Sequence[str] | None = None
    ) -> None:
        """Try again later, for the recipients `left` (all of them without it)."""
        recipients = mail.recipients if left is None else tuple(left)
        self._tried(mail, recipients, now, error[:ERROR_LENGTH], sent_at=None)
        await self._store.flush()

    async def is_known(self, identifier: str) -> bool:
        """Whether a mail of this id was ever added. Raises StoreError."""
        await self._store.flush()
        return bool(await self._store.read(select(mails.c.id).where(mails.c.id == identifier)))

    async def list_mails(self, *, only_waiting: bool = False, limit: int = 100) -> Sequence[Mail]:
        """Newest first. Raises StoreError."""
        query = select(mails).order_by(mails.c.created.desc(), mails.c.id).limit(limit)
        if only_waiting:
            query = query.where(mails.c.sent_at.is_(None))
        return [_mail(row) for row in await self._store.read(query)]

    def _tried(
        self,
        mail: Mail,
        recipients: tuple[str, ...],
        now: datetime,
        error: str | None,
        sent_at: datetime | None,
    ) -> None:
        tries = mail.tries + 1
        next_try = to_micros(now + retry_delay(tries))
        values = (json.dumps(recipients), tries, next_try, error, micros(sent_at), mail.id)
        self._store.put("mail.tried", values)


def _values(mail: Mail) -> tuple[str | int | float | None, ...]:
    return (
        mail.id,
        json.dumps(mail.recipients),
        mail.subject,
        mail.body,
        mail.missing,
        mail.attachment,
        mail.attachment_name,
        to_micros(mail.created),
        mail.tries,
        to_micros(mail.next_try or mail.created),
        mail.last_error,
        micros(mail.sent_at),
        mail.html,
    )


def _mail(row: Any) -> Mail:
    fields = dict(row._mapping)
    fields["recipients"] = tuple(json.loads(fields["recipients"]))
    fields["created"] = from_micros(fields["created"])
    fields["next_try"] = from_micros(fields["next_try"])
    fields["sent_at"] = moment(fields["sent_at"])
    return Mail(**fields)
