"""A colleague is asked first, within one call: the switch places his leg, the other one waits.

The one who waits hears music. Whoever asked joins the two others by the same code again or by
hanging up, also while it still rings; `cancel`, or the colleague's hanging up, leads back. When the
one who waited has gone, the two talk on. No phone is asked to hold or to re-INVITE.
"""

import asyncio
from collections.abc import Coroutine
from contextlib import ExitStack
from enum import Enum, auto
from functools import partial
from typing import TYPE_CHECKING, Any

from softswitch.apps.handover import DONE, GONE, NOT_FOUND, Handover, Wish
from softswitch.apps.recording.of_consultation import ConsultationRecording
from softswitch.apps.ring import RINGING
from softswitch.apps.talk_codes import BEEP, Act, Pressed, reader_of_consultation
from softswitch.apps.waiting import abandon, let_go
from softswitch.calls.bridge import Side, Talk
from softswitch.calls.dial import DialResult
from softswitch.calls.leg import TRANSFERRED, Leg, LegState
from softswitch.calls.party import Party
from softswitch.calls.sound import SoundError

if TYPE_CHECKING:
    from softswitch.apps.talk import Conversation


class Word(Enum):
    """What the one who asks has decided."""

    COMPLETE = auto()
    CANCEL = auto()


_WORDS = {Act.ATTENDED: Word.COMPLETE, Act.CANCEL: Word.CANCEL}


class Consultation(Handover):
    """One colleague who is asked, from his first ring to the decision."""

    def __init__(self, conversation: "Conversation", side: Side, wish: Wish) -> None:
        super().__init__(conversation, side, wish)
        self._word: asyncio.Future[Word] = asyncio.get_running_loop().create_future()
        # The two who talk while the third one waits.
        self.pair: tuple[Leg, Leg] | None = None
        codes = self._call.office.office.talk_codes
        self._keys = reader_of_consultation(codes, self._pressed)

    def decide(self, word: Word) -> None:
        """Join the two others, or go back; the first word counts."""
        if not self._word.done():
            self._word.set_result(word)

    @property
    def _is_cancelled(self) -> bool:
        return self._word.done() and self._word.result() is Word.CANCEL

    async def carry_out(self) -> bool:
        """Do it. Whether there are two to talk on; raises `LedOn` when one is to be led on."""
        busy = ExitStack()
        word = self._wish.dialled or ""
        ringing = self._ringing(word, self._asker, busy)
        if ringing is None:
            return await self._fail(NOT_FOUND)
        self._call.note("consultation.started", by=self._asker.who, to=word, of=self._waiting.who)
        self._conversation.consultation = self
        self._asker.leg.sound.on_key = lambda key, _: self._keys.key(key)
        self._waiting.leg.sound.music(self._desk.hold_music())
        try:
            return await self._ask(ringing, busy)
        finally:
            self._conversation.consultation = None
            self._keys.close()
            self._asker.leg.sound.on_key = None
            self._waiting.leg.sound.stop_music()

    async def _ask(self, ringing: Coroutine[Any, Any, DialResult], busy: ExitStack) -> bool:
        result = await self._rung(ringing, busy)
        self._waiting.leg.sound.quiet()
        if self._waiting.leg.is_over and (result is None or self._asker.leg.is_over):
            if result is not None:
                self._give_back(result, busy)
            self._left_alone()
            return False
        if result is None:
            return await self._back(None)
        if result.leads_to is not None and self._asker.leg.is_over:
            return await self._lead_on(result.leads_to)
        if result.leg is None:
            return await self._fail_as(result)
        self._call.note("call.answered", who=result.leg.who, after=0.0)
        newcomer = self._call.called(result.leg, busy)
        if not self._word.done():
            try:
                await self._talk(newcomer)
            except BaseException:
                self._call.part_with(newcomer)
                raise
        return await self._settle(newcomer)

    # --- while it rings ---

    async def _rung(
        self, ringing: Coroutine[Any, Any, DialResult], busy: ExitStack
    ) -> DialResult | None:
        """What the ringing brought; None when it was cancelled, or the one who waited left.

        Whoever asked and hangs up meanwhile has transferred: the other one hears the ringing now.
        """
        task = asyncio.ensure_future(ringing)
        is_kept = False
        try:
            waited: list[asyncio.Future[Any]] = [task, self._waiting.leg.ended]
            begin = [*waited, self._asker.leg.ended, self._word]
            await asyncio.wait(begin, return_when=asyncio.FIRST_COMPLETED)
            if not task.done() and not self._waiting.leg.is_over and not self._is_cancelled:
                self._goes_blind()
                await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
            is_kept = task.done() and not self._is_cancelled
        finally:
            if not is_kept:
                await abandon(task, lambda late: self._give_back(late, busy))
        if not is_kept:
            return None
        try:
            return task.result()
        except (SoundError, OSError) as error:
            return self._faulty(error)

    def _goes_blind(self) -> None:
        self.decide(Word.COMPLETE)
        waiting = self._waiting.leg
        waiting.sound.stop_music()
        waiting.sound.loop([RINGING])

    def _give_back(self, late: DialResult, busy: ExitStack) -> None:
        let_go(late)
        busy.close()

    # --- while the two talk ---

    async def _talk(self, newcomer: Party) -> None:
        """Until one of the three leaves, or the one who asked has decided."""
        self._wish.notify(DONE)
        began = self._desk.exchange.now()
        parties = {self._side: self._asker, self._side.other: newcomer}
        recording = self._desk.recordings.consultation(self._call, self._asker, self._waiting)

        def on_hold(side: Side, holds: bool) -> None:
            self._call.note("hold" if holds else "resume", by=parties[side].who)
            recording.held(any(leg.is_held for leg in legs))

        def on_key(side: Side, key: str) -> None:
            recording.key(parties[side], key)
            if side is self._side:
                self._keys.key(key)

        legs = parties[Side.CALLER].leg, parties[Side.CALLEE].leg
        talk = Talk(self._desk.exchange, *legs, self._desk.hold_music, on_hold, on_key)
        self._conversation.introduce(self._asker, newcomer)
        conferring = self._confer(talk, newcomer, recording)
        task = asyncio.create_task(conferring, name=f"consultation {self._call.id}")
        try:
            waited: list[asyncio.Future[Any]] = [task, self._waiting.leg.ended, self._word]
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if self.pair is None:
                task.cancel()
            talk.leave()
            self.pair = None
            await asyncio.wait([task])
            seconds = round(self._desk.exchange.now() - began, 1)
            data = {"with": newcomer.who, "seconds": seconds}
            self._call.note("consultation.ended", by=self._asker.who, **data)

    async def _confer(self, talk: Talk, newcomer: Party, recording: ConsultationRecording) -> None:
        """A notice comes before, if a policy says that what they say is recorded."""
        try:
            await recording.begin(self._asker, newcomer)
            introduce = self._conversation.introduce
            recording.on_change = partial(introduce, self._asker, newcomer, recording)
            self.pair = (self._asker.leg, newcomer.leg)
            await talk.run()
        finally:
            recording.close()

    async def _settle(self, newcomer: Party) -> bool:
        """Who talks with whom now."""
        asks, answers = self._asker.leg, newcomer.leg
        if self._waiting.leg.is_over:
            return self._talk_on(newcomer)
        wants_to_join = asks.is_over or (self._word.done() and not self._is_cancelled)
        if wants_to_join and not answers.is_over:
            self._note(newcomer.who, "attended")
            self._swap(newcomer)
            self._side = Side.CALLEE  # where the new one is now: both hung up at once, perhaps
            self.watch_haste()
            return True
        self._call.part_with(newcomer, TRANSFERRED)
        return await self._back(newcomer)

    def _talk_on(self, newcomer: Party) -> bool:
        """The one who waited has hung up; whoever is there goes on without him."""
        if self._asker.leg.is_over or newcomer.leg.is_over:
            self._call.part_with(newcomer)
            self._left_alone()
            return False
        self._wish.notify(GONE)
        self._conversation.drop(self._side.other)
        self._conversation.other = newcomer
        return True

    async def _back(self, newcomer: Party | None) -> bool:
        """To the one who waits, with a tone that says so; by ringing, for one who has hung up."""
        if self._waiting.leg.is_over:
            self._left_alone()
            return False
        self._wish.notify(GONE)
        if self._asker.leg.is_over:
            return await self._return()
        if self._asker.leg.state is LegState.UP:
            self._asker.leg.sound.begin([BEEP])
        return True

    def _pressed(self, pressed: Pressed) -> None:
        self.decide(_WORDS[pressed.act])
