"""Figures of calls: every sum is the sum of its parts, whatever the calls were."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from softswitch.store.database import Database
from softswitch.store.events import EventLog
from softswitch.store.fold import CallRow, Result, fold
from softswitch.store.statistics import Inbound, statistics
from tests.softswitch.store.stories import START, answered_in_queue, ended, started

WARSAW = ZoneInfo("Europe/Warsaw")
# Of the night in which the clock is turned back: one hour of it is there twice.
NIGHT = datetime(2026, 10, 24, 20, tzinfo=UTC)


@st.composite
def rows(draw: st.DrawFn) -> CallRow:
    talked = draw(st.booleans())
    return replace(
        fold(answered_in_queue()),
        started=NIGHT + timedelta(minutes=draw(st.integers(0, 900))),
        direction=draw(st.sampled_from(("in", "in", "out", "internal"))),
        called=draw(st.sampled_from(("+48221234567", "+48221234568", None))),
        number=draw(st.sampled_from(("101", "+48600100200", None))),
        queue=draw(st.sampled_from((None, "reception", "clients"))),
        result=Result.TALKED if talked else draw(st.sampled_from((*Result, None))),
        wait=draw(st.floats(0, 300)),
        talk=draw(st.floats(0, 300)),
    )


def offered(groups: Iterable[Inbound]) -> int:
    return sum(one.offered for one in groups)


@given(st.lists(rows(), max_size=40))
def test_the_sums_agree(calls: list[CallRow]) -> None:
    found = statistics(calls, WARSAW)
    inside = [row for row in calls if row.direction == "in" and row.result is not None]
    total = found.inbound
    assert total.offered == len(inside)
    for groups in (found.by_hour, found.by_day.values(), found.by_number.values()):
        assert offered(groups) == total.offered
        assert sum(one.answered for one in groups) == total.answered
    assert offered(found.by_queue.values()) == sum(row.queue is not None for row in inside)
    assert total.answered + total.missed + total.messages + total.others == total.offered
    assert min(total.others, total.missed) >= 0
    assert len(total.waits) == total.answered
    handled = sum(row.result is Result.TALKED and bool(row.handled_by) for row in inside)
    assert sum(one.taken for one in found.people.values()) == handled


def test_a_day_of_an_office() -> None:
    call = fold(answered_in_queue())
    waits = [replace(call, id=str(n), wait=float(n)) for n in range(1, 11)]
    lost = replace(call, result=Result.ABANDONED, handled_by=None, talk=0.0)
    up = replace(call, result=None)
    found = statistics([*waits, lost, up], WARSAW)
    assert (found.inbound.offered, found.inbound.answered, found.inbound.missed) == (11, 10, 1)
    assert (found.inbound.average_wait, found.inbound.wait_90) == (5.5, 9.0)
    assert found.by_hour[START.astimezone(WARSAW).hour].offered == 11
    assert found.people["102"].taken == 10
    assert list(found.by_day) == [START.astimezone(WARSAW).date()]


def test_midnight_is_that_of_the_office() -> None:
    late = replace(fold(answered_in_queue()), started=datetime(2026, 11, 3, 23, 30, tzinfo=UTC))
    assert list(statistics([late], WARSAW).by_day) == [date(2026, 11, 4)]


async def test_all_calls_of_a_time_come_once(database: Database) -> None:
    """In pages, also when more begin in one instant than a page holds."""
    log = EventLog(database)
    for number in range(1300):
        second = 0.0 if number < 1200 else 60.0
        log.append(started(f"c{number:05}", second))
        log.append(ended(second + 1, f"c{number:05}"))
    await log.flush()
    end = START + timedelta(seconds=61)
    found = [row.id async for row in database.history.between(START, end)]
    assert found == [f"c{number:05}" for number in range(1300)]
    later = START + timedelta(seconds=1)
    assert len([row async for row in database.history.between(later, end)]) == 100
    assert not [row async for row in database.history.between(end, end + timedelta(days=1))]
