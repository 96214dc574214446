"""The connection that writes: opened with its schema ready, told plainly when it is of no use.

Knows the two databases: SQLite by default (WAL, so that commands read while the office writes), and
PostgreSQL by its URL. Nothing but the pragmas and the file's identity is SQLite's own here.
"""

import asyncio
import os
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import event, inspect, text
from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    OperationalError,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from softswitch.store import schema
from softswitch.store.operations import Write, cleaned
from softswitch.store.ports import StoreError
from softswitch.store.sqlite_thread import SqliteThread
from softswitch.store.statements import Statements
from softswitch.wording import say

# How long a batch may take before it goes to the journal instead (it may be done twice: every
# operation is idempotent).
PATIENCE = 0.6
# SQLite waits so long for another process's lock; less than PATIENCE, so that the error is plain.
BUSY_SECONDS = 0.3
# A migration of a large table at the start.
CONNECT_SECONDS = 60.0
# To have what was erased overwritten, which no call waits for.
SCRUB_SECONDS = 600.0
SCRUB_TRIES = 100  # each waits BUSY_SECONDS
_EMPTY_LOG = "PRAGMA wal_checkpoint(TRUNCATE)"

_DOWN = (
    *(OperationalError, InterfaceError, OSError, TimeoutError),
    *(sqlite3.OperationalError, sqlite3.InterfaceError),
)
# What a row can be to blame for, once its text is clean.
_REFUSED = (
    *(IntegrityError, DataError, UnicodeError, OverflowError),
    *(sqlite3.IntegrityError, sqlite3.DataError),
)
# The same in SQL's own words (classes of SQLSTATE), which is how asyncpg's errors come.
_REFUSED_CLASSES = ("22", "23")


class DatabaseDown(Exception):
    """The database cannot be written now; the message says why."""


class WriteConnection:
    """One open connection; after DatabaseDown it is to be closed."""

    def __init__(
        self, way: "SqliteThread | _Alchemy", dialect: Dialect, identity: "FileIdentity | None"
    ) -> None:
        self._way = way
        self._identity = identity
        self._statements = Statements(dialect)

    async def store(self, batch: Sequence[Write]) -> list[Write]:
        """Commit all of it. Returns the writes that the database will never take.

        Raises DatabaseDown.
        """
        if self._identity is not None and not self._identity.is_current():
            raise DatabaseDown("the database's file is gone or is another one")
        try:
            await self._commit(batch)
        except _DOWN as error:
            raise DatabaseDown(explain(error)) from error
        except Exception:  # one odd row must not keep the others out
            return await self._store_singly(batch)
        return []

    async def close(self) -> None:
        """Give it back, whatever state it is in."""
        await self._way.close()

    async def _commit(self, batch: Sequence[Write]) -> None:
        async with asyncio.timeout(PATIENCE):
            await self._way.write(self._statements.of(batch))

    async def _store_singly(self, batch: Sequence[Write]) -> list[Write]:
        refused: list[Write] = []
        for write in batch:
            try:
                await self._commit([cleaned(write)])
            except Exception as error:
                if not _is_rows_fault(error):
                    raise DatabaseDown(explain(error)) from error
                refused.append(write)
        return refused


class _Alchemy:
    """A connection of SQLAlchemy's, as the writer uses it."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def write(self, statements: Iterable[tuple[str, Any]]) -> None:
        """Commit all of them; what an earlier one has left is given up."""
        await self._connection.rollback()
        for sql, parameters in statements:
            await self._connection.exec_driver_sql(sql, parameters)
        await self._connection.commit()

    async def close(self) -> None:
        with suppress(Exception):  # it is of no use any more; why, is known already
            async with asyncio.timeout(PATIENCE):
                await self._connection.invalidate()
        with suppress(Exception):
            await self._connection.close()


class FileIdentity:
    """Which file a path meant when it was opened: SQLite goes on writing to a deleted one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._number = _file_number(path)

    def is_current(self) -> bool:
        """Whether the path still means it."""
        return _file_number(self._path) == self._number


class Connector:
    """Makes connections to the database of one URL."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self._path = sqlite_file(url)

    async def connect(self) -> WriteConnection:
        """A connection to a database that has today's tables. Raises DatabaseDown."""
        connection: AsyncConnection | None = None
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                # Pooled connections may still hold a file that is gone.
                await self.engine.dispose()
                connection = await self.engine.connect()
                await _prepare(connection)
                if self._path is not None:
                    await connection.close()
                    return await self._open_file(self._path)
        except Exception as error:
            if connection is not None:
                await _Alchemy(connection).close()
            raise DatabaseDown(explain(error)) from error
        return WriteConnection(_Alchemy(connection), connection.dialect, None)

    async def _open_file(self, path: Path) -> WriteConnection:
        identity, thread = FileIdentity(path), SqliteThread(path, _set_pragmas)
        try:
            await thread.open()
        except BaseException:
            await thread.close()
            raise
        return WriteConnection(thread, self.engine.dialect, identity)

    async def scrub(self) -> None:
        """Have the file give up what was deleted or changed so far. Raises DatabaseDown."""
        try:
            async with asyncio.timeout(SCRUB_SECONDS), self.engine.connect() as plain:
                connection = await plain.execution_options(isolation_level="AUTOCOMMIT")
                if self._path is None:
                    await connection.exec_driver_sql("VACUUM")
                    return
                # The log beside the file has the old pages, too; a reader may hold it a moment.
                for _ in range(SCRUB_TRIES):
                    if not (await connection.exec_driver_sql(_EMPTY_LOG)).one()[0]:
                        return
                raise DatabaseDown("somebody reads the database all the time")
        except Exception as error:
            raise DatabaseDown(explain(error)) from error


def sqlite_file(url: str) -> Path | None:
    """The file of a SQLite URL; None for another database."""
    parts = make_url(url)
    if parts.get_backend_name() != "sqlite" or not parts.database:
        return None
    return Path(parts.database)


def engine_of_existing(url: str) -> AsyncEngine:
    """For a database that is there: SQLite would make an empty one. Raises StoreError."""
    path = sqlite_file(url)
    if path is not None and not path.exists():
        raise StoreError(say("no_store", path=str(path)))
    return create_async_engine(url)


async def _prepare(connection: AsyncConnection) -> None:
    """Bring the tables to `schema.HEAD`, if they are not there."""
    if await _revision(connection) == schema.HEAD:
        return
    if await connection.run_sync(lambda plain: inspect(plain).get_table_names()):
        # Alembic costs 0.2 s, and 8 MB for as long as the switch runs: only when it has work.
        from softswitch.store.migrate import upgrade

        await connection.run_sync(upgrade)
    else:
        await connection.run_sync(schema.create)
    await connection.commit()


async def _revision(connection: AsyncConnection) -> str | None:
    try:
        found = await connection.execute(text("SELECT version_num FROM alembic_version"))
        return str(found.scalar_one())
    except Exception:  # a new database has no such table; a broken one says so when migrated
        return None
    finally:
        await connection.rollback()


def _engine(url: str) -> AsyncEngine:
    engine = create_async_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", _set_pragmas)
    return engine


def _set_pragmas(connection: Any, _: object = None) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")
    # Readers never wait for the writer, nor it for them.
    cursor.execute("PRAGMA journal_mode = WAL")
    # A commit is on the disk, not only with the kernel: a power cut costs no more than a crash.
    cursor.execute("PRAGMA synchronous = FULL")
    # What is deleted is overwritten: an erased client's mail must not lie on in a free page.
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.close()


def _is_rows_fault(error: Exception) -> bool:
    if isinstance(error, _REFUSED):
        return True
    state = getattr(error.orig, "sqlstate", None) if isinstance(error, DBAPIError) else None
    return str(state or "")[:2] in _REFUSED_CLASSES


def _file_number(path: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116  (twice as fast, and called for every batch)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def explain(error: BaseException) -> str:
    """What went wrong, without SQL and parameters: those hold callers' numbers."""
    original = getattr(error, "orig", None) or error
    return f"{type(original).__name__}: {original}"[:200]
