"""Callers who hung up and kept their place: called when it is their turn, agent first.

The promise stands on the callback list from the moment in which the key was pressed, so nothing
depends on what is here: an agent who never comes free, a client who is not reached leave an item
that is due. Here the place in the line is kept, with the time at which the caller came, and after a
restart it is made again of the log (`recall`): an agent is reserved and rung, and only when he has
answered is the client called, by the way of every call back (`callbacks/code.py`). So a promise
comes neither before nor after its turn, and counts once: the list's item is closed by the talk.
Who calls again by himself meanwhile has that place at once, and his number is not called as long
as he is on the phone with us: it would be busy, or his mobile's voicemail.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from softswitch.apps.callbacks.code import call_item
from softswitch.apps.caller import PhoneCaller
from softswitch.apps.desk import FrontDesk
from softswitch.apps.queue.guest import Guest
from softswitch.apps.queue.line import CallerState, Waiting
from softswitch.apps.ring import Shown, phones_of
from softswitch.apps.serving import serve
from softswitch.calls.call import Call, Direction, Origin
from softswitch.calls.exchange import Invitation
from softswitch.calls.identity import Identity
from softswitch.calls.leg import Leg
from softswitch.calls.outgoing import OutgoingLeg
from softswitch.log import get_logger
from softswitch.office.ringing import RingsFor
from softswitch.routing.caller import QueueOutcome
from softswitch.store.callbacks import Item
from softswitch.store.event import Event

_log = get_logger("apps.queue.promise")

# The kind of event by which a promise is kept: an agent is there, and the client is called.
RETURNED = "queue.returned"
# An agent was rung for a promise, and did not come.
RANG = "promise.rang"
# Places kept; whoever comes after is called back from the list alone.
MOST_PLACES = 500


class Promises:
    """The keeper of the places. `calls`: where calls in progress are listed."""

    def __init__(self, desk: FrontDesk, calls: dict[str, Call]) -> None:
        self._desk, self._calls = desk, calls
        self._numbers: dict[Waiting, str] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def keep(self, call: Call, place: Waiting) -> None:
        """Promise it, and keep the place of the caller who goes now."""
        number = call.party.number or ""
        waited = round(self._desk.exchange.now() - place.since, 1)
        # Everything that makes his place: after a restart it is made again of this (`recall`).
        call.note("callback.requested", number=number, owner=place.queue, queue=place.queue,
                  priority=place.priority, node=place.node, waited=waited)  # fmt: skip
        kept = replace(place, state=CallerState.WAITING, is_promised=True, tried=set(), agents=())
        self.restore(kept, number)

    def restore(self, kept: Waiting, number: str) -> None:
        """Keep a place from now on; of one number only one in each queue."""
        has_one = any(
            number == other and one.queue == kept.queue for one, other in self._numbers.items()
        )
        if has_one or len(self._numbers) >= MOST_PLACES:
            return
        self._numbers[kept] = number
        task = asyncio.create_task(self._wait(kept, number), name=f"promise {kept.call}")
        self._tasks.add(task)
        task.add_done_callback(partial(self._over, kept))

    def _over(self, kept: Waiting, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._numbers.pop(kept, None)
        if not task.cancelled() and task.exception() is not None:
            _log.error("a promised call could not be made", exc_info=task.exception())

    def is_ready(self, place: Waiting) -> bool:
        """Whether he is to be called now: the office works, nobody does it already, and he is not
        on the phone with us.

        Whoever has been talked with meanwhile, or whose item was closed, has no place any more.
        """
        callbacks, number = self._desk.callbacks, self._numbers.get(place, "")
        item = callbacks.waiting(number)
        if item is None:
            self._desk.queues.drop(place)
            return False
        is_due = item.due is None or item.due <= self._desk.exchange.clock()
        return is_due and not callbacks.is_claimed(item) and not callbacks.calls_us(number)

    def kept_since(self, number: str, queue: str) -> float | None:
        """When he came whose place in this queue is kept; None: nobody's of this number."""
        kept = (one for one, other in self._numbers.items() if other == number)
        return min((one.since for one in kept if one.queue == queue), default=None)

    async def _wait(self, kept: Waiting, number: str) -> None:
        """In the line, until an agent has answered."""
        guest = self._guest(kept, number)
        rules = self._desk.office.office.queues.get(kept.queue)
        if rules is None:
            return
        self._desk.queues.enter(guest, rules)
        served = await self._desk.queues.serve(guest, None)
        item = self._desk.callbacks.waiting(number)
        if served.outcome is not QueueOutcome.ANSWERED or served.leg is None:
            return
        if item is None:
            guest.give_back()
            return
        await self._call(served.leg, guest, item)

    def _guest(self, kept: Waiting, number: str) -> Guest:
        desk = self._desk

        def told(kind: str, /, **data: Any) -> None:
            """The call of which it is to be told begins when the agent has answered; who has let it
            ring stands with the call in which it was promised: since then he has been idle."""
            if kind == "ring.failed":
                rang = {"who": data["who"], "queue": kept.queue, "outcome": data["outcome"]}
                events, now = desk.exchange.events, desk.exchange.clock()
                events.append(Event(kept.call, now, RANG, rang))

        shown = Identity(desk.display_number(number), self._name(number))
        return Guest(
            place=kept,
            invite=partial(self._invite, shown),
            note=told,
            answered=asyncio.get_running_loop().create_future(),
            sought=None,
        )

    def _name(self, number: str) -> str | None:
        item = self._desk.callbacks.waiting(number)
        return None if item is None else item.name

    def _invite(self, shown: Identity, agent: str) -> Sequence[Invitation]:
        alert = self._desk.office.office.ringing.alert(RingsFor.QUEUE)
        headers = (("Alert-Info", alert),) if alert is not None else ()
        return phones_of(self._desk, agent, Shown(shown, headers))

    async def _call(self, leg: Leg, guest: Guest, item: Item) -> None:
        """The agent's leg leads a call of its own, to the client."""
        desk, person = self._desk, self._desk.office.office.people.get(leg.who)
        assert isinstance(leg, OutgoingLeg)  # nobody picks up what is not sought
        name = None if person is None else person.name
        origin = Origin(Direction.OUT, leg.who, name, item.number or "")
        call = Call(desk.exchange, desk.office, leg, origin)
        call.party.busy.enter_context(guest.occupied)
        self._calls[call.id] = call
        call.begin()
        waited = round(desk.exchange.now() - guest.place.since, 1)
        place = guest.place
        call.note(RETURNED, queue=place.queue, who=leg.who, promised=place.call, waited=waited)
        caller = PhoneCaller(desk, call, desk.office.office.office.language)
        try:
            await serve(desk, call, caller, call_item(desk, call, caller, item))
        finally:
            self._calls.pop(call.id, None)

    async def close(self) -> None:
        """The switch stops; the list keeps what was promised."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def dump(self) -> dict[str, int]:
        """Places kept; not zero as long as somebody waits to be called."""
        return {"places kept": len(self._numbers)}
