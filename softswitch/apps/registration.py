"""REGISTER and OPTIONS: who may register as whom, and a sign of life for those who ask."""

from collections.abc import Callable

from softswitch import metrics
from softswitch.apps.gate import Gate
from softswitch.calls.exchange import Exchange
from softswitch.log import get_logger
from softswitch.presence.room import EVENTS
from softswitch.sip.message import Response
from softswitch.sip.stack import RequestReceived
from softswitch.sip.uri import Uri

_log = get_logger("apps.registration")


class Registration:
    """Handlers for the dispatcher."""

    def __init__(self, exchange: Exchange, gate: Gate) -> None:
        self._exchange = exchange
        self._gate = gate
        # Told an extension each time one of its phones has registered, or refreshed.
        self.observers: list[Callable[[str], None]] = []

    def register(self, event: RequestReceived) -> None:
        """An extension registers its own address of record and no other (RFC 3261 10.3)."""
        extension = self._gate.admit(event)
        if extension is None:
            metrics.labelled(metrics.registrations, "401").inc()
            return
        request = event.request
        uri = request.to.uri
        if not isinstance(uri, Uri) or uri.user != extension:
            response = Response.answering(request, 403, to_tag=self._exchange.token())
        else:
            now = self._exchange.steady()
            response = self._exchange.registrar.register(request, extension, event.flow, now)
        metrics.labelled(metrics.registrations, str(response.status)).inc()
        if response.status != 200:
            _log.warning("registration refused", user=extension, status=response.status)
        self._exchange.endpoint.send(response, event.key)
        if response.status == 200:
            for observer in self.observers:
                observer(extension)

    def options(self, event: RequestReceived) -> None:
        """RFC 3261 11.2: what an INVITE would get here, without asking who wants to know."""
        self._gate.see_stranger(event)
        response = Response.answering(event.request, 200, to_tag=self._exchange.token())
        for name, value in self._exchange.abilities:
            response.headers.add(name, value)
        response.headers.add("Allow-Events", EVENTS)
        self._exchange.endpoint.send(response, event.key)
