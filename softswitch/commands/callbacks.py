"""`softswitch callbacks`: whom the office must call back, and whether nobody was forgotten.

The list and its check are read from the store, also of an office that stands still; closing an
item is asked of the running switch.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial, reduce
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console, RenderableType
from rich.text import Text

from softswitch.commands.asker import asker, is_below
from softswitch.commands.listing import table_of
from softswitch.commands.speech import LangOption
from softswitch.commands.terminal import (
    DataOption,
    JsonOption,
    out,
    plain,
    show_list,
    when,
)
from softswitch.wording import CATALOGUE, ENGLISH, Said, in_language, say

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
    lang: LangOption = None,
) -> None:
    """Clients to be called back, the oldest due first."""
    if is_below(context, data, lang):
        return
    who, since = asker(data, lang), datetime.now(UTC) - timedelta(days=days)
    language = None if as_json else who.language
    if check:
        is_whole = who.read(show_check(who.settings, since, out, language))
        raise typer.Exit(0 if is_whole else 1)
    since_when = since if everything else None
    who.read(show_items(who.settings, since_when, out, who.zone, language))


@app.command("close")
def close(
    context: typer.Context,
    identifier: Identifier,
    reason: Annotated[
        str, typer.Option(help="spam (the number is never called back), elsewhere, wrong_number, …")
    ],
    data: DataOption = None,
    lang: LangOption = None,
) -> None:
    """Take a client off the list without a talk, and say why."""
    who = asker(data, lang, context)
    told = who.ask("callback close", id=identifier, reason=reason)
    who.tell(say("item_closed", item=told["id"], why=_reason(told["reason"])))


@app.command("open")
def reopen(
    context: typer.Context, identifier: Identifier, data: DataOption = None, lang: LangOption = None
) -> None:
    """Take a closing back; a number declared spam is a client again."""
    who = asker(data, lang, context)
    told = who.ask("callback open", id=identifier)
    who.tell(say("item_open_again", item=told["id"]))


async def show_items(
    settings: "Settings",
    since: datetime | None,
    console: Console,
    zone: tzinfo | None,
    language: str | None,
) -> None:
    """Open items; with `since` also those that are done. Without a language as JSON."""
    from softswitch.store.callback_table import read_callbacks
    from softswitch.store.database import open_for_reading

    async with open_for_reading(settings.database_url) as shelf:
        items = await read_callbacks(shelf, only_open=since is None, since=since)
    now = datetime.now(UTC)
    table = partial(callbacks_table, now=now, zone=zone, language=language or ENGLISH)
    show_list(items, plain, table, console, as_json=language is None)


async def show_check(
    settings: "Settings", since: datetime, console: Console, language: str | None
) -> bool:
    """The sums; whether each call is somewhere. Without a language as JSON."""
    from softswitch.store.database import open_for_reading
    from softswitch.store.reconcile import reconcile

    async with open_for_reading(settings.database_url) as shelf:
        sums = await reconcile(shelf, since, datetime.now(UTC) - FRESH)
    if language is None:
        console.print_json(json.dumps(sums_dict(sums)))
    else:
        console.print(sums_text(sums, language), highlight=False, markup=False, soft_wrap=True)
    return sums.is_whole


def callbacks_table(
    items: Sequence["Item"],
    now: datetime,
    *,
    zone: tzinfo | None = None,
    language: str = ENGLISH,
) -> RenderableType:
    """One line an item, in the order given."""
    from softswitch.commands.calls_view import shown_text

    if not items:
        return Text(say("no_callbacks").in_language(language))
    columns = ("number", "name", "attempts", "waiting_since", "due", "owner", "id")
    table = table_of(columns, language)
    for item in items:
        style = "red" if item.is_open and item.due is not None and item.due <= now else ""
        cells = (in_language(cell, language) for cell in _cells(item, zone))
        table.add_row(*(shown_text(cell, style) for cell in cells))
    return table


def _cells(item: "Item", zone: tzinfo | None) -> tuple[str, ...]:
    return (
        item.number or say("number_withheld"),
        item.name or "",
        _attempts(item),
        when(item.first, zone),
        _state(item, zone),
        item.owner or say("everybody"),
        item.id,
    )


def _attempts(item: "Item") -> str:
    marks: list[Said | str] = [f"{item.attempts}"]
    marks += [say("mark_promised")] if item.is_asked else []
    marks += [say("mark_message")] if item.message else []
    return say("word", word=tuple(marks))


def _state(item: "Item", zone: tzinfo | None) -> str:
    if item.closed is not None:
        told = {"time": when(item.closed, zone), "why": _reason(item.reason or "closed")}
        by = item.closed_by
        return say("closed_then_by", **told, by=by) if by else say("closed_then", **told)
    if item.due is None:
        return ""
    due = when(item.due, zone)
    return say("due_escalated", time=due) if item.escalated else due


def _reason(reason: str) -> str:
    """Why an item is closed: a word that is known, or somebody's own."""
    return say(f"closing_{reason}") if f"closing_{reason}" in CATALOGUE else reason


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


def sums_text(sums: "Sums", language: str = ENGLISH) -> str:
    """`12 inbound = 7 talked + 2 to be called back + …`"""
    parts = [
        say("sum_talked", count=sums.talked),
        say("sum_open", count=sums.in_open),
        say("sum_closed", count=sums.in_closed),
        say("sum_spam", count=sums.spam),
    ]
    parts += [say("sum_brief", count=sums.brief)] if sums.brief else []
    added = reduce(lambda one, other: say("sums_added", one=one, other=other), parts)
    told = say("sums", inbound=sums.inbound, parts=added)
    if sums.is_whole:
        return say("sums_whole", sums=told).in_language(language)
    head = say("sums_missing", sums=told, count=len(sums.missing)).in_language(language)
    return "\n".join((head, *sums.missing))


def add_commands(program: typer.Typer) -> None:
    """Make it a command of the program."""
    program.add_typer(app)
