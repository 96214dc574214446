"""`softswitch trunks`: how every link to a provider stands now, and what a test of one says."""

import json
import time
from datetime import datetime, tzinfo
from typing import Annotated, Any

import typer
from rich.table import Table

from softswitch.commands.asker import Asker, asker
from softswitch.commands.listing import table_of
from softswitch.commands.speech import LangOption
from softswitch.commands.terminal import DataOption, JsonOption, out
from softswitch.commands.trunk_words import lines_of
from softswitch.trunks.words import in_words
from softswitch.wording import CATALOGUE, ENGLISH, in_language, say

COLUMNS = ("trunk", "server", "state", "since", "calls", "last_error", "next_try")
# A call that is not answered is given up after half a minute.
TEST_WITHIN, LOOK = 60.0, 0.25
TestOption = Annotated[str | None, typer.Option("--test", help="Test this trunk.")]
CallOption = Annotated[
    str | None, typer.Option("--call", help="With --test: call this number of ours over it.")
]
_BAD = frozenset({"silent", "refused", "unregistered"})


def trunks(
    test: TestOption = None,
    call: CallOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Provider trunks: registered or not, up or down, since when, and what went wrong last.

    With --test one is asked whether it is there, and with --call it carries a call to a number of
    our own: what the far side showed is told, and what to change. Exits with 1 when that failed.
    """
    who = asker(data, lang)
    if test is not None:
        _show_test(who, _tested(who, test, call), as_json)
        return
    if call is not None:
        raise who.wrong(say("call_without_test"))
    found = who.ask("trunks")["trunks"]
    if as_json:
        out.print_json(json.dumps(found))
        return
    out.print(trunks_table(found, zone=who.zone, language=who.language))


def _tested(who: Asker, trunk: str, number: str | None) -> dict[str, Any]:
    """Have it tested, and wait for the end."""
    who.ask("test trunk", trunk=trunk, call=number)
    end = time.monotonic() + TEST_WITHIN
    while True:
        report: dict[str, Any] = who.ask("trunk tested")["report"]
        if report["is_done"] or time.monotonic() > end:
            return report
        time.sleep(LOOK)


def _show_test(who: Asker, report: dict[str, Any], as_json: bool) -> None:
    if as_json:
        out.print_json(json.dumps(report))
    else:
        who.tell(*lines_of(report, who.language))
    is_called = report["number"] is None or report["keys"] == [True, True]
    if not (report["alive"] and is_called):
        raise typer.Exit(1)


def trunks_table(
    found: list[dict[str, Any]], *, zone: tzinfo | None = None, language: str = ENGLISH
) -> Table:
    """One row a trunk; those at risk stand out."""
    table = table_of(COLUMNS, language)
    for one in found:
        cells = (in_language(cell, language) for cell in _cells(one, zone))
        table.add_row(*cells, style="red" if one["state"] in _BAD else None)
    return table


def _cells(one: dict[str, Any], zone: tzinfo | None) -> tuple[str, ...]:
    state, calls, limit = one["state"], f"{one['calls']}", one["limit"]
    return (
        one["trunk"],
        f"{one['server']} {one['transport'].upper()}",
        say(f"trunk_{state}") if f"trunk_{state}" in CATALOGUE else state,
        _moment(one["since"], zone),
        calls if limit is None else say("used_of", used=calls, most=f"{limit}"),
        in_words(one["error"]),
        _moment(one["next_try"], zone),
    )


def _moment(text: str | None, zone: tzinfo | None) -> str:
    """Of ISO text with its offset: day and time of the clock on the office's wall."""
    if text is None:
        return ""
    return f"{datetime.fromisoformat(text).astimezone(zone):%Y-%m-%d %H:%M:%S}"


def add_commands(app: typer.Typer) -> None:
    """Make it a command of the program."""
    app.command()(trunks)
