"""Opening hours in the OpenStreetMap `opening_hours` language, with a country's public holidays.

https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification; `PH` is a public holiday. Rules
are meant in the office's wall-clock time: on the night of a clock change "08:00" is still what the
clock on the wall shows. The time is always a parameter.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from opening_hours import (  # type: ignore[attr-defined]  # the stubs know no exceptions
    OpeningHours,
    ParserError,
    State,
    UnknownCountryError,
)

from softswitch.office.holidays import holiday_name
from softswitch.wording import Said, Slip, say

# Rules of one office and those of the versions before it; parsing one takes some microseconds.
_PARSED_RULES = 512
# How far ahead anything is looked for: leap days, and a rule for one date of next year, are in it.
HORIZON = timedelta(days=731)
# Longer rules are not written by people; it keeps the parser's work small.
MAX_RULE = 1000

ALWAYS = "24/7"

# Days as people write them, and as the language does.
DAY_NAMES = {
    **dict.fromkeys(("mon", "monday", "pn", "pon"), "Mo"),
    **dict.fromkeys(("tue", "tues", "tuesday", "wt", "wto"), "Tu"),
    **dict.fromkeys(("wed", "wednesday", "śr", "sr", "śro"), "We"),
    **dict.fromkeys(("thu", "thur", "thurs", "thursday", "cz", "czw"), "Th"),
    **dict.fromkeys(("fri", "friday", "pt", "pią"), "Fr"),
    **dict.fromkeys(("sat", "saturday", "so", "sob"), "Sa"),
    **dict.fromkeys(("sun", "sunday", "nd", "nie"), "Su"),
}


class HoursError(Slip):
    """The rule cannot be used; the message says from where on, and what to write."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Whether it is open, why, and until when.

    `reason` is the rule's own comment (`08:00-12:00 "inventory"`), the public holiday's name, or
    empty. `period`: the period of the office's calendar that closes it, by its name.
    """

    is_open: bool
    reason: str
    until: datetime | None
    period: str | None = None

    def in_words(self) -> Said:
        """`closed: Wigilia`."""
        if self.reason:
            return say("open_because" if self.is_open else "closed_because", reason=self.reason)
        return say("is_open" if self.is_open else "is_closed")


@lru_cache(maxsize=_PARSED_RULES)
def parse(rule: str, country: str, zone: ZoneInfo | None = None) -> OpeningHours:
    """The library's form of the rule. Raises `HoursError`."""
    if len(rule) > MAX_RULE:
        raise HoursError(
            say("rule_too_long", characters=len(rule), most=MAX_RULE), say("rule_too_long_remedy")
        )
    try:
        parsed = OpeningHours(rule, timezone=zone, country=country)
    except UnknownCountryError:
        if re.search(r"\bPH\b", rule):
            raise HoursError(
                say("holidays_unknown", country=country), say("holidays_unknown_remedy")
            ) from None
        return parse_without_holidays(rule, zone)
    except ParserError as error:
        raise HoursError(*_explain(rule, str(error))) from None
    if re.search(r"\bSH\b", rule):
        raise HoursError(say("school_holidays_unknown"), say("school_holidays_unknown_remedy"))
    if re.search(r"\bunknown\b", rule):
        raise HoursError(say("must_know"))
    return parsed


def parse_without_holidays(rule: str, zone: ZoneInfo | None) -> OpeningHours:
    """For a country whose holidays the library does not have."""
    try:
        return OpeningHours(rule, timezone=zone)
    except ParserError as error:
        raise HoursError(*_explain(rule, str(error))) from None


def moment(rule: str, at: datetime, country: str, zone: ZoneInfo, language: str = "en") -> Moment:
    """Open or closed at `at` (aware), why, and until when. Raises `HoursError`."""
    parsed = parse(rule, country, zone)
    local = _on_the_wall(at, zone)
    state, comment = parsed.state(local)
    is_open = state == State.OPEN
    reason = comment
    if not is_open and not comment and is_holiday(local, country, zone):
        reason = holiday_name(local.date(), country, language) or say("public_holiday")
    return Moment(is_open, reason, _next_change(parsed, local, zone))


def _on_the_wall(at: datetime, zone: ZoneInfo) -> datetime:
    """Through UTC: a wall-clock time that a clock change skips becomes the moment it stands for.

    The library refuses one that never is, and two years after a call there may be such an hour.
    """
    return at.astimezone(UTC).astimezone(zone)


def _next_change(parsed: OpeningHours, local: datetime, zone: ZoneInfo) -> datetime | None:
    """When the state is another, within `HORIZON`.

    The library's own `next_change` looks for a second until the year 10,000 where there is none,
    and nobody else on the switch would be served meanwhile.
    """
    states = parsed.intervals(local, _on_the_wall(local + HORIZON, zone))
    first = next(states, None)
    return next((begin for begin, _, state, _ in states if first and state != first[2]), None)


def is_open(rule: str, at: datetime, country: str, zone: ZoneInfo) -> bool:
    """Whether the rule says open at `at` (aware)."""
    local = _on_the_wall(at, zone)
    return parse(rule, country, zone).state(local)[0] == State.OPEN


def next_change(rule: str, at: datetime, country: str, zone: ZoneInfo) -> datetime | None:
    """When it opens or closes next; None when never again."""
    return moment(rule, at, country, zone).until


def is_holiday(at: datetime, country: str, zone: ZoneInfo) -> bool:
    """Whether the day of `at` is a public holiday; False where the calendar is not known."""
    try:
        return parse("PH", country, zone).is_open(_on_the_wall(at, zone))
    except HoursError:
        return False


def intervals(
    rule: str, start: datetime, end: datetime, country: str, zone: ZoneInfo
) -> Iterator[tuple[datetime, datetime, bool]]:
    """Stretches of one state between two moments: (from, to, is open)."""
    parsed = parse(rule, country, zone)
    first, last = _on_the_wall(start, zone), _on_the_wall(end, zone)
    for begin, finish, state, _ in parsed.intervals(first, last):
        yield begin, finish, state == State.OPEN


def never_changes(rule: str, at: datetime, country: str, zone: ZoneInfo) -> bool | None:
    """True when it stays open for two years from `at`, False when closed, None when it changes."""
    states = {is_open for *_, is_open in intervals(rule, at, at + HORIZON, country, zone)}
    return states.pop() if len(states) == 1 else None


def is_meant_always(rule: str) -> bool:
    """Whether the rule is the plain `24/7` (or `24/7 off`), written by somebody who means it."""
    return re.fullmatch(r"24/7(\s+(open|off|closed))?", rule.strip()) is not None


def _meant(rule: str) -> str | None:
    """The rule with the usual slips corrected: other names of days, `8.00`, `8-16`; or None."""
    meant = re.sub(r"[^\W\d_]+", lambda m: DAY_NAMES.get(m.group().lower(), m.group()), rule)
    meant = re.sub(r"(?<![\d:.])(\d{1,2})\s*-\s*(\d{1,2})(?![\d:.])", r"\1:00-\2:00", meant)
    meant = re.sub(r"\b(\d{1,2})[.:](\d\d)\b", lambda m: f"{int(m[1]):02}:{m[2]}", meant)
    try:
        OpeningHours(meant)
    except ParserError:
        return None
    return meant


def _explain(rule: str, error: str) -> tuple[Said, Said]:
    """The parser's complaint in plain words: where it stopped and what it may have wanted."""
    found = re.search(r"-->\s*\d+:(\d+)", error)
    column = int(found.group(1)) - 1 if found else 0
    rest = rule[column:].strip()
    if rest:
        return say("hours_unreadable", rule=rule[:80], rest=rest[:30]), _hint(rule)
    return say("hours_unfinished", rule=rule[:80]), _hint(rule)


def _hint(rule: str) -> Said:
    meant = _meant(rule)
    if meant is not None:
        return say("write_word", word=meant)
    for word in re.findall(r"[^\W\d_]+", rule):
        if word.lower() in DAY_NAMES:
            return say("write_day", day=DAY_NAMES[word.lower()], word=word)
    if re.search(r"\d\.\d\d", rule):
        return say("times_with_colon")
    if re.search(r"(?<![\d:])\d{1,2}\s*-\s*\d{1,2}(?![\d:])", rule):
        return say("times_as_hhmm")
    return say("hours_example")
