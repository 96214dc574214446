"""`softswitch recordings` and `softswitch recording`: what was recorded, and what is done with it.

Lists are read from the store. Whatever opens, holds or erases a recording is asked of the running
switch, which writes it into the audit log first.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console, RenderableType
from rich.text import Text

from softswitch.commands.terminal import (
    DataOption,
    JsonOption,
    ask_switch,
    errors,
    from_store,
    give_up,
    myself,
    out,
    process_settings,
    show_list,
    table_of,
    when,
)

if TYPE_CHECKING:
    from softswitch.settings import Settings
    from softswitch.store.audit import AuditEntry
    from softswitch.store.recordings import RecordingFilter, RecordingRow

# Seconds: every key is read and written.
LONG = 900.0

many = typer.Typer(
    name="recordings", help="Recordings of talks, and who heard them.", invoke_without_command=True
)
one = typer.Typer(name="recording", help="One recording.", no_args_is_help=True)

Identifier = Annotated[str, typer.Argument(help="A recording's ID, or the beginning of one.")]
Reason = Annotated[str, typer.Option(help="Why; it stands in the audit log.")]


@many.callback()
def recordings(
    context: typer.Context,
    data: DataOption = None,
    number: Annotated[str | None, typer.Option(help="Of this number, or called on it.")] = None,
    person: Annotated[str | None, typer.Option(help="Of this person of the office.")] = None,
    queue: Annotated[str | None, typer.Option(help="Of callers of this queue.")] = None,
    call: Annotated[str | None, typer.Option(help="Of this call.")] = None,
    since: Annotated[datetime | None, typer.Option(help="From this moment on.")] = None,
    until: Annotated[datetime | None, typer.Option(help="Before this moment.")] = None,
    erased: Annotated[bool, typer.Option("--erased", help="Also those that are erased.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10000, help="At most so many.")] = 50,
    as_json: JsonOption = False,
) -> None:
    """The last recordings, newest first."""
    if context.invoked_subcommand is not None:
        context.obj = data
        return
    from softswitch.store.recordings import RecordingFilter

    first, last = (None if at is None else at.astimezone() for at in (since, until))
    which = RecordingFilter(number, person, queue, call, first, last, erased, limit)
    from_store(_show_list(process_settings(data), which, out, as_json=as_json))


@many.command("audit")
def audit(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, help="The newest so many.")] = 50,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Who heard, exported, held or erased what, and why."""
    from_store(_show_audit(process_settings(data or context.obj), limit, out, as_json=as_json))


@many.command("verify")
def verify(context: typer.Context, data: DataOption = None) -> None:
    """Whether the audit log is what was written: nothing changed, nothing taken out."""
    from softswitch.vault.office_key import VaultError

    try:
        count, fault = from_store(_verify(process_settings(data or context.obj)))
    except VaultError as error:
        raise give_up(error) from None
    if fault is not None:
        errors.print(f"the audit log was changed: {fault}", style="red", highlight=False)
        raise typer.Exit(1)
    out.print(f"{count} entries, as they were written", highlight=False)


@many.command("rotate")
def rotate(context: typer.Context, reason: Reason, data: DataOption = None) -> None:
    """Another office key: the key of every recording is wrapped anew."""
    asked = {"by": myself(), "reason": reason}
    told = ask_switch(data or context.obj, "recordings rotate", patience=LONG, **asked)
    out.print(f"{told['count']} keys are wrapped anew", highlight=False)
    if told["is_given"]:
        out.print("The old office key may be taken out of the environment now.")


@one.command("info")
def info(identifier: Identifier, data: DataOption = None, as_json: JsonOption = False) -> None:
    """All that is known of it, without a word of it."""
    row = from_store(_get(process_settings(data), identifier))
    if row is None:
        errors.print(f"no recording, or more than one, begins with `{identifier}`", style="red")
        raise typer.Exit(1)
    if as_json:
        out.print_json(json.dumps(recording_dict(row)))
        return
    for name, value in recording_dict(row).items():
        if value not in (None, [], ""):
            out.print(f"{name}: {_plain(value)}", highlight=False, markup=False, soft_wrap=True)


@one.command("export")
def export(
    identifier: Identifier,
    to: Annotated[Path, typer.Option(help="The file: .wav or .flac.")],
    reason: Reason,
    listener: Annotated[
        str | None, typer.Option("--as", help="For this person, if he may hear it.")
    ] = None,
    data: DataOption = None,
) -> None:
    """Into a file in clear, which is yours to keep safe; it stands in the audit log."""
    from softswitch.commands.exporting import ExportError
    from softswitch.commands.exporting import export as write

    told = ask_switch(data, "recording open", **_asked(identifier, reason), **{"as": listener})
    try:
        exported = write(Path(told["path"]), bytes.fromhex(told["key"]), to)
    except ExportError as error:
        raise give_up(error) from None
    gaps = f", {exported.gaps} gaps (a tone marks each)" if exported.gaps else ""
    torn = "" if exported.is_whole else ", its end was cut off by a crash"
    shown = f"{told['id']}: {exported.seconds:.1f} s in {to}{gaps}{torn}"
    out.print(shown, highlight=False, markup=False, soft_wrap=True)


@one.command("hold")
def hold(identifier: Identifier, reason: Reason, data: DataOption = None) -> None:
    """Keep it whatever its time says, for a lawsuit or a complaint."""
    told = ask_switch(data, "recording hold", **_asked(identifier, reason))
    out.print(f"{told['id']} is held", highlight=False)


@one.command("release")
def release(identifier: Identifier, reason: Reason, data: DataOption = None) -> None:
    """End a hold: it goes when its time is over."""
    told = ask_switch(data, "recording release", **_asked(identifier, reason))
    out.print(f"{told['id']} is not held any more", highlight=False)


@one.command("erase")
def erase(identifier: Identifier, reason: Reason, data: DataOption = None) -> None:
    """Destroy its key: no copy of the data folder can be opened either."""
    told = ask_switch(data, "recording erase", **_asked(identifier, reason))
    out.print(f"{told['id']} is erased", highlight=False)


def _asked(identifier: str, reason: str) -> dict[str, Any]:
    return {"id": identifier, "by": myself(), "reason": reason}


async def _show_list(
    settings: "Settings", which: "RecordingFilter", console: Console, *, as_json: bool
) -> None:
    from softswitch.store.database import open_for_reading
    from softswitch.store.recordings import list_recordings

    async with open_for_reading(settings.database_url) as shelf:
        rows = await list_recordings(shelf, which)
    show_list(rows, recording_dict, recordings_table, console, as_json=as_json)


async def _get(settings: "Settings", identifier: str) -> "RecordingRow | None":
    from softswitch.store.database import open_for_reading
    from softswitch.store.recordings import get_recording

    async with open_for_reading(settings.database_url) as shelf:
        return await get_recording(shelf, identifier)


async def _show_audit(settings: "Settings", limit: int, console: Console, *, as_json: bool) -> None:
    from softswitch.store.audit import read_audit
    from softswitch.store.database import open_for_reading

    async with open_for_reading(settings.database_url) as shelf:
        entries = await read_audit(shelf, limit)
    if as_json:
        console.print_json(json.dumps([_plain(asdict(entry)) for entry in entries]))
    else:
        console.print(audit_table(entries))


async def _verify(settings: "Settings") -> tuple[int, str | None]:
    from softswitch.store.audit import verify_audit
    from softswitch.store.database import open_for_reading
    from softswitch.vault.audit_key import AuditKey

    anchor = AuditKey(settings.keys_folder)
    async with open_for_reading(settings.database_url) as shelf:
        return await verify_audit(shelf, anchor.existing() or b"", anchor.end())


def recordings_table(
    rows: Sequence["RecordingRow"], *, zone: tzinfo | None = None
) -> RenderableType:
    """One line a recording, in the order given."""
    from softswitch.commands.calls_view import shown_text
    from softswitch.commands.words import length

    if not rows:
        return Text("no recordings")
    table = table_of(("time", "who", "person", "length", "policy", "kept until", "id"))
    for row in rows:
        spent = "" if row.seconds is None else length(row.seconds)
        cells = (when(row.started, zone), row.number or "number withheld", row.person or "",
                 spent, row.policy, _kept(row, zone), row.id)  # fmt: skip
        table.add_row(*(shown_text(cell, "dim" if row.erased else "") for cell in cells))
    return table


def _kept(row: "RecordingRow", zone: tzinfo | None) -> str:
    if row.erased is not None:
        return f"erased {when(row.erased, zone)}: {row.erased_why}"
    return f"held: {row.hold}" if row.hold is not None else when(row.keep_until, zone)


def audit_table(entries: Sequence["AuditEntry"], *, zone: tzinfo | None = None) -> RenderableType:
    """One line an entry, the oldest first."""
    from softswitch.commands.calls_view import shown_text

    if not entries:
        return Text("nobody has heard, exported, held or erased anything")
    table = table_of(("nr", "time", "who", "what", "of", "why"))
    for entry in entries:
        cells = (str(entry.number), when(entry.at, zone), entry.by, entry.action, entry.subject,
                 entry.reason)  # fmt: skip
        table.add_row(*map(shown_text, cells))
    return table


def recording_dict(row: "RecordingRow") -> dict[str, Any]:
    """A recording for other programs; moments in ISO 8601."""
    plain: dict[str, Any] = _plain(asdict(row))
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def add_commands(program: typer.Typer) -> None:
    """Make them commands of the program."""
    program.add_typer(many)
    program.add_typer(one)
