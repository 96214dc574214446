"""The commands that read a running or stopped office: calls, call, phones.

The store's libraries are imported when one of them runs, so that `check` need not wait for them.
"""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from softswitch.commands.asker import asker
from softswitch.commands.speech import LangOption, known_language, language_for
from softswitch.commands.terminal import DataOption, JsonOption, out
from softswitch.wording import say


def calls(
    data: DataOption = None,
    number: Annotated[str | None, typer.Option(help="Calls from or to this number.")] = None,
    person: Annotated[str | None, typer.Option(help="Calls handled by this extension.")] = None,
    queue: Annotated[str | None, typer.Option(help="Calls through this queue.")] = None,
    since: Annotated[datetime | None, typer.Option(help="From this moment on.")] = None,
    until: Annotated[datetime | None, typer.Option(help="Before this moment.")] = None,
    result: Annotated[str | None, typer.Option(help="talked, message, abandoned, …")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10000, help="At most so many rows.")] = 50,
    as_json: JsonOption = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV, for a spreadsheet.")] = False,
    lang: LangOption = None,
) -> None:
    """The last calls, newest first: one row a caller, whatever happened to him."""
    from softswitch.commands import look
    from softswitch.store.history import CallFilter

    who = asker(data, lang)
    of = who.sought(number)
    which = CallFilter(of, person, queue, who.meant(since), who.meant(until), result, limit)
    form = look.Form.JSON if as_json else look.Form.CSV if as_csv else look.Form.TABLE
    who.read(look.show_calls(who.settings, which, out, form, who.zone, who.language))


def call(
    identifier: Annotated[str, typer.Argument(help="A call's ID, or the beginning of one.")],
    data: DataOption = None,
    sip: Annotated[bool, typer.Option("--sip", help="Its SIP messages as a ladder.")] = False,
    full: Annotated[bool, typer.Option("--full", help="With --sip: each message's text.")] = False,
    svg: Annotated[Path | None, typer.Option(help="Draw the ladder into this SVG file.")] = None,
    language: Annotated[
        str | None,
        typer.Option(
            "--lang",
            "--language",
            callback=known_language,
            help="pl or en; else the terminal's, else the office's.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """One call's story: what the caller heard, whom it rang, who answered, how it ended.

    Then what the sound was like, and what went wrong, in plain words with what to do about it.
    """
    from softswitch.commands.one_call import Wanted, show_call

    who = asker(data, language)
    # JSON does not change with the office that it is of.
    spoken = language_for(language) if as_json else who.language
    wanted = Wanted(sip, full, svg, as_json, who.zone, spoken)
    try:
        is_shown = who.read(show_call(who.settings, identifier, out, wanted))
    except OSError as error:
        raise who.give_up(error) from None
    if not is_shown:
        raise typer.Exit(1)


def note(
    identifier: Annotated[str, typer.Argument(help="A call's ID, or the beginning of one.")],
    words: Annotated[str, typer.Argument(metavar="TEXT", help="What is to be remembered.")],
    data: DataOption = None,
    lang: LangOption = None,
) -> None:
    """Write something about a call into its story."""
    from softswitch.commands import look

    who = asker(data, lang)
    call = who.read(look.find_call(who.settings, identifier))
    if call is None:
        raise who.refuse(say("no_one_call", call=identifier))
    who.ask("note", call=call, text=words)
    who.tell(say("noted", call=call))


def phones(data: DataOption = None, as_json: JsonOption = False, lang: LangOption = None) -> None:
    """Who is registered: extension, whether the phone answers and how fast, device, address."""
    from softswitch.commands import look

    who = asker(data, lang)
    language = None if as_json else who.language
    who.read(look.show_phones(who.settings, out, who.zone, language))


def add_commands(app: typer.Typer) -> None:
    """Make them commands of the program."""
    for command in (calls, call, note, phones):
        app.command()(command)
