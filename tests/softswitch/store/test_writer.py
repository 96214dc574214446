"""A database that is locked, gone, broken or full: nothing raises, nothing is lost."""

import asyncio
import sqlite3
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from softswitch.store import writer
from softswitch.store.bindings import read_bindings
from softswitch.store.database import JOURNAL, Database, StoreAlarm, StoreError, StoreState
from softswitch.store.events import EventLog, read_events
from softswitch.store.fold import Result
from softswitch.store.journal import Journal
from softswitch.store.operations import Write
from tests.softswitch.store.conftest import sqlite_only, url
from tests.softswitch.store.stories import START, answered_in_queue, event, started
from tests.softswitch.store.test_tables import PHONE


async def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  (a state that nobody signals)
            await asyncio.sleep(0.02)


def lock(folder: Path) -> sqlite3.Connection:
    other = sqlite3.connect(folder / "softswitch.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    return other


async def numbers(database: Database, call: str = "c1") -> list[int]:
    return [one.data["n"] for one in await read_events(database, call)]


@sqlite_only
async def test_a_locked_database_is_caught_up_with(
    database: Database, tmp_path: Path, alarms: list[StoreAlarm]
) -> None:
    log = EventLog(database)
    log.append(event("n", 0, n=0))
    await log.flush()
    other = lock(tmp_path)
    log.append(event("n", 1, n=1))
    began = time.monotonic()
    assert await log.flush()
    assert time.monotonic() - began < 5  # on the disk: in the journal
    assert database.state is StoreState.JOURNAL
    assert Journal(tmp_path / JOURNAL).size() > 0
    log.append(event("n", 2, n=2))
    assert await log.flush()
    other.execute("ROLLBACK")
    other.close()
    await until(lambda: database.state is StoreState.DATABASE)
    log.append(event("n", 3, n=3))
    await log.flush()
    assert await numbers(database) == [0, 1, 2, 3]
    assert not (tmp_path / JOURNAL).exists()
    assert [alarm.state for alarm in alarms] == [StoreState.JOURNAL, StoreState.DATABASE]
    assert "locked" in alarms[0].detail


@sqlite_only
async def test_what_was_journaled_never_lands_on_what_came_later(
    database: Database, tmp_path: Path
) -> None:
    other = lock(tmp_path)
    database.bindings.save(PHONE)
    await database.flush()
    database.bindings.delete(PHONE)
    await database.flush()
    database.bindings.save(replace(PHONE, cseq=9))
    other.execute("ROLLBACK")
    other.close()
    await until(lambda: database.state is StoreState.DATABASE)
    await database.flush()
    assert [one.cseq for one in await read_bindings(database)] == [9]


@sqlite_only
async def test_a_deleted_database_is_made_anew(
    database: Database, tmp_path: Path, alarms: list[StoreAlarm]
) -> None:
    log = EventLog(database)
    log.append(event("n", 0, n=0))
    await log.flush()
    for name in ("softswitch.db", "softswitch.db-wal", "softswitch.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    for one in answered_in_queue("c2"):
        log.append(one)
    assert await log.flush()
    await until(lambda: database.state is StoreState.DATABASE)
    await log.flush()
    assert [row.id for row in await database.history.list_calls()] == ["c2"]
    assert alarms[0].state is StoreState.JOURNAL


@sqlite_only
async def test_a_broken_database_does_not_keep_the_office_from_starting(
    tmp_path: Path, alarms: list[StoreAlarm]
) -> None:
    path = tmp_path / "softswitch.db"
    path.write_bytes(b"this is no database, whatever its name says " * 100)
    database = Database(url(tmp_path), tmp_path, alarms.append)
    await database.start()
    assert database.state is StoreState.JOURNAL
    assert database.bindings.load() == []
    log = EventLog(database)
    for one in answered_in_queue():
        log.append(one)
    assert await log.flush()
    with pytest.raises(StoreError):
        await database.history.list_calls()
    path.rename(tmp_path / "broken.db")
    await until(lambda: database.state is StoreState.DATABASE)
    (row,) = await database.history.list_calls()
    assert row.result is Result.TALKED
    await database.close()


async def test_the_journal_of_the_last_run_is_replayed_twice_without_harm(tmp_path: Path) -> None:
    journal = Journal(tmp_path / JOURNAL)
    lines = [Write("event.add", ("c1", number, 0, "n", f'{{"n":{number}}}')) for number in (1, 2)]
    journal.append([*lines, *lines])
    for _ in range(2):
        database = Database(url(tmp_path), tmp_path)
        await database.start()
        assert await numbers(database) == [1, 2]
        assert journal.size() == 0
        await database.close()
        journal.append(lines)


async def test_one_row_that_no_database_takes_is_set_aside(
    database: Database, tmp_path: Path
) -> None:
    database.put("event.add", (None, 1, 0, "n", "{}"))
    database.put("event.add", ("c1", 2**80, 0, "n", "{}"))
    log = EventLog(database)
    log.append(event("n", 1, n=1))
    assert await log.flush()
    assert database.state is StoreState.DATABASE
    assert await numbers(database) == [1]
    aside = (tmp_path / f"{JOURNAL}.damaged").read_text().splitlines()
    assert len(aside) == 2


async def test_a_mistaken_write_does_not_stop_the_others(
    database: Database, tmp_path: Path
) -> None:
    database.put("no.such.operation", (1, 2))
    database.put("event.add", ("too", "few"))
    log = EventLog(database)
    log.append(event("n", 1, n=1))
    assert await log.flush()
    await until(lambda: database.state is StoreState.DATABASE)
    assert await numbers(database) == [1]
    aside = (tmp_path / f"{JOURNAL}.damaged").read_text().splitlines()
    assert len(aside) == 2


async def test_calls_that_were_up_are_closed_at_the_next_start(
    database: Database, tmp_path: Path
) -> None:
    log = EventLog(database)
    for one in answered_in_queue("talking")[:-2]:
        log.append(one)
    log.append(started("ringing"))
    for one in answered_in_queue("over"):
        log.append(one)
    await database.close()
    again = Database(url(tmp_path), tmp_path)
    await again.start()
    rows = {row.id: row for row in await again.history.list_calls()}
    await again.close()
    assert rows["over"].result is Result.TALKED
    assert rows["ringing"].result is rows["talking"].result is Result.INTERRUPTED
    assert rows["talking"].ended is not None
    assert (rows["talking"].ended - START).total_seconds() == 75
    assert (rows["talking"].talk, rows["talking"].handled_by) == (25.0, "102")
    third = Database(url(tmp_path), tmp_path)
    await third.start()
    found = await third.history.get_call("talking")
    await third.close()
    assert found is not None
    assert [one.kind for one in found.events].count("call.ended") == 1


@sqlite_only
async def test_with_no_disk_at_all_memory_is_bounded_and_the_loss_is_told(
    tmp_path: Path, alarms: list[StoreAlarm], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "MAX_WAITING", 100)
    folder = tmp_path / "missing"  # neither the database's file nor the journal's can be made
    database = Database(url(folder), folder, alarms.append)
    await database.start()
    log = EventLog(database)
    for number in range(50):
        log.append(event("n", number, n=number))
    assert not await log.flush()
    assert database.state is StoreState.MEMORY
    assert database.dump()["lost"] == 0
    for number in range(50, 151):
        log.append(event("n", number, n=number))
    assert alarms[-1].lost > 0
    assert int(database.dump()["waiting"]) <= 100
    folder.mkdir()
    await until(lambda: database.state is StoreState.DATABASE)
    assert await log.flush()
    kept = await numbers(database)
    assert kept == list(range(150 - len(kept) + 1, 151))
    assert len(kept) == 151 - alarms[-1].lost
    await database.close()


@sqlite_only
async def test_stopping_without_any_disk_ends_and_says_so(
    tmp_path: Path, alarms: list[StoreAlarm]
) -> None:
    database = Database(url(tmp_path / "missing"), tmp_path / "missing", alarms.append)
    await database.start()
    EventLog(database).append(started())
    await database.close()
    assert alarms[-1].lost == 2


@sqlite_only
async def test_an_alarm_that_fails_changes_nothing(tmp_path: Path) -> None:
    def broken(alarm: StoreAlarm) -> None:
        raise RuntimeError("no mail for alarms")

    database = Database(url(tmp_path), tmp_path, broken)
    await database.start()
    other = lock(tmp_path)
    log = EventLog(database)
    log.append(event("n", 1, n=1))
    assert await log.flush()
    other.close()
    await until(lambda: database.state is StoreState.DATABASE)
    await database.close()


PROGRAM = """
import asyncio, sys, time
from pathlib import Path
from tests.softswitch.store.conftest import url
from tests.softswitch.store.stories import event, started
from softswitch.store.database import Database, StoreState
from softswitch.store.events import EventLog, read_events

folder = Path(sys.argv[1])

async def main():
    database = Database(url(folder), folder, lambda alarm: print(alarm.state.name, flush=True))
    await database.start()
    log = EventLog(database)
    log.append(started())
"""


def program(body: str) -> str:
    return PROGRAM + textwrap.indent(textwrap.dedent(body), "    ") + "\nasyncio.run(main())\n"


def run(folder: Path, body: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", program(body), str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


ENDLESS = """
    number = 0
    while True:
        number += 1
        log.append(event("n", number, n=number))
        print("at", number, time.time(), flush=True)
        await asyncio.sleep(0.005)
"""


@pytest.mark.parametrize("is_locked", [False, pytest.param(True, marks=sqlite_only)])
async def test_kill_9_loses_nothing_older_than_a_second(tmp_path: Path, is_locked: bool) -> None:
    database = Database(url(tmp_path), tmp_path)
    await database.start()
    await database.close()
    other = lock(tmp_path) if is_locked else None
    process = run(tmp_path, ENDLESS)
    assert process.stdout is not None
    told: list[tuple[int, float]] = []
    # So much that most of it is older than a second, however slow the machine is.
    end = time.monotonic() + 3.0
    while time.monotonic() < end or len(told) < 2 or told[-1][1] - told[0][1] < 2.0:
        words = (await asyncio.to_thread(process.stdout.readline)).split()
        if words and words[0] == "at":
            told.append((int(words[1]), float(words[2])))
    killed = time.time()
    process.kill()
    await asyncio.to_thread(process.wait)
    process.stdout.close()
    if other is not None:
        other.close()
    old = [number for number, at in told if at < killed - 1.0]
    assert old
    database = Database(url(tmp_path), tmp_path)
    await database.start()
    kept = [one.data["n"] for one in await read_events(database, "c1") if one.kind == "n"]
    (row,) = await database.history.list_calls()
    await database.close()
    assert kept[: len(old)] == old
    assert row.result is Result.INTERRUPTED


FULL = """
    import resource
    # The disk is full: no file grows any more, neither the database nor the journal.
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))
    for number in range(4000):
        log.append(event("n", number, n=number, text="x" * 200))
        if number % 200 == 0:
            await log.flush()
    print("flushed", await log.flush(), database.state.name)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    while database.state is not StoreState.DATABASE:
        await asyncio.sleep(0.05)
    assert await log.flush()
    kept = [one.data["n"] for one in await read_events(database, "c1") if one.kind == "n"]
    assert kept == list(range(4000)), len(kept)
    await database.close()
    print("complete")
"""


@sqlite_only
def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    process = run(tmp_path, FULL)
    output, _ = process.communicate(timeout=100)
    assert process.returncode == 0
    lines = output.split("\n")
    assert "JOURNAL" in lines
    assert "MEMORY" in lines
    assert "flushed False MEMORY" in lines
    assert lines[-2] == "complete"
