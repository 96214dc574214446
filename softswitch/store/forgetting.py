"""Forget a telephone number: everything of one person that the store holds, by his number.

His messages, mails about him and the SIP messages of his calls go. The history keeps its rows, and
so do the callback list and the stories, with a pseudonym in the place of the number and without
the name: the sums still agree. Recordings are another matter (`apps/recording`): they have keys.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import or_, select

from softswitch.store.numbers import turned
from softswitch.store.ports import Store
from softswitch.store.schema import callbacks, calls, events, mails, messages, traces

# The national part of a number; fewer digits would be found in too many places.
SHORTEST = 7


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What there was, by kind; `files` are the sounds of messages, for the caller to remove."""

    counts: dict[str, int] = field(default_factory=dict)
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Found:
    calls: list[Any]
    events: list[Any]
    traces: list[Any]
    messages: list[Any]
    mails: list[Any]
    callbacks: list[Any]


async def forget(store: Store, number: str, pseudonym: str, *, is_trial: bool) -> Forgotten:
    """Put the writes that forget the number; a trial only counts. Raises StoreError, ValueError.

    `number`: E.164. ValueError: it is too short to be told from others.
    """
    if len(number) - 1 < SHORTEST or not number.startswith("+"):
        raise ValueError(f"`{number}` is no number of the world")
    await store.flush()
    found = await _find(store, number)
    if not is_trial:
        for operation, values in _writes(found, number, pseudonym):
            store.put(operation, values)
        await store.flush()
    counts = {name: len(getattr(found, name)) for name in _Found.__slots__}
    return Forgotten(counts, tuple(row.path for row in found.messages))


async def _find(store: Store, number: str) -> _Found:
    national = number.removeprefix("+")[-9:]
    of_him = or_(calls.c.number == number, calls.c.called == number)
    rows = list(await store.read(select(calls).where(of_him)))
    names = [row.id for row in rows]
    mentioned = or_(mails.c.subject.contains(national), mails.c.body.contains(national))
    return _Found(
        calls=rows,
        # A colleague's call may tell of him too: a transfer, a callback.
        events=list(await store.read(select(events).where(events.c.data.contains(national))))
        + await _unnamed(store, names, national),
        traces=await _in(store, traces, traces.c.call, names),
        messages=list(await store.read(select(messages).where(messages.c.number == number))),
        mails=list(await store.read(select(mails).where(mentioned))),
        callbacks=list(await store.read(select(callbacks).where(callbacks.c.number == number))),
    )


async def _unnamed(store: Store, names: list[str], national: str) -> list[Any]:
    """Events of his calls that tell his name and not his number."""
    found = await _in(store, events, events.c.call, names)
    return [row for row in found if national not in row.data and '"name"' in row.data]


async def _in(store: Store, table: Any, column: Any, names: list[str]) -> list[Any]:
    found: list[Any] = []
    for begin in range(0, len(names), 500):  # a statement takes so many parameters
        wanted = column.in_(names[begin : begin + 500])
        found += await store.read(select(table).where(wanted))
    return found


def _writes(found: _Found, number: str, pseudonym: str) -> Iterator[tuple[str, tuple[Any, ...]]]:
    known = {row.name for row in found.calls if row.name and row.number == number}
    known |= {row.name for row in found.callbacks if row.name}
    clean = _Cleaner(number, pseudonym, known)
    for row in found.calls:
        name = None if row.number == number else row.name
        caller = pseudonym if row.number == number else row.number
        called = pseudonym if row.called == number else row.called
        yield "call.forget", (caller, name, called, turned(caller), turned(called), row.id)
    for row in found.events:
        yield "event.forget", (clean(row.data), row.call, row.id)
    for row in found.traces:
        yield "trace.delete", (row.call, row.part)
    for row in found.messages:
        yield "message.delete", (row.id,)
    for row in found.mails:
        yield "mail.delete", (row.id,)
    for row in found.callbacks:
        yield "callback.forget", (pseudonym, None, row.id)


class _Cleaner:
    """Takes a number out of an event's text, however it was dialled or written, and the names."""

    def __init__(self, number: str, pseudonym: str, names: set[str]) -> None:
        digits = number.removeprefix("+")
        national, country = re.escape(digits[-9:]), re.escape(digits[:-9])
        prefix = rf"(?<![0-9])(?:\+|00)?(?:{country})?0?"
        self._number = re.compile(rf"{prefix}{national}(?![0-9])")
        self._pseudonym = pseudonym
        self._names = [json.dumps(name) for name in names]

    def __call__(self, data: str) -> str:
        text = self._number.sub(self._pseudonym, data)
        for name in self._names:
            text = text.replace(name, "null")
        return text
