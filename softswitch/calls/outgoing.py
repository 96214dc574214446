"""A leg that we place: one INVITE to one device or one trunk, and whatever comes back.

One INVITE may be answered by several devices behind a forking proxy (RFC 3261 13.2.2.4): the first
2xx is the leg, every other one is acknowledged and hung up at once.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from softswitch.calls.leg import NOT_ACCEPTABLE, EndedBy, Leg, LegEnd, LegState
from softswitch.calls.sound import Sound
from softswitch.sip.dialog import Dialog
from softswitch.sip.message import Request, Response
from softswitch.sip.offer_answer import OfferAnswer, OfferAnswerError
from softswitch.sip.stack import (
    FailureCause,
    ResponseReceived,
    TransactionFailed,
    TransactionKey,
)

if TYPE_CHECKING:
    from softswitch.calls.exchange import Exchange


class OutgoingLeg(Leg):
    """The called side. `on_change` is called whenever its state moved or early sound came."""

    def __init__(
        self,
        exchange: "Exchange",
        sound: Sound,
        session: OfferAnswer,
        who: str,
        on_change: Callable[[], None],
    ) -> None:
        super().__init__(exchange, sound, session)
        self.who = who
        self.key: TransactionKey | None = None
        self.has_early_sound = False
        self.last_status: int | None = None
        self._on_change = on_change

    def invite(self, request: Request, key: TransactionKey) -> None:
        """Remember the INVITE that was sent for this leg."""
        self.key = key
        self.exchange.dispatcher.own_transaction(key, self)

    def response_received(self, event: ResponseReceived) -> None:
        """Every provisional and final response to our INVITE."""
        response = event.response
        if response.status < 200:
            self._provisional(response)
        elif response.status < 300:
            self._success(response, event.dialog)
        else:
            self._fail(response.status, response.reason)

    def transaction_failed(self, event: TransactionFailed) -> None:
        """Nobody answered in time (408) or the packet could not be sent (503), RFC 3261 8.1.3.1."""
        status = 408 if event.cause is FailureCause.TIMEOUT else 503
        self._fail(status, event.cause.name.lower())

    def hang_up(self, reason: str = "", status: int | None = None) -> None:
        """CANCEL while it rings (a 2xx that crosses it is a stray one), BYE once it is up."""
        if self.is_over:
            return
        if self.state is LegState.UP:
            self.send_bye(reason)
            return
        if self.key is not None:
            self.exchange.endpoint.cancel(self.key, reason or None)
        self.finish(LegEnd(EndedBy.US, status, reason or "cancelled"))

    def _provisional(self, response: Response) -> None:
        if self.is_over:
            return
        if self.state is LegState.TRYING and response.status > 100:
            self.state = LegState.RINGING
        if response.body and not self.has_early_sound:
            self.has_early_sound = self._accept(response)
        self._on_change()

    def _success(self, response: Response, dialog: Dialog | None) -> None:
        if dialog is None:
            return
        if self.state is LegState.UP:
            # A second fork (RFC 3261 13.2.2.4): nobody is there to talk to it.
            self.exchange.end_stray(response, dialog)
            return
        self.exchange.send_in_dialog(dialog, dialog.ack(response.cseq.number))
        if not self._accept(response):
            self.bind(dialog)
            self.last_status = 488
            self.send_bye(NOT_ACCEPTABLE)
            return
        self.state = LegState.UP
        self.bind(dialog)
        self._on_change()

    def _accept(self, response: Response) -> bool:
        """Take the answer over; False when it cannot be spoken."""
        try:
            self.session, stream = self.session.accept_answer(response.body)
        except OfferAnswerError as error:
            self.exchange.log.warning("an answer is unusable", who=self.who, reason=str(error))
            return False
        if stream is None:
            return False
        self.use_stream(stream)
        return True

    def _fail(self, status: int, reason: str) -> None:
        self.last_status = status
        self.finish(LegEnd(EndedBy.FAILURE, status, reason))

    def finish(self, end: LegEnd) -> None:
        """A 2xx that comes later belongs to nobody: the exchange hangs it up."""
        super().finish(end)
        if self.key is not None:
            self.exchange.dispatcher.disown_transaction(self.key)
        self._on_change()
