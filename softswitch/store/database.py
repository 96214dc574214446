"""The store's front door: one database, its writer, and the tables on it.

Reading raises StoreError when the database cannot be read; writing never raises and never waits
(see `writer.py`). SQLite and PostgreSQL both pass; the folder is where the journal lies.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Executable
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from softswitch.log import get_logger
from softswitch.store.audit import AuditLog
from softswitch.store.bindings import BindingTable
from softswitch.store.callback_table import CallbackTable
from softswitch.store.connection import Connector, DatabaseDown, engine_of_existing, explain
from softswitch.store.history import History
from softswitch.store.journal import Journal
from softswitch.store.messages import MessageTable
from softswitch.store.operations import Value
from softswitch.store.outbox import Outbox
from softswitch.store.ports import StoreError
from softswitch.store.projection import close_interrupted
from softswitch.store.recordings import RecordingTable
from softswitch.store.standing import StandingTable
from softswitch.store.subscriptions import SubscriptionTable
from softswitch.store.switches import SwitchTable
from softswitch.store.texts import TextTable
from softswitch.store.traces import TraceTable
from softswitch.store.writer import OnAlarm, StoreAlarm, StoreState, Writer
from softswitch.wording import say

__all__ = ["Database", "StoreAlarm", "StoreError", "StoreState"]

_log = get_logger("store")

JOURNAL = "softswitch.journal.jsonl"
# A query that takes longer holds up whoever asked; the longest list takes some 50 ms.
READ_SECONDS = 10.0
# So many writes wait only when the disk does not keep up.
BUSY = 10_000


class Database:
    """One store: `start` before use, `close` after. Only the server opens one."""

    def __init__(self, url: str, folder: Path, on_alarm: OnAlarm = lambda alarm: None) -> None:
        """`url`: SQLAlchemy's, with an asyncio driver. `folder` must exist."""
        self._connector = Connector(url)
        self._writer = Writer(self._connector, Journal(folder / JOURNAL), on_alarm)
        self.messages = MessageTable(self)
        self.outbox = Outbox(self)
        self.bindings = BindingTable(self)
        self.subscriptions = SubscriptionTable(self)
        self.texts = TextTable(self)
        self.standing = StandingTable(self)
        self.switches = SwitchTable(self)
        self.traces = TraceTable(self)
        self.callbacks = CallbackTable(self)
        self.recordings = RecordingTable(self)
        self.audit = AuditLog(self)
        self.history = History(self)

    @property
    def state(self) -> StoreState:
        """Where writes go now."""
        return self._writer.state

    @property
    def waiting(self) -> int:
        """Writes that are not yet on disk."""
        return self._writer.waiting

    @property
    def has_room(self) -> bool:
        """Whether writes go to the database at once: what is not a story waits until they do."""
        return self._writer.state is StoreState.DATABASE and self._writer.waiting < BUSY

    async def start(self) -> None:
        """Bring the tables up to date, replay the journal, close the calls that the last run left.

        Never raises for a database that is away: telephones work without it, the alarm tells.
        """
        await self._writer.start()
        try:
            interrupted = await close_interrupted(self)
            await self.flush()
            await self.bindings.fetch(self)
            await self.subscriptions.fetch(self)
            await self.texts.fetch(self)
            await self.standing.fetch(self)
            await self.switches.fetch(self)
        except StoreError as error:
            _log.error("the store could not be read at the start", error=str(error))
            return
        if interrupted:
            _log.warning("calls were interrupted by the last stop", count=len(interrupted))

    async def close(self) -> None:
        """Write what waits, and let go of the database."""
        await self._writer.close()
        await self._connector.engine.dispose()

    def put(self, operation: str, values: tuple[Value, ...]) -> None:
        """Queue one write of `operations.OPERATIONS`."""
        self._writer.put(operation, values)

    async def flush(self) -> bool:
        """Wait until everything put so far is on a disk; False if none takes it."""
        return await self._writer.flush()

    async def read(self, query: Executable) -> Sequence[Any]:
        """All rows of the query. Raises StoreError."""
        return await _read(self._connector.engine, query)

    async def scrub(self) -> None:
        """Overwrite what was deleted or changed so far, in every file. Raises StoreError."""
        try:
            await self._connector.scrub()
        except DatabaseDown as error:
            raise StoreError(say("store_not_overwritten", why=str(error))) from error

    def dump(self) -> dict[str, int | str]:
        """For whoever looks for a fault."""
        return self._writer.dump()


class ReadOnlyShelf:
    """What `open_for_reading` gives: queries and nothing else."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def read(self, query: Executable) -> Sequence[Any]:
        """All rows of the query. Raises StoreError."""
        return await _read(self._engine, query)


@asynccontextmanager
async def open_for_reading(url: str) -> AsyncIterator[ReadOnlyShelf]:
    """The store of an office that may be running beside us. Raises StoreError if there is none."""
    engine = engine_of_existing(url)
    try:
        yield ReadOnlyShelf(engine)
    finally:
        await engine.dispose()


async def _read(engine: AsyncEngine, query: Executable) -> Sequence[Any]:
    try:
        async with asyncio.timeout(READ_SECONDS), engine.connect() as reader:
            return (await reader.execute(query)).all()
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        raise StoreError(say("store_unreadable", why=explain(error))) from error
