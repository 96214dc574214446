"""A call: the caller's whole story, from his first INVITE to the last BYE. One history row.

It keeps the caller's leg, the office version it began with, and writes what happens into the event
log. What happens to it is decided by routes and verbs, not here.
"""

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from softswitch import metrics
from softswitch.calls.exchange import MAX_HOPS, Exchange
from softswitch.calls.incoming import IncomingLeg
from softswitch.calls.leg import EndedBy, Leg, in_words
from softswitch.calls.outgoing import OutgoingLeg
from softswitch.calls.party import Party
from softswitch.log import get_logger
from softswitch.office.loader import LoadedOffice
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

    def told(self) -> dict[str, Any]:
        """As data of `call.started`."""
        return {
            "direction": self.direction.value,
            "number": self.number,
            "name": self.name,
            "called": self.called,
            "trunk": self.trunk,
            "device": self.device,
        }


class Story:
    """The lines of one call in the event log, from the first to the last."""

    def __init__(self, exchange: Exchange, origin: Origin) -> None:
        self.exchange = exchange
        self.origin = origin
        self.started = exchange.clock()
        self.id = f"{self.started:%Y%m%d-%H%M%S}-{exchange.token()[:8]}"

    def begin(self) -> None:
        """Write the first line."""
        metrics.calls_started.labels(self.origin.direction.value).inc()
        self.note("call.started", **self.origin.told())
        _log.info("call", call=self.id, number=self.origin.number, called=self.origin.called)

    def note(self, kind: str, /, **data: Any) -> None:
        """Append to the story; never waits and never fails."""
        self.exchange.events.append(Event(self.id, self.exchange.clock(), kind, data))

    def end(self, by: str, status: int | None, reason: str) -> None:
        """Write the last line."""
        self.note("call.ended", by=by, status=status, reason=reason)
        metrics.calls_ended.labels(by).inc()
        seconds = (self.exchange.clock() - self.started).total_seconds()
        _log.info("call ended", call=self.id, by=by, status=status, seconds=round(seconds, 1))


class Call(Story):
    """One call in progress."""

    def __init__(
        self, exchange: Exchange, office: LoadedOffice, leg: IncomingLeg, origin: Origin
    ) -> None:
        super().__init__(exchange, origin)
        self.office = office
        person = origin.number if origin.direction is not Direction.IN else None
        # Who is led: the caller, until he hands the one he talked with over to somebody else.
        self.party = Party(leg, origin.number, origin.name, person)
        self.ended_by_switch: str | None = None
        self._invite = leg.request
        self._who_leads = "caller"

    @property
    def leg(self) -> Leg:
        """The leg of whoever is led."""
        return self.party.leg

    def called(self, leg: OutgoingLeg, busy: ExitStack) -> Party:
        """Who answered a leg that was placed for this call."""
        person = self.office.office.people.get(leg.who)
        if person is None:
            return Party(leg, leg.who, busy=busy)
        return Party(leg, leg.who, person.name, leg.who, busy)

    def hand_over(self, party: Party) -> None:
        """The caller leaves; whom he called is led from now on, in the same call."""
        left, self.party = self.party, party
        self._who_leads = "callee"
        left.close()

    def begin(self) -> None:
        """The call is up, in whatever state."""
        metrics.calls_up.inc()
        super().begin()

    def finish(self) -> None:
        """Hang up what is still up, give the media back, write the last line."""
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
