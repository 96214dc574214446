"""What the commands about an office file share: reading it, its prompts, words a person typed."""

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

import typer
from rich.console import Console

from softswitch.commands.speech import wrong
from softswitch.office.durations import format_duration
from softswitch.office.fields import turned
from softswitch.office.findings import Finding, OfficeErrors, Severity, suggest
from softswitch.office.loader import LoadedOffice, load_office
from softswitch.office.models import Office
from softswitch.office.names import EVERYBODY
from softswitch.office.timetable import summary, table
from softswitch.routing.lengths import library_of, prompt_lengths
from softswitch.routing.simulate.cases import people
from softswitch.wording import ENGLISH, say


def read_office(path: Path, errors: Console, language: str = ENGLISH) -> LoadedOffice:
    """The office; exits with 1 when it cannot be read. Its warnings are `check`'s business."""
    try:
        return load_office(path)
    except OfficeErrors as found:
        print_findings(found.findings, errors, language)
        raise typer.Exit(1) from None


def print_findings(findings: Iterable[Finding], console: Console, language: str = ENGLISH) -> None:
    """One line a finding: errors red, warnings yellow."""
    for finding in findings:
        style = "red" if finding.severity is Severity.ERROR else "yellow"
        text = finding.in_language(language)
        console.print(text, style=style, highlight=False, soft_wrap=True, markup=False)


def print_hours(
    office: Office, at: datetime, console: Console, *, full: bool, language: str = ENGLISH
) -> None:
    """The next two weeks of every rule of opening hours; short, or as a table."""
    first = at.astimezone(office.zone).date()
    lines = [one.in_language(language) for one in summary(office, first)]
    if full:
        lines = [table(office, first, language=language)]
    for line in lines:
        console.print(line, highlight=False, soft_wrap=True, markup=False)


def lengths(loaded: LoadedOffice) -> Callable[[str], float]:
    """Seconds of the office's prompts."""
    return prompt_lengths(library_of(loaded.office, loaded.folder))


def typed_people(office: Office, words: Iterable[str], language: str) -> frozenset[str]:
    """`101,102`, a group or `all`, as somebody typed it behind an option; exits when unknown."""
    found = [word for text in words for word in text.replace(",", " ").split()]
    known = {*office.people, *office.groups, EVERYBODY}
    for word in found:
        if word not in known:
            raise unknown_word("no_such_person", word, sorted(known), language)
    return people(office, found)


def unknown_word(code: str, word: str, known: Iterable[str], language: str) -> typer.BadParameter:
    """Nothing is called so; `code`: the sentence that says it."""
    told = say(code, word=word, written=word)
    return wrong(say("told_and_advised", told=told, advised=suggest(word, known)), language)


def typed_moment(office: Office, text: str | None, language: str) -> datetime:
    """`2026-12-24 17:05` on the office's clock; now when nothing was typed."""
    if text is None:
        return datetime.now(office.zone)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        guess = turned(text)
        told = (
            say("no_moment_but", text=text, guess=guess) if guess else say("no_moment", text=text)
        )
        raise wrong(told, language) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=office.zone)


def spoken(seconds: float) -> str:
    """A length of time, without a fraction of a second."""
    return format_duration(round(seconds)) if seconds >= 1 else "0s"
