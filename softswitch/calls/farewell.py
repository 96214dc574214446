"""The BYE of a leg, also to a provider who challenges it (RFC 3261 15.1.1, 22.2).

A BYE that stays unanswered ends the call all the same; one that is challenged and not sent again
leaves the provider with a call that he goes on charging.
"""

from typing import TYPE_CHECKING

from softswitch.sip.dialog import Dialog
from softswitch.sip.events import ResponseReceived, TransactionFailed
from softswitch.trunks.dealings import Dealings

if TYPE_CHECKING:
    from softswitch.calls.exchange import Exchange

Lines = tuple[tuple[str, str], ...]


def say_goodbye(
    exchange: "Exchange", dialog: Dialog, dealings: Dealings | None, lines: Lines
) -> None:
    """Send it; with `dealings` an answer is waited for."""
    if dealings is None:
        exchange.send_in_dialog(dialog, dialog.request("BYE", headers=lines))
    else:
        _Farewell(exchange, dialog, dealings, lines).send()


class _Farewell:
    def __init__(
        self, exchange: "Exchange", dialog: Dialog, dealings: Dealings, lines: Lines
    ) -> None:
        self._exchange, self._dialog = exchange, dialog
        self._dealings, self._lines = dealings, lines

    def send(self) -> None:
        bye = self._dialog.request("BYE", headers=self._lines)
        self._dealings.sign(bye)
        key = self._exchange.send_in_dialog(self._dialog, bye)
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
