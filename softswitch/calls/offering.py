"""Changes of a call that we ask for: the one place that sends re-INVITE and UPDATE toward a leg.

One at a time, and never while an offer of either side is open or an INVITE is not acknowledged
(RFC 3261 14.1, RFC 3264 4, RFC 3311 5.1). What is wished meanwhile waits, and is one request then:

    offer    a new description of ours       re-INVITE
    refresh  the session goes on (RFC 4028)  UPDATE where the phone allows it, else re-INVITE
    say_who  whom he talks with (RFC 4916)   UPDATE where the phone allows it, else nothing

491 is tried again after the pause that 14.1 sets. 481 and 408, and silence, end the leg (12.2.1.2);
any other refusal leaves the session as it was.
"""

import asyncio
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from softswitch.calls.part import Part
from softswitch.sip.errors import ParseError
from softswitch.sip.glare import delay_after_491
from softswitch.sip.headers import RetryAfter
from softswitch.sip.message import Response
from softswitch.sip.names import METHODS
from softswitch.sip.offer_answer import Direction, OfferAnswer, OfferAnswerError
from softswitch.sip.stack import FailureCause, ResponseReceived, TransactionFailed, TransactionKey
from softswitch.trunks.credentials import credentials_of

if TYPE_CHECKING:
    from softswitch.calls.leg import Leg

SDP = "application/sdp"
# Tries of one change, glare included; two phones that always meet are told by then.
MAX_TRIES = 6
# Seconds; a phone whose connection broke dials in anew within that, or the next time.
SENDS_AGAIN_AFTER = 8.0
# A phone that wants to be asked again later than this is not asked again.
LONGEST_PAUSE = 10.0
GONE = frozenset({481, 408})
NO_LIFE = 'SIP;cause=408;text="The phone does not answer"'


class OpenOffer(Enum):
    """Whose offer waits for its answer (RFC 3264 4: one at a time)."""

    NONE = auto()
    OURS = auto()
    THEIRS = auto()


@dataclass(slots=True)
class _Wishes:
    """What the next request is to bring."""

    direction: Direction | None = None
    refresh: bool = False
    who: bool = False

    def __bool__(self) -> bool:
        return self.direction is not None or self.refresh or self.who


@dataclass(frozen=True, slots=True)
class _Sent:
    """The request that is on its way, and the agreement it asks for."""

    key: TransactionKey
    cseq: int
    session: OfferAnswer | None
    wishes: _Wishes
    credentials: tuple[tuple[str, str], ...] = ()


class Offering(Part["Leg"]):
    """The changes of one leg."""

    def __init__(self, leg: "Leg") -> None:
        super().__init__(leg)
        # A 2xx of ours to an INVITE whose ACK has not come.
        self.is_unacknowledged = False
        self._wishes = _Wishes()
        self._sent: _Sent | None = None
        self._pause: asyncio.TimerHandle | None = None
        self._tries = 0

    @property
    def is_open(self) -> bool:
        """An offer of ours is on its way."""
        return self._sent is not None and self._sent.session is not None

    def offer(self, direction: Direction = Direction.SENDRECV) -> None:
        """Offer all that we speak anew."""
        self._wishes.direction = direction
        self.go_on()

    def refresh(self) -> None:
        """Ask whether the session goes on."""
        self._wishes.refresh = True
        self.go_on()

    def say_who(self) -> None:
        """Tell whom he talks with: `leg.shown`."""
        self._wishes.who = True
        self.go_on()

    def go_on(self) -> None:
        """Send what is wished for, if nothing stands in its way; called at each change of that."""
        leg = self._leg
        if not self._wishes or self._sent is not None or self._pause is not None:
            return
        if not leg.is_up or self.is_unacknowledged:
            return
        if leg.open_offer(leg.dialog) is OpenOffer.NONE:
            self._send()

    def close(self) -> None:
        """The leg is over."""
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None
        self._settle()

    # --- sending ---

    def _send(self) -> None:
        leg, wishes = self._leg, self._wishes
        dialog, exchange = leg.dialog, leg.exchange
        self._wishes = _Wishes()
        session, body = None, b""
        if wishes.direction is not None:
            session, body = leg.session.make_offer(wishes.direction)
        elif not leg.allows("UPDATE"):
            if not wishes.refresh:
                return
            session, body = leg.session, leg.session.repeat()
        if dialog is None or not exchange.reaches(dialog):
            return  # nobody would tell how it went; whether the phone lives is asked otherwise
        request = dialog.request("INVITE" if body else "UPDATE", leg.lines_of_change(), body)
        if body:
            request.headers.add("Content-Type", SDP)
        if leg.dealings is not None:
            leg.dealings.sign(request)
        key = exchange.send_in_dialog(dialog, request)
        if key is not None:
            number, signed = request.cseq.number, credentials_of(request)
            self._sent = _Sent(key, number, session, wishes, signed)
            exchange.dispatcher.own_transaction(key, self)

    def _settle(self) -> None:
        if self._sent is not None:
            self._leg.exchange.dispatcher.disown_transaction(self._sent.key)
            self._sent = None

    # --- what comes back ---

    def response_received(self, event: ResponseReceived) -> None:
        """Only the final response matters."""
        response, sent = event.response, self._sent
        if response.status < 200 or sent is None:
            return
        self._settle()
        if response.status < 300:
            self._tries = 0
            self._succeeded(response, sent)
        elif response.status in GONE:
            self._gone(response.status)
        else:
            self._refused(response, sent)
        self.go_on()

    def transaction_failed(self, event: TransactionFailed) -> None:
        """Nobody answered: treated as 408 (RFC 3261 8.1.3.1). A packet that could not be sent
        proves nothing of the far side, which may come back by another way: an offer is made again.
        """
        sent = self._sent
        self._settle()
        if event.cause is FailureCause.TIMEOUT:
            self._gone(408)
        elif sent is not None and sent.wishes.direction is not None:
            self._tries += 1
            self._again(sent.wishes, SENDS_AGAIN_AFTER)

    def _succeeded(self, response: Response, sent: _Sent) -> None:
        leg = self._leg
        if sent.key.method == "INVITE" and leg.dialog is not None:
            leg.exchange.send_in_dialog(leg.dialog, leg.dialog.ack(sent.cseq, sent.credentials))
        if leg.dealings is not None:
            leg.dealings.settled()
        leg.learn(response)
        leg.session_timer.refreshed(response)
        if sent.session is None:
            return
        try:
            session, stream = sent.session.accept_answer(response.body)
        except OfferAnswerError as error:
            leg.exchange.log.warning("an answer is unusable", reason=error.reason)
            return
        is_new = stream != leg.stream
        leg.session = session
        if is_new:
            leg.use_stream(stream)

    def _gone(self, status: int) -> None:
        if status == 481:
            self._leg.dialog_is_gone()
        else:
            self._leg.hang_up(NO_LIFE)

    def _refused(self, response: Response, sent: _Sent) -> None:
        """The session stays as it was; some refusals only say not now, or not so."""
        leg, status = self._leg, response.status
        self._tries += 1
        wait: float | None = None
        if status == 491 and leg.dialog is not None:
            wait = delay_after_491(leg.dialog.is_uac, leg.exchange.token())
        elif status == 500:
            wait = _retry_after(response)
        elif leg.dealings is not None and leg.dealings.is_worth_another(response):
            wait = 0.0
        elif status in (405, 501) and sent.key.method == "UPDATE":
            leg.far_allow = ", ".join(sorted(METHODS - {"UPDATE"}))
            wait = 0.0
        elif status == 422 and leg.session_timer.lengthen(response):
            wait = 0.0
        self._again(sent.wishes, wait)

    def _again(self, wishes: _Wishes, wait: float | None) -> None:
        """After so many seconds; None, or too often tried: not at all."""
        if wait is None or self._tries >= MAX_TRIES:
            self._tries = 0
            if wishes.refresh:
                self._leg.session_timer.not_refreshed()
            return
        self._wish_again(wishes)
        self._pause = asyncio.get_running_loop().call_later(wait, self._after_pause)

    def _wish_again(self, wishes: _Wishes) -> None:
        """What was wished since then is newer."""
        now = self._wishes
        now.direction = now.direction or wishes.direction
        now.refresh, now.who = now.refresh or wishes.refresh, now.who or wishes.who

    def _after_pause(self) -> None:
        self._pause = None
        self.go_on()


def _retry_after(response: Response) -> float | None:
    text = response.headers.get("Retry-After")
    if text is None:
        return None
    try:
        seconds = RetryAfter.parse(text).seconds
    except ParseError:
        return None
    return seconds if seconds <= LONGEST_PAUSE else None
