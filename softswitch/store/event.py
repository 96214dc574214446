"""One line of a call's story: the value, and its form in the store.

Shared by the log that writes it and by whoever reads it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from softswitch.store.ports import Shelf
from softswitch.store.schema import events, from_micros

# ASCII: a lone surrogate from a damaged display name is then written as its escape and passes
# through every database. What JSON cannot say (a Path, an Enum) is written as text.
_encode = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), default=str).encode


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to a call."""

    call: str
    at: datetime  # aware, UTC
    kind: str  # "call.started", "menu.key", …
    data: Mapping[str, Any]  # what JSON can say
    id: int = 0  # rises within a call; given by the log, 0 before


def encode_data(data: Mapping[str, Any]) -> str:
    """Data as the store keeps it; of what JSON cannot hold at all, its description."""
    try:
        return _encode(data)
    except (TypeError, ValueError, RecursionError):
        return _encode({"unreadable": repr(data)[:1000]})


async def read_events(shelf: Shelf, call: str) -> list[Event]:
    """The stored events of one call, in order. Raises StoreError."""
    wanted = select(events).where(events.c.call == call).order_by(events.c.id)
    return [event_of(row) for row in await shelf.read(wanted)]


def event_of(row: Any) -> Event:
    """A row of the table of events."""
    return Event(row.call, from_micros(row.at), row.kind, json.loads(row.data), row.id)
