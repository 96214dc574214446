"""A leg that somebody placed to us: ring, early sound, answer, refuse (RFC 3261 13.3, RFC 3264).

Early sound goes to a caller who supports it in a reliable response (RFC 3262), and everything does
to one who requires it; then the 200 waits for its PRACK. The answer to the caller's offer is worked
out at once, so that an offer nobody can speak is refused with 488 before anything rings, and so
that early media can flow before the call is answered.
"""

import asyncio
from typing import TYPE_CHECKING

from softswitch.calls.leg import EndedBy, Leg, LegEnd, LegState, reason_header
from softswitch.calls.offering import SDP, OpenOffer
from softswitch.calls.reliable import ReliableProvisionals
from softswitch.calls.sound import Sound
from softswitch.sip.codecs import Codec
from softswitch.sip.dialog import Dialog, DialogId
from softswitch.sip.flow import Flow
from softswitch.sip.message import Request, Response
from softswitch.sip.offer_answer import OfferAnswer, OfferAnswerError
from softswitch.sip.reliable import Wish
from softswitch.sip.session_timer import answering
from softswitch.sip.stack import RequestReceived, TransactionKey

if TYPE_CHECKING:
    from softswitch.calls.exchange import Exchange

RETRY_AFTER = ("Retry-After", "5")
NO_WAY_BACK = 'SIP;cause=503;text="The answer could not be sent"'

# How long a prompt waits for the caller's ACK and first packet. A phone behind NAT can be heard
# only after it spoke; one that is silent by design (muted, VAD) must not wait longer than this.
ACK_PATIENCE = 2.0
LATCH_PATIENCE = 0.3


class IncomingLeg(Leg):
    """The caller's side."""

    def __init__(
        self,
        exchange: "Exchange",
        sound: Sound,
        session: OfferAnswer,
        key: TransactionKey,
        request: Request,
        flow: Flow,
    ) -> None:
        super().__init__(exchange, sound, session)
        self.key = key
        self.request = request
        self.call_id = request.call_id
        self.flow = flow
        self.tag = exchange.token()
        self.acknowledged = asyncio.Event()
        self._body = b""
        # Before the offer was worked out; and whether the caller has our answer already.
        self._unanswered = session
        self._is_told = False
        self._is_late_offer = not request.body
        self._is_answered = False
        self._is_accepting = False  # the 200 waits for a PRACK
        self._reliable: ReliableProvisionals | None = None
        # Our description arrived for certain, by a reliable response: the 200 needs none.
        self._is_described = False
        self.learn(request)

    def open_offer(self, dialog: Dialog | None) -> OpenOffer:
        """His INVITE's offer is open until our answer has reached him for certain."""
        if not (self._is_late_offer or self._is_answered or self._is_described):
            return OpenOffer.THEIRS
        return super().open_offer(dialog)

    @property
    def way(self) -> Flow | None:
        """Before there is a dialog: where the INVITE came from."""
        return super().way or self.flow

    def prepare(self) -> None:
        """Work the offer out. Raises `OfferAnswerError` with the status to refuse with."""
        if self._is_late_offer:
            self.session, self._body = self.session.make_offer()
            self.awaits_answer = True
            return
        content_type = (self.request.content_type or SDP).lower()
        if content_type != SDP:
            raise OfferAnswerError(415, f"cannot read {content_type}")
        self.session, self._body, stream = self.session.answer(self.request.body)
        self.use_stream(stream)

    def _answer_in(self, codec: Codec | None) -> None:
        """Two legs of one codec need no transcoding; a codec that he did not offer changes
        nothing.
        """
        if codec is None or self._is_told or self._is_late_offer or self.stream is None:
            return
        if self.stream.codec.is_same_coding(codec):
            return
        session, body, stream = self._unanswered.answer(self.request.body, prefer=codec)
        if stream is not None and stream.codec.is_same_coding(codec):
            self.session, self._body = session, body
            self.use_stream(stream)

    def ring(self) -> None:
        """180 Ringing; the caller's phone makes the ringing tone."""
        if self.state is LegState.TRYING:
            self.state = LegState.RINGING
            self._provisional(180)

    def progress(self) -> None:
        """183 with our answer: from now on the caller hears what we send (early media)."""
        if self.state not in (LegState.TRYING, LegState.RINGING):
            return
        if self._is_late_offer and Wish.of(self.request) is Wish.NO:
            return  # he would have no way to answer our offer before the 200
        self.state = LegState.RINGING
        self._provisional(183, b"" if self._is_described else self._body)

    def accept(self, prefer: Codec | None = None) -> None:
        """200 OK with our answer; nothing happens when the call is up or over."""
        if self.state not in (LegState.TRYING, LegState.RINGING):
            return
        self._answer_in(prefer)
        if self._reliable is not None and self._reliable.holds_back_success:
            self._is_accepting = True
            return
        self.state = LegState.UP
        self.offering.is_unacknowledged = True
        found = answering(self.request, self.exchange.timer_wishes)
        self._respond(200, b"" if self._is_described else self._body, *(found[1] if found else ()))
        self.session_timer.agree(found[0] if found else None)

    def _provisional(self, status: int, body: bytes = b"") -> None:
        """Reliably where the caller wants it so, and where it carries sound and he can (3262 3)."""
        wish = Wish.of(self.request)
        if wish is Wish.REQUIRED and self._is_late_offer and not self._is_described:
            body = self._body  # 5: the first reliable response carries the offer
        if wish is Wish.NO or (wish is Wish.SUPPORTED and not body):
            self._respond(status, body)
            return
        if self._reliable is None:
            self._reliable = ReliableProvisionals(self)
        self._reliable.send(self._response(status, body))
        self._find_dialog()

    def prack(self, event: RequestReceived) -> None:
        """The caller has a reliable response of ours."""
        if self._reliable is None:
            super().prack(event)
        else:
            self._reliable.prack(event)

    def provisional_arrived(self, is_described: bool) -> None:
        """A PRACK came. What waited for it is done now."""
        self._is_described = self._is_described or is_described
        if self._is_accepting:
            self._is_accepting = False
            self.accept()

    async def answer(self) -> None:
        """`accept`, then wait until the caller can hear a prompt from its first syllable."""
        if self.state is LegState.UP or self.is_over:
            return
        self.accept()
        try:
            async with asyncio.timeout(ACK_PATIENCE):
                await self.acknowledged.wait()
            if self._is_behind_nat():
                async with asyncio.timeout(LATCH_PATIENCE):
                    await self.sound.latched.wait()
        except TimeoutError:
            pass  # the stack repeats the 200 and reports AckMissing; sound starts meanwhile

    def _is_behind_nat(self) -> bool:
        """The sound is promised from another address than the signalling comes from."""
        return self.stream is not None and self.stream.remote_host != self.flow.remote[0]

    def ack_received(self, request: Request) -> None:
        """The ACK of our 200."""
        self.acknowledged.set()
        super().ack_received(request)

    def cancelled(self) -> None:
        """The caller gave up before we answered (RFC 3261 9.2)."""
        if self.state in (LegState.TRYING, LegState.RINGING):
            self.finish(LegEnd(EndedBy.FAR, 487, "cancelled by the caller"))

    def far_hung_up(self, reason: str) -> None:
        """BYE; also an early one, by a caller who does not CANCEL (RFC 3261 15)."""
        status = None if self.state is LegState.UP else 487
        self.finish(LegEnd(EndedBy.FAR, status, reason))

    def answer_failed(self) -> None:
        """The INVITE's transaction broke: nothing that we say reaches the caller any more."""
        self._is_answered = True
        if self.state is LegState.UP:
            self.hang_up(NO_WAY_BACK)
        self.finish(LegEnd(EndedBy.FAILURE, None, "the answer did not reach the caller"))

    def refuse(self, status: int, reason: str = "", *headers: tuple[str, str]) -> None:
        """A final answer that is no call; does nothing once answered or over."""
        if self.state in (LegState.TRYING, LegState.RINGING):
            self._respond(status, b"", *headers)
            self.finish(LegEnd(EndedBy.US, status, reason))

    def hang_up(self, reason: str = "", status: int | None = None) -> None:
        """BYE once it is up, else a refusal; `reason` is a Reason header's value (RFC 3326)."""
        if self.state is LegState.UP:
            self.send_bye(reason)
            return
        headers = reason_header(reason)
        if status == 503:
            headers = (*headers, RETRY_AFTER)
        self.refuse(status or 480, reason, *headers)

    def finish(self, end: LegEnd) -> None:
        """Whatever ends the leg, its INVITE gets a final answer, or it would wait for ever."""
        if not self._is_answered:
            self._respond(487 if end.by is EndedBy.FAR else end.status or 480)
        if self._reliable is not None:
            self._reliable.final()
        super().finish(end)
        self.exchange.dispatcher.disown_ringing(self.key)

    def _respond(self, status: int, body: bytes = b"", *headers: tuple[str, str]) -> None:
        if status >= 200:
            self._is_answered = True
            if self._reliable is not None:
                self._reliable.final()
        response = self._response(status, body, *headers)
        self.exchange.endpoint.send(response, self.key)
        if 100 < status < 300:
            self._find_dialog()

    def _response(self, status: int, body: bytes, *headers: tuple[str, str]) -> Response:
        response = Response.answering(self.request, status, to_tag=self.tag)
        if status < 300:
            response.headers.add("Contact", self.exchange.contact(self.flow))
            response.headers.add("Allow", self.exchange.allow)
            response.headers.add("Supported", self.exchange.supported)
            headers = (*headers, *self.shown_lines())
        for name, value in headers:
            response.headers.add(name, value)
        if body:
            self._is_told = True
            response.headers.set("Content-Type", SDP)
            response.body = body
        return response

    def _find_dialog(self) -> None:
        """The stack made a dialog of our response; its requests come here."""
        if self.dialog is not None:
            return
        far_tag = self.request.from_.tag or ""
        dialog_id = DialogId(self.request.call_id, self.tag, far_tag)
        self.bind(self.exchange.endpoint.stack.dialogs.get(dialog_id))
