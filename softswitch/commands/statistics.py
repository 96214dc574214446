"""`softswitch statistics`: what the calls of a period add up to, in tables or as JSON.

The store's libraries are imported when it runs, so that other commands need not wait for them.
"""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from softswitch.commands.asker import asker
from softswitch.commands.listing import table_of
from softswitch.commands.speech import LangOption
from softswitch.commands.terminal import DataOption, JsonOption, minutes, out
from softswitch.wording import ENGLISH, in_language, say

if TYPE_CHECKING:
    from softswitch.store.statistics import Inbound, PersonFigures, Statistics

DEFAULT_DAYS = 7
# Beside the figures on a screen of 100 columns.
WIDEST = 10
_COLUMNS = ("calls_in", "answered", "missed", "message", "other", "average_wait", "within_90")


def show_statistics(
    data: DataOption = None,
    since: Annotated[
        datetime | None, typer.Option(help="From this moment on; without it, a week ago.")
    ] = None,
    until: Annotated[datetime | None, typer.Option(help="Before this moment.")] = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Calls in by hour, day, queue and number, and what each person did, on the office's clock."""
    who = asker(data, lang)
    end = who.meant(until) or datetime.now(UTC).astimezone(who.zone)
    week_ago = datetime.combine(end.date() - timedelta(days=DEFAULT_DAYS), time())
    begin = who.meant(since or week_ago)
    found = who.read(_read(who.settings.database_url, begin, end, who.zone))
    if as_json:
        out.print_json(json.dumps(statistics_dict(found)))
    else:
        out.print(statistics_view(found, who.language))


async def _read(url: str, since: datetime, until: datetime, zone: tzinfo | None) -> "Statistics":
    from softswitch.store.database import open_for_reading
    from softswitch.store.history import History
    from softswitch.store.statistics import Statistics

    found = Statistics()
    async with open_for_reading(url) as shelf:
        async for row in History(shelf).between(since, until):
            found.add(row, zone)
    return found


def statistics_view(found: "Statistics", language: str = ENGLISH) -> RenderableType:
    """A table for each way to look at the calls, the sum of each below it."""
    parts: list[RenderableType] = []
    for title, rows in _groups(found):
        table = _table((title, *_COLUMNS, ""), language)
        most = max((one.offered for _, one in rows), default=0) or 1
        for name, one in rows:
            bar = "█" * round(one.offered / most * WIDEST)
            table.add_row(in_language(name, language), *_cells(one), Text(bar, "green"))
        table.add_row(
            say("all_together").in_language(language), *_cells(found.inbound), style="bold"
        )
        parts += [table, Text()]
    people = _table(("person", "taken", "placed", "inside", "talk"), language)
    for who, figures in sorted(found.people.items()):
        people.add_row(who, *_person(figures))
    parts += [people, Text()]
    told = say("out_and_inside", out=found.outbound, inside=found.internal)
    parts.append(Text(told.in_language(language)))
    return Group(*parts)


def statistics_dict(found: "Statistics") -> dict[str, Any]:
    """JSON's types; the sums of each group are those of `all`."""
    groups = {
        title: {name: _inbound_dict(one) for name, one in rows} for title, rows in _groups(found)
    }
    people = {
        who: {"taken": one.taken, "placed": one.placed, "internal": one.internal, "talk": one.talk}
        for who, one in sorted(found.people.items())
    }
    return {
        "all": _inbound_dict(found.inbound),
        **groups,
        "people": people,
        "outbound": found.outbound,
        "internal": found.internal,
    }


def _groups(found: "Statistics") -> Iterator[tuple[str, list[tuple[str, "Inbound"]]]]:
    yield "hour", [(f"{hour:02}", one) for hour, one in enumerate(found.by_hour) if one.offered]
    yield "day", [(_day(day), one) for day, one in sorted(found.by_day.items())]
    yield "queue", sorted(found.by_queue.items())
    yield "number", sorted(found.by_number.items())


def _day(day: date) -> str:
    return say("day_listed", at=day)


def _inbound_dict(one: "Inbound") -> dict[str, Any]:
    return {
        "offered": one.offered,
        "answered": one.answered,
        "missed": one.missed,
        "messages": one.messages,
        "others": one.others,
        "results": {result.value: count for result, count in sorted(one.results.items())},
        "average_wait": one.average_wait,
        "wait_90": one.wait_90,
        "talk": one.talk,
    }


def _table(columns: tuple[str, ...], language: str) -> Table:
    table = table_of(columns, language)
    table.columns[0].no_wrap = True
    for name, column in zip(columns[1:], table.columns[1:], strict=True):
        column.justify = "right" if name else "left"
    return table


def _cells(one: "Inbound") -> tuple[str, ...]:
    counts = (one.offered, one.answered, one.missed, one.messages, one.others)
    return (*(f"{count}" for count in counts), minutes(one.average_wait), minutes(one.wait_90))


def _person(one: "PersonFigures") -> tuple[str, ...]:
    return f"{one.taken}", f"{one.placed}", f"{one.internal}", minutes(one.talk)


def add_commands(app: typer.Typer) -> None:
    """Make it a command of the program."""
    app.command("statistics")(show_statistics)
