"""A kill at any moment: the list of the next start is what the log says, and nobody is lost."""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from softswitch.apps.callbacks import watch
from softswitch.store.callbacks import Act, Item
from tests.helpers.callback_office import MAIN, OFFERED, CallbackOffice
from tests.helpers.office_fixtures import Line
from tests.softswitch.apps.test_route import press, reached

Hurt = Callable[[sqlite3.Connection], object]


def nothing(database: sqlite3.Connection) -> None:
    """Everything written reached the disk."""


def the_list(database: sqlite3.Connection) -> None:
    """The whole list is gone: it is made anew."""
    database.execute("delete from callbacks")
    database.execute("delete from callback_calls")


def the_last_rows(database: sqlite3.Connection) -> None:
    """What was written of the list after the first item is gone, as after a lost last second."""
    first = "(select id from callbacks order by first limit 1)"
    database.execute(f"delete from callbacks where id != {first}")
    database.execute(f"delete from callback_calls where call != {first}")
    database.execute("update callbacks set attempts = 1, closed = null, reason = null")


def killed(office: CallbackOffice, again: CallbackOffice, hurt: Hurt) -> None:
    """What lies on the disk in this moment, as the next process finds it."""
    for file in office.data.glob("softswitch.*"):
        if file.is_file():
            shutil.copy(file, again.data / file.name)
    database = sqlite3.connect(again.data / "softswitch.db")
    with database:
        hurt(database)
    database.close()


async def some_calls(line: Line, office: CallbackOffice) -> None:
    """Missed twice; missed and closed by hand; missed and called back; promised and still up."""
    provider, piotr = await line.provider(), await line.phone("102")
    for number in ("+48600100201", "+48600100201", "+48600100202", "+48600100203"):
        provider.user = number
        out = await (await provider.dial(MAIN)).answered()
        out.bye()
        await office.calm()
    items = {item.number: item for item in office.waiting()}
    closed = items["+48600100202"]
    office.ask(lambda server: server.desk.callbacks.decide(closed, Act.CLOSED, "elsewhere"))
    out = await piotr.dial("600100203")
    (await provider.rung()).answer()
    await out.answered()
    await reached(office, "bridge.started")
    out.bye()
    await office.calm()
    provider.user = "+48600100204"
    out = await (await provider.dial(OFFERED)).answered()
    await press(out, "1")
    await reached(office, "callback.requested")
    await office.stored()


def told(items: list[Item]) -> list[Item]:
    """In the order of the clients' calls."""
    return sorted(items, key=lambda item: item.first)


@pytest.mark.parametrize("hurt", [nothing, the_list, the_last_rows])
async def test_the_next_start_has_the_same_list(
    tmp_path: Path, patch_waits: pytest.MonkeyPatch, hurt: Hurt
) -> None:
    patch_waits.setattr(watch, "FRESH", watch.timedelta(0))
    office, again = CallbackOffice(tmp_path / "one"), CallbackOffice(tmp_path / "two")
    async with office, AsyncExitStack() as stack:
        await some_calls(Line(office, stack), office)
        before = told(office.waiting())
        assert [item.number for item in before] == ["+48600100201", "+48600100204"]
        await asyncio.to_thread(killed, office, again, hurt)
        await office.calm()
    for _ in range(2):  # and once more: nothing is counted twice
        async with again:
            assert told(again.waiting()) == before
            sums = await again.sums()
            assert sums.is_whole and sums.inbound == 5 and sums.in_open == 3
            rows = await again.stored(only_open=True)
            assert told(rows) == before
        fresh = CallbackOffice(tmp_path / f"more{_}")
        for file in again.data.glob("softswitch.*"):
            if file.is_file():
                shutil.copy(file, fresh.data / file.name)
        again = fresh


async def test_the_nightly_check_raises_an_alarm_and_repairs(
    tmp_path: Path, patch_waits: pytest.MonkeyPatch
) -> None:
    patch_waits.setattr(watch, "FRESH", watch.timedelta(0))
    office = CallbackOffice(tmp_path / "office")
    async with office, AsyncExitStack() as stack:
        provider = await Line(office, stack).provider()
        out = await (await provider.dial(MAIN)).answered()
        out.bye()
        await office.calm()
        (item,) = await office.stored()

        def forget() -> None:
            database = sqlite3.connect(office.data / "softswitch.db")
            with database:
                the_list(database)
            database.close()

        await asyncio.to_thread(forget)

        async def check(server):  # type: ignore[no-untyped-def]
            store = server.desk.outbox._store
            keeper = watch.CallbackWatch(server.desk, server.desk.callbacks, store)
            return await keeper.check(), await keeper.check()

        wrong, repaired = await office.run(check)
        assert wrong.missing == (item.id,)
        # The list in memory knew him all the time; what the store had lost is written again.
        assert repaired.is_whole and repaired.in_open == 1

        async def mails(server):  # type: ignore[no-untyped-def]
            return await server.desk.outbox.list_mails()

        (mail,) = await office.run(mails)
        assert item.id in mail.body
