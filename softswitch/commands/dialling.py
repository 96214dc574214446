"""`softswitch dial`: click-to-call from the command line, asked of the running office."""

import json
from typing import Annotated

import typer

from softswitch.commands.asker import asker
from softswitch.commands.speech import LangOption
from softswitch.commands.terminal import DataOption, JsonOption, out
from softswitch.wording import say


def dial(
    extension: Annotated[str, typer.Argument(help="Whose phones ring first.")],
    number: Annotated[str, typer.Argument(help='Whom to call, as it would be dialled: "22 …".')],
    auto_answer: Annotated[
        bool, typer.Option("--auto-answer", help="His phone answers by itself, if it can.")
    ] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Ring a person's phones; when he answers, call the number for him."""
    who = asker(data, lang)
    told = who.ask("dial", extension=extension, number=number, auto_answer=auto_answer)
    if as_json:
        out.print_json(json.dumps(told))
        return
    number, call = told["number"], told["call"]
    who.tell(say("is_rung_to_call", who=told["extension"], number=number, call=call))


def add_commands(app: typer.Typer) -> None:
    """Make it a command of the program."""
    app.command()(dial)
