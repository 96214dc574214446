"""The task that brings what the recorder heard to the store, and throws the oldest away.

Work is done in small helpings with the event loop in between: no call waits for its own trace.
While the database is away nothing is written, the recorder keeps what its bound allows, and the
journal is left to the calls' stories.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from softswitch import metrics
from softswitch.log import get_logger
from softswitch.store.ports import StoreError
from softswitch.store.traces import TraceTable
from softswitch.trace.recorder import Lost, Recorder

_log = get_logger("trace")

EVERY = 1.0
# Helpings of about a millisecond.
SORT_AT_ONCE, PACK_AT_ONCE = 100, 20
# So many rows a second at most: a commit stays short, and 1,000 calls a second fit.
ROWS_A_ROUND = 1_000
# More than the recorder holds: a round ends although messages keep coming.
ROUND_SORTS = 1_000
# How often the oldest are thrown away; sooner when a twentieth of the room was written.
TRIM_EVERY, TRIM_SHARE = 600.0, 20
DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long messages are kept, and in how much room."""

    days: float
    octets: int

    @property
    def is_off(self) -> bool:
        """Nothing is kept."""
        return self.days <= 0 or self.octets <= 0


class Keeper:
    """`run` as long as the server; cancelling it writes what is there."""

    def __init__(
        self,
        recorder: Recorder,
        table: TraceTable,
        bounds: Bounds,
        clock: Callable[[], float],
        is_ready: Callable[[], bool],
    ) -> None:
        """`clock`: seconds since 1970. `is_ready`: the store takes more than calls' stories now."""
        self._recorder = recorder
        self._table = table
        self._bounds = bounds
        self._clock = clock
        self._is_ready = is_ready
        self._written = 0  # octets since the last trim
        self._told = dict.fromkeys(Lost, 0)

    async def run(self) -> None:
        """Write every second; trim now and then."""
        next_trim = 0.0
        loop = asyncio.get_running_loop()
        try:
            while True:
                if loop.time() >= next_trim or self._written > self._bounds.octets // TRIM_SHARE:
                    next_trim = loop.time() + TRIM_EVERY
                    await self.trim()
                await asyncio.sleep(EVERY)
                await self._round()
        finally:
            self.write_all()

    async def trim(self) -> None:
        """Keep to the bounds. A store that cannot be read now is trimmed next time."""
        self._written = 0
        oldest = self._clock() - self._bounds.days * DAY
        limit = 0 if self._bounds.is_off else self._bounds.octets
        try:
            gone = await self._table.trim(round(oldest * 1_000_000), limit)
        except StoreError as error:
            _log.warning("the trace could not be trimmed", error=str(error))
            return
        if gone:
            _log.info("old traces were thrown away", rows=gone)

    def write_all(self) -> None:
        """Everything at once: the server stops."""
        while self._recorder.sort(SORT_AT_ONCE):
            pass
        if self._is_ready():
            self._add(ROWS_A_ROUND)
        self._count()

    async def _round(self) -> None:
        for _ in range(ROUND_SORTS):
            if not self._recorder.sort(SORT_AT_ONCE):
                break
            await asyncio.sleep(0)
        for _ in range(ROWS_A_ROUND // PACK_AT_ONCE):
            if not self._is_ready() or self._add(PACK_AT_ONCE) < PACK_AT_ONCE:
                break
            await asyncio.sleep(0)
        self._recorder.forget()
        self._count()

    def _add(self, most: int) -> int:
        count = 0
        for row in self._recorder.rows(most):
            self._table.add(row)
            self._written += row.size
            count += 1
        return count

    def _count(self) -> None:
        for why, count in self._recorder.lost.items():
            if count > self._told[why]:
                metrics.trace_lost.labels(why.value).inc(count - self._told[why])
                self._told[why] = count
