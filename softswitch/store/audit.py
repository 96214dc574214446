"""Who heard, exported, held or erased what, and why: a chain that shows every change to it.

Appended by the running switch alone, which knows where the chain ends; read by anybody. The end is
kept with the key too (`vault/chain.py`), so that cutting the last entries off is seen.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import select

from softswitch.store.ports import Shelf, Store, StoreError
from softswitch.store.schema import audit, from_micros, to_micros
from softswitch.vault.chain import Link, first_fault, seal
from softswitch.wording import say


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line."""

    number: int
    at: datetime
    by: str
    action: str
    subject: str
    reason: str
    data: Mapping[str, Any]
    seal: str


class ChainKeeper(Protocol):
    """Where the key of the chain and its end are kept, apart from the database."""

    def key(self) -> bytes: ...

    def end(self) -> Link | None: ...

    def remember(self, end: Link) -> None: ...


class AuditLog:
    """`append` raises StoreError while it is not known where the chain ends."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._keeper: ChainKeeper | None = None
        self._end: Link | None = None
        self._writing = asyncio.Lock()

    async def fetch(self, keeper: ChainKeeper) -> None:
        """Find the end of the chain. Raises StoreError, VaultError."""
        await self._store.flush()
        query = select(audit).order_by(audit.c.number.desc()).limit(1)
        rows = await self._store.read(query)
        known = keeper.end()
        end = Link(rows[0].number, rows[0].seal) if rows else Link()
        # What was cut off stays missed: the next entry does not take its number.
        self._end = known if known is not None and known.number > end.number else end
        self._keeper = keeper

    async def append(
        self, at: datetime, by: str, action: str, subject: str, reason: str, **data: Any
    ) -> None:
        """Write a line, and wait until it is on a disk. Raises StoreError, VaultError."""
        async with self._writing:
            if self._keeper is None or self._end is None:
                raise StoreError(say("audit_store_away"))
            number = self._end.number + 1
            fields = _fields(number, to_micros(at), by, action, subject, reason, json.dumps(data))
            sealed = seal(self._keeper.key(), self._end.seal, fields)
            self._store.put("audit.add", (*fields.values(), sealed))
            self._end = Link(number, sealed)
            if not await self._store.flush():
                raise StoreError(say("audit_no_disk"))
            self._keeper.remember(self._end)


def _fields(
    number: int, at: int, by: str, action: str, subject: str, reason: str, data: str
) -> dict[str, Any]:
    return {
        "number": number,
        "at": at,
        "by": by,
        "action": action,
        "subject": subject,
        "reason": reason,
        "data": data,
    }


async def read_audit(shelf: Shelf, limit: int | None = None) -> list[AuditEntry]:
    """The newest entries, oldest first; all of them without a limit. Raises StoreError."""
    query = select(audit).order_by(audit.c.number.desc())
    rows = await shelf.read(query if limit is None else query.limit(limit))
    return [
        AuditEntry(
            row.number, from_micros(row.at), row.by, row.action, row.subject, row.reason,
            json.loads(row.data), row.seal,
        )
        for row in reversed(rows)
    ]  # fmt: skip


async def verify_audit(shelf: Shelf, key: bytes, end: Link | None) -> tuple[int, str | None]:
    """How many entries there are, and what is wrong with them. Raises StoreError."""
    rows = await shelf.read(select(audit).order_by(audit.c.number))
    names = ("number", "at", "by", "action", "subject", "reason", "data")
    entries = (({name: getattr(row, name) for name in names}, str(row.seal)) for row in rows)
    return len(rows), first_fault(key, entries, end)
