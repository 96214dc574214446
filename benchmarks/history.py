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
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import create_async_engine

from softswitch.store.database import Database
from softswitch.store.fold import Result
from softswitch.store.history import CallFilter
from softswitch.store.schema import calls, to_micros
from tests.live.postgres import HOMES, Postgres

BEGINNING = datetime(2024, 1, 1, tzinfo=UTC)
YEARS_OF_SECONDS = 3 * 365 * 86_400
PEOPLE = [str(number) for number in range(101, 161)]
QUEUES = ("reception", "clients", "payroll", None)
RESULTS = ("talked",) * 14 + ("abandoned", "abandoned", "message", "no_answer", "busy", "failed")
AT_ONCE = 5_000
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
            "number_reversed": number[::-1],
            "called_reversed": called[::-1],
        }


async def fill(url: str, count: int) -> None:
    engine = create_async_engine(url)
    batch: list[dict[str, Any]] = []
    async with engine.begin() as connection:
        for row in rows(count):
            batch.append(row)
            if len(batch) == AT_ONCE:
                await connection.execute(insert(calls), batch)
                batch = []
        if batch:
            await connection.execute(insert(calls), batch)
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


async def measure(name: str, url: str, count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(url or f"sqlite+aiosqlite:///{folder}/softswitch.db", Path(folder))
        await database.start()
        began = time.perf_counter()
        await fill(url or f"sqlite+aiosqlite:///{folder}/softswitch.db", count)
        print(f"{name}: {count} rows filled in {time.perf_counter() - began:.0f} s")
        walk = await best_ms(lambda: database.read(select(func.sum(calls.c.talk))))
        print(f"  {'a walk over all rows (reference)':38} {walk:8.1f} ms")
        for title, which in questions().items():
            took = await best_ms(lambda which=which: database.history.list_calls(which))
            note = "" if took < BUDGET_MS else f"   over the budget of {BUDGET_MS}"
            print(f"  {title:38} {took:8.1f} ms  {took / walk:6.3f} × the walk{note}")
        await database.close()


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
