"""One caller's visit to a queue: music, announcements, his keys, the agent who answers, the talk.

An agent who hangs up before the two are joined has not had the caller: he waits on, in his place.
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from softswitch.apps.announcer import Offer, announce_place
from softswitch.apps.desk import FrontDesk
from softswitch.apps.queue.guest import Guest, Served
from softswitch.apps.queue.line import Waiting
from softswitch.apps.recording.of_call import CallRecording
from softswitch.apps.ring import invitations_for, named_after, sought_by
from softswitch.apps.talk import talk
from softswitch.calls.call import Call
from softswitch.calls.exchange import Invitation
from softswitch.calls.leg import Leg
from softswitch.office.queue import Priority, Queue
from softswitch.office.ringing import RingsFor
from softswitch.routing.caller import CallerGone, QueueOutcome, QueueResult

if TYPE_CHECKING:
    from softswitch.apps.caller import PhoneCaller

# How waiting ends in the story when the caller has hung up.
ABANDONED = "abandoned"


class Visit:
    """See the module's docstring. `node`: of the route, where his priority is written."""

    def __init__(
        self, desk: FrontDesk, call: Call, caller: "PhoneCaller", queue: str, node: str | None
    ) -> None:
        self._desk, self._call, self._caller, self._queue = desk, call, caller, queue
        self._node = node
        self._rules = call.office.office.queues[queue]
        self._keys: frozenset[str] = frozenset()
        self._callback: str | None = None

    async def run(
        self, priority: Priority, keys: frozenset[str], callback: str | None
    ) -> QueueResult:
        """Until he has talked, or has left the line."""
        hall, number = self._desk.queues, self._call.party.number
        refused = self._refused()
        if refused is not None:
            return refused
        self._keys = keys
        self._callback = callback if number is not None and number.startswith("+") else None
        await self._caller.answer()
        self._call.leg.sound.forget_keys()
        guest = self._guest(priority)
        # His place counts from now on, also while he hears that he will be recorded.
        self._recording.queue = self._queue
        await self._caller.announce_recording(self._rules.agents)
        # Others have come while he was answered and heard that; the last place may be gone.
        refused = self._refused()
        if refused is not None:
            self._recording.queue = None
            return refused
        position = hall.enter(guest, self._rules)
        self._call.note("queue.entered", queue=self._queue, position=position)
        try:
            served = await self._served(guest)
        except CallerGone:
            self._left(ABANDONED, self._desk.exchange.now() - guest.place.since)
            raise
        return await self._go_on(guest, served)

    def _refused(self) -> QueueResult | None:
        """Why he cannot even begin to wait, if so."""
        refusal = self._desk.queues.refusal(self._queue, self._rules)
        if refusal is None:
            return None
        self._left(refusal.value, 0.0)
        return QueueResult(refusal)

    async def _go_on(self, guest: Guest, served: Served) -> QueueResult:
        """What the end of the waiting leads to."""
        outcome, leg = served.outcome, served.leg
        if outcome is QueueOutcome.KEY and served.key == self._callback:
            outcome = QueueOutcome.CALLED_BACK
        self._left(outcome.value, served.waited, who=leg.who if leg is not None else None)
        if outcome is QueueOutcome.CALLED_BACK:
            self._desk.queues.promise(self._call, guest.place)
        if leg is not None:
            self._call.queue = self._queue
            with guest.occupied as busy:
                await talk(self._desk, self._call, leg, served.waited, busy)
        self._recording.queue = None
        return QueueResult(outcome, served.key)

    @property
    def _recording(self) -> CallRecording:
        return self._desk.recordings.of(self._call)

    def _left(self, outcome: str, waited: float, who: str | None = None) -> None:
        data = {"queue": self._queue, "outcome": outcome, "waited": round(waited, 1)}
        self._call.note("queue.left", **data, **({} if who is None else {"who": who}))

    def _guest(self, priority: Priority) -> Guest:
        desk, call = self._desk, self._call
        now = desk.exchange.now()
        kept = desk.queues.kept_since(call.party.number or "", self._queue)
        place = Waiting(call.id, priority.rank, now, self._queue, self._node, kept=kept)
        name = self._rules.name

        def invite(agent: str) -> list[Invitation]:
            party = named_after(call.party, name)
            return invitations_for(desk, call, agent, party, RingsFor.QUEUE)

        return Guest(
            place=place,
            invite=invite,
            note=call.note,
            answered=asyncio.get_running_loop().create_future(),
            sought=sought_by(desk, call, call.party, "queue", self._queue, place.since),
        )

    async def _served(self, guest: Guest) -> Served:
        """Wait until somebody answers who is still there when the two are to be joined."""
        sound, hall = self._call.leg.sound, self._desk.queues
        sound.music(self._desk.music(self._rules.music))
        try:
            while True:
                waiting = self._wait(guest)
                served = await self._caller.while_here(waiting, undo=_give_back(guest))
                if served.leg is None:
                    return served
                introducing = self._introduce(guest, served.leg)
                await self._caller.while_here(introducing, undo=lambda _: None)
                if not served.leg.is_over:
                    return served
                guest.give_back()
                self._call.note("ring.failed", who=[served.leg.who], outcome="declined")
                hall.again(guest, self._rules)
        except BaseException:
            guest.give_back()
            raise
        finally:
            sound.stop_music()

    async def _wait(self, guest: Guest) -> Served:
        """Announcements beside the waiting itself; neither delays the other."""
        desk, hall, sound = self._desk, self._desk.queues, self._call.leg.sound
        spent = desk.exchange.now() - guest.place.since
        offer = Offer(self._call.leg, self._caller.language, self._callback)
        beside = [
            asyncio.create_task(announce_place(desk, offer, guest, self._rules)),
            asyncio.create_task(self._listen(sound.keys, guest)),
        ]
        try:
            return await hall.serve(guest, max(0.0, self._rules.longest_wait - spent))
        finally:
            for task in beside:
                task.cancel()

    async def _listen(self, pressed: "asyncio.Queue[str]", guest: Guest) -> None:
        """The first key that means something ends the waiting; by another one he may refuse to be
        recorded, and waits on."""
        while True:
            key = await pressed.get()
            if key in self._keys or key == self._callback:
                guest.leave_by(QueueOutcome.KEY, key)
                return
            self._recording.key_while_waiting(key, self._caller.language)

    async def _introduce(self, guest: Guest, agent: Leg) -> None:
        """The agent hears which queue it is, the caller that he is put through; then both talk."""
        rules: Queue = self._desk.queues.rules(guest) or self._rules
        files = self._desk.prompt_files
        told = [
            (agent, rules.whisper, self._desk.office.office.office.language),
            (self._call.leg, rules.greeting, self._caller.language),
        ]
        plays = [
            asyncio.ensure_future(leg.sound.play(files([prompt], language)))
            for leg, prompt, language in told
            if prompt is not None
        ]
        if not plays:
            return
        both = asyncio.gather(*plays)
        try:
            waited: list[asyncio.Future[Any]] = [both, agent.ended]
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        finally:
            both.cancel()
            await asyncio.gather(*plays, return_exceptions=True)


def _give_back(guest: Guest) -> Callable[[Served], None]:
    def undo(_: Served) -> None:
        guest.give_back()

    return undo
