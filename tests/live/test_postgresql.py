"""The store on PostgreSQL: the tests of SQLite's, a server that goes and comes, a whole office."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from softswitch.backup import make_backup, restore_backup
from softswitch.store.database import Database, StoreAlarm, StoreState
from softswitch.store.event import read_events
from softswitch.store.events import EventLog
from tests.live.office_files import AGENT, CALLER
from tests.live.office_under_test import OfficeUnderTest
from tests.live.postgres import Postgres
from tests.softswitch.store.conftest import DATABASES
from tests.softswitch.store.stories import answered_in_queue, event, started

STORE = Path(__file__).parents[1] / "softswitch" / "store"
TALK = 0.6


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with Postgres() as server:
        yield server


def test_the_same_tests(postgres: Postgres) -> None:
    files = [str(path) for path in STORE.glob("test_*.py") if "Database" in path.read_text()]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *files],
        cwd=STORE.parents[2],
        env={**os.environ, DATABASES: postgres.server},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:]


async def until_state(database: Database, state: StoreState) -> None:
    async with asyncio.timeout(20):
        while database.state is not state:
            await asyncio.sleep(0.05)


async def test_a_server_that_stops_and_comes_back(postgres: Postgres, tmp_path: Path) -> None:
    """What is written meanwhile lies in the journal, and is caught up with in its order."""
    alarms: list[StoreAlarm] = []
    database = Database(postgres.new("stops"), tmp_path, alarms.append)
    await database.start()
    log = EventLog(database)
    log.append(started())
    numbers = list(range(1, 301))
    for number in numbers[:100]:
        log.append(event("n", number, n=number))
    assert await log.flush() and database.state is StoreState.DATABASE
    await asyncio.to_thread(postgres.stop)
    try:
        for number in numbers[100:200]:
            log.append(event("n", number, n=number))
        assert await log.flush()
        assert database.state is StoreState.JOURNAL
    finally:
        await asyncio.to_thread(postgres.start)
    for number in numbers[200:]:
        log.append(event("n", number, n=number))
    await until_state(database, StoreState.DATABASE)
    assert await log.flush()
    kept = [one.data["n"] for one in await read_events(database, "c1") if one.kind == "n"]
    await database.close()
    assert kept == numbers
    assert [alarm.state for alarm in alarms] == [StoreState.JOURNAL, StoreState.DATABASE]


async def test_a_backup_moves_an_office_to_it_and_back(postgres: Postgres, tmp_path: Path) -> None:
    here, there, back = (tmp_path / name for name in ("here", "there", "back"))
    urls = (
        f"sqlite+aiosqlite:///{here}/s.db",
        postgres.new("moved"),
        f"sqlite+aiosqlite:///{back}/s.db",
    )
    here.mkdir()
    database = Database(urls[0], here)
    await database.start()
    log = EventLog(database)
    for one in answered_in_queue():
        log.append(one)
    await log.flush()
    before = await database.history.get_call("c1")
    await database.close()
    await asyncio.to_thread(make_backup, tmp_path / "1.tar.gz", urls[0], here)
    await asyncio.to_thread(restore_backup, tmp_path / "1.tar.gz", urls[1], there)
    await asyncio.to_thread(make_backup, tmp_path / "2.tar.gz", urls[1], there)
    await asyncio.to_thread(restore_backup, tmp_path / "2.tar.gz", urls[2], back)
    again = Database(urls[2], back)
    await again.start()
    assert await again.history.get_call("c1") == before
    await again.close()


def test_an_office_on_it(postgres: Postgres, tmp_path: Path) -> None:
    """Calls, their history and the registrations; no SQLite file is made beside it."""
    office = OfficeUnderTest(tmp_path)
    office.environment["SOFTSWITCH_DATABASE"] = postgres.new("office")
    with office:
        anna, piotr = office.baresip("111", say=CALLER), office.phone("102")
        anna.dial("102")
        call = piotr.incoming().answer().wait_answered()
        call.say(AGENT)
        call.wait_heard(CALLER, TALK)
        call.hang_up()
        row = office.wait_row(number="111", result="talked")
        assert row["handled_by"] == "102"
        office.kill()
        office.start()
        assert [one["result"] for one in office.calls()] == ["talked"]
        assert {one["extension"] for one in office.phones()} >= {"111", "102"}
    assert not list(office.data.glob("*.db"))
