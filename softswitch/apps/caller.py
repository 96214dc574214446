"""A real caller, as a route sees him: the port `routing.caller.Caller` over a phone call.

Every step races against the caller hanging up: then whatever runs is cancelled, cleaned up, and
`CallerGone` ends the route. The one exception is voicemail, where hanging up is how one finishes.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from typing import Any, TypeVar

from softswitch.apps import voicemail
from softswitch.apps.conference import join_conference
from softswitch.apps.desk import FrontDesk
from softswitch.apps.greetings import after_ringing, situation_after
from softswitch.apps.handover import LedOn
from softswitch.apps.mobiles import ring_number, ring_with_mobiles
from softswitch.apps.queue.visit import Visit
from softswitch.apps.ring import Ringer
from softswitch.apps.talk import talk
from softswitch.apps.waiting import let_go, while_up
from softswitch.calls.call import Call
from softswitch.calls.dial import DialResult
from softswitch.calls.leg import Leg, LegState
from softswitch.calls.sound import Played
from softswitch.office.mailbox import Situation
from softswitch.office.queue import Priority
from softswitch.office.switches import On
from softswitch.routing.caller import (
    ConferenceOutcome,
    HangupReason,
    QueueResult,
    RingKind,
    RingOutcome,
    RingTarget,
    VoicemailOutcome,
)

T = TypeVar("T")

# What a caller is told who was not answered when the route hangs up.
HANGUP_STATUS = {HangupReason.BUSY: 486, HangupReason.NORMAL: 480}
# An answered caller hears this long that it is busy, before the line is cut.
BUSY_TONE_SECONDS = 6.0
BUSY = "tone:busy"
# Who turned a switch, when no person did.
BY_ROUTE = "route"


class PhoneCaller:
    """One caller on a route."""

    def __init__(self, desk: FrontDesk, call: Call, language: str) -> None:
        self._desk = desk
        self._call = call
        self.language = language
        self.number = call.origin.number
        self.name = call.origin.name
        self.called = call.origin.called
        self.contact = call.origin.contact
        self._node: str | None = None  # of the route, where he is
        self._situation = Situation.USUAL  # why he would come to a mailbox

    @property
    def _leg(self) -> Leg:
        """Of whoever is led: a transfer may put somebody else in the caller's place."""
        return self._call.leg

    def now(self) -> datetime:
        """The office's wall clock."""
        return self._desk.local_time(self._call.now())

    def called_by(self, seconds: float) -> str | None:
        """Whose call he returns."""
        return self._desk.recent.who(self.number, self._call.now(), seconds)

    def switches(self) -> On:
        """What is switched on by hand."""
        return self._desk.switches.on()

    def turn(self, switch: str, is_on: bool, seconds: float | None) -> None:
        """A route turns it; which the office has lost meanwhile is left alone."""
        if switch not in self._desk.office.office.switches:
            return
        if is_on:
            self._desk.switches.turn_on_for(switch, BY_ROUTE, seconds)
        else:
            self._desk.switches.turn_off(switch)

    def note(self, kind: str, /, **data: object) -> None:
        if kind == "route.entered":
            self._node = str(data["node"])
        elif kind == "route.left":
            self._situation = situation_after(data) or self._situation
        self._call.note(kind, **data)

    async def answer(self) -> None:
        if self._leg.state is not LegState.UP:
            await self.while_here(self._leg.answer())

    async def play(self, prompt: str) -> None:
        """A prompt from its first syllable to its last."""
        await self.answer()
        self.note("prompt.played", prompt=prompt)
        await self.hear(self._desk.prompt_files([prompt], self.language))

    async def collect(self, prompt: str, keys: frozenset[str], first: float) -> str | None:
        """One key; the first one stops the prompt. None after `first` seconds of silence."""
        await self.answer()
        if prompt:
            self.note("prompt.played", prompt=prompt)
        return await self.while_here(self._collect(prompt, first))

    async def _collect(self, prompt: str, first: float) -> str | None:
        sound = self._leg.sound
        if prompt and sound.keys.empty():
            await sound.play(self._desk.prompt_files([prompt], self.language), barge=True)
        try:
            async with asyncio.timeout(first):
                return await sound.keys.get()
        except TimeoutError:
            return None

    async def ring(self, target: RingTarget, seconds: float) -> RingOutcome:
        """Ring and, when somebody answers, return only after the talk."""
        await self.announce_recording(target.people)
        began = self._desk.exchange.now()
        with ExitStack() as busy:
            ringing = self._ringing(target, seconds, busy)
            result = await self.while_here(ringing, undo=let_go)
            if result.leg is not None:
                after = self._desk.exchange.now() - began
                await talk(self._desk, self._call, result.leg, after, busy)
        if result.leads_to is not None:
            raise LedOn(result.leads_to)
        self._situation = after_ringing(result.outcome.value)
        return result.outcome

    def _ringing(
        self, target: RingTarget, seconds: float, busy: ExitStack
    ) -> Awaitable[DialResult]:
        desk, call = self._desk, self._call
        if target.kind is RingKind.OUTSIDE:
            return ring_number(desk, call, target, seconds)
        if target.mobiles:
            return ring_with_mobiles(desk, call, target, seconds, busy)
        return Ringer(desk, call).ring(target, seconds, busy)

    async def queue(
        self,
        queue: str,
        priority: Priority = Priority.NORMAL,
        keys: frozenset[str] = frozenset(),
        callback: str | None = None,
    ) -> QueueResult:
        """Wait in a queue, with music, until an agent answers, a key is pressed, an exit is due."""
        visit = Visit(self._desk, self._call, self, queue, self._node)
        return await visit.run(priority, keys, callback)

    async def announce_recording(self, people: Sequence[str]) -> None:
        """He is told before he waits for one of these, if the talk will be recorded."""
        recording = self._desk.recordings.of(self._call)
        await self.while_here(recording.announce(people, self.language))

    async def voicemail(self, mailbox: str) -> VoicemailOutcome:
        """Greeting, beep, message. Hanging up after the beep is the usual, good end."""
        await self.answer()
        return await voicemail.leave_message(
            self._desk, self._call, mailbox, self.language, self.hear, self._situation
        )

    async def conference(self, conference: str) -> ConferenceOutcome:
        """Talk with whoever is in the room; who hangs up leaves it."""
        config = self._call.office.office.conferences[conference]
        await self.answer()
        return await self.while_here(
            join_conference(self._desk, self._call, conference, config, self.language)
        )

    async def ask(
        self, address: str, question: Mapping[str, Any], seconds: float, secret: str | None
    ) -> str | None:
        """What another system answers; he hears his phone ringing, or nothing, meanwhile."""
        asked = {"call": self._call.id, **question}
        asking = self._desk.webhooks.ask(address, asked, seconds, secret)
        return await self.while_here(asking)

    async def hear(self, files: Sequence[str], barge: bool = False) -> Played:
        """Play files to him, and leave off when he hangs up."""
        return await self.while_here(self._leg.sound.play(files, barge=barge))

    async def hangup(self, reason: HangupReason) -> None:
        """End the call from our side; an answered caller hears the busy tone first, if so meant."""
        if reason is HangupReason.BUSY and self._leg.state is LegState.UP:
            self._leg.sound.loop([BUSY])
            await self.while_here(asyncio.sleep(BUSY_TONE_SECONDS))
        self._leg.hang_up(status=HANGUP_STATUS[reason])

    async def while_here(self, step: Awaitable[T], undo: Callable[[T], None] = lambda _: None) -> T:
        """The step's result, or `CallerGone` (the step cancelled and cleaned up) if he leaves.

        `undo` gives back what a step brought in the very moment in which the caller left.
        """
        return await while_up(self._leg, step, undo)
