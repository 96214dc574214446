"""Trouble in the middle of the day, with the whole office running: nothing is lost, somebody is
told, and when it is over all sums agree.

The mail server is dead for an hour, the database is locked for a minute, the night's clock goes
back and forth, the machine's own clock is wrong. What takes a server of its own or a small disk is
in `tests/live/test_trouble.py`.
"""

import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from softswitch import mailing
from softswitch.store.callbacks import Item
from softswitch.store.database import StoreState
from softswitch.store.fold import CallRow
from softswitch.store.history import CallFilter, History
from softswitch.store.statistics import statistics
from softswitch.wiring import Server
from tests.helpers.callback_office import CallbackOffice
from tests.helpers.moved_clock import MovedClock
from tests.helpers.office_fixtures import Line
from tests.helpers.office_in_process import MAILBOX, MAIN, quicken
from tests.helpers.true_sums import true_sums
from tests.live.mailserver import MailServer
from tests.live.process import until
from tests.live.rtp_peer import ScriptedPhone
from tests.softswitch.apps.test_route import reached, served

NOON = datetime(2026, 4, 1, 11, 0, tzinfo=UTC)
WORDS = 440
SPEAKS = 1.6  # a second makes a message


@pytest.fixture
def patch() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        quicken(patch)
        patch.setattr(mailing, "LOOK", 0.05)
        yield patch


@pytest.fixture
def clock(patch: pytest.MonkeyPatch) -> MovedClock:
    """It is noon, far from midnight, whenever the test runs."""
    clock = MovedClock(patch)
    clock.set(NOON)
    return clock


@pytest.fixture
def mails() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def office(tmp_path: Path, clock: MovedClock, mails: MailServer) -> Iterator[CallbackOffice]:
    smtp = {"smtp_host": mails.host, "smtp_port": mails.port, "smtp_security": "none"}
    with CallbackOffice(tmp_path / "office", **smtp) as running:
        yield running
        running.wait_until_empty()


@pytest.fixture
async def line(office: CallbackOffice) -> AsyncIterator[Line]:
    async with AsyncExitStack() as stack:
        yield Line(office, stack)
        await office.calm()


def leave_message(office: CallbackOffice, number: str) -> None:
    """A caller speaks after the tone, and hangs up."""
    before = messages(office)
    with ScriptedPhone("provider", office.address, port=office.trunk_port) as phone:
        call = phone.dial(MAILBOX, number=number)
        call.wait_answered().say(WORDS)
        until(lambda: "voicemail" in office.ask(_doing), "he is recorded")
        began = office.ask(lambda server: server.desk.exchange.now())
        until(
            lambda: office.ask(lambda server: server.desk.exchange.now()) > began + SPEAKS,
            "he speaks",
        )
        call.hang_up()
        until(lambda: messages(office) == before + 1, "his message lies there")


def _doing(server: Server) -> str:
    """Whether anybody is recorded now."""
    return "voicemail" if server.desk.exchange.sounds.dump().get("recordings") else ""


def messages(office: CallbackOffice) -> int:
    return sum(event.kind == "voicemail.stored" for event in list(office.events))


def look_again(office: CallbackOffice) -> None:
    """The sender sleeps until the next mail is due by the clock that it saw."""
    office.ask(lambda server: server.desk.outbox._added.set())


async def waiting_mails(office: CallbackOffice) -> int:
    async def count(server: Server) -> int:
        await server.desk.outbox._store.flush()
        return len(await server.desk.outbox.list_mails(only_waiting=True))

    return await office.run(count)


async def test_the_mail_server_is_dead_for_an_hour(
    office: CallbackOffice,
    clock: MovedClock,
    mails: MailServer,
    capsys: pytest.CaptureFixture[str],
) -> None:
    mails.stop()
    callers = [f"+4860010020{number}" for number in range(4)]
    for number in callers[:3]:
        leave_message(office, number)
        for _ in range(20):  # a look a minute
            clock.pass_time(minutes=1)
            look_again(office)
    said = capsys.readouterr().out
    await office.until(lambda: _late() > 900, "the alarm")
    assert await waiting_mails(office) == 3
    mails.start()
    leave_message(office, callers[3])  # its mail goes at once, the others at their next try
    clock.pass_time(minutes=45)
    look_again(office)
    await office.until(lambda: len(about_messages(mails)) == 4, "every mail", 60.0)
    await office.until(lambda: _late() == 0, "the alarm is withdrawn", 60.0)
    said += capsys.readouterr().out
    assert said.count("mails are late") == 1 and said.count("mails are sent again") == 1
    ids = [mail.message["Message-ID"] for mail in mails.mails]
    assert len(ids) == len(set(ids)), "none twice"
    for mail in about_messages(mails):
        assert len(mail.sound(office.folder)) > 8000 * (SPEAKS - 0.4)
    assert await waiting_mails(office) == 0
    sums = await true_sums(office, calls=4)
    assert (sums.inbound, sums.in_open) == (4, 4)
    assert {item.number for item in office.waiting()} == set(callers)


def _late() -> float:
    return REGISTRY.get_sample_value("softswitch_mail_late_seconds") or 0.0


def about_messages(mails: MailServer) -> list:  # type: ignore[type-arg]
    return [one for one in list(mails.mails) if list(one.message.iter_attachments())]


async def test_the_database_is_locked_for_a_minute(
    office: CallbackOffice, clock: MovedClock, line: Line, capsys: pytest.CaptureFixture[str]
) -> None:
    provider, marta = await line.provider(), await line.phone("121")
    await office.talk(provider, marta)
    state = lambda: office.ask(lambda server: server.desk.outbox._store.state)  # noqa: E731
    database = sqlite3.connect(office.data / "softswitch.db", isolation_level=None)
    try:
        database.execute("BEGIN IMMEDIATE")
        await office.talk(provider, marta)
        await office.until(lambda: state() is StoreState.JOURNAL, "the alarm", 60.0)
        clock.pass_time(seconds=30)
        await office.missed(provider, "+48600100201")
        clock.pass_time(seconds=30)
        await office.talk(provider, marta)
        assert [item.number for item in office.waiting()] == ["+48600100201"]
        assert state() is StoreState.JOURNAL
    finally:
        database.close()
    await office.until(lambda: state() is StoreState.DATABASE, "it is withdrawn", 60.0)
    assert (await true_sums(office, calls=4)).talked == 3
    said = capsys.readouterr().out
    assert said.count("the database cannot be written") >= 1
    assert said.count("the database is back, and nothing is missing") >= 1


# The moment of the change, and the hours on the office's clock ten minutes before and after it.
# Both are before `NOON`, at which the phones register: nobody's registration is over.
CHANGES = {
    "back": (datetime(2025, 10, 26, 1, 0, tzinfo=UTC), 2, 2),
    "forth": (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), 1, 3),
}


async def test_the_nights_of_clock_changes(
    office: CallbackOffice, clock: MovedClock, line: Line
) -> None:
    provider, marta = await line.provider(), await line.phone("121")
    expected: Counter[int] = Counter()
    for number, (change, before, after) in enumerate(CHANGES.values(), 1):
        early, late = (f"+4860010020{2 * number + one}" for one in range(2))
        clock.set(change - timedelta(minutes=10))
        await office.missed(provider, early)
        out, rung = await served(provider, marta)
        await reached(office, "bridge.started")
        clock.set(change + timedelta(minutes=10))  # they talk over the change
        out.bye()
        await rung.over()
        await office.calm()
        await office.missed(provider, late)
        sums = await true_sums(office, calls=3 * number)
        assert (sums.talked, sums.in_open) == (number, 2 * number)
        expected.update([before, before, after])
        assert await office.run(_hours) == expected
        for item in office.waiting():
            _check_due(item)
        clock.pass_time(minutes=39)
        assert early not in await office.run(_due), "an hour is an hour that night too"
        clock.pass_time(minutes=2)
        due = await office.run(_due)
        assert early in due and late not in due


def _check_due(item: Item) -> None:
    assert item.due is not None and item.escalate is not None
    assert abs(item.due - item.first - timedelta(hours=1)) < timedelta(seconds=1)
    assert abs(item.escalate - item.first - timedelta(hours=2)) < timedelta(seconds=1)


async def _hours(server: Server) -> dict[int, int]:
    """Calls by the hour of the office's clock, as `softswitch statistics` counts them."""
    rows = await History(server.desk.outbox._store).list_calls(CallFilter())
    found = statistics(rows, server.desk.office.office.zone)
    return {hour: one.offered for hour, one in enumerate(found.by_hour) if one.offered}


async def _due(server: Server) -> list[str | None]:
    now = server.desk.exchange.clock()
    return [one.number for one in server.desk.callbacks.items() if one.due and one.due <= now]


async def test_the_machines_clock_is_set_in_the_middle_of_a_talk(
    office: CallbackOffice, clock: MovedClock, line: Line
) -> None:
    """Lengths are not measured by the wall clock, and no call is lost by it."""
    provider, marta = await line.provider(), await line.phone("121")
    for number, hours in enumerate((-1, 1), 1):
        await office.missed(provider, f"+4860010021{number}")
        out, rung = await served(provider, marta)
        await reached(office, "bridge.started")
        clock.pass_time(hours=hours)
        out.bye()
        await rung.over()
        await office.calm()
        await office.missed(provider, f"+4860010022{number}")
        sums = await true_sums(office, calls=3 * number)
        assert (sums.talked, sums.in_open) == (number, 2 * number)
    talked = [e.data["seconds"] for e in office.events if e.kind == "bridge.ended"]
    assert len(talked) == 2 and all(0 <= one < 600 for one in talked)


async def test_the_machines_clock_is_set_while_somebody_waits(
    office: CallbackOffice, clock: MovedClock, line: Line
) -> None:
    """Neither his wait nor his story is an hour longer, or ends before it began."""
    provider, marta = await line.provider(), await line.phone("121")
    waited = []
    for hours in (1, -2, 26):
        office.events.clear()
        out = await (await provider.dial(MAIN)).answered()
        rung = await marta.rung()
        await reached(office, "ring.started")
        clock.pass_time(hours=hours)
        out.bye()
        assert (await rung.over()).method == "CANCEL"
        await office.calm()
        waited += [e.data["waited"] for e in office.events if e.kind == "queue.left"]
    rows = await office.run(_rows)
    assert len(waited) == len(rows) == 3
    assert all(0 <= one < 600 for one in waited)
    for row in rows:
        assert row.ended is not None and row.wait < 600
        assert timedelta() <= row.ended - row.started < timedelta(minutes=10)
    assert await office.run(_abandoned_today) == 1, "the day is that of the clock"


async def _rows(server: Server) -> list[CallRow]:
    store = server.desk.outbox._store
    await store.flush()
    return await History(store).list_calls(CallFilter())


async def _abandoned_today(server: Server) -> int:
    return server.desk.queues.figures.queue("reception").left["abandoned"]
