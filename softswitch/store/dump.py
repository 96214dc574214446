"""A database's tables as text and back: what a backup holds, the same for SQLite and PostgreSQL.

One file a table, one line of JSON a row, so that a backup of the one is restored into the other and
can be read by a person. Reading sees one moment of a database that goes on being written.
"""

import json
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from itertools import islice
from typing import Any

from alembic import command
from sqlalchemy import Connection, column, inspect, select, table, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from softswitch.store.connection import engine_of_existing, explain
from softswitch.store.migrate import configuration
from softswitch.store.ports import StoreError
from softswitch.store.schema import metadata
from softswitch.wording import say

# Rows that are in memory at once.
STEP = 2_000


class Snapshot:
    """One moment of a database, as `snapshot` gives it."""

    def __init__(self, connection: AsyncConnection, revision: str) -> None:
        self._connection = connection
        self.revision = revision
        self.tables = tuple(metadata.tables)

    async def lines(self, name: str) -> AsyncIterator[bytes]:
        """The rows of a table, each a line of JSON with its end."""
        names = [one.name for one in metadata.tables[name].columns]
        query = select(table(name, *map(column, names)))
        async with self._connection.stream(query.execution_options(yield_per=STEP)) as rows:
            async for row in rows:
                line = json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False)
                yield line.encode() + b"\n"


@asynccontextmanager
async def snapshot(url: str) -> AsyncIterator[Snapshot]:
    """A database with today's tables, as it is now. Raises StoreError."""
    engine = engine_of_existing(url)
    try:
        async with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                # Without it each SELECT would see a moment of its own.
                await connection.exec_driver_sql("BEGIN")
            else:
                await connection.execution_options(isolation_level="REPEATABLE READ")
            query = text("SELECT version_num FROM alembic_version")
            yield Snapshot(connection, str((await connection.execute(query)).scalar_one()))
    except (SQLAlchemyError, OSError) as error:
        raise StoreError(say("store_unreadable", why=explain(error))) from error
    finally:
        await engine.dispose()


async def fill(url: str, revision: str, tables: Iterable[tuple[str, Iterable[bytes]]]) -> int:
    """Make a new database of that revision with these rows, all or none; how many there were.

    Tables that already hold something are not touched. Raises StoreError, ValueError for a line
    that is no row.
    """
    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(_fill, revision, tables)
    except (SQLAlchemyError, OSError) as error:
        raise StoreError(say("store_unwritable", why=explain(error))) from error
    finally:
        await engine.dispose()


def _fill(
    connection: Connection, revision: str, tables: Iterable[tuple[str, Iterable[bytes]]]
) -> int:
    if inspect(connection).get_table_names():
        raise StoreError(say("store_not_empty"))
    command.upgrade(configuration(connection), revision)
    count = 0
    for name, lines in tables:
        for rows in _steps(json.loads(line) for line in lines):
            into = table(name, *map(column, rows[0]))
            connection.execute(into.insert(), rows)
            count += len(rows)
    return count


def _steps(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while step := list(islice(rows, STEP)):
        yield step
