"""What dialled digits mean, and the way to the world outside: shared by calls and transfers.

There is one way out: `ring_outside` tries the servers of the trunks in turn; after which answers,
says `trunks/causes.py`.
"""

from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from softswitch.apps.desk import FrontDesk
from softswitch.calls.call import Call, Direction
from softswitch.calls.dial import DialResult
from softswitch.calls.exchange import Invitation
from softswitch.calls.identity import Identity
from softswitch.calls.leg import Leg
from softswitch.calls.outgoing import OutgoingLeg
from softswitch.calls.party import Party
from softswitch.log import get_logger
from softswitch.office.loader import LoadedOffice
from softswitch.office.numbers import Dialled, Kind, is_emergency, understand
from softswitch.office.trunk import Trunk
from softswitch.routing.caller import RingOutcome
from softswitch.sip.flow import Hop
from softswitch.trunks.causes import Then, after
from softswitch.trunks.profile import calling_user, identity_lines, route_of
from softswitch.trunks.trunks import Trunks

if TYPE_CHECKING:
    from softswitch.apps.ring import Ringer

# Whether a human took a call; asked of a leg that answered.
Accepts = Callable[[Leg], Awaitable[bool]]

OUTSIDE = (Kind.EXTERNAL, Kind.EMERGENCY, Kind.SHORT)
NO_WAY, TIMED_OUT = 503, 408
# Seconds; four copies of an INVITE over UDP. A caller does not wait 32 for a server that is dead.
SIGN_WITHIN = 6.0

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


def outside_invitation(trunks: Trunks, call: Call, number: str, trunk: str, hop: Hop) -> Invitation:
    """An INVITE to a number of the world, by a trunk, as its provider wants it.

    A trunk knows only the office: neither the extension nor a person's name goes out.
    """
    profile, is_private = trunks.trunk(trunk), call.origin.is_private
    own = call.office.office.office.number or next(iter(trunks.own_numbers(trunk)), None)
    shown = None if own is None else trunks.written(trunk, own)
    # Who has an account there is of the provider's domain; else we are a host among others.
    domain = profile.host if profile.has_account else None
    host = domain or call.exchange.endpoint.advertised_address(hop)
    uri = trunks.number_uri(trunk, trunks.written(trunk, number))

    def own_leg(leg: OutgoingLeg) -> None:
        trunks.occupy(trunk, leg.ended)
        call.own(leg)

    return Invitation(
        uri,
        hop,
        Identity(None if is_private else calling_user(profile, shown)),
        number,
        uri,
        route=route_of(profile),
        hops=call.hops_left,
        prefer=call.leg.codec,
        beside=call.leg.sound,
        headers=identity_lines(profile, shown, host, is_private),
        own=own_leg,
        host=domain,
        dealings=trunks.dealings(trunk),
        codecs=profile.codecs,
        refused=_refused(profile),
    )


def _refused(profile: Trunk) -> tuple[str, ...]:
    """The extensions that a provider is not told of."""
    wanted = {"timer": profile.session_timers, "100rel": profile.reliable}
    return tuple(name for name, is_wanted in wanted.items() if not is_wanted)


async def ring_outside(
    desk: FrontDesk,
    call: Call,
    ringer: "Ringer",
    number: str,
    seconds: float,
    party: Party,
    accepts: Accepts | None = None,
) -> DialResult:
    """Call a number by one server after the other, until one takes the call (RFC 3263 4.3).

    `party`: who waits for it, and hears the provider's early sound. With `accepts` he hears nothing
    of it before that is true of who answered.
    """
    result = DialResult(RingOutcome.UNREACHABLE, status=NO_WAY)
    trunks, given_up, ways = desk.trunks, set[str](), deque(_ways(desk, number))
    while ways:
        trunk, hop = ways.popleft()
        if trunk in given_up:
            continue
        legs: list[OutgoingLeg] = []
        invitation = outside_invitation(trunks, call, number, trunk, hop)
        invitation = _remembering(invitation, legs, bool(ways))
        call.note("ring.started", who=[number], kind="external", key=trunk)
        early = EarlySound(desk, call, party)
        try:
            begin = early.begin if accepts is None else None
            result = await ringer.dial([invitation], seconds, begin, accepts=accepts)
        finally:
            early.end()
        if result.leg is not None:
            trunks.heard(trunk)
            break
        call.note("ring.failed", who=[number], outcome=result.outcome.value)
        then = _learn(trunks, trunk, hop, legs, result)
        if then is Then.NOWHERE:
            break
        if then is Then.NEXT_TRUNK:
            given_up.add(trunk)
    return result


def _ways(desk: FrontDesk, number: str) -> list[tuple[str, Hop]]:
    """Whoever calls for help is helped by any trunk, be it down or full."""
    is_for_help = is_emergency(number, desk.office.office.country)
    return desk.trunks.every_way_out() if is_for_help else desk.trunks.ways_out()


def _remembering(invitation: Invitation, legs: list[OutgoingLeg], has_more: bool) -> Invitation:
    """Which leg came of it: a result that is no answer does not say how it went."""
    owner = invitation.own

    def own(leg: OutgoingLeg) -> None:
        legs.append(leg)
        if owner is not None:
            owner(leg)

    return replace(invitation, own=own, sign_within=SIGN_WITHIN if has_more else None)


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
