r"""The one task that writes to the database, in batches; and what it does when it cannot.

    put() -> waiting -> [ database ]            the usual way, at most 0.2 s later
                    \-> [ journal file ] -> …   while the database is locked, gone or full
                    \-> stays waiting           while the journal cannot be written either

While anything lies in the journal, everything goes there first and the journal is replayed in
order, so that an older write never lands on a newer one. No caller of `put` notices any of it.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum

from softswitch import metrics
from softswitch.log import get_logger
from softswitch.store.connection import Connector, DatabaseDown, WriteConnection
from softswitch.store.journal import Journal
from softswitch.store.operations import Value, Write

_log = get_logger("store")

# A batch waits so long for company: few commits under load, and no event older than a second is
# lost at a kill -9: 0.2 s here, then PATIENCE of `connection.py`, then a file's fsync.
BATCH_SECONDS = 0.2
# A transaction of so many rows takes some 50 ms: others get the database in between.
BATCH_ROWS = 5_000
# How often a database that is away is asked again.
RETRY_SECONDS = 1.0
# Writes kept in memory when neither database nor journal take them: some 30 MB, and in an office a
# whole day of calls. Beyond it the oldest are given up, and the alarm says how many.
MAX_WAITING = 50_000


class StoreState(Enum):
    """Where writes go now."""

    DATABASE = "the database"
    JOURNAL = "the journal file, until the database is back"
    MEMORY = "memory only: neither database nor journal can be written"


@dataclass(frozen=True, slots=True)
class StoreAlarm:
    """Told at a change of the state, and when writes were given up (`lost`, since the start)."""

    state: StoreState
    detail: str
    lost: int = 0


OnAlarm = Callable[[StoreAlarm], None]


class Writer:
    """Owns the write connection. `start` before, `close` after; `put` at any time between."""

    def __init__(self, connector: Connector, journal: Journal, on_alarm: OnAlarm) -> None:
        self._connector = connector
        self._journal = journal
        self._on_alarm = on_alarm
        self._state = StoreState.DATABASE
        self._waiting: list[Write] = []
        self._put_count = 0
        self._kept_count = 0
        self._lost = 0
        self._replayed = 0  # bytes of the journal that are in the database
        self._connection: WriteConnection | None = None
        self._connecting: asyncio.Task[WriteConnection] | None = None
        self._task: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._hurry = asyncio.Event()
        self._is_closing = False
        self._flushes: list[tuple[int, asyncio.Future[bool]]] = []

    @property
    def state(self) -> StoreState:
        """Where writes go now."""
        return self._state

    @property
    def waiting(self) -> int:
        """Writes not yet on a disk."""
        return len(self._waiting)

    def put(self, operation: str, values: tuple[Value, ...]) -> None:
        """Queue a write."""
        waiting = self._waiting
        if not waiting:
            self._wake.set()
        waiting.append(Write(operation, values))
        self._put_count += 1
        if len(waiting) > MAX_WAITING:
            self._give_up_oldest()

    async def start(self) -> None:
        """Connect, replay what the last run left, begin to write. Never raises.

        A database that is away at the start is waited for like one that goes away later.
        """
        try:
            self._connection = await self._connector.connect()
            await self._replay(everything=True)
        except DatabaseDown as error:
            await self._database_failed(error)
        except OSError as error:
            self._change(StoreState.JOURNAL, f"the journal cannot be read: {error}")
        self._task = asyncio.create_task(self._run(), name="store writer")

    async def flush(self) -> bool:
        """Wait until everything put so far is in the database or the journal; False: it is not."""
        if self._task is None or self._task.done():
            return self._kept_count >= self._put_count
        if self._kept_count >= self._put_count:
            return True
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._flushes.append((self._put_count, done))
        self._hurry.set()
        return await done

    async def close(self) -> None:
        """Write what waits, and end."""
        if self._task is not None:
            self._is_closing = True
            self._hurry.set()
            self._wake.set()
            await self._task
            self._task = None
        if self._connecting is not None:
            self._connecting.cancel()
            await asyncio.wait([self._connecting])
        await self._discard()

    def dump(self) -> dict[str, int | str]:
        """For whoever looks for a fault."""
        return {
            "state": self._state.name.lower(),
            "waiting": len(self._waiting),
            "written": self._kept_count,
            "lost": self._lost,
            "flushes": len(self._flushes),
        }

    async def _run(self) -> None:
        while not (self._is_closing and not self._waiting):
            await self._rest()
            batch, self._waiting = self._waiting[:BATCH_ROWS], self._waiting[BATCH_ROWS:]
            if not await self._keep(batch):
                self._waiting[:0] = batch
                self._answer_flushes()
                if self._is_closing:
                    break
                await self._pause(self._hurry, RETRY_SECONDS)
            else:
                self._kept_count += len(batch)
                self._answer_flushes()
            if self._state is not StoreState.DATABASE:
                await self._recover()
            metrics.store_waiting.set(len(self._waiting))
        if self._waiting:
            self._lost += len(self._waiting)
            self._alarm(f"stopped with {len(self._waiting)} writes that no disk took")
            self._waiting.clear()

    async def _rest(self) -> None:
        """Until there is something to write and company had time to come, or a retry is due."""
        if not self._waiting:
            self._wake.clear()
            timeout = None if self._state is StoreState.DATABASE else RETRY_SECONDS
            await self._pause(self._wake, timeout)
        if not self._is_closing and len(self._waiting) < BATCH_ROWS:
            await self._pause(self._hurry, BATCH_SECONDS)
        self._hurry.clear()

    async def _pause(self, event: asyncio.Event, seconds: float | None) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await event.wait()

    async def _keep(self, batch: Sequence[Write]) -> bool:
        """Have the batch on a disk; False if none takes it."""
        if not batch:
            return True
        if self._state is StoreState.DATABASE and self._connection is not None:
            try:
                await self._store(batch)
                return True
            except DatabaseDown as error:
                await self._database_failed(error)
        try:
            await asyncio.to_thread(self._journal.append, batch)
        except OSError as error:
            self._change(StoreState.MEMORY, f"the journal cannot be written: {error}")
            return False
        if self._state is StoreState.MEMORY:
            self._change(StoreState.JOURNAL, "the journal can be written again")
        return True

    async def _store(self, batch: Sequence[Write]) -> None:
        """Into the database; what it will never take is set aside. Raises DatabaseDown."""
        if self._connection is None:
            raise DatabaseDown("not connected")
        refused = await self._connection.store(batch)
        if refused:
            _log.error("the database refuses writes for good", count=len(refused))
            with suppress(OSError):
                await asyncio.to_thread(self._journal.set_aside_writes, refused)

    async def _recover(self) -> None:
        """One step of the way back: connect, then replay a page at a time."""
        try:
            if self._connection is None and not await self._connected():
                return
            await self._replay(everything=False)
        except DatabaseDown as error:
            _log.info("the database is still away", error=str(error))
            await self._discard()
        except OSError as error:
            _log.error("the journal cannot be read", error=str(error))

    async def _connected(self) -> bool:
        """Connecting may take long (a new file is migrated), and the journal must not wait."""
        if self._connecting is None:
            self._connecting = asyncio.create_task(self._connector.connect())
        await asyncio.wait([self._connecting], timeout=BATCH_SECONDS)
        if not self._connecting.done():
            return False
        task, self._connecting = self._connecting, None
        self._connection = task.result()
        return True

    async def _replay(self, *, everything: bool) -> None:
        """Bring the journal's next page into the database, or all of them.

        Raises DatabaseDown and OSError.
        """
        while self._replayed < await asyncio.to_thread(self._journal.size):
            page = await asyncio.to_thread(self._journal.read, self._replayed, BATCH_ROWS)
            await self._store(page.writes)
            if page.damaged:
                _log.error("the journal has unreadable lines", count=len(page.damaged))
                await asyncio.to_thread(self._journal.set_aside, page.damaged)
            self._replayed = page.end
            if not everything:
                break
        if self._replayed >= await asyncio.to_thread(self._journal.size):
            if self._state is StoreState.MEMORY:
                # A database on a full disk opens as ever: only a write tells, which is done twice.
                await self._store(self._waiting[:BATCH_ROWS])
            await asyncio.to_thread(self._journal.clear)
            self._replayed = 0
            if self._state is not StoreState.DATABASE:
                self._change(StoreState.DATABASE, "the database is back, and nothing is missing")

    async def _database_failed(self, error: DatabaseDown) -> None:
        await self._discard()
        self._change(StoreState.JOURNAL, f"the database cannot be written: {error}")

    async def _discard(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    def _answer_flushes(self) -> None:
        left: list[tuple[int, asyncio.Future[bool]]] = []
        for target, done in self._flushes:
            if done.done():
                continue
            if self._kept_count >= target:
                done.set_result(True)
            elif self._state is StoreState.MEMORY:
                done.set_result(False)
            else:
                left.append((target, done))
        self._flushes = left
        if left:
            self._hurry.set()

    def _give_up_oldest(self) -> None:
        count = MAX_WAITING // 10
        del self._waiting[:count]
        self._kept_count += count
        self._lost += count
        self._alarm(f"{count} writes were given up: no disk took them, and memory is bounded")

    def _change(self, state: StoreState, detail: str) -> None:
        if state is not self._state:
            self._state = state
            self._alarm(detail)

    def _alarm(self, detail: str) -> None:
        if self._state is StoreState.DATABASE and not self._lost:
            _log.info("store", state=self._state.name.lower(), detail=detail)
        else:
            _log.error("store", state=self._state.name.lower(), detail=detail, lost=self._lost)
        try:
            self._on_alarm(StoreAlarm(self._state, detail, self._lost))
        except Exception:  # whoever is alarmed must not stop the writing
            _log.exception("alarm failed")
