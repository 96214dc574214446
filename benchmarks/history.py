"""How long the questions to a long history take, on SQLite and on PostgreSQL.

    python -m benchmarks.history [--rows 1000000]

Fills a store with synthetic calls of three years and asks what `softswitch calls` asks. Each figure
is the best of some, in wall time, since the database's own process does the work; the reference of
the same run is a walk over the whole table. PostgreSQL is left out, and said so, where Debian's
package is not there. Budget: 100 ms a question at 1,000,000 rows.
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Table, func, insert, select, text
from sqlalchemy.ext.asyncio import create_async_engine

from softswitch.store.database import Database
from softswitch.store.fold import Result
from softswitch.store.history import CallFilter
from softswitch.store.numbers import turned
from softswitch.store.recordings import RecordingFilter, list_recordings
from softswitch.store.schema import calls, recordings, to_micros
from tests.live.postgres import HOMES, Postgres

BEGINNING = datetime(2024, 1, 1, tzinfo=UTC)
YEARS_OF_SECONDS = 3 * 365 * 86_400
PEOPLE = [str(number) for number in range(101, 161)]
QUEUES = ("reception", "clients", "payroll", None)
RESULTS = ("talked",) * 14 + ("abandoned", "abandoned", "message", "no_answer", "busy", "failed")
AT_ONCE = 5_000
RECORDED = 5
TRIES = 5
BUDGET_MS = 100


def rows(count: int) -> Iterator[dict[str, Any]]:
    """Calls of an office of sixty people; one row in 100,000 is a rare end."""
    chance = random.Random(1)
    for index in range(count):
        started = to_micros(BEGINNING) + index * YEARS_OF_SECONDS * 1_000_000 // count
        is_out = chance.random() < 0.3
        client, person = f"+4860{chance.randrange(10**7):07}", chance.choice(PEOPLE)
        number, called = (person, client) if is_out else (client, "+48221234567")
        result = "interrupted" if index % 100_000 == 5 else chance.choice(RESULTS)
        yield {
            "id": f"{index:012}",
            "started": started,
            "answered": started,
            "ended": started + 90_000_000,
            "direction": "out" if is_out else "in",
            "number": number,
            "called": called,
            "result": result,
            "handled_by": person if result == "talked" else None,
            "queue": None if is_out else chance.choice(QUEUES),
            "wait": chance.random() * 60,
            "talk": chance.random() * 300,
            "number_reversed": turned(number),
            "called_reversed": turned(called),
        }


def recorded(count: int) -> Iterator[dict[str, Any]]:
    """Every fifth of these calls has a recording."""
    for row in islice(rows(count), 0, None, RECORDED):
        is_out = row["direction"] == "out"
        yield {
            **{name: row[name] for name in ("started", "ended", "direction", "number", "called")},
            **{name: row[name] for name in ("queue", "number_reversed", "called_reversed")},
            "id": f"{row['id']}-1",
            "call": row["id"],
            "path": f"recordings/{row['id']}.sealed",
            "policy": "queue reception",
            "purpose": "ustalenia",
            "hear": "[]",
            "notice": "",
            "person": row["number"] if is_out else row["handled_by"],
            "keep_until": row["started"] + 90 * 86_400_000_000,
        }


async def fill(url: str, table: Table, found: Iterator[dict[str, Any]]) -> None:
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        while batch := list(islice(found, AT_ONCE)):
            await connection.execute(insert(table), batch)
    if engine.dialect.name == "postgresql":
        async with engine.begin() as connection:  # its autovacuum would, a minute later
            await connection.execute(text("ANALYZE"))
    await engine.dispose()


async def best_ms(question: Callable[[], Awaitable[object]]) -> float:
    found = []
    for _ in range(TRIES):
        began = time.perf_counter()
        await question()
        found.append((time.perf_counter() - began) * 1000)
    return min(found)


def questions() -> dict[str, CallFilter]:
    month = BEGINNING + timedelta(days=700)
    return {
        "the newest 50": CallFilter(),
        "a client's number": CallFilter(number="600 012 345"),
        "the office's own number": CallFilter(number="+48 22 123 45 67"),
        "a person": CallFilter(person="110"),
        "a person, missed": CallFilter(person="110", result=Result.ABANDONED),
        "a queue": CallFilter(queue="reception"),
        "a queue in one month": CallFilter(
            queue="reception", since=month, until=month + timedelta(days=30)
        ),
        "a rare end": CallFilter(result=Result.INTERRUPTED),
        "a person and a number": CallFilter(person="110", number="601234567"),
        "the office's number as it is dialled": CallFilter(number="22 123 45 67"),
        "one month, 1,000 rows": CallFilter(
            since=month, until=month + timedelta(days=30), limit=1_000
        ),
    }


def of_recordings() -> dict[str, RecordingFilter]:
    return {
        "recordings: the newest 50": RecordingFilter(),
        "recordings: a client's number": RecordingFilter(number="600 012 345"),
        "recordings: the office's number": RecordingFilter(number="22 123 45 67"),
        "recordings: a person": RecordingFilter(person="110"),
        "recordings: a queue": RecordingFilter(queue="reception"),
    }


async def measure(name: str, url: str, count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = url or f"sqlite+aiosqlite:///{folder}/softswitch.db"
        database = Database(url, Path(folder))
        await database.start()
        began = time.perf_counter()
        await fill(url, calls, rows(count))
        await fill(url, recordings, recorded(count))
        print(f"{name}: {count} calls filled in {time.perf_counter() - began:.0f} s, "
              f"a recording of every {RECORDED}th")  # fmt: skip
        walk = await best_ms(lambda: database.read(select(func.sum(calls.c.talk))))
        print(f"  {'a walk over all calls (reference)':38} {walk:8.1f} ms")
        for title, call in questions().items():
            tell(title, walk, await best_ms(lambda call=call: database.history.list_calls(call)))
        for title, one in of_recordings().items():
            tell(title, walk, await best_ms(lambda one=one: list_recordings(database, one)))
        await database.close()


def tell(title: str, walk: float, took: float) -> None:
    note = "" if took < BUDGET_MS else f"   over the budget of {BUDGET_MS}"
    print(f"  {title:38} {took:8.1f} ms  {took / walk:6.3f} × the walk{note}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    count = parser.parse_args().rows
    asyncio.run(measure("SQLite", "", count))
    if not HOMES.is_dir():
        print("PostgreSQL: not measured, Debian's package `postgresql` is not installed")
        return
    with Postgres() as server:
        asyncio.run(measure("PostgreSQL", server.new("history"), count))


if __name__ == "__main__":
    main()
