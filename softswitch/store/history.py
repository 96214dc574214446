"""The history of calls: one row each, and each one's story.

Rows are written by `projection.py` and read here; what a row says is decided in `fold.py`.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select

from softswitch.store.event import Event, read_events
from softswitch.store.fold import CallRow, Result, fold
from softswitch.store.ports import Shelf
from softswitch.store.schema import calls, from_micros, moment, to_micros

__all__ = ["CallFilter", "CallRow", "History", "Result", "StoredCall", "fold"]

# Fewer digits are an extension and must match whole; more are looked for at the end of a number, so
# that "600 100 200" finds +48600100200.
SHORTEST_PUBLIC_NUMBER = 6


@dataclass(frozen=True, slots=True)
class CallFilter:
    """Which calls; None asks for all. `since` <= started < `until`, aware."""

    number: str | None = None  # the caller's or the called one, as a person types it
    person: str | None = None  # who handled, placed or was dialled: an extension
    queue: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    result: Result | str | None = None
    limit: int = 50
    direction: str | None = None  # "in", "out", "internal"


@dataclass(frozen=True, slots=True)
class StoredCall:
    """One call with its story."""

    row: CallRow
    events: tuple[Event, ...]


class History:
    """Reads the calls of the store; all methods raise StoreError."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    async def list_calls(self, which: CallFilter | None = None) -> list[CallRow]:
        """Newest first."""
        query = _filtered(which or CallFilter())
        return [_row(row) for row in await self._shelf.read(query)]

    async def get_call(self, identifier: str) -> StoredCall | None:
        """The call of this id or of an id that begins so, if there is exactly one."""
        starts_so = calls.c.id.startswith(identifier, autoescape=True)
        query = select(calls).where(or_(calls.c.id == identifier, starts_so))
        # The exact one first; a second prefix match makes the prefix ambiguous.
        rows = await self._shelf.read(query.order_by(calls.c.id).limit(2))
        if not rows or (len(rows) > 1 and rows[0].id != identifier):
            return None
        row = _row(rows[0])
        return StoredCall(row, tuple(await read_events(self._shelf, row.id)))


def _filtered(which: CallFilter) -> Select[Any]:
    query = select(calls).order_by(calls.c.started.desc(), calls.c.id.desc()).limit(which.limit)
    if which.number is not None:
        query = query.where(number_matches(which.number, calls.c.number, calls.c.called))
    if which.person is not None:
        columns = (calls.c.handled_by, calls.c.number, calls.c.called)
        query = query.where(or_(*(column == which.person for column in columns)))
    if which.queue is not None:
        query = query.where(calls.c.queue == which.queue)
    if which.direction is not None:
        query = query.where(calls.c.direction == which.direction)
    if which.since is not None:
        query = query.where(calls.c.started >= to_micros(which.since))
    if which.until is not None:
        query = query.where(calls.c.started < to_micros(which.until))
    if which.result is not None:
        query = query.where(calls.c.result == str(which.result))
    return query


def number_matches(number: str, *columns: Any) -> Any:
    """Where one of these columns is the number, as a person types it."""
    digits = re.sub(r"\D", "", number)
    if len(digits) < SHORTEST_PUBLIC_NUMBER:
        return or_(*(column == (digits or number) for column in columns))
    # A leading 0 or 00 is how one dials, not part of the number.
    end = digits.lstrip("0") or digits
    return or_(*(func.coalesce(column, "").endswith(end) for column in columns))


def _row(row: Any) -> CallRow:
    fields = dict(row._mapping)
    fields["started"] = from_micros(fields["started"])
    fields["answered"] = moment(fields["answered"])
    fields["ended"] = moment(fields["ended"])
    fields["result"] = None if fields["result"] is None else Result(fields["result"])
    return CallRow(**fields)
