"""Park and fetch: a caller waits with music at a number, until any phone of the office dials it.

Parked is whoever is led by a call, so he keeps his name, his number and his story. He leaves by
being fetched, by hanging up, or after a while by ringing at who parked him; when that one does not
answer, the office's safe place takes over. `slot 701` is dialled to fetch; the park code alone
tells a free slot first, for an attended transfer to it.
"""

import asyncio
from contextlib import ExitStack

from softswitch.apps.caller import PhoneCaller
from softswitch.apps.desk import FrontDesk
from softswitch.apps.handover import SAFE, LedOn
from softswitch.apps.parked_where import announcement, parked_at
from softswitch.apps.parking_lot import ANY, NOT_FOUND, NoSpace, Space
from softswitch.apps.ring import Ringer, identity_of
from softswitch.apps.talk import talk
from softswitch.apps.waiting import let_go
from softswitch.calls.call import Call
from softswitch.calls.dial import DialResult
from softswitch.calls.party import Party
from softswitch.calls.ringing import Claim
from softswitch.log import get_logger
from softswitch.office.codes import Act, Asked
from softswitch.office.ringing import RingsFor
from softswitch.routing.caller import CallerFailed, RingKind, RingTarget

_log = get_logger("apps.park")

# Who parked somebody is rung this long when he was forgotten: four rings.
RETURN_SECONDS = 20.0
# Who was told a slot may take this long to send his caller there.
KEPT_SECONDS = 60.0
FETCHED, BACK, GONE = "fetched", "returned", "hung_up"


async def stay_parked(desk: FrontDesk, call: Call, caller: PhoneCaller, space: Space) -> None:
    """Music until somebody fetches the one who is led by the call, and then the talk.

    Raises `CallerGone` when he hangs up, `LedOn` when nobody is there to take him back.
    """
    claim = await _wait(desk, call, caller, space)
    if claim is None:
        await _give_back(desk, call, caller, space)
        return
    busy = ExitStack()
    # Before he is told that he has the call, so that he is not free for an instant.
    busy.enter_context(desk.exchange.people.occupied(claim.leg.who))
    claim.win(identity_of(desk, call, call.party))
    await talk(desk, call, claim.leg, 0.0, busy)


async def _wait(desk: FrontDesk, call: Call, caller: PhoneCaller, space: Space) -> Claim | None:
    """The time in the slot. Whoever comes for him counts from the moment in which this ends."""
    began, outcome, who = desk.exchange.now(), GONE, None
    sound = call.leg.sound
    call.note("park.started", slot=space.slot, by=space.by)
    space.arrive(call.id)
    sound.music(desk.music(space.terms.music))
    try:
        claim = await _claimed(desk, caller, space)
        outcome, who = (BACK, None) if claim is None else (FETCHED, claim.leg.who)
        return claim
    finally:
        space.leave()
        sound.stop_music()
        told = {"slot": space.slot, "by": space.by, "outcome": outcome}
        seconds = round(desk.exchange.now() - began, 1)
        call.note("park.ended", **told, seconds=seconds, **({"who": who} if who else {}))


async def _claimed(desk: FrontDesk, caller: PhoneCaller, space: Space) -> Claim | None:
    """Who fetches him; None when his time is over."""
    until = desk.exchange.now() + space.terms.return_after
    while (left := until - desk.exchange.now()) > 0:
        await caller.while_here(space.somebody_comes(left))
        claim = space.fetched()
        if claim is not None:
            return claim
    return None


async def _give_back(desk: FrontDesk, call: Call, caller: PhoneCaller, space: Space) -> None:
    """Ring who parked him; his phone says who it is and where he was forgotten."""
    party = call.party
    where = parked_at(call.office.office.office.language, space.slot)
    name = f"{where}: {party.name or party.who}"
    shown = Party(party.leg, party.number, name, party.extension)
    ringer = Ringer(desk, call, shown, rings_for=RingsFor.RETURN)
    target = RingTarget(RingKind.PERSON, space.by, (space.by,))
    began = desk.exchange.now()
    with ExitStack() as busy:
        result = await _rung(caller, ringer, target, busy)
        if result is not None and result.leg is not None:
            await talk(desk, call, result.leg, desk.exchange.now() - began, busy)
            return
    raise LedOn(result.leads_to if result is not None and result.leads_to else SAFE)


async def _rung(
    caller: PhoneCaller, ringer: Ringer, target: RingTarget, busy: ExitStack
) -> DialResult | None:
    try:
        return await caller.while_here(ringer.ring(target, RETURN_SECONDS, busy), undo=let_go)
    except CallerFailed as error:
        _log.error("a parked caller could not be given back", why=str(error))
        return None


async def fetch(desk: FrontDesk, call: Call, slot: str) -> None:
    """Somebody dialled a slot: whoever is parked there is his."""
    space = desk.parking.taken(slot)
    claim = Claim(call.party.leg, call.party.who)
    if space is not None and space.take(claim) and await claim.is_won():
        call.note("service.used", service="park")
        call.join(space.call or "")
        return
    call.leg.hang_up(NoSpace(NOT_FOUND, f"Nobody is parked at {slot}").header, NOT_FOUND)


async def park(desk: FrontDesk, call: Call, caller: PhoneCaller, asked: Asked) -> None:
    """The park code, dialled: tell a free slot (or keep the one that is asked for) and wait.

    Whoever is sent after it, by an attended transfer to this call or a blind one to the number,
    is parked there. Dialling it again gives the same.
    """
    slot = asked.arguments[0] if asked.arguments else ANY
    try:
        if asked.act is not Act.ON or len(asked.arguments) > 1:
            raise NoSpace(NOT_FOUND, "No such code")
        space = desk.parking.reserve(slot, call.origin.number or "")
    except NoSpace as no:
        call.leg.hang_up(no.header, no.status)
        return
    try:
        call.note("service.used", service="park")
        await caller.answer()
        await caller.hear(announcement(desk, caller.language, space.slot))
        await caller.while_here(asyncio.sleep(KEPT_SECONDS))
    finally:
        space.leave()
