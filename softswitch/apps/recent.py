"""Whom the office called lately, so that a client who calls back reaches the one who called him.

Read from the event log as it is written, and from the history after a restart. Held in memory, so
that a call that comes in waits for no database.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from softswitch.office.loader import LoadedOffice
from softswitch.office.numbers import normalize
from softswitch.routing.verbs.ring import LONGEST_WITHIN
from softswitch.store.event import Event
from softswitch.store.fold import CallRow, text

LOOK_BACK = timedelta(seconds=LONGEST_WITHIN)
# Numbers; the longest untouched goes first.
MOST_NUMBERS = 20_000
# Calls out that are up; what a crash left open may not hold its place for ever.
MOST_CALLS = 5_000


class RecentCalls:
    """`office`: the version in force, for who is a person of it and how numbers are written.
    `kinds`: of the events that it is to see."""

    kinds = frozenset({"call.started", "callback.dialled", "call.ended"})

    def __init__(self, office: Callable[[], LoadedOffice]) -> None:
        self._office = office
        self._last: OrderedDict[str, tuple[str, datetime]] = OrderedDict()
        self._callers: OrderedDict[str, str] = OrderedDict()

    def who(self, number: str | None, now: datetime, seconds: float) -> str | None:
        """The person who called this number last, if it was within so many seconds."""
        found = self._last.get(number or "")
        if found is None or now - found[1] > timedelta(seconds=seconds):
            return None
        return found[0] if found[0] in self._office().office.people else None

    def see(self, event: Event) -> None:
        """Take an event as it is appended. Never waits."""
        if event.kind == "call.started":
            person = text(event.data.get("number"))
            if event.data.get("direction") == "in" or person is None:
                return
            # Also of an internal call: a star code may yet call a client back.
            self._callers[event.call] = person
            if len(self._callers) > MOST_CALLS:
                self._callers.popitem(last=False)
            if event.data.get("direction") == "out":
                self._called(text(event.data.get("called")), person, event.at)
        elif event.kind == "callback.dialled" and event.call in self._callers:
            number = text(event.data.get("number"))
            self._called(number, self._callers[event.call], event.at)
        elif event.kind == "call.ended":
            self._callers.pop(event.call, None)

    def remember(self, rows: Iterable[CallRow]) -> None:
        """What the history has of the last days, in any order."""
        for row in sorted(rows, key=lambda row: row.started):
            if row.direction == "out" and row.number is not None:
                self._called(row.called, row.number, row.started)

    def forget(self, number: str) -> None:
        """Who called it is not known any more."""
        self._last.pop(number, None)

    def dump(self) -> dict[str, int]:
        """Counts for the leak check."""
        return {"calls out": len(self._callers)}

    def _called(self, dialled: str | None, person: str, at: datetime) -> None:
        number = normalize(dialled or "", self._office().office.country)
        if number is None:
            return
        self._last[number] = person, at
        self._last.move_to_end(number)
        if len(self._last) > MOST_NUMBERS:
            self._last.popitem(last=False)
