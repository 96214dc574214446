"""Who calls: asked of the office's files and of other systems, in the order of `contacts:`.

A caller waits 300 ms for all of them together at most, and goes on without a name then; the answer
that comes too late is kept for his next call. What was told once is remembered for a while, and for
longer when its system is away; a system that fails three times in a row is left alone for half a
minute, so that it delays nobody.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from softswitch import metrics
from softswitch.apps.clients.http import HttpSource
from softswitch.apps.clients.ldap import LdapSource
from softswitch.apps.clients.source import Question, Source, SourceFailed
from softswitch.apps.webhook import Webhooks
from softswitch.log import get_logger
from softswitch.office.contact_sources import ContactSource
from softswitch.office.contacts import Contact, contact_from
from softswitch.office.loader import LoadedOffice

_log = get_logger("apps.clients")

LIMIT = 0.3
"""Seconds that a caller waits, whatever is asked."""
LATE = 5.0
"""Seconds after which an answer is not waited for at all."""
KNOWN_FOR, UNKNOWN_FOR, STALE_FOR = 600.0, 60.0, 86_400.0
"""Seconds: an answer, a "no", and an answer while its system gives none."""
MOST_KEPT, MOST_ASKED = 5_000, 50
FAILURES, REST = 3, 30.0


@dataclass(frozen=True, slots=True)
class _Kept:
    told: Mapping[str, object] | None
    at: float


class _Asked:
    """One system, and what is known of it."""

    def __init__(self, config: ContactSource, source: Source) -> None:
        self.config, self.source = config, source
        self.kept: OrderedDict[str, _Kept] = OrderedDict()
        self.open: dict[str, asyncio.Task[Mapping[str, object] | None]] = {}
        self.failures = 0
        self.rests_until = 0.0

    def recall(self, number: str, now: float, *, is_away: bool) -> _Kept | None:
        """What it told before, if that is still good."""
        kept = self.kept.get(number)
        if kept is None:
            return None
        fresh = UNKNOWN_FOR if kept.told is None else KNOWN_FOR
        return kept if now - kept.at < (STALE_FOR if is_away else fresh) else None

    def keep(self, number: str, told: Mapping[str, object] | None, now: float) -> None:
        self.kept[number] = _Kept(told, now)
        self.kept.move_to_end(number)
        if len(self.kept) > MOST_KEPT:
            self.kept.popitem(last=False)


class Clients:
    """See the module's docstring. `clock`: monotonic seconds."""

    def __init__(self, webhooks: Webhooks, clock: Callable[[], float]) -> None:
        self._webhooks, self._clock = webhooks, clock
        self._asked: dict[int, _Asked] = {}
        self._loaded: LoadedOffice | None = None

    async def find(self, loaded: LoadedOffice, number: str | None, called: str) -> Contact | None:
        """Whoever calls from this number; None when nobody knows him, or not in time."""
        self.use(loaded)
        filed = loaded.graph.contacts.find(number)
        if number is None:
            return None
        before = {
            place: one
            for place, one in self._asked.items()
            if filed is None or place < filed.source
        }
        if not before:
            return filed
        try:
            async with asyncio.timeout(LIMIT):
                found = await self._ask(loaded, before, Question(number, called))
        except TimeoutError:
            metrics.contact_lookups.labels("all", "late").inc()
            found = self._remembered(loaded, before, number)
        return found or filed

    async def close(self) -> None:
        """End what is still asked."""
        tasks = [task for one in self._asked.values() for task in one.open.values()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        for one in self._asked.values():
            one.source.close()
        self._asked.clear()

    def dump(self) -> dict[str, int]:
        """Counts for the leak check."""
        return {"contact questions": sum(len(one.open) for one in self._asked.values())}

    # --- inside ---

    def use(self, loaded: LoadedOffice) -> None:
        """A version of the office; a system that stays keeps what is known of it."""
        if loaded is self._loaded:
            return
        self._loaded = loaded
        before, self._asked = list(self._asked.values()), {}
        for place, config in enumerate(loaded.office.contacts):
            if config.file is not None:
                continue
            same = next((one for one in before if one.config == config), None)
            if same is not None:
                before.remove(same)
            self._asked[place] = same or _Asked(config, self._made(config, loaded))
        for gone in before:
            gone.source.close()

    def _made(self, config: ContactSource, loaded: LoadedOffice) -> Source:
        if config.http is not None:
            self._webhooks.begin()
            return HttpSource(config, self._webhooks)
        return LdapSource(config, loaded.folder, loaded.office.country)

    async def _ask(
        self, loaded: LoadedOffice, sources: Mapping[int, _Asked], question: Question
    ) -> Contact | None:
        for place, one in sources.items():
            told = await self._told(one, question)
            if told is not None:
                found = contact_from(loaded.office, question.number, told, place)
                if found is not None:
                    return found
        return None

    def _remembered(
        self, loaded: LoadedOffice, sources: Mapping[int, _Asked], number: str
    ) -> Contact | None:
        """What any of them told some time ago."""
        for place, one in sources.items():
            kept = one.recall(number, self._clock(), is_away=True)
            if kept is not None and kept.told is not None:
                return contact_from(loaded.office, number, kept.told, place)
        return None

    async def _told(self, one: _Asked, question: Question) -> Mapping[str, object] | None:
        """Of one system: remembered, or asked now."""
        number, now = question.number, self._clock()
        is_resting = now < one.rests_until
        kept = one.recall(number, now, is_away=is_resting)
        if kept is not None or is_resting or len(one.open) >= MOST_ASKED:
            self._count(one, "remembered" if kept is not None else "left out")
            return kept.told if kept is not None else None
        task = one.open.get(number)
        if task is None:
            task = one.open[number] = asyncio.create_task(self._put(one, question))
            task.add_done_callback(_look_at)
        try:
            return await asyncio.shield(task)
        except SourceFailed:
            kept = one.recall(number, now, is_away=True)
            return kept.told if kept is not None else None

    async def _put(self, one: _Asked, question: Question) -> Mapping[str, object] | None:
        """Ask, and remember, be it too late for who asked."""
        try:
            told = await one.source.ask(question, LATE)
        except SourceFailed as error:
            self._failed(one, str(error))
            raise
        except Exception as error:  # a mistake of ours, or of a library, costs no call more
            _log.exception("contacts cannot be asked", where=one.source.where)
            self._failed(one, type(error).__name__)
            raise SourceFailed(str(error)) from error
        finally:
            one.open.pop(question.number, None)
        one.failures = 0
        one.keep(question.number, told, self._clock())
        self._count(one, "unknown" if told is None else "found")
        return told

    def _failed(self, one: _Asked, why: str) -> None:
        one.failures += 1
        self._count(one, "failed")
        where = one.source.where
        if one.failures >= FAILURES:
            one.failures, one.rests_until = 0, self._clock() + REST
            _log.warning("contacts are not asked for a while", where=where, why=why, seconds=REST)
        else:
            _log.warning("contacts give no answer", where=where, why=why)

    @staticmethod
    def _count(one: _Asked, outcome: str) -> None:
        metrics.contact_lookups.labels(one.source.kind, outcome).inc()


def _look_at(task: "asyncio.Task[Mapping[str, object] | None]") -> None:
    """Its failure is told already, and perhaps nobody waits for it any more."""
    if not task.cancelled():
        task.exception()
