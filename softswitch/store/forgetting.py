"""Forget a telephone number: everything of one person that the store holds, by his number.

His messages, mails about him and the SIP messages of his calls go. The history keeps its rows, and
so do the callback list and the stories, with a pseudonym in the place of the number and without
the name: the sums still agree. Recordings are another matter (`apps/recording`): they have keys.
"""

import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from softswitch.log import get_logger
from softswitch.store.event import encode_data, forms_of
from softswitch.store.numbers import turned
from softswitch.store.ports import Store, StoreError
from softswitch.store.schema import callbacks, calls, events, mails, messages, recordings, traces
from softswitch.wording import say

_log = get_logger("store.forgetting")

# The national part of a number; fewer digits would be found in too many places.
SHORTEST = 7
# As mails and notes write numbers: `600 100 200`, `600-100-200`, with a space that does not break.
BETWEEN_DIGITS = " -\u00a0"
# Calls whose events are looked through at once: some tenths of a second.
PAGE = 20_000
NOTED, TAKEN_OUT = "call.noted", ""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What there was, by kind; `files` are the sounds of messages, for the caller to remove.

    Not `is_overwritten`: the database's file still has in its free room what is in no row.
    """

    counts: dict[str, int] = field(default_factory=dict)
    files: tuple[str, ...] = ()
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


async def forget(
    store: Store, number: str, pseudonym: str, *, is_trial: bool, ways: Sequence[str] = ()
) -> Forgotten:
    """Put the writes that forget the number; a trial only counts. Raises StoreError, ValueError.

    `number`: E.164; `ways`: how else it may have been dialled, as rows have it. ValueError: it is
    too short to be told from others.
    """
    if len(number) - 1 < SHORTEST or not number.startswith("+"):
        raise ValueError(say("no_world_number", text=number))
    await store.flush()
    his = {number, *ways}
    found = await _find(store, number, his)
    is_overwritten = True
    if not is_trial:
        for operation, values in _writes(found, number, his, pseudonym):
            store.put(operation, values)
        is_overwritten = await _scrubbed(store)
    counts = {name: len(getattr(found, name)) for name in _Found.__slots__}
    return Forgotten(counts, tuple(row.path for row in found.messages), is_overwritten)


async def _scrubbed(store: Store) -> bool:
    if not await store.flush():
        return False  # it lies in the journal, until the database takes it
    try:
        await store.scrub()
    except StoreError as error:
        _log.error("what was erased is not overwritten yet", error=str(error))
        return False
    return True


async def _find(store: Store, number: str, his: Collection[str]) -> _Found:
    national = number.removeprefix("+")[-9:]
    # By the indexed columns: his number from behind.
    ends = [turned(one) for one in his]
    of_him = or_(calls.c.number_reversed.in_(ends), calls.c.called_reversed.in_(ends))
    rows = list(await store.read(select(calls).where(of_him)))
    names = [row.id for row in rows]
    mentioned = or_(
        *(_digits(column).contains(national) for column in (mails.c.subject, mails.c.body))
    )
    numbers = (recordings.c.number_reversed, recordings.c.called_reversed)
    in_row = or_(*(column.in_(ends) for column in numbers))
    gone = and_(in_row, recordings.c.erased.is_not(None))
    return _Found(
        calls=rows,
        events=await _events(store, names, national),
        traces=await _in(store, traces, traces.c.call, names),
        messages=list(
            await store.read(select(messages).where(messages.c.number_reversed.in_(ends)))
        ),
        mails=list(await store.read(select(mails).where(mentioned))),
        callbacks=list(await store.read(select(callbacks).where(callbacks.c.number.in_(his)))),
        erased_before=list(await store.read(select(recordings).where(gone))),
    )


def _digits(column: ColumnElement[str]) -> ColumnElement[str]:
    """A text without what people write between the digits of a number."""
    for sign in BETWEEN_DIGITS:
        column = func.replace(column, sign, "")
    return column


async def _events(store: Store, names: list[str], national: str) -> list[Any]:
    """What tells of him in his own calls, and in others: a transfer, a call back, a note."""
    found = await _in(store, events, events.c.call, names)
    own = set(names)
    his = [row for row in found if _tells(row, national)]
    return his + [row for row in await _mentions(store, national) if row.call not in own]


def _tells(row: Any, national: str) -> bool:
    """Whether an event of his call has his number, a name, or somebody's words about him."""
    is_open_note = row.kind == NOTED and json.loads(row.data).get("text") != TAKEN_OUT
    return is_open_note or '"name"' in row.data or national in _bare(row.data)


def _bare(text: str) -> str:
    return text.translate(dict.fromkeys(map(ord, BETWEEN_DIGITS)))


async def _mentions(store: Store, national: str) -> list[Any]:
    """Every event with his number, of so many calls at a time that no question takes long."""
    found: list[Any] = []
    after = ""
    while True:
        page = select(calls.c.id).where(calls.c.id > after).order_by(calls.c.id)
        last = (await store.read(page.offset(PAGE - 1).limit(1))) or None
        where = [events.c.call > after, _digits(events.c.data).contains(national)]
        if last is not None:
            where.append(events.c.call <= last[0].id)
        found += await store.read(select(events).where(*where))
        if last is None:
            return found
        after = last[0].id


async def _in(store: Store, table: Any, column: Any, names: list[str]) -> list[Any]:
    found: list[Any] = []
    for begin in range(0, len(names), 500):  # a statement takes so many parameters
        wanted = column.in_(names[begin : begin + 500])
        found += await store.read(select(table).where(wanted))
    return found


def _writes(
    found: _Found, number: str, his: Collection[str], pseudonym: str
) -> Iterator[tuple[str, tuple[Any, ...]]]:
    known = {row.name for row in found.calls if row.name and row.number in his}
    known |= {row.name for row in found.callbacks if row.name}
    clean = _Cleaner(number, pseudonym, known)
    own = {row.id for row in found.calls}
    for row in found.calls:
        yield "call.save", _call(row, his, pseudonym)
    for row in found.events:
        is_note = row.kind == NOTED and row.call in own
        yield (
            "event.forget",
            (_without_words(row.data) if is_note else clean(row.data), row.call, row.id),
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
        told = [pseudonym if one in his else one for one in (row.number, row.called)]
        yield "recording.forget", (told[0], turned(told[0]), told[1], turned(told[1]), row.id)


def _call(row: Any, his: Collection[str], pseudonym: str) -> tuple[Any, ...]:
    """Its row, with the pseudonym from both ends: an index has each number from behind."""
    fields = dict(row._mapping)
    if row.number in his:
        fields["number"], fields["name"] = pseudonym, None
    if row.called in his:
        fields["called"] = pseudonym
    for name in ("number", "called"):
        fields[f"{name}_reversed"] = turned(fields[name])
    return tuple(fields.values())


def _without_words(data: str) -> str:
    """A note: that there was one, and whose, stays."""
    return encode_data({**json.loads(data), "text": TAKEN_OUT})


class _Cleaner:
    """Takes a number out of an event's text, however it was dialled or written, and the names."""

    def __init__(self, number: str, pseudonym: str, names: set[str]) -> None:
        between = f"[{re.escape(BETWEEN_DIGITS)}]?"
        digits = number.removeprefix("+")
        national, country = between.join(digits[-9:]), between.join(digits[:-9])
        prefix = rf"(?<![0-9])(?:\+|00)?(?:{country}{between})?0?"
        self._number = re.compile(rf"{prefix}{national}(?![0-9])")
        self._pseudonym = pseudonym
        self._names = [form for name in names for form in forms_of(name)]

    def __call__(self, data: str) -> str:
        text = self._number.sub(self._pseudonym, data)
        for name in self._names:
            text = text.replace(name, "null")
        return text
