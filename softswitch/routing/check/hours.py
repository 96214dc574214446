"""Open when: hours that never change, that forget public holidays, or name a past period."""

import re
from collections.abc import Iterable
from datetime import datetime, time, timedelta

from softswitch.office.calendar import bounds, stretches, why_closed
from softswitch.office.findings import Findings, suggest
from softswitch.office.hours import HORIZON, HoursError, intervals, is_meant_always
from softswitch.office.models import Office
from softswitch.office.source import Path
from softswitch.wording import Said, say, several

_DAY = timedelta(days=1)
# So many forgotten holidays are named.
_NAMED = 2
# What stands beside a period's name in a route.
_TAKEN = frozenset({"hours", "open", "closed"})


def check_hours(office: Office, at: datetime, findings: Findings) -> None:
    """What the hours will do in the two years after `at`."""
    for name, rule in office.hours.items():
        if is_meant_always(rule):
            continue
        states = {is_open for *_, is_open in stretches(office, name, at, at + HORIZON)}
        if len(states) == 1:
            is_open = states.pop()
            message = say("hours_always_open" if is_open else "hours_always_closed", name=name)
            meant = say("if_meant", meant="24/7" if is_open else "24/7 off")
            findings.error(("hours", name), message, meant)
            continue
        if not re.search(r"\bPH\b", rule):
            _check_holidays(office, name, at, findings)
        _check_order(office, name, findings)
        _check_parts(office, name, at, findings)
    _check_calendar(office, at, findings)


def _check_holidays(office: Office, name: str, at: datetime, findings: Findings) -> None:
    """A rule without a word about holidays that is open on some of them."""
    forgotten: list[Said] = []
    day = at.astimezone(office.zone).date()
    last = day + HORIZON
    while day < last and len(forgotten) < _NAMED:
        reason = why_closed(office, day) if day not in office.calendar.free else None
        if reason is not None and _is_open_on(office, name, day.isoformat()):
            forgotten.append(say("day_and_reason", day=day.isoformat(), reason=reason))
        day += _DAY
    if forgotten:
        message = say("open_on_holidays", name=name, days=several(forgotten))
        remedy = say("write_ph_off")
        findings.warning(("hours", name), message, remedy)


def _check_order(office: Office, name: str, findings: Findings) -> None:
    """Later parts overrule earlier ones, so weekdays after `PH off` bring holidays back."""
    parts = [part.strip() for part in office.hours[name].split(";")]
    closing = [n for n, part in enumerate(parts) if re.fullmatch(r"PH\s+(off|closed).*", part)]
    if not closing:
        return
    for part in parts[closing[-1] + 1 :]:
        if re.match(r"(Mo|Tu|We|Th|Fr|Sa|Su)\b", part) and not part.endswith(("off", "closed")):
            message = say("holds_on_holidays", part=part, name=name)
            remedy = say("ph_at_end")
            findings.warning(("hours", name), message, remedy)


def _check_parts(office: Office, name: str, at: datetime, findings: Findings) -> None:
    """A part without which everything would be the same: it is over, or overruled."""
    rule, country, zone = office.hours[name], office.country, office.zone
    parts = rule.split(";")
    if len(parts) < 2:
        return
    whole = list(intervals(rule, at, at + HORIZON, country, zone))
    for index, part in enumerate(parts):
        rest = ";".join(parts[:index] + parts[index + 1 :])
        try:
            same = _opened(intervals(rest, at, at + HORIZON, country, zone)) == _opened(whole)
        except HoursError:
            continue  # a semicolon in a comment: no part at all
        if same and part.strip():
            message = say("changes_nothing", part=part.strip(), name=name)
            remedy = say("over_or_overruled")
            findings.warning(("hours", name), message, remedy)


def _opened(found: Iterable[tuple[datetime, datetime, bool]]) -> list[tuple[datetime, datetime]]:
    """The open stretches, those that touch as one."""
    joined: list[tuple[datetime, datetime]] = []
    for begin, end, is_open in found:
        if is_open and joined and joined[-1][1] == begin:
            joined[-1] = (joined[-1][0], end)
        elif is_open:
            joined.append((begin, end))
    return joined


def _is_open_on(office: Office, name: str, day: str) -> bool:
    begin = datetime.combine(datetime.fromisoformat(day), time(), office.zone)
    end = begin + _DAY
    return any(is_open for *_, is_open in stretches(office, name, begin, end))


def _check_overlaps(office: Office, findings: Findings) -> None:
    """Two periods at once: callers are told of one of them only."""
    periods = list(office.calendar.periods.items())
    for number, (name, period) in enumerate(periods):
        begin, end = bounds(period, office.zone)
        for other, earlier in periods[:number]:
            first, last = bounds(earlier, office.zone)
            common = set(period.hours or office.hours) & set(earlier.hours or office.hours)
            if common and begin < last and first < end:
                message = say(
                    "periods_overlap",
                    other=other,
                    name=name,
                    begin=max(begin, first),
                    end=min(end, last),
                )
                remedy = say("shorten_period")
                findings.warning(("calendar", "periods", name), message, remedy, at_key=True)


def _check_calendar(office: Office, at: datetime, findings: Findings) -> None:
    _check_overlaps(office, findings)
    for name, period in office.calendar.periods.items():
        for index, word in enumerate(period.hours):
            if word not in office.hours:
                remedy = suggest(word, office.hours, say("add_hours"))
                path: Path = ("calendar", "periods", name, "hours", index)
                findings.error(path, say("no_hours", word=word), remedy)
        if name in _TAKEN:
            message = say("bad_period_name", name=name)
            path = ("calendar", "periods", name)
            findings.error(path, message, say("choose_another"), at_key=True)
        if bounds(period, office.zone)[1] <= at:
            message = say("period_over", name=name, to=period.to)
            findings.warning(("calendar", "periods", name), message, say("remove_it"), at_key=True)
