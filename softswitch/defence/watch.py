"""Keeps time for the guard: how late the switch is, whose flows are friends, what the metrics say.

One task. Ten times a second it measures how late the event loop is behind its timer and packets
behind the network; every half minute it vouches for every binding, tells the guard where trunks
are, and forgets what is old.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping

from prometheus_client import Counter as Metric

from softswitch import metrics
from softswitch.defence.limits import House, Limit
from softswitch.guard.load import PERIOD
from softswitch.log import get_logger
from softswitch.office.numbers import is_emergency

_log = get_logger("defence")

UPKEEP = 30.0
"""Seconds; a binding is vouched for three times as long."""
TELL = 2.0
"""Seconds between two looks at the limits."""


def watch_over(house: House) -> "Watch":
    """A watch whose guard learns of unreadable messages and knows who is called for help."""
    guard, desk = house.gate.guard, house.arrivals.desk
    guard.is_emergency = lambda digits: is_emergency(digits, desk.office.office.office.country)
    trunks = house.arrivals.trunks
    guard.is_trunk = lambda flow: trunks.identify(flow) is not None
    guard.challenge = house.gate.challenge_stranger
    desk.exchange.dispatcher.on_rejected = lambda told: guard.rejected(told, time.monotonic())
    return Watch(house)


class Watch:
    """See the module's docstring. `run` is to be cancelled."""

    def __init__(self, house: House) -> None:
        self._house, self._guard = house, house.gate.guard
        self._told: Counter[tuple[Metric, str]] = Counter()
        self._nearly: set[str] = set()

    async def run(self) -> None:
        """Keep time for ever."""
        upkeep = tell = due = time.monotonic()
        while True:
            now = time.monotonic()
            self._measure(now, now - due)
            if now >= upkeep:
                upkeep = now + UPKEEP
                self.keep_up(now)
            if now >= tell:
                tell = now + TELL
                self.tell()
            due = time.monotonic() + PERIOD
            await asyncio.sleep(PERIOD)

    def keep_up(self, now: float) -> None:
        """Vouch for bindings and trunks, forget what is old."""
        guard, house = self._guard, self._house
        for binding in house.registrar.bindings(house.wall()):
            is_proxy, person = bool(binding.path), binding.extension
            guard.vouch(binding.flow, now, UPKEEP * 3, person, is_proxy)
        guard.sources.use_servers(house.arrivals.trunks.servers())
        guard.expire(now)

    def tell(self) -> None:
        """Bring the metrics up to date, and warn of a limit that is nearly reached."""
        for limit in self._house.limits():
            metrics.limit.labels(limit.name).set(limit.bound)
            metrics.used.labels(limit.name).set(limit.used)
            self._warn(limit)
        guard = self._guard
        self._count(metrics.dropped, guard.sources.counters)
        self._count(metrics.dropped, guard.queues.counters)
        self._count(metrics.defended, guard.counters)
        endpoint = self._house.endpoint
        self._count(metrics.stack_events, endpoint.stack.counters)
        self._count(metrics.dropped, endpoint.losses)
        metrics.lateness.set(guard.load.delay)
        metrics.shed_level.set(guard.load.level)
        metrics.strangers_share.set(guard.share.part)

    def _measure(self, now: float, late: float) -> None:
        load = self._guard.load
        before = load.level
        self._guard.measured(max(late, self._house.endpoint.behind(now)))
        if bool(before) != bool(load.level):
            say = _log.warning if load.level else _log.info
            say("overload" if load.level else "overload is over", late=round(load.delay, 3))

    def _count(self, counter: Metric, counts: Mapping[str, int]) -> None:
        """Plain integers where every microsecond counts; the metrics get what came since."""
        for name, count in counts.items():
            key = (counter, name)
            if count > self._told[key]:
                counter.labels(name.replace(" ", "_")).inc(count - self._told[key])
                self._told[key] = count

    def _warn(self, limit: Limit) -> None:
        """One line when a limit is nearly reached, one when it is not any more."""
        if limit.is_close == (limit.name in self._nearly):
            return
        if limit.is_close:
            self._nearly.add(limit.name)
            _log.warning("a limit is close", name=limit.name, used=limit.used, bound=limit.bound)
        else:
            self._nearly.discard(limit.name)
            _log.info("a limit is far again", name=limit.name, used=limit.used)
