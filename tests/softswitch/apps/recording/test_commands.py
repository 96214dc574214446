"""What is asked of recordings: opened, held, erased, wrapped anew, a person's data erased; and what
the switch does by itself. A real store and vault, files as the engine leaves them.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from media.sealed import Sealer
from softswitch.apps.recent import RecentCalls
from softswitch.apps.recording.commands import verbs
from softswitch.apps.recording.room import RecordingRoom
from softswitch.apps.recording.tape import measure
from softswitch.calls.standing import Standing
from softswitch.control import ControlError
from softswitch.office.loader import load_office
from softswitch.office.numbers import ways_of_writing
from softswitch.store.audit import read_audit, verify_audit
from softswitch.store.database import Database
from softswitch.store.event import Event
from softswitch.store.events import EventLog
from softswitch.store.messages import Message
from softswitch.store.recordings import Ending, RecordingRow, recordings_of_client
from softswitch.vault.audit_key import AuditKey
from softswitch.vault.office_key import VaultError
from softswitch.vault.recording_keys import RecordingKeys

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
HIM, OTHER = "+48600100200", "+48600100201"
OFFICE = """
office: {name: Office, safe: leave}
people: {101: {name: Anna}, 110: {name: Jan}, 120: {name: Ola}}
groups: {payroll: {ring: [120]}}
mailboxes: {all: {mail: a@b.example}}
routes: {leave: {voicemail: all}}
"""
ROW = RecordingRow(
    id="c1-1", call="c1", started=NOON, path="recordings/c1-1.sealed", policy="queue reception",
    purpose="ustalenia", basis=None, hear=("110", "payroll"), notice="notice_recorded@0123",
    direction="in", number=HIM, called="+48221234567", person="101", queue="reception",
    keep_until=NOON + timedelta(days=90),
)  # fmt: skip


class Room(RecordingRoom):
    """With a clock that a test sets, and without phones."""

    def __init__(self, database: Database, folder: Path) -> None:
        (folder / "office.yaml").write_text(OFFICE)
        self.now = NOON
        self.log = EventLog(database)
        exchange = SimpleNamespace(clock=lambda: self.now, events=self.log, trace=None)
        standing = Standing(
            SimpleNamespace(load=list, save=lambda record: None),
            lambda: desk.office.office, lambda: self.now,
        )  # fmt: skip
        desk: Any = SimpleNamespace(
            exchange=exchange, folder=folder, office=load_office(folder / "office.yaml"),
            callbacks=SimpleNamespace(forget=lambda *_: None), standing=standing,
            recent=RecentCalls(lambda: desk.office),
        )  # fmt: skip
        keys, anchor = RecordingKeys(folder / "keys"), AuditKey(folder / "keys")
        super().__init__(desk, database.recordings, database.audit, keys, anchor, database)
        self.folder = folder

    def record(self, row: RecordingRow, *, is_ended: bool = True) -> Path:
        """As if it had been recorded: two seconds."""
        assert self.keys is not None
        sealer = Sealer(self.keys.make(row.id), row.id, bytes(16), 2, 8000)
        path = self.folder / row.path
        path.parent.mkdir(exist_ok=True)
        end = sealer.end() if is_ended else b""
        path.write_bytes(sealer.head + sealer.sound(bytes(64000)) + end)
        self.table.add(row)
        if is_ended:
            self.table.end(row.id, Ending(NOON, 2.0, "stopped", row.person))
        return path

    async def ask(self, verb: str, **what: Any) -> dict[str, Any]:
        answer = verbs(self)[verb]({"by": "root", "reason": "a complaint", **what})
        return dict(await answer)  # type: ignore[misc]


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'softswitch.db'}", tmp_path)
    await database.start()
    one = Room(database, tmp_path)
    await one.recover()
    yield one
    await database.close()


async def test_it_is_opened_by_those_who_may_and_logged(room: Room) -> None:
    path = room.record(ROW)
    told = await room.ask("recording open", id="c1")
    assert measure(Path(told["path"]), bytes.fromhex(told["key"])) == (2.0, ())
    assert told["path"] == str(path)
    for listener in ("110", "120"):
        await room.ask("recording open", id="c1-1", **{"as": listener})
    for listener, why in (("101", "may not hear"), ("999", "no person 999")):
        with pytest.raises(ControlError, match=why):
            await room.ask("recording open", id="c1-1", **{"as": listener})
    with pytest.raises(ControlError, match="say why"):
        await room.ask("recording open", id="c1-1", reason=" ")
    with pytest.raises(ControlError, match="no recording, or more than one"):
        await room.ask("recording open", id="c2")
    assert [one.by for one in await read_audit(room.store)] == ["root", "110 (root)", "120 (root)"]


async def test_what_is_held_is_not_erased_and_what_is_erased_is_gone(room: Room) -> None:
    path = room.record(ROW)
    await room.ask("recording hold", id="c1-1", reason="a lawsuit")
    with pytest.raises(ControlError, match="held already"):
        await room.ask("recording hold", id="c1-1")
    with pytest.raises(ControlError, match="is held: a lawsuit"):
        await room.ask("recording erase", id="c1-1")
    room.now = ROW.keep_until + timedelta(days=1)
    assert await room.erase_due() == 0 and path.exists()
    await room.ask("recording release", id="c1-1")
    await room.ask("recording erase", id="c1-1", reason="asked for")
    assert not path.exists() and room.keys is not None
    with pytest.raises(VaultError, match="was destroyed"):
        room.keys.get("c1-1")
    with pytest.raises(ControlError, match=r"is erased: asked for \(root\)"):
        await room.ask("recording open", id="c1-1")
    actions = [one.action for one in await read_audit(room.store)]
    assert actions == ["hold", "release", "erase"]
    assert room.audit_key.existing() is not None
    found = await verify_audit(room.store, room.audit_key.key(), room.audit_key.end())
    assert found == (3, None)


async def test_what_is_over_is_erased_by_itself(room: Room) -> None:
    path = room.record(ROW)
    room.now = ROW.keep_until - timedelta(minutes=1)
    assert await room.erase_due() == 0
    room.now = ROW.keep_until + timedelta(minutes=1)
    assert await room.erase_due() == 1 and not path.exists()
    row = await room.table.get("c1-1")
    assert row is not None and (row.erased_by, row.erased) == ("retention", room.now)
    assert await room.erase_due() == 0


async def test_what_the_last_run_left_open_has_its_end(room: Room) -> None:
    room.record(ROW, is_ended=False)
    lost = replace(ROW, id="c2-1", path="recordings/c2-1.sealed")
    room.table.add(lost)
    await room.recover()
    rows = [await room.table.get(one) for one in ("c1-1", "c2-1")]
    assert [(row.how, row.seconds) for row in rows if row] == [
        ("interrupted", 2.0), ("interrupted", 0.0),
    ]  # fmt: skip


async def test_the_office_key_is_changed(room: Room) -> None:
    room.record(ROW)
    before = (room.folder / "keys" / "office.key").read_text()
    assert await room.ask("recordings rotate") == {"count": 1, "is_given": False}
    assert (room.folder / "keys" / "office.key").read_text() != before
    assert (await room.ask("recording open", id="c1-1"))["key"]


async def test_a_person_is_erased_but_for_what_is_held(room: Room) -> None:
    held = replace(ROW, id="c2-1", path="recordings/c2-1.sealed")
    other = replace(ROW, id="c3-1", path="recordings/c3-1.sealed", number="+48600100201")
    paths = [room.record(row) for row in (ROW, held, other)]
    await room.ask("recording hold", id="c2-1", reason="a lawsuit")
    sound = room.folder / "m1.wav"
    sound.write_bytes(b"sound")
    message = Message("m1", "all", "c1", HIM, "Nowak", NOON, 3.0, str(sound))
    room.desk.messages = room.store.messages  # type: ignore[attr-defined]
    room.desk.messages.add(message)
    trial = await room.ask("person erase", number="600 100 200", trial=True)
    assert trial["recordings"] == ["c1-1"] and sound.exists() and paths[0].exists()
    told = await room.ask("person erase", number="600 100 200", reason="art. 17")
    assert told == trial and told["messages"] == 1
    assert told["kept"] == [{"id": "c2-1", "why": "held: a lawsuit"}]
    assert [path.exists() for path in (*paths, sound)] == [False, True, True, False]
    row = await room.table.get("c1-1")
    assert row is not None and row.number == told["pseudonym"] and HIM not in str(row)
    entries = await read_audit(room.store)
    assert [one.action for one in entries] == ["hold", "erase person", "erase"]
    assert HIM not in str(entries)
    with pytest.raises(ControlError, match="no telephone number of the world"):
        await room.ask("person erase", number="101")


async def test_also_what_was_said_about_him_and_every_conference_in_which_he_was(
    room: Room,
) -> None:
    """A history row names one recording; his story names them all."""

    def row(name: str, call: str, number: str | None, called: str | None) -> RecordingRow:
        path = f"recordings/{name}.sealed"
        return replace(ROW, id=name, call=call, path=path, number=number, called=called)

    of_talk = row("c1-1", "c1", HIM, "+48221234567")
    about_him = row("c1-2", "c1", "102", "120")  # two who conferred while he waited
    two_boards = [row(name, "c7", "101", "350") for name in ("c7-1", "c7-2")]
    of_another = row("c8-1", "c8", OTHER, "350")
    of_older = row("c9-1", "c9", "102", "600100200")  # he was called, and led into a conference
    not_his = row("c6-1", "c6", OTHER, "+48221234567")
    his = [of_talk, about_him, *two_boards, of_another, of_older]
    paths = {one.id: room.record(one) for one in (*his, not_his)}
    begun = {"direction": "in", "number": HIM, "name": "Żółw", "called": "+48221234567"}
    of_others = {"c6": OTHER, "c7": "101", "c8": OTHER, "c9": "102"}
    log = EventLog(room.store)
    for call in ("c1", "c2"):
        log.append(Event(call, NOON, "call.started", begun))
    for call, number in of_others.items():
        called = "0600100200" if call == "c9" else "350"
        started = {"direction": "internal", "number": number, "called": called}
        log.append(Event(call, NOON, "call.started", started))
    for name in ("c7-1", "c7-2", "c8-1"):
        log.append(Event("c2", NOON, "recording.started", {"recording": name}))
    ways = ways_of_writing(HIM, "PL")
    shown = [one.id for one in await recordings_of_client(room.store, ways)]
    assert shown == [], "not on the disk yet"
    told = await room.ask("person erase", number=HIM, trial=True)
    assert sorted(told["recordings"]) == sorted(one.id for one in his)
    shown = [one.id for one in await recordings_of_client(room.store, ways)]
    assert shown == told["recordings"], "the export has what an erasure reaches"
    assert b"600100200" in every_byte(room.folder)
    assert (await room.ask("person erase", number=HIM))["recordings"] == told["recordings"]
    assert [name for name, path in paths.items() if path.exists()] == [not_his.id]
    assert not [one for one in (b"600100200", b"002001006") if one in every_byte(room.folder)]
    another = await room.table.get("c8-1")
    assert another is not None and another.number == OTHER, "another's number is his own business"
    assert (await room.ask("person erase", number=HIM))["recordings"] == []
    again = await room.ask("person erase", number=OTHER)
    assert again["recordings"] == ["c6-1"] and again["erased_before"] == 1
    assert not [one for one in (b"600100201", b"102001006") if one in every_byte(room.folder)]


def every_byte(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
