"""A leg that we place: one INVITE to one device or one trunk, and whatever comes back.

One INVITE may be answered by several devices behind a forking proxy (RFC 3261 13.2.2.4): the first
2xx is the leg, every other one is acknowledged and hung up at once. What they say before: `early`.
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from softswitch.calls.early import Forks
from softswitch.calls.leg import NOT_ACCEPTABLE, EndedBy, Leg, LegEnd, LegState
from softswitch.calls.offering import OpenOffer
from softswitch.calls.sound import Sound
from softswitch.calls.ways import TRY_NEXT, Way, by_way, first_contact
from softswitch.sip.dialog import Dialog
from softswitch.sip.flow import Target
from softswitch.sip.headers import CSeq
from softswitch.sip.message import Request, Response
from softswitch.sip.offer_answer import AudioStream, OfferAnswer, OfferAnswerError
from softswitch.sip.session_timer import agreed_by, asking_again
from softswitch.sip.stack import (
    FailureCause,
    ResponseReceived,
    TransactionFailed,
    TransactionKey,
)
from softswitch.trunks.credentials import credentials_of

if TYPE_CHECKING:
    from softswitch.calls.exchange import Exchange

# RFC 3264 6, RFC 3261 21.6.4: he can speak nothing of what was offered.
NOT_SPOKEN = (415, 488, 606)
# A far side that wants ever longer session timers is not asked again.
MAX_INVITES = 3


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
        self.has_rung = False
        # No answer came at all, not even a refusal.
        self.met_silence = False
        # The Reason header of a refusal: a provider's Q.850 cause says more than a status.
        self.last_reason = ""
        # What the phone's own forward names, in a 3xx (RFC 3261 21.3): as one would dial it.
        self.deflected_to: str | None = None
        self._on_change = on_change
        self._forks = Forks(self, session)
        # The same phone's other flows, for when this one leads nowhere.
        self.other_ways: tuple[Way, ...] = ()
        self._sign: asyncio.TimerHandle | None = None
        self._invite: Request
        self._target: Target
        self._interval = 0

    def invite(self, request: Request, target: Target, interval: int) -> None:
        """Send the INVITE; `interval`: the session timer that it asks for, 0 for none."""
        self._invite, self._target, self._interval = request, target, interval
        self.call_id = request.call_id
        self.key = self.exchange.endpoint.send(request, target)
        self.exchange.dispatcher.own_transaction(self.key, self)

    @property
    def request(self) -> Request:
        """The INVITE that it began with."""
        return self._invite

    def expect_sign(self, seconds: float) -> None:
        """Who says nothing at all for so long, not even 100, is given up: there is another way."""
        self._sign = asyncio.get_running_loop().call_later(seconds, self._no_sign)

    def _no_sign(self) -> None:
        if self.key is None or not self.exchange.endpoint.stack.is_unheard(self.key):
            return
        self.met_silence = True
        self.exchange.endpoint.cancel(self.key)  # should he wake up after all
        self._fail(408, "no sign of life")

    def open_offer(self, dialog: Dialog | None) -> OpenOffer:
        """Ours is open in each early dialog until its answer came reliably, or as a 2xx."""
        if self.is_up:
            return super().open_offer(dialog)
        fork = self._forks.find(dialog)
        return OpenOffer.NONE if fork is not None and fork.is_settled else OpenOffer.OURS

    def response_received(self, event: ResponseReceived) -> None:
        """Every provisional and final response to our INVITE."""
        response = event.response
        if response.status < 200:
            self._provisional(response, event.dialog)
        elif response.status < 300:
            self._success(response, event.dialog)
        else:
            self._refused(response)

    def transaction_failed(self, event: TransactionFailed) -> None:
        """Nobody answered in time (408) or the packet could not be sent (503), RFC 3261 8.1.3.1."""
        if self._goes_on():
            return
        self.met_silence = self.state is LegState.TRYING
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

    def _provisional(self, response: Response, dialog: Dialog | None) -> None:
        if self.is_over or self.is_up:
            return
        if self.state is LegState.TRYING and response.status > 100:
            self.state = LegState.RINGING
        self.has_rung = self.has_rung or response.status == 180
        if response.body or "RSeq" in response.headers:
            stream = self._forks.provisional(response, dialog)
            if stream is not None:
                self.has_early_sound = True
                self.use_stream(stream)
        self._on_change()

    def agreement(self, dialog: Dialog | None) -> OfferAnswer:
        """Of the fork, until one of them is the leg."""
        fork = None if self.is_up else self._forks.find(dialog)
        return self.session if fork is None else fork.session

    def agree(
        self, dialog: Dialog | None, session: OfferAnswer, stream: AudioStream | None
    ) -> None:
        """A fork changes its sound before anybody answered, or the leg does."""
        fork = None if self.is_up else self._forks.find(dialog)
        if fork is None:
            super().agree(dialog, session, stream)
        else:
            fork.session = session
            self.use_stream(stream)

    def _success(self, response: Response, dialog: Dialog | None) -> None:
        if dialog is None:
            return
        if self.state is LegState.UP:
            # A second fork (RFC 3261 13.2.2.4): nobody is there to talk to it.
            self.exchange.end_stray(response, dialog)
            return
        signed = credentials_of(self._invite)
        self.exchange.send_in_dialog(dialog, dialog.ack(response.cseq.number, signed))
        if self.dealings is not None:
            self.dealings.settled()
        stream = self._take_answer_of(response, dialog)
        self.bind(dialog)
        self._forks.close()
        if stream is None:
            self.last_status = 488
            self.send_bye(NOT_ACCEPTABLE)
            return
        self.state = LegState.UP
        self.learn(response)
        self.session_timer.agree(agreed_by(response))
        if stream != self.stream:
            self.use_stream(stream)
        self._on_change()
        self.offering.go_on()

    def _take_answer_of(self, response: Response, dialog: Dialog) -> AudioStream | None:
        """Take the answer over; None when it cannot be spoken."""
        try:
            self.session, stream = self._forks.answered(response, dialog)
        except OfferAnswerError as error:
            self.exchange.log.warning("an answer is unusable", who=self.who, reason=str(error))
            return None
        return stream

    def _refused(self, response: Response) -> None:
        """RFC 4028 7.3: a session timer that is too short is asked for again, longer."""
        if response.status in TRY_NEXT and self._goes_on():
            return
        if not self.is_over and self.dealings is not None:
            retry = self.dealings.retry(self._invite, response)
            if retry is not None:
                self._invite_again(retry.request, retry.target or self._target, self._interval)
                return
        if response.status in NOT_SPOKEN and self._insists():
            return
        if response.status < 400:
            self.deflected_to = first_contact(response)
        again = None if self.is_over else asking_again(response, self._interval)
        number = self._invite.cseq.number
        if again is None or number >= MAX_INVITES:
            self.last_reason = response.headers.get("Reason") or ""
            self._fail(response.status, response.reason)
            return
        request = self._invite.copy()
        request.headers.set("CSeq", str(CSeq(number + 1, "INVITE")))
        for name, value in again[1]:
            request.headers.set(name, value)
        self._invite_again(request, self._target, again[0])

    def _insists(self) -> bool:
        """Whoever refuses keys beside plain RTP may take nothing but encrypted sound."""
        again = self.session.insist()
        if self.is_over or again is None:
            return False
        self.session, offer = again
        request = self._invite.copy()
        request.headers.set("CSeq", str(CSeq(self._invite.cseq.number + 1, "INVITE")))
        request.body = offer
        self._forks.close()
        self._forks = Forks(self, self.session)
        self._invite_again(request, self._target, self._interval)
        return True

    def _invite_again(self, request: Request, target: Target, interval: int) -> None:
        """The same call once more, otherwise asked."""
        if self.key is not None:
            self.exchange.dispatcher.disown_transaction(self.key)
        self._forks.close()
        self.invite(request, target, interval)

    def _goes_on(self) -> bool:
        """RFC 5626 7: the phone's next flow, if this one failed before anything rang."""
        if not self.other_ways or self.state is not LegState.TRYING:
            return False
        way, *rest = self.other_ways
        self.other_ways = tuple(rest)
        self._invite_again(by_way(self._invite, way), way.target, self._interval)
        return True

    def _fail(self, status: int, reason: str) -> None:
        self.last_status = status
        self.finish(LegEnd(EndedBy.FAILURE, status, reason))

    def finish(self, end: LegEnd) -> None:
        """A 2xx that comes later belongs to nobody: the exchange hangs it up."""
        super().finish(end)
        if self._sign is not None:
            self._sign.cancel()
        self._forks.close()
        if self.key is not None:
            self.exchange.dispatcher.disown_transaction(self.key)
        self._on_change()
