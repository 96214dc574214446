"""The `softswitch` command: run the office, check its file, look at calls and phones.

Exit codes: 0 fine, 1 refused by the check (or nothing found), 2 wrong use.
"""

import gc
import json
import os
import sys
from collections.abc import Coroutine
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer
import uvloop

from softswitch import log
from softswitch.commands import (
    backup,
    callbacks,
    dialling,
    drawing,
    history,
    limits,
    messages,
    people,
    person,
    privacy,
    queues,
    recordings,
    routes,
    statistics,
    trunks,
    versions,
)
from softswitch.commands.asker import Asker
from softswitch.commands.demo import demo_passwords, dial_table, own_address, phones_table
from softswitch.commands.help_texts import POLISH, help_language, name_values, speak_polish
from softswitch.commands.offices import print_findings, print_hours
from softswitch.commands.speech import LangOption, language_for
from softswitch.commands.terminal import (
    DataOption,
    JsonOption,
    OfficeArgument,
    errors,
    out,
    process_settings,
    tell_strange_settings,
)
from softswitch.commands.wrong_use import tell_wrong_use
from softswitch.control import is_running
from softswitch.office.findings import Finding
from softswitch.office.loader import LoadedOffice
from softswitch.office.models import Office
from softswitch.office.secrets import SecretError, write_secret
from softswitch.office_files import Source
from softswitch.reload import prove
from softswitch.resources import shipped
from softswitch.settings import Settings
from softswitch.sip.flow import Transport
from softswitch.wording import of_disk, say

app = typer.Typer(
    help="A complete office telephone system: one YAML file describes the office, "
    "and no caller is lost.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)


def _tell_version(is_asked: bool) -> None:
    if is_asked:
        out.print(f"softswitch {version('softswitch')}", highlight=False)
        raise typer.Exit


@app.callback()
def softswitch(
    context: typer.Context,
    lang: LangOption = None,
    is_version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_tell_version,
            is_eager=True,
            help="Say which version this is, and exit.",
        ),
    ] = False,
) -> None:
    """What stands before the command."""
    if lang is not None:
        context.default_map = _everywhere(context.command, {"lang": lang, "language": lang})


def _everywhere(command: Any, typed: dict[str, Any]) -> dict[str, Any]:
    """The same default for all commands below."""
    below = getattr(command, "commands", {})
    return {**typed, **{name: _everywhere(one, typed) for name, one in below.items()}}


def _load(source: Source, language: str) -> tuple[LoadedOffice, list[Finding]]:
    """The office and what the proof says of it; exits when it may not run."""
    proof = prove(source)
    if proof.office is None:
        print_findings(proof.findings, errors, language)
        raise typer.Exit(1)
    return proof.office, proof.findings


@app.command()
def run(
    office: Annotated[
        Path | None, typer.Option("--office", "-o", help="The office's YAML file.")
    ] = None,
    data: DataOption = None,
    demo: Annotated[
        bool, typer.Option("--demo", help="The demonstration office, with passwords made once.")
    ] = False,
) -> None:
    """Start the telephone system and serve until Ctrl-C or SIGTERM.

    Addresses, ports, the mail server and logging come from `SOFTSWITCH_*` variables; they are
    listed in `docs/operate.md`.
    """
    # Until it serves, nothing becomes garbage, and looking for some is a sixth of the start.
    gc.disable()
    # numpy is for the office's own sounds, if it has any: its pool of threads is 4 MB for nothing.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from softswitch.server import serve
    from softswitch.wiring import Server

    if (office is None) == (not demo):
        raise typer.BadParameter(say("name_an_office"))
    settings = _settings(data, office)
    _take_folder(settings.data, office)
    secrets = settings.data / "secrets.yaml" if demo else None
    source = Source(office or shipped("config") / "office.yaml", settings.realm, secrets)
    language = language_for(None, source.path)
    loaded, warnings = _load(source, language)
    passwords: dict[str, str] = {}
    if secrets is not None:
        passwords = demo_passwords(settings.data, loaded.office, secrets, settings.realm)
        loaded, warnings = _load(source, language)
    print_findings(warnings, errors, language)

    def on_ready(server: Server) -> None:
        _announce(server.endpoint.listening, settings.data, loaded.office, passwords)

    _serve(serve(settings, source, loaded, on_ready), source.path)


def _settings(data: Path | None, office: Path | None) -> Settings:
    settings = process_settings(data)
    tell_strange_settings(language_for(None, office))
    log.configure(settings.log_level, settings.log_format)
    return settings


def _announce(
    listening: list[tuple[Transport, str, int]],
    data: Path,
    office: Office,
    passwords: dict[str, str],
) -> None:
    """The short table: what to dial (of the demo), where phones register, where things lie. In the
    language of whoever looks at this terminal, not of the office.
    """
    who = Asker(data, language_for(None))
    if passwords:
        out.print(phones_table(office, passwords, who.language))
        out.print(dial_table(office, who.language))
    for transport, host, port in listening:
        shown = own_address() if host in ("0.0.0.0", "::") else host
        who.tell(say("phones_register", host=shown, port=f"{port}", way=transport.value.upper()))
    who.tell(say("history_lies", folder=str(data)))
    who.tell(say("voicemail_lies", at=str(data / "messages")))


def _take_folder(data: Path, office: Path | None) -> None:
    """Make it if it is not there; two switches would write over each other's calls."""
    data.mkdir(parents=True, exist_ok=True)
    if is_running(data):
        raise _not_started(say("office_runs_already", folder=str(data)), office)


def _serve(main: Coroutine[Any, Any, None], office: Path) -> None:
    try:
        uvloop.run(main)
    except OSError as error:
        why = of_disk(error)
        told = say("told_of_file", file=str(error.filename), why=why) if error.filename else why
        raise _not_started(told, office) from None


def _not_started(why: str, office: Path | None) -> typer.Exit:
    told = say("cannot_start", why=why).in_language(language_for(None, office))
    errors.print(told, style="red", markup=False, soft_wrap=True)
    return typer.Exit(2)


@app.command()
def check(
    office: OfficeArgument,
    as_json: JsonOption = False,
    strict: Annotated[bool, typer.Option("--strict", help="Refuse warnings too.")] = False,
    hours: Annotated[
        bool, typer.Option("--hours", help="The open hours of the next two weeks, as a table.")
    ] = False,
    lang: LangOption = None,
) -> None:
    """Prove that no path in an office's file loses a call, and run the file's own tests.

    Every finding names file, line, column and what to write instead.
    """
    language = language_for(lang, office)
    proof = prove(Source(office, process_settings(None).realm))
    refused = proof.office is None or (strict and proof.findings)
    if as_json:
        out.print_json(json.dumps([one.as_data(language) for one in proof.findings]))
    else:
        print_findings(proof.findings, errors, language)
    if refused or proof.office is None:
        raise typer.Exit(1)
    if not as_json:
        well = say("every_path_ends_well", file=str(office)).in_language(language)
        out.print(well, soft_wrap=True)
        print_hours(proof.office.office, proof.office.at, out, full=hours, language=language)


@app.command()
def passwd(
    extension: Annotated[str, typer.Argument(help="The extension, like 101.")],
    office: Annotated[Path, typer.Option("--office", "-o", help="The office's YAML file.")],
    from_stdin: Annotated[
        bool, typer.Option("--stdin", help="Read the password from standard input.")
    ] = False,
    lang: LangOption = None,
) -> None:
    """Set an extension's password; only its digests are written, never the password."""
    settings, language = process_settings(None), language_for(lang, office)
    loaded, _ = _load(Source(office, settings.realm), language)
    if extension not in loaded.office.people:
        told = say("no_extension", file=str(office), extension=extension)
        errors.print(told.in_language(language), style="red")
        raise typer.Exit(1)
    secrets_path = loaded.folder / loaded.office.secrets
    password = sys.stdin.readline().rstrip("\n") if from_stdin else _asked_twice(language)
    try:
        write_secret(secrets_path, extension, settings.realm, password)
    except SecretError as error:
        errors.print(error.in_language(language), style="red")
        raise typer.Exit(2) from None
    done = say("password_set", extension=extension, file=str(secrets_path))
    out.print(done.in_language(language), soft_wrap=True)


def _asked_twice(language: str) -> str:
    """A password, typed the same way two times."""
    asked, again, differ = (
        say(one).in_language(language) for one in ("password", "once_more", "passwords_differ")
    )
    while True:
        password = str(typer.prompt(asked, hide_input=True))
        if typer.prompt(again, hide_input=True) == password:
            return password
        errors.print(differ, style="red")


routes.add_commands(app)
drawing.add_commands(app)
history.add_commands(app)
versions.add_commands(app)
people.add_commands(app)
callbacks.add_commands(app)
messages.add_commands(app)
trunks.add_commands(app)
queues.add_commands(app)
limits.add_commands(app)
dialling.add_commands(app)
backup.add_commands(app)
statistics.add_commands(app)
recordings.add_commands(app)
person.add_commands(app)
privacy.add_commands(app)


def program() -> Any:
    """What `__main__` calls: the command, in the language of whoever typed it."""
    command = typer.main.get_command(app)
    language = help_language(sys.argv[1:])
    tell_wrong_use(language)
    name_values(command, language)
    if language == POLISH:
        speak_polish(command)
    return command
