"""`softswitch dial`: click-to-call from the command line, asked of the running office."""

import json
from typing import Annotated

import typer

from softswitch.commands.terminal import DataOption, JsonOption, ask_switch, out


def dial(
    extension: Annotated[str, typer.Argument(help="Whose phones ring first.")],
    number: Annotated[str, typer.Argument(help='Whom to call, as it would be dialled: "22 …".')],
    auto_answer: Annotated[
        bool, typer.Option("--auto-answer", help="His phone answers by itself, if it can.")
    ] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ring a person's phones; when he answers, call the number for him."""
    told = ask_switch(data, "dial", extension=extension, number=number, auto_answer=auto_answer)
    if as_json:
        out.print_json(json.dumps(told))
        return
    line = f"{told['extension']} is rung to call {told['number']}: softswitch call {told['call']}"
    out.print(line, highlight=False, markup=False, soft_wrap=True)


def add_commands(app: typer.Typer) -> None:
    """Make it a command of the program."""
    app.command()(dial)
