"""Every bound of the house in one list, with how much of it is used: the operator's early warning.

A limit that nobody sees is found by the callers. Each stands in the metrics as
`softswitch_limit{name}` beside `softswitch_used{name}`; docs/operate.md says what follows when one
is reached. Makes and changes nothing.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from softswitch.apps.arrivals import MAX_CALLS, Arrivals
from softswitch.apps.gate import Gate
from softswitch.apps.late_answers import MAX_WAITING as MAX_LATE
from softswitch.apps.texting.desk import MOST_UNDER_WAY, Texting
from softswitch.apps.texting.waiting import MOST as MOST_TEXTS
from softswitch.net.endpoint import Endpoint
from softswitch.presence.notifier import MOST as MOST_WATCHERS
from softswitch.presence.room import Presence
from softswitch.registrar.registrar import Registrar
from softswitch.settings import Settings
from softswitch.sip.auth import MAX_USED_NONCES
from softswitch.store.database import Database
from softswitch.store.writer import MAX_WAITING as MAX_WRITES
from softswitch.trace.recorder import MAX_WAITING as MAX_TRACED

PORTS_A_LEG = 2
"""Sound and its reports."""


@dataclass(frozen=True, slots=True)
class Limit:
    """One bound and what is used of it."""

    name: str
    bound: float
    used: float

    @property
    def is_close(self) -> bool:
        """Nine tenths are used."""
        return self.used >= 0.9 * self.bound


@dataclass(frozen=True, slots=True)
class House:
    """What has bounds. `wall`: seconds since 1970."""

    settings: Settings
    database: Database
    endpoint: Endpoint
    arrivals: Arrivals
    presence: Presence
    texting: Texting
    wall: Callable[[], float] = time.time

    @property
    def gate(self) -> Gate:
        return self.arrivals.gate

    @property
    def registrar(self) -> Registrar:
        return self.arrivals.desk.exchange.registrar

    def limits(self) -> Iterator[Limit]:
        """All of them, as they are now."""
        yield from self._signalling()
        yield from self._calls()
        yield from self._people()
        for name, (used, bound) in self.gate.guard.sizes().items():
            yield Limit(name.replace(" ", "_"), bound, used)

    def _signalling(self) -> Iterator[Limit]:
        stack, bounds = self.endpoint.stack.sizes(), self.endpoint.stack.config.limits
        net = self.endpoint.dump()
        yield Limit("server_transactions", bounds.transactions, stack["server_transactions"])
        yield Limit("client_transactions", bounds.transactions, stack["client_transactions"])
        yield Limit("dialogs", bounds.dialogs, stack["dialogs"])
        yield Limit("connections", self.endpoint.connection_limit, net.get("connections", 0))
        nonces = self.gate.digest.dump()["nonces used"]
        yield Limit("nonces_used", MAX_USED_NONCES, nonces)
        yield Limit("late_answers", MAX_LATE, len(self.gate.late))

    def _calls(self) -> Iterator[Limit]:
        sounds = self.arrivals.desk.exchange.sounds.dump()["sounds"]
        ports = self.settings.rtp_high - self.settings.rtp_low + 1
        yield Limit("calls", MAX_CALLS, len(self.arrivals.tasks))
        yield Limit("media_ports", ports, sounds * PORTS_A_LEG)
        yield Limit("store_writes_waiting", MAX_WRITES, self.database.waiting)
        trace = self.arrivals.desk.exchange.trace
        if trace is not None:
            yield Limit("trace_octets_waiting", MAX_TRACED, trace.dump()["octets"])

    def _people(self) -> Iterator[Limit]:
        yield Limit("subscriptions", MOST_WATCHERS, self.presence.notifier.dump()["subscriptions"])
        yield Limit("texts_under_way", MOST_UNDER_WAY, self.texting.dump()["texts under way"])
        yield Limit("texts_waiting", MOST_TEXTS, len(self.texting.waiting))
        devices = Counter(one.extension for one in self.registrar.bindings(self.wall()))
        most = max(devices.values(), default=0)
        yield Limit("devices_of_one_extension", self.settings.sip_contacts, most)
