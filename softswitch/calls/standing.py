"""What people have set for themselves, while the switch runs: do not disturb, forwards, absence.

Runtime state, apart from configuration: a reload leaves it alone, the store keeps it over a
restart. What has an end time ends by itself: nothing counts whose time is over, and `tick` tells
the observers (lamps). Bounded by people times settings. What follows from it for a call is decided
in `apps/reach.py` and nowhere else.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from softswitch.office.codes import SHOWN_SETTINGS, Lit, Setting
from softswitch.office.models import Office
from softswitch.office.until import absent_until
from softswitch.store.standing import StandingRecord

Observer = Callable[[str, Setting, Lit], None]


class Table(Protocol):
    """Where it is kept."""

    def load(self) -> Sequence[StandingRecord]: ...

    def save(self, record: StandingRecord) -> None: ...


@dataclass(frozen=True, slots=True)
class Away:
    """Somebody is absent. `until`: when he is back; None: when he says so."""

    until: datetime | None


class Standing:
    """See the module's docstring. `office`: the version in force; `clock`: aware, UTC."""

    def __init__(
        self, table: Table, office: Callable[[], Office], clock: Callable[[], datetime]
    ) -> None:
        self._table, self._office, self._clock = table, office, clock
        known = {setting.value for setting in Setting}
        self._records: dict[tuple[str, Setting], StandingRecord] = {
            (one.extension, Setting(one.setting)): one
            for one in table.load()
            if one.setting in known  # a later version may know more
        }
        self._lit: dict[tuple[str, Setting], Lit] = {}
        # Told a person, a setting and how its lamp burns now, at each change. They must not wait.
        self.observers: list[Observer] = []

    def aimed_at(self, numbers: Collection[str]) -> list[str]:
        """The people whose settings lead, or have led, to one of these numbers."""
        found = {who for (who, _), one in self._records.items() if one.target in numbers}
        return sorted(found)

    # --- what is set ---

    def set(
        self,
        extension: str,
        setting: Setting,
        is_on: bool,
        *,
        target: str | None = None,
        seconds: float | None = None,
        until: datetime | None = None,
        by: str = "phone",
    ) -> StandingRecord:
        """Switch a setting on or off. What is switched off keeps its target."""
        kept = self.last(extension, setting)
        if not is_on and kept is not None:
            target, seconds, until = kept.target, kept.seconds, None
        record = StandingRecord(
            extension, setting.value, is_on, target, seconds, until, self._clock(), by
        )
        self._records[extension, setting] = record
        self._table.save(record)
        if setting is Setting.ABSENT:
            self._come_and_go(extension, is_on, by)
        self.tick()
        return record

    def _come_and_go(self, extension: str, is_absent: bool, by: str) -> None:
        """Who comes back before the office file says so is there until its absence is over."""
        until = self._planned(extension)
        record = self._records.get((extension, Setting.PRESENT))
        if record is None and (is_absent or until is None):
            return
        is_back = not is_absent and until is not None
        fresh = StandingRecord(
            extension, Setting.PRESENT.value, is_back, None, None, until, self._clock(), by
        )
        if record is None or replace(record, since=fresh.since, by=by) != fresh:
            self._records[extension, Setting.PRESENT] = fresh
            self._table.save(fresh)

    # --- what counts now ---

    def active(self, extension: str, setting: Setting) -> StandingRecord | None:
        """The setting, if it is on and its time is not over."""
        record = self._records.get((extension, setting))
        if record is None or not record.is_on:
            return None
        is_over = record.until is not None and record.until <= self._clock()
        return None if is_over else record

    def last(self, extension: str, setting: Setting) -> StandingRecord | None:
        """What was set last, on or off, its time over or not."""
        return self._records.get((extension, setting))

    def away(self, extension: str) -> Away | None:
        """Whether he is absent, by his own word or by the office file."""
        record = self.active(extension, Setting.ABSENT)
        planned = None
        if self.active(extension, Setting.PRESENT) is None:
            planned = self._planned(extension)
        if record is None:
            return None if planned is None else Away(planned)
        if planned is None or record.until is None:
            return Away(record.until)
        return Away(max(record.until, planned))

    def _planned(self, extension: str) -> datetime | None:
        office = self._office()
        person = office.people.get(extension)
        if person is None or not person.absent:
            return None
        return absent_until(person.absent, self._clock(), office.zone)

    def limit(self, extension: str) -> int:
        """How many calls may be offered to him at once."""
        waiting = self.last(extension, Setting.CALL_WAITING)
        person = self._office().people.get(extension)
        if person is None or (waiting is not None and not waiting.is_on):
            return 1
        return person.calls

    def is_agent(self, extension: str) -> bool:
        """Whether he answers for the queues that have him; he does until he says otherwise."""
        said = self.last(extension, Setting.AGENT)
        return said is None or said.is_on

    def left_queues(self, extension: str) -> frozenset[str]:
        """For which queues he does not answer, though he does for others."""
        said = self.last(extension, Setting.AGENT)
        return frozenset((said.target or "").split() if said is not None and said.is_on else ())

    def lit(self, extension: str, setting: Setting) -> Lit:
        """How its lamp burns now; the one for the queues, while he does not answer for them."""
        if setting is Setting.AGENT:
            if not self.is_agent(extension):
                return Lit.ON
            return Lit.PARTLY if self._left_of_his(extension) else Lit.OFF
        if setting is Setting.ABSENT:
            return Lit(self.away(extension) is not None)
        return Lit(self.active(extension, setting) is not None)

    def _left_of_his(self, extension: str) -> bool:
        """A queue that has been taken away from him, or out of the office, is not left."""
        queues, left = self._office().queues, self.left_queues(extension)
        return any(one in queues and extension in queues[one].everybody for one in left)

    # --- who is told ---

    def tick(self) -> None:
        """Tell the observers what has changed, by somebody's word, the office file or the time."""
        lit, before = dict(self._all_on()), self._lit
        self._lit = lit
        for whose in sorted(lit.keys() | before.keys()):
            now = lit.get(whose, Lit.OFF)
            if now is not before.get(whose, Lit.OFF):
                for observer in self.observers:
                    observer(*whose, now)

    def _all_on(self) -> Iterator[tuple[tuple[str, Setting], Lit]]:
        people = self._office().people
        for extension, setting in self._records:
            if extension in people and setting in SHOWN_SETTINGS:
                lit = self.lit(extension, setting)
                if lit is not Lit.OFF:
                    yield (extension, setting), lit
        for extension, person in people.items():
            if person.absent and self.away(extension) is not None:
                yield (extension, Setting.ABSENT), Lit.ON
