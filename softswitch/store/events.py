"""The event log: the append-only story of every call.

What is not in the log did not happen. The history, the callback list, statistics and the live panel
are readers of it, called with every event as it is appended; what the history writes goes to the
disk in the same batch as the event.

Appending never waits and never raises: a call must not feel what happens to a disk.
"""

from collections.abc import Callable, Collection, Iterable

from softswitch.log import get_logger
from softswitch.store.event import Event, encode_data, read_events
from softswitch.store.fold import KINDS
from softswitch.store.ports import Disk
from softswitch.store.projection import CallProjection
from softswitch.store.schema import to_micros

__all__ = ["Event", "EventLog", "Reader", "read_events"]

_log = get_logger("store")

Reader = Callable[[Event], None]

# Far above the kinds that there are; whoever makes them up is served all the same.
MAX_KINDS = 512


class EventLog:
    """Appends events and keeps the history's rows; further readers may subscribe."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        # Each with the kinds that it wants, None: all; and who is told each kind met so far.
        self._readers: list[tuple[Reader, Collection[str] | None]] = []
        self._told: dict[str, list[Reader]] = {}
        self._rows = CallProjection(disk)
        self.subscribe(self._rows.see, KINDS)
        self._last_id = 0

    def append(self, event: Event) -> None:
        """Take the event. Costs some ten microseconds; never waits, never raises."""
        micros = to_micros(event.at)
        # Ids rise even when the clock is set back, so that order is the order of appending.
        self._last_id = number = max(self._last_id + 1, micros)
        data = encode_data(event.data)
        self._disk.put("event.add", (event.call, number, micros, event.kind, data))
        for reader in self._told.get(event.kind) or self._readers_of(event.kind):
            try:
                reader(event)
            except Exception:  # a reader's mistake must not end a call
                _log.exception("event reader failed", call=event.call, kind=event.kind)

    def in_progress(self) -> frozenset[str]:
        """Calls that have begun and not ended."""
        return self._rows.in_progress()

    def forget(self, calls: Iterable[str]) -> None:
        """What is remembered of these calls, which are over: their rows stay as they are."""
        self._rows.forget(calls)

    def subscribe(self, reader: Reader, kinds: Collection[str] | None = None) -> None:
        """Call `reader` with every event of these kinds (None: of all) from now on. It must be
        quick and must not wait."""
        self._readers.append((reader, kinds))
        self._told.clear()

    def _readers_of(self, kind: str) -> list[Reader]:
        """In the order in which they came; remembered, since what is noted is one of few kinds."""
        found = [reader for reader, kinds in self._readers if kinds is None or kind in kinds]
        if len(self._told) < MAX_KINDS:
            self._told[kind] = found
        return found

    async def flush(self) -> bool:
        """Wait until every event appended so far is on the disk; False if it could not be."""
        return await self._disk.flush()
