"""The commands that read a running or stopped office: calls, call, phones.

The store's libraries are imported when one of them runs, so that `check` need not wait for them.
"""

import asyncio
from collections.abc import Coroutine
from datetime import datetime
from typing import Annotated, Any, TypeVar

import typer

from softswitch.commands.terminal import (
    DataOption,
    JsonOption,
    errors,
    give_up,
    out,
    process_settings,
)

T = TypeVar("T")


def calls(
    data: DataOption = None,
    number: Annotated[str | None, typer.Option(help="Calls from or to this number.")] = None,
    person: Annotated[str | None, typer.Option(help="Calls handled by this extension.")] = None,
    queue: Annotated[str | None, typer.Option(help="Calls through this queue.")] = None,
    since: Annotated[datetime | None, typer.Option(help="From this moment on.")] = None,
    until: Annotated[datetime | None, typer.Option(help="Before this moment.")] = None,
    result: Annotated[str | None, typer.Option(help="talked, message, abandoned, …")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10000, help="At most so many rows.")] = 50,
    as_json: JsonOption = False,
) -> None:
    """The last calls, newest first: one row a caller, whatever happened to him."""
    from softswitch.commands import look
    from softswitch.store.history import CallFilter

    settings = process_settings(data)
    which = CallFilter(number, person, queue, _local(since), _local(until), result, limit)
    _read(look.show_calls(settings, which, out, as_json=as_json))


def call(
    identifier: Annotated[str, typer.Argument(help="A call's ID, or the beginning of one.")],
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """One call's story: what the caller heard, whom it rang, who answered, how it ended."""
    from softswitch.commands import look

    settings = process_settings(data)
    if not _read(look.show_call(settings, identifier, out, as_json=as_json)):
        errors.print(f"no call {identifier}", style="red")
        raise typer.Exit(1)


def phones(data: DataOption = None, as_json: JsonOption = False) -> None:
    """Who is registered: extension, device, address, since when, until when."""
    from softswitch.commands import look

    _read(look.show_phones(process_settings(data), out, as_json=as_json))


def _read(work: Coroutine[Any, Any, T]) -> T:
    """A store that is not there is told in plain words."""
    from softswitch.store.ports import StoreError

    try:
        return asyncio.run(work)
    except StoreError as error:
        raise give_up(error) from None


def _local(moment: datetime | None) -> datetime | None:
    """What a person types is meant in this machine's time zone."""
    return moment.astimezone() if moment is not None else None


def add_commands(app: typer.Typer) -> None:
    """Make them commands of the program."""
    for command in (calls, call, phones):
        app.command()(command)
