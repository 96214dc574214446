"""The header of a message: its fields in order, their text kept as it came (RFC 3261 7.3).

`Headers` stores each field three times over: the name in its one spelling, the value unfolded, and
the line as it is on the wire, so that what nobody touches leaves octet by octet as it came. What a
value means is not known here; typed views of it are merely kept (`views`), until the field changes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from softswitch.sip.errors import ParseError
from softswitch.sip.grammar import is_token
from softswitch.sip.names import SPELLINGS, canonical

MAX_FIELDS = 256
"""Lines of a header: 70 hops leave a Via and a Record-Route each, and 116 are left for the rest."""

MAX_LINE = 16_384
"""Characters of one field. Identity tokens (RFC 8224) run to some thousands."""

_BLANK = " \t"


class Headers:
    """Header fields in order. Names are looked up without case, and in the compact form too.

    Whatever puts a value in raises ValueError for one that holds a line end: no value of our own,
    nor text that came from a caller, can smuggle a field into a message.
    """

    __slots__ = ("_lines", "_names", "_values", "views")

    def __init__(self) -> None:
        self._names: list[str] = []
        self._values: list[str] = []
        self._lines: list[str] = []
        self.views: dict[str, Any] = {}
        """What was made of the fields: by canonical name what `message` did, dropped when the field
        changes; by other names what others keep, who look themselves whether it is still true."""

    @classmethod
    def parse(cls, text: str) -> Headers:
        """The lines between start line and empty line, as on the wire. Raises ParseError.

        `has_stray_control` has found none in the text.
        """
        headers = cls()
        if not text:
            return headers
        lines = headers._lines = text.split("\r\n")
        is_folded = "\r\n " in text or "\r\n\t" in text
        if is_folded:
            if text[0] in _BLANK:
                raise ParseError("The first header field continues nothing")
            lines = headers._lines = _joined(lines)
        if len(lines) > MAX_FIELDS:
            raise ParseError("Too many header fields", 513)
        if len(text) > MAX_LINE and max(map(len, lines)) > MAX_LINE:
            raise ParseError("A header field is too long", 513)
        names, values, known = headers._names, headers._values, SPELLINGS.get
        for line in lines:
            name, colon, value = line.partition(":")
            if not colon:
                raise ParseError("A line is no header field")
            names.append(known(name) or _unusual_name(name))
            values.append(value.strip(_BLANK))
        if is_folded:
            headers._values = [_unfold(value) for value in headers._values]
        return headers

    @classmethod
    def salvage(cls, text: str, names: frozenset[str]) -> Headers:
        """What can be read of a header that `parse` refused: the fields of these names.

        Via as often as it stands, the others once: for the answer to what nobody can read.
        `has_stray_control` has found none in the text.
        """
        headers = cls()
        for line in _joined(text.split("\r\n")):
            name, colon, value = line.partition(":")
            name = canonical(name.rstrip(_BLANK))
            is_wanted = name in names and (name == "Via" or name not in headers._names)
            if colon and is_wanted and len(line) <= MAX_LINE:
                value = _unfold(value).strip(_BLANK)
                headers.add(name, value)
        return headers

    def get(self, name: str) -> str | None:
        """The value of the first line of this name, or None."""
        wanted = SPELLINGS.get(name) or canonical(name)
        names = self._names
        return self._values[names.index(wanted)] if wanted in names else None

    def all(self, name: str) -> list[str]:
        """The value of each line of this name, in order; comma lists are not cut."""
        wanted = SPELLINGS.get(name) or canonical(name)
        names = self._names
        count = names.count(wanted)
        if count > 1:
            return [self._values[at] for at, each in enumerate(names) if each == wanted]
        return [self._values[names.index(wanted)]] if count else []

    def count(self, name: str) -> int:
        """How many lines of this name there are."""
        return self._names.count(canonical(name))

    def has_repeated(self, names: frozenset[str]) -> bool:
        """Does any of these canonical names stand on several lines?"""
        mine = self._names
        return len(set(mine)) < len(mine) and any(mine.count(name) > 1 for name in names)

    def add(self, name: str, value: str) -> None:
        """Append a line."""
        _refuse_line_ends(value)
        full = SPELLINGS.get(name) or _own_name(name)
        self._names.append(full)
        self._values.append(value)
        self._lines.append(f"{full}: {value}")
        self.views.pop(full, None)

    def prepend(self, name: str, value: str) -> None:
        """Put a line before all others: a new top Via."""
        self._insert(0, name, value)

    def set(self, name: str, value: str) -> None:
        """Put the value into the first line of this name, or a new one; drop the others."""
        wanted = canonical(name)
        _refuse_line_ends(value)
        if wanted not in self._names:
            self.add(name, value)
            return
        place = self._names.index(wanted)
        if self._names.count(wanted) > 1:
            self._drop(wanted, but=place)
        self._replace(place, value)

    def replace_first(self, name: str, value: str) -> None:
        """Put the value into the first line of this name and leave the others: the top Via."""
        wanted = canonical(name)
        if wanted not in self._names:
            self._insert(0, name, value)
            return
        _refuse_line_ends(value)
        self._replace(self._names.index(wanted), value)

    def remove(self, name: str) -> None:
        """Drop all lines of this name."""
        wanted = canonical(name)
        if wanted in self._names:
            self._drop(wanted, but=-1)

    def copy(self) -> Headers:
        """Another one with the same lines; changes to either do not show in the other."""
        other = Headers()
        other._names = self._names.copy()
        other._values = self._values.copy()
        other._lines = self._lines.copy()
        other.views = self.views.copy()
        return other

    def take(self, names: frozenset[str]) -> Headers:
        """A copy with only the lines of these canonical names."""
        other = Headers()
        for place, name in enumerate(self._names):
            if name in names:
                other._names.append(name)
                other._values.append(self._values[place])
                other._lines.append(self._lines[place])
        other.views = {name: view for name, view in self.views.items() if name in names}
        return other

    def lines(self) -> list[str]:
        """As they are written, without line ends between them."""
        return self._lines.copy()

    @property
    def names(self) -> tuple[str, ...]:
        """The canonical name of each line, in order."""
        return tuple(self._names)

    def __contains__(self, name: str) -> bool:
        return canonical(name) in self._names

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """(canonical name, value) of each line."""
        return zip(self._names.copy(), self._values.copy(), strict=True)

    def __len__(self) -> int:
        return len(self._names)

    def __repr__(self) -> str:
        return f"<Headers {', '.join(self._names)}>"

    def _insert(self, place: int, name: str, value: str) -> None:
        _refuse_line_ends(value)
        full = SPELLINGS.get(name) or _own_name(name)
        self._names.insert(place, full)
        self._values.insert(place, value)
        self._lines.insert(place, f"{full}: {value}")
        self.views.pop(full, None)

    def _replace(self, place: int, value: str) -> None:
        name = self._names[place]
        self._values[place] = value
        self._lines[place] = f"{name}: {value}"
        self.views.pop(name, None)

    def _drop(self, name: str, but: int) -> None:
        kept = [at for at, each in enumerate(self._names) if each != name or at == but]
        self._names = [self._names[at] for at in kept]
        self._values = [self._values[at] for at in kept]
        self._lines = [self._lines[at] for at in kept]
        self.views.pop(name, None)


def has_stray_control(text: str) -> bool:
    """A CR or LF that is no line end, which others might take for one, or a zero octet.

    RFC 3261 25.1 lets the latter stand as a quoted pair alone; programs in C would end there.
    """
    ends = text.count("\r\n")
    if text.count("\n") != ends or text.count("\r") != ends:
        return True
    return "\0" in text and text.count("\0") != text.count("\\\0")


def _refuse_line_ends(value: str) -> None:
    if "\n" in value or "\r" in value:
        raise ValueError("a header value stays on its line")


def _own_name(name: str) -> str:
    full = canonical(name)
    if not is_token(full):
        raise ValueError("a header's name is a token")
    return full


def _unusual_name(text: str) -> str:
    """RFC 3261 25.1 HCOLON: white space may stand before the colon."""
    name = text.rstrip(_BLANK)
    if not is_token(name):
        raise ParseError("A line is no header field")
    return canonical(name)


def _unfold(value: str) -> str:
    """RFC 3261 7.3.1: the line end and the white space around it mean one space."""
    if "\n" not in value:
        return value
    return " ".join([part.strip(_BLANK) for part in value.split("\r\n")]).strip(_BLANK)


def _joined(lines: list[str]) -> list[str]:
    """7.3.1: a line that begins with white space continues the one before.

    The parts stay joined by their line end, as they came.
    """
    joined: list[list[str]] = []
    for line in lines:
        if joined and line[:1] in (" ", "\t"):
            joined[-1].append(line)
        else:
            joined.append([line])
    return ["\r\n".join(parts) for parts in joined]
