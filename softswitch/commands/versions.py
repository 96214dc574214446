"""The commands about versions of a running office: reload, versions, rollback."""

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from ruamel.yaml.error import YAMLError

from softswitch.commands.terminal import DataOption, errors, give_up, out, process_settings
from softswitch.office.findings import OfficeErrors
from softswitch.office.reading import INCLUDE, included_files, read_text
from softswitch.office.source import SourceError, compose
from softswitch.reload import PID_FILE, STATE_FILE
from softswitch.versions import VERSIONS, versions, write_back

T = TypeVar("T")

# Decoding the prompts of a large office on a slow machine.
ANSWER_SECONDS = 30.0
_LOOK = 0.05


class NotRunning(Exception):
    """No office runs with this data folder; the text says so."""


def ask_for_reload(data: Path) -> dict[str, Any]:
    """Send SIGHUP to the running office and wait for its answer. Raises NotRunning."""
    before = read_state(data)["serial"]
    pid = int((data / PID_FILE).read_text())
    try:
        os.kill(pid, signal.SIGHUP)
    except ProcessLookupError:
        raise NotRunning(f"the office with the data folder {data} has stopped") from None
    end = time.monotonic() + ANSWER_SECONDS
    while time.monotonic() < end:
        state = read_state(data)
        if state["serial"] > before:
            return state
        time.sleep(_LOOK)
    raise NotRunning("the office did not answer")


def read_state(data: Path) -> dict[str, Any]:
    """How the last reload of the running office went. Raises NotRunning."""
    if not (data / PID_FILE).exists():
        raise NotRunning(f"no office runs with the data folder {data}")
    state: dict[str, Any] = json.loads((data / STATE_FILE).read_text(encoding="utf-8"))
    return state


def show_state(state: dict[str, Any], console: Console, errors: Console) -> bool:
    """Print an answer; False when the reload was refused."""
    for finding in state["findings"]:
        place = f"{finding['file']}:{finding['line']}:{finding['column']}"
        text = f"{place}: {finding['severity']}: {finding['message']}. {finding['remedy']}"
        errors.print(text.rstrip(), highlight=False, soft_wrap=True)
    if state["is_accepted"]:
        console.print(f"accepted as version {state['version']}; calls in progress keep theirs")
    else:
        errors.print("refused: nothing has changed", style="red")
    return bool(state["is_accepted"])


def show_versions(data: Path, console: Console) -> None:
    """Every kept version with what it changed."""
    for name, difference in versions(data / VERSIONS):
        console.print(name, style="bold", highlight=False)
        console.print(
            difference or "(no difference)", highlight=False, markup=False, soft_wrap=True
        )


def restore(data: Path, version: str | None) -> str:
    """Write a kept version (by default the one before the last) over the office's files.

    Raises NotRunning, or LookupError when there is no such version.
    """
    state = read_state(data)
    known = sorted((data / VERSIONS).glob("*.yaml"))
    if version is None:
        if len(known) < 2:
            raise LookupError("there is no earlier version")
        chosen = known[-2]
    else:
        matches = [path for path in known if path.stem.startswith(version)]
        if len(matches) != 1:
            raise LookupError(f"no version, or several, begin with {version}")
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


def reload(data: DataOption = None) -> None:
    """Let the running office read its file again; refused whole when the proof refuses it."""
    folder = process_settings(data).data
    if not show_state(_running(lambda: ask_for_reload(folder)), out, errors):
        raise typer.Exit(1)


def list_versions(data: DataOption = None) -> None:
    """Every version of the office file that was ever accepted, with what it changed."""
    show_versions(process_settings(data).data, out)


def rollback(
    version: Annotated[
        str | None, typer.Argument(help="The beginning of a version's name; else the one before.")
    ] = None,
    data: DataOption = None,
) -> None:
    """Write an accepted version over the office file and reload it."""
    folder = process_settings(data).data
    restored = _running(lambda: restore(folder, version))
    out.print(f"restored {restored}", highlight=False)
    reload(data)


def _running(ask: Callable[[], T]) -> T:
    try:
        return ask()
    except (NotRunning, LookupError) as error:
        raise give_up(error) from None


def add_commands(app: typer.Typer) -> None:
    """Make them commands of the program."""
    app.command()(reload)
    app.command("versions")(list_versions)
    app.command()(rollback)
