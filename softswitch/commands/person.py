"""`softswitch person`: what is kept of somebody by his number; given to him, or erased (GDPR)."""

import asyncio
import json
import os
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from softswitch.commands.asker import Asker, asker
from softswitch.commands.speech import LangOption
from softswitch.commands.terminal import DataOption, JsonOption, out, when
from softswitch.wording import Said, say

if TYPE_CHECKING:
    from softswitch.store.history import StoredCall
    from softswitch.store.messages import Message
    from softswitch.store.recordings import RecordingRow

app = typer.Typer(
    name="person", help="What is kept of somebody, by his number.", no_args_is_help=True
)
Number = Annotated[str, typer.Argument(help='His telephone number, like "+48 600 100 200".')]
Reason = Annotated[str, typer.Option(help="Why; it stands in the audit log.")]
MOST = 10_000
# Seconds: every line of a long history is looked at.
LONG = 900.0
# What the switch counts of what went.
_COUNTED = ("messages", "mails", "callbacks", "calls", "events", "traces", "erased_before")


@app.command("erase")
def erase(
    number: Number,
    reason: Reason,
    trial: Annotated[bool, typer.Option("--trial", help="Only say what would go.")] = False,
    data: DataOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Erase recordings, messages and mails; the history keeps its rows under a pseudonym."""
    who = asker(data, lang)
    told = who.ask("person erase", number=number, reason=reason, trial=trial,
                   patience=LONG)  # fmt: skip
    told.pop("ok", None)
    if as_json:
        out.print_json(json.dumps(told))
        return
    who.tell(say("would_go" if trial else "has_gone"), *_lines(told))


def _lines(told: dict[str, Any]) -> Iterator[Said]:
    for name in told["recordings"]:
        yield say("gone_recording", name=name)
    for key in _COUNTED:
        if told[key]:
            yield say(f"gone_{key}", count=told[key])
    for kept in told["kept"]:
        yield say("not_gone", name=kept["id"], why=_why_kept(kept))
    if not told["overwritten"]:
        yield say("not_overwritten")
    if told["contacts"]:
        yield say("not_contacts")
    if told["forwards"]:
        yield say("not_forwards", people=", ".join(told["forwards"]))
    for file in told["files"]:
        yield say("not_file", file=file)
    yield say("pseudonym_is", name=told["pseudonym"])


def _why_kept(kept: dict[str, Any]) -> str:
    """A recording that is held says why; one that is being made says it in English alone."""
    held = str(kept["why"]).removeprefix("held: ")
    return say("is_held", why=held) if held != kept["why"] else say("is_made_now")


@app.command("export")
def export(
    number: Number,
    to: Annotated[Path, typer.Option(help="The file, a .zip.")],
    reason: Reason,
    data: DataOption = None,
    lang: LangOption = None,
) -> None:
    """Everything that is kept of him, with an index that a person can read."""
    from softswitch.commands.exporting import ExportError
    from softswitch.store.ports import StoreError

    who = asker(data, lang)
    if not any(sign.isdecimal() for sign in number):
        raise who.refuse(say("no_world_number", text=number))
    if to.exists():
        raise who.refuse(say("file_there", file=str(to)))
    try:
        kept = asyncio.run(_gather(who, number))
        count = _write(who, kept, to, reason)
    except (StoreError, ExportError, OSError) as error:
        raise who.give_up(error) from None
    calls, messages = len(kept.calls), len(kept.messages)
    who.tell(say("export_written", file=str(to), calls=calls, messages=messages, recordings=count))


@dataclass(frozen=True, slots=True)
class _Kept:
    number: str
    calls: list["StoredCall"]
    messages: list["Message"]
    recordings: list["RecordingRow"]


async def _gather(who: Asker, number: str) -> _Kept:
    from softswitch.store.database import open_for_reading
    from softswitch.store.event import read_events
    from softswitch.store.history import CallFilter, History, StoredCall
    from softswitch.store.messages import messages_of
    from softswitch.store.numbers import Sought
    from softswitch.store.recordings import recordings_of_client

    # As it is typed where it is none of the world: others end like it.
    ways = who.ways_of_writing(number) or (number.strip(),)
    async with open_for_reading(who.settings.database_url) as shelf:
        rows = await History(shelf).list_calls(CallFilter(number=Sought(ways), limit=MOST))
        calls = [StoredCall(row, tuple(await read_events(shelf, row.id))) for row in rows]
        messages = await messages_of(shelf, ways)
        return _Kept(number, calls, messages, await recordings_of_client(shelf, ways))


def _write(who: Asker, kept: _Kept, to: Path, reason: str) -> int:
    """The bundle, whole or not at all; how many recordings could be opened."""
    from softswitch.commands.calls_view import story_dict
    from softswitch.commands.recordings import recording_dict

    names: list[str] = []
    descriptor, beside = tempfile.mkstemp(dir=to.parent, suffix=".zip")
    try:
        with os.fdopen(descriptor, "wb") as file, zipfile.ZipFile(file, "w") as bundle:
            for row in kept.recordings:
                name = f"recordings/{row.id}.flac"
                bundle.writestr(name, _opened(who, row.id, reason))
                names.append(name)
            for message in kept.messages:
                if Path(message.path).is_file():
                    bundle.write(message.path, f"messages/{Path(message.path).name}")
            told = [story_dict(call) for call in kept.calls]
            bundle.writestr("calls.json", json.dumps(told, ensure_ascii=False, indent=1))
            about = [recording_dict(row) for row in kept.recordings]
            bundle.writestr("recordings.json", json.dumps(about, ensure_ascii=False, indent=1))
            bundle.writestr("index.html", index_page(kept, who.zone))
        Path(beside).rename(to)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
    return len(names)


def _opened(who: Asker, recording: str, reason: str) -> bytes:
    """One recording in clear, by way of a file that only we can read."""
    from softswitch.commands.exporting import export as write

    asked = {"id": recording, "reason": reason}
    told = who.ask("recording open", **asked)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "recording.flac"
        write(Path(told["path"]), bytes.fromhex(told["key"]), path)
        return path.read_bytes()


def index_page(kept: _Kept, zone: tzinfo | None = None) -> str:
    """What is in the bundle, for whoever asked for it: a page without anything from elsewhere."""
    calls = [
        (when(call.row.started, zone), call.row.number, call.row.called,
         f"{call.row.talk:.0f} s", call.row.result.value if call.row.result else "")
        for call in kept.calls
    ]  # fmt: skip
    recordings = [
        (when(row.started, zone), row.purpose, row.basis or "",
         f"{row.keep_until.astimezone(zone):%Y-%m-%d}", f"recordings/{row.id}.flac")
        for row in kept.recordings
    ]  # fmt: skip
    messages = [
        (when(one.at, zone), one.mailbox, f"{one.seconds:.0f} s",
         f"messages/{Path(one.path).name}")
        for one in kept.messages
    ]  # fmt: skip
    parts = [
        _table("Połączenia / Calls", ("", "od / from", "do / to", "rozmowa / talk", ""), calls),
        _table("Nagrania / Recordings", ("", "cel / purpose", "podstawa / basis",
               "do / until", "plik / file"), recordings),
        _table("Wiadomości / Messages", ("", "skrzynka / mailbox", "", "plik / file"), messages),
    ]  # fmt: skip
    return (
        f'<!doctype html><html><head><meta charset="utf-8"><title>{escape(kept.number)}</title>'
        "<style>body{font-family:sans-serif}td,th{text-align:left;padding:2px 12px}</style></head>"
        f"<body><h1>{escape(kept.number)}</h1>{''.join(parts)}</body></html>\n"
    )


def _table(title: str, heads: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    head = "".join(f"<th>{escape(one)}</th>" for one in heads)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(str(cell or ''))}</td>" for cell in row) + "</tr>"
        for row in rows
    )
    return f"<h2>{escape(title)} ({len(rows)})</h2><table><tr>{head}</tr>{body}</table>"


def add_commands(program: typer.Typer) -> None:
    """Make it a command of the program."""
    program.add_typer(app)
