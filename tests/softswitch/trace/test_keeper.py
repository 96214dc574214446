"""From the recorder to the disk and back: restarts, bounds in days and octets, a full disk."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from softswitch.sip.flow import Flow, Transport
from softswitch.store.database import Database, StoreState
from softswitch.store.traces import TraceRow, read_traces
from softswitch.trace import keeper as keeping
from softswitch.trace.keeper import Bounds, Keeper
from softswitch.trace.loading import load_trace
from softswitch.trace.recorder import Recorder

FLOW = Flow(Transport.UDP, ("192.0.2.1", 5060), ("192.0.2.9", 5062))
NOW = 1_700_000_000.0
PATIENCE = 60.0


def url(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder / 'softswitch.db'}"


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    store = Database(url(tmp_path), tmp_path)
    await store.start()
    yield store
    await store.close()


def desk(store: Database, bounds: Bounds | None = None) -> tuple[Recorder, Keeper]:
    recorder = Recorder(lambda: NOW)
    bounds = bounds or Bounds(14, 1_000_000)
    return recorder, Keeper(recorder, store.traces, bounds, lambda: NOW, lambda: store.has_room)


def hear(recorder: Recorder, call_id: str, extra: str = "") -> None:
    recorder.received(f"INVITE sip:1@x SIP/2.0\r\nCall-ID: {call_id}\r\n{extra}\r\n".encode(), FLOW)


async def until(check: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not check():
            await asyncio.sleep(0.01)


async def test_messages_reach_the_disk_and_survive_a_restart(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "EVERY", 0.01)
    recorder, keeper = desk(database)
    running = asyncio.create_task(keeper.run())
    recorder.claim("a", "call-1")
    hear(recorder, "a")
    await until(lambda: recorder.dump()["rows to write"] == 0 and recorder.dump()["octets"] == 0)
    hear(recorder, "a")  # told after the last round: the end of the task writes it
    running.cancel()
    await asyncio.wait([running])
    await database.close()
    again = Database(url(tmp_path), tmp_path)
    await again.start()
    try:
        assert len((await load_trace(again, "call-1")).messages) == 2
        assert (await load_trace(again, "call-2")).messages == ()
    finally:
        await again.close()


async def fill(store: Database, count: int, size: int = 100) -> None:
    """Rows, one for each hour before now, the newest first."""
    for hour in range(count):
        at = round((NOW - hour * 3600) * 1_000_000)
        store.traces.add(TraceRow(f"c{hour}", at, at, size, "x" * size))
    await store.flush()


async def left(store: Database, count: int) -> list[str]:
    return [f"c{hour}" for hour in range(count) if await read_traces(store, f"c{hour}")]


async def test_old_rows_go_by_age(database: Database) -> None:
    await fill(database, 50)
    _, keeper = desk(database, Bounds(1, 1_000_000))
    await keeper.trim()
    await database.flush()
    assert await left(database, 50) == [f"c{hour}" for hour in range(25)]


async def test_the_oldest_go_when_there_is_no_room(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("softswitch.store.traces.PAGE", 7)
    await fill(database, 50)
    _, keeper = desk(database, Bounds(14, 1_050))
    await keeper.trim()
    await database.flush()
    assert await left(database, 50) == [f"c{hour}" for hour in range(10)]
    assert await database.traces.size() == 1_000


@pytest.mark.parametrize("bounds", [Bounds(0, 1_000), Bounds(14, 0)])
async def test_switched_off_keeps_nothing(database: Database, bounds: Bounds) -> None:
    await fill(database, 5)
    _, keeper = desk(database, bounds)
    assert bounds.is_off
    await keeper.trim()
    await database.flush()
    assert await database.traces.size() == 0


async def test_a_store_that_is_away_gets_nothing_and_calls_go_on(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "EVERY", 0.01)
    is_away = True
    recorder = Recorder(lambda: NOW)
    bounds = Bounds(14, 1_000_000)
    keeper = Keeper(recorder, database.traces, bounds, lambda: NOW, lambda: not is_away)
    running = asyncio.create_task(keeper.run())
    recorder.claim("a", "c")
    for _ in range(10):
        hear(recorder, "a")
    await until(lambda: recorder.dump()["messages heard"] == 0)
    await asyncio.sleep(0.05)
    assert recorder.dump()["rows to write"] == 1
    is_away = False
    await until(lambda: recorder.dump()["rows to write"] == 0)
    await database.flush()
    assert len((await load_trace(database, "c")).messages) == 10
    running.cancel()
    await asyncio.wait([running])


async def test_a_full_disk_loses_traces_before_stories(tmp_path: Path) -> None:
    """Neither database nor journal can be written: the keeper waits, and puts nothing in line."""
    folder = tmp_path / "gone" / "deeper"
    store = Database(f"sqlite+aiosqlite:///{folder / 'x.db'}", folder)
    await store.start()
    recorder, keeper = desk(store)
    store.put("event.add", ("c", 1, 1, "call.started", "{}"))
    assert not await store.flush()
    assert store.state is not StoreState.DATABASE and not store.has_room
    recorder.claim("a", "c")
    hear(recorder, "a")
    keeper.write_all()
    assert store.dump()["waiting"] == 1, "the story alone waits for the disk"
    assert recorder.dump()["rows to write"] == 1
    await keeper.trim()  # cannot be read: said in the log, nothing more
    await store.close()


async def test_a_damaged_row_hides_no_other(database: Database) -> None:
    recorder, keeper = desk(database)
    database.traces.add(TraceRow("c", 1, 1, 5, "wreck"))
    recorder.claim("a", "c")
    hear(recorder, "a")
    keeper.write_all()
    await database.flush()
    assert len((await load_trace(database, "c")).messages) == 1
