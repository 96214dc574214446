"""What people have set for themselves, kept over a restart: do not disturb, forwards, absence.

Plain values only: what a setting means is known above (`calls/standing.py`). The truth lives there
while it runs; this table is read once, at the start, and by commands.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from softswitch.store.ports import Disk, Shelf
from softswitch.store.schema import from_micros, micros, moment, standing, to_micros


@dataclass(frozen=True, slots=True)
class StandingRecord:
    """One setting of one person, switched on or off; moments are aware, UTC.

    What was switched off keeps its `target`, so that it can be switched on again without it.
    """

    extension: str
    setting: str  # "dnd", "forward_all", …
    is_on: bool
    target: str | None  # an internal number, or E.164; a pause's reason; queues left by an agent
    seconds: float | None  # of a forward when nobody answers: how long it rings before
    until: datetime | None  # None: until it is switched off
    since: datetime
    by: str  # who set it: "phone", "command"


class StandingTable:
    """Keeps one record for each person and setting."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._found: tuple[StandingRecord, ...] = ()

    async def fetch(self, shelf: Shelf) -> None:
        """Read what the last run left, for `load`; once, before anything is saved.

        Raises StoreError.
        """
        self._found = tuple(await read_standing(shelf))

    def load(self) -> list[StandingRecord]:
        """What was there at the start; once, for it is not kept twice."""
        found, self._found = self._found, ()
        return list(found)

    def save(self, record: StandingRecord) -> None:
        """Enter it, in place of the one of the same person and setting. Never waits."""
        values = (
            record.extension,
            record.setting,
            int(record.is_on),
            record.target,
            record.seconds,
            micros(record.until),
            to_micros(record.since),
            record.by,
        )
        self._disk.put("standing.save", values)


async def read_standing(shelf: Shelf) -> Sequence[StandingRecord]:
    """All of it, by person and setting. Raises StoreError."""
    order = select(standing).order_by(standing.c.extension, standing.c.setting)
    return [_record(row) for row in await shelf.read(order)]


def _record(row: Any) -> StandingRecord:
    fields = dict(row._mapping)
    fields["is_on"] = bool(fields["is_on"])
    fields["until"] = moment(fields["until"])
    fields["since"] = from_micros(fields["since"])
    return StandingRecord(**fields)
