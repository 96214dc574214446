"""`softswitch messages`: what lies in the mailboxes, and who has dealt with it.

The list is read from the store, also of an office that stands still; the mark, which is the whole
team's, is asked of the running switch.
"""

from collections.abc import Sequence
from datetime import tzinfo
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console, RenderableType
from rich.text import Text

from softswitch.commands.asker import asker, is_below
from softswitch.commands.listing import table_of
from softswitch.commands.speech import LangOption
from softswitch.commands.terminal import (
    DataOption,
    JsonOption,
    minutes,
    out,
    plain,
    show_list,
    when,
)
from softswitch.wording import ENGLISH, in_language, say

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
    lang: LangOption = None,
) -> None:
    """Messages that nobody has dealt with, the newest first."""
    if is_below(context, data, lang):
        return
    who = asker(data, lang)
    found = who.read(_read(who.settings, mailbox, only_open=not everything, limit=limit))
    show(found, out, who.zone, None if as_json else who.language)


@app.command("done")
def done(
    context: typer.Context, identifier: Identifier, data: DataOption = None, lang: LangOption = None
) -> None:
    """Somebody has dealt with it: nobody else of the team needs to."""
    who = asker(data, lang, context)
    told = who.ask("message done", id=identifier)
    who.tell(say("message_done", message=told["id"], mailbox=told["mailbox"]))


@app.command("open")
def reopen(
    context: typer.Context, identifier: Identifier, data: DataOption = None, lang: LangOption = None
) -> None:
    """Take the mark back: it is to be dealt with after all."""
    who = asker(data, lang, context)
    told = who.ask("message open", id=identifier)
    who.tell(say("message_open_again", message=told["id"], mailbox=told["mailbox"]))


async def _read(
    settings: "Settings", mailbox: str | None, *, only_open: bool, limit: int
) -> list["Message"]:
    from softswitch.store.database import open_for_reading
    from softswitch.store.messages import list_messages

    async with open_for_reading(settings.database_url) as shelf:
        return await list_messages(shelf, mailbox, only_open=only_open, limit=limit)


def show(
    found: Sequence["Message"], console: Console, zone: tzinfo | None, language: str | None
) -> None:
    """As a table; without a language for other programs, with moments in ISO 8601."""
    table = partial(messages_table, zone=zone, language=language or ENGLISH)
    show_list(found, plain, table, console, as_json=language is None)


def messages_table(
    found: Sequence["Message"], *, zone: tzinfo | None = None, language: str = ENGLISH
) -> RenderableType:
    """One line a message, in the order given."""
    from softswitch.commands.calls_view import shown_text

    if not found:
        return Text(say("no_messages").in_language(language))
    columns = ("at", "mailbox", "number", "name", "length", "state", "id")
    table = table_of(columns, language)
    for one in found:
        style = "bold" if one.heard_at is None and one.handled_at is None else ""
        cells = (in_language(cell, language) for cell in _cells(one, zone))
        table.add_row(*(shown_text(cell, style) for cell in cells))
    return table


def _cells(one: "Message", zone: tzinfo | None) -> tuple[str, ...]:
    return (
        when(one.at, zone),
        one.mailbox,
        one.number or say("number_withheld"),
        one.name or "",
        minutes(one.seconds),
        _state(one, zone),
        one.id,
    )


def _state(one: "Message", zone: tzinfo | None) -> str:
    if one.handled_at is not None:
        by = one.handled_by or say("somebody")
        return say("done_by", time=when(one.handled_at, zone), who=by)
    if one.heard_at is not None:
        by = one.heard_by or say("somebody")
        return say("heard_by", time=when(one.heard_at, zone), who=by)
    return say("is_new")


def add_commands(program: typer.Typer) -> None:
    """Make it a command of the program."""
    program.add_typer(app)
