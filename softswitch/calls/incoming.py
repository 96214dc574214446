"""A leg that somebody placed to us: ring, early sound, answer, refuse (RFC 3261 13.3, RFC 3264).

The answer to the caller's offer is worked out at once, so that an offer nobody can speak is refused
with 488 before anything rings, and so that early media can flow before the call is answered.
"""

import asyncio
from typing import TYPE_CHECKING

from softswitch.calls.leg import EndedBy, Leg, LegEnd, LegState, reason_header
from softswitch.calls.sound import Sound
from softswitch.sip.dialog import Dialog, DialogId
from softswitch.sip.flow import Flow
from softswitch.sip.message import Request, Response
from softswitch.sip.offer_answer import OfferAnswer, OfferAnswerError
from softswitch.sip.stack import TransactionKey

if TYPE_CHECKING:
    from softswitch.calls.exchange import Exchange

SDP = "application/sdp"
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
        self.flow = flow
        self.tag = exchange.token()
        self.acknowledged = asyncio.Event()
        self._body = b""
        self._is_late_offer = not request.body
        self._is_answered = False

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

    def ring(self) -> None:
        """180 Ringing; the caller's phone makes the ringing tone."""
        if self.state is LegState.TRYING:
            self.state = LegState.RINGING
            self._respond(180)

    def progress(self) -> None:
        """183 with our answer: from now on the caller hears what we send (early media)."""
        if self.state in (LegState.TRYING, LegState.RINGING) and not self._is_late_offer:
            self.state = LegState.RINGING
            self._respond(183, self._body)

    def accept(self) -> None:
        """200 OK with our answer; nothing happens when the call is up or over."""
        if self.state in (LegState.TRYING, LegState.RINGING):
            self.state = LegState.UP
            self._respond(200, self._body)

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
        super().finish(end)
        self.exchange.dispatcher.disown_ringing(self.key)

    def _respond(self, status: int, body: bytes = b"", *headers: tuple[str, str]) -> None:
        self._is_answered = self._is_answered or status >= 200
        response = Response.answering(self.request, status, to_tag=self.tag)
        endpoint = self.exchange.endpoint
        if status < 300:
            response.headers.add("Contact", self.exchange.contact(self.flow))
            response.headers.add("Allow", self.exchange.allow)
            response.headers.add("Supported", self.exchange.supported)
        for name, value in headers:
            response.headers.add(name, value)
        if body:
            response.headers.set("Content-Type", SDP)
            response.body = body
        endpoint.send(response, self.key)
        if self.dialog is None and 100 < status < 300:
            self.bind(self._find_dialog())

    def _find_dialog(self) -> Dialog | None:
        far_tag = self.request.from_.tag or ""
        dialog_id = DialogId(self.request.call_id, self.tag, far_tag)
        return self.exchange.endpoint.stack.dialogs.get(dialog_id)
