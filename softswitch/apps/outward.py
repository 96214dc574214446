"""An INVITE to a number of the world: on whose behalf, and what of the office is shown.

A provider knows only the office: neither an extension nor a person's name goes out, and no number
but our own; a forwarded call may show the client's where its provider says that he permits it.
"""

from dataclasses import dataclass

from msgspec.structs import replace

from softswitch.calls.call import Call, Direction
from softswitch.calls.exchange import Exchange, Invitation
from softswitch.calls.identity import Identity
from softswitch.calls.leg import Leg
from softswitch.calls.outgoing import OutgoingLeg
from softswitch.calls.terms import Terms
from softswitch.office.numbers import is_emergency
from softswitch.office.own_number import for_help, for_person, own_number
from softswitch.office.private_number import PrivateNumber
from softswitch.office.trunk import ForwardShows, Trunk
from softswitch.sip.flow import Hop
from softswitch.trunks.profile import (
    ForwardCause,
    calling_user,
    forward_lines,
    identity_lines,
    route_of,
)
from softswitch.trunks.trunks import Trunks

MADE_ROOM = 'SIP;cause=503;text="Ended for an emergency call"'


@dataclass(frozen=True, slots=True)
class Outward:
    """`by`: the person on whose behalf. `forward`: why the call goes there, if nobody dialled it.

    `private`: how it is named, if the number is a person's own and nobody's business.
    """

    number: str
    by: str | None = None
    forward: ForwardCause | None = None
    private: PrivateNumber | None = None

    @property
    def named(self) -> str:
        return self.number if self.private is None else self.private.name


@dataclass(frozen=True, slots=True)
class Shown:
    """The calling number, E.164, and what is said of it."""

    own: str | None
    client: str | None = None  # shown in From instead
    is_private: bool = False


def invitation_over(
    trunks: Trunks,
    exchange: Exchange,
    trunk: str,
    hop: Hop,
    number: str,
    shown: Shown,
    forward: ForwardCause | None = None,
) -> Invitation:
    """To a number, as this trunk's provider wants it; whose leg it is, is not said yet."""
    profile = trunks.trunk(trunk)
    own = None if shown.own is None else trunks.written(trunk, shown.own)
    caller = own if shown.client is None else trunks.written(trunk, shown.client)
    # Who has an account there is of the provider's domain; else we are a host among others.
    domain = profile.host if profile.has_account else None
    host = domain or exchange.endpoint.advertised_address(hop)
    uri = trunks.number_uri(trunk, trunks.written(trunk, number))
    lines = identity_lines(profile, own, host, shown.is_private)
    if forward is not None:
        lines += forward_lines(profile, own, uri, host, forward)
    return Invitation(
        uri,
        hop,
        Identity(None if shown.is_private else calling_user(profile, caller)),
        number,
        uri,
        route=route_of(profile),
        headers=lines,
        host=domain,
        dealings=trunks.dealings(trunk),
        terms=terms_of(profile),
        refused=refused_by(profile),
    )


def invitation_outward(
    trunks: Trunks, call: Call, outward: Outward, trunk: str, hop: Hop
) -> Invitation:
    """On behalf of a call, which owns its leg."""
    shown = _shown(call, outward, trunk, trunks.trunk(trunk))
    is_for_help = is_emergency(outward.number, call.office.office.country)

    def own_leg(leg: OutgoingLeg) -> None:
        trunks.occupy(trunk, leg, None if is_for_help else lambda: drop(leg))
        call.own(leg)

    return replace(
        invitation_over(trunks, call.exchange, trunk, hop, outward.number, shown, outward.forward),
        who=outward.named,
        hops=call.hops_left,
        prefer=call.leg.codec,
        beside=call.leg.sound,
        own=own_leg,
    )


def _shown(call: Call, outward: Outward, trunk: str, profile: Trunk) -> Shown:
    office, origin = call.office.office, call.origin
    if is_emergency(outward.number, office.country):
        # Help must know where it is called to, whatever the caller wants shown.
        return Shown(own_number(office, trunk, shown_for_help(call, outward.by)))
    came_in = origin.direction is Direction.IN
    # A client called this number of ours: whoever calls back reaches the same place.
    called = [origin.called] if came_in and outward.forward is not None else []
    own = own_number(office, trunk, [*called, *for_person(office, outward.by)])
    shows_client = outward.forward is not None and profile.forward_shows is ForwardShows.CALLER
    client = origin.number if shows_client and came_in else None
    is_number = client is not None and client.startswith("+")
    return Shown(own, client if is_number else None, origin.is_private)


def speaks_from(call: Call) -> str | None:
    """The address of the phone that calls for help; behind a router, the router's."""
    way = call.leg.way
    return None if way is None else way.remote[0]


def shown_for_help(call: Call, extension: str | None) -> list[str | None]:
    """Which number such a call should show, the best first."""
    return for_help(call.office.office, extension, speaks_from(call))


def drop(leg: Leg) -> None:
    """End a call so that a call for help has its channel."""
    leg.hang_up(MADE_ROOM, 503)


def terms_of(profile: Trunk) -> Terms:
    """On which a provider is to be spoken with."""
    return Terms(profile.codecs, profile.srtp, ptime=profile.ptime)


def refused_by(profile: Trunk) -> tuple[str, ...]:
    """The extensions that a provider is not told of."""
    wanted = {"timer": profile.session_timers, "100rel": profile.reliable}
    return tuple(name for name, is_wanted in wanted.items() if not is_wanted)
