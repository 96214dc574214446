"""Take a call that rings elsewhere: by the pick-up code, or by a lamp's key (`takeover.py`).

`*8101` takes what rings at 101, `*8320` what rings for a group, `*8300` the one who has waited
longest in a queue, `*8` alone what has rung longest at somebody of one's own groups and queues,
`*8701` whoever is parked there.

The attempt that is taken decides itself (`calls/ringing.py`), so of several who want the call, and
of the phones that ring, one has it. The picker's leg goes on in the caller's call; nobody outside
the office comes here.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from softswitch.apps.caller import PhoneCaller
from softswitch.apps.desk import FrontDesk
from softswitch.apps.park import fetch
from softswitch.calls.call import Call
from softswitch.calls.ringing import Claim
from softswitch.office.codes import Act, Asked
from softswitch.office.directory import Kind, colleagues, internal_numbers
from softswitch.office.models import Office
from softswitch.office.pickup import PickupRight
from softswitch.routing.caller import RingKind

NOT_FOUND, FORBIDDEN, NOTHING_RINGS = 404, 403, 480
QUEUE = "queue"


@dataclass(frozen=True, slots=True)
class Takeable:
    """A call that may be taken, and how."""

    call: str
    take: Callable[[Claim], bool]


async def pickup(desk: FrontDesk, call: Call, caller: PhoneCaller, asked: Asked) -> None:
    """The pick-up code. What rings is the caller's at once; else his phone is told why not."""
    me, number = call.origin.number or "", asked.arguments[0] if asked.arguments else None
    if asked.act is not Act.ON or len(asked.arguments) > 1:
        _refuse(call, NOT_FOUND, "No such code")
    elif number is None:
        await _take_first(call, me, _at_colleagues(desk, me))
    elif desk.parking.is_slot(number):
        await fetch(desk, call, number)
    else:
        await _directed(desk, call, me, number)


async def _directed(desk: FrontDesk, call: Call, me: str, number: str) -> None:
    office = desk.office.office
    meant = internal_numbers(office).get(number)
    if meant is None or meant.kind not in (Kind.PERSON, Kind.GROUP, Kind.QUEUE):
        _refuse(call, NOT_FOUND, f"Nobody has the number {number}")
    elif not is_allowed(office, me, _people_of(office, meant.kind, meant.key)):
        _refuse(call, FORBIDDEN, "You share no group with them")
    elif meant.kind is Kind.PERSON:
        await _take_first(call, me, ringing_at(desk, meant.key))
    elif meant.kind is Kind.GROUP:
        await _take_first(call, me, _for_group(desk, meant.key))
    else:
        await _take_first(call, me, _in_queue(desk, meant.key))


def is_allowed(office: Office, me: str, people: set[str]) -> bool:
    """Whether somebody may take the calls of these people."""
    if office.pickup is PickupRight.OFFICE or me in people:
        return True
    return not people.isdisjoint(colleagues(office, me))


async def take(found: Iterator[Takeable], claim_of: Callable[[], Claim]) -> Takeable | None:
    """The first of them that can still be had; None when there is none, or the picker is gone."""
    for takeable in found:
        claim = claim_of()
        if claim.is_open and takeable.take(claim) and await claim.is_won():
            return takeable
    return None


async def _take_first(call: Call, me: str, found: Iterator[Takeable]) -> None:
    taken = await take(found, lambda: Claim(call.leg, me))
    if taken is None:
        _refuse(call, NOTHING_RINGS, "Nothing rings there")
        return
    call.note("service.used", service="pickup")
    call.join(taken.call)


def _refuse(call: Call, status: int, why: str) -> None:
    """Nothing is answered, so that the phone shows it and nobody pays for a talk with a prompt."""
    call.leg.hang_up(f'SIP;cause={status};text="{why}"', status)


# --- what may be taken, who waits longest first; looked up anew after each vain try ---


def ringing_at(desk: FrontDesk, extension: str) -> Iterator[Takeable]:
    """What rings at the phones of one person."""
    for sought, attempt in desk.exchange.ringing:
        if attempt.rings_at(extension):
            yield Takeable(sought.call, attempt.take)


def _for_group(desk: FrontDesk, key: str) -> Iterator[Takeable]:
    for sought, attempt in desk.exchange.ringing:
        if (sought.kind, sought.key) == (RingKind.GROUP, key):
            yield Takeable(sought.call, attempt.take)


def _in_queue(desk: FrontDesk, key: str) -> Iterator[Takeable]:
    """In the order of the line: by the agents' phones that ring, else straight from the line."""
    offered = {sought.call: one for sought, one in desk.exchange.ringing if sought.kind == QUEUE}
    for guest in desk.queues.guests(key):
        call = guest.place.call
        if call in offered:
            yield Takeable(call, offered[call].take)
        else:
            yield Takeable(call, partial(desk.queues.take, guest))


def _at_colleagues(desk: FrontDesk, me: str) -> Iterator[Takeable]:
    """What rings at one's own groups and queues; when nothing does, who waits for them."""
    office = desk.office.office
    team = colleagues(office, me) - {me}
    for sought, attempt in desk.exchange.ringing:
        if any(attempt.rings_at(colleague) for colleague in team):
            yield Takeable(sought.call, attempt.take)
    for key, queue in office.queues.items():
        if me in queue.everybody:
            yield from _in_queue(desk, key)


def _people_of(office: Office, kind: Kind, key: str) -> set[str]:
    if kind is Kind.PERSON:
        return {key}
    return set(office.groups[key].ring if kind is Kind.GROUP else office.queues[key].everybody)
