"""The switches that people turn by hand, while the switch runs: which are on, and until when.

Runtime state, apart from configuration: a reload leaves it alone, the store keeps it over a
restart. One that has an end goes off by itself: it counts for nothing from that moment on, and
`tick` tells the observers (lamps). Bounded by the switches of the office.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from softswitch.office.models import Office
from softswitch.office.switches import On
from softswitch.store.switches import SwitchRecord

Observer = Callable[[str, bool], None]


class Table(Protocol):
    """Where it is kept."""

    def load(self) -> Sequence[SwitchRecord]: ...

    def save(self, record: SwitchRecord) -> None: ...

    def delete(self, name: str) -> None: ...


class Switches:
    """See the module's docstring. `office`: the version in force; `clock`: aware, UTC."""

    def __init__(
        self, table: Table, office: Callable[[], Office], clock: Callable[[], datetime]
    ) -> None:
        self._table, self._office, self._clock = table, office, clock
        self._records = {one.name: one for one in table.load()}
        self._lit: frozenset[str] = frozenset()
        # Told a switch and whether it is on now, at each change. They must not wait.
        self.observers: list[Observer] = []

    def on(self) -> On:
        """Those that are on now, with their ends; only such as the office has."""
        now, known = self._clock(), self._office().switches
        return {
            name: one.until
            for name, one in self._records.items()
            if name in known and (one.until is None or one.until > now)
        }

    def turn_on(self, name: str, by: str, until: datetime | None = None) -> datetime | None:
        """Switch it on, until a moment or for as long as it says itself; returns its end."""
        office, now = self._office(), self._clock()
        until = until or office.switches[name].end(now.astimezone(office.zone))
        record = SwitchRecord(name, until, now, by)
        self._records[name] = record
        self._table.save(record)
        self.tick()
        return until

    def turn_on_for(self, name: str, by: str, seconds: float | None) -> datetime | None:
        """The same, for a length of time."""
        until = None if seconds is None else self._clock() + timedelta(seconds=seconds)
        return self.turn_on(name, by, until)

    def turn_off(self, name: str) -> None:
        """Switch it off; one that is off stays so."""
        if self._records.pop(name, None) is not None:
            self._table.delete(name)
        self.tick()

    def tick(self) -> None:
        """Tell the observers what has changed, by somebody's hand, by a reload or by the time."""
        lit = frozenset(self.on())
        changed, self._lit = lit ^ self._lit, lit
        for name in sorted(changed):
            for observer in self.observers:
                observer(name, name in lit)
        now = self._clock()
        for name, one in list(self._records.items()):
            if one.until is not None and one.until <= now:
                del self._records[name]
                self._table.delete(name)
