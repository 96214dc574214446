"""The commands about versions of a running office: reload, versions, rollback."""

import json
from collections.abc import Callable
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.text import Text
from ruamel.yaml.error import YAMLError

from softswitch.commands.asker import Asker, asker
from softswitch.commands.offices import print_findings
from softswitch.commands.speech import LangOption
from softswitch.commands.terminal import DataOption, errors, out
from softswitch.office.durations import DurationError, parse_duration
from softswitch.office.findings import OfficeErrors, finding_from
from softswitch.office.reading import INCLUDE, included_files, read_text
from softswitch.office.source import SourceError, compose
from softswitch.reload import PID_FILE, STATE_FILE
from softswitch.versions import VERSIONS, note_of, versions, write_back
from softswitch.wording import ENGLISH, read, say

T = TypeVar("T")

CommentOption = Annotated[
    str | None, typer.Option("--comment", help="Why; it stands beside the version.")
]
# Decoding the prompts of a large office on a slow machine.
ANSWER_SECONDS = 30.0


class NotRunning(Exception):
    """No office runs with this data folder; its argument is the sentence that says so."""


def ask_for_reload(
    who: Asker, confirm_within: float | None = None, comment: str | None = None
) -> dict[str, Any]:
    """Have the running office reload and wait for its answer. Raises NotRunning."""
    told = {"confirm_within": confirm_within, "comment": comment}
    who.ask("reload", patience=ANSWER_SECONDS, **told)
    return read_state(who.settings.data)


def read_state(data: Path) -> dict[str, Any]:
    """How the last reload of the running office went. Raises NotRunning."""
    if not (data / PID_FILE).exists():
        raise NotRunning(say("no_office_runs", folder=str(data)))
    state: dict[str, Any] = json.loads((data / STATE_FILE).read_text(encoding="utf-8"))
    return state


def show_state(
    state: dict[str, Any],
    console: Console,
    errors: Console,
    zone: tzinfo | None = None,
    language: str = ENGLISH,
) -> bool:
    """Print an answer; False when the reload was refused."""
    print_findings(map(finding_from, state["findings"]), errors, language)
    if state["is_accepted"]:
        told = say("reload_accepted", version=state["version"]).in_language(language)
        console.print(told, highlight=False)
        trial = state["trial"]
        if trial is not None and trial["must_be_confirmed"]:
            until = datetime.fromisoformat(trial["until"]).astimezone(zone)
            asked = say("confirm_until", time=f"{until:%H:%M:%S}", before=trial["before"])
            console.print(asked.in_language(language), highlight=False, soft_wrap=True)
    else:
        errors.print(say("reload_refused").in_language(language), style="red")
    return bool(state["is_accepted"])


def show_versions(data: Path, console: Console, language: str = ENGLISH) -> None:
    """Every kept version with what it changed, and what the switch took back last."""
    for name, difference in versions(data / VERSIONS):
        note = note_of(data / VERSIONS, name)
        line = f"  {note.line.in_language(language)}" if note is not None else ""
        console.print(Text(name, style="bold").append(line, style="not bold"), soft_wrap=True)
        console.print(
            difference or say("no_difference").in_language(language),
            highlight=False,
            markup=False,
            soft_wrap=True,
        )
    returned = _last_return(data)
    if returned is not None:
        told = say("went_back", version=returned["version"], why=read(returned["said"]))
        console.print(told.in_language(language), style="yellow", highlight=False, soft_wrap=True)


def _last_return(data: Path) -> dict[str, Any] | None:
    """What the switch took back, if nothing came after it."""
    try:
        found: dict[str, Any] | None = json.loads((data / STATE_FILE).read_text())["returned"]
    except (OSError, ValueError, KeyError):
        return None
    return found


def restore(data: Path, version: str | None) -> str:
    """Write a kept version (by default the one before the last) over the office's files.

    Raises NotRunning, or LookupError when there is no such version.
    """
    state = read_state(data)
    known = sorted((data / VERSIONS).glob("*.yaml"))
    if version is None:
        if len(known) < 2:
            raise LookupError(say("no_earlier_version"))
        chosen = known[-2]
    else:
        matches = [path for path in known if path.stem.startswith(version)]
        if len(matches) != 1:
            raise LookupError(say("no_such_version", version=version))
        chosen = matches[0]
    office = Path(state["office"])
    write_back(chosen.read_text(encoding="utf-8"), office, _included(office))
    return chosen.stem


def _included(office: Path) -> list[str]:
    """What the office includes now, by name; nothing when its file cannot be read at all."""
    try:
        data = compose(office.name, read_text(office)).data
    except (OfficeErrors, YAMLError, SourceError):
        return []
    patterns = data.get(INCLUDE, []) if isinstance(data, dict) else []
    found = included_files(patterns, office.parent)
    return [path.relative_to(office.parent).as_posix() for path in found if path.is_file()]


def reload(
    data: DataOption = None,
    confirm_within: Annotated[
        str | None,
        typer.Option(help="Take the new version back after so long, like 10m, unless confirmed."),
    ] = None,
    comment: CommentOption = None,
    confirm: Annotated[
        bool, typer.Option("--confirm", help="Keep the version that is on trial.")
    ] = False,
    lang: LangOption = None,
) -> None:
    """Let the running office read its file again; refused whole when the proof refuses it.

    A new version that makes things worse within ten minutes is taken back by itself.
    """
    who = asker(data, lang)
    if confirm:
        _confirm(who)
        return
    seconds = _seconds(confirm_within, who)
    state = _running(lambda: ask_for_reload(who, seconds, comment), who)
    if not show_state(state, out, errors, who.zone, who.language):
        raise typer.Exit(1)


def _confirm(who: Asker) -> None:
    version = who.ask("confirm")["version"]
    if version is None:
        raise who.refuse(say("nothing_on_trial"))
    who.tell(say("trial_confirmed", version=version))


def _seconds(typed: str | None, who: Asker) -> float | None:
    try:
        return None if typed is None else parse_duration(typed)
    except DurationError as error:
        advised = say("told_and_advised", told=error.message, advised=error.remedy)
        raise who.wrong(advised) from None


def list_versions(data: DataOption = None, lang: LangOption = None) -> None:
    """Every version of the office file that was ever accepted, with what it changed."""
    who = asker(data, lang)
    show_versions(who.settings.data, out, who.language)


def rollback(
    version: Annotated[
        str | None, typer.Argument(help="The beginning of a version's name; else the one before.")
    ] = None,
    data: DataOption = None,
    comment: CommentOption = None,
    lang: LangOption = None,
) -> None:
    """Write an accepted version over the office file and reload it."""
    who = asker(data, lang)
    restored = _running(lambda: restore(who.settings.data, version), who)
    who.tell(say("restored", version=restored))
    reload(data, comment=comment, lang=lang)


def _running(ask: Callable[[], T], who: Asker) -> T:
    try:
        return ask()
    except (NotRunning, LookupError) as error:
        raise who.give_up(error) from None


def add_commands(app: typer.Typer) -> None:
    """Make them commands of the program."""
    app.command()(reload)
    app.command("versions")(list_versions)
    app.command()(rollback)
