"""What is wrong in a file: where, how bad, and what to write instead.

`OfficeErrors` is the only exception that leaves `load_office`. A `Findings` collects everything
that is found, so that a person hears of all mistakes at once.
"""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from softswitch.office.source import Path, Place, Source
from softswitch.wording import SILENT, Said, either, read, say

# More than anybody reads in one go; a file of the wrong kind would else give thousands.
MAX_FINDINGS = 200


class Severity(StrEnum):
    """An error refuses the file; a warning lets it pass."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake. `line` and `column` count from 1."""

    file: str
    line: int
    column: int
    severity: Severity
    message: Said
    remedy: Said = SILENT

    def __str__(self) -> str:
        return self.in_language("en")

    def in_language(self, language: str) -> str:
        """The finding in one line."""
        text = f"{self.message.in_language(language)}. {self.remedy.in_language(language)}".strip()
        end = "" if text.endswith((".", "?", "!")) else "."
        severity = _SEVERITIES[self.severity].in_language(language)
        return f"{self.file}:{self.line}:{self.column}: {severity}: {text}{end}"

    def as_data(self, language: str = "en") -> dict[str, Any]:
        """For other programs: code and facts stay the same in every language, texts do not."""
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "severity": self.severity.value,
            "message": self.message.in_language(language),
            "remedy": self.remedy.in_language(language),
            "said": self.message.as_data(),
            "advised": self.remedy.as_data(),
        }


def finding_from(data: Mapping[str, Any]) -> Finding:
    """What `as_data` made of a finding. `KeyError` and the like: it is none of this version."""
    place = (data["file"], data["line"], data["column"], Severity(data["severity"]))
    return Finding(*place, read(data["said"]), read(data["advised"]))


_SEVERITIES = {severity: say(f"severity_{severity.value}") for severity in Severity}


class OfficeErrors(Exception):
    """The file is refused. `findings` are sorted by place; at least one is an error."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("\n".join(str(finding) for finding in findings))
        self.findings = list(findings)


class Findings:
    """Collects findings about one file and what it includes; one finding a place and message.

    `hidden`: values that no message may show, each with what is written instead of it.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.hidden: dict[str, str] = {}
        self._found: dict[tuple[Place, str], Finding] = {}

    def error(
        self, path: Path, message: Said, remedy: Said = SILENT, *, at_key: bool = False
    ) -> None:
        """Note a mistake at a place of the file; `at_key` points to the key, not to its value."""
        self._add(Severity.ERROR, path, message, remedy, at_key)

    def warning(
        self, path: Path, message: Said, remedy: Said = SILENT, *, at_key: bool = False
    ) -> None:
        """Note something that is allowed and probably not meant."""
        self._add(Severity.WARNING, path, message, remedy, at_key)

    def error_at(self, place: Place, message: Said, remedy: Said = SILENT) -> None:
        """Note a mistake of the file's form."""
        self._put(place, Severity.ERROR, message, remedy)

    def warning_at(self, place: Place, message: Said, remedy: Said = SILENT) -> None:
        """Note something odd in the file's form."""
        self._put(place, Severity.WARNING, message, remedy)

    def include(self, others: Iterable[Finding]) -> None:
        """Take over what was found in an included file."""
        for one in others:
            place = Place(one.line - 1, one.column - 1, one.file)
            self._put(place, one.severity, one.message, one.remedy)

    def _add(
        self, severity: Severity, path: Path, message: Said, remedy: Said, at_key: bool
    ) -> None:
        self._put(self.source.locate(path, at_key=at_key), severity, message, remedy)

    def _put(self, place: Place, severity: Severity, message: Said, remedy: Said) -> None:
        if len(self._found) >= MAX_FINDINGS:
            return
        message, remedy = message.hiding(self.hidden), remedy.hiding(self.hidden)
        file = place.file or self.source.name
        finding = Finding(file, place.line + 1, place.column + 1, severity, message, remedy)
        self._found.setdefault((place, message), finding)

    def is_wrong(self, path: Path) -> bool:
        """Whether an error is noted just there already."""
        place = self.source.locate(path)
        return any(p == place and f.severity is Severity.ERROR for (p, _), f in self._found.items())

    @property
    def has_errors(self) -> bool:
        return any(f.severity is Severity.ERROR for f in self._found.values())

    def sorted(self) -> list[Finding]:
        """All findings in the order of the file, then of the files that it includes."""
        main = self.source.name
        return sorted(
            self._found.values(), key=lambda f: (f.file != main, f.file, f.line, f.column)
        )

    def raise_errors(self) -> None:
        """Raise `OfficeErrors` when there is an error."""
        if self.has_errors:
            raise OfficeErrors(self.sorted())


def suggest(word: str, known: Iterable[str], otherwise: Said = SILENT) -> Said:
    """ "Did you mean …?" with the nearest known words, else a list of them, else `otherwise`."""
    names = list(dict.fromkeys(known))
    near = nearest(word, names)
    if near:
        return say("did_you_mean", words=either([say("marked", word=name) for name in near]))
    if names and len(names) <= 12:
        return say("known_here", words=tuple(f"`{name}`" for name in names))
    return otherwise


def nearest(word: str, known: Iterable[str], cutoff: float = 0.6) -> list[str]:
    """At most two known words that were probably meant; `cutoff` 1.0 are equal ones only."""
    lowered = {name.lower(): name for name in known}
    near = difflib.get_close_matches(word.lower(), lowered, n=2, cutoff=cutoff)
    return [lowered[name] for name in near]
