"""A number is forgotten: what goes, what stays under a pseudonym, and whom it leaves alone."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from softswitch.store.database import Database
from softswitch.store.event import Event, read_events
from softswitch.store.events import EventLog
from softswitch.store.forgetting import forget
from softswitch.store.history import CallFilter
from softswitch.store.messages import Message
from softswitch.store.outbox import Mail
from softswitch.store.schema import calls, traces

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
HIM, OTHER, PSEUDONYM = "+48600100200", "+48600100201", "erased-0123456789"


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
    trial = await forget(database, HIM, PSEUDONYM, is_trial=True)
    assert trial.counts["calls"] == 2 and trial.files == ("/c1",)
    assert await database.messages.get("mc1") is not None
    assert await forget(database, HIM, PSEUDONYM, is_trial=False) == trial
    rows = {row.id: row for row in await database.history.list_calls(CallFilter())}
    assert (rows["c1"].number, rows["c1"].name) == (PSEUDONYM, None)
    assert (rows["c3"].number, rows["c3"].name, rows["c3"].called) == ("101", "Anna", PSEUDONYM)
    assert (rows["c2"].number, rows["c2"].name) == (OTHER, "Nowak")
    assert await database.history.list_calls(CallFilter(number="600 100 200")) == []
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
    again = await forget(database, HIM, PSEUDONYM, is_trial=False)
    assert not any(again.counts.values())


@pytest.mark.parametrize("number", ["101", "+4812", "600100200"])
async def test_a_number_that_would_be_found_in_others(database: Database, number: str) -> None:
    with pytest.raises(ValueError, match="no number of the world"):
        await forget(database, number, PSEUDONYM, is_trial=True)
