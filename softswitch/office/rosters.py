"""Duty rosters: who is on duty at a minute, and who comes next.

An entry says when and who: `"Fr 16:00 - Mo 08:00": 111` from one moment of the week to another, or
any rule of opening hours. `otherwise` serves all the rest of the time, and is the next to be rung
when nobody on duty answers. Pure; whether everything is covered is asked in `gaps` and `overlaps`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from softswitch.office.hours import intervals, is_open
from softswitch.office.models import Office
from softswitch.office.spans import rule_of

OTHERWISE = "otherwise"
# The word before a roster's name in `ring:`.
ROSTER = re.compile(r"roster\s+(\S+)")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some time with what covers it: the entries, none or several."""

    begin: datetime
    end: datetime
    entries: tuple[str, ...]


def roster_name(word: str) -> str | None:
    """`roster duty` → `duty`; None for any other word."""
    found = ROSTER.fullmatch(word)
    return found.group(1) if found else None


def on_duty(office: Office, name: str, at: datetime) -> tuple[str, ...]:
    """Words (people, groups) in the order of ringing. `KeyError`: no such roster."""
    roster = office.rosters[name]
    found: list[str] = []
    for when, who in roster.items():
        if when == OTHERWISE or is_open(rule_of(when), at, office.country, office.zone):
            found += who if when != OTHERWISE else ()
    return tuple(dict.fromkeys([*found, *roster.get(OTHERWISE, ())]))


def coverage(office: Office, name: str, start: datetime, end: datetime) -> Iterator[Stretch]:
    """The time between two moments, cut where the entries on duty change."""
    changes: dict[datetime, list[tuple[str, bool]]] = {}
    zone: ZoneInfo = office.zone
    for when in office.rosters[name]:
        if when == OTHERWISE:
            continue
        for begin, finish, is_on in intervals(rule_of(when), start, end, office.country, zone):
            if is_on:
                changes.setdefault(max(begin, start), []).append((when, True))
                changes.setdefault(min(finish, end), []).append((when, False))
    there: list[str] = []
    last = start
    for moment in sorted(changes):
        if moment > last:
            yield Stretch(last, moment, tuple(there))
            last = moment
        for when, begins in sorted(changes[moment], key=lambda change: change[1]):
            there.append(when) if begins else there.remove(when)
    if last < end:
        yield Stretch(last, end, tuple(there))
