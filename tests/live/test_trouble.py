"""Trouble that takes a real server or a small disk: PostgreSQL that hangs, dies and comes back, and
a disk that is full. Calls go on, alarms are raised and withdrawn, nothing is lost, sums agree.

The office runs in this process (`helpers/office_in_process`): its events are what the store must
have.
"""

import asyncio
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from softswitch.store.database import StoreState
from tests.helpers.callback_office import CallbackOffice
from tests.helpers.hand_phone import Phone
from tests.helpers.office_fixtures import Line
from tests.helpers.office_in_process import quicken
from tests.helpers.true_sums import true_sums
from tests.live.postgres import Postgres
from tests.live.process import children_of

# Batches, journal and reconnection have all been seen within it; what lasts a minute lasts longer.
TROUBLE_SECONDS = 4.0


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        quicken(patch)
        yield


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with Postgres() as server:
        yield server


def state(office: CallbackOffice) -> StoreState:
    return office.ask(lambda server: server.desk.outbox._store.state)


async def until_state(office: CallbackOffice, wanted: StoreState) -> None:
    await office.until(lambda: state(office) is wanted, wanted.value, 60.0)


async def calls_go_on(office: CallbackOffice, provider: Phone, agent: Phone, number: str) -> int:
    """A talk, and a client whom nobody reaches; how many calls it were."""
    await office.talk(provider, agent)
    await office.missed(provider, number)
    assert number in [item.number for item in office.waiting()], "the list knows him at once"
    return 2


async def test_postgresql_hangs_dies_and_comes_back(postgres: Postgres, tmp_path: Path) -> None:
    url = postgres.new("trouble")
    with CallbackOffice(tmp_path / "office", database=url) as office:
        async with AsyncExitStack() as stack:
            line = Line(office, stack)
            provider, marta = await line.provider(), await line.phone("121")
            calls = await calls_go_on(office, provider, marta, "+48600100201")
            with hanging(postgres):
                calls += await calls_go_on(office, provider, marta, "+48600100202")
                await until_state(office, StoreState.JOURNAL)
                await asyncio.sleep(TROUBLE_SECONDS)
            calls += await calls_go_on(office, provider, marta, "+48600100203")
            await until_state(office, StoreState.DATABASE)
            assert (await true_sums(office, calls)).in_open == 3
            await asyncio.to_thread(postgres.stop)
            try:
                calls += await calls_go_on(office, provider, marta, "+48600100204")
                await until_state(office, StoreState.JOURNAL)
                await asyncio.sleep(TROUBLE_SECONDS)
                calls += await calls_go_on(office, provider, marta, "+48600100205")
            finally:
                await asyncio.to_thread(postgres.start)
            await until_state(office, StoreState.DATABASE)
            sums = await true_sums(office, calls)
            assert (sums.talked, sums.in_open) == (5, 5)
        await office.calm()


class hanging:  # noqa: N801  (read as a word of the test)
    """Every process of the server stands still: connections are open, and nobody answers."""

    def __init__(self, postgres: Postgres) -> None:
        pid = postgres.pid
        self._pids = [pid, *children_of(pid)]

    def __enter__(self) -> None:
        self._send(signal.SIGSTOP)

    def __exit__(self, *_: object) -> None:
        self._send(signal.SIGCONT)

    def _send(self, what: signal.Signals) -> None:
        for pid in self._pids:
            os.kill(pid, what)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
async def test_the_disk_is_full_for_a_while(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    office = CallbackOffice(tmp_path / "office")
    mount = ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(office.data)]
    if (await asyncio.to_thread(subprocess.run, mount)).returncode:
        pytest.skip("no disk can be mounted here")
    try:
        with office:
            async with AsyncExitStack() as stack:
                line = Line(office, stack)
                provider, marta = await line.provider(), await line.phone("121")
                calls = await calls_go_on(office, provider, marta, "+48600100201")
                filler = fill(office.data)
                calls += await calls_go_on(office, provider, marta, "+48600100202")
                await until_state(office, StoreState.MEMORY)
                await asyncio.sleep(TROUBLE_SECONDS)
                calls += await calls_go_on(office, provider, marta, "+48600100203")
                filler.unlink()
                await until_state(office, StoreState.DATABASE)
                sums = await true_sums(office, calls)
                assert (sums.talked, sums.in_open) == (3, 3)
            await office.calm()
    finally:
        unmount = ["umount", str(office.data)]
        await asyncio.to_thread(subprocess.run, unmount, check=True)
    said = capsys.readouterr().out
    assert said.count("the journal cannot be written") == 2, "told once by the store and the server"
    assert said.count("the database is back, and nothing is missing") == 2
    assert "given up" not in said


def fill(folder: Path) -> Path:
    """Not a byte is left on the disk."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (65536, 4096, 1):
            try:
                while file.write(bytes(size)):
                    pass
            except OSError:
                continue
    return filler
