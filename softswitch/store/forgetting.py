"""Forget a telephone number: everything of one person that the store holds, by his number.

His messages, mails about him, the SIP messages of his calls and of those that mention him go. The
history keeps its rows, and so do the callback list and the stories, with a pseudonym in the place
of the number and without the name: the sums still agree. Recordings are another matter
(`apps/recording`): they have keys.
"""

import json
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from sqlalchemy import ColumnElement, and_, or_, select

from softswitch.log import get_logger
from softswitch.store.event import encode_data
from softswitch.store.numbers import turned
from softswitch.store.ports import Store, StoreError
from softswitch.store.schema import callbacks, calls, events, mails, messages, recordings, traces
from softswitch.wording import say

_log = get_logger("store.forgetting")

# The national part of a number; fewer digits would be found in too many places.
SHORTEST = 7
# Calls whose events are looked through at once: some tenths of a second.
PAGE = 20_000
NOTED, TAKEN_OUT = "call.noted", ""


class Mentioned(Protocol):
    """Where texts have a number, whole and however it is written (`office/mentions.Mentions`)."""

    @property
    def digits(self) -> str:
        """What each such text has, with other signs between them."""

    def places(self, text: str) -> Sequence[slice]:
        """Where it stands."""

    def replaced(self, text: str, by: str) -> str:
        """The text with this in its place."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who is forgotten, by his number. `forms`: as rows may have it, E.164 first."""

    forms: tuple[str, ...]
    mentioned: Mentioned

    @property
    def number(self) -> str:
        """E.164."""
        return self.forms[0]


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What there was, by kind; `files` are the sounds of messages, for the caller to remove, and
    `calls` those in which he was, or was mentioned.

    Not `is_overwritten`: the database's file still has in its free room what is in no row.
    """

    counts: dict[str, int] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    calls: frozenset[str] = frozenset()
    is_overwritten: bool = True


@dataclass(frozen=True, slots=True)
class _Found:
    calls: list[Any]
    events: list[Any]
    traces: list[Any]
    messages: list[Any]
    mails: list[Any]
    callbacks: list[Any]
    erased_before: list[Any]  # rows of recordings


async def look(store: Store, him: Person) -> Forgotten:
    """What would be forgotten. Every event is looked through. Raises StoreError, ValueError.

    ValueError: his number is too short to be told from others.
    """
    if len(him.number) - 1 < SHORTEST or not him.number.startswith("+"):
        raise ValueError(say("no_world_number", text=him.number))
    await store.flush()
    own = await _calls(store, him)
    return _told(await _find(store, him, own, await _mentions(store, him)))


async def forget(store: Store, him: Person, pseudonym: str, looked: Forgotten) -> Forgotten:
    """Put the writes that forget him, as `look` found him. Raises StoreError.

    What was written since then is reached too, where it is of his own calls or of those found.
    """
    await store.flush()
    own = await _calls(store, him)
    elsewhere = await _in(store, events, events.c.call, looked.calls - {row.id for row in own})
    found = await _find(store, him, own, elsewhere)
    for operation, values in _writes(found, him, pseudonym):
        store.put(operation, values)
    return replace(_told(found), is_overwritten=await _scrubbed(store))


def _told(found: _Found) -> Forgotten:
    counts = {name: len(getattr(found, name)) for name in _Found.__slots__}
    met = frozenset(row.id for row in found.calls) | {row.call for row in found.events}
    return Forgotten(counts, tuple(row.path for row in found.messages), met)


async def _scrubbed(store: Store) -> bool:
    if not await store.flush():
        return False  # it lies in the journal, until the database takes it
    try:
        await store.scrub()
    except StoreError as error:
        _log.error("what was erased is not overwritten yet", error=str(error))
        return False
    return True


async def _calls(store: Store, him: Person) -> list[Any]:
    """His own, by the indexed columns: his number from behind."""
    ends = _ends(him)
    of_him = or_(calls.c.number_reversed.in_(ends), calls.c.called_reversed.in_(ends))
    return list(await store.read(select(calls).where(of_him)))


def _ends(him: Person) -> list[str | None]:
    return [turned(one) for one in him.forms]


async def _find(store: Store, him: Person, rows: list[Any], elsewhere: list[Any]) -> _Found:
    """`rows`: his calls; `elsewhere`: events that may have his number, of whatever call."""
    ends, own = _ends(him), {row.id for row in rows}
    told = await _events(store, own, elsewhere, him)
    # Of a call in which he is mentioned, the messages that were sent for him are among all others.
    met = own | {row.call for row in told}
    numbers = (recordings.c.number_reversed, recordings.c.called_reversed)
    in_row = or_(*(column.in_(ends) for column in numbers))
    gone = and_(in_row, recordings.c.erased.is_not(None))
    left = messages.c.number_reversed.in_(ends)
    return _Found(
        calls=rows,
        events=told,
        traces=await _in(store, traces, traces.c.call, met),
        messages=list(await store.read(select(messages).where(left))),
        mails=await _mails(store, him),
        callbacks=list(
            await store.read(select(callbacks).where(callbacks.c.number.in_(him.forms)))
        ),
        erased_before=list(await store.read(select(recordings).where(gone))),
    )


def _may_have(column: ColumnElement[str], him: Person) -> ColumnElement[bool]:
    """Whether a text has his digits in their order: few others do, and they are looked at."""
    return column.like("%".join(("", *him.mentioned.digits, "")))


async def _mails(store: Store, him: Person) -> list[Any]:
    """Those that name him."""
    texts = (mails.c.subject, mails.c.body)
    query = select(mails).where(or_(*(_may_have(column, him) for column in texts)))
    rows = await store.read(query)
    return [row for row in rows if any(map(him.mentioned.places, (row.subject, row.body)))]


async def _events(store: Store, own: set[str], elsewhere: list[Any], him: Person) -> list[Any]:
    """What tells of him in his own calls, and in others: a transfer, a call back, a note."""
    found = await _in(store, events, events.c.call, own)
    his = [row for row in found if _is_about(row, him)]
    return his + [row for row in elsewhere if row.call not in own and _names(row, him)]


def _is_about(row: Any, him: Person) -> bool:
    """Whether an event of his call has his number, a name, or somebody's words about him."""
    is_open_note = row.kind == NOTED and json.loads(row.data).get("text") != TAKEN_OUT
    return is_open_note or '"name"' in row.data or _names(row, him)


def _names(row: Any, him: Person) -> bool:
    data = json.loads(row.data)
    return bool(_without(data, him, set(), TAKEN_OUT) != data)


async def _mentions(store: Store, him: Person) -> list[Any]:
    """Events that may have his number, of so many calls at a time that no question takes long."""
    found: list[Any] = []
    after = ""
    while True:
        page = select(calls.c.id).where(calls.c.id > after).order_by(calls.c.id)
        last = (await store.read(page.offset(PAGE - 1).limit(1))) or None
        where = [events.c.call > after, _may_have(events.c.data, him)]
        if last is not None:
            where.append(events.c.call <= last[0].id)
        found += await store.read(select(events).where(*where))
        if last is None:
            return found
        after = last[0].id


async def _in(store: Store, table: Any, column: Any, names: AbstractSet[str]) -> list[Any]:
    found: list[Any] = []
    wanted = sorted(names)
    for begin in range(0, len(wanted), 500):  # a statement takes so many parameters
        of_these = column.in_(wanted[begin : begin + 500])
        found += await store.read(select(table).where(of_these))
    return found


def _writes(found: _Found, him: Person, pseudonym: str) -> Iterator[tuple[str, tuple[Any, ...]]]:
    known = {row.name for row in found.calls if row.name and row.number in him.forms}
    known |= {row.name for row in found.callbacks if row.name}
    own = {row.id for row in found.calls}
    for row in found.calls:
        yield "call.save", _call(row, him, pseudonym)
    for row in found.events:
        data = json.loads(row.data)
        if row.kind == NOTED and row.call in own:
            data["text"] = TAKEN_OUT  # that there was one, and whose, stays
        yield (
            "event.forget",
            (encode_data(_without(data, him, known, pseudonym)), row.call, row.id),
        )
    for row in found.traces:
        yield "trace.delete", (row.call, row.part)
    for row in found.messages:
        yield "message.delete", (row.id,)
    for row in found.mails:
        yield "mail.delete", (row.id,)
    for row in found.callbacks:
        yield "callback.forget", (pseudonym, None, row.id)
    for row in found.erased_before:
        told = [pseudonym if one in him.forms else one for one in (row.number, row.called)]
        yield "recording.forget", (told[0], turned(told[0]), told[1], turned(told[1]), row.id)


def _call(row: Any, him: Person, pseudonym: str) -> tuple[Any, ...]:
    """Its row, with the pseudonym from both ends: an index has each number from behind."""
    fields = dict(row._mapping)
    if row.number in him.forms:
        fields["number"], fields["name"] = pseudonym, None
    if row.called in him.forms:
        fields["called"] = pseudonym
    for name in ("number", "called"):
        fields[f"{name}_reversed"] = turned(fields[name])
    return tuple(fields.values())


def _without(value: Any, him: Person, names: set[str], pseudonym: str) -> Any:
    """What an event tells, without his number and his names."""
    match value:
        case str():
            return None if value in names else him.mentioned.replaced(value, pseudonym)
        case list():
            return [_without(one, him, names, pseudonym) for one in value]
        case dict():
            return {key: _without(one, him, names, pseudonym) for key, one in value.items()}
    return value
