"""Click-to-call: a person's phones ring, he answers, and the number is dialled as if by him.

For the command line now, for a panel or a CRM later. His phones show the number that will be
called. One call, one history row, whether he answers or not; who may be called, who pays and what
becomes of it is decided where it is for digits (`internal.py`).
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from softswitch.apps.caller import PhoneCaller
from softswitch.apps.desk import FrontDesk
from softswitch.apps.intercom import AUTO_ANSWER
from softswitch.apps.internal import InternalCall
from softswitch.apps.outside import direction_of, meaning_of
from softswitch.apps.ring import Shown, phones_of
from softswitch.apps.serving import serve
from softswitch.calls.call import Call, Origin, Story
from softswitch.calls.dial import DialResult, dial
from softswitch.calls.identity import Identity
from softswitch.calls.outgoing import OutgoingLeg
from softswitch.calls.sound import SoundError
from softswitch.control import ControlError, Verb
from softswitch.log import get_logger
from softswitch.office.numbers import Kind
from softswitch.office.permission import in_words
from softswitch.routing.caller import RingOutcome
from softswitch.wording import say

_log = get_logger("apps.click")

# Who asks for a call sits beside his phone.
RING_SECONDS = 30.0
# People who click at once; more are a fault of whatever clicks.
MOST = 100
STATUS = {RingOutcome.BUSY: 486, RingOutcome.DECLINED: 603}
NOT_THERE = 480


@dataclass(slots=True)
class Clicks:
    """Calls that were asked for. `calls`: where calls in progress are listed."""

    desk: FrontDesk
    calls: dict[str, Call]
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def verbs(self) -> dict[str, Verb]:
        """What may be asked, by its name."""
        return {"dial": self.ask}

    def ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Ring somebody's phones to call a number. Raises `ControlError`."""
        extension, number = str(request.get("extension")), str(request.get("number"))
        story = self.begin(extension, number, is_automatic=bool(request.get("auto_answer")))
        return {"call": story.id, "extension": extension, "number": story.origin.called}

    def begin(self, extension: str, number: str, *, is_automatic: bool = False) -> Story:
        """The story of the call, which goes on by itself. Raises `ControlError`."""
        desk = self.desk
        person = desk.office.office.people.get(extension)
        if person is None:
            raise ControlError(say("no_person_here", who=extension))
        meant = meaning_of(desk.office, number)
        if meant.kind in (Kind.UNKNOWN, Kind.CODE):
            raise ControlError(say("no_number_to_dial", text=number))
        why = desk.spending.would_refuse(extension, meant)
        if why is not None:
            raise ControlError(in_words(why, extension, meant.value))
        if len(self.tasks) >= MOST:
            raise ControlError(say("too_many_clicks"))
        shown = Identity(desk.display_number(meant.value), self._name(meant.value))
        phones = phones_of(desk, extension, Shown(shown, AUTO_ANSWER if is_automatic else ()))
        if not phones:
            raise ControlError(say("no_phone_registered", who=extension))
        direction = direction_of(desk.office, meant.value)
        origin = Origin(direction, extension, person.name, meant.value)
        story = Story(desk.exchange, origin)
        task = asyncio.create_task(self._serve(story, shown, is_automatic), name=story.id)
        self.tasks.add(task)
        task.add_done_callback(self._ended)
        return story

    def _name(self, number: str) -> str | None:
        people = self.desk.office.office.people
        if number in people:
            return people[number].name
        contact = self.desk.office.graph.contacts.find(number)
        return contact.name if contact is not None else None

    async def _serve(self, story: Story, shown: Identity, is_automatic: bool) -> None:
        extension, desk = story.origin.number or "", self.desk
        story.begin()
        story.note("call.clicked", by=extension)
        with desk.exchange.people.occupied(extension):
            result = await self._ring(story, extension, shown, is_automatic)
        leg = result.leg
        if not isinstance(leg, OutgoingLeg):
            status = STATUS.get(result.outcome, NOT_THERE)
            story.end("switch", status, f"{extension} did not answer")
            return
        call = Call(desk.exchange, desk.office, leg, story.origin)
        call.go_on(story)
        self.calls[call.id] = call
        caller = PhoneCaller(desk, call, desk.office.office.office.language)
        try:
            inner = InternalCall(desk, desk.trunks, call, caller)
            await serve(desk, call, caller, inner.serve())
        finally:
            self.calls.pop(call.id, None)

    async def _ring(
        self, story: Story, extension: str, shown: Identity, is_automatic: bool
    ) -> DialResult:
        """His phones; what they said."""
        headers = AUTO_ANSWER if is_automatic else ()
        phones = phones_of(self.desk, extension, Shown(shown, headers, own=story.own))
        story.note("ring.started", who=[extension], kind="click", key=extension)
        try:
            result = await dial(self.desk.exchange, phones, RING_SECONDS)
        except SoundError as error:
            _log.error("a call that was asked for failed", call=story.id, why=str(error))
            result = DialResult(RingOutcome.UNREACHABLE)
        except asyncio.CancelledError:
            story.end("switch", 503, "the switch stops")
            raise
        if result.leg is None:
            story.note("ring.failed", who=[extension], outcome=result.outcome.value)
        return result

    def _ended(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            _log.error("a call that was asked for broke", exc_info=task.exception())

    async def close(self) -> None:
        """Hang up, and wait until each has written its last line."""
        for task in self.tasks:
            task.cancel()
        if self.tasks:
            await asyncio.wait(self.tasks)
