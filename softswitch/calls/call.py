"""A call: the caller's whole story, from his first INVITE to the last BYE. One history row.

It keeps the caller's leg, the office version it began with, and writes what happens into the event
log. What happens to it is decided by routes and verbs, not here.
"""

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any

from softswitch import metrics
from softswitch.calls.exchange import MAX_HOPS, Exchange
from softswitch.calls.incoming import IncomingLeg
from softswitch.calls.leg import EndedBy, Leg, in_words
from softswitch.calls.outgoing import OutgoingLeg
from softswitch.calls.party import Party
from softswitch.calls.quality import note_poor, note_stats
from softswitch.log import get_logger
from softswitch.office.contacts import Contact
from softswitch.office.loader import LoadedOffice
from softswitch.office.private_number import PrivateNumber
from softswitch.store.events import Event

_log = get_logger("calls.call")


class Direction(StrEnum):
    """Seen from the office."""

    IN = "in"
    OUT = "out"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a call came from and what it dialled, as far as known when it began."""

    direction: Direction
    number: str | None
    name: str | None
    called: str
    trunk: str | None = None
    device: str | None = None
    is_private: bool = False  # who calls asked that nobody outside be told (RFC 3323)
    instance: str | None = None  # the only device of `called` that is meant (RFC 5627)
    contact: Contact | None = None  # who it is, if the office knows him
    private: PrivateNumber | None = None  # stands in `called`, and is nobody's business

    def told(self) -> dict[str, Any]:
        """As data of `call.started`."""
        return {
            "direction": self.direction.value,
            "number": self.number,
            "name": self.name,
            "called": self.called_openly,
            "trunk": self.trunk,
            "device": self.device,
            **self._known(),
        }

    @property
    def called_openly(self) -> str:
        """What was dialled, as it may be read by everybody."""
        return self.called if self.private is None else self.private.hidden_in(self.called)

    def _known(self) -> dict[str, Any]:
        contact = self.contact
        if contact is None:
            return {}
        return {"caretaker": contact.caretaker, "card": contact.card}


class Story:
    """The lines of one call in the event log, from the first to the last.

    Its time is the wall clock's as it began, and goes on from there by the monotonic one: a clock
    that is set meanwhile makes nobody wait for an hour, and no call end before it began.
    """

    def __init__(self, exchange: Exchange, origin: Origin) -> None:
        self.exchange = exchange
        self.origin = origin
        self.started, self._began = exchange.clock(), exchange.now()
        self.id = f"{self.started:%Y%m%d-%H%M%S}-{exchange.token()[:8]}"

    def begin(self) -> None:
        """Write the first line."""
        metrics.labelled(metrics.calls_started, self.origin.direction.value).inc()
        self.note("call.started", **self.origin.told())
        _log.info("call", call=self.id, number=self.origin.number, called=self.origin.called_openly)

    def note(self, kind: str, /, **data: Any) -> None:
        """Append to the story; never waits and never fails."""
        at = self.started + timedelta(seconds=self.seconds)
        self.exchange.events.append(Event(self.id, at, kind, data))

    @property
    def seconds(self) -> float:
        """Since it began."""
        return self.exchange.now() - self._began

    def own(self, leg: Leg) -> None:
        """A leg belongs to this story from now on: its messages, and what its sound was like.

        To be told again when it goes over to another call.
        """
        self.trace(leg.call_id)
        leg.sound.on_closed = partial(note_stats, self.note, leg)
        leg.sound.on_poor = partial(note_poor, self.note, leg)

    def hide(self, private: PrivateNumber) -> None:
        """This number stands in none of its messages as they are kept."""
        if self.exchange.trace is not None:
            self.exchange.trace.hide(self.id, private.pattern, private.name)

    def trace(self, call_id: str) -> None:
        """SIP messages of this Call-ID belong to this story."""
        if self.exchange.trace is not None:
            self.exchange.trace.claim(call_id, self.id)

    def end(self, by: str, status: int | None, reason: str) -> None:
        """Write the last line."""
        if self.exchange.trace is not None:
            self.exchange.trace.end(self.id)
        self.note("call.ended", by=by, status=status, reason=reason)
        metrics.labelled(metrics.calls_ended, by).inc()
        _log.info("call ended", call=self.id, by=by, status=status, seconds=round(self.seconds, 1))


class Call(Story):
    """One call in progress."""

    def __init__(
        self,
        exchange: Exchange,
        office: LoadedOffice,
        leg: IncomingLeg | OutgoingLeg,
        origin: Origin,
    ) -> None:
        """`leg`: of who called, or of a person of the office whom the switch rang to lead him."""
        super().__init__(exchange, origin)
        self.office = office
        person = origin.number if origin.direction is not Direction.IN else None
        # Who is led: the caller, until he hands the one he talked with over to somebody else.
        self.party = Party(leg, origin.number, origin.name, person)
        self.ended_by_switch: str | None = None
        self._invite = leg.request
        self._who_leads = "caller"
        self._joined: str | None = None
        # Forwards that led to a route or queue; a route may ring the same person again.
        self.forwards_followed = 0
        # By which he came to whom he talks with.
        self.queue: str | None = None
        self.talks = 0  # with how many somebody has talked in it so far

    @property
    def leg(self) -> Leg:
        """The leg of whoever is led."""
        return self.party.leg

    def called(self, leg: Leg, busy: ExitStack) -> Party:
        """Who answered this call, on a phone that rang for it or by picking it up."""
        person = self.office.office.people.get(leg.who)
        if person is None:
            return Party(leg, leg.who, busy=busy)
        # On a phone outside, where a forward led, nobody may transfer calls of the office.
        extension = leg.who if leg.is_ours else None
        return Party(leg, leg.who, person.name, extension, busy)

    def hand_over(self, party: Party) -> None:
        """The caller leaves; whom he called is led from now on, in the same call."""
        left, self.party = self.party, party
        self._who_leads = "callee"
        self.part_with(left)

    def part_with(self, party: Party, reason: str = "") -> None:
        """Somebody leaves this call for good: hung up if that is still owed, and free again."""
        self.left(party)
        if reason:
            party.leg.hang_up(reason)
        party.close()

    def left(self, party: Party) -> None:
        """Tell it, for the lamps of our people; he may talk on in another call."""
        if party.extension is not None:
            self.note("party.left", who=party.extension)

    def join(self, other: str) -> None:
        """The caller's leg goes on in another call, which owns it now; this one is over."""
        self._joined = other

    def begin(self) -> None:
        """The call is up, in whatever state."""
        metrics.calls_up.inc()
        super().begin()
        if self.origin.private is not None:
            self.hide(self.origin.private)
        self.own(self.leg)

    def go_on(self, story: Story) -> None:
        """The call is up; its story began before it had a leg of its own."""
        metrics.calls_up.inc()
        self.id, self.started, self._began = story.id, story.started, story._began
        self.own(self.leg)

    def finish(self) -> None:
        """Hang up what is still up, give the media back, write the last line."""
        if self._joined is not None:
            self.party.busy.close()
            metrics.calls_up.dec()
            self.end("switch", None, f"went on in {self._joined}")
            return
        self.party.close()
        end = self.leg.ended.result()
        by = {EndedBy.FAR: self._who_leads, EndedBy.US: "switch", EndedBy.FAILURE: "switch"}[end.by]
        if end.by is EndedBy.US and self.ended_by_switch:
            by = self.ended_by_switch
        metrics.calls_up.dec()
        self.end(by, end.status, in_words(end.reason))

    @property
    def hops_left(self) -> int:
        """Max-Forwards of a leg that carries this call on: a call in a circle comes to its end."""
        text = (self._invite.headers.get("Max-Forwards") or "").strip()
        return min(int(text) - 1, MAX_HOPS) if text.isdecimal() and len(text) < 4 else MAX_HOPS

    def now(self) -> datetime:
        """The wall clock, aware, in UTC."""
        return self.exchange.clock()
