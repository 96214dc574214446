"""Lengths of time as people write them: `20s`, `5m`, `1m30s`, `2h`, `90d`.

A number without a unit is refused: nobody remembers whether 20 meant seconds or minutes.
"""

import re

SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}

# Longer than any sensible setting; keeps a slip of the finger from becoming a date in 2400.
LONGEST = 20 * 365 * SECONDS["d"]

_PART = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)\s?([smhd])")
_WHOLE = re.compile(rf"(?:{_PART.pattern}\s?){{1,4}}")


class DurationError(ValueError):
    """The text is no length of time; its message says what to write instead."""


def parse_duration(text: str) -> float:
    """`"1m30s"` → 90.0 seconds. Raises `DurationError`."""
    text = text.strip().lower()
    if re.fullmatch(r"\d+(\.\d+)?", text):
        raise DurationError(
            f"`{text[:9]}` has no unit. Write `{text[:9]}s` for seconds, `{text[:9]}m` for minutes"
        )
    if len(text) > 40 or not _WHOLE.fullmatch(text):
        raise DurationError(
            f"`{text[:40]}` is no length of time. Write for example `20s`, `5m`, `1m30s` or `90d`"
        )
    seconds = sum(float(number) * SECONDS[unit] for number, unit in _PART.findall(text))
    if seconds > LONGEST:
        raise DurationError(f"`{text}` is longer than 20 years. Write a shorter time")
    return seconds


def format_duration(seconds: float) -> str:
    """90.0 → `"1m30s"`: the shortest text that `parse_duration` reads back."""
    if seconds < 1:
        return f"{seconds:g}s"
    parts, rest = [], round(seconds)
    for unit in "dhms":
        count, rest = divmod(rest, int(SECONDS[unit]))
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts)
