"""The index of recordings: which call, why, until when, what became of it.

The sound lies in files, the keys in `vault/`; a row alone opens nothing. A row is never deleted: of
an erased recording it says that there was one, and why it went.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, or_, select

from softswitch.store.numbers import Sought, Way, newest_of, number_ways, turned
from softswitch.store.operations import Value
from softswitch.store.ports import Shelf, Store
from softswitch.store.schema import calls, events, micros, moment, recordings, to_micros

# What only serves to find a recording is no part of its row.
_REVERSED = (recordings.c.number_reversed, recordings.c.called_reversed)
_SHOWN = tuple(column for column in recordings.columns if column not in set(_REVERSED))
MOMENTS = ("started", "ended", "keep_until", "erased")
LISTS = ("hear", "gaps")
STARTED = "recording.started"


@dataclass(frozen=True, slots=True)
class GapRow:
    """Nothing was recorded here. `at`: seconds of sound before it; `seconds` None: to the end."""

    why: str
    at: float
    seconds: float | None


@dataclass(frozen=True, slots=True)
class RecordingRow:
    """One recording. `number`: of the client; `person`: who of the office talked last.

    `how` it ended: as the media engine says, or `interrupted`.
    """

    id: str
    call: str
    started: datetime
    path: str
    policy: str
    purpose: str
    basis: str | None
    hear: tuple[str, ...]
    notice: str
    direction: str
    number: str | None
    called: str | None
    person: str | None
    queue: str | None
    keep_until: datetime
    ended: datetime | None = None
    seconds: float | None = None
    gaps: tuple[GapRow, ...] = ()
    how: str | None = None
    hold: str | None = None
    held_by: str | None = None
    erased: datetime | None = None
    erased_by: str | None = None
    erased_why: str | None = None


@dataclass(frozen=True, slots=True)
class RecordingFilter:
    """Which recordings; None asks for all. `since` <= started < `until`, aware."""

    number: Sought | None = None
    person: str | None = None
    queue: str | None = None
    call: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    with_erased: bool = False
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Ending:
    """How a recording ended."""

    at: datetime
    seconds: float
    how: str
    person: str | None = None
    gaps: tuple[GapRow, ...] = field(default=())


class RecordingTable:
    """Writes never wait and never raise; reads raise StoreError."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, row: RecordingRow) -> None:
        """A recording begins."""
        self._store.put("recording.add", _values(row))

    def end(self, recording: str, ending: Ending) -> None:
        """Its file is closed."""
        gaps = _encoded(ending.gaps)
        ended = (to_micros(ending.at), ending.seconds, ending.person, gaps, ending.how, recording)
        self._store.put("recording.ended", ended)

    def hold(self, recording: str, why: str | None, by: str | None) -> None:
        """Not to be erased, for this reason; None: as any other again."""
        self._store.put("recording.held", (why, by, recording))

    def erase(self, row: RecordingRow, at: datetime, by: str, why: str) -> None:
        """Its key is destroyed. `row`: with the numbers that it says from now on."""
        numbers = (row.number, turned(row.number), row.called, turned(row.called))
        self._store.put("recording.erased", (*numbers, to_micros(at), by, why, row.id))

    async def get(self, identifier: str) -> RecordingRow | None:
        """As `get_recording`, all that was put so far included."""
        await self._store.flush()
        return await get_recording(self._store, identifier)

    async def due(self, at: datetime, limit: int = 500) -> list[RecordingRow]:
        """Those whose time is over, without the held ones."""
        await self._store.flush()
        where = and_(
            recordings.c.erased.is_(None),
            recordings.c.hold.is_(None),
            recordings.c.ended.is_not(None),
            recordings.c.keep_until < to_micros(at),
        )
        query = select(*_SHOWN).where(where).order_by(recordings.c.keep_until).limit(limit)
        return [_row(row) for row in await self._store.read(query)]

    async def unfinished(self) -> list[RecordingRow]:
        """Those whose end is not written."""
        await self._store.flush()
        query = select(*_SHOWN).where(recordings.c.ended.is_(None))
        return [_row(row) for row in await self._store.read(query)]

    async def of_client(self, ways: Sequence[str]) -> list[RecordingRow]:
        """As `recordings_of_client`, all that was put so far included."""
        await self._store.flush()
        return await recordings_of_client(self._store, ways)


async def recordings_of_client(shelf: Shelf, ways: Sequence[str]) -> list[RecordingRow]:
    """All of a number that are not erased, the oldest first: also what others said about him while
    he waited, and every conference in which he was. Raises StoreError.

    `ways`: the number, as it may stand in a row.
    """
    ends = [turned(one) for one in ways]
    his = or_(calls.c.number_reversed.in_(ends), calls.c.called_reversed.in_(ends))
    of_him = select(calls.c.id).where(his)
    # A history row names one recording; the story names each in which its caller was heard.
    begun = select(events.c.data).where(events.c.call.in_(of_him), events.c.kind == STARTED)
    named = {json.loads(row.data).get("recording") for row in await shelf.read(begun)}
    found = or_(
        recordings.c.number_reversed.in_(ends),
        recordings.c.call.in_(of_him),
        recordings.c.id.in_(named - {None}),
    )
    query = select(*_SHOWN).where(and_(found, recordings.c.erased.is_(None)))
    return [_row(row) for row in await shelf.read(query.order_by(recordings.c.started))]


async def list_recordings(shelf: Shelf, which: RecordingFilter) -> list[RecordingRow]:
    """Newest first."""
    number = which.number
    ways = [()] if number is None else await number_ways(shelf, number, _REVERSED)
    query = newest_of(ways, lambda way: _newest(which, way), _newest_first, which.limit)
    return [_row(row) for row in await shelf.read(query)]


async def get_recording(shelf: Shelf, identifier: str) -> RecordingRow | None:
    """The recording of this id, or of an id that begins so, if there is exactly one."""
    starts_so = recordings.c.id.startswith(identifier, autoescape=True)
    query = select(*_SHOWN).where(or_(recordings.c.id == identifier, starts_so))
    rows = await shelf.read(query.order_by(recordings.c.id).limit(2))
    if not rows or (len(rows) > 1 and rows[0].id != identifier):
        return None
    return _row(rows[0])


def _newest(which: RecordingFilter, fits: Way) -> Select[Any]:
    table = recordings.c
    query = select(*_SHOWN).where(*fits).order_by(*_newest_first(table)).limit(which.limit)
    for column, value in (
        (table.person, which.person),
        (table.queue, which.queue),
        (table.call, which.call),
    ):
        if value is not None:
            query = query.where(column == value)
    if which.since is not None:
        query = query.where(table.started >= to_micros(which.since))
    if which.until is not None:
        query = query.where(table.started < to_micros(which.until))
    if which.with_erased:
        return query
    # Said so that no database takes the index of what is due, which fits nearly all of them.
    return query.where(func.coalesce(table.erased, 0) == 0)


def _newest_first(columns: Any) -> tuple[Any, ...]:
    return columns.started.desc(), columns.id.desc()


def _encoded(gaps: Sequence[GapRow]) -> str:
    return json.dumps([[one.why, one.at, one.seconds] for one in gaps])


def _values(row: RecordingRow) -> tuple[Value, ...]:
    fields: dict[str, Any] = {
        name: getattr(row, name) for name in (column.name for column in _SHOWN)
    }
    for name in MOMENTS:
        fields[name] = micros(fields[name])
    fields["hear"] = json.dumps(list(row.hear))
    fields["gaps"] = _encoded(row.gaps)
    return (*fields.values(), turned(row.number), turned(row.called))


def _row(row: Any) -> RecordingRow:
    fields = dict(row._mapping)
    for name in MOMENTS:
        fields[name] = moment(fields[name])
    fields["hear"] = tuple(json.loads(fields["hear"]))
    fields["gaps"] = tuple(GapRow(*gap) for gap in json.loads(fields["gaps"] or "[]"))
    return RecordingRow(**fields)
