"""Transfers: one who talks asks that the other one talk with somebody else (RFC 3515, RFC 3891).

Blind: the new one is rung while the one who waits hears the ringing; when he answers, he takes the
place of the one who asked. Attended: the one who asked talks with the new one in another call
already; the two others are joined, and both his legs are hung up. What happens when it fails stands
in `handover.py`; a colleague who is asked first within one call, in `consultation.py`.
"""

from contextlib import ExitStack
from typing import TYPE_CHECKING

from softswitch.apps.handover import (
    NO_DIALOG,
    NOT_HIS,
    NOT_NOW,
    Handover,
)
from softswitch.calls.leg import TRANSFERRED, Leg

if TYPE_CHECKING:
    from softswitch.apps.talk import Conversation


class Transfer(Handover):
    """Carries one wish out."""

    async def carry_out(self) -> bool:
        """Do it. Whether there are two to talk on; raises `LedOn` when one is to be led on."""
        replaces = self._wish.replaces
        if replaces is not None:
            leg = self._desk.exchange.dispatcher.leg_of(replaces.dialog)
            if leg is None:
                return await self._fail(NO_DIALOG)
            if leg in self._desk.talks:
                return await self._attend(leg, self._desk.talks[leg])
            if leg is self._asker.leg or leg.way != self._asker.leg.way:
                return await self._fail(NOT_HIS)
            # He did not wait for an answer there: it is a blind transfer to the same place.
            leg.hang_up(TRANSFERRED)
        word = self._wish.dialled or ""
        self._note(word, "blind")
        return await self._blind(word)

    async def _attend(self, leg: Leg, other_talk: "Conversation") -> bool:
        """Join the one who waits with the one behind `leg`, his other leg."""
        by = self._asker
        if other_talk.party(other_talk.side_of(leg)).extension != by.extension:
            return await self._fail(NOT_HIS)
        far = other_talk.give_up(leg)
        if far is None:
            return await self._fail(NOT_NOW)
        self._note(far.who, "attended")
        other_talk.call.note(
            "transfer", by=by.who, to=self._waiting.who, how="attended", of=far.who
        )
        self._call.note("call.answered", who=far.who, after=0.0)
        self._swap(far)
        return True

    async def _blind(self, word: str) -> bool:
        busy = ExitStack()
        ringing = self._ringing(word, self._waiting, busy)
        if ringing is None:
            return await self._lead_on(word)
        result = await self._wait(ringing, busy)
        if result is None:
            return False
        if result.leads_to is not None:
            return await self._lead_on(result.leads_to)
        if result.leg is None:
            return await self._fail_as(result)
        self._call.note("call.answered", who=result.leg.who, after=0.0)
        self._swap(self._call.called(result.leg, busy))
        return True
