"""Every night the sums are proved: a call that is nowhere is told, mailed, and put on the list."""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from softswitch.apps.callbacks import watch
from softswitch.wiring import Server
from tests.helpers.callback_office import CallbackOffice
from tests.helpers.hand_phone import Phone
from tests.helpers.moved_clock import MovedClock
from tests.helpers.office_fixtures import Line
from tests.helpers.office_in_process import quicken

FORGOTTEN, KNOWN = "+48600100201", "+48600100202"
EVENING, BEFORE, NIGHT = (
    datetime(2026, 4, 1, 18, 0, tzinfo=UTC),
    datetime(2026, 4, 2, 1, 29, tzinfo=UTC),  # 3:29 in Warsaw
    datetime(2026, 4, 2, 1, 31, tzinfo=UTC),
)


@pytest.fixture
def clock() -> Iterator[MovedClock]:
    with pytest.MonkeyPatch.context() as patch:
        quicken(patch)
        patch.setattr(watch, "TICK", 0.05)
        clock = MovedClock(patch)
        clock.set(EVENING)
        yield clock


@pytest.fixture
def office(tmp_path: Path, clock: MovedClock) -> Iterator[CallbackOffice]:
    with CallbackOffice(tmp_path / "office") as running:
        yield running
        running.wait_until_empty()


@pytest.fixture
async def provider(office: CallbackOffice) -> AsyncIterator[Phone]:
    async with AsyncExitStack() as stack:
        yield await Line(office, stack).provider()
        await office.calm()


def missing() -> float:
    return REGISTRY.get_sample_value("softswitch_callbacks_missing") or 0.0


async def mails(server: Server) -> list[str]:
    outbox = server.desk.outbox
    await outbox._store.flush()
    return [mail.body for mail in await outbox.list_mails()]


async def test_a_call_that_is_nowhere(
    office: CallbackOffice,
    clock: MovedClock,
    provider: Phone,
    capsys: pytest.CaptureFixture[str],
) -> None:
    await office.missed(provider, KNOWN)
    await office.missed(provider, FORGOTTEN)
    call = office.calls()[-1]
    await office.stored()
    with sqlite3.connect(office.data / "softswitch.db", timeout=30) as database:
        database.execute("delete from callbacks where number = ?", (FORGOTTEN,))
        database.execute("delete from callback_calls where call = ?", (call,))
    database.close()
    assert (await office.sums()).missing == (call,)
    capsys.readouterr()
    clock.set(BEFORE)
    rounds = office.ask(lambda server: server.desk.exchange.now()) + 20 * watch.TICK
    await office.until(
        lambda: office.ask(lambda server: server.desk.exchange.now()) > rounds, "some looks"
    )
    assert "callback list" not in capsys.readouterr().out, "the office is not asleep yet"
    clock.set(NIGHT)
    said = ""

    def told() -> bool:
        nonlocal said
        said += capsys.readouterr().out
        return "what was missing is on the callback list now" in said

    await office.until(told, "the night's check", 60.0)
    assert said.count("calls are not on the callback list") == 1 and call in said
    assert missing() == 0, "the alarm has ended"
    assert any(call in body for body in await office.run(mails)), "somebody is told"
    assert (await office.sums()).is_whole
    assert {item.number for item in await office.stored(only_open=True)} == {KNOWN, FORGOTTEN}
