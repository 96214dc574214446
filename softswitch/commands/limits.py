"""`softswitch limits`: what calls out have used up today; `limits release` ends a stop."""

import json
from typing import Annotated, Any

import typer
from rich.console import RenderableType
from rich.text import Text

from softswitch.commands.terminal import (
    DataOption,
    JsonOption,
    ask_switch,
    myself,
    out,
    table_of,
)

app = typer.Typer(
    name="limits",
    help="Calls out today: what each person and the office used up, what was refused and why.",
    invoke_without_command=True,
)
COLUMNS = ("who", "calls", "now", "talk", "abroad", "cost", "")


@app.callback()
def limits(context: typer.Context, data: DataOption = None, as_json: JsonOption = False) -> None:
    """What is used up today, of how much."""
    if context.invoked_subcommand is not None:
        context.obj = data
        return
    told = ask_switch(data, "limits")
    if as_json:
        out.print_json(json.dumps(told))
        return
    out.print(limits_table(told))
    for line in refusals(told):
        out.print(line, style="yellow", highlight=False, markup=False, soft_wrap=True)


@app.command()
def release(
    context: typer.Context,
    extension: Annotated[str, typer.Argument(help="Whose calls abroad were stopped.")],
    data: DataOption = None,
) -> None:
    """Let somebody call abroad again whose calls were stopped. Change the password before."""
    told = ask_switch(data or context.obj, "limits release", extension=extension, by=myself())
    out.print(f"{told['extension']} may call abroad again", highlight=False)


def limits_table(told: dict[str, Any]) -> RenderableType:
    """One row a person who has called out today, the office last."""
    table = table_of(COLUMNS)
    for one in told["people"]:
        note = "calls abroad are stopped" if one["is_stopped"] else ""
        style = "red" if note else None
        table.add_row(Text(f"{one['extension']} {one['name']}"), *_cells(one), note, style=style)
    table.add_row("the office", *_cells(told["office"]), "", style="bold")
    return table


def refusals(told: dict[str, Any]) -> list[str]:
    """The last calls that did not go out, the newest first."""
    return [
        f"{one['at'][11:16]} UTC  {one['extension']} → {one['number']}: {one['words']}"
        for one in told["refused"]
    ]


def _cells(one: dict[str, Any]) -> tuple[str, ...]:
    from softswitch.commands.words import length

    most = one["limits"]

    def of(used: str, limit: float | None, form: Any) -> str:
        return used if limit is None else f"{used} of {form(limit)}"

    return (
        str(one["calls"]),
        of(str(one["now"]), most["now"], str),
        of(length(one["seconds"]), most["seconds"], length),
        of(length(one["abroad"]), most["abroad"], length),
        of(f"{one['money']:.2f}", most["money"], lambda limit: f"{limit:.2f}"),
    )


def add_commands(program: typer.Typer) -> None:
    """Make it a command of the program."""
    program.add_typer(app)
