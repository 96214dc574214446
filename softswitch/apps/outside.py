"""What dialled digits mean, and a leg to the world outside: shared by calls and transfers."""

from softswitch.apps.desk import FrontDesk
from softswitch.calls.call import Call, Direction
from softswitch.calls.exchange import Invitation
from softswitch.calls.identity import Identity
from softswitch.calls.outgoing import OutgoingLeg
from softswitch.calls.party import Party
from softswitch.office.loader import LoadedOffice
from softswitch.office.numbers import Dialled, Kind, understand
from softswitch.sip.flow import Hop
from softswitch.trunks.trunks import Trunks

OUTSIDE = (Kind.EXTERNAL, Kind.EMERGENCY, Kind.SHORT)


def meaning_of(office: LoadedOffice, digits: str) -> Dialled:
    """What digits mean to whoever dials them in this office."""
    internal = set(office.graph.entries) | set(office.office.people)
    if office.office.services.echo is not None:
        internal.add(office.office.services.echo)
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
        uri, hop, Identity(own), number, uri, hops=call.hops_left, prefer=call.leg.codec
    )


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
