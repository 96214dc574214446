"""Opening hours as people print them: a table of days, and what is special among them.

Pure text from an office; the calendar decides (`calendar.py`). Days are those of the office's wall
clock, so a night of a clock change has 23 or 25 hours and is told by the same times.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from softswitch.office.calendar import stretches, why_closed
from softswitch.office.hours import is_meant_always
from softswitch.office.models import Office
from softswitch.wording import Said, say

WEEKS = 2
WEEKDAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Day:
    """One day of one rule. `spans`: `08:00-16:00`, in order. `special`: holiday, free day."""

    day: date
    spans: tuple[str, ...]
    special: str | None

    def in_words(self) -> Said:
        """`08:00-16:00`, `closed (Wigilia)`."""
        times = say("word", word=self.spans) if self.spans else say("is_closed")
        return say("day_and_reason", day=times, reason=self.special) if self.special else times


def days(office: Office, name: str, first: date, count: int) -> list[Day]:
    """What the hours `name` say of some days."""
    start = datetime.combine(first, time(), office.zone)
    end = datetime.combine(first + count * _DAY, time(), office.zone)
    spans: dict[date, list[str]] = {first + n * _DAY: [] for n in range(count)}
    for begin, finish in _joined(office, name, start, end):
        while begin < finish:
            midnight = datetime.combine(begin.date() + _DAY, time(), office.zone)
            until = "24:00" if midnight <= finish else f"{finish:%H:%M}"
            spans[begin.date()].append(f"{begin:%H:%M}-{until}")
            begin = midnight
    return [Day(day, tuple(found), _special(office, name, day)) for day, found in spans.items()]


def _joined(
    office: Office, name: str, start: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """Open stretches, those that touch made one."""
    last: tuple[datetime, datetime] | None = None
    for begin, finish, is_open in stretches(office, name, start, end):
        if not is_open:
            continue
        if last is not None and last[1] == begin:
            last = (last[0], finish)
            continue
        if last is not None:
            yield last
        last = (begin, finish)
    if last is not None:
        yield last


def _special(office: Office, name: str, day: date) -> str | None:
    """Why the day is not like others of its name."""
    noon = datetime.combine(day, time(12), office.zone)
    for word, period in office.calendar.periods.items():
        if period.from_[:10] <= day.isoformat() <= period.to[:10]:
            is_meant = name in period.hours if period.hours else True
            if is_meant and not (is_meant_always(office.hours[name]) and not period.hours):
                return period.reason or word
    return why_closed(office, noon.date())


def table(office: Office, first: date, weeks: int = WEEKS, language: str = "en") -> str:
    """One line a day, one column a rule."""
    names = list(office.hours)
    if not names:
        return say("no_hours_at_all").in_language(language)
    columns = [days(office, name, first, 7 * weeks) for name in names]
    rows = [["", *names]]
    for found in zip(*columns, strict=True):
        day = found[0].day
        weekday = _weekday(day.weekday()).in_language(language)
        rows.append([f"{weekday} {day}", *(one.in_words().in_language(language) for one in found)])
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(line.rstrip() for line in lines)


def summary(office: Office, first: date, weeks: int = WEEKS) -> list[Said]:
    """One line a rule: the usual week, and the days of the next weeks that are otherwise."""
    return [
        say("rule_and_hours", name=name, hours=_summary(office, name, first, weeks))
        for name in office.hours
    ]


def _summary(office: Office, name: str, first: date, weeks: int) -> Said:
    found = days(office, name, first, 7 * weeks)
    usual = {}
    for weekday in range(7):
        same = [d for d in found if d.day.weekday() == weekday]
        plain = next((d for d in same if d.special is None), same[0])
        usual[weekday] = plain.spans
    told = week(usual)
    for one in (d for d in found if d.spans != usual[d.day.weekday()]):
        name_of_day, day = _weekday(one.day.weekday()), one.day.isoformat()
        told = say("hours_but", usual=told, weekday=name_of_day, day=day, hours=one.in_words())
    return told


def week(usual: dict[int, tuple[str, ...]]) -> Said:
    """Weekday → times as `Mo-Fr 08:00-16:00`; days without any are left out."""
    parts: list[Said] = []
    weekday = 0
    while weekday < 7:
        last = weekday
        while last < 6 and usual[last + 1] == usual[weekday]:
            last += 1
        if usual[weekday]:
            stretch = _weekday(weekday)
            if last > weekday:
                stretch = say("weekdays", first=stretch, last=_weekday(last))
            parts.append(say("days_open", days=stretch, times=usual[weekday]))
        weekday = last + 1
    return say("word", word=tuple(parts)) if parts else say("is_closed")


def _weekday(number: int) -> Said:
    return say(f"weekday_{WEEKDAYS[number]}")
