"""Reliable provisional responses toward a caller, and his PRACKs (RFC 3262 3 and 5).

Drives `sip.reliable.ReliableSender` with the loop's clock. The PRACK may carry the answer to an
offer of ours (the caller's INVITE had none), or a new offer once the first is answered.
"""

import asyncio
from typing import TYPE_CHECKING

from softswitch.calls.answering import counter_offer, reply
from softswitch.calls.part import Part
from softswitch.sip.errors import ParseError
from softswitch.sip.glare import chance
from softswitch.sip.message import Request, Response
from softswitch.sip.offer_answer import OfferAnswerError
from softswitch.sip.reliable import FIRST_BELOW, RAck, ReliableSender, Step
from softswitch.sip.stack import RequestReceived

if TYPE_CHECKING:
    from softswitch.calls.incoming import IncomingLeg

NO_PRACK = 'SIP;cause=504;text="No PRACK"'
NO_PRACK_STATUS = 504


class ReliableProvisionals(Part["IncomingLeg"]):
    """Those of one incoming leg; made when the first one is due."""

    def __init__(self, leg: "IncomingLeg") -> None:
        super().__init__(leg)
        exchange = leg.exchange
        timers = exchange.endpoint.stack.config.timers
        first = 1 + chance(exchange.token(), FIRST_BELOW)
        self._sender = ReliableSender(timers, first, leg.request.cseq)
        self._alarm: asyncio.TimerHandle | None = None

    @property
    def holds_back_success(self) -> bool:
        """No 2xx now (RFC 3262 3)."""
        return self._sender.holds_back_success

    def send(self, response: Response) -> None:
        """Send it now, or when the one before is acknowledged."""
        self._transmit(self._sender.send(response, self._leg.exchange.now()))

    def final(self) -> None:
        """The final response is on its way: nothing is repeated any more."""
        self._sender.stop()
        self._rest()

    def prack(self, event: RequestReceived) -> None:
        """200 for the one that waits for it, else 481."""
        leg, request = self._leg, event.request
        try:
            rack = RAck.parse(request.headers.get("RAck") or "")
        except ParseError:
            reply(leg, event, 400)
            return
        response = self._sender.acknowledged(rack)
        if response is None:
            reply(leg, event, 481)
            return
        self._rest()
        if response.body and leg.awaits_answer:
            reply(leg, event, 200)
            self._take_answer(request)
        elif request.body:
            counter_offer(leg, event)
        else:
            reply(leg, event, 200)
        if not leg.is_over:
            self._transmit(self._sender.next(leg.exchange.now()))
            leg.provisional_arrived(bool(response.body))

    def _take_answer(self, request: Request) -> None:
        """5: "If the offer is in a reliable response, the answer MUST be in the PRACK"."""
        leg = self._leg
        leg.awaits_answer = False
        try:
            leg.session, stream = leg.session.accept_answer(request.body)
        except OfferAnswerError as error:
            leg.exchange.log.warning("the answer in a PRACK is unusable", reason=error.reason)
            leg.refuse(error.status, error.reason)
            return
        leg.use_stream(stream)

    def _transmit(self, response: Response | None) -> None:
        if response is not None:
            self._leg.exchange.endpoint.send(response, self._leg.key)
            self._arm()

    def _arm(self) -> None:
        self._rest()
        wait = max(self._sender.deadline - self._leg.exchange.now(), 0.0)
        self._alarm = asyncio.get_running_loop().call_later(wait, self._expire)

    def _rest(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _expire(self) -> None:
        self._alarm = None
        response = self._sender.on_way
        step = self._sender.expire(self._leg.exchange.now())
        if step is Step.GIVE_UP:
            self._leg.hang_up(NO_PRACK, NO_PRACK_STATUS)
        elif step is Step.REPEAT:
            self._transmit(response)
        elif response is not None:
            self._arm()
