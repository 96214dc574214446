"""The history of calls: one row each, and each one's story.

Rows are written by `projection.py` and read here; what a row says is decided in `fold.py`.
"""

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, literal, or_, select, tuple_, union

from softswitch.store.event import Event, read_events
from softswitch.store.fold import CallRow, Result, fold
from softswitch.store.ports import Shelf
from softswitch.store.schema import calls, from_micros, moment, to_micros

__all__ = ["CallFilter", "CallRow", "History", "Result", "StoredCall", "fold"]

# Fewer digits are an extension and must match whole; more are looked for at the end of a number, so
# that "600 100 200" finds +48600100200.
SHORTEST_PUBLIC_NUMBER = 6
# So many different numbers with one end are looked for at once, not one by one.
MANY_NUMBERS = 8
# Rows that are worked through without a pause: some ten milliseconds.
PAGE = 500
# Conditions that are true together.
Way = tuple[ColumnElement[bool], ...]
# What only serves to find a call is no part of its row.
_REVERSED = (calls.c.number_reversed, calls.c.called_reversed)
_SHOWN = tuple(column for column in calls.columns if column not in set(_REVERSED))


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
        which = which or CallFilter()
        numbers = [()] if which.number is None else await self._number_ways(which.number)
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

    async def _number_ways(self, number: str) -> list[Way]:
        """Whole numbers where few end so: an index has the calls of one in their order."""
        end, is_whole = _written(number)
        turned = end[::-1]
        if is_whole:
            return [(column == turned,) for column in _REVERSED]
        ways: list[Way] = []
        for column in _REVERSED:
            found = await self._beginning_so(column, turned)
            few = [(column == one,) for one in found]
            ways += few if len(found) < MANY_NUMBERS else [(_begins(column, turned),)]
        return ways or [(false(),)]

    async def _beginning_so(self, column: ColumnElement[str], digits: str) -> list[str]:
        """The different values, at most MANY_NUMBERS, each found by one look into the index."""
        found: list[str] = []
        while len(found) < MANY_NUMBERS:
            # Not min(): SQLite would walk over all that begin so.
            query = select(column).where(_begins(column, digits)).order_by(column).limit(1)
            if found:
                query = query.where(column > found[-1])
            rows = await self._shelf.read(query)
            if not rows:
                break
            found.append(rows[0][0])
        return found


def _filtered(which: CallFilter, numbers: Sequence[Way]) -> Select[Any]:
    """The newest of each way to fit, then the newest of these: each is read off an index."""
    ways = [_newest(which, (*one, *other)) for one in _person_ways(which) for other in numbers]
    if len(ways) == 1:
        return ways[0]
    fitting = union(*(select(way.subquery()) for way in ways)).subquery()
    return select(fitting).order_by(*_newest_first(fitting.c)).limit(which.limit)


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
    turned = which.person[::-1]
    return [(calls.c.handled_by == which.person,), *((column == turned,) for column in _REVERSED)]


def number_matches(number: str, *columns: Any) -> Any:
    """Where one of these columns is the number, as a person types it."""
    end, is_whole = _written(number)
    if is_whole:
        return or_(*(column == end for column in columns))
    return or_(*(func.coalesce(column, "").endswith(end) for column in columns))


def _written(number: str) -> tuple[str, bool]:
    """What a person has typed: the end of a number, or, if true, the whole of one."""
    digits = re.sub(r"\D", "", number)
    if number.lstrip().startswith("+"):
        return f"+{digits}", True
    if len(digits) < SHORTEST_PUBLIC_NUMBER:
        return digits or number, True
    # A leading 0 or 00 is how one dials, not part of the number.
    return digits.lstrip("0") or digits, False


def _begins(column: ColumnElement[str], digits: str) -> ColumnElement[bool]:
    """As a range: LIKE is not read off an index by every database, and digits sort alike in all."""
    begins = and_(column >= digits, column.startswith(digits))
    after = str(int(digits) + 1).zfill(len(digits))
    return begins if len(after) > len(digits) else and_(begins, column < after)


def _row(row: Any) -> CallRow:
    fields = dict(row._mapping)
    fields["started"] = from_micros(fields["started"])
    fields["answered"] = moment(fields["answered"])
    fields["ended"] = moment(fields["ended"])
    fields["result"] = None if fields["result"] is None else Result(fields["result"])
    return CallRow(**fields)
