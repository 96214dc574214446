"""One text on its way to all phones of one person at once: who takes it first has taken it.

RFC 3428 4: a MESSAGE is forked like any request, and one 2xx is enough. It opens no dialog and
carries no Contact.
"""

import asyncio
from collections.abc import Callable, Sequence
from email.utils import formatdate
from enum import Enum

from softswitch.calls.exchange import MAX_HOPS, Exchange
from softswitch.calls.identity import Identity
from softswitch.registrar.binding import Binding
from softswitch.sip.headers import NameAddr
from softswitch.sip.message import Headers, Request
from softswitch.sip.stack import ResponseReceived, TransactionFailed, TransactionKey
from softswitch.store.texts import TextRecord


class Outcome(Enum):
    """What became of a text; of several phones the first of these that one of them gave."""

    TAKEN = "taken"
    AWAY = "away"
    """No phone there, or one that says "later": worth another try."""
    REFUSED = "refused"
    """A phone's "no" for good (6xx, 403)."""
    TOO_LARGE = "too large"
    CANNOT = "cannot"
    """The phone takes no texts, or none of this type."""


_CANNOT = frozenset({405, 406, 415, 420, 488, 493, 501, 606})
_TOO_LARGE = frozenset({413, 513})
_REFUSED = frozenset({403, 600, 603, 607, 608})
_BEST_FIRST = tuple(Outcome)


def outcome_of(status: int) -> Outcome:
    """What a phone's final response means for its sender."""
    if status // 100 == 2:
        return Outcome.TAKEN
    if status in _CANNOT:
        return Outcome.CANNOT
    if status in _TOO_LARGE:
        return Outcome.TOO_LARGE
    return Outcome.REFUSED if status in _REFUSED else Outcome.AWAY


class Delivery:
    """See the module's docstring. Owns its transactions until the last one has ended."""

    def __init__(
        self,
        exchange: Exchange,
        text: TextRecord,
        name: str | None,
        bindings: Sequence[Binding],
        on_end: Callable[["Delivery"], None],
    ) -> None:
        """Sends at once, to one phone at least. `name`: the sender's, shown beside his number."""
        self.text, self.bindings = text, tuple(bindings)
        self.outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._exchange, self._on_end = exchange, on_end
        self._open: set[TransactionKey] = set()
        self._seen: set[Outcome] = set()
        for binding in bindings:
            request = _request(exchange, text, name, binding)
            key = exchange.endpoint.send(request, binding.flow)
            self._open.add(key)
            exchange.dispatcher.own_transaction(key, self)

    def response_received(self, event: ResponseReceived) -> None:
        """A phone's word."""
        if event.response.status >= 200:
            self._over(event.key, outcome_of(event.response.status))

    def transaction_failed(self, event: TransactionFailed) -> None:
        """It said nothing, or cannot be reached."""
        self._over(event.key, Outcome.AWAY)

    def is_to_any_of(self, phones: Sequence[Binding]) -> bool:
        """Whether one of them is reached as when this was sent; a refresh changes nothing."""
        places = {(one.contact, one.flow) for one in self.bindings}
        return any((one.contact, one.flow) in places for one in phones)

    def abandon(self) -> None:
        """The switch stops, or there is nobody any more: what comes back now is nobody's."""
        for key in self._open:
            self._exchange.dispatcher.disown_transaction(key)
        self._open.clear()
        if not self.outcome.done():
            self.outcome.set_result(Outcome.AWAY)

    def _over(self, key: TransactionKey, outcome: Outcome) -> None:
        self._exchange.dispatcher.disown_transaction(key)
        self._open.discard(key)
        self._seen.add(outcome)
        self._settle()

    def _settle(self) -> None:
        if not self.outcome.done() and (Outcome.TAKEN in self._seen or not self._open):
            self.outcome.set_result(next(one for one in _BEST_FIRST if one in self._seen))
        if not self._open:
            self._on_end(self)


def _request(exchange: Exchange, text: TextRecord, name: str | None, binding: Binding) -> Request:
    host = exchange.endpoint.advertised_address(binding.flow)
    sender = Identity(text.sender, name).name_addr(host)
    headers = Headers()
    headers.add("Max-Forwards", str(MAX_HOPS))
    for route in binding.path:
        headers.add("Route", route)
    headers.add("From", str(NameAddr(sender.display, sender.uri, (("tag", exchange.token()),))))
    headers.add("To", f"<{exchange.address_of(text.recipient, binding.flow)}>")
    headers.add("Call-ID", exchange.token())
    headers.add("CSeq", "1 MESSAGE")
    # RFC 3428 7: when it was written, which for a text that waited is not now.
    headers.add("Date", formatdate(text.at, usegmt=True))
    headers.add("Content-Type", text.kind)
    return Request("MESSAGE", binding.contact, headers, text.body)
