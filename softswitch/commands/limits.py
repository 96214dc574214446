"""`softswitch limits`: what calls out have used up today; `limits release` ends a stop."""

import json
from datetime import datetime, tzinfo
from typing import Annotated, Any

import typer
from rich.console import RenderableType
from rich.text import Text

from softswitch.commands.asker import asker, is_below
from softswitch.commands.listing import table_of
from softswitch.commands.speech import LangOption
from softswitch.commands.terminal import DataOption, JsonOption, out
from softswitch.office.permission import Barred, in_words
from softswitch.wording import ENGLISH, Said, in_language, say

app = typer.Typer(
    name="limits",
    help="Calls out today: what each person and the office used up, what was refused and why.",
    invoke_without_command=True,
)
COLUMNS = ("who", "calls", "now", "talk", "abroad", "cost", "")


@app.callback()
def limits(
    context: typer.Context,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """What is used up today, of how much."""
    if is_below(context, data, lang):
        return
    who = asker(data, lang)
    told = who.ask("limits")
    if as_json:
        out.print_json(json.dumps(told))
        return
    out.print(limits_table(told, who.language))
    who.tell(*refusals(told, who.zone), style="yellow")


@app.command()
def release(
    context: typer.Context,
    extension: Annotated[str, typer.Argument(help="Whose calls abroad were stopped.")],
    data: DataOption = None,
    lang: LangOption = None,
) -> None:
    """Let somebody call abroad again whose calls were stopped. Change the password before."""
    who = asker(data, lang, context)
    told = who.ask("limits release", extension=extension)
    who.tell(say("may_call_abroad", who=told["extension"]))


def limits_table(told: dict[str, Any], language: str = ENGLISH) -> RenderableType:
    """One row a person who has called out today, the office last."""
    table = table_of(COLUMNS, language)
    for one in told["people"]:
        note = say("abroad_stopped").in_language(language) if one["is_stopped"] else ""
        style = "red" if note else None
        cells = (in_language(cell, language) for cell in _cells(one))
        table.add_row(Text(f"{one['extension']} {one['name']}"), *cells, note, style=style)
    cells = (in_language(cell, language) for cell in _cells(told["office"]))
    table.add_row(say("the_office").in_language(language), *cells, "", style="bold")
    return table


def refusals(told: dict[str, Any], zone: tzinfo | None = None) -> list[Said]:
    """The last calls that did not go out, the newest first; `zone`: None for this machine's."""
    return [
        say(
            "refused_at",
            time=f"{datetime.fromisoformat(one['at']).astimezone(zone):%H:%M}",
            who=one["extension"],
            number=one["number"],
            why=_why(one),
        )
        for one in told["refused"]
    ]


def _why(one: dict[str, Any]) -> str:
    """A switch of another version may know other reasons, and says them in English."""
    try:
        return in_words(Barred(one["why"]), one["extension"], one["number"])
    except ValueError:
        return str(one["words"])


def _cells(one: dict[str, Any]) -> tuple[str, ...]:
    from softswitch.commands.words import length

    most = one["limits"]

    def of(used: str, limit: float | None, form: Any) -> str:
        return used if limit is None else say("used_of", used=used, most=form(limit))

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
