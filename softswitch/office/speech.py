"""What a number, a position, a waiting time or a time of day is called: lists of prompt names.

Pure functions over Polish and English grammar; the names are the parts of prompts/texts/*.yaml.
A language without rules here is spoken in English. Knows nothing of files or audio.

Polish: a noun is singular after one, plural nominative after two to four and what ends in them,
plural genitive after all else, teens included; one and two have a feminine form, but one only when
it stands alone ("jedna minuta", "dwadzieścia jeden minut", "dwadzieścia dwie minuty"). Phrases end
with a colon, so the number needs no case.
"""

from datetime import datetime, timedelta
from enum import Enum
from typing import Final

POLISH: Final = "pl"
ENGLISH: Final = "en"

# Beyond this a number is read digit by digit.
LARGEST_NUMBER: Final = 999
SECONDS_A_MINUTE: Final = 60
MINUTES_AN_HOUR: Final = 60
# Nobody is comforted by minutes beyond this: hours and minutes are said instead.
MOST_MINUTES: Final = 99

_DIGITS: Final = frozenset("0123456789")
_KEYS: Final = {"*": "key_star", "#": "key_hash"}


class Gender(Enum):
    """The gender of what is counted."""

    MASCULINE = "masculine"
    FEMININE = "feminine"


class Unit(Enum):
    """What can be counted; the value begins its prompts' names."""

    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    MESSAGE = "message"
    CALLER = "caller"


_POLISH_MASCULINE: Final = frozenset({Unit.DAY})


def number_prompts(
    number: int, language: str = POLISH, gender: Gender = Gender.MASCULINE
) -> list[str]:
    """A cardinal number; above 999 its digits. ValueError if it is negative."""
    if number < 0:
        raise ValueError(f"cannot say {number}: it is negative")
    if number > LARGEST_NUMBER:
        return digit_prompts(str(number))
    hundreds, rest = number // 100 * 100, number % 100
    parts = [hundreds] if hundreds else []
    if rest > 20:
        parts += [part for part in (rest // 10 * 10, rest % 10) if part]
    elif rest or not hundreds:
        parts.append(rest)
    names = [f"number_{part}" for part in parts]
    if language == POLISH and gender is Gender.FEMININE:
        has_feminine = parts[-1] == 2 or number == 1
        names[-1] += "_feminine" if has_feminine else ""
    return names


def digit_prompts(digits: str) -> list[str]:
    """An extension, a code or a key, one digit after another; `*` and `#` by their names.

    Characters that are no keys (spaces, hyphens, a plus) are left out.
    """
    return [
        _KEYS.get(digit, f"number_{digit}")
        for digit in digits
        if digit in _KEYS or digit in _DIGITS
    ]


def counted_prompts(number: int, unit: Unit, language: str = POLISH) -> list[str]:
    """A number with its noun: "dwie minuty", "five messages"."""
    is_feminine = language == POLISH and unit not in _POLISH_MASCULINE
    gender = Gender.FEMININE if is_feminine else Gender.MASCULINE
    form = _polish_form(number) if language == POLISH else _english_form(number)
    return [*number_prompts(number, language, gender), f"{unit.value}_{form}"]


def _polish_form(number: int) -> str:
    if number == 1:
        return "one"
    is_few = number % 10 in (2, 3, 4) and number % 100 not in (12, 13, 14)
    return "few" if is_few else "many"


def _english_form(number: int) -> str:
    return "one" if number == 1 else "many"


def position_prompts(position: int, language: str = POLISH) -> list[str]:
    """A place in a queue, counted from 1; who is first is told so."""
    if position <= 1:
        return ["queue_next"]
    return ["queue_position", *number_prompts(position, language)]


def minutes_prompts(minutes: int, language: str = POLISH) -> list[str]:
    """A length of time in minutes; from 100 on in hours and minutes."""
    if minutes <= MOST_MINUTES:
        return counted_prompts(minutes, Unit.MINUTE, language)
    hours, rest = divmod(minutes, MINUTES_AN_HOUR)
    names = counted_prompts(hours, Unit.HOUR, language)
    return names + (counted_prompts(rest, Unit.MINUTE, language) if rest else [])


def waiting_prompts(seconds: float, language: str = POLISH) -> list[str]:
    """An estimated waiting time, rounded up to minutes: rather promise too much than too little."""
    if seconds < SECONDS_A_MINUTE:
        return ["queue_soon"]
    minutes = -int(-seconds // SECONDS_A_MINUTE)
    return ["queue_estimate", *minutes_prompts(minutes, language)]


def date_prompts(day: int, month: int, language: str = POLISH) -> list[str]:
    """A day of the year: "dwudziestego piątego grudnia", "December twenty fifth"."""
    tens, ones = day // 10 * 10, day % 10
    if day < 20 or not ones:
        named = [f"day_of_month_{day}"]
    elif language == POLISH:
        named = [f"day_of_month_{tens}", f"day_of_month_{ones}"]
    else:
        named = [f"number_{tens}", f"day_of_month_{ones}"]
    name = f"month_{month}"
    return [*named, name] if language == POLISH else [name, *named]


def until_prompts(until: datetime, now: datetime, language: str = POLISH) -> list[str]:
    """An end time, both on one clock: the hour within a day, else the date, midnight unsaid."""
    is_near = until - now < timedelta(days=1)
    is_midnight = (until.hour, until.minute) == (0, 0)
    date = [] if is_near else date_prompts(until.day, until.month, language)
    time = [] if is_midnight and date else time_prompts(until.hour, until.minute, language)
    return ["until", *date, *time]


def time_prompts(hour: int, minute: int, language: str = POLISH) -> list[str]:
    """A time of day: "godzina szesnasta trzydzieści", "four thirty p m".

    ValueError if there is no such time.
    """
    if not (0 <= hour < 24 and 0 <= minute < 60):
        raise ValueError(f"there is no time {hour}:{minute:02}")
    spoken = number_prompts(minute, language) if minute else []
    if language == POLISH:
        zero = ["number_0"] if 0 < minute < 10 else []
        return ["time_at", f"time_{hour}", *zero, *spoken]
    zero = ["time_oh"] if 0 < minute < 10 else []
    return [
        *number_prompts(hour % 12 or 12, language),
        *zero,
        *spoken,
        "time_am" if hour < 12 else "time_pm",
    ]
