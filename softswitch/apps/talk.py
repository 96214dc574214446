"""Two who talk in one call, for as long as the call has two: transfers swap one of them.

A talk ends when one hangs up. A REFER, a code of keys, or an INVITE with Replaces interrupts it;
what is to be done then stands in `transfer.py` and `consultation.py`, and afterwards the two who
are there now talk on. Media is always anchored: nobody's phone is asked to change anything.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from functools import partial

from softswitch.apps.consultation import Consultation
from softswitch.apps.desk import FrontDesk
from softswitch.apps.handover import SAFE, Handover, LedOn, Unread, Wish
from softswitch.apps.hold import HoldGuard
from softswitch.apps.recording.of_call import CallRecording
from softswitch.apps.talk_codes import (
    PAUSED,
    RESUMED,
    Act,
    KeyedWish,
    KeyReader,
    Pressed,
    reader_of_talk,
)
from softswitch.apps.transfer import Transfer
from softswitch.calls.bridge import Side, Talk, TalkEnd
from softswitch.calls.call import Call
from softswitch.calls.leg import TRANSFERRED, Leg
from softswitch.calls.party import Party
from softswitch.calls.referral import Referral
from softswitch.sip.errors import ParseError
from softswitch.sip.message import Response
from softswitch.sip.stack import RequestReceived

Step = Callable[[], Awaitable[bool]]
TAKEN_BACK = 'SIP;cause=200;text="The held call was taken back"'


async def talk(desk: FrontDesk, call: Call, callee: Leg, after: float, busy: ExitStack) -> None:
    """Answer the caller if that is still owed, join both, and return when one hung up.

    The leg is given back at the end, and so is `busy`: that its person counts as busy. `after`:
    seconds from the start of the ringing to the answer, for the story. Raises `LedOn` when a
    transfer leads to a route, or left somebody alone.
    """
    call.note("call.answered", who=callee.who, after=round(after, 1))
    # Taken over, not shared: a transfer may lead him into another call, which outlives this one.
    conversation = Conversation(desk, call, call.called(callee, busy.pop_all()))
    desk.conversations[call.id] = conversation
    try:
        call.leg.accept(callee.codec)
        await conversation.run()
    finally:
        del desk.conversations[call.id]
        conversation.close()
        conversation.is_over.set()


class Conversation:
    """The one who is led by the call (`call.party`), and the one he talks with (`other`)."""

    def __init__(self, desk: FrontDesk, call: Call, other: Party) -> None:
        self.desk = desk
        self.call = call
        self.other: Party | None = other
        # A transfer that has just failed: whoever hangs up on that has not meant his caller.
        self.failed: Handover | None = None
        # A colleague who is being asked, while one of the two waits.
        self.consultation: Consultation | None = None
        # For whoever waits for what becomes of it.
        self.is_over = asyncio.Event()
        self._talk: Talk | None = None
        self._legs: tuple[Leg, ...] = ()
        self._keys: dict[Side, KeyReader] = {}
        self._next: Step | None = None
        self._recording = desk.recordings.of(call)

    async def run(self) -> None:
        """Until somebody hung up, or nobody is left in this call to talk with."""
        while self.other is not None:
            end = await self._join(self.other)
            if end is None:
                step, self._next = self._next, None
                if step is None or not await step():
                    return
                if self.other is not None:
                    self.introduce(self.call.party, self.other)
            elif self.failed is None or not await self.failed.was_meant_by(end.side):
                if end.side is Side.CALLEE:
                    self.call.ended_by_switch = "callee"
                return

    def close(self) -> None:
        """Nobody talks with the one who is led any more."""
        if self.other is not None:
            self.call.part_with(self.other)
            self.other = None

    @property
    def talk(self) -> Talk | None:
        """In which the two are; None while one of them waits."""
        return self._talk

    def party(self, side: Side) -> Party:
        """Who is on one side now."""
        if side is Side.CALLER:
            return self.call.party
        assert self.other is not None  # there are two while anybody asks
        return self.other

    def side_of(self, leg: Leg) -> Side:
        """On which side a leg of this talk is."""
        return Side.CALLER if leg is self.call.leg else Side.CALLEE

    def introduce(self, one: Party, other: Party, by: CallRecording | None = None) -> None:
        """The phones of our people show whom they talk with now; nobody else is told anything.

        `by`: what records these two, if it is not the call's.
        """
        recorded = (by or self._recording).mark
        origin = self.call.origin
        for party, far in ((one, other), (other, one)):
            if party.extension is None:
                continue
            if origin.is_private and far.number == origin.number:
                party.leg.show(None, None)
            else:
                number = self.desk.display_number(far.number)
                name = f"{recorded}{far.name or number or ''}" if recorded else far.name
                party.leg.show(number, name)

    def drop(self, side: Side) -> None:
        """One of the two leaves, hung up if he has not; the other is led by the call now."""
        if side is Side.CALLER:
            self.call.hand_over(self.party(Side.CALLEE))
            self.other = None
        else:
            self.close()

    def give_up(self, leg: Leg) -> Party | None:
        """Hand over the one who talks with `leg`; the call ends. None: he is not to be had."""
        if self._talk is None or self.other is None:
            return None
        far = self.other
        if leg is not self.call.leg:
            far, self.call.party = self.call.party, self.other
        self.other = None
        self._leave(None)
        self.call.left(far)
        leg.hang_up(TRANSFERRED)
        return far

    def replace(self, leg: Leg, party: Party) -> bool:
        """`party` takes the place of `leg` (RFC 3891); False when nobody talks at the moment."""
        if self._talk is None or self.other is None:
            return False
        side = self.side_of(leg)
        self._leave(_go_on)
        left = self.party(side)
        self.call.note("transfer", by=left.who, to=party.who, how="replaced")
        if side is Side.CALLER:
            self.call.party = party
        else:
            self.other = party
        self.call.part_with(left, TRANSFERRED)
        return True

    def transfer(self, side: Side, wish: Wish) -> bool:
        """Carry a wish of one side out; False when nobody talks at the moment."""
        if self._talk is None:
            return False
        self._leave(Transfer(self, side, wish).carry_out)
        return True

    def consult(self, side: Side, wish: Wish) -> bool:
        """One side asks a colleague while the other waits; False when nobody talks now."""
        if self._talk is None:
            return False
        self._leave(Consultation(self, side, wish).carry_out)
        return True

    def bring_back(self, side: Side) -> None:
        """This side has held the other one for too long: he goes to the safe place, alone."""
        if self._talk is not None:
            self._leave(partial(self._to_safety, side))

    async def _to_safety(self, side: Side) -> bool:
        holder = self.party(side)
        self.call.note("hold.returned", by=holder.who)
        holder.leg.hang_up(TAKEN_BACK)
        self.drop(side)
        raise LedOn(SAFE)

    async def _join(self, other: Party) -> TalkEnd | None:
        call, desk = self.call, self.desk
        await self._recording.begin(call.party, other)
        self._recording.on_change = partial(self.introduce, call.party, other)
        call.talks += 1
        began = desk.exchange.now()
        people = [one for one in (call.party.extension, other.extension) if one is not None]
        person = self._person_beside(call.party, other)
        call.note(
            "bridge.started", who=other.who, led=call.party.number, people=people, person=person
        )
        for leg in (call.leg, other.leg):  # one of them may come from another call
            call.own(leg)

        guard = HoldGuard(self)

        def on_hold(side: Side, holds: bool) -> None:
            by = other.who if side is Side.CALLEE else "caller"
            call.note("hold" if holds else "resume", by=by)
            guard.changed(side, holds)
            self._recording.held(call.leg.is_held or other.leg.is_held)

        self._talk = Talk(
            desk.exchange, call.leg, other.leg, desk.hold_music, on_hold, self._key_pressed
        )
        self._legs = (call.leg, other.leg)
        for leg in self._legs:
            desk.talks[leg] = self
            leg.on_refer = partial(self._refer, leg)
        try:
            return await self._talk.run()
        finally:
            self._unlist()
            call.note("bridge.ended", who=other.who, seconds=round(desk.exchange.now() - began, 1))
            self._recording.on_change = _nothing
            self._recording.part()
            await guard.close()

    def _person_beside(self, led: Party, other: Party) -> str | None:
        """Who of the office talks with the one who is led, on whatever phone; or is led himself,
        since the caller handed him over, when the other one is somebody outside."""
        people, caller = self.call.office.office.people, self.call.origin.number
        found = (one.number for one in (other, led) if one.number in people)
        return next((one for one in found if one != caller or one == other.number), None)

    def _unlist(self) -> None:
        """Once for each talk: its legs may belong to another one afterwards."""
        for leg in self._legs:
            self.desk.talks.pop(leg, None)
            leg.on_refer = None
        for reader in self._keys.values():
            reader.close()
        self._legs, self._talk, self._keys = (), None, {}

    def _leave(self, step: Step | None) -> None:
        """Interrupt the talk at once; `step` is done by the call's own task."""
        talk, self._next = self._talk, step
        self._unlist()
        if talk is not None:
            talk.leave()

    # --- what its people ask for ---

    def _refer(self, leg: Leg, event: RequestReceived) -> None:
        """RFC 3515 2.4.2. Only people of the office may refer: others would call at its cost."""
        side = self.side_of(leg)
        endpoint = self.desk.exchange.endpoint
        if self.party(side).extension is None:
            endpoint.send(Response.answering(event.request, 403), event.key)
            return
        try:
            referral = Referral(leg, event)
        except ParseError as error:
            endpoint.send(Response.answering(event.request, error.status), event.key)
            Handover(self, side, Unread()).watch_haste()
            return
        referral.take()
        self.transfer(side, referral)

    def _reader_of(self, side: Side) -> KeyReader | None:
        """Of people of the office; a client's keys are between him and whom he talks with."""
        reader = self._keys.get(side)
        if reader is None and self.party(side).extension is not None:
            codes = self.call.office.office.talk_codes
            reader = reader_of_talk(codes, partial(self._asked_by_keys, side))
            self._keys[side] = reader
        return reader

    def _key_pressed(self, side: Side, key: str) -> None:
        self._recording.key(self.party(side), key)
        reader = self._reader_of(side)
        if reader is not None:
            reader.key(key)

    def _asked_by_keys(self, side: Side, pressed: Pressed) -> None:
        if pressed.act is Act.PAUSE:
            self._pause_recording(self.party(side))
            return
        number = pressed.number
        if pressed.act is Act.PARK:
            number = self.call.office.office.codes.park or ""
        wish = KeyedWish(self.desk, self.call, self.party(side).leg, number)
        if pressed.act is Act.ATTENDED:
            self.consult(side, wish)
        else:
            self.transfer(side, wish)

    def _pause_recording(self, by: Party) -> None:
        is_paused = self._recording.pause(by.who)
        if is_paused is not None:
            by.leg.sound.begin(PAUSED if is_paused else RESUMED)


async def _go_on() -> bool:
    return True


def _nothing() -> None:
    pass
