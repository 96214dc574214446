"""One line of a call's story: the value, and its form in the store.

Shared by the log that writes it and by whoever reads it.
"""

import json
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import select

from softswitch.store.ports import Shelf
from softswitch.store.schema import events, from_micros

# Calls whose events are asked for at once.
_PAGE = 500
# What JSON cannot say (a Path) is written as text.
_encode = msgspec.json.Encoder(enc_hook=str).encode
# ASCII, as all was written until November 2026: a lone surrogate from a damaged display name is its
# escape there and passes through every database.
_escape = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), default=str).encode


class Event(msgspec.Struct, frozen=True):
    """One thing that happened to a call. A dozen a call, and made in a tenth of what a dataclass
    takes."""

    call: str
    at: datetime  # aware, UTC
    kind: str  # "call.started", "menu.key", …
    data: Mapping[str, Any]  # what JSON can say
    id: int = 0  # rises within a call; given by the log, 0 before


def encode_data(data: Mapping[str, Any]) -> str:
    """Data as the store keeps it; of what JSON cannot hold at all, its description."""
    try:
        return _written(data)
    except (TypeError, ValueError, RecursionError):
        return _escape({"unreadable": repr(data)[:1000]})


def _written(value: object) -> str:
    try:
        return _encode(value).decode()
    except (TypeError, ValueError, RecursionError):
        return _escape(value)


async def read_events(shelf: Shelf, call: str) -> list[Event]:
    """The stored events of one call, in order. Raises StoreError."""
    wanted = select(events).where(events.c.call == call).order_by(events.c.id)
    return [event_of(row) for row in await shelf.read(wanted)]


async def events_of(
    shelf: Shelf, found: Sequence[str], kinds: Collection[str] | None = None
) -> AsyncIterator[Event]:
    """The events of these calls, each call's in their order."""
    for first in range(0, len(found), _PAGE):
        wanted = select(events).where(events.c.call.in_(found[first : first + _PAGE]))
        if kinds is not None:
            wanted = wanted.where(events.c.kind.in_(kinds))
        for row in await shelf.read(wanted.order_by(events.c.at, events.c.id)):
            yield event_of(row)


def event_of(row: Any) -> Event:
    """A row of the table of events."""
    return Event(row.call, from_micros(row.at), row.kind, json.loads(row.data), row.id)
