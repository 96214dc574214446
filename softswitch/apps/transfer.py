"""Transfers: one who talks asks that the other one talk with somebody else (RFC 3515, RFC 3891).

Blind: the new one is rung while the one who waits hears the ringing; when he answers, he takes the
place of the one who asked. Attended: the one who asked talks with the new one in another call
already; the two others are joined, and both his legs are hung up.

Nobody is left alone: a transfer that fails comes back to who asked for it, in the talk that he
still has, or by ringing him again; when he is not there either, the route's safe place takes over.
"""

from collections.abc import Awaitable
from contextlib import ExitStack
from typing import TYPE_CHECKING

from softswitch.apps.outside import OUTSIDE, EarlySound, meaning_of, outside_invitation
from softswitch.apps.ring import Ringer
from softswitch.apps.waiting import let_go, while_up
from softswitch.calls.bridge import Side
from softswitch.calls.dial import DialResult
from softswitch.calls.leg import TRANSFERRED, Leg
from softswitch.calls.party import Party
from softswitch.calls.referral import Referral
from softswitch.log import get_logger
from softswitch.office.models import GroupStrategy
from softswitch.routing.caller import CallerFailed, CallerGone, RingKind, RingOutcome, RingTarget

if TYPE_CHECKING:
    from softswitch.apps.talk import Conversation

_log = get_logger("apps.transfer")

# The new one's phone rings this long, and then the phone of who asked: four rings each.
RING_SECONDS, RETURN_SECONDS = 20.0, 20.0
# A provider takes half of that to find a mobile.
OUTSIDE_SECONDS = 40.0
# Phones that hang up at the last NOTIFY, whatever it says, do so at once; people are slower.
HASTE = 2.0
SAFE = ""  # names no entry, so the route's safe place
RETURNED = {"pl": "Powrót", "en": "Returned"}
FAILURES = {
    RingOutcome.BUSY: 486,
    RingOutcome.DECLINED: 603,
    RingOutcome.NO_ANSWER: 408,
    RingOutcome.UNREACHABLE: 480,
}
GONE, NOT_FOUND, NO_DIALOG, NOT_HIS, NOT_NOW, NO_WAY = 487, 404, 481, 403, 491, 503


class LedOn(Exception):
    """Whoever is led by the call goes to this word of the office: a queue, a route, `SAFE`."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


class Transfer:
    """One REFER of one side of a conversation."""

    def __init__(self, conversation: "Conversation", side: Side, referral: Referral) -> None:
        self._conversation = conversation
        self._desk, self._call = conversation.desk, conversation.call
        self._side = side
        self._referral = referral
        self._referrer = conversation.party(side)
        self._waiting = conversation.party(Side.CALLEE if side is Side.CALLER else Side.CALLER)
        self._failed_at = 0.0

    async def carry_out(self) -> bool:
        """Do it. Whether there are two to talk on; raises `LedOn` when one is to be led on."""
        replaces = self._referral.replaces
        if replaces is not None:
            leg = self._desk.exchange.dispatcher.leg_of(replaces.dialog)
            if leg is None:
                return await self._fail(NO_DIALOG)
            if leg in self._desk.talks:
                return await self._attend(leg, self._desk.talks[leg])
            if leg is self._referrer.leg or leg.way != self._referrer.leg.way:
                return await self._fail(NOT_HIS)
            # He did not wait for an answer there: it is a blind transfer to the same place.
            leg.hang_up(TRANSFERRED)
        word = self._referral.dialled or ""
        self._call.note("transfer", by=self._referrer.who, to=word, how="blind")
        return await self._blind(word)

    # --- attended ---

    async def _attend(self, leg: Leg, other_talk: "Conversation") -> bool:
        """Join the one who waits with the one behind `leg`, his other leg."""
        by = self._referrer
        if other_talk.party(other_talk.side_of(leg)).extension != by.extension:
            return await self._fail(NOT_HIS)
        far = other_talk.give_up(leg)
        if far is None:
            return await self._fail(NOT_NOW)
        self._call.note("transfer", by=by.who, to=far.who, how="attended")
        other_talk.call.note("transfer", by=by.who, to=self._waiting.who, how="attended")
        self._swap(far)
        return True

    def _swap(self, newcomer: Party) -> None:
        """The new one takes the place of the one who asked."""
        self._referral.notify(200)
        self._call.note("call.answered", who=newcomer.who, after=0.0)
        self._conversation.drop(self._side)
        self._conversation.other = newcomer

    # --- blind ---

    async def _blind(self, word: str) -> bool:
        office = self._call.office
        meant = meaning_of(office, word)
        target = self._people(meant.value)
        busy = ExitStack()
        if meant.kind in OUTSIDE:
            result = await self._wait(self._ring_outside(meant.value), busy)
        elif target is not None:
            ringer = self._ringer(self._waiting)
            result = await self._wait(ringer.ring(target, RING_SECONDS, busy), busy)
        elif meant.value in office.graph.entries:
            self._referral.notify(200)
            self._conversation.drop(self._side)
            raise LedOn(meant.value)
        else:
            return await self._fail(NOT_FOUND)
        if result is None:
            return False
        if result.leg is None:
            return await self._fail(FAILURES[result.outcome])
        self._swap(self._call.called(result.leg, busy))
        return True

    async def _wait(self, step: Awaitable[DialResult], busy: ExitStack) -> DialResult | None:
        """What the ringing brought; None when the one who waits has hung up meanwhile."""

        def undo(late: DialResult) -> None:
            let_go(late)
            busy.close()

        try:
            return await while_up(self._waiting.leg, step, undo)
        except CallerFailed as error:
            _log.error("a transfer failed", why=str(error), call=self._call.id)
            return DialResult(RingOutcome.UNREACHABLE)
        except CallerGone:
            self._referral.notify(GONE)
            if self._waiting is self._conversation.other:
                self._call.ended_by_switch = "callee"
            return None

    def _people(self, number: str) -> RingTarget | None:
        """The person, or the people of the group, with an internal number."""
        office = self._call.office.office
        if number in office.people:
            return RingTarget(RingKind.PERSON, number, (number,))
        for key, group in office.groups.items():
            if group.number == number:
                in_order = group.how is GroupStrategy.IN_ORDER
                return RingTarget(RingKind.GROUP, key, tuple(group.ring), in_order)
        return None

    def _ringer(self, shown: Party) -> Ringer:
        return Ringer(self._desk, self._call, shown, lambda: self._referral.notify(180))

    async def _ring_outside(self, number: str) -> DialResult:
        trunks = self._desk.trunks
        way = trunks.way_out()
        if way is None:
            return DialResult(RingOutcome.UNREACHABLE, status=NO_WAY)
        self._call.note("ring.started", who=[number], kind="external", key=way[0])
        early = EarlySound(self._desk, self._call, self._waiting)
        try:
            invitation = outside_invitation(trunks, self._call, number, *way)
            result = await self._ringer(self._waiting).dial(
                [invitation], OUTSIDE_SECONDS, early.begin
            )
        finally:
            early.end()
        if result.leg is None:
            self._call.note("ring.failed", who=[number], outcome=result.outcome.value)
        return result

    # --- when it fails ---

    async def _fail(self, status: int) -> bool:
        """Back to who asked: in the talk that he still has, or by ringing him."""
        self._referral.notify(status)
        self._call.note("transfer.failed", by=self._referrer.who, status=status)
        if self._waiting.leg.is_over:
            return False
        if self._referrer.leg.is_over:
            return await self._return()
        self._failed_at = self._desk.exchange.now()
        self._conversation.failed = self
        return True

    async def was_meant_by(self, side: Side) -> bool:
        """Whether the end of the talk on this side was a phone's haste; then he is rung again."""
        self._conversation.failed = None
        is_hasty = self._desk.exchange.now() - self._failed_at < HASTE
        if side is not self._side or not is_hasty or self._waiting.leg.is_over:
            return False
        return await self._return()

    async def _return(self) -> bool:
        """Ring who asked once more; his phone says whom he has not got rid of."""
        extension = self._referrer.extension or ""
        self._conversation.drop(self._side)
        self._waiting = self._call.party
        waiting, busy = self._waiting, ExitStack()
        word = RETURNED.get(self._call.office.office.office.language, RETURNED["en"])
        name = f"{word}: {waiting.name or waiting.who}"
        shown = Party(waiting.leg, waiting.number, name, waiting.extension)
        self._call.note("transfer.returned", to=extension)
        target = RingTarget(RingKind.PERSON, extension, (extension,))
        step = self._ringer(shown).ring(target, RETURN_SECONDS, busy)
        result = await self._wait(step, busy)
        if result is None:
            return False
        if result.leg is None:
            raise LedOn(SAFE)
        self._conversation.other = self._call.called(result.leg, busy)
        self._call.note("call.answered", who=result.leg.who, after=0.0)
        return True
