"""`softswitch recordings` and `softswitch recording`: what was recorded, and what is done with it.

Lists are read from the store. Whatever opens, holds or erases a recording is asked of the running
switch, which writes it into the audit log first.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, tzinfo
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console, RenderableType
from rich.text import Text

from softswitch.commands.asker import asker, is_below
from softswitch.commands.listing import table_of
from softswitch.commands.recording_info import info_lines
from softswitch.commands.speech import LangOption
from softswitch.commands.terminal import (
    DataOption,
    JsonOption,
    out,
    show_list,
    when,
)
from softswitch.office.recording import in_words
from softswitch.wording import CATALOGUE, ENGLISH, in_language, say

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
    lang: LangOption = None,
) -> None:
    """The last recordings, newest first."""
    if is_below(context, data, lang):
        return
    from softswitch.store.recordings import RecordingFilter

    who = asker(data, lang)
    of, first, last = who.sought(number), who.meant(since), who.meant(until)
    which = RecordingFilter(of, person, queue, call, first, last, erased, limit)
    language = None if as_json else who.language
    who.read(_show_list(who.settings, which, out, who.zone, language))


@many.command("audit")
def audit(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, help="The newest so many.")] = 50,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Who heard, exported, held or erased what, and why."""
    who = asker(data, lang, context)
    language = None if as_json else who.language
    who.read(_show_audit(who.settings, limit, out, who.zone, language))


@many.command("verify")
def verify(context: typer.Context, data: DataOption = None, lang: LangOption = None) -> None:
    """Whether the audit log is what was written: nothing changed, nothing taken out."""
    from softswitch.vault.office_key import VaultError

    who = asker(data, lang, context)
    try:
        count, fault = who.read(_verify(who.settings))
    except VaultError as error:
        raise who.give_up(error) from None
    if fault is not None:
        raise who.refuse(say("audit_was_changed", fault=fault))
    who.tell(say("audit_whole", count=count))


@many.command("rotate")
def rotate(
    context: typer.Context, reason: Reason, data: DataOption = None, lang: LangOption = None
) -> None:
    """Another office key: the key of every recording is wrapped anew."""
    who = asker(data, lang, context)
    told = who.ask("recordings rotate", patience=LONG, reason=reason)
    who.tell(say("keys_rotated", count=told["count"]))
    if told["is_given"]:
        who.tell(say("old_key_may_go"))


@one.command("info")
def info(
    identifier: Identifier,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """All that is known of it, without a word of it."""
    who = asker(data, lang)
    row = who.read(_get(who.settings, identifier))
    if row is None:
        raise who.refuse(say("no_one_recording", recording=identifier))
    if as_json:
        out.print_json(json.dumps(recording_dict(row)))
        return
    who.tell(*info_lines(row, who.zone))


@one.command("export")
def export(
    identifier: Identifier,
    to: Annotated[Path, typer.Option(help="The file: .wav or .flac.")],
    reason: Reason,
    listener: Annotated[
        str | None, typer.Option("--as", help="For this person, if he may hear it.")
    ] = None,
    data: DataOption = None,
    lang: LangOption = None,
) -> None:
    """Into a file in clear, which is yours to keep safe; it stands in the audit log."""
    from softswitch.commands.exporting import ExportError
    from softswitch.commands.exporting import export as write

    who = asker(data, lang)
    told = who.ask("recording open", **_asked(identifier, reason), **{"as": listener})
    try:
        exported = write(Path(told["path"]), bytes.fromhex(told["key"]), to)
    except ExportError as error:
        raise who.give_up(error) from None
    seconds = f"{exported.seconds:.1f}"
    shown = say("exported", recording=told["id"], seconds=seconds, file=str(to))
    if exported.gaps:
        shown = say("exported_gaps", exported=shown, count=exported.gaps)
    who.tell(shown if exported.is_whole else say("exported_torn", exported=shown))


@one.command("hold")
def hold(
    identifier: Identifier, reason: Reason, data: DataOption = None, lang: LangOption = None
) -> None:
    """Keep it whatever its time says, for a lawsuit or a complaint."""
    who = asker(data, lang)
    done = who.ask("recording hold", **_asked(identifier, reason))
    who.tell(say("is_held_now", recording=done["id"]))


@one.command("release")
def release(
    identifier: Identifier, reason: Reason, data: DataOption = None, lang: LangOption = None
) -> None:
    """End a hold: it goes when its time is over."""
    who = asker(data, lang)
    done = who.ask("recording release", **_asked(identifier, reason))
    who.tell(say("is_released", recording=done["id"]))


@one.command("erase")
def erase(
    identifier: Identifier, reason: Reason, data: DataOption = None, lang: LangOption = None
) -> None:
    """Destroy its key: no copy of the data folder can be opened either."""
    who = asker(data, lang)
    done = who.ask("recording erase", **_asked(identifier, reason))
    who.tell(say("is_erased_now", recording=done["id"]))


def _asked(identifier: str, reason: str) -> dict[str, Any]:
    return {"id": identifier, "reason": reason}


async def _show_list(
    settings: "Settings",
    which: "RecordingFilter",
    console: Console,
    zone: tzinfo | None,
    language: str | None,
) -> None:
    from softswitch.store.database import open_for_reading
    from softswitch.store.recordings import list_recordings

    async with open_for_reading(settings.database_url) as shelf:
        rows = await list_recordings(shelf, which)
    table = partial(recordings_table, zone=zone, language=language or ENGLISH)
    show_list(rows, recording_dict, table, console, as_json=language is None)


async def _get(settings: "Settings", identifier: str) -> "RecordingRow | None":
    from softswitch.store.database import open_for_reading
    from softswitch.store.recordings import get_recording

    async with open_for_reading(settings.database_url) as shelf:
        return await get_recording(shelf, identifier)


async def _show_audit(
    settings: "Settings",
    limit: int,
    console: Console,
    zone: tzinfo | None,
    language: str | None,
) -> None:
    from softswitch.store.audit import read_audit
    from softswitch.store.database import open_for_reading

    async with open_for_reading(settings.database_url) as shelf:
        entries = await read_audit(shelf, limit)
    if language is None:
        console.print_json(json.dumps([_plain(asdict(entry)) for entry in entries]))
    else:
        console.print(audit_table(entries, zone=zone, language=language))


async def _verify(settings: "Settings") -> tuple[int, str | None]:
    from softswitch.store.audit import verify_audit
    from softswitch.store.database import open_for_reading
    from softswitch.vault.audit_key import AuditKey

    anchor = AuditKey(settings.keys_folder)
    async with open_for_reading(settings.database_url) as shelf:
        return await verify_audit(shelf, anchor.existing() or b"", anchor.end())


def recordings_table(
    rows: Sequence["RecordingRow"], *, zone: tzinfo | None = None, language: str = ENGLISH
) -> RenderableType:
    """One line a recording, in the order given."""
    from softswitch.commands.calls_view import shown_text
    from softswitch.commands.words import length

    if not rows:
        return Text(say("no_recordings").in_language(language))
    columns = ("time", "who", "person", "length", "policy", "kept_until", "id")
    table = table_of(columns, language)
    for row in rows:
        spent = "" if row.seconds is None else length(row.seconds)
        cells = (when(row.started, zone), row.number or say("number_withheld"), row.person or "",
                 spent, in_words(row.policy), _kept(row, zone), row.id)  # fmt: skip
        told = (in_language(cell, language) for cell in cells)
        table.add_row(*(shown_text(cell, "dim" if row.erased else "") for cell in told))
    return table


def _kept(row: "RecordingRow", zone: tzinfo | None) -> str:
    if row.erased is not None:
        return say("erased_then", time=when(row.erased, zone), why=_why(row.erased_why))
    return say("is_held", why=row.hold) if row.hold is not None else when(row.keep_until, zone)


def _why(reason: str | None) -> str:
    """The switch's own reason in words, anybody's as he wrote it."""
    own = say("time_is_over")
    return own if reason == own else reason or ""


def audit_table(
    entries: Sequence["AuditEntry"], *, zone: tzinfo | None = None, language: str = ENGLISH
) -> RenderableType:
    """One line an entry, the oldest first."""
    from softswitch.commands.calls_view import shown_text

    if not entries:
        return Text(say("no_audit").in_language(language))
    table = table_of(("nr", "time", "who", "what", "of", "why"), language)
    for entry in entries:
        known = f"did_{entry.action}" in CATALOGUE
        action = say(f"did_{entry.action}") if known else entry.action
        cells = (str(entry.number), when(entry.at, zone), entry.by, action, entry.subject,
                 _why(entry.reason))  # fmt: skip
        table.add_row(*(shown_text(in_language(cell, language)) for cell in cells))
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
