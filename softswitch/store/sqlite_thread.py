"""SQLite as the writer uses it: a connection in a thread of its own, a batch in one call of it.

Through SQLAlchemy and aiosqlite a batch of four statements changed threads some twenty times, and
each time both had to wait for the other to let go of the interpreter: a third of a second on a busy
machine, while the disk was long done. Knows SQL's order of things, and nothing of what is written.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

Prepare = Callable[[sqlite3.Connection], None]
"""Sets a new connection's pragmas."""


class SqliteThread:
    """One open file. After an error that is no row's fault it is to be closed."""

    def __init__(self, path: Path, prepare: Prepare) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._path, self._prepare = path, prepare
        self._connection: sqlite3.Connection | None = None

    async def open(self) -> None:
        """Raises sqlite3.Error."""
        await self._run(self._open)

    async def write(self, statements: Iterable[tuple[str, Any]]) -> None:
        """Commit all of them: SQL with its parameters, or with rows of them. Raises sqlite3.Error,
        and what Python says of a value that no column takes; then nothing of it is written.
        """
        await self._run(self._write, list(statements))

    async def close(self) -> None:
        """Whatever it is doing; more than once is harmless."""
        with suppress(sqlite3.ProgrammingError, RuntimeError):  # closed already
            if self._connection is not None:
                self._connection.interrupt()
            self._thread.submit(self._close)
        self._thread.shutdown(wait=False)

    async def _run(self, work: Callable[..., None], *arguments: object) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)

    # --- in the thread ---

    def _open(self) -> None:
        # The event loop asks it to stop (`interrupt`); everything else is this thread's.
        # No two batches have as many rows, so a compiled statement is never asked for again; kept,
        # the last 128 of a busy hour were some megabytes.
        self._connection = sqlite3.connect(
            self._path, isolation_level=None, check_same_thread=False, cached_statements=0
        )
        self._prepare(self._connection)

    def _write(self, statements: list[tuple[str, Any]]) -> None:
        connection = self._connection
        if connection is None:
            raise sqlite3.OperationalError("not open")
        connection.execute("BEGIN IMMEDIATE")
        try:
            for sql, parameters in statements:
                if isinstance(parameters, list):
                    connection.executemany(sql, parameters)
                else:
                    connection.execute(sql, parameters)
            connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            raise

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
