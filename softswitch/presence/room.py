"""The room of lamps, put together: what the server makes, runs, and feeds.

    room = Presence(endpoint, dispatcher, registrar, table, messages, office, admit, token, now)
    dispatcher.handlers["SUBSCRIBE"] = room.subscribe
    events.subscribe(room.see, room.kinds); people.observers.append(room.person_changed)
    room.restore()                                               before the first SUBSCRIBE
    await room.run(flush)                                        beside the server, until cancelled

Everything that changes a lamp comes in by `see`, `person_changed`, `messages.on_change` and
`switch`; everything that leaves is a NOTIFY.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from softswitch.log import get_logger
from softswitch.net.endpoint import Endpoint
from softswitch.office.codes import CALLBACK, Lit
from softswitch.office.models import Office
from softswitch.presence.lamps import KINDS, Lamps
from softswitch.presence.mailboxes import Mailboxes
from softswitch.presence.notifier import Notifier
from softswitch.presence.ports import Shelf, Surroundings, Transactions
from softswitch.presence.things import EMERGENCY, PACKAGES, Kind, Thing, hand_switch, own_switch
from softswitch.presence.views import Views
from softswitch.sip.dialog import Dialog, DialogId
from softswitch.sip.events import RequestReceived
from softswitch.sip.flow import Flow, Target
from softswitch.sip.message import Request, Response
from softswitch.sip.subscription import allow_events
from softswitch.sip.transaction import TransactionKey
from softswitch.sip.uri import OtherUri, Uri
from softswitch.store.event import Event
from softswitch.store.messages import MessageTable

_log = get_logger("presence")

TICK = 0.25
LOOK_AGAIN_TICKS = 20  # every five seconds
RECONCILE_TICKS = 4
EVENTS = allow_events(PACKAGES)
"""The value of Allow-Events."""


class Place(Protocol):
    """A registered contact."""

    @property
    def contact(self) -> Uri: ...

    @property
    def flow(self) -> Flow: ...


class Places(Protocol):
    """Where phones are: the registrar."""

    def lookup(self, extension: str, now: float) -> Sequence[Place]: ...

    def is_there(self, extension: str, now: float) -> bool: ...


class Presence:
    """See the module's docstring. `kinds`: of the events that it is to see."""

    kinds = KINDS

    def __init__(
        self,
        endpoint: Endpoint,
        transactions: Transactions,
        places: Places,
        shelf: Shelf,
        messages: MessageTable,
        office: Callable[[], Office],
        admit: Callable[[RequestReceived], str | None],
        token: Callable[[], str],
        now: Callable[[], float],
    ) -> None:
        """`now`: seconds since 1970, as the registrar counts them."""
        self._places, self._endpoint, self._now = places, endpoint, now
        self.lamps = Lamps(token, self._has_phone)
        self.mailboxes = Mailboxes(messages, self._changed)
        around = Surroundings(
            wire=_Wire(endpoint),
            transactions=transactions,
            shelf=shelf,
            office=office,
            admit=admit,
            find_flow=self._find_flow,
            defer=lambda work: asyncio.get_running_loop().call_soon(work),
            token=token,
            now=now,
        )
        self.notifier = Notifier(around, Views(self.lamps, self.mailboxes, self._has_phone))
        self.lamps.on_change = self._changed
        messages.on_change = self.mailboxes.changed
        self.subscribe = self.notifier.subscribe
        self.restore = self.notifier.restore
        self.office_changed = self.notifier.office_changed
        self.see: Callable[[Event], None] = self.lamps.see

    async def run(self, flush: Callable[[], Awaitable[bool]]) -> None:
        """Go on with what was restored, and keep time; to be cancelled.

        `flush`: waits for the disk, so that no counter is used before it is safe there.
        """
        await flush()
        if not await self.mailboxes.count():
            self.mailboxes.changed()
        counting = asyncio.create_task(self.mailboxes.run(), name="mailbox lamps")
        try:
            await self._keep_time()
        finally:
            counting.cancel()
            await asyncio.wait([counting])

    async def _keep_time(self) -> None:
        ticks = 0
        while True:
            await asyncio.sleep(TICK)
            ticks += 1
            try:
                self._tick(ticks)
            except Exception:  # one watcher's fault must not stop everybody's lamps
                _log.exception("the lamps' clock stumbled")

    def _tick(self, ticks: int) -> None:
        self.notifier.tick()
        if ticks % RECONCILE_TICKS == 0:
            self.lamps.reconcile()
        if ticks % LOOK_AGAIN_TICKS == 0:
            self.notifier.look_again()

    def person_changed(self, extension: str, calls: int) -> None:
        """`People` counts so many calls of this person now."""
        try:
            self.lamps.person_changed(extension, calls)
        except Exception:  # a lamp's mistake must not end a call
            _log.exception("a lamp could not be lit", extension=extension)

    def standing_changed(self, extension: str, setting: str, lit: Lit) -> None:
        """Somebody has set something for himself, or its time is over."""
        try:
            self.lamps.switch(own_switch(extension, setting), lit)
            self._changed(Thing(Kind.PERSON, extension))
        except Exception:  # a lamp's mistake must not end a call
            _log.exception("a lamp could not be lit", extension=extension)

    def callbacks_changed(self, extension: str, is_due: bool) -> None:
        """Somebody has clients to call back, or none any more."""
        self.switch(own_switch(extension, CALLBACK), is_due)

    def alarms_changed(self, is_any: bool) -> None:
        """Somebody calls for help, or all that did were noticed."""
        try:
            self.lamps.switch(EMERGENCY, is_any)
        except Exception:  # a lamp's mistake must not end a call
            _log.exception("the lamp of calls for help could not be lit")

    def hand_switch_changed(self, name: str, is_on: bool) -> None:
        """A switch of the office was turned by hand, or its time is over."""
        self.switch(hand_switch(name), is_on)

    def switch(self, thing: Thing, is_on: bool) -> None:
        """Light or darken something without calls of its own: a park slot, the night switch."""
        self.lamps.switch(thing, is_on)

    def slot_changed(self, slot: str, is_taken: bool) -> None:
        """Somebody is parked there now, or nobody any more."""
        try:
            self.lamps.switch(Thing(Kind.SWITCH, slot), is_taken)
        except Exception:  # a lamp's mistake must not end a call
            _log.exception("a slot's lamp could not be lit", slot=slot)

    def dump(self) -> dict[str, int]:
        """Counts for the leak check."""
        return {**self.notifier.dump(), **self.lamps.dump()}

    def _changed(self, thing: Thing) -> None:
        self.notifier.changed(thing)

    def _has_phone(self, extension: str) -> bool:
        return self._places.is_there(extension, self._now())

    def _find_flow(self, extension: str, target: Uri | OtherUri) -> Flow | None:
        """A live way to this contact; a phone that dialled in anew has another port."""
        if not isinstance(target, Uri):
            return None
        places = [
            place
            for place in self._places.lookup(extension, self._now())
            if (place.contact.user, place.contact.host) == (target.user, target.host)
            and self._endpoint.is_alive(place.flow)
        ]
        places.sort(key=lambda place: place.contact.port != target.port)
        return places[0].flow if places else None


class _Wire:
    """The notifier's port over the endpoint and its stack."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self.send_in_dialog = endpoint.send_in_dialog
        self.local_contact = endpoint.local_contact
        self.is_alive = endpoint.is_alive

    def send(self, message: Request | Response, target: Target | TransactionKey) -> TransactionKey:
        return self._endpoint.send(message, target)

    def adopt(self, dialog: Dialog) -> None:
        self._endpoint.stack.adopt(dialog)

    def forget(self, dialog_id: DialogId) -> None:
        self._endpoint.stack.forget(dialog_id)
