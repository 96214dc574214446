"""A call: the caller's whole story, from his first INVITE to the last BYE. One history row.

It keeps the caller's leg, the office version it began with, and writes what happens into the event
log. What happens to it is decided by routes and verbs, not here.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from softswitch import metrics
from softswitch.calls.exchange import Exchange
from softswitch.calls.incoming import IncomingLeg
from softswitch.calls.leg import EndedBy
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


class Call:
    """One call in progress."""

    def __init__(
        self, exchange: Exchange, office: LoadedOffice, leg: IncomingLeg, origin: Origin
    ) -> None:
        self.exchange = exchange
        self.office = office
        self.leg = leg
        self.origin = origin
        self.started = exchange.clock()
        self.id = f"{self.started:%Y%m%d-%H%M%S}-{exchange.token()[:8]}"
        self.ended_by_switch: str | None = None

    def begin(self) -> None:
        """Write the first line of the story."""
        metrics.calls_up.inc()
        metrics.calls_started.labels(self.origin.direction.value).inc()
        origin = self.origin
        self.note(
            "call.started",
            direction=origin.direction.value,
            number=origin.number,
            name=origin.name,
            called=origin.called,
            trunk=origin.trunk,
            device=origin.device,
        )
        _log.info("call", call=self.id, number=origin.number, called=origin.called)

    def note(self, kind: str, /, **data: Any) -> None:
        """Append to the story; never waits and never fails."""
        self.exchange.events.append(Event(self.id, self.exchange.clock(), kind, data))

    def finish(self) -> None:
        """Hang up what is still up, give the media back, write the last line."""
        self.leg.release()
        end = self.leg.ended.result()
        by = {EndedBy.FAR: "caller", EndedBy.US: "switch", EndedBy.FAILURE: "switch"}[end.by]
        if end.by is EndedBy.US and self.ended_by_switch:
            by = self.ended_by_switch
        self.note("call.ended", by=by, status=end.status, reason=end.reason)
        metrics.calls_up.dec()
        metrics.calls_ended.labels(by).inc()
        seconds = (self.exchange.clock() - self.started).total_seconds()
        _log.info("call ended", call=self.id, by=by, status=end.status, seconds=round(seconds, 1))

    def now(self) -> datetime:
        """The wall clock, aware, in UTC."""
        return self.exchange.clock()
