"""An INVITE with Replaces: a phone takes the place of a leg (RFC 3891 3).

A talk moves to another phone, or to the one that an attended transfer of a phone's own named. Or a
lamp's key picks a call up: its Replaces names a made-up dialog of our dialog-info document (RFC
4235), or the early dialog of the phone that rings. Who knows the Call-ID and both tags of a real
dialog has them from somebody in it; a made-up one is known to all who watch the lamp, so it gives
no right to a talk of somebody else. Only people of the office are listened to.
"""

from collections.abc import Iterator

from softswitch.apps.desk import FrontDesk
from softswitch.apps.pickup import Takeable, is_allowed, ringing_at, take
from softswitch.calls.call import Direction, Origin
from softswitch.calls.incoming import IncomingLeg
from softswitch.calls.leg import Leg
from softswitch.calls.party import Party
from softswitch.calls.ringing import Claim
from softswitch.presence.lamps import UNTOLD
from softswitch.sip.errors import ParseError
from softswitch.sip.message import Request
from softswitch.sip.replaces import Replaces

BAD, STRANGER, BUSY, NO_DIALOG = 400, 403, 486, 481

Replaced = Leg | list[Takeable]


def what_to_replace(desk: FrontDesk, request: Request, origin: Origin) -> Replaced | int:
    """What a Replaces header names: a leg that talks, or what rings; or the status to refuse with.

    What rings is one call, by one way or another: at most one of the list is taken.
    """
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
    if leg is not None and leg in desk.talks:
        # "If the Replaces header field contains an early-only flag, ... it MUST reply with a 486."
        return BUSY if replaces.is_early_only else leg
    # "If the Replaces header field matches an early dialog that was not initiated by this UA, it
    # returns a 481": so of what rings, only INVITEs of ours are looked at.
    early = _of_early_dialog(desk, replaces)
    return early or _of_lamp(desk, replaces, origin.number or "")


def _of_early_dialog(desk: FrontDesk, replaces: Replaces) -> list[Takeable]:
    dialog = desk.exchange.endpoint.stack.dialogs.get(replaces.dialog)
    key = dialog.invite_sent if dialog is not None else None
    if key is None:
        return []
    return [
        Takeable(sought.call, attempt.take)
        for sought, attempt in desk.exchange.ringing
        if attempt.has_sent(key)
    ]


def _of_lamp(desk: FrontDesk, replaces: Replaces, me: str) -> Replaced | int:
    """What a dialog of a lamp stands for: a call that rings, a parked one, a talk of one's own."""
    named = desk.lamps.named(replaces.call_id) if desk.lamps is not None else None
    if named is None:
        return NO_DIALOG
    call, whose = named
    if call == UNTOLD:
        space = desk.parking.taken(whose)
        return NO_DIALOG if space is None else [Takeable(space.call or "", space.take)]
    ringing = [one for one in ringing_at(desk, whose) if one.call == call]
    if ringing:
        return ringing if is_allowed(desk.office.office, me, {whose}) else STRANGER
    legs = list(_legs_of(desk, call, whose))
    if not legs:
        return NO_DIALOG
    return legs[0] if whose == me and not replaces.is_early_only else BUSY


def _legs_of(desk: FrontDesk, call: str, extension: str) -> Iterator[Leg]:
    for leg, conversation in desk.talks.items():
        party = conversation.party(conversation.side_of(leg))
        if conversation.call.id == call and party.extension == extension:
            yield leg


async def take_over(desk: FrontDesk, old: Replaced, leg: IncomingLeg, origin: Origin) -> None:
    """`leg` is answered and goes on in place of what it replaces; it belongs to that call then."""
    if isinstance(old, Leg):
        _replace(desk, old, leg, origin)
        return
    taken = None
    try:
        taken = await take(iter(old), lambda: Claim(leg, origin.number or ""))
    finally:
        if taken is None:
            leg.hang_up(status=NO_DIALOG)
            leg.release()


def _replace(desk: FrontDesk, old: Leg, leg: IncomingLeg, origin: Origin) -> None:
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
