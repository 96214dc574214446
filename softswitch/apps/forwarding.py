"""A call for one person, over the forwards of people, to where it ends.

Each who is met is asked by `reach.py`. A circle, and more than five forwards, end as if nobody
answered. A forward to a phone outside shows the office's number there, and nothing of that phone to
the caller: no status, no sound and no number of it comes back before a human took the call.

Who forwards a call counts as busy for as long as it rings and is talked there: so a forward that
leads through the world outside back to the office ends when no more calls may be offered to him.
"""

from collections.abc import Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING

from softswitch.apps.confirm import is_accepted
from softswitch.apps.desk import FrontDesk
from softswitch.apps.orders import is_permitted
from softswitch.apps.outside import OUTSIDE, meaning_of, ring_outside
from softswitch.apps.outward import Outward
from softswitch.apps.reach import TOO_MANY, ByPhone, Onward, Refused
from softswitch.calls.call import Call
from softswitch.calls.dial import DialResult
from softswitch.calls.leg import Leg
from softswitch.calls.party import Party
from softswitch.office.codes import Setting
from softswitch.office.directory import group_by_number
from softswitch.office.models import GroupStrategy, Office
from softswitch.office.numbers import Dialled, Kind
from softswitch.office.private_number import private_number
from softswitch.routing.caller import RingKind, RingOutcome, RingTarget
from softswitch.trunks.profile import ForwardCause

if TYPE_CHECKING:
    from softswitch.apps.ring import Ringer

# RFC 3261 16.3 stops circles of proxies; those of people are stopped here.
MOST_FORWARDS = 5
# A provider looks for a mobile for a while, and its owner for the mobile.
OUTSIDE_SECONDS = 40.0
CIRCLE = "circle"
_CAUSES: Mapping[str, ForwardCause] = {
    Setting.FORWARD_BUSY: ForwardCause.BUSY,
    Setting.FORWARD_NO_ANSWER: ForwardCause.NO_ANSWER,
    Setting.FORWARD_UNREACHABLE: ForwardCause.UNREACHABLE,
    ByPhone.DEFLECTED: ForwardCause.DEFLECTED,
}


class Chain:
    """One call for a person. `party`: who waits for it."""

    def __init__(
        self,
        desk: FrontDesk,
        call: Call,
        ringer: "Ringer",
        party: Party,
        seconds: float,
        busy: ExitStack,
    ) -> None:
        self._desk, self._call, self._ringer = desk, call, ringer
        self._party, self._seconds, self._busy = party, seconds, busy
        self._met: list[str] = []

    async def ring(self, extension: str) -> DialResult:
        """Ring him, or where his calls go; `DialResult.leads_to` when that is no phone."""
        while True:
            found = await self._at(extension)
            if isinstance(found, DialResult):
                return found
            meant = meaning_of(self._call.office, found.to)
            outward = self._outward(extension, meant, found)
            to = found.to if outward.private is None else outward.named
            self._call.note("call.forwarded", by=extension, to=to, why=found.why.value)
            if meant.value not in self._call.office.office.people:
                return await self._elsewhere(extension, meant, outward)
            extension = meant.value

    def _outward(self, by: str, meant: Dialled, found: Onward) -> Outward:
        """A number outside that somebody forwards to is his business alone."""
        office, private = self._call.office.office, None
        if meant.kind is Kind.EXTERNAL:
            private = private_number(office, meant.value, by)
        cause = _CAUSES.get(found.why, ForwardCause.ALL)
        return Outward(meant.value, by, cause, private)

    async def _at(self, extension: str) -> DialResult | Onward:
        """What comes of the call at one person."""
        if extension in self._met or len(self._met) > MOST_FORWARDS:
            return self._refuse(extension, Refused(RingOutcome.NO_ANSWER, CIRCLE))
        self._met.append(extension)
        reach, caller = self._desk.reach, self._party.extension
        verdict = reach.person(self._call.office.office, extension, caller)
        if isinstance(verdict, Onward):
            return verdict
        if verdict is None:
            target = RingTarget(RingKind.PERSON, extension, (extension,))
            seconds = reach.seconds(extension, self._seconds, caller)
            result = await self._ringer.ring_once([extension], seconds, target, self._busy)
            if result.deflected_to is not None:
                return Onward(result.deflected_to, ByPhone.DEFLECTED)
        else:
            result = self._refuse(extension, verdict)
        return reach.after(extension, result.outcome, caller) or result

    def _refuse(self, extension: str, refused: Refused) -> DialResult:
        self._ringer.pass_over([extension], refused)
        return DialResult(refused.outcome)

    # --- where no person is ---

    async def _elsewhere(self, by: str, meant: Dialled, outward: Outward) -> DialResult:
        """To a group, the world outside, or whatever has a number in the office."""
        if meant.kind in OUTSIDE:
            return await self._outside(by, meant, outward)
        office = self._call.office
        target = group_target(office.office, meant.value)
        if target is not None:
            return await self._ringer.ring(target, self._seconds, self._busy)
        if meant.value not in office.graph.entries:  # a reload has taken it away
            return self._refuse(by, Refused(RingOutcome.UNREACHABLE, meant.value))
        if self._call.forwards_followed >= MOST_FORWARDS:
            return self._refuse(by, Refused(RingOutcome.NO_ANSWER, CIRCLE))
        self._call.forwards_followed += 1
        return DialResult(RingOutcome.NO_ANSWER, leads_to=meant.value)

    async def _outside(self, by: str, meant: Dialled, outward: Outward) -> DialResult:
        desk, call = self._desk, self._call
        if not is_permitted(meant):  # the office's file says otherwise than when it was set
            return self._refuse(by, Refused(RingOutcome.UNREACHABLE, outward.named))
        if desk.reach.is_full(by, self._party.extension):
            return self._refuse(by, Refused(RingOutcome.BUSY, TOO_MANY))
        people = desk.exchange.people
        seconds = max(self._seconds, OUTSIDE_SECONDS)
        with ExitStack() as ringing:
            ringing.enter_context(people.occupied(by))
            result = await ring_outside(
                desk, call, self._ringer, outward, seconds, self._party, accepts=self._accepts
            )
            if result.leg is not None:
                # He is meant, on whatever phone: the other side learns his number, not that one's.
                result.leg.who = by
                self._busy.enter_context(ringing.pop_all())
        return result

    async def _accepts(self, leg: Leg) -> bool:
        return await is_accepted(self._desk, self._call, self._party, leg)


def group_target(office: Office, number: str) -> RingTarget | None:
    """The people of the group with this internal number."""
    name = group_by_number(office, number)
    if name is None:
        return None
    group = office.groups[name]
    is_in_order = group.how is GroupStrategy.IN_ORDER
    return RingTarget(RingKind.GROUP, name, tuple(group.ring), is_in_order)
