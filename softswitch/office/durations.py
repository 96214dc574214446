"""Lengths of time as people write them: `20s`, `5m`, `1m30s`, `2h`, `90d`.

A number without a unit is refused: nobody remembers whether 20 meant seconds or minutes.
"""

import re

from softswitch.wording import Said, Slip, say

SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}

# Longer than any sensible setting; keeps a slip of the finger from becoming a date in 2400.
LONGEST = 20 * 365 * SECONDS["d"]

_PART = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)\s?([smhd])")
# A number and a word that people write for a unit, in Polish and English.
_SPOKEN = re.compile(r"(\d{1,9})\s*([^\W\d_]+)\.?")
_UNIT_WORDS = (
    ("s", r"s(ec(ond)?s?|ek(und\w*)?)"),
    ("m", r"min(ut\w*|s)?"),
    ("h", r"h(ours?|rs?)?|g(odz\w*)?"),
    ("d", r"d(ays?|ni\w*|zie\w*)"),
)
_WHOLE = re.compile(rf"(?:{_PART.pattern}\s?){{1,4}}")


class DurationError(Slip):
    """The text is no length of time; its message says what to write instead."""


def parse_duration(text: str) -> float:
    """`"1m30s"` → 90.0 seconds. Raises `DurationError`."""
    text = text.strip().lower()
    if re.fullmatch(r"\d+(\.\d+)?", text):
        short = text[:9]
        raise DurationError(say("no_unit", text=short), say("no_unit_remedy", text=short))
    if len(text) > 40 or not _WHOLE.fullmatch(text):
        raise DurationError(say("no_length", text=text[:40]), _meant(text) or say("write_length"))
    seconds = sum(float(number) * SECONDS[unit] for number, unit in _PART.findall(text))
    if seconds > LONGEST:
        raise DurationError(say("over_20_years", text=text), say("over_20_years_remedy"))
    return seconds


def _meant(text: str) -> Said | None:
    """`3 minuty` → Write `3m`; 20000ms in seconds."""
    found = _SPOKEN.fullmatch(text)
    if found is None:
        return None
    number, word = found.groups()
    if word == "ms":
        return say("write_word", word=f"{max(1, round(int(number) / 1000))}s")
    unit = next((u for u, pattern in _UNIT_WORDS if re.fullmatch(pattern, word)), None)
    return say("write_word", word=f"{number}{unit}") if unit else None


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


def minutes_and_seconds(seconds: float) -> str:
    """`0:34`, `251:05`: as a length stands in a table, a mail or a report."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"
