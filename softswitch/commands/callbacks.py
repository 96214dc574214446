"""`softswitch callbacks`: whom the office must call back, and whether nobody was forgotten.

The list and its check are read from the store, also of an office that stands still; closing an
item is asked of the running switch.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console, RenderableType
from rich.text import Text

from softswitch.commands.terminal import (
    DataOption,
    JsonOption,
    ask_switch,
    from_store,
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
    from softswitch.store.callbacks import Item
    from softswitch.store.reconcile import Sums

# As far back as the switch itself looks every night.
DEFAULT_DAYS = 7
# What has ended just now may be on its way to the disk.
FRESH = timedelta(seconds=2)

app = typer.Typer(
    name="callbacks",
    help="Clients whom nobody talked with: who has to be called back, until when, by whom.",
    invoke_without_command=True,
)

Identifier = Annotated[str, typer.Argument(help="An item's ID, or the beginning of one.")]


@app.callback()
def callbacks(
    context: typer.Context,
    data: DataOption = None,
    everything: Annotated[bool, typer.Option("--all", help="Also those that are done.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="The sums: is each inbound call a talk or an item?")
    ] = False,
    days: Annotated[
        float, typer.Option(help="With --check and --all: so far back.", min=0)
    ] = DEFAULT_DAYS,
    as_json: JsonOption = False,
) -> None:
    """Clients to be called back, the oldest due first."""
    if context.invoked_subcommand is not None:
        context.obj = data
        return
    settings, since = process_settings(data), datetime.now(UTC) - timedelta(days=days)
    if check:
        is_whole = from_store(show_check(settings, since, out, as_json=as_json))
        raise typer.Exit(0 if is_whole else 1)
    since_when = since if everything else None
    from_store(show_items(settings, since_when, out, as_json=as_json))


@app.command("close")
def close(
    context: typer.Context,
    identifier: Identifier,
    reason: Annotated[
        str, typer.Option(help="spam (the number is never called back), elsewhere, wrong_number, …")
    ],
    data: DataOption = None,
) -> None:
    """Take a client off the list without a talk, and say why."""
    told = ask_switch(
        data or context.obj, "callback close", by=myself(), id=identifier, reason=reason
    )
    out.print(f"{told['id']} closed: {told['reason']}", highlight=False, markup=False)


@app.command("open")
def reopen(context: typer.Context, identifier: Identifier, data: DataOption = None) -> None:
    """Take a closing back; a number declared spam is a client again."""
    told = ask_switch(data or context.obj, "callback open", by=myself(), id=identifier)
    out.print(f"{told['id']} is open again", highlight=False, markup=False)


async def show_items(
    settings: "Settings", since: datetime | None, console: Console, *, as_json: bool
) -> None:
    """Open items; with `since` also those that are done."""
    from softswitch.store.callback_table import read_callbacks
    from softswitch.store.database import open_for_reading

    async with open_for_reading(settings.database_url) as shelf:
        items = await read_callbacks(shelf, only_open=since is None, since=since)
    table = partial(callbacks_table, now=datetime.now(UTC))
    show_list(items, plain, table, console, as_json=as_json)


async def show_check(
    settings: "Settings", since: datetime, console: Console, *, as_json: bool
) -> bool:
    """The sums; whether each call is somewhere."""
    from softswitch.store.database import open_for_reading
    from softswitch.store.reconcile import reconcile

    async with open_for_reading(settings.database_url) as shelf:
        sums = await reconcile(shelf, since, datetime.now(UTC) - FRESH)
    if as_json:
        console.print_json(json.dumps(sums_dict(sums)))
    else:
        console.print(sums_text(sums), highlight=False, markup=False)
    return sums.is_whole


def callbacks_table(
    items: Sequence["Item"], now: datetime, *, zone: tzinfo | None = None
) -> RenderableType:
    """One line an item, in the order given."""
    from softswitch.commands.calls_view import shown_text

    if not items:
        return Text("nobody has to be called back")
    table = table_of(("number", "name", "attempts", "waiting since", "due", "owner", "id"))
    for item in items:
        style = "red" if item.is_open and item.due is not None and item.due <= now else ""
        table.add_row(*(shown_text(cell, style) for cell in _cells(item, now, zone)))
    return table


def _cells(item: "Item", now: datetime, zone: tzinfo | None) -> tuple[str, ...]:
    marks = [f"{item.attempts}"]
    marks += ["promised"] if item.is_asked else []
    marks += ["message"] if item.message else []
    return (
        item.number or "number withheld",
        item.name or "",
        ", ".join(marks),
        when(item.first, zone),
        _state(item, now, zone),
        item.owner or "everybody",
        item.id,
    )


def _state(item: "Item", now: datetime, zone: tzinfo | None) -> str:
    if item.closed is not None:
        by = f" ({item.closed_by})" if item.closed_by else ""
        return f"{when(item.closed, zone)} {item.reason or 'closed'}{by}"
    if item.due is None:
        return ""
    return f"{when(item.due, zone)}{', escalated' if item.escalated else ''}"


def sums_dict(sums: "Sums") -> dict[str, Any]:
    """The sums for other programs."""
    return {
        "inbound": sums.inbound,
        "talked": sums.talked,
        "open": sums.in_open,
        "closed": sums.in_closed,
        "spam": sums.spam,
        "brief": sums.brief,
        "missing": list(sums.missing),
        "is_whole": sums.is_whole,
    }


def sums_text(sums: "Sums") -> str:
    """`12 inbound = 7 talked + 2 to be called back + …`"""
    parts = [
        f"{sums.talked} talked",
        f"{sums.in_open} to be called back",
        f"{sums.in_closed} called back or closed",
        f"{sums.spam} spam",
    ]
    parts += [f"{sums.brief} too brief"] if sums.brief else []
    text = f"{sums.inbound} inbound = {' + '.join(parts)}"
    if sums.is_whole:
        return f"{text}: nobody is forgotten"
    return f"{text}, and {len(sums.missing)} in none:\n" + "\n".join(sums.missing)


def add_commands(program: typer.Typer) -> None:
    """Make it a command of the program."""
    program.add_typer(app)
