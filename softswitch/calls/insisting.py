"""Requests of a dialog of which nothing is wanted but that they are taken: BYE, PRACK.

A provider may challenge each of them (RFC 3261 22.2). A BYE that stays unanswered ends the call all
the same (15.1.1); one that is challenged and not sent again leaves the provider with a call that he
goes on charging. A PRACK that is not sent again has him ring for half a minute and give up (RFC
3262 3).
"""

from typing import TYPE_CHECKING

from softswitch.sip.dialog import Dialog
from softswitch.sip.events import ResponseReceived, TransactionFailed
from softswitch.trunks.dealings import Dealings

if TYPE_CHECKING:
    from softswitch.calls.exchange import Exchange

Lines = tuple[tuple[str, str], ...]


def insist(
    exchange: "Exchange", dialog: Dialog, dealings: Dealings | None, method: str, lines: Lines
) -> None:
    """Send it; with `dealings` it is signed, and sent again after a challenge."""
    if dealings is None:
        exchange.send_in_dialog(dialog, dialog.request(method, lines))
    else:
        _Insisting(exchange, dialog, dealings, method, lines).send()


class _Insisting:
    def __init__(
        self,
        exchange: "Exchange",
        dialog: Dialog,
        dealings: Dealings,
        method: str,
        lines: Lines,
    ) -> None:
        self._exchange, self._dialog, self._dealings = exchange, dialog, dealings
        self._method, self._lines = method, lines

    def send(self) -> None:
        request = self._dialog.request(self._method, self._lines)
        self._dealings.sign(request)
        key = self._exchange.send_in_dialog(self._dialog, request)
        if key is not None:
            self._exchange.dispatcher.own_transaction(key, self)

    def response_received(self, event: ResponseReceived) -> None:
        """Signed and sent again after a challenge; anything else is the end."""
        if event.response.status < 200:
            return
        self._exchange.dispatcher.disown_transaction(event.key)
        if self._dealings.is_worth_another(event.response):
            self.send()

    def transaction_failed(self, event: TransactionFailed) -> None:
        """He is gone; the dispatcher has forgotten the transaction already."""
