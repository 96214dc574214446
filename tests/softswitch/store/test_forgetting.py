"""A number is forgotten: what goes, what stays under a pseudonym, and whom it leaves alone."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from softswitch.mail.message import public_number
from softswitch.office.mentions import Mentions
from softswitch.office.numbers import ways_of_writing
from softswitch.store.database import Database
from softswitch.store.event import Event, read_events
from softswitch.store.events import EventLog
from softswitch.store.forgetting import Forgotten, Person, look
from softswitch.store.forgetting import forget as forget_him
from softswitch.store.history import CallFilter
from softswitch.store.messages import Message
from softswitch.store.numbers import as_typed
from softswitch.store.outbox import Mail
from softswitch.store.recordings import RecordingRow
from softswitch.store.schema import calls, traces
from tests.softswitch.store.conftest import sqlite_only

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
HIM, OTHER, PSEUDONYM = "+48600100200", "+48600100201", "erased-0123456789"


async def forget(database: Database, number: str, *, is_trial: bool = False) -> Forgotten:
    """As an office in Poland does it."""
    him = Person(ways_of_writing(number, "PL") or (number,), Mentions(number, "PL"))
    looked = await look(database, him)
    return looked if is_trial else await forget_him(database, him, PSEUDONYM, looked)


async def filled(database: Database) -> EventLog:
    """Two clients, who called, left messages, and were written about."""
    log = EventLog(database)
    for call, number, name in (("c1", HIM, "Żółw"), ("c2", OTHER, "Nowak")):
        start = {"direction": "in", "number": number, "name": name, "called": "+48221234567"}
        log.append(Event(call, NOON, "call.started", start))
        dialled = "0048" + number[3:]
        log.append(Event(call, NOON, "ring.started", {"who": [number, dialled, number[3:]]}))
        log.append(Event(call, NOON, "bridge.started", {"who": "101", "led": number, "name": name}))
        log.append(Event(call, NOON, "call.ended", {"by": "caller"}))
        database.messages.add(
            Message(f"m{call}", "office", call, number, name, NOON, 3.0, f"/{call}")
        )
        database.outbox.add(Mail(("a@b.example",), f"{name}", f"{number[:3]} {number[3:]} called"))
        database.put("trace.add", (call, 1, 1, 10, "INVITE"))
    out = {"direction": "out", "number": "101", "name": "Anna", "called": HIM}
    log.append(Event("c3", NOON, "call.started", out))
    log.append(Event("c3", NOON, "call.ended", {"by": "caller"}))
    await database.flush()
    return log


async def test_everything_of_him_and_nothing_of_others(database: Database) -> None:
    await filled(database)
    trial = await forget(database, HIM, is_trial=True)
    assert trial.counts["calls"] == 2 and trial.files == ("/c1",)
    assert await database.messages.get("mc1") is not None
    assert await forget(database, HIM) == trial
    rows = {row.id: row for row in await database.history.list_calls(CallFilter())}
    assert (rows["c1"].number, rows["c1"].name) == (PSEUDONYM, None)
    assert (rows["c3"].number, rows["c3"].name, rows["c3"].called) == ("101", "Anna", PSEUDONYM)
    assert (rows["c2"].number, rows["c2"].name) == (OTHER, "Nowak")
    of_him = CallFilter(number=as_typed("600 100 200"))
    assert await database.history.list_calls(of_him) == []
    turned = select(calls.c.number_reversed, calls.c.called_reversed)
    assert HIM[::-1] not in str(await database.read(turned)), "nor is it there from behind"
    story = str([event.data for event in await read_events(database, "c1")])
    assert "600100200" not in story and "Żółw" not in story and story.count(PSEUDONYM) == 5
    assert "Nowak" in str([event.data for event in await read_events(database, "c2")])
    assert await database.messages.get("mc1") is None
    assert await database.messages.get("mc2") is not None
    assert [row.call for row in await database.read(traces.select())] == ["c2"]
    mails = [mail.subject for mail in await database.outbox.due(datetime.now(UTC))]
    assert mails == ["Nowak"]
    again = await forget(database, HIM)
    assert not any(again.counts.values())


async def test_a_name_is_found_as_it_was_written_before(database: Database) -> None:
    """Until November 2026 event data was ASCII, with escapes."""
    log = await filled(database)
    old = '{"who":"101","led":"+48600100200","name":"\\u017b\\u00f3\\u0142w"}'
    database.put("event.add", ("c1", 2_000_000_000_000_000, 2, "bridge.started", old))
    log.append(Event("c1", NOON, "call.ended", {"by": "caller"}))
    await database.flush()
    before = [event.data for event in await read_events(database, "c1")]
    assert sum(data.get("name") == "Żółw" for data in before) == 3, "both forms are read"
    await forget(database, HIM)
    story = await read_events(database, "c1")
    assert [event.data["name"] for event in story if "name" in event.data] == [None] * 3
    assert "600100200" not in str(story)


def bare(content: bytes) -> bytes:
    """Without what stands between digits, in case somebody wrote them apart."""
    return content.replace(b" ", b"").replace(b"-", b"").replace("\u00a0".encode(), b"")


@sqlite_only
async def test_no_byte_of_him_is_left_in_any_file(database: Database, tmp_path: Path) -> None:
    log = await filled(database)
    for call, words in (("c1", "his wife is 600 100 777"), ("c2", "ask 600-100-200 first")):
        log.append(Event(call, NOON, "call.noted", {"by": "101", "text": words}))
    shown = public_number(HIM)
    database.outbox.add(Mail(("a@b.example",), f"Wiadomość od {shown}", f"{shown} (Żółw)"))
    database.recordings.add(
        RecordingRow(
            "c1-1", "c1", NOON, "r", "all", "why", None, (), "n", "in", HIM, None, "101", None, NOON
        )
    )
    row = await database.recordings.get("c1-1")
    assert row is not None
    database.recordings.erase(replace(row, number=HIM), NOON, "retention", "its time is over")
    # Deleted before anybody asked: a row that is gone is not yet overwritten everywhere.
    database.messages.delete("mc1")
    await database.flush()
    away = [b"600100200", b"002001006", "Żółw".encode(), b"\\u017b\\u00f3\\u0142w", b"600100777"]
    assert {one for one in away if one in everything(tmp_path)} >= {away[0], away[1], away[4]}
    done = await forget(database, HIM)
    assert done.is_overwritten and done.counts["mails"] == 2 and done.counts["erased_before"] == 1
    assert not [one for one in away if one in everything(tmp_path)]
    assert OTHER[3:].encode() in everything(tmp_path)
    [note] = [one for one in await read_events(database, "c1") if one.kind == "call.noted"]
    assert note.data == {"by": "101", "text": ""}
    [note] = [one for one in await read_events(database, "c2") if one.kind == "call.noted"]
    assert note.data["text"] == f"ask {PSEUDONYM} first"
    assert not any((await forget(database, HIM)).counts.values())


def everything(folder: Path) -> bytes:
    return bare(b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file()))


async def test_who_is_mentioned_far_away_is_found(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The events are looked through in pages, none is left out between two."""
    monkeypatch.setattr("softswitch.store.forgetting.PAGE", 3)
    log = EventLog(database)
    for number in range(10):
        start = {"direction": "in", "number": f"+4822000000{number}", "called": OTHER}
        log.append(Event(f"x{number}", NOON, "call.started", start))
        log.append(Event(f"x{number}", NOON, "ring.started", {"who": [HIM]}))
    done = await forget(database, HIM)
    assert (done.counts["events"], done.counts["calls"]) == (10, 0)
    stories = [str(await read_events(database, f"x{number}")) for number in range(10)]
    assert all(PSEUDONYM in story and HIM not in story for story in stories)


@pytest.mark.parametrize("number", ["101", "+4812", "600100200"])
async def test_a_number_that_would_be_found_in_others(database: Database, number: str) -> None:
    him = Person((number,), Mentions(number, "PL"))
    with pytest.raises(ValueError, match="no telephone number of the world"):
        await look(database, him)


FOREIGN = ("+44600100200", "+420600100200", "0044600100200", "+44 600 100 200", "+420 600 100 200")


async def test_a_foreign_number_with_the_same_end_is_somebody_else(database: Database) -> None:
    log = EventLog(database)
    for place, number in enumerate(FOREIGN):
        start = {"direction": "in", "number": number, "name": "Smith", "called": "+48221234567"}
        log.append(Event(f"f{place}", NOON, "call.started", start))
        note = {"by": "101", "text": f"he is at {number} until five"}
        log.append(Event(f"f{place}", NOON, "call.noted", note))
        log.append(Event(f"f{place}", NOON, "call.ended", {"by": "caller", "seconds": 600100200}))
        database.messages.add(
            Message(f"m{place}", "office", f"f{place}", number, "Smith", NOON, 3.0, f"/{place}")
        )
        database.outbox.add(Mail(("a@b.example",), "Smith", f"from {number} at noon"))
        database.put("trace.add", (f"f{place}", 1, 1, 10, "INVITE"))
    await database.flush()
    before = [await database.history.get_call(f"f{place}") for place in range(len(FOREIGN))]
    done = await forget(database, HIM)
    assert not any(done.counts.values())
    assert [await database.history.get_call(f"f{place}") for place in range(len(FOREIGN))] == before
    assert len(await database.outbox.due(datetime.now(UTC))) == len(FOREIGN)


async def test_beside_a_foreign_number_his_own_is_found(database: Database) -> None:
    log = EventLog(database)
    start = {"direction": "in", "number": OTHER, "called": "+48221234567"}
    log.append(Event("c1", NOON, "call.started", start))
    text = "0600 100 200, not +44 600 100 200\u00a0or (600) 100-200"
    log.append(Event("c1", NOON, "call.noted", {"by": "101", "text": text, "of": [{"it": HIM}]}))
    assert (await forget(database, HIM)).counts["events"] == 1
    [*_, note] = await read_events(database, "c1")
    assert note.data["text"] == f"{PSEUDONYM}, not +44 600 100 200\u00a0or ({PSEUDONYM}"
    assert note.data["of"] == [{"it": PSEUDONYM}]


async def test_messages_of_another_call_that_named_him_go_too(database: Database) -> None:
    """A client was led to his mobile: the INVITE to it is in that client's call."""
    log = EventLog(database)
    for call, target in (("c1", HIM), ("c2", "103")):
        start = {"direction": "in", "number": OTHER, "called": "+48221234567"}
        log.append(Event(call, NOON, "call.started", start))
        log.append(Event(call, NOON, "transfer.started", {"by": "101", "to": target}))
        database.put("trace.add", (call, 1, 1, 10, "INVITE"))
    assert (await forget(database, HIM)).counts["traces"] == 1
    assert [row.call for row in await database.read(traces.select())] == ["c2"]


async def test_what_was_written_since_the_look_goes_too(database: Database) -> None:
    """Every event is looked through once; then by its index whatever may have come meanwhile."""
    log = await filled(database)
    note = {"by": "101", "text": "call 600 100 200 back"}
    log.append(Event("c2", NOON, "call.noted", note))
    him = Person(ways_of_writing(HIM, "PL"), Mentions(HIM, "PL"))
    looked = await look(database, him)
    log.append(Event("c2", NOON, "call.noted", note))
    log.append(Event("c1", NOON, "call.noted", note))
    start = {"direction": "in", "number": HIM, "name": "Żółw", "called": "+48221234567"}
    log.append(Event("c9", NOON, "call.started", start))
    log.append(Event("c9", NOON, "call.ended", {"by": "caller"}))
    done = await forget_him(database, him, PSEUDONYM, looked)
    assert done.counts["events"] == looked.counts["events"] + 3
    assert done.counts["calls"] == looked.counts["calls"] + 1
    stories = [str(await read_events(database, call)) for call in ("c1", "c2", "c9")]
    assert not any(
        "600100200" in bare(story.encode()).decode() or "Żółw" in story for story in stories[::2]
    )
    assert "600 100 200" not in stories[1] and PSEUDONYM in stories[1]
    assert not any((await forget(database, HIM)).counts.values())


async def test_all_events_are_looked_through_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await filled(database)
    asked: list[str] = []
    read = database.read

    async def seen(query: Any) -> Any:
        asked.append(str(query))
        return await read(query)

    monkeypatch.setattr(database, "read", seen)
    await forget(database, HIM)
    through_all = [one for one in asked if "events.data LIKE" in one]
    assert len(through_all) == 1
