"""Keeps the history's rows in step with the event log: one when a call begins, and when it ends.

The row of a call in progress is what a restart finds and closes as interrupted. Nothing is read
back from the database for it: a call in progress has its `Folding` here.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence

from sqlalchemy import select

from softswitch.store.event import Event, encode_data, read_events
from softswitch.store.fold import INTERRUPTED, CallRow, Folding
from softswitch.store.numbers import turned
from softswitch.store.ports import Disk, Store
from softswitch.store.schema import calls, from_micros, micros, to_micros

# A call whose end was forgotten may not hold its place for ever; far above what a machine carries.
MAX_OPEN = 20_000
# What comes after the end, like the length of a recording, still reaches the row of so many calls.
MAX_RECENT = 512


class CallProjection:
    """A reader of the event log, for the kinds of `fold`."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._open: OrderedDict[str, Folding] = OrderedDict()
        self._recent: OrderedDict[str, Folding] = OrderedDict()

    def see(self, event: Event) -> None:
        """Take an event as it is appended. Never waits."""
        is_late = event.call in self._recent
        folding = self._recent[event.call] if is_late else self._open.get(event.call)
        if folding is None:
            if event.kind != "call.started":
                return
            folding = self._open[event.call] = Folding(event.call)
            if len(self._open) > MAX_OPEN:
                self._open.popitem(last=False)
        folding.add(event)
        if event.kind == "call.ended" and not is_late:
            self._recent[event.call] = folding
            self._open.pop(event.call, None)
            if len(self._recent) > MAX_RECENT:
                self._recent.popitem(last=False)
        if is_late or event.kind in ("call.started", "call.ended"):
            self._disk.put("call.save", row_values(folding.row()))

    def in_progress(self) -> frozenset[str]:
        """Calls that have begun and not ended."""
        return frozenset(self._open)

    def forget(self, calls: Iterable[str]) -> None:
        """Of these, which are over, no row is written any more."""
        for call in calls:
            self._recent.pop(call, None)


def row_values(row: CallRow) -> tuple[str | int | float | None, ...]:
    """A row as the operation `call.save` takes it."""
    return (
        row.id,
        to_micros(row.started),
        micros(row.answered),
        micros(row.ended),
        row.direction,
        row.number,
        row.name,
        row.called,
        row.trunk,
        row.device,
        None if row.result is None else row.result.value,
        row.handled_by,
        row.queue,
        row.wait,
        row.talk,
        row.message,
        row.recording,
        row.ended_by,
        row.status,
        row.reason,
        row.forwarded,
        turned(row.number),
        turned(row.called),
    )


async def close_interrupted(store: Store) -> Sequence[str]:
    """Give every call that the last run left open its end: the time of its last event.

    To be called at the start, before the first call. Returns the calls. Raises StoreError.
    """
    query = select(calls.c.id, calls.c.started).where(calls.c.ended.is_(None))
    left = await store.read(query)
    for call, started in left:
        await _close(store, call, started)
    return [call for call, _ in left]


async def _close(store: Store, call: str, started: int) -> None:
    story = await read_events(store, call)
    folding = Folding(call)
    for event in story:
        folding.add(event)
    # The row may have reached the disk and its first event not: it still gets an end.
    at = folding.last_at or from_micros(started)
    number = story[-1].id + 1 if story else started
    data = {"by": "switch", "status": None, "reason": INTERRUPTED}
    folding.add(Event(call, at, "call.ended", data))
    store.put("event.add", (call, number, to_micros(at), "call.ended", encode_data(data)))
    store.put("call.save", row_values(folding.row()))
