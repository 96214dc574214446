"""Which switches are on by hand, kept over a restart: one row each; what is off has none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from softswitch.store.ports import Disk, Shelf
from softswitch.store.schema import from_micros, micros, moment, switches, to_micros


@dataclass(frozen=True, slots=True)
class SwitchRecord:
    """A switch that is on; moments are aware, UTC. `until` None: until it is switched off."""

    name: str
    until: datetime | None
    since: datetime
    by: str  # an extension, or "route"


class SwitchTable:
    """Keeps them."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._found: tuple[SwitchRecord, ...] = ()

    async def fetch(self, shelf: Shelf) -> None:
        """Read what the last run left, for `load`. Raises StoreError."""
        self._found = tuple(await read_switches(shelf))

    def load(self) -> Sequence[SwitchRecord]:
        """What was on at the start."""
        return self._found

    def save(self, record: SwitchRecord) -> None:
        """It is on. Never waits."""
        values = (record.name, micros(record.until), to_micros(record.since), record.by)
        self._disk.put("switch.save", values)

    def delete(self, name: str) -> None:
        """It is off. Never waits."""
        self._disk.put("switch.delete", (name,))


async def read_switches(shelf: Shelf) -> Sequence[SwitchRecord]:
    """All that are on, also those whose time is over. Raises StoreError."""
    rows = await shelf.read(select(switches).order_by(switches.c.name))
    return [
        SwitchRecord(row.name, moment(row.until), from_micros(row.since), row.by) for row in rows
    ]
