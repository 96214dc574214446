"""Stretches of time and changes in words: `Mo-Fr 16:00-17:00`, `on 2026-12-24`."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from softswitch.office.numbers import pretty
from softswitch.office.timetable import week
from softswitch.routing.effects.classes import HORIZON, Span
from softswitch.routing.effects.compare import Change
from softswitch.wording import Said, say

_DAY = timedelta(days=1)
# So many days, and numbers, are named.
_NAMED = 3


def when(spans: Sequence[Span], start: datetime, zone: ZoneInfo) -> Said:
    """The usual week if there is one, else the days."""
    joined = _joined(spans)
    if len(joined) == 1 and joined[0] == (start, start + HORIZON):
        return say("always")
    days = _days(joined, zone)
    first, last = start.astimezone(zone).date(), (start + HORIZON).astimezone(zone).date()
    usual = {n: _usual(n, days, first, last) for n in range(7)}
    if any(usual.values()):
        return week(usual)
    named = tuple(f"{day} {', '.join(days[day])}" for day in sorted(days))
    if len(named) > _NAMED:
        return say("on_days_more", days=named[:_NAMED], count=len(named) - _NAMED)
    return say("on_days", days=named)


def _joined(spans: Sequence[Span]) -> list[Span]:
    found: list[Span] = []
    for begin, end in spans:
        if found and found[-1][1] >= begin:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return found


def _days(spans: Sequence[Span], zone: ZoneInfo) -> dict[date, tuple[str, ...]]:
    """Day → times of it."""
    found: dict[date, list[str]] = {}
    for begin, end in spans:
        at, last = begin.astimezone(zone), end.astimezone(zone)
        while at < last:
            midnight = datetime.combine(at.date() + _DAY, time(), zone)
            until = "24:00" if midnight <= last else f"{last:%H:%M}"
            found.setdefault(at.date(), []).append(f"{at:%H:%M}-{until}")
            at = midnight
    return {day: tuple(times) for day, times in found.items()}


def _usual(
    weekday: int, days: dict[date, tuple[str, ...]], first: date, last: date
) -> tuple[str, ...]:
    """The times of most days of this name; none when most have none."""
    day = first + ((weekday - first.weekday()) % 7) * _DAY
    counts: Counter[tuple[str, ...]] = Counter()
    while day < last:
        counts[days.get(day, ())] += 1
        day += 7 * _DAY
    return counts.most_common(1)[0][0]


def sentence(change: Change, start: datetime, zone: ZoneInfo, country: str) -> Said:
    """`Mo-Fr 16:00-17:00, 22 123 45 67, key 3: rings 120 Marta Lis → is asked for a message`."""
    difference = change.difference
    numbers = tuple(pretty(number, country) for number in change.numbers)
    called = say("word", word=numbers[:_NAMED])
    if len(numbers) > _NAMED:
        called = say("numbers_more", numbers=called, count=len(numbers) - _NAMED)
    place = (when(change.spans, start, zone), called, *(word for word in difference.way if word))
    return say("goes_otherwise", place=place, was=difference.was, now=difference.now)
