"""What lamps show: each person's calls, and whether somebody waits in a queue.

Two sources that must agree. The event log tells the details: who is rung, who answered whom. The
call layer's count of a person's calls (`person_changed`) is the truth of whether he is busy: at
zero nothing of his stays lit whatever the events said, and above zero he is lit by `reconcile` even
where no event told of it. So a lamp cannot stay on for ever, nor stay dark over a talk.

Pure state, fed and asked from one thread; what changes is told by `on_change` at once. Bounded by
the calls in progress: the last of a call goes with its `call.ended`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from softswitch.office.codes import Lit
from softswitch.presence.things import DialogState, Kind, LampDialog, Party, Role, Thing
from softswitch.store.event import Event

# What happens to a caller only after his call was answered, by a person or by the switch.
_ANSWERED = frozenset({"prompt.played", "queue.entered", "voicemail.stored", "voicemail.empty"})
_OURS = frozenset({"internal", "out"})
EXTERNAL = "external"
# The call of which no event told; ids of real ones are never empty.
UNTOLD = ""

_Place = tuple[str, Role | None]


@dataclass(slots=True)
class _Call:
    """What is known of one call in progress."""

    caller: Party
    extension: str | None = None  # the caller's, if he is one of us
    queue: str | None = None
    is_external: bool = False  # what rings is outside: its numbers are no extensions
    rung: set[str] = field(default_factory=set)  # whoever has a dialog as recipient


class Lamps:
    """See the module's docstring. `has_phone`: is a phone of this extension registered now?"""

    def __init__(
        self,
        token: Callable[[], str],
        has_phone: Callable[[str], bool] = lambda _: True,
        on_change: Callable[[Thing], None] = lambda _: None,
    ) -> None:
        self.on_change = on_change
        self._token, self._has_phone = token, has_phone
        self._people: dict[str, dict[_Place, LampDialog]] = {}
        self._calls: dict[str, _Call] = {}
        self._waiting: dict[str, set[str]] = {}
        self._switches: dict[Thing, LampDialog] = {}
        self._named: dict[str, tuple[str, str]] = {}
        self._busy: dict[str, int] = {}
        self._doubted: set[str] = set()

    # --- what they show ---

    def dialogs(self, thing: Thing) -> tuple[LampDialog, ...]:
        """The made-up dialogs of a thing, oldest first; none: it is free."""
        if thing.kind is Kind.PERSON:
            return tuple(self._people.get(thing.key, {}).values())
        lit = self._switches.get(thing)
        return (lit,) if lit is not None else ()

    def is_lit(self, thing: Thing) -> bool:
        return bool(self.dialogs(thing))

    def named(self, call_id: str) -> tuple[str, str] | None:
        """The call and the extension behind a made-up Call-ID, for a pick-up by Replaces.

        Whoever was shown a lamp knows it: it is no proof of a right to pick up.
        """
        return self._named.get(call_id)

    def dump(self) -> dict[str, int]:
        """Counts for the leak check; all zero when no call is up and no switch is on."""
        return {
            "lit people": len(self._people),
            "lit calls": len(self._calls),
            "lit switches": len(self._switches),
            "named dialogs": len(self._named),
            "busy people": len(self._busy),
        }

    # --- what they are told ---

    def switch(self, thing: Thing, lit: Lit | bool) -> None:
        """Light or darken something that has no calls of its own: a queue, a park slot.

        What is on in part looks like a call that rings: phones let such a lamp blink.
        """
        known = self._switches.get(thing)
        state = DialogState.EARLY if lit is Lit.PARTLY else DialogState.CONFIRMED
        if (known.state if known is not None else None) is (state if lit else None):
            return
        if known is not None:
            del self._named[self._switches.pop(thing).call_id]
        if lit:
            made = self._switches[thing] = self._make(state, None, None)
            self._named[made.call_id] = (UNTOLD, thing.key)
        self.on_change(thing)

    def person_changed(self, extension: str, calls: int) -> None:
        """The call layer counts so many calls of a person now, ringing ones included."""
        if calls:
            self._busy[extension] = calls
            return
        self._busy.pop(extension, None)
        for call, role in list(self._people.get(extension, ())):
            self._end(extension, call, role)

    def reconcile(self) -> None:
        """Light whoever is busy without an event that told why. To be called every second or so.

        Only at the second look: events and counts come one after the other, in either order.
        """
        dark = {one for one in self._busy if one not in self._people and self._has_phone(one)}
        for extension in dark & self._doubted:
            self._light(extension, UNTOLD, None, DialogState.CONFIRMED, None)
        self._doubted = dark

    def see(self, event: Event) -> None:
        """One line of a call's story."""
        if event.kind == "call.started":
            self._started(event.call, event.data)
            return
        call = self._calls.get(event.call)
        if call is None:
            return
        if event.kind in _ANSWERED:
            self._caller_answered(event.call, call, None)
        step = _STEPS.get(event.kind)
        if step is not None:
            step(self, event.call, call, event.data)

    # --- one kind of event each ---

    def _started(self, call: str, data: Any) -> None:
        number = data.get("number")
        known = self._calls[call] = _Call(Party(number, data.get("name")))
        if data.get("direction") in _OURS and number:
            known.extension = number
            called = Party(data.get("called"))
            self._light(number, call, Role.INITIATOR, DialogState.EARLY, called)

    def _rings(self, name: str, call: _Call, data: Any) -> None:
        call.is_external = data.get("kind") == EXTERNAL
        if call.is_external:
            return
        for extension in data.get("who", ()):
            is_new = (name, Role.RECIPIENT) not in self._people.get(extension, {})
            if is_new and self._has_phone(extension):
                call.rung.add(extension)
                self._light(extension, name, Role.RECIPIENT, DialogState.EARLY, call.caller)

    def _rings_no_more(self, name: str, call: _Call, data: Any) -> None:
        self._unlight(name, call, set(data.get("who", ())), only_early=True)

    def _answered(self, name: str, call: _Call, data: Any) -> None:
        who = data.get("who")
        self._unlight(name, call, call.rung - {who}, only_early=True)
        # An attended transfer may bring somebody from outside, who has no lamp.
        if who and not call.is_external and (who in call.rung or self._has_phone(who)):
            call.rung.add(who)
            self._light(who, name, Role.RECIPIENT, DialogState.CONFIRMED, call.caller)
        self._caller_answered(name, call, Party(who) if who else None)

    def _talks(self, name: str, call: _Call, data: Any) -> None:
        """Who of our people talks now; a transfer may have brought them from another call.

        Also on a mobile: whoever has a phone at his desk is busy there.
        """
        who, led, people = data.get("who"), data.get("led"), list(data.get("people", ()))
        person = data.get("person")
        if person is not None and person not in people and self._has_phone(person):
            people.append(person)
        for extension in people:
            number = led if extension == who else who
            other = call.caller if number == call.caller.number else Party(number)
            is_initiator = (name, Role.INITIATOR) in self._people.get(extension, {})
            role = Role.INITIATOR if is_initiator else Role.RECIPIENT
            if role is Role.RECIPIENT:
                call.rung.add(extension)
            self._light(extension, name, role, DialogState.CONFIRMED, other)

    def _transferred(self, name: str, call: _Call, data: Any) -> None:
        """Who rings next is rung for the one who waits."""
        waiting = data.get("of")
        if waiting is not None and waiting != call.caller.number:
            call.caller = Party(waiting)

    def _left(self, name: str, call: _Call, data: Any) -> None:
        who = str(data.get("who"))
        self._unlight(name, call, {who}, only_early=False)
        if who == call.extension:
            self._end(who, name, Role.INITIATOR)

    def _waits(self, name: str, call: _Call, data: Any) -> None:
        self._stops_waiting(name, call)
        call.queue = str(data.get("queue"))
        self._waiting.setdefault(call.queue, set()).add(name)
        self.switch(Thing(Kind.QUEUE, call.queue), True)

    def _waits_no_more(self, name: str, call: _Call, data: Any) -> None:
        self._stops_waiting(name, call)
        # Agents whose phones rang in this moment: an answer says so by an event of its own.
        if data.get("outcome") != "answered":
            self._unlight(name, call, set(call.rung), only_early=True)

    def _ended(self, name: str, call: _Call, _data: Any) -> None:
        self._stops_waiting(name, call)
        self._unlight(name, call, set(call.rung), only_early=False)
        if call.extension is not None:
            self._end(call.extension, name, Role.INITIATOR)
        del self._calls[name]

    # --- inside ---

    def _caller_answered(self, name: str, call: _Call, other: Party | None) -> None:
        known = self._people.get(call.extension or "", {}).get((name, Role.INITIATOR))
        if call.extension is not None and known is not None:
            other = other or known.other
            self._light(call.extension, name, Role.INITIATOR, DialogState.CONFIRMED, other)

    def _stops_waiting(self, name: str, call: _Call) -> None:
        if call.queue is None:
            return
        waiting = self._waiting.get(call.queue, set())
        waiting.discard(name)
        if not waiting:
            self._waiting.pop(call.queue, None)
            self.switch(Thing(Kind.QUEUE, call.queue), False)
        call.queue = None

    def _unlight(self, name: str, call: _Call, who: Iterable[str], *, only_early: bool) -> None:
        for extension in who:
            known = self._people.get(extension, {}).get((name, Role.RECIPIENT))
            if known is not None and (not only_early or known.state is DialogState.EARLY):
                self._end(extension, name, Role.RECIPIENT)
                call.rung.discard(extension)

    def _light(
        self, extension: str, call: str, role: Role | None, state: DialogState, other: Party | None
    ) -> None:
        dialogs = self._people.setdefault(extension, {})
        if call != UNTOLD and (UNTOLD, None) in dialogs:
            self._end(extension, UNTOLD, None)
            dialogs = self._people.setdefault(extension, {})
        known = dialogs.get((call, role))
        if known is None:
            made = self._make(state, role, other)
            self._named[made.call_id] = (call, extension)
        elif known.state is state and known.other == other:
            return
        else:
            names = (known.id, known.call_id, known.local_tag, known.remote_tag)
            made = LampDialog(*names, state, role, other)
        dialogs[call, role] = made
        self.on_change(Thing(Kind.PERSON, extension))

    def _end(self, extension: str, call: str, role: Role | None) -> None:
        dialogs = self._people.get(extension, {})
        gone = dialogs.pop((call, role), None)
        if gone is None:
            return
        self._named.pop(gone.call_id, None)
        if not dialogs:
            del self._people[extension]
        self.on_change(Thing(Kind.PERSON, extension))

    def _make(self, state: DialogState, role: Role | None, other: Party | None) -> LampDialog:
        """Its names are told together, so that one chance is enough for all of them."""
        token = self._token()
        return LampDialog(token, f"c{token}", f"l{token}", f"r{token}", state, role, other)


_STEPS: dict[str, Callable[[Lamps, str, _Call, Any], None]] = {
    "ring.started": Lamps._rings,
    "ring.failed": Lamps._rings_no_more,
    "call.answered": Lamps._answered,
    "bridge.started": Lamps._talks,
    "transfer": Lamps._transferred,
    "party.left": Lamps._left,
    "queue.entered": Lamps._waits,
    "queue.left": Lamps._waits_no_more,
    "call.ended": Lamps._ended,
}
KINDS = frozenset({"call.started", *_STEPS, *_ANSWERED})
"""The kinds of events that light or darken something."""
