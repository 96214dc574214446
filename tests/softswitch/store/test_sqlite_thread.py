"""The writer's connection to a SQLite file: all of a batch or nothing, and an end at any time."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from softswitch.store.sqlite_thread import SqliteThread

ADD = "INSERT INTO calls VALUES (?, ?)"
# Until somebody interrupts it.
FOREVER = (
    "INSERT INTO calls WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
    "SELECT 'n', count(seen(i)) FROM n"
)
is_running = threading.Event()


def prepare(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE calls (id TEXT PRIMARY KEY, number INTEGER)")
    connection.create_function("seen", 1, lambda number: is_running.set())


@pytest.fixture
async def thread(tmp_path: Path) -> AsyncIterator[SqliteThread]:
    is_running.clear()
    made = SqliteThread(tmp_path / "a.db", prepare)
    await made.open()
    yield made
    await made.close()  # once more does no harm
    async with asyncio.timeout(60):
        while any(one.name.startswith("store_") for one in threading.enumerate()):
            await asyncio.sleep(0.01)


def stored(folder: Path) -> list[tuple[str, int]]:
    with closing(sqlite3.connect(folder / "a.db")) as other:
        return list(other.execute("SELECT * FROM calls ORDER BY id"))


async def test_a_batch_is_there_when_it_was_written(thread: SqliteThread, tmp_path: Path) -> None:
    await thread.write([(ADD, ("a", 1)), (ADD, [("b", 2), ("c", 3)])])
    assert stored(tmp_path) == [("a", 1), ("b", 2), ("c", 3)]


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (("a", 2), sqlite3.IntegrityError),
        (("b", 1 << 70), OverflowError),
        (("\ud800", 1), UnicodeEncodeError),
    ],
)
async def test_of_a_batch_that_is_refused_nothing_is_there(
    thread: SqliteThread, tmp_path: Path, bad: tuple[str, int], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await thread.write([(ADD, ("a", 1)), (ADD, bad)])
    assert stored(tmp_path) == []
    await thread.write([(ADD, ("a", 1))])
    assert stored(tmp_path) == [("a", 1)], "and it goes on"


async def test_it_ends_in_the_middle_of_anything(thread: SqliteThread, tmp_path: Path) -> None:
    writing = asyncio.create_task(thread.write([(ADD, ("a", 1)), (FOREVER, ())]))
    while not is_running.is_set():
        await asyncio.sleep(0.01)
    await thread.close()
    with pytest.raises(sqlite3.OperationalError, match="interrupted"):
        await writing
    assert stored(tmp_path) == []


async def test_a_file_that_cannot_be_opened_says_so(tmp_path: Path) -> None:
    thread = SqliteThread(tmp_path / "nowhere" / "a.db", lambda connection: None)
    with pytest.raises(sqlite3.OperationalError):
        await thread.open()
    await thread.close()
