"""Asks each registered phone now and then whether it is there (OPTIONS, RFC 3261 11; RFC 5626 4.4).

Three things come of it: a way in through a phone's NAT stays open, since the answer goes out again;
it is known how long an answer takes; and a phone that used to answer and does not any more is away,
so a caller is led on at once and does not wait half a minute for nobody. Any answer counts, a 404
or 501 as well. A phone that never answered one, as some old ones, is left in peace and never away.

200 phones behind NAT are eight requests a second. Owns no task: `run` is somebody's.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol
from zlib import crc32

from softswitch.log import get_logger
from softswitch.registrar.binding import Binding
from softswitch.registrar.registrar import Registrar
from softswitch.sip.events import ResponseReceived, TransactionFailed
from softswitch.sip.flow import Flow, Target
from softswitch.sip.message import Headers, Request
from softswitch.sip.transaction import TransactionKey

_log = get_logger("registrar.keepalive")

TICK = 1.0
# In one tick: after a restart everybody is due; calls come first.
MOST_A_TICK = 50
# An answer that is missing may have been lost with the network's hiccup; three are no accident.
MISSES = 3
RETRY_SECONDS = 2.0
NOT_FOUND_BY_PROXY = (408, 430)
# A phone that has just registered has other things to do.
FIRST_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds from one question to the next."""

    behind_nat: float = 27.0
    """Home routers forget a UDP mapping after 30 s."""
    others: float = 60.0


class Wire(Protocol):
    """The endpoint."""

    on_heard: Callable[[Flow], None] | None

    def send(self, message: Request, target: Target) -> TransactionKey: ...

    def advertised_address(self, target: Target) -> str: ...

    def local_contact(self, target: Target) -> str: ...


class Owner(Protocol):
    """Who waits for what comes of a request."""

    def response_received(self, event: ResponseReceived) -> None: ...

    def transaction_failed(self, event: TransactionFailed) -> None: ...


class Transactions(Protocol):
    """The dispatcher."""

    def own_transaction(self, key: TransactionKey, owner: Owner) -> None: ...

    def disown_transaction(self, key: TransactionKey) -> None: ...


Row = tuple[str, str, str | None, int | None]


@dataclass(slots=True)
class _Phone:
    """What is known of one binding; `due` and `sent` are monotonic seconds."""

    binding: Binding
    due: float
    missed: int = 0
    sent: float | None = None


class Keepalive:
    """See the module's docstring. Bounded by the bindings."""

    def __init__(
        self,
        registrar: Registrar,
        wire: Wire,
        transactions: Transactions,
        token: Callable[[], str],
        now: Callable[[], float],
        clock: Callable[[], float],
        pace: Pace,
    ) -> None:
        """`now`: monotonic; `clock`: seconds since 1970, as the registrar counts."""
        self._registrar, self._wire, self._transactions = registrar, wire, transactions
        self._token, self._now, self._clock, self._pace = token, now, clock, pace
        self._phones: dict[Row, _Phone] = {}
        # Told the extension of a phone that had been away.
        self.on_back: Callable[[str], None] = lambda _extension: None

    async def run(self) -> None:
        """Keep time; to be cancelled."""
        while True:
            await asyncio.sleep(TICK)
            try:
                self.tick()
            except Exception:  # one phone's strange contact must not leave the others unasked
                _log.exception("the keep-alives stumbled")

    def tick(self) -> None:
        """Ask whoever is due."""
        now = self._now()
        self._take_over(self._registrar.bindings(self._clock()), now)
        due = [one for one in self._phones.values() if one.sent is None and one.due <= now]
        due.sort(key=lambda one: one.due)
        for phone in due[:MOST_A_TICK]:
            self._ask(phone, now)
        self._listen()

    def dump(self) -> dict[str, int]:
        """Counts for the leak check."""
        return {"questions": sum(one.sent is not None for one in self._phones.values())}

    def _take_over(self, bindings: Sequence[Binding], now: float) -> None:
        """Phones come, move and go; who has registered is there, whatever was missed before."""
        rows = {binding.row for binding in bindings}
        for row in [row for row in self._phones if row not in rows]:
            del self._phones[row]
        for binding in bindings:
            phone = self._phones.get(binding.row)
            if phone is None or phone.binding.flow != binding.flow:
                # Spread by chance that is the same each time: not all at once after a restart.
                spread = crc32(repr(binding.row).encode()) % 1000 / 1000 * self._every(binding) / 3
                due = now + FIRST_SECONDS + spread
                self._phones[binding.row] = _Phone(binding, due)
                continue
            if phone.binding.is_away and not binding.is_away:
                phone.missed = 0
            phone.binding = binding

    def _every(self, binding: Binding) -> float:
        return self._pace.behind_nat if binding.is_behind_nat else self._pace.others

    def _ask(self, phone: _Phone, now: float) -> None:
        binding = phone.binding
        phone.due = now + self._every(binding)
        if not self._registrar.has_way(binding):
            return  # its connection is gone; it will come back by another
        phone.sent = now
        key = self._wire.send(self._question(binding), binding.flow)
        self._transactions.own_transaction(key, _Question(self, phone, key))

    def _question(self, binding: Binding) -> Request:
        host = self._wire.advertised_address(binding.flow)
        headers = Headers()
        headers.add("Max-Forwards", "70")
        for route in binding.path:
            headers.add("Route", route)
        headers.add("From", f"<sip:switch@{_bracketed(host)}>;tag={self._token()}")
        headers.add("To", f"<{binding.contact}>")
        headers.add("Call-ID", self._token())
        headers.add("CSeq", "1 OPTIONS")
        headers.add("Contact", f"<sip:switch@{self._wire.local_contact(binding.flow)}>")
        headers.add("Accept", "application/sdp")
        return Request("OPTIONS", binding.contact, headers)

    def answered(self, phone: _Phone, key: TransactionKey) -> None:
        """It is there."""
        self._transactions.disown_transaction(key)
        if phone.sent is None:
            return
        latency, phone.sent, phone.missed = self._now() - phone.sent, None, 0
        if self._registrar.answered(phone.binding, latency):
            self._back(phone.binding)
        self._listen()

    def missed(self, phone: _Phone, key: TransactionKey) -> None:
        """It gave no answer, or nothing leads there."""
        self._transactions.disown_transaction(key)
        phone.sent = None
        phone.missed += 1
        binding = phone.binding
        if binding.latency is None or self._phones.get(binding.row) is not phone:
            return
        if phone.missed < MISSES:
            phone.due = self._now() + RETRY_SECONDS
        elif not binding.is_away:
            self._registrar.mark_away(binding)
            self._tell("a phone does not answer any more", binding)
            self._listen()

    def _listen(self) -> None:
        """Each packet is looked at only while somebody is away."""
        self._wire.on_heard = self._heard if self._registrar.has_away else None

    def _heard(self, flow: Flow) -> None:
        for binding in self._registrar.heard(flow):
            self._back(binding)

    def _back(self, binding: Binding) -> None:
        self._tell("a phone is back", binding)
        self.on_back(binding.extension)

    def _tell(self, what: str, binding: Binding) -> None:
        _log.info(what, user=binding.extension, agent=binding.user_agent, flow=binding.flow.remote)


class _Question:
    """One OPTIONS on its way."""

    def __init__(self, keepalive: Keepalive, phone: _Phone, key: TransactionKey) -> None:
        self._keepalive, self._phone, self._key = keepalive, phone, key

    def response_received(self, event: ResponseReceived) -> None:
        if event.response.status < 200:
            return
        if event.response.status in NOT_FOUND_BY_PROXY:
            self._keepalive.missed(self._phone, self._key)
        else:
            self._keepalive.answered(self._phone, self._key)

    def transaction_failed(self, event: TransactionFailed) -> None:
        self._keepalive.missed(self._phone, self._key)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
