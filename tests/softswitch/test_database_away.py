"""The database is away for a whole day: telephones work, the journal on the disk is bounded, one
alarm is raised and one cleared, everything is caught up with in order, and all sums agree.

Virtual time, with a real SQLite file; what is false is that it can be reached.
"""

import asyncio
import errno
import os
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Executable, create_engine

from softswitch.store import journal, schema
from softswitch.store import writer as store_writer
from softswitch.store.connection import DatabaseDown
from softswitch.store.database import JOURNAL, Database, StoreAlarm, StoreError, StoreState
from softswitch.store.events import read_events
from softswitch.store.journal import Journal
from softswitch.store.operations import Write
from softswitch.store.statements import Statements
from softswitch.store.writer import Writer
from tests.helpers import virtual_office as helper
from tests.helpers.true_sums import true_sums
from tests.helpers.virtual_office import VirtualOffice, virtual_office
from tests.softswitch.apps.test_talk_codes import answer

MAIN = "+48221234567"
HOURS, DAY = 24, 86_400.0
BOUND = 100_000  # of the journal, in bytes: half a day's
RETRY = 300.0  # the switch asks each second, which a test of a day need not


class Reach:
    """The database's file, and whether anybody gets at it."""

    def __init__(self, path: Path) -> None:
        self.engine = create_engine(f"sqlite:///{path}")
        self.is_away = False
        self.tries = 0
        with self.engine.begin() as connection:
            schema.create(connection)

    async def connect(self) -> "Reach":
        self.tries += 1
        if self.is_away:
            raise DatabaseDown("nobody answers")
        return self

    async def store(self, batch: Sequence[Write]) -> list[Write]:
        if self.is_away:
            raise DatabaseDown("nobody answers")
        with self.engine.begin() as connection:
            for sql, parameters in Statements(self.engine.dialect).of(batch):
                connection.exec_driver_sql(sql, parameters)
        return []

    async def close(self) -> None:
        pass


class FarDatabase(Database):
    """All of the store but its way to the file."""

    def __init__(self, _url: str, folder: Path) -> None:
        super().__init__("sqlite+aiosqlite://", folder)
        self.alarms: list[StoreAlarm] = []
        self.reach, self.spill = Reach(folder / "softswitch.db"), Journal(folder / JOURNAL)
        self._writer = Writer(self.reach, self.spill, self.alarms.append)  # type: ignore[arg-type]

    async def close(self) -> None:
        await self._writer.close()
        self.reach.engine.dispose()

    async def read(self, query: Executable) -> Sequence[Any]:
        if self.reach.is_away:
            raise StoreError("nobody answers")
        with self.reach.engine.connect() as connection:
            return connection.execute(query).all()


class DayOffice(VirtualOffice):
    """With a store that keeps; asked as an `OfficeInProcess` is."""

    @property
    def database(self) -> FarDatabase:
        database = self.server.desk.outbox._store
        assert isinstance(database, FarDatabase)
        return database

    async def start(self) -> None:
        await self.database.start()
        await super().start()

    async def _look_at_lamps(self) -> None:
        """Seldom: a day has many seconds."""
        while True:
            await asyncio.sleep(RETRY)
            self.server.presence.lamps.reconcile()

    async def stop(self) -> None:
        await super().stop()
        await self.database.close()

    async def run(self, work: Any) -> Any:
        return await work(self.server)

    def ask(self, work: Any) -> Any:
        return work(self.server)


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Iterator[DayOffice]:
    monkeypatch.setattr(helper, "_Database", FarDatabase)
    monkeypatch.setattr(store_writer, "RETRY_SECONDS", RETRY)
    with virtual_office("", DayOffice) as running:
        yield running


async def a_day(office: DayOffice) -> AsyncIterator[int]:
    """In each hour a client talks with Marta, and another one hangs up in the queue."""
    marta, provider = await office.phone("121"), await office.provider()
    for hour in range(HOURS):
        began = office.loop.time()
        await marta.register(3600)
        provider.user = f"+486001{hour:05}"
        out = await provider.dial(MAIN)
        await out.answered()
        inward = await answer(marta)
        await office.until(partial(office.hears, out, inward), "they talk")
        await asyncio.sleep(60)
        out.bye()
        await inward.over()
        await asyncio.sleep(30)  # she has written her note
        provider.user = f"+486002{hour:05}"
        out = await provider.dial(MAIN)
        await out.answered()
        rung = await marta.rung()
        rung.ring()
        await asyncio.sleep(3)
        out.bye()
        await rung.over()
        await asyncio.sleep(began + 3600 - office.loop.time())
        yield hour


async def back(office: DayOffice) -> None:
    """It answers again, and is caught up with."""
    office.database.reach.is_away = False
    await office.until(lambda: office.database.state is StoreState.DATABASE, "back", 600)
    assert await office.database.flush()


async def check_sums(office: DayOffice) -> None:
    """History, statistics, queues and callbacks say what the log said while it was away."""
    calls = office.calls()
    await true_sums(office, len(calls))  # type: ignore[arg-type]
    for call in calls:
        stored = await read_events(office.database, call)
        assert [(e.kind, e.data) for e in stored] == [
            (e.kind, dict(e.data)) for e in office.story(call)
        ]
        assert [e.id for e in stored] == sorted(e.id for e in stored)


def test_a_whole_day(office: DayOffice) -> None:
    database = office.database
    database.reach.is_away = True

    async def story() -> None:
        async for _hour in a_day(office):
            assert await database.flush(), "it is on the disk, in the journal"
            assert database.state is StoreState.JOURNAL and not database.waiting
        assert 0 < database.spill.size() < 2 * HOURS * 50_000
        with pytest.raises(StoreError):
            await database.history.list_calls()
        await back(office)
        await check_sums(office)

    office.do(story())
    assert len(office.calls()) == 2 * HOURS
    assert [one.state for one in database.alarms] == [StoreState.JOURNAL, StoreState.DATABASE]
    assert not database.spill.size() and not database.alarms[-1].lost
    assert database.reach.tries > DAY / RETRY / 2, "it was asked for all day"


def _by_its_bound(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(journal, "MOST_BYTES", BOUND)


def _by_a_full_disk(patch: pytest.MonkeyPatch) -> None:
    """It takes a part of what is written, and refuses the rest."""
    write = journal._write_all

    def full(descriptor: int, data: bytes) -> None:
        room = BOUND - os.fstat(descriptor).st_size
        write(descriptor, data[:room])
        if room < len(data):
            raise OSError(errno.ENOSPC, "No space left on device")

    patch.setattr(journal, "_write_all", full)


@pytest.mark.parametrize("fill", [_by_its_bound, _by_a_full_disk])
def test_the_journal_is_full_before_the_day_is_over(
    office: DayOffice,
    monkeypatch: pytest.MonkeyPatch,
    fill: Callable[[pytest.MonkeyPatch], None],
) -> None:
    fill(monkeypatch)
    database = office.database
    database.reach.is_away = True

    async def story() -> None:
        states = set()
        async for _hour in a_day(office):
            states.add(database.state)
            assert database.spill.size() <= BOUND
        assert states == {StoreState.JOURNAL, StoreState.MEMORY}
        assert not await database.flush(), "who asks is told that it is on no disk"
        await back(office)
        await check_sums(office)

    office.do(story())
    told = [one.state for one in database.alarms]
    assert told == [StoreState.JOURNAL, StoreState.MEMORY, StoreState.DATABASE]
    assert not database.spill.size() and not database.alarms[-1].lost
