"""What all commands share: the consoles, the options that recur, the settings of the process."""

import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from pydantic import ValidationError
from rich.console import Console, RenderableType

from softswitch.commands.speech import language_for
from softswitch.office.durations import minutes_and_seconds
from softswitch.office.findings import nearest, suggest
from softswitch.office.translate import wrong_value
from softswitch.settings import PREFIX, Settings
from softswitch.wording import say

R = TypeVar("R")

# All of them begin alike; what is as near as this is one of them with a slip.
_ALIKE = 0.9

# In a pipe or a file there is no width to obey: tables must not be cut.
PIPE_WIDTH = 200
out = Console(width=None if sys.stdout.isatty() else PIPE_WIDTH)
errors = Console(stderr=True)

OfficeArgument = Annotated[Path, typer.Argument(help="The office's YAML file.")]
DataOption = Annotated[
    Path | None, typer.Option("--data", "-d", help="Folder of the database and the messages.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for other programs.")]


def process_settings(data: Path | None) -> Settings:
    """Settings from the environment; a bad one is named, and the program ends with 2."""
    try:
        return Settings() if data is None else Settings(data=data)
    except ValidationError as error:
        for one in error.errors(include_url=False):
            name = str(one["loc"][0])
            variable = f"{PREFIX}{name.upper()}"
            found, remedy = wrong_value(one, name, Settings, variable)
            told = say("told_and_advised", told=found, advised=remedy) if remedy else found
            if variable not in told:
                told = say("told_of_file", file=variable, why=told)
            text = told.in_language(language_for(None))
            errors.print(text, style="red", markup=False, soft_wrap=True)
        raise typer.Exit(2) from None


def tell_strange_settings(language: str) -> None:
    """Variables that were probably meant as settings: a letter wrong, and the usual counts."""
    known = [f"{PREFIX}{name.upper()}" for name in Settings.model_fields]
    for name in sorted(name for name in os.environ if name.startswith(PREFIX)):
        if name not in known and nearest(name, known, cutoff=_ALIKE):
            told = say("no_such_setting", name=name)
            told = say("told_and_advised", told=told, advised=suggest(name, known))
            errors.print(told.in_language(language), style="yellow", markup=False, soft_wrap=True)


def minutes(seconds: float | None) -> str:
    """`251:34`, as figures stand in a column; nothing where nothing was measured."""
    return "" if seconds is None else minutes_and_seconds(seconds)


def when(at: datetime, zone: tzinfo | None = None) -> str:
    """A moment in a table; without a zone on this machine's clock: see `Asker.zone`."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def plain(one: Any) -> dict[str, Any]:
    """A record for other programs; moments in ISO 8601."""
    return {
        key: value.isoformat() if isinstance(value, datetime) else value
        for key, value in asdict(one).items()
    }


def show_list(
    found: Sequence[R],
    as_record: Callable[[R], object],
    as_table: Callable[[Sequence[R]], RenderableType],
    console: Console,
    *,
    as_json: bool,
) -> None:
    """A list for people, or for other programs with moments in ISO 8601."""
    if as_json:
        console.print_json(json.dumps([as_record(one) for one in found]))
    else:
        console.print(as_table(found))
