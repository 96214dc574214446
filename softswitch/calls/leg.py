"""One side of a call: a dialog, an offer/answer state, a place in the media engine.

A leg knows how it began (see `incoming.py`, `outgoing.py`), that it ended, and who ended it. What a
call does with its legs stands in the verbs of this folder (`dial`, `bridge`), never here.
"""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import TYPE_CHECKING

from softswitch.calls.answering import reply
from softswitch.calls.identity import Identity
from softswitch.calls.insisting import insist
from softswitch.calls.offering import Offering, OpenOffer
from softswitch.calls.session_timer import SessionTimer
from softswitch.calls.silence import SilenceWatch
from softswitch.calls.sound import Sound
from softswitch.net.addresses import has_way
from softswitch.office.shown import one_line
from softswitch.sip.codecs import Codec
from softswitch.sip.dialog import Dialog
from softswitch.sip.flow import Flow, Target
from softswitch.sip.message import Message, Request
from softswitch.sip.offer_answer import AudioStream, LocalMedia, OfferAnswer, OfferAnswerError
from softswitch.sip.stack import RequestReceived
from softswitch.trunks.dealings import Dealings

if TYPE_CHECKING:
    from softswitch.calls.exchange import Exchange


class LegState(Enum):
    """Where a leg is in its life; it only ever moves downward."""

    TRYING = auto()
    RINGING = auto()
    UP = auto()
    ENDED = auto()


class EndedBy(Enum):
    """Who ended a leg."""

    FAR = auto()
    US = auto()
    FAILURE = auto()


@dataclass(frozen=True, slots=True)
class LegEnd:
    """How a leg ended: by whom, with which SIP status if one was said, in which words."""

    by: EndedBy
    status: int | None
    reason: str


class Leg:
    """What both kinds of leg share."""

    def __init__(self, exchange: "Exchange", sound: Sound, session: OfferAnswer) -> None:
        self.exchange = exchange
        self.sound = sound
        self.session = session
        # The extension or number behind it, where the switch knows it.
        self.who = ""
        self.call_id = ""  # SIP's (RFC 3261 8.1.1.4)
        self.stream: AudioStream | None = None
        self.dialog: Dialog | None = None
        self.state = LegState.TRYING
        self.ended: asyncio.Future[LegEnd] = asyncio.get_running_loop().create_future()
        self.on_stream: Callable[[], None] | None = None
        # Takes a REFER of the far side; set while there is somebody whom he can refer.
        self.on_refer: Callable[[RequestReceived], None] | None = None
        # Our offer went out in a 2xx: the ACK brings the answer (RFC 3261 13.2.1).
        self.awaits_answer = False
        # What we ask of the far side inside the call, and the clock of the session.
        self.offering = Offering(self)
        self.session_timer = SessionTimer(self)
        # The methods that the far side says it understands; empty: it said nothing.
        self.far_allow = ""
        # A phone of the office, which may be told whom it talks with.
        self.is_ours = False
        self.shown: Identity | None = None
        # With a provider, who may challenge whatever we send.
        self.dealings: Dealings | None = None
        # Called while the far side stays silent; see `silence.py`.
        self.on_silence: Callable[[], None] | None = None
        self._silence: SilenceWatch | None = None
        sound.on_silent = self.heard_nothing
        sound.on_lost = self._sound_lost

    @property
    def is_over(self) -> bool:
        return self.state is LegState.ENDED

    @property
    def is_up(self) -> bool:
        return self.state is LegState.UP

    @property
    def is_held(self) -> bool:
        """The far side put us on hold."""
        return self.stream is not None and self.stream.is_held

    @property
    def codec(self) -> Codec | None:
        """What the far side is sent, once that is agreed."""
        return self.stream.codec if self.stream is not None else None

    @property
    def way(self) -> Flow | None:
        """The flow by which the far side was last heard."""
        return self.dialog.flow if self.dialog is not None else None

    @property
    def way_out(self) -> Target | None:
        """By which a request of ours leaves now: where he was last heard, or, when that connection
        is gone, where the dialog leads."""
        return self.exchange.endpoint.way_of(self.dialog) if self.dialog is not None else self.way

    def open_offer(self, dialog: Dialog | None) -> OpenOffer:
        """Whose offer waits for its answer in this dialog."""
        is_ours = self.awaits_answer or self.offering.is_open
        return OpenOffer.OURS if is_ours else OpenOffer.NONE

    def allows(self, method: str) -> bool:
        """Does the far side say that it understands this method?"""
        return any(method == one.strip().upper() for one in self.far_allow.split(","))

    def learn(self, message: Message) -> None:
        """Whatever the far side says of itself in any message of the dialog."""
        allow = message.headers.all("Allow")
        if allow:
            self.far_allow = ", ".join(allow)

    def show(self, number: str | None, name: str | None) -> None:
        """Tell the phone whom it talks with now (RFC 4916), if it is ours and understands UPDATE.

        Shown is what the caller of this says and nothing else: it never looks a number up. None
        for both: somebody who is not to be named. Harmless in any state, and more than once.
        """
        identity = Identity(number, name)
        if not self.is_ours or self.is_over or identity == self.shown:
            return
        self.shown = identity
        self.offering.say_who()

    def shown_lines(self) -> tuple[tuple[str, str], ...]:
        """Whom the phone talks with, as a header line (RFC 3325)."""
        way = self.way
        if self.shown is None or way is None:
            return ()
        return (self.shown.asserted(self.exchange.endpoint.advertised_address(way)),)

    def lines_of_change(self) -> tuple[tuple[str, str], ...]:
        """Of an UPDATE or re-INVITE of ours."""
        way, exchange = self.way_out, self.exchange
        contact = (("Contact", exchange.contact(way)),) if way is not None else ()
        can = (("Allow", exchange.allow), ("Supported", "timer"))
        return (*contact, *can, *self.session_timer.lines, *self.shown_lines())

    def readdress(self) -> bool:
        """We are reached elsewhere now: our sound goes on from there, and the far side is told by a
        re-INVITE (RFC 3261 14, a new Contact and description), which opens the way in a router too.
        False: there is no way to him at this moment.
        """
        way, endpoint = self.way_out, self.exchange.endpoint
        if not self.is_up or way is None or not has_way(way):
            return False
        self.sound.rehost(endpoint.local_address(way))
        local = LocalMedia(endpoint.advertised_address(way), self.session.local.port)
        self.session = replace(self.session, local=local)
        self.offering.offer()
        return True

    # The agreement of the dialog that a request came in; forks of a called side have their own.

    def agreement(self, dialog: Dialog | None) -> OfferAnswer:
        """What was agreed on in this dialog."""
        return self.session

    def agree(
        self, dialog: Dialog | None, session: OfferAnswer, stream: AudioStream | None
    ) -> None:
        """Something else holds in this dialog from now on."""
        self.session = session
        self.use_stream(stream)

    def prack(self, event: RequestReceived) -> None:
        """A PRACK came; only a leg that answers a caller has anything to be acknowledged."""
        reply(self, event, 481)

    # What a caller is still owed while his call is being set up; nothing to a leg that is up.

    def ring(self) -> None:
        """Say that it rings."""

    def progress(self) -> None:
        """Let early sound through."""

    def accept(self, prefer: Codec | None = None) -> None:
        """Answer; in this codec, if the far side offered it and nothing was described yet."""

    async def answer(self) -> None:
        """Answer, and wait until the far side can hear."""

    def use_stream(self, stream: AudioStream | None) -> None:
        """Take over what an offer/answer agreed on, and tell whoever joined this leg.

        None: the far side closed its audio and keeps the call; nobody is there to hear.
        """
        if stream is None:
            if self.stream is None:
                return
            stream = self.stream.closed()
        self.stream = stream
        self.sound.connect(stream)
        if self.on_stream is not None:
            self.on_stream()

    def bind(self, dialog: Dialog | None) -> None:
        """From now on requests of this dialog come to this leg."""
        if dialog is not None and self.dialog is None:
            self.dialog = dialog
            self.exchange.dispatcher.own_dialog(dialog.id, self)

    def ack_received(self, request: Request) -> None:
        """The ACK of a 2xx of ours, with the answer in it when the offer was ours."""
        self.offering.is_unacknowledged = False
        self._take_answer(request)
        self.offering.go_on()

    def _take_answer(self, request: Request) -> None:
        if not self.awaits_answer or self.is_over:
            return
        self.awaits_answer = False
        try:
            self.session, stream = self.session.accept_answer(request.body)
        except OfferAnswerError as error:
            self.exchange.log.warning("the answer in an ACK is unusable", reason=error.reason)
            self.send_bye(NOT_ACCEPTABLE)
            return
        self.use_stream(stream)

    def far_hung_up(self, reason: str) -> None:
        """A BYE came, and was answered."""
        self.finish(LegEnd(EndedBy.FAR, None, reason))

    def dialog_is_gone(self) -> None:
        """RFC 3261 12.2.1.2: the far side knows nothing of the dialog any more."""
        if self.dialog is not None:
            self.exchange.endpoint.stack.forget(self.dialog.id)
        self.finish(LegEnd(EndedBy.FAILURE, 481, "the phone does not know the call any more"))

    @property
    def silent_seconds(self) -> float:
        """How long nothing was heard of the far side, as far as known."""
        return 0.0 if self._silence is None else self._silence.seconds

    def heard_nothing(self, seconds: float) -> None:
        """No packet came for so long, or none is to be expected: watch whether it lives."""
        if not self.is_over:
            self._silence = self._silence or SilenceWatch(self)
            self._silence.begin(seconds)

    def _sound_lost(self) -> None:
        """The media engine died under this leg: better an end than a call without sound."""
        self.hang_up(MEDIA_LOST, 503)

    def finish(self, end: LegEnd) -> None:
        """Mark the leg as over, once; the dialog is forgotten, the sound is kept for `release`."""
        if self.is_over:
            return
        self.state = LegState.ENDED
        if self.dialog is not None:
            self.exchange.dispatcher.disown_dialog(self.dialog.id)
        if self._silence is not None:
            self._silence.stop()
            self._silence = None
        self.on_silence = None
        self.offering.close()
        self.session_timer.close()
        self.ended.set_result(end)

    def hang_up(self, reason: str = "", status: int | None = None) -> None:
        """End the leg from our side, in whatever state it is; more than once is harmless."""
        raise NotImplementedError

    def send_bye(self, reason: str) -> None:
        """BYE an established dialog (RFC 3261 15.1.1)."""
        if self.dialog is not None:
            insist(self.exchange, self.dialog, self.dealings, "BYE", reason_header(reason))
        self.finish(LegEnd(EndedBy.US, None, reason))

    def release(self) -> None:
        """Hang up if that is still owed, and give the media row back."""
        self.hang_up()
        self.sound.close()


def reason_header(reason: str) -> tuple[tuple[str, str], ...]:
    """RFC 3326: tell the far phone why, so that it shows no missed call where none was missed."""
    return (("Reason", reason),) if reason else ()


def in_words(reason: str) -> str:
    """What a Reason header's value says to a reader of the history."""
    found = _TEXT.search(reason)
    # Of whoever hung up, anywhere in the world: one printable line, as a terminal may show it.
    return one_line(found[1] if found else reason, LONGEST_REASON) or ""


LONGEST_REASON = 200
_TEXT = re.compile(r';\s*text="([^"]*)"', re.IGNORECASE)

# RFC 3326, and RFC 6432 for Q.850 causes in responses.
ANSWERED_ELSEWHERE = 'SIP;cause=200;text="Call completed elsewhere"'
TRANSFERRED = 'SIP;cause=200;text="Transferred"'
NOT_ACCEPTABLE = 'SIP;cause=488;text="Not acceptable here"'
NO_ACK = 'SIP;cause=408;text="No ACK"'
MEDIA_LOST = 'SIP;cause=503;text="Media lost"'
# Both are 480 to a phone; the Q.850 cause (RFC 6432) tells them apart.
NO_ANSWER = 'Q.850;cause=19;text="No answer"'
UNREACHABLE = 'Q.850;cause=20;text="No phone is registered"'
BUSY = 'Q.850;cause=17;text="Busy"'
DECLINED = 'Q.850;cause=21;text="Declined"'
