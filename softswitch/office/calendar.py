"""The office's own calendar over its opening hours: extra free days and closed periods.

A free day or a period closes hours whatever their rule says; the most special reason is told: the
period, the free day, the rule's own comment, the public holiday. Hours that are plainly `24/7` (an
emergency line) stay open unless a period names them. All times are the office's wall clock.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from softswitch.office.holidays import holiday_name
from softswitch.office.hours import Moment, intervals, is_holiday, is_meant_always, moment
from softswitch.office.models import Office
from softswitch.office.plans import Period
from softswitch.office.switches import NONE_ON, On, by_hand
from softswitch.wording import say

# A rule that is open on one of these days closes for it; people rarely list more.
FREE_DAY = say("free_day")
_DAY = timedelta(days=1)
# How far the next opening is looked for.
_AHEAD = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Closure:
    """A stretch in which hours are closed by the calendar. `period`: its name, or None."""

    begin: datetime
    end: datetime
    reason: str
    period: str | None


def state(office: Office, name: str, at: datetime, on: On = NONE_ON) -> Moment:
    """Whether the hours `name` are open at `at` (aware), why, until when; with the period's name.

    `on`: the switches that are on then; what people set by hand is above the calendar. Raises
    `KeyError` when there are no such hours.
    """
    rule = office.hours[name]
    local = at.astimezone(UTC).astimezone(office.zone)
    switched = by_hand(office, name, on)
    if switched is not None:
        word, switch = switched
        return Moment(bool(switch.opens), switch.reason or word, on[word], word)
    for closure in closures(office, name):
        if closure.begin <= local < closure.end:
            until = _opening(office, name, closure.end)
            return Moment(False, closure.reason, until, closure.period)
    found = moment(rule, local, office.country, office.zone, office.office.language)
    following = _next_closure(office, name, local)
    until = found.until
    if found.is_open and following is not None and (until is None or following < until):
        until = following
    elif not found.is_open and until is not None and following is not None:
        until = _opening(office, name, until)  # it may fall into a closure
    return Moment(found.is_open, found.reason, until)


def stretches(
    office: Office, name: str, start: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime, bool]]:
    """Stretches of one state of the hours `name`: (from, to, is open), without a gap."""
    closed = closures(office, name)
    for begin, finish, is_open in intervals(
        office.hours[name], start, end, office.country, office.zone
    ):
        here, finish = max(begin, start), min(finish, end)
        if is_open:
            for closure in closed:
                if closure.end <= here or closure.begin >= finish:
                    continue
                if closure.begin > here:
                    yield here, closure.begin, True
                until = min(closure.end, finish)
                yield max(here, closure.begin), until, False
                here = until
        if here < finish:
            yield here, finish, is_open


def closures(office: Office, name: str) -> tuple[Closure, ...]:
    """Where the calendar closes the hours `name`, in order; periods before free days."""
    return _closures(_Key(office), name)


def why_closed(office: Office, day: date) -> str | None:
    """The reason for which a whole day is special: a free day or a public holiday."""
    if day in office.calendar.free:
        return office.calendar.free[day] or FREE_DAY
    noon = datetime.combine(day, time(12), office.zone)
    if not is_holiday(noon, office.country, office.zone):
        return None
    return holiday_name(day, office.country, office.office.language) or say("public_holiday")


class _Key:
    """An office as a key of a cache: the same object, not an equal one."""

    __slots__ = ("office",)

    def __init__(self, office: Office) -> None:
        self.office = office

    def __hash__(self) -> int:
        return id(self.office)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and other.office is self.office


@lru_cache(maxsize=256)
def _closures(key: _Key, name: str) -> tuple[Closure, ...]:
    office = key.office
    is_always = is_meant_always(office.hours[name])
    found = []
    for word, period in office.calendar.periods.items():
        if name in period.hours or (not period.hours and not is_always):
            begin, end = bounds(period, office.zone)
            found.append(Closure(begin, end, period.reason or word, word))
    if not is_always:
        for day, reason in office.calendar.free.items():
            begin = datetime.combine(day, time(), office.zone)
            end = datetime.combine(day + _DAY, time(), office.zone)
            found.append(Closure(begin, end, reason or FREE_DAY, None))
    return tuple(sorted(found, key=lambda c: (c.begin, c.period is None)))


def bounds(period: Period, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """First moment of a period, and the first after it. A day without a time is the whole day."""
    begin, end = (_point(text, zone) for text in (period.from_, period.to))
    return begin, end if re.search(r"\d:\d", period.to) else end + _DAY


def _point(text: str, zone: ZoneInfo) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def _next_closure(office: Office, name: str, at: datetime) -> datetime | None:
    return min((c.begin for c in closures(office, name) if c.begin > at), default=None)


def _opening(office: Office, name: str, at: datetime) -> datetime | None:
    """When the hours open at or after `at`, the end of a closure."""
    end = at + _AHEAD
    return next((begin for begin, _, is_open in stretches(office, name, at, end) if is_open), None)
