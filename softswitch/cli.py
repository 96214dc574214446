"""The `softswitch` command: run the office, check its file, look at calls and phones.

Exit codes: 0 fine, 1 refused by the check (or nothing found), 2 wrong use.
"""

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
import uvloop
from pydantic import ValidationError
from rich.console import Console

from softswitch import log
from softswitch.commands import look
from softswitch.commands.demo import demo_passwords, dial_table, own_address, phones_table
from softswitch.commands.routes import add_commands
from softswitch.commands.versions import (
    NotRunning,
    ask_for_reload,
    restore,
    show_state,
    show_versions,
)
from softswitch.office.findings import Finding, OfficeErrors, Severity
from softswitch.office.loader import LoadedOffice, load_office
from softswitch.office.models import Office
from softswitch.office.secrets import SecretError, write_secret
from softswitch.reload import Source
from softswitch.resources import shipped
from softswitch.routing.check import check as prove
from softswitch.settings import Settings
from softswitch.sip.flow import Transport
from softswitch.store.history import CallFilter
from softswitch.store.ports import StoreError

T = TypeVar("T")

app = typer.Typer(
    help="A complete office telephone system: one YAML file describes the office, "
    "and no caller is lost.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
# In a pipe or a file there is no width to obey: tables must not be cut.
PIPE_WIDTH = 200
_out = Console(width=None if sys.stdout.isatty() else PIPE_WIDTH)
_err = Console(stderr=True)

OfficeArgument = Annotated[Path, typer.Argument(help="The office's YAML file.")]
DataOption = Annotated[
    Path | None, typer.Option("--data", "-d", help="Folder of the database and the messages.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for other programs.")]


def _settings(data: Path | None) -> Settings:
    try:
        return Settings() if data is None else Settings(data=data)
    except ValidationError as error:
        for one in error.errors():
            name = "SOFTSWITCH_" + "_".join(str(part) for part in one["loc"]).upper()
            _err.print(f"{name}: {one['msg']} (it is {one['input']!r})", style="red")
        raise typer.Exit(2) from None


def _print_findings(findings: list[Finding]) -> None:
    for finding in findings:
        style = "red" if finding.severity is Severity.ERROR else "yellow"
        _err.print(str(finding), style=style, highlight=False, soft_wrap=True)


def _load(
    path: Path, realm: str, secrets: Path | None = None
) -> tuple[LoadedOffice, list[Finding]]:
    """The office and what the proof says of it; exits when it may not run."""
    try:
        loaded = load_office(path, secrets=secrets, realm=realm)
    except OfficeErrors as errors:
        _print_findings(errors.findings)
        raise typer.Exit(1) from None
    findings = prove(loaded)
    if any(finding.severity is Severity.ERROR for finding in findings):
        _print_findings(findings)
        raise typer.Exit(1)
    return loaded, findings


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
    from softswitch.server import Server, serve

    if (office is None) == (not demo):
        raise typer.BadParameter("name the office's file with --office, or ask for --demo")
    settings = _settings(data)
    log.configure(settings.log_level, settings.log_format)
    settings.data.mkdir(parents=True, exist_ok=True)
    secrets = settings.data / "secrets.yaml" if demo else None
    path = office or shipped("config") / "office.yaml"
    loaded, warnings = _load(path, settings.realm, secrets)
    passwords: dict[str, str] = {}
    if secrets is not None:
        passwords = demo_passwords(settings.data, loaded.office, secrets, settings.realm)
        loaded, warnings = _load(path, settings.realm, secrets)
    _print_findings(warnings)

    def on_ready(server: Server) -> None:
        _announce(server.endpoint.listening, settings.data, loaded.office, passwords)

    source = Source(path, settings.realm, secrets)
    _serve(serve(settings, source, loaded, on_ready))


def _announce(
    listening: list[tuple[Transport, str, int]],
    data: Path,
    office: Office,
    passwords: dict[str, str],
) -> None:
    """The short table: what to dial (of the demo), where phones register, where things lie."""
    if passwords:
        _out.print(phones_table(office, passwords))
        _out.print(dial_table(office))
    for transport, host, port in listening:
        shown = own_address() if host in ("0.0.0.0", "::") else host
        _out.print(f"Phones register at {shown} port {port} ({transport.value.upper()})")
    _out.print(f"History: softswitch calls --data {data}", soft_wrap=True)
    _out.print(f"Voicemail: {data / 'messages'}", soft_wrap=True)


def _serve(main: Coroutine[Any, Any, None]) -> None:
    try:
        uvloop.run(main)
    except OSError as error:
        _err.print(f"cannot start: {error}", style="red")
        raise typer.Exit(2) from None


@app.command()
def check(
    office: OfficeArgument,
    as_json: JsonOption = False,
    strict: Annotated[bool, typer.Option("--strict", help="Refuse warnings too.")] = False,
) -> None:
    """Prove that no path in an office's file loses a call.

    Every finding names file, line, column and what to write instead.
    """
    try:
        findings = prove(load_office(office))
    except OfficeErrors as errors:
        findings = errors.findings
    is_refused = any(strict or finding.severity is Severity.ERROR for finding in findings)
    if as_json:
        _out.print_json(json.dumps([asdict(finding) for finding in findings]))
    else:
        _print_findings(findings)
        if not is_refused:
            _out.print(f"{office}: every path ends well", soft_wrap=True)
    if is_refused:
        raise typer.Exit(1)


@app.command()
def passwd(
    extension: Annotated[str, typer.Argument(help="The extension, like 101.")],
    office: Annotated[Path, typer.Option("--office", "-o", help="The office's YAML file.")],
    from_stdin: Annotated[
        bool, typer.Option("--stdin", help="Read the password from standard input.")
    ] = False,
) -> None:
    """Set an extension's password; only its digests are written, never the password."""
    settings = _settings(None)
    loaded, _ = _load(office, settings.realm)
    if extension not in loaded.office.people:
        _err.print(f"{office} has no extension {extension} under `people:`", style="red")
        raise typer.Exit(1)
    secrets_path = loaded.folder / loaded.office.secrets
    if from_stdin:
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    try:
        write_secret(secrets_path, extension, settings.realm, password)
    except SecretError as error:
        _err.print(str(error), style="red")
        raise typer.Exit(2) from None
    _out.print(f"password of {extension} set in {secrets_path}", soft_wrap=True)


def _look(work: Coroutine[Any, Any, T]) -> T:
    """Read from the store; a store that is not there is told in plain words."""
    try:
        return asyncio.run(work)
    except StoreError as error:
        _err.print(str(error), style="red")
        raise typer.Exit(1) from None


def _local(moment: datetime | None) -> datetime | None:
    """What a person types is meant in this machine's time zone."""
    return moment.astimezone() if moment is not None else None


@app.command()
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
) -> None:
    """The last calls, newest first: one row a caller, whatever happened to him."""
    settings = _settings(data)
    which = CallFilter(number, person, queue, _local(since), _local(until), result, limit)
    _look(look.show_calls(settings, which, _out, as_json=as_json))


@app.command()
def call(
    identifier: Annotated[str, typer.Argument(help="A call's ID, or the beginning of one.")],
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """One call's story: what the caller heard, whom it rang, who answered, how it ended."""
    settings = _settings(data)
    if not _look(look.show_call(settings, identifier, _out, as_json=as_json)):
        _err.print(f"no call {identifier}", style="red")
        raise typer.Exit(1)


@app.command()
def reload(data: DataOption = None) -> None:
    """Let the running office read its file again; refused whole when the proof refuses it."""
    state = _running(lambda: ask_for_reload(_settings(data).data))
    if not show_state(state, _out, _err):
        raise typer.Exit(1)


@app.command("versions")
def list_versions(data: DataOption = None) -> None:
    """Every version of the office file that was ever accepted, with what it changed."""
    show_versions(_settings(data).data, _out)


@app.command()
def rollback(
    version: Annotated[
        str | None, typer.Argument(help="The beginning of a version's name; else the one before.")
    ] = None,
    data: DataOption = None,
) -> None:
    """Write an accepted version over the office file and reload it."""
    folder = _settings(data).data
    restored = _running(lambda: restore(folder, version))
    _out.print(f"restored {restored}", highlight=False)
    reload(data)


def _running(ask: Callable[[], T]) -> T:
    try:
        return ask()
    except (NotRunning, LookupError) as error:
        _err.print(str(error), style="red")
        raise typer.Exit(1) from None


@app.command()
def phones(data: DataOption = None, as_json: JsonOption = False) -> None:
    """Who is registered: extension, device, address, since when, until when."""
    _look(look.show_phones(_settings(data), _out, as_json=as_json))


add_commands(app)


def main() -> None:
    """The console script."""
    app()


if __name__ == "__main__":
    main()
