"""`softswitch trunks`: how every link to a provider stands now, asked of the running office."""

import json
from typing import Any

import typer
from rich.table import Table

from softswitch.commands.terminal import DataOption, JsonOption, ask_switch, out

COLUMNS = ("trunk", "server", "state", "since", "calls", "last error", "next try")
_BAD = frozenset({"silent", "refused", "unregistered"})


def trunks(data: DataOption = None, as_json: JsonOption = False) -> None:
    """Provider trunks: registered or not, up or down, since when, and what went wrong last."""
    found = ask_switch(data, "trunks")["trunks"]
    if as_json:
        out.print_json(json.dumps(found))
        return
    out.print(trunks_table(found))


def trunks_table(found: list[dict[str, Any]]) -> Table:
    """One row a trunk; those at risk stand out."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in COLUMNS:
        table.add_column(column, overflow="fold")
    for one in found:
        table.add_row(*_cells(one), style="red" if one["state"] in _BAD else None)
    return table


def _cells(one: dict[str, Any]) -> tuple[str, ...]:
    limit = "" if one["limit"] is None else f" of {one['limit']}"
    return (
        one["trunk"],
        f"{one['server']} {one['transport'].upper()}",
        one["state"],
        _moment(one["since"]),
        f"{one['calls']}{limit}",
        one["error"],
        _moment(one["next_try"]),
    )


def _moment(text: str | None) -> str:
    """Of ISO text: day and time of the clock on the wall."""
    return "" if text is None else text[:19].replace("T", " ")


def add_commands(app: typer.Typer) -> None:
    """Make it a command of the program."""
    app.command()(trunks)
