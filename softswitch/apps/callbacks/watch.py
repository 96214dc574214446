"""Keeps the callback list true: caught up with the log at the start, timed, checked every night.

After a kill the last second of writes may be lost, and calls that were up have ended without a
word of the list. So the list is never believed: what the history has, and the list has not, is
taken from the call's own events. The same look back repairs what the nightly check finds missing.
"""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import or_, select

from softswitch import metrics
from softswitch.apps.callbacks.room import ACTS, CallbackRoom, decision
from softswitch.apps.callbacks.seeing import seen_in, was_talk
from softswitch.apps.desk import FrontDesk
from softswitch.log import get_logger
from softswitch.mail.callback_notice import MissingNotice, compose_missing
from softswitch.office.numbers import normalize
from softswitch.store.callback_table import read_callbacks, read_settled, read_spam
from softswitch.store.callbacks import facts_of
from softswitch.store.event import Event, read_events
from softswitch.store.fold import Result
from softswitch.store.ports import Store, StoreError
from softswitch.store.reconcile import Sums, reconcile
from softswitch.store.schema import callbacks, calls, events, to_micros

_log = get_logger("apps.callbacks")

TICK = 1.0
# A database that is away is asked again so much later.
RETRY = 60.0
# Calls are looked at so far back: longer than a switch stands still, shorter than a long history.
LOOK_BACK = timedelta(days=7)
# When the office is asleep; a switch that was off then is checked when it comes.
NIGHT = time(3, 30)
# What has ended just now may be on its way to the disk.
FRESH = timedelta(seconds=10)
_PAGE = 500


class CallbackWatch:
    """One task of the server."""

    def __init__(self, desk: FrontDesk, room: CallbackRoom, store: Store) -> None:
        self._desk, self._room, self._store = desk, room, store
        self._is_caught_up = False
        self._checked: date | None = None
        self._again = 0.0  # when the store is asked again

    async def begin(self) -> None:
        """Before the first call. A store that is away is asked again by `run`."""
        await self._try()

    async def run(self) -> None:
        """Keep time, until cancelled."""
        while True:
            await asyncio.sleep(TICK)
            try:
                self._room.tick()
                if self._is_due():
                    await self._try()
            except Exception:  # one mistake must not end the watch over everybody's clients
                _log.exception("the callback list stumbled")

    def _is_due(self) -> bool:
        if self._desk.exchange.now() < self._again:
            return False
        local = self._desk.local_time(self._desk.exchange.clock())
        is_night_over = local.time() >= NIGHT and local.date() != self._checked
        return not self._is_caught_up or is_night_over

    async def _try(self) -> None:
        try:
            if not self._is_caught_up:
                await self.catch_up()
                self._is_caught_up = True
            await self.check()
        except StoreError as error:
            self._again = self._desk.exchange.now() + RETRY
            _log.error("the callback list cannot be read", error=str(error))

    async def catch_up(self) -> None:
        """Take what the store has: items, decisions, and calls that the list does not know yet."""
        await self._store.flush()
        for item in [*await read_spam(self._store), *await read_callbacks(self._store)]:
            for fact in facts_of(item):
                self._room.take(fact)
        for call in await self._decided():
            self._decide(await read_events(self._store, call))
        rows = await self._ended(self._desk.exchange.clock() - LOOK_BACK)
        await self._settle(await self._unsettled([one.id for one in rows if self._is_missed(one)]))
        # Talks last: they are many, and only those count with numbers that wait.
        waiting = {item.number for item in self._room.items()}
        await self._settle([one.id for one in rows if self._number(one) in waiting])
        await self._store.flush()

    async def _settle(self, found: Sequence[str]) -> None:
        for call in found:
            story = await read_events(self._store, call)
            self._room.settle(seen_in(call, story, self._desk.office), again=True)
            self._decide(story)

    def _is_missed(self, row: Any) -> bool:
        closing = self._desk.office.office.callbacks.talk
        return row.direction == "in" and not was_talk(row.result, row.talk, closing)

    def _number(self, row: Any) -> str | None:
        """With whom this call was a talk; None when it was none."""
        if row.direction == "out":
            return normalize(row.called or "", self._desk.office.office.country) or row.called
        return row.number if row.result == Result.TALKED else None

    def _decide(self, story: Sequence[Event]) -> None:
        """What was decided of an item stands in the story of its first call."""
        for event in story:
            if event.kind in ACTS:
                self._room.take(decision(event, ACTS[event.kind]))

    async def _decided(self) -> set[str]:
        """Items that the table has as open, and of which something was decided."""
        items = select(callbacks.c.id).where(callbacks.c.closed.is_(None))
        query = select(events.c.call).where(events.c.call.in_(items), events.c.kind.in_(ACTS))
        return {row.call for row in await self._store.read(query)}

    async def _ended(self, since: datetime) -> Sequence[Any]:
        """Calls with the world outside that have ended."""
        columns = [
            calls.c[name] for name in ("id", "result", "direction", "number", "called", "talk")
        ]
        query = (
            select(*columns)
            .where(calls.c.started >= to_micros(since), calls.c.ended.is_not(None))
            .where(or_(calls.c.direction == "in", calls.c.direction == "out"))
        )
        return await self._store.read(query.order_by(calls.c.started, calls.c.id))

    async def _unsettled(self, found: Sequence[str]) -> list[str]:
        """Those that have become nothing yet."""
        settled: set[str] = set()
        for page in _pages(found):
            settled |= await read_settled(self._store, page)
        return [one for one in found if one not in settled]

    async def check(self) -> Sums:
        """The sums of the last days; what is missing is told, and put on the list."""
        clock = self._desk.exchange.clock
        now = clock()
        sums = await reconcile(self._store, now - LOOK_BACK, now - FRESH)
        self._checked = self._desk.local_time(now).date()
        metrics.callbacks_missing.set(len(sums.missing))
        if not sums.missing:
            _log.info("callbacks are whole", inbound=sums.inbound, open=sums.in_open)
            return sums
        _log.error("calls are not on the callback list", calls=sums.missing)
        office = self._desk.office.office
        recipients = office.callbacks.mail or office.alarms
        if recipients:
            language = office.callbacks.language or office.office.language
            notice = MissingNotice(sums.missing, office.office.name, language, now)
            self._desk.outbox.add(compose_missing(notice, recipients))
        await self.catch_up()
        await self._look_again(now)
        return sums

    async def _look_again(self, now: datetime) -> None:
        """The alarm ends when what was missing is on the list."""
        sums = await reconcile(self._store, now - LOOK_BACK, now - FRESH)
        metrics.callbacks_missing.set(len(sums.missing))
        if sums.missing:
            _log.error("calls cannot be put on the callback list", calls=sums.missing)
        else:
            _log.info("what was missing is on the callback list now")


def _pages(found: Sequence[str]) -> Iterator[Sequence[str]]:
    for first in range(0, len(found), _PAGE):
        yield found[first : first + _PAGE]
