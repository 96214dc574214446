"""An INVITE with Replaces: a phone takes the place of a leg that talks (RFC 3891 3).

A talk moves to another phone, or to the one that an attended transfer of a phone's own named. Who
knows the Call-ID and both tags has them from somebody in that talk; strangers cannot guess them,
and only people of the office are listened to.
"""

from softswitch.apps.desk import FrontDesk
from softswitch.calls.call import Direction, Origin
from softswitch.calls.incoming import IncomingLeg
from softswitch.calls.leg import Leg
from softswitch.calls.party import Party
from softswitch.sip.errors import ParseError
from softswitch.sip.message import Request
from softswitch.sip.replaces import Replaces

BAD, STRANGER, BUSY, NO_DIALOG = 400, 403, 486, 481


def leg_to_replace(desk: FrontDesk, request: Request, origin: Origin) -> Leg | int:
    """The leg that a Replaces header names, or the status to refuse with."""
    lines = request.headers.all("Replaces")
    if len(lines) != 1:
        return BAD
    try:
        replaces = Replaces.parse(lines[0])
    except ParseError as error:
        return error.status
    if origin.direction is Direction.IN:
        return STRANGER
    leg = desk.exchange.dispatcher.leg_of(replaces.dialog)
    if leg is None or leg not in desk.talks:
        return NO_DIALOG
    # "If the Replaces header field contains an early-only flag, ... it MUST reply with a 486."
    return BUSY if replaces.is_early_only else leg


def take_over(desk: FrontDesk, old: Leg, leg: IncomingLeg, origin: Origin) -> None:
    """`leg` is answered and talks on in place of `old`; it belongs to that talk from now on."""
    conversation = desk.talks.get(old)
    if conversation is None or leg.is_over:  # it ended, or the phone gave up, meanwhile
        leg.hang_up(status=NO_DIALOG)
        leg.release()
        return
    extension = origin.number or ""
    party = Party(leg, extension, origin.name, extension)
    party.busy.enter_context(desk.exchange.people.occupied(extension))
    leg.accept()
    conversation.replace(old, party)
