"""Packed SIP messages of calls: rows in, rows out, the oldest thrown away.

What stands in a row is known to `trace/message.py` alone. Rows leave through the one writer, as
every other write does, so that throwing away never locks a call's story out of the database.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Executable, func, select

from softswitch.store.ports import Shelf, Store
from softswitch.store.schema import traces

# A page of deletions: written in one short transaction, so that stories get the disk in between.
PAGE = 500


@dataclass(frozen=True, slots=True)
class TraceRow:
    """What one call said within a second or two. `at`: microseconds of the last message."""

    call: str
    part: int  # rises within a call
    at: int
    size: int  # octets of `data`
    data: str


class TraceTable:
    """Keeps rows and bounds them by age and by size."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, row: TraceRow) -> None:
        """Keep it. Never waits, never raises."""
        self._store.put("trace.add", (row.call, row.part, row.at, row.size, row.data))

    async def size(self) -> int:
        """Octets of all rows. Raises StoreError."""
        ((total,),) = await self._store.read(select(func.coalesce(func.sum(traces.c.size), 0)))
        return int(total)

    async def trim(self, oldest: int, limit: int) -> int:
        """Throw away rows before `oldest` (microseconds), then the oldest beyond `limit` octets.

        Returns how many went. Raises StoreError. Stops when the writer cannot write.
        """
        gone, left = 0, await self.size()
        while True:
            found = await self._store.read(_oldest_rows())
            doomed = []
            for call, part, at, size in found:
                if at >= oldest and left <= limit:
                    break
                doomed.append((call, part))
                left -= size
            for key in doomed:
                self._store.put("trace.delete", key)
            gone += len(doomed)
            if not doomed or not await self._store.flush() or len(doomed) < PAGE:
                return gone


async def read_traces(shelf: Shelf, call: str) -> Sequence[str]:
    """The packed data of a call's rows, in order. Raises StoreError."""
    query = select(traces.c.data).where(traces.c.call == call).order_by(traces.c.part)
    return [str(data) for (data,) in await shelf.read(query)]


def _oldest_rows() -> Executable:
    columns = traces.c
    query = select(columns.call, columns.part, columns.at, columns.size)
    return query.order_by(columns.at).limit(PAGE)
