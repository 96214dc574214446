"""`softswitch messages`: what lies in the mailboxes, and who has dealt with it.

The list is read from the store, also of an office that stands still; the mark, which is the whole
team's, is asked of the running switch.
"""

from collections.abc import Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console, RenderableType
from rich.text import Text

from softswitch.commands.terminal import (
    DataOption,
    JsonOption,
    ask_switch,
    from_store,
    minutes,
    myself,
    out,
    plain,
    process_settings,
    show_list,
    table_of,
    when,
)

if TYPE_CHECKING:
    from softswitch.settings import Settings
    from softswitch.store.messages import Message

app = typer.Typer(
    name="messages",
    help="Messages that callers have left: in which mailbox, by whom, and who dealt with them.",
    invoke_without_command=True,
)

Identifier = Annotated[str, typer.Argument(help="A message's ID, or the beginning of one.")]


@app.callback()
def messages(
    context: typer.Context,
    data: DataOption = None,
    mailbox: Annotated[
        str | None, typer.Option(help="Of this mailbox alone: its name, or an extension.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Also those that are done.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10000, help="At most so many.")] = 100,
    as_json: JsonOption = False,
) -> None:
    """Messages that nobody has dealt with, the newest first."""
    if context.invoked_subcommand is not None:
        context.obj = data
        return
    settings = process_settings(data)
    found = from_store(_read(settings, mailbox, only_open=not everything, limit=limit))
    show(found, out, as_json=as_json)


@app.command("done")
def done(context: typer.Context, identifier: Identifier, data: DataOption = None) -> None:
    """Somebody has dealt with it: nobody else of the team needs to."""
    told = ask_switch(data or context.obj, "message done", by=myself(), id=identifier)
    out.print(f"{told['id']} ({told['mailbox']}) is done", highlight=False, markup=False)


@app.command("open")
def reopen(context: typer.Context, identifier: Identifier, data: DataOption = None) -> None:
    """Take the mark back: it is to be dealt with after all."""
    told = ask_switch(data or context.obj, "message open", by=myself(), id=identifier)
    out.print(f"{told['id']} ({told['mailbox']}) is open again", highlight=False, markup=False)


async def _read(
    settings: "Settings", mailbox: str | None, *, only_open: bool, limit: int
) -> list["Message"]:
    from softswitch.store.database import open_for_reading
    from softswitch.store.messages import list_messages

    async with open_for_reading(settings.database_url) as shelf:
        return await list_messages(shelf, mailbox, only_open=only_open, limit=limit)


def show(found: Sequence["Message"], console: Console, *, as_json: bool) -> None:
    """As a table, or for other programs with moments in ISO 8601."""
    show_list(found, plain, messages_table, console, as_json=as_json)


def messages_table(found: Sequence["Message"], *, zone: tzinfo | None = None) -> RenderableType:
    """One line a message, in the order given."""
    from softswitch.commands.calls_view import shown_text

    if not found:
        return Text("no messages")
    table = table_of(("at", "mailbox", "number", "name", "length", "state", "id"))
    for one in found:
        style = "bold" if one.heard_at is None and one.handled_at is None else ""
        table.add_row(*(shown_text(cell, style) for cell in _cells(one, zone)))
    return table


def _cells(one: "Message", zone: tzinfo | None) -> tuple[str, ...]:
    return (
        when(one.at, zone),
        one.mailbox,
        one.number or "number withheld",
        one.name or "",
        minutes(one.seconds),
        _state(one, zone),
        one.id,
    )


def _state(one: "Message", zone: tzinfo | None) -> str:
    if one.handled_at is not None:
        return f"done {when(one.handled_at, zone)} by {one.handled_by or 'somebody'}"
    if one.heard_at is not None:
        return f"heard {when(one.heard_at, zone)} by {one.heard_by or 'somebody'}"
    return "new"


def add_commands(program: typer.Typer) -> None:
    """Make it a command of the program."""
    program.add_typer(app)
