"""Where a text has one telephone number, however it is written there.

Numbers are compared as numbers (E.164, by the office's country), whole: the nine digits of a home
number are also the end of foreign ones, and those are somebody else's. Knows nothing of what the
text is for.
"""

import re
from collections.abc import Iterator

from softswitch.office.numbers import normalize, ways_of_writing

# ITU-T E.164 6.1, with 00 before it. So many groups of digits may be one number.
MOST_DIGITS = 17
_NO_DIGITS = re.compile(r"[^0-9]+")
_GROUP = re.compile(r"\+?[0-9]+")
# `) ` and ` - ` are the longest that people write.
_BETWEEN_GROUPS = re.compile(r"[\s().\-/\u2010-\u2015\u00a0]{1,3}")


class Mentions:
    """Of one number, as an office of this country reads texts.

    `digits`: what each text that has it has too, with other signs between them.
    """

    def __init__(self, number: str, country: str) -> None:
        self._number, self._country = number, country
        ways = ways_of_writing(number, country) or (number,)
        self.digits = min((way.lstrip("+0") for way in ways), key=len)

    def places(self, text: str) -> list[slice]:
        """Where it stands, from left to right."""
        if self.digits not in _NO_DIGITS.sub("", text):
            return []
        return [place for run in _runs(text) for place in self._places_in(run)]

    def replaced(self, text: str, by: str) -> str:
        """The text with this in the number's place."""
        for place in reversed(self.places(text)):
            text = text[: place.start] + by + text[place.stop :]
        return text

    def _places_in(self, run: list[re.Match[str]]) -> Iterator[slice]:
        """Of groups of digits that follow each other, those that are the number, and no part of a
        longer one."""
        last = 0
        for end in range(len(run)):
            begins = range(max(last, end + 1 - MOST_DIGITS), end + 1)
            first = next((one for one in begins if self._is_it(run[one : end + 1])), None)
            if first is not None and not self._is_part(run, first, end):
                yield slice(run[first].start(), run[end].end())
                last = end + 1

    def _is_it(self, groups: list[re.Match[str]]) -> bool:
        written = _together(groups)
        is_like_it = len(written) <= MOST_DIGITS and written.endswith(self.digits)
        return is_like_it and normalize(written, self._country) == self._number

    def _is_part(self, run: list[re.Match[str]], first: int, end: int) -> bool:
        """Whether more of these groups are another number together."""
        for begin in range(max(0, end + 1 - MOST_DIGITS), first + 1):
            for stop in range(end + 1, len(run) + 1):
                written = _together(run[begin:stop])
                if len(written) > MOST_DIGITS:
                    break
                if normalize(written, self._country) not in (None, self._number):
                    return True
        return False


def _together(groups: list[re.Match[str]]) -> str:
    return "".join(group[0] for group in groups)


def _runs(text: str) -> Iterator[list[re.Match[str]]]:
    """Groups of digits between which stands no more than people write inside of a number."""
    run: list[re.Match[str]] = []
    for group in _GROUP.finditer(text):
        begins = group[0].startswith("+")
        if run and (begins or not _BETWEEN_GROUPS.fullmatch(text[run[-1].end() : group.start()])):
            yield run
            run = []
        run.append(group)
    if run:
        yield run
