"""What dialled digits mean, and the way to the world outside: shared by calls and transfers.

There is one way out: `ring_outside` tries the servers of the trunks in turn.
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from softswitch.apps.desk import FrontDesk
from softswitch.calls.call import Call, Direction
from softswitch.calls.dial import DialResult
from softswitch.calls.exchange import Invitation
from softswitch.calls.identity import HIDDEN, Identity
from softswitch.calls.leg import Leg
from softswitch.calls.outgoing import OutgoingLeg
from softswitch.calls.party import Party
from softswitch.office.loader import LoadedOffice
from softswitch.office.numbers import Dialled, Kind, understand
from softswitch.routing.caller import RingOutcome
from softswitch.sip.flow import Hop
from softswitch.trunks.trunks import Trunks

if TYPE_CHECKING:
    from softswitch.apps.ring import Ringer

# Whether a human took a call; asked of a leg that answered.
Accepts = Callable[[Leg], Awaitable[bool]]

OUTSIDE = (Kind.EXTERNAL, Kind.EMERGENCY, Kind.SHORT)
NO_WAY, TIMED_OUT = 503, 408
# RFC 3263 4.3: after these the next server is tried; anything else is the world's own answer.
NEXT_SERVER = frozenset({TIMED_OUT, NO_WAY})


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
    """An INVITE to a number of the world, by a trunk.

    A trunk knows only the office: neither the extension nor a person's name goes out.
    """
    own = call.office.office.office.number or next(iter(trunks.own_numbers(trunk)), None)
    uri = trunks.server_uri(trunk, number)
    return Invitation(
        uri,
        hop,
        Identity(None if call.origin.is_private else own),
        number,
        uri,
        hops=call.hops_left,
        prefer=call.leg.codec,
        headers=asserted_lines(own, call, hop),
        own=call.own,
    )


def asserted_lines(own: str | None, call: Call, hop: Hop) -> tuple[tuple[str, str], ...]:
    """What the provider, whom we trust, is told for certain (RFC 3325): whose line it is, also
    when the called side is to learn nothing of it."""
    if own is None:
        return ()
    line = Identity(own).asserted(call.exchange.endpoint.advertised_address(hop))
    return (line, HIDDEN) if call.origin.is_private else (line,)


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
    for trunk, hop in desk.trunks.ways_out():
        invitation = outside_invitation(desk.trunks, call, number, trunk, hop)
        call.note("ring.started", who=[number], kind="external", key=trunk)
        early = EarlySound(desk, call, party)
        try:
            begin = early.begin if accepts is None else None
            result = await ringer.dial([invitation], seconds, begin, accepts=accepts)
        finally:
            early.end()
        if result.leg is not None:
            break
        call.note("ring.failed", who=[number], outcome=result.outcome.value)
        if result.status not in NEXT_SERVER:
            break
    return result


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
