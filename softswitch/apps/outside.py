"""What dialled digits mean, and the way to the world outside: shared by calls and transfers.

There is one way out: `ring_outside` tries the servers of the trunks in turn; after which answers,
says `trunks/causes.py`.
"""

from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec.structs import replace

from softswitch.apps.desk import FrontDesk
from softswitch.apps.emergency import tell_office
from softswitch.apps.outward import Outward, invitation_outward, shown_for_help
from softswitch.calls.call import Call, Direction
from softswitch.calls.dial import DialResult
from softswitch.calls.exchange import Invitation
from softswitch.calls.leg import Leg
from softswitch.calls.outgoing import OutgoingLeg
from softswitch.calls.party import Party
from softswitch.log import get_logger
from softswitch.office.loader import LoadedOffice
from softswitch.office.numbers import Dialled, Kind, is_emergency, understand
from softswitch.office.own_number import best_of
from softswitch.routing.caller import RingOutcome
from softswitch.sip.flow import Hop
from softswitch.trunks.causes import Then, after
from softswitch.trunks.trunks import Trunks

if TYPE_CHECKING:
    from softswitch.apps.ring import Ringer

# Whether a human took a call; asked of a leg that answered.
Accepts = Callable[[Leg], Awaitable[bool]]

OUTSIDE = (Kind.EXTERNAL, Kind.EMERGENCY, Kind.SHORT)
NO_WAY, TIMED_OUT = 503, 408
# Seconds; four copies of an INVITE over UDP. A caller does not wait 32 for a server that is dead.
SIGN_WITHIN = 6.0
# Of somebody in need: three copies of an INVITE.
HELP_SIGN_WITHIN = 3.0

_log = get_logger("apps.outside")


def meaning_of(office: LoadedOffice, digits: str) -> Dialled:
    """What digits mean to whoever dials them in this office."""
    internal = set(office.graph.entries) | set(office.office.people)
    if office.office.services.echo is not None:
        internal.add(office.office.services.echo)
    internal.update(one.number for one in office.office.switches.values() if one.number)
    return understand(digits, office.office.country, internal)


def direction_of(office: LoadedOffice, digits: str) -> Direction:
    """Whether what an extension dialled leaves the office."""
    is_outside = meaning_of(office, digits).kind in OUTSIDE
    return Direction.OUT if is_outside else Direction.INTERNAL


async def ring_outside(
    desk: FrontDesk,
    call: Call,
    ringer: "Ringer",
    outward: Outward,
    seconds: float,
    party: Party,
    accepts: Accepts | None = None,
) -> DialResult:
    """Call a number by one server after the other, until one takes the call (RFC 3263 4.3).

    `party`: who waits for it, and hears the provider's early sound. With `accepts` he hears nothing
    of it before that is true of who answered.
    """
    if is_emergency(outward.number, desk.office.office.country):
        return await _ring_for_help(desk, call, ringer, outward, seconds, party)
    result = DialResult(RingOutcome.UNREACHABLE, status=NO_WAY)
    trunks, given_up, ways = desk.trunks, set[str](), deque(desk.trunks.ways_out())
    while ways:
        trunk, hop = ways.popleft()
        if trunk in given_up:
            continue
        way = _Way(trunk, hop, SIGN_WITHIN if ways else None)
        legs, result = await _try(desk, call, ringer, outward, way, seconds, party, accepts)
        if result.leg is not None:
            break
        then = _learn(trunks, trunk, hop, legs, result)
        if then is Then.NOWHERE:
            break
        if then is Then.NEXT_TRUNK:
            given_up.add(trunk)
    return result


async def _ring_for_help(
    desk: FrontDesk,
    call: Call,
    ringer: "Ringer",
    outward: Outward,
    seconds: float,
    party: Party,
) -> DialResult:
    """Whoever calls for help is helped by any trunk, be it down, full or switched off; whatever
    one says, the next is tried. The office is told."""
    tell_office(desk, call, outward.number)
    result, trunks = DialResult(RingOutcome.UNREACHABLE, status=NO_WAY), desk.trunks
    best = best_of(shown_for_help(call, outward.by))
    for trunk, hop in trunks.every_way_out(best):
        if desk.office.office.emergency.make_room and trunks.is_full(trunk):
            trunks.make_room(trunk)
        way = _Way(trunk, hop, HELP_SIGN_WITHIN)
        _, result = await _try(desk, call, ringer, outward, way, seconds, party, None)
        if result.leg is not None:
            break
    return result


@dataclass(frozen=True, slots=True)
class _Way:
    """A server of a trunk. `sign_within`: seconds for a sign of life."""

    trunk: str
    hop: Hop
    sign_within: float | None


async def _try(
    desk: FrontDesk,
    call: Call,
    ringer: "Ringer",
    outward: Outward,
    way: _Way,
    seconds: float,
    party: Party,
    accepts: Accepts | None,
) -> tuple[list[OutgoingLeg], DialResult]:
    """One server; the legs that came of it say how it went."""
    legs: list[OutgoingLeg] = []
    invitation = invitation_outward(desk.trunks, call, outward, way.trunk, way.hop)
    invitation = _remembering(invitation, legs, way.sign_within)
    if outward.private is not None:
        call.hide(outward.private)
    call.note("ring.started", who=[outward.named], kind="external", key=way.trunk)
    early = EarlySound(desk, call, party)
    try:
        begin = early.begin if accepts is None else None
        result = await ringer.dial([invitation], seconds, begin, accepts=accepts)
    finally:
        early.end()
    if result.leg is not None:
        desk.trunks.heard(way.trunk)
    else:
        call.note("ring.failed", who=[outward.named], outcome=result.outcome.value)
    return legs, result


def _remembering(
    invitation: Invitation, legs: list[OutgoingLeg], sign_within: float | None
) -> Invitation:
    """Which leg came of it: a result that is no answer does not say how it went."""
    owner = invitation.own

    def own(leg: OutgoingLeg) -> None:
        legs.append(leg)
        if owner is not None:
            owner(leg)

    return replace(invitation, own=own, sign_within=sign_within)


def _learn(
    trunks: Trunks, trunk: str, hop: Hop, legs: list[OutgoingLeg], result: DialResult
) -> Then:
    """What a call in vain says of its trunk, and where the call goes on."""
    if not legs or result.status is None:
        return Then.NOWHERE  # nobody answered in time
    leg = legs[-1]
    if leg.met_silence:
        trunks.unanswered(trunk)
        return Then.NEXT_SERVER
    trunks.heard(trunk)
    wait = leg.dealings.retry_after if leg.dealings is not None else None
    if result.status == NO_WAY and wait:
        trunks.rest(trunk, hop, wait)
    then = after(result.status, result.reason, leg.has_rung)
    if then is not Then.NOWHERE:
        _log.warning("a trunk refused a call", trunk=trunk, status=result.status, then=then.name)
    return then


class EarlySound:
    """The provider's ringing tone or announcement, heard before anybody answers (183)."""

    def __init__(self, desk: FrontDesk, call: Call, party: Party | None = None) -> None:
        self._desk = desk
        self._call = call
        self._leg = (party or call.party).leg
        self._bridge: int | None = None

    def begin(self, callee: OutgoingLeg) -> None:
        """Let it through to whoever waits."""
        self._call.note("call.early")
        self._leg.progress()
        self._leg.sound.quiet()
        self._bridge = self._desk.exchange.sounds.join(self._leg.sound, callee.sound)

    def end(self) -> None:
        if self._bridge is not None:
            self._desk.exchange.sounds.part(self._bridge)
            self._bridge = None
