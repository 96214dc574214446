"""The command that draws the routes: as SVG, PNG or Mermaid, with the ways that callers take."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from softswitch.commands.asker import Asker
from softswitch.commands.offices import read_office
from softswitch.commands.speech import LangOption, language_for, wrong
from softswitch.commands.terminal import DataOption, errors, out
from softswitch.routing.drawing.mermaid import mermaid
from softswitch.routing.drawing.picture import Counts, Picture, picture
from softswitch.routing.drawing.svg import FONT, svg
from softswitch.wording import of_disk, say

# Twice as many points as on the screen, so that small words can be read in print.
PNG_ZOOM = 2
_PROBE = f"<svg xmlns='http://www.w3.org/2000/svg' width='40' height='40' {FONT}>{{}}</svg>"


class NoFont(Exception):
    """This machine has no font, so a PNG would have no words."""

    def __init__(self) -> None:
        super().__init__(
            "there is no font on this machine. Install one (on Debian: fonts-dejavu-core), "
            "or draw an .svg"
        )


def png(drawing: str) -> bytes:
    """An SVG as points. Raises `NoFont`."""
    import resvg_py

    def points(text: str) -> bytes:
        return bytes(resvg_py.svg_to_bytes(svg_string=text, zoom=PNG_ZOOM, background="white"))

    if points(_PROBE.format("<text x='5' y='30'>M</text>")) == points(_PROBE.format("")):
        raise NoFont
    return points(drawing)


_WRITERS: dict[str, Callable[[Picture], bytes]] = {
    ".svg": lambda drawn: svg(drawn).encode(),
    ".png": lambda drawn: png(svg(drawn)),
    ".mmd": lambda drawn: mermaid(drawn).encode(),
}


def graph(
    office: Annotated[Path, typer.Argument(help="The office's YAML file.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="File: .svg, .png or .mmd (Mermaid).")
    ],
    hot: Annotated[
        bool, typer.Option("--hot", help="Ways that callers took lately are thicker.")
    ] = False,
    days: Annotated[int, typer.Option(min=1, max=366, help="How many days back, with --hot.")] = 30,
    data: DataOption = None,
    lang: LangOption = None,
) -> None:
    """Draw the routes: what a caller meets, from the number to the end."""
    language = language_for(lang, office)
    writer = _WRITERS.get(output.suffix.lower())
    if writer is None:
        raise wrong(say("drawing_suffix"), language)
    loaded = read_office(office, errors, language)
    who = Asker(data, language)
    counts = _counts(who, days) if hot else {}
    try:
        output.write_bytes(writer(picture(loaded.graph, counts).in_language(language)))
    except NoFont as error:
        raise who.give_up(error) from None
    except OSError as error:
        told = say("cannot_write", file=str(output), why=of_disk(error)).in_language(language)
        errors.print(told, style="red", highlight=False)
        raise typer.Exit(2) from None
    out.print(say("file_written", file=str(output)).in_language(language), highlight=False)


def _counts(who: Asker, days: int) -> Counts:
    """What happened in the office's store; exits with words when there is none."""
    from softswitch.store.database import open_for_reading
    from softswitch.store.ways import ways_taken

    async def read() -> Counts:
        async with open_for_reading(who.settings.database_url) as shelf:
            return await ways_taken(shelf, datetime.now(UTC) - timedelta(days=days))

    return who.read(read())


def add_commands(app: typer.Typer) -> None:
    """Make it a command of the program."""
    app.command()(graph)
