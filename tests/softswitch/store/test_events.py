"""The event log on a real file: what is appended is there, in order, with its history row."""

import json
from datetime import timedelta
from enum import Enum
from pathlib import Path

from softswitch.store.database import Database
from softswitch.store.event import encode_data
from softswitch.store.events import Event, EventLog, read_events
from softswitch.store.fold import Result
from tests.softswitch.store.stories import START, answered_in_queue, ended, event, started


async def test_a_call_is_stored_with_its_row(database: Database) -> None:
    log = EventLog(database)
    story = answered_in_queue()
    for one in story:
        log.append(one)
    assert await log.flush()
    found = await database.history.get_call("c1")
    assert found is not None
    assert [(one.kind, one.at, one.data) for one in found.events] == [
        (one.kind, one.at, one.data) for one in story
    ]
    assert (found.row.result, found.row.talk) == (Result.TALKED, 190.0)


async def test_order_is_that_of_appending_even_if_the_clock_is_set_back(database: Database) -> None:
    log = EventLog(database)
    for second in (0, 10, -3600, 10, 10):
        log.append(event("hold", second, by=str(second)))
    await log.flush()
    found = await read_events(database, "c1")
    assert [one.at - START for one in found] == [
        timedelta(seconds=second) for second in (0, 10, -3600, 10, 10)
    ]
    assert len({one.id for one in found}) == 5


async def test_a_call_in_progress_is_in_the_history(database: Database) -> None:
    log = EventLog(database)
    log.append(started())
    await log.flush()
    (row,) = await database.history.list_calls()
    assert (row.id, row.result) == ("c1", None)


async def test_what_comes_after_the_end_reaches_the_row(database: Database) -> None:
    log = EventLog(database)
    log.append(started())
    log.append(ended(9))
    log.append(event("voicemail.stored", 9.5, mailbox="m", message="m1", seconds=4))
    await log.flush()
    (row,) = await database.history.list_calls()
    assert (row.result, row.message) == (Result.MESSAGE, "m1")


async def test_events_of_an_unknown_call_are_kept_without_a_row(database: Database) -> None:
    log = EventLog(database)
    log.append(event("menu.key", 1, "unknown", key="1"))
    log.append(ended(2, "unknown"))
    await log.flush()
    assert await database.history.list_calls() == []
    assert len(await read_events(database, "unknown")) == 2


class Colour(Enum):
    RED = 1


async def test_nothing_that_is_appended_raises(database: Database, tmp_path: Path) -> None:
    log = EventLog(database)
    circle: dict[str, object] = {}
    circle["self"] = circle
    log.append(started("odd \udc80\0 call", name="Z\udcffażółć\0", number="\ud800"))
    log.append(event("odd", 1, path=tmp_path, colour=Colour.RED, at=START, many={1, 2}))
    log.append(Event("c1", START, "circle", circle))
    log.append(event("nan", 2, value=float("nan")))
    log.append(Event("c1", START, "keys", {("a",): 1}))  # type: ignore[dict-item]
    assert await log.flush()
    assert [one.kind for one in await read_events(database, "c1")] == [
        "odd",
        "circle",
        "nan",
        "keys",
    ]
    (row,) = await database.history.list_calls()
    assert row.name == "Z?ażółć"


def test_what_json_can_say_is_written_as_it_is() -> None:
    data = {"name": 'Żółw "A" \0', "seconds": 1.5, "many": ["a", 1, None, True]}
    assert json.loads(encode_data(data)) == data and "Żółw" in encode_data(data)
    damaged = {"name": "Z\udcff"}
    assert json.loads(encode_data(damaged)) == damaged and encode_data(damaged).isascii()


async def test_a_reader_learns_of_everything_and_its_mistake_stays_its_own(
    database: Database,
) -> None:
    log = EventLog(database)
    seen: list[str] = []

    def broken(event: Event) -> None:
        raise RuntimeError("a reader's mistake")

    log.subscribe(broken)
    log.subscribe(lambda one: seen.append(one.kind))
    log.append(started())
    log.subscribe(lambda one: seen.append(f"and {one.kind}"), {"call.ended"})
    log.append(started())
    log.append(ended(1))
    assert seen == ["call.started", "call.started", "call.ended", "and call.ended"]
    assert await log.flush()
