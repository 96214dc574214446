"""End times, dialled as `1700` or typed as `17:00`; absences as the office's file writes them.

All are meant on the office's wall clock: of a time that a clock change skips, the moment it would
have been; of one that comes twice, the first that is still ahead. Pure; `now` is always handed in.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

from softswitch.office.fields import moment_text
from softswitch.wording import Slip, say

_DAY = timedelta(days=1)
# Their absences are asked for at each call and read once.
_PEOPLE = 512
# 29 February is at most eight years away (1896 to 1904).
_YEARS_AHEAD = 9
_BETWEEN = re.compile(r"\s+-\s+|\s*\u2013\s*")


def dialled_time(digits: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """`1700`: the next 17:00; `25121700`: the next 25 December, 17:00. None: no time."""
    if not re.fullmatch(r"[0-9]{4}([0-9]{4})?", digits):
        return None
    clock = _clock(digits[-4:])
    if clock is None:
        return None
    if len(digits) == 4:
        today = now.astimezone(zone).date()
        return _first(((today + n * _DAY) for n in range(3)), clock, now, zone)
    return _first(_years(digits[:4], now, zone), clock, now, zone)


def dialled_day(digits: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """`0112`: when the next 1 December begins; `01120800`: its eight o'clock. None: no day."""
    if len(digits) != 4:
        return dialled_time(digits, now, zone) if len(digits) == 8 else None
    if not re.fullmatch(r"[0-9]{4}", digits):
        return None
    return _first(_years(digits, now, zone), time(), now, zone)


def typed_time(text: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """`17:00`, `2026-12-20` (its beginning), `2026-12-20 17:00`; None when it is none of them."""
    text = text.strip()
    if re.fullmatch(r"\d\d?:\d\d", text):
        return dialled_time(text.replace(":", "").zfill(4), now, zone)
    try:
        return _in_zone(datetime.fromisoformat(moment_text(text)), zone)
    except ValueError:
        return None


def _clock(digits: str) -> time | None:
    hour, minute = int(digits[:2]), int(digits[2:])
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _years(day_month: str, now: datetime, zone: ZoneInfo) -> Iterator[date]:
    """The day of this year and of the next ones, where it exists."""
    day, month = int(day_month[:2]), int(day_month[2:])
    this = now.astimezone(zone).year
    for year in range(this, min(this + _YEARS_AHEAD, date.max.year)):
        try:
            yield date(year, month, day)
        except ValueError:
            continue


def _first(days: Iterator[date], clock: time, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The first such moment after `now`; an hour that comes twice is tried twice."""
    for day in days:
        for fold in (0, 1):
            moment = _in_zone(datetime.combine(day, clock).replace(fold=fold), zone)
            if moment > now:
                return moment
    return None


def _in_zone(naive: datetime, zone: ZoneInfo) -> datetime:
    """Aware, in UTC: a wall-clock time that is skipped becomes the moment it stands for."""
    return naive.replace(tzinfo=zone).astimezone(UTC)


# --- absences of the office file ---


@dataclass(frozen=True, slots=True)
class Absence:
    """Somebody is away from the first moment to the second, which he is not any more. UTC."""

    begin: datetime
    end: datetime


def _written(value: object) -> object:
    return [value] if isinstance(value, str | date) else value


def _plain(value: object) -> str:
    """`2026-12-20 - 2027-01-06` with one way to write it; a single day stays one."""
    parts = [moment_text(part) for part in _BETWEEN.split(str(value).strip())]
    if len(parts) > 2:
        raise Slip(say("no_stretch", value=value), say("no_stretch_remedy"))
    span = " - ".join(parts)
    if (absence := _absence(span, ZoneInfo("UTC"))).end <= absence.begin:
        raise Slip(say("stretch_backwards", value=value), say("stretch_backwards_remedy"))
    return span


_Span = Annotated[str, BeforeValidator(str), AfterValidator(_plain)]
_SCHEMA: dict[str, Any] = {"anyOf": [{"type": "array"}, {"type": "string"}]}
Absences = Annotated[tuple[_Span, ...], BeforeValidator(_written), WithJsonSchema(_SCHEMA)]


@lru_cache(_PEOPLE)
def absences(spans: tuple[str, ...], zone: ZoneInfo) -> tuple[Absence, ...]:
    """The stretches that a person's `absent:` means, in order; a day without a time is whole."""
    return tuple(sorted((_absence(span, zone) for span in spans), key=lambda one: one.begin))


def _absence(span: str, zone: ZoneInfo) -> Absence:
    first, _, last = span.partition(" - ")
    end = datetime.fromisoformat(last or first)
    if ":" not in (last or first):
        end += _DAY
    return Absence(_in_zone(datetime.fromisoformat(first), zone), _in_zone(end, zone))


def absent_until(spans: tuple[str, ...], at: datetime, zone: ZoneInfo) -> datetime | None:
    """When somebody who is away at `at` is back; None when he is there. What touches is one."""
    until: datetime | None = None
    for absence in absences(spans, zone):
        if absence.begin <= (until or at) < absence.end:
            until = absence.end
    return until
