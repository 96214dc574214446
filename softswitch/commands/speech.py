"""In which language a command speaks: Polish or English.

What is typed behind `--lang` counts first; then the terminal, if its environment names a language
that is known here; then the office's own `language:`, where a command knows an office; else
English. A server's terminal often names none (`C.UTF-8`): people meet the language of their office.
"""

import os
from pathlib import Path
from typing import Annotated

import typer

from softswitch.office.findings import OfficeErrors
from softswitch.office.models import OfficeInfo
from softswitch.office.reading import read_source, read_text
from softswitch.wording import ENGLISH, LANGUAGES, Said, say

# The order in which POSIX reads them.
_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")


def own_language() -> str | None:
    """The language of whoever sits at this terminal; None unless it is one of ours."""
    value = next((os.environ[name] for name in _VARIABLES if os.environ.get(name)), "")
    spoken = value[:2].lower()
    return spoken if spoken in LANGUAGES else None


def language_of(path: Path) -> str | None:
    """The language of an office, also of one with mistakes; None when its form is broken."""
    language = written_of(path, "language")
    return language if language in LANGUAGES else None


def written_of(path: Path, key: str) -> str | None:
    """What stands in `office:`, or what counts there without it; None when the form is broken."""
    try:
        source, _ = read_source(read_text(path), path.name, path.parent)
    except OfficeErrors:
        return None
    data = source.data
    section = data.get("office") if isinstance(data, dict) else None
    written = section.get(key) if isinstance(section, dict) else None
    return str(written or OfficeInfo.model_fields[key].default)


def language_for(typed: str | None, office: Path | None = None) -> str:
    """The language in which a command speaks; see the module."""
    found = typed or own_language()
    if found is None and office is not None:
        found = language_of(office)
    return found or ENGLISH


def known_language(typed: str | None) -> str | None:
    """What is typed behind `--lang`, if it is a language of ours; else it is wrong use."""
    if typed is not None and typed not in LANGUAGES:
        raise typer.BadParameter(say("languages_are", known=", ".join(LANGUAGES)))
    return typed


LangOption = Annotated[
    str | None,
    typer.Option(
        "--lang", callback=known_language, help="pl or en; else the terminal's, else the office's."
    ),
]


def wrong(sentence: Said, language: str) -> typer.BadParameter:
    """Wrong use, in words; raise what this returns."""
    return typer.BadParameter(sentence.in_language(language))
