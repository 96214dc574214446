"""Looking for calls as a person does."""

import random
from datetime import timedelta

import pytest

from softswitch.office.numbers import ways_of_writing
from softswitch.store.database import Database
from softswitch.store.events import EventLog
from softswitch.store.fold import Result
from softswitch.store.history import CallFilter, CallRow
from softswitch.store.numbers import Sought, as_typed
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
        (CallFilter(number=as_typed("600 100 200")), "a"),
        (CallFilter(number=as_typed("+48600100200")), "a"),
        (CallFilter(number=as_typed("0048 600-100-200")), "a"),
        (CallFilter(number=as_typed("22 123 45 67")), "ba"),
        (CallFilter(number=as_typed("101")), "c"),
        (CallFilter(number=as_typed("100200")), "a"),
        (CallFilter(number=as_typed("0200")), ""),
        (CallFilter(number=as_typed("%")), ""),
        (CallFilter(person="102"), "ca"),
        (CallFilter(person="101"), "c"),
        (CallFilter(queue="clients"), "a"),
        (CallFilter(result=Result.TALKED), "ca"),
        (CallFilter(result="abandoned"), "b"),
        (CallFilter(since=START + timedelta(seconds=600)), "cb"),
        (CallFilter(until=START + timedelta(seconds=600)), "a"),
        (CallFilter(number=as_typed("nobody' OR 1=1 --")), ""),
    ],
)
async def test_filters(filled: Database, which: CallFilter, found: str) -> None:
    rows = await filled.history.list_calls(which)
    assert "".join(row.id[-1] for row in rows) == found


OUT = ("221234567", "0221234567", "+48221234567", "0048221234567", "48221234567")
FOREIGN = ("+44221234567", "0044221234567", "+420221234567")


@pytest.mark.parametrize("typed", [*OUT, "22 123 45 67", "(22) 123-45-67", "+48 22 123 45 67"])
async def test_a_number_is_found_however_it_was_dialled(database: Database, typed: str) -> None:
    log = EventLog(database)
    for place, dialled in enumerate((*OUT, *FOREIGN)):
        log.append(started(f"c{place}", place, direction="out", number="101", called=dialled))
    await log.flush()
    which = CallFilter(number=Sought(ways_of_writing(typed, "PL")))
    rows = await database.history.list_calls(which)
    assert [row.called for row in rows] == [*reversed(OUT)]
    which = CallFilter(number=Sought(ways_of_writing(typed, "PL")), person="101", limit=2)
    rows = await database.history.list_calls(which)
    assert [row.called for row in rows] == [OUT[-1], OUT[-2]]


def _naive(row: CallRow, which: CallFilter) -> bool:
    """The same said simply, row by row."""
    if which.person is not None and which.person not in (row.handled_by, row.number, row.called):
        return False
    if which.number is not None:
        found = [one or "" for one in (row.number, row.called)]
        ways = which.number.forms
        if not any(one.endswith(ways) if which.number.is_end else one in ways for one in found):
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
        sought = as_typed(number) if number is not None else None
        for person in (None, "101"):
            for result in (None, Result.TALKED):
                which = CallFilter(number=sought, person=person, result=result, limit=15)
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
