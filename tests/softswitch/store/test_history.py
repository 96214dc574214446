"""Looking for calls as a person does."""

import random
from datetime import timedelta

import pytest

from softswitch.store.database import Database
from softswitch.store.events import EventLog
from softswitch.store.fold import Result
from softswitch.store.history import CallFilter, CallRow
from tests.softswitch.store.stories import START, answered_in_queue, ended, event, started


@pytest.fixture
async def filled(database: Database) -> Database:
    log = EventLog(database)
    for one in answered_in_queue("20261104-093000-aaaa"):
        log.append(one)
    log.append(started("20261104-094000-bbbb", 600, number=None, name=None))
    log.append(ended(610, "20261104-094000-bbbb"))
    internal = {"direction": "internal", "number": "101", "name": "Anna", "called": "102"}
    log.append(started("20261104-095000-cccc", 1200, **internal))
    log.append(event("bridge.started", 1205, "20261104-095000-cccc", who="102"))
    log.append(ended(1215, "20261104-095000-cccc"))
    await log.flush()
    return database


@pytest.mark.parametrize(
    ("which", "found"),
    [
        (CallFilter(), "cba"),
        (CallFilter(limit=2), "cb"),
        (CallFilter(number="600 100 200"), "a"),
        (CallFilter(number="+48600100200"), "a"),
        (CallFilter(number="0048 600-100-200"), "a"),
        (CallFilter(number="22 123 45 67"), "ba"),
        (CallFilter(number="101"), "c"),
        (CallFilter(number="100200"), "a"),
        (CallFilter(number="0200"), ""),
        (CallFilter(number="%"), ""),
        (CallFilter(person="102"), "ca"),
        (CallFilter(person="101"), "c"),
        (CallFilter(queue="clients"), "a"),
        (CallFilter(result=Result.TALKED), "ca"),
        (CallFilter(result="abandoned"), "b"),
        (CallFilter(since=START + timedelta(seconds=600)), "cb"),
        (CallFilter(until=START + timedelta(seconds=600)), "a"),
        (CallFilter(number="nobody' OR 1=1 --"), ""),
    ],
)
async def test_filters(filled: Database, which: CallFilter, found: str) -> None:
    rows = await filled.history.list_calls(which)
    assert "".join(row.id[-1] for row in rows) == found


def _naive(row: CallRow, which: CallFilter) -> bool:
    """The same said simply, row by row."""
    if which.person is not None and which.person not in (row.handled_by, row.number, row.called):
        return False
    end = (which.number or "").replace(" ", "").lstrip("0")
    if end and not any((one or "").endswith(end) for one in (row.number, row.called)):
        return False
    return which.result is None or row.result == which.result


@pytest.mark.parametrize("seed", range(3))
async def test_indexes_change_nothing(database: Database, seed: int) -> None:
    """Many numbers with one end, people who call each other, calls in one instant."""
    chance, log, calls = random.Random(seed), EventLog(database), 120
    ends = ("600100200", "601100200")
    for index in range(calls):
        call, second = f"c{index:04}", chance.randrange(40)
        client = f"+{chance.randrange(10, 10 + seed * 20 + 2)}{chance.choice(ends)}"
        pair = chance.sample([client, "101", "102", "+48221234567"], 2)
        log.append(started(call, second, number=pair[0], called=pair[1]))
        if chance.random() < 0.5:
            log.append(event("bridge.started", second + 1, call, who=pair[1]))
        log.append(ended(second + 5, call))
    await log.flush()
    every = await database.history.list_calls(CallFilter(limit=calls))
    assert len(every) == calls
    for number in (None, "600 100 200", "00600100200", "100200", "22 123 45 67", "999999"):
        for person in (None, "101"):
            for result in (None, Result.TALKED):
                which = CallFilter(number=number, person=person, result=result, limit=15)
                wanted = [row for row in every if _naive(row, which)][: which.limit]
                assert await database.history.list_calls(which) == wanted, which


async def test_a_call_is_found_by_the_beginning_of_its_id(filled: Database) -> None:
    found = await filled.history.get_call("20261104-0930")
    assert found is not None
    assert found.row.id == "20261104-093000-aaaa"
    assert len(found.events) == len(answered_in_queue())
    assert await filled.history.get_call("20261104") is None
    assert await filled.history.get_call("2026%") is None
    assert await filled.history.get_call("") is None


async def test_a_whole_id_wins_over_longer_ones(database: Database) -> None:
    log = EventLog(database)
    for call in ("a", "ab", "abc"):
        log.append(started(call))
    await log.flush()
    found = await database.history.get_call("ab")
    assert found is not None
    assert found.row.id == "ab"
