"""What calls add up to: by hour, day, queue, number and person. Pure; rows in, figures out.

Seen from the caller: a call counts as answered when a human talked with him, whoever that was and
however often he was transferred. Every inbound call is in exactly one hour, day and number, so the
sums of each table are those of the whole.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, tzinfo
from math import ceil

from softswitch.store.fold import CallRow, Result

# He went without a talk, and nothing that he was meant to get.
MISSED = frozenset(
    (Result.ABANDONED, Result.NO_ANSWER, Result.BUSY, Result.FAILED, Result.INTERRUPTED)
)
HOURS = 24


@dataclass(slots=True)
class Inbound:
    """Calls of clients. `waits`: seconds until a human talked, of those who were answered."""

    results: Counter[Result] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)
    talk: float = 0.0

    def add(self, row: CallRow) -> None:
        if row.result is None:
            return
        self.results[row.result] += 1
        self.talk += row.talk
        if row.result is Result.TALKED:
            self.waits.append(row.wait)

    @property
    def offered(self) -> int:
        return self.results.total()

    @property
    def answered(self) -> int:
        return self.results[Result.TALKED]

    @property
    def missed(self) -> int:
        return sum(self.results[one] for one in MISSED)

    @property
    def messages(self) -> int:
        return self.results[Result.MESSAGE]

    @property
    def others(self) -> int:
        """They heard an announcement, or used a service."""
        return self.offered - self.answered - self.missed - self.messages

    @property
    def average_wait(self) -> float | None:
        return sum(self.waits) / len(self.waits) if self.waits else None

    @property
    def wait_90(self) -> float | None:
        """Nine of ten who were answered waited no longer."""
        return sorted(self.waits)[ceil(len(self.waits) * 0.9) - 1] if self.waits else None


@dataclass(slots=True)
class PersonFigures:
    """Somebody of the office: clients' calls he handled last, calls he placed, seconds of talk."""

    taken: int = 0
    placed: int = 0
    internal: int = 0
    talk: float = 0.0


@dataclass(slots=True)
class Statistics:
    """Figures of a period. A call that is still up counts nowhere."""

    inbound: Inbound = field(default_factory=Inbound)
    by_hour: tuple[Inbound, ...] = field(
        default_factory=lambda: tuple(Inbound() for _ in range(HOURS))
    )
    by_day: dict[date, Inbound] = field(default_factory=lambda: defaultdict(Inbound))
    by_queue: dict[str, Inbound] = field(default_factory=lambda: defaultdict(Inbound))
    by_number: dict[str, Inbound] = field(default_factory=lambda: defaultdict(Inbound))
    people: dict[str, PersonFigures] = field(default_factory=lambda: defaultdict(PersonFigures))
    outbound: int = 0
    internal: int = 0

    def add(self, row: CallRow, zone: tzinfo | None) -> None:
        """Count one call. `zone`: whose hours and days; None for this machine's."""
        if row.result is None:
            return
        if row.direction == "in":
            self._add_inbound(row, zone)
        elif row.direction == "out":
            self.outbound += 1
        else:
            self.internal += 1
        self._add_person(row)

    def _add_inbound(self, row: CallRow, zone: tzinfo | None) -> None:
        local = row.started.astimezone(zone)
        groups = [self.inbound, self.by_hour[local.hour], self.by_day[local.date()]]
        groups.append(self.by_number[row.called or ""])
        if row.queue is not None:
            groups.append(self.by_queue[row.queue])
        for group in groups:
            group.add(row)

    def _add_person(self, row: CallRow) -> None:
        if row.direction == "in" and row.handled_by and row.result is Result.TALKED:
            person = self.people[row.handled_by]
            person.taken += 1
        elif row.direction == "out" and row.number:
            person = self.people[row.number]
            person.placed += 1
        elif row.direction == "internal" and row.number and row.result is Result.TALKED:
            person = self.people[row.number]
            person.internal += 1
        else:
            return
        person.talk += row.talk


def statistics(rows: Iterable[CallRow], zone: tzinfo) -> Statistics:
    """The figures of these calls."""
    found = Statistics()
    for row in rows:
        found.add(row, zone)
    return found
