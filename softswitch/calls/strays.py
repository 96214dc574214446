"""Requests outside a dialog that nobody else takes: NOTIFY and REFER.

RFC 6665 4.4.1: a NOTIFY without a subscription of ours. RFC 3515 2.4.2: a REFER outside a call asks
the switch to call somebody out of the blue, which nobody may.
"""

from typing import TYPE_CHECKING

from softswitch.calls.in_dialog import is_keep_alive
from softswitch.sip.message import Response
from softswitch.sip.stack import RequestReceived

if TYPE_CHECKING:
    from softswitch.calls.exchange import Exchange


class Strays:
    """Handlers for the dispatcher."""

    def __init__(self, exchange: "Exchange", allow_events: str) -> None:
        self._exchange = exchange
        self._allow_events = allow_events

    def notify(self, event: RequestReceived) -> None:
        """Phones keep a hole in their router open so; any other event we did not ask for."""
        if is_keep_alive(event.request):
            self._reply(event, 200)
        else:
            self._reply(event, 489, ("Allow-Events", self._allow_events))

    def refer(self, event: RequestReceived) -> None:
        """403: it was understood, and will not be done for any credentials."""
        self._reply(event, 403)

    def _reply(self, event: RequestReceived, status: int, *headers: tuple[str, str]) -> None:
        response = Response.answering(event.request, status, to_tag=self._exchange.token())
        for name, value in headers:
            response.headers.add(name, value)
        self._exchange.endpoint.send(response, event.key)
