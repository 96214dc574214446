"""Is a phone still there that sends no sound? Asked by OPTIONS inside its call.

A muted phone may be silent for hours, so silence alone proves nothing; but a phone that lost its
power never says BYE, and the agent it belonged to must not count as busy for ever. So after a
minute without a packet the phone is asked, every minute again: 481 or no answer at all ends the leg
(RFC 3261 12.2.1.2). How long both sides of a talk may be silent is decided in `bridge.py`.
"""

import asyncio
from typing import TYPE_CHECKING

from media.api import LegStats
from softswitch.calls.offering import GONE, NO_LIFE
from softswitch.sip.stack import ResponseReceived, TransactionFailed, TransactionKey

if TYPE_CHECKING:
    from softswitch.calls.leg import Leg

# Seconds without a packet before the phone is asked, and between two questions.
ASK_AFTER = 60.0
ASK_EVERY = 60.0


class SilenceWatch:
    """The watch over one leg; idle until the media engine, or a hold, says that it is silent."""

    def __init__(self, leg: "Leg") -> None:
        self._leg = leg
        self._timer: asyncio.TimerHandle | None = None
        self._packets: int | None = None
        self._since: float | None = None
        self._question: TransactionKey | None = None

    @property
    def seconds(self) -> float:
        """How long nothing was heard, as far as known; 0 while sound flows."""
        return 0.0 if self._since is None else self._leg.exchange.now() - self._since

    def begin(self, seconds: float) -> None:
        """The engine misses this leg's packets since `seconds`; again is harmless."""
        if self._since is not None:
            return
        self._since = self._leg.exchange.now() - seconds
        self._packets = None
        self._leg.sound.measure(self._measured)
        self._look_in(max(ASK_AFTER - seconds, 0.0))

    def stop(self) -> None:
        """The leg is over."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._forget_question()

    def _look_in(self, seconds: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, self._look)

    def _look(self) -> None:
        self._timer = None
        self._leg.sound.measure(self._measured)

    def _measured(self, stats: LegStats) -> None:
        """The first measure is what later ones are compared with."""
        if self._leg.is_over or self._since is None:
            return
        before, self._packets = self._packets, stats.packets_in
        if before is None:
            return
        if before != stats.packets_in:
            self._since = None  # it speaks again; the engine will tell of the next silence
            return
        self._ask()
        if self._leg.on_silence is not None:
            self._leg.on_silence()
        if not self._leg.is_over:
            self._look_in(ASK_EVERY)

    def _ask(self) -> None:
        dialog = self._leg.dialog
        if dialog is None or self._question is not None:
            return
        exchange = self._leg.exchange
        key = exchange.send_in_dialog(dialog, dialog.request("OPTIONS"))
        if key is not None:
            self._question = key
            exchange.dispatcher.own_transaction(key, self)

    def response_received(self, event: ResponseReceived) -> None:
        """Any final answer but 481 and 408 is a sign of life."""
        if event.response.status < 200:
            return
        self._forget_question()
        if event.response.status in GONE:
            self._leg.dialog_is_gone()

    def transaction_failed(self, event: TransactionFailed) -> None:
        """No answer: the phone is gone. The BYE is for one that was only cut off for a while."""
        self._forget_question()
        self._leg.hang_up(NO_LIFE)

    def _forget_question(self) -> None:
        if self._question is not None:
            self._leg.exchange.dispatcher.disown_transaction(self._question)
            self._question = None
