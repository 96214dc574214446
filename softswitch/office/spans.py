"""A stretch of the week in plain words, as a rule of opening hours.

`Fr 16:00 - Mo 08:00` is what people write for a weekend's duty; the OpenStreetMap language has no
word for it. Everything else is taken as such a rule already.
"""

import re

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")

_DAY = "|".join(DAYS)
_SPAN = re.compile(
    rf"\s*({_DAY})\s+(\d\d:\d\d)\s*[-\u2013]\s*({_DAY})\s+(\d\d:\d\d)\s*", re.IGNORECASE
)


def rule_of(text: str) -> str:
    """The rule of a stretch of the week; other text unchanged."""
    found = _SPAN.fullmatch(text)
    if not found:
        return text
    first, begin, last, end = found.groups()
    start, stop = (DAYS.index(day.capitalize()) for day in (first, last))
    if start == stop and begin < end:
        return f"{DAYS[start]} {begin}-{end}"
    if start == stop:  # all the week but the time between
        others = [day for day in DAYS if day != DAYS[start]]
        return f"{','.join(others)} 00:00-24:00; {DAYS[start]} {_parts('00:00', end)}{begin}-24:00"
    rules = [f"{DAYS[start]} {begin}-24:00"]
    between = [DAYS[n % 7] for n in range(start + 1, stop + 7 * (stop < start))]
    if between:
        rules.append(f"{','.join(between)} 00:00-24:00")
    if end != "00:00":
        rules.append(f"{DAYS[stop]} 00:00-{end}")
    return "; ".join(rules)


def _parts(begin: str, end: str) -> str:
    return f"{begin}-{end}," if end != begin else ""
