"""The history of calls: one row each, and each one's story.

Rows are written by `projection.py` and read here; what a row says is decided in `fold.py`.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, literal, or_, select, tuple_

from softswitch.store.event import Event, read_events
from softswitch.store.fold import CallRow, Result, fold
from softswitch.store.numbers import Sought, Way, newest_of, number_ways, turned
from softswitch.store.ports import Shelf
from softswitch.store.schema import calls, from_micros, moment, to_micros

__all__ = ["CallFilter", "CallRow", "History", "Result", "StoredCall", "fold"]

# Rows that are worked through without a pause: some ten milliseconds.
PAGE = 500
# What only serves to find a call is no part of its row.
_REVERSED = (calls.c.number_reversed, calls.c.called_reversed)
_SHOWN = tuple(column for column in calls.columns if column not in set(_REVERSED))


@dataclass(frozen=True, slots=True)
class CallFilter:
    """Which calls; None asks for all. `since` <= started < `until`, aware."""

    number: Sought | None = None  # the caller's or the called one
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
        which = which or CallFilter()
        numbers = (
            [()]
            if which.number is None
            else await number_ways(self._shelf, which.number, _REVERSED)
        )
        query = _filtered(which, numbers)
        return [_row(row) for row in await self._shelf.read(query)]

    async def get_call(self, identifier: str) -> StoredCall | None:
        """The call of this id or of an id that begins so, if there is exactly one."""
        starts_so = calls.c.id.startswith(identifier, autoescape=True)
        query = select(*_SHOWN).where(or_(calls.c.id == identifier, starts_so))
        # The exact one first; a second prefix match makes the prefix ambiguous.
        rows = await self._shelf.read(query.order_by(calls.c.id).limit(2))
        if not rows or (len(rows) > 1 and rows[0].id != identifier):
            return None
        row = _row(rows[0])
        return StoredCall(row, tuple(await read_events(self._shelf, row.id)))

    async def between(self, since: datetime, until: datetime) -> AsyncIterator[CallRow]:
        """All calls that began in this time, oldest first, in pages that hold up nobody."""
        begun, last = to_micros(since), ""
        while True:
            after = tuple_(calls.c.started, calls.c.id) > tuple_(literal(begun), literal(last))
            query = select(*_SHOWN).where(after, calls.c.started < to_micros(until))
            query = query.order_by(calls.c.started, calls.c.id).limit(PAGE)
            rows = await self._shelf.read(query)
            for row in rows:
                yield _row(row)
            if len(rows) < PAGE:
                return
            begun, last = rows[-1].started, rows[-1].id


def _filtered(which: CallFilter, numbers: Sequence[Way]) -> Select[Any]:
    """The newest of each way to fit, then the newest of these: each is read off an index."""
    ways = [(*one, *other) for one in _person_ways(which) for other in numbers]
    return newest_of(ways, lambda way: _newest(which, way), _newest_first, which.limit)


def _newest(which: CallFilter, fits: Way) -> Select[Any]:
    query = select(*_SHOWN).where(*fits).order_by(*_newest_first(calls.c)).limit(which.limit)
    if which.queue is not None:
        query = query.where(calls.c.queue == which.queue)
    if which.direction is not None:
        query = query.where(calls.c.direction == which.direction)
    if which.since is not None:
        query = query.where(calls.c.started >= to_micros(which.since))
    if which.until is not None:
        query = query.where(calls.c.started < to_micros(which.until))
    if which.result is not None:
        # Of two indexes SQLite may take that of the result, which fits thousands of others.
        column = func.coalesce(calls.c.result, "") if fits else calls.c.result
        query = query.where(column == str(which.result))
    return query


def _newest_first(columns: Any) -> tuple[Any, ...]:
    return columns.started.desc(), columns.id.desc()


def _person_ways(which: CallFilter) -> list[Way]:
    """He handled the call, placed it, or was dialled."""
    if which.person is None:
        return [()]
    ways: list[Way] = [(column == turned(which.person),) for column in _REVERSED]
    return [*ways, (calls.c.handled_by == which.person,)]


def _row(row: Any) -> CallRow:
    fields = dict(row._mapping)
    fields["started"] = from_micros(fields["started"])
    fields["answered"] = moment(fields["answered"])
    fields["ended"] = moment(fields["ended"])
    fields["result"] = None if fields["result"] is None else Result(fields["result"])
    return CallRow(**fields)
