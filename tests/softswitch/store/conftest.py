"""A store in a folder of its own.

It is SQLite's, unless DATABASES names a PostgreSQL server (`live/test_postgresql` does): the same
tests, another database.
"""

import asyncio
import hashlib
import os
import threading
from collections.abc import AsyncIterator, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest

from softswitch.store import connection
from softswitch.store.database import Database, StoreAlarm

# A URL with {name} for the database's.
DATABASES = "SOFTSWITCH_TEST_DATABASES"
sqlite_only = pytest.mark.skipif(DATABASES in os.environ, reason="about SQLite's own file")
_MADE: set[str] = set()


def url(folder: Path) -> str:
    """The same for the same folder, in another process too."""
    if DATABASES not in os.environ:
        return f"sqlite+aiosqlite:///{folder / 'softswitch.db'}"
    name = "t" + hashlib.sha256(str(folder).encode()).hexdigest()[:20]
    if name not in _MADE:
        _MADE.add(name)
        _in_a_thread(_create(name))
    return os.environ[DATABASES].format(name=name)


async def _create(name: str) -> None:
    server = urlsplit(os.environ[DATABASES])
    server_connection = await asyncpg.connect(
        user=server.username, host=parse_qs(server.query)["host"][0], database="postgres"
    )
    try:
        with suppress(asyncpg.DuplicateDatabaseError):
            await server_connection.execute(f"CREATE DATABASE {name}")
    finally:
        await server_connection.close()


def _in_a_thread(work: Coroutine[Any, Any, None]) -> None:
    """`url` is asked inside running loops, too."""
    thread = threading.Thread(target=asyncio.run, args=(work,))
    thread.start()
    thread.join()


@pytest.fixture
def alarms() -> list[StoreAlarm]:
    return []


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine's disk is slow, and is not away."""
    monkeypatch.setattr(connection, "PATIENCE", 30.0)


@pytest.fixture
async def database(tmp_path: Path, alarms: list[StoreAlarm]) -> AsyncIterator[Database]:
    before = _connections()
    store = Database(url(tmp_path), tmp_path, alarms.append)
    await store.start()
    yield store
    await store.close()
    async with asyncio.timeout(60):
        while _connections() - before:
            await asyncio.sleep(0.01)


def _connections() -> set[threading.Thread]:
    """aiosqlite has a thread for each, and so has the writer."""
    names = ("_connection_worker_thread", "store_")
    return {one for one in threading.enumerate() if any(name in one.name for name in names)}
