"""What the switch says to people about an office: sentences by code, in Polish and English.

`say("no_such_queue", word="x")` is an English text that remembers of which sentence and which facts
it was made, so whoever shows it can tell it in another language (`in_language`), and a program gets
the code and the facts (`as_data`). Facts may be sentences themselves, lists, numbers, moments.

In a sentence of the catalogue `{name}` is a fact; `{name:capital}` begins with a capital letter;
`{n:klawisz/klawisze/klawiszy}` is the word that goes with a number: two forms are chosen as English
does, three as Polish does; `{at:day}` is a moment without its time, `{at:full}` one in full.
"""

import errno
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from softswitch.wording.catalogue import CATALOGUE, LANGUAGES

__all__ = [
    "CATALOGUE",
    "ENGLISH",
    "LANGUAGES",
    "SILENT",
    "Said",
    "Slip",
    "either",
    "in_language",
    "of_disk",
    "read",
    "say",
    "several",
    "way",
]

ENGLISH: Final = "en"
_WEEKDAYS: Final[Mapping[str, tuple[str, ...]]] = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "pl": ("pon.", "wt.", "śr.", "czw.", "pt.", "sob.", "niedz."),
}
_LONG_WEEKDAYS: Final[Mapping[str, tuple[str, ...]]] = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "pl": ("poniedziałek", "wtorek", "środa", "czwartek", "piątek", "sobota", "niedziela"),
}
# As a month stands behind its day.
_MONTHS: Final[Mapping[str, tuple[str, ...]]] = {
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September",
           "October", "November", "December"),
    "pl": ("stycznia", "lutego", "marca", "kwietnia", "maja", "czerwca", "lipca", "sierpnia",
           "września", "października", "listopada", "grudnia"),
}  # fmt: skip
_MOMENT: Final = "moment"
_OF_DISK: Final[Mapping[int, str]] = {
    errno.EADDRINUSE: "address_in_use",
    errno.EADDRNOTAVAIL: "address_not_ours",
    errno.ENOENT: "disk_no_such_file",
    errno.EACCES: "disk_not_permitted",
    errno.EPERM: "disk_not_permitted",
    errno.EISDIR: "disk_is_folder",
    errno.ENOSPC: "disk_is_full",
    errno.EROFS: "disk_read_only",
}


class _Text(str):
    """A fact as it is put into a sentence."""

    __slots__ = ()

    def __format__(self, spec: str) -> str:
        if spec == "capital":
            return self[:1].upper() + self[1:]
        return str.__format__(self, spec)


class _Count(int):
    """A number, and the form of a word that goes with it."""

    def __format__(self, spec: str) -> str:
        forms = spec.split("/")
        if len(forms) == 2:
            return forms[self != 1]
        if len(forms) == 3:
            few = self % 10 in (2, 3, 4) and self % 100 not in (12, 13, 14)
            return forms[0 if self == 1 else 1 if few else 2]
        return int.__format__(self, spec)


class _Moment:
    """A moment or a day: `Mon 2026-11-30 08:00`, `pon. 2026-11-30`; in full with its zone."""

    def __init__(self, at: date, language: str) -> None:
        self._at, self._language = at, language

    def __format__(self, spec: str) -> str:
        if spec == "full":
            return self._in_full()
        weekday = _WEEKDAYS[self._language][self._at.weekday()]
        if spec == "listed":
            return f"{self._at:%Y-%m-%d} {weekday}"
        day = f"{weekday} {self._at:%Y-%m-%d}"
        has_time = isinstance(self._at, datetime) and spec != "day"
        return f"{day} {self._at:%H:%M}" if has_time else day

    def _in_full(self) -> str:
        """`Wednesday, 4 November 2026, 10:30:00 CET`"""
        at, weekday = self._at, _LONG_WEEKDAYS[self._language][self._at.weekday()]
        day = f"{weekday}, {at.day} {_MONTHS[self._language][at.month - 1]} {at.year}"
        return f"{day}, {at:%H:%M:%S %Z}" if isinstance(at, datetime) else day


class Said(_Text):
    """A sentence: in English, as a text; it knows its `code` and `facts`."""

    __slots__ = ("code", "facts")
    code: str
    facts: Mapping[str, Any]

    def __new__(cls, code: str, facts: Mapping[str, Any]) -> "Said":
        made = super().__new__(cls, _told(code, facts, ENGLISH))
        made.code, made.facts = code, facts
        return made

    def __copy__(self) -> "Said":
        return self

    def __deepcopy__(self, memo: object) -> "Said":
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return Said, (self.code, dict(self.facts))

    def in_language(self, language: str) -> str:
        """The sentence as people of this language say it."""
        return str(self) if language == ENGLISH else _told(self.code, self.facts, language)

    def hiding(self, hidden: Mapping[str, str]) -> "Said":
        """The same, where values that nobody may read are replaced by what stands for them."""
        if not any(value in self for value in hidden):
            return self
        return Said(self.code, {name: _hide(fact, hidden) for name, fact in self.facts.items()})

    def as_data(self) -> dict[str, Any]:
        """Code and facts, for other programs; `read` makes a sentence of it again."""
        return {"code": self.code, "facts": {k: _as_data(v) for k, v in self.facts.items()}}


class Slip(ValueError):
    """A value that somebody wrote wrongly: what is wrong, and what to write instead."""

    def __init__(self, message: Said, remedy: "Said | None" = None) -> None:
        self.message, self.remedy = message, SILENT if remedy is None else remedy
        super().__init__(self.in_language(ENGLISH))

    def in_language(self, language: str) -> str:
        """Both, as people of this language say them."""
        parts = (self.message, self.remedy) if self.remedy else (self.message,)
        return ". ".join(part.in_language(language) for part in parts)


def say(code: str, /, **facts: Any) -> Said:
    """The sentence of this code. `KeyError` for a code or a fact that is not there."""
    return Said(code, facts)


def either(words: Sequence[Any]) -> Said:
    """`a or b or c`."""
    return _joined("either", words)


def several(words: Sequence[Any]) -> Said:
    """`a and b and c`."""
    return _joined("several", words)


def way(outcome: str) -> Said:
    """An outcome of a node as it stands at an arrow: `no answer`."""
    if f"way_{outcome}" in CATALOGUE:
        return say(f"way_{outcome}")
    return say("word", word=outcome.replace("_", " "))


def of_disk(error: OSError) -> str:
    """Why a file or an address cannot be had; what is usual as a sentence."""
    if error.args and isinstance(error.args[0], Said):
        return error.args[0]
    code = _OF_DISK.get(error.errno or 0)
    return say(code) if code is not None else error.strerror or str(error)


def in_language(text: str, language: str) -> str:
    """A text that may be a sentence; what came from somewhere else stays as it is."""
    return text.in_language(language) if isinstance(text, Said) else text


def read(data: Mapping[str, Any]) -> Said:
    """What `as_data` made, by this version of the switch or another. `KeyError`, `TypeError`,
    `AttributeError`, `ValueError`: it is no sentence of ours.
    """
    return Said(data["code"], {name: _from_data(fact) for name, fact in data["facts"].items()})


def _joined(code: str, words: Sequence[Any]) -> Said:
    found = words[0] if isinstance(words[0], Said) else say("word", word=words[0])
    for word in words[1:]:
        found = say(code, one=found, other=word)
    return found


def _told(code: str, facts: Mapping[str, Any], language: str) -> str:
    language = language if language in LANGUAGES else ENGLISH
    sentence = CATALOGUE[code][LANGUAGES.index(language)]
    return sentence.format_map({name: _fact(fact, language) for name, fact in facts.items()})


def _fact(fact: Any, language: str) -> Any:
    if isinstance(fact, Said):
        return fact if language == ENGLISH else _Text(fact.in_language(language))
    if isinstance(fact, bool | float):
        return fact
    if isinstance(fact, date):
        return _Moment(fact, language)
    # `str` of a number that remembers how it was written is what was written.
    if type(fact) is int:
        return _Count(fact)
    if isinstance(fact, tuple | list):
        return _Text(", ".join(in_language(one, language) for one in map(_text, fact)))
    return _Text(fact)


def _text(one: Any) -> str:
    return one if isinstance(one, str) else str(one)


def _hide(fact: Any, hidden: Mapping[str, str]) -> Any:
    if isinstance(fact, Said):
        return fact.hiding(hidden)
    if isinstance(fact, tuple | list):
        return tuple(_hide(one, hidden) for one in fact)
    if isinstance(fact, str):
        for value, instead in hidden.items():
            fact = fact.replace(value, instead)
    return fact


def _as_data(fact: Any) -> Any:
    if isinstance(fact, Said):
        return fact.as_data()
    if isinstance(fact, date):
        return {_MOMENT: fact.isoformat()}
    if isinstance(fact, tuple | list):
        return [_as_data(one) for one in fact]
    return fact if isinstance(fact, int | float) and type(fact) in (int, float) else str(fact)


def _from_data(fact: Any) -> Any:
    if isinstance(fact, Mapping):
        if _MOMENT in fact:
            return datetime.fromisoformat(fact[_MOMENT])
        return read(fact)
    return tuple(_from_data(one) for one in fact) if isinstance(fact, list) else fact


SILENT: Final = say("silent")
