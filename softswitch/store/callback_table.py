"""The rows of the callback list: written as items change, read at the start and by commands."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from softswitch.store.callbacks import SPAM, Item, Member
from softswitch.store.operations import Value
from softswitch.store.ports import Disk, Shelf
from softswitch.store.schema import callback_calls, callbacks, from_micros, to_micros

# More open items than these are no list that anybody works through; a bound for memory.
MOST_OPEN = 20_000
_MOMENTS = frozenset({"first", "last", "due", "escalate", "escalated", "closed"})
_COLUMNS = tuple(column.name for column in callbacks.columns)


class CallbackTable:
    """Keeps them. Writing never waits."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    def save(self, item: Item) -> None:
        """The item is so now."""
        self._disk.put("callback.save", tuple(_value(item, name) for name in _COLUMNS))

    def delete(self, item: str) -> None:
        """The item has become part of another one."""
        self._disk.put("callback.delete", (item,))

    def settle(self, call: str, member: Member, item: str | None) -> None:
        """What became of a call without a talk."""
        self._disk.put("callback.call", (call, member.value, item))


async def read_callbacks(
    shelf: Shelf, *, only_open: bool = True, since: datetime | None = None, limit: int = MOST_OPEN
) -> list[Item]:
    """Items, the oldest due first; `since`: of the last attempt. Raises StoreError."""
    # NULLs sort differently in the databases: what is never due comes by its first attempt.
    order = (func.coalesce(callbacks.c.due, callbacks.c.first), callbacks.c.first, callbacks.c.id)
    query = select(callbacks).order_by(*order).limit(limit)
    if only_open:
        query = query.where(callbacks.c.closed.is_(None))
    if since is not None:
        query = query.where(callbacks.c.last >= to_micros(since))
    return [_item(row._mapping) for row in await shelf.read(query)]


async def read_spam(shelf: Shelf) -> list[Item]:
    """Closed items whose numbers were declared spam. Raises StoreError."""
    query = select(callbacks).where(callbacks.c.reason == SPAM, callbacks.c.number.is_not(None))
    rows = await shelf.read(query.order_by(callbacks.c.closed.desc()).limit(MOST_OPEN))
    return [_item(row._mapping) for row in rows]


async def find_callback(shelf: Shelf, identifier: str) -> Item | None:
    """The item of this id or of an id that begins so, if there is exactly one."""
    starts_so = callbacks.c.id.startswith(identifier, autoescape=True)
    rows = await shelf.read(select(callbacks).where(starts_so).order_by(callbacks.c.id).limit(2))
    if not rows or (len(rows) > 1 and rows[0].id != identifier):
        return None
    return _item(rows[0]._mapping)


async def read_settled(shelf: Shelf, calls: Sequence[str]) -> set[str]:
    """Which of these calls have become something already. Raises StoreError."""
    query = select(callback_calls.c.call).where(callback_calls.c.call.in_(calls))
    return {row.call for row in await shelf.read(query)}


def _value(item: Item, name: str) -> Value:
    value = getattr(item, name)
    if isinstance(value, datetime):
        return to_micros(value)
    return int(value) if isinstance(value, bool) else value


def _item(row: Mapping[str, Any]) -> Item:
    values: dict[str, Any] = {
        name: from_micros(value) if name in _MOMENTS and value is not None else value
        for name, value in row.items()
    }
    return Item(**{**values, "is_asked": bool(values["is_asked"])})
