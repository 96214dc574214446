"""One side of a call: a dialog, an offer/answer state, a place in the media engine.

A leg knows how it began (see `incoming.py`, `outgoing.py`), that it ended, and who ended it. What a
call does with its legs stands in the verbs of this folder (`dial`, `bridge`), never here.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from softswitch.calls.sound import Sound
from softswitch.sip.dialog import Dialog
from softswitch.sip.offer_answer import AudioStream, Codec, OfferAnswer

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
        self.stream: AudioStream | None = None
        self.dialog: Dialog | None = None
        self.state = LegState.TRYING
        self.ended: asyncio.Future[LegEnd] = asyncio.get_running_loop().create_future()
        self.on_stream: Callable[[], None] | None = None

    @property
    def is_over(self) -> bool:
        return self.state is LegState.ENDED

    @property
    def is_held(self) -> bool:
        """The far side put us on hold."""
        return self.stream is not None and self.stream.is_held

    @property
    def codec(self) -> Codec | None:
        """What the far side is sent, once that is agreed."""
        return self.stream.codec if self.stream is not None else None

    def use_stream(self, stream: AudioStream | None) -> None:
        """Take over what an offer/answer agreed on, and tell whoever joined this leg."""
        if stream is None:
            return
        self.stream = stream
        self.sound.connect(stream)
        if self.on_stream is not None:
            self.on_stream()

    def bind(self, dialog: Dialog | None) -> None:
        """From now on requests of this dialog come to this leg."""
        if dialog is not None and self.dialog is None:
            self.dialog = dialog
            self.exchange.dispatcher.own_dialog(dialog.id, self)

    def finish(self, end: LegEnd) -> None:
        """Mark the leg as over, once; the dialog is forgotten, the sound is kept for `release`."""
        if self.is_over:
            return
        self.state = LegState.ENDED
        if self.dialog is not None:
            self.exchange.dispatcher.disown_dialog(self.dialog.id)
        self.ended.set_result(end)

    def hang_up(self, reason: str = "", status: int | None = None) -> None:
        """End the leg from our side, in whatever state it is; more than once is harmless."""
        raise NotImplementedError

    def send_bye(self, reason: str) -> None:
        """BYE an established dialog (RFC 3261 15.1.1)."""
        if self.dialog is not None:
            bye = self.dialog.request("BYE", headers=reason_header(reason))
            self.exchange.send_in_dialog(self.dialog, bye)
        self.finish(LegEnd(EndedBy.US, None, reason))

    def release(self) -> None:
        """Hang up if that is still owed, and give the media row back."""
        self.hang_up()
        self.sound.close()


def reason_header(reason: str) -> tuple[tuple[str, str], ...]:
    """RFC 3326: tell the far phone why, so that it shows no missed call where none was missed."""
    return (("Reason", reason),) if reason else ()


ANSWERED_ELSEWHERE = 'SIP;cause=200;text="Call completed elsewhere"'
