"""Phones outside that ring for a client: beside a colleague's desk, or in a route's own right.

Who answers there is asked to press a key (`confirm.py`): a mobile's own voicemail never has the
client. The office's number is shown there, and nothing of that phone to the client.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from functools import partial

from msgspec.structs import replace

from softswitch.apps.confirm import is_accepted
from softswitch.apps.desk import FrontDesk
from softswitch.apps.orders import is_permitted
from softswitch.apps.outside import meaning_of, ring_outside
from softswitch.apps.outward import Outward
from softswitch.apps.ring import RINGING, Ringer
from softswitch.calls.call import Call
from softswitch.calls.dial import DialResult
from softswitch.calls.leg import ANSWERED_ELSEWHERE, Leg, LegState
from softswitch.calls.sound import SoundError
from softswitch.office.directory import mobile_at
from softswitch.office.private_number import mobile_owner, private_number
from softswitch.routing.caller import RingOutcome, RingTarget, settled
from softswitch.trunks.profile import ForwardCause

# Rings somebody; who answers counts as busy by what is put on the stack.
Way = Callable[[ExitStack], Awaitable[DialResult]]


async def ring_number(
    desk: FrontDesk, call: Call, target: RingTarget, seconds: float
) -> DialResult:
    """A route's `forward:` to a number of the world outside."""
    accepts = partial(_accepts, desk, call) if target.mobiles else None
    ringer = Ringer(desk, call)
    owner = mobile_owner(call.office.office, target.key)
    private = private_number(call.office.office, target.key, owner) if owner else None
    outward = Outward(target.key, forward=ForwardCause.ALL, private=private)
    return await ring_outside(desk, call, ringer, outward, seconds, call.party, accepts)


async def ring_with_mobiles(
    desk: FrontDesk, call: Call, target: RingTarget, seconds: float, busy: ExitStack
) -> DialResult:
    """People at their desks and on their mobiles at once; in turn, if the target says so."""
    rounds = [(one,) for one in target.people] if target.in_order else [target.people]
    failed = []
    for people in rounds:
        part = replace(target, people=people, in_order=False)
        ways: list[Way] = [partial(Ringer(desk, call).ring, part, seconds)]
        ways += [partial(_mobile, desk, call, one, seconds) for one in _mobiles(desk, call, people)]
        result = await _first(call.leg, ways, busy)
        if result.leg is not None or result.leads_to is not None:
            return result
        failed.append(result.outcome)
    return DialResult(settled(failed))


def _mobiles(desk: FrontDesk, call: Call, people: Sequence[str]) -> list[str]:
    """Those who have a mobile that may be called, and want to be called at all now."""
    office, local = call.office.office, desk.local_time(call.now())
    return [
        one
        for one in people
        if mobile_at(office, one, local) is not None and desk.reach.member(one) is None
    ]


async def _mobile(
    desk: FrontDesk, call: Call, extension: str, seconds: float, busy: ExitStack
) -> DialResult:
    number = call.office.office.people[extension].mobile or ""
    meant = meaning_of(call.office, number)
    if not is_permitted(meant):
        return DialResult(RingOutcome.UNREACHABLE)
    accepts = partial(_accepts, desk, call)
    with desk.exchange.people.occupied(extension):
        ringer = Ringer(desk, call)
        private = private_number(call.office.office, meant.value, extension)
        outward = Outward(meant.value, extension, ForwardCause.ALL, private)
        result = await ring_outside(desk, call, ringer, outward, seconds, call.party, accepts)
        if result.leg is not None:
            # He is meant, on whatever phone: the other side learns his number, not that one's.
            result.leg.who = extension
            busy.enter_context(desk.exchange.people.occupied(extension))
    return result


async def _accepts(desk: FrontDesk, call: Call, leg: Leg) -> bool:
    return await is_accepted(desk, call, call.party, leg)


async def _first(waiting: Leg, ways: Sequence[Way], busy: ExitStack) -> DialResult:
    """The first that is answered; the others are called off. Else how all of them ended."""
    stacks = [ExitStack() for _ in ways]
    tasks = [
        asyncio.ensure_future(_safely(way, stack)) for way, stack in zip(ways, stacks, strict=True)
    ]
    winner: asyncio.Future[DialResult] | None = None
    try:
        pending = set(tasks)
        while pending and winner is None:
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            winner = next((task for task in done if _is_settling(task.result())), None)
            if winner is None and pending and waiting.state is LegState.UP:
                waiting.sound.loop([RINGING])  # one of them has just switched it off
    finally:
        await _call_off(tasks, winner)
        for task, stack in zip(tasks, stacks, strict=True):
            if task is winner:
                busy.enter_context(stack)
            else:
                stack.close()
    if winner is not None:
        return winner.result()
    return DialResult(settled(task.result().outcome for task in tasks))


def _is_settling(result: DialResult) -> bool:
    return result.leg is not None or result.leads_to is not None


async def _safely(way: Way, stack: ExitStack) -> DialResult:
    """One way that cannot be tried does not stop the others."""
    try:
        return await way(stack)
    except SoundError:
        return DialResult(RingOutcome.UNREACHABLE)


async def _call_off(
    tasks: Sequence[asyncio.Future[DialResult]], winner: asyncio.Future[DialResult] | None
) -> None:
    """End what still rings; who answered in the same instant as the winner is hung up."""
    losers = [task for task in tasks if task is not winner]
    for task in losers:
        task.cancel(ANSWERED_ELSEWHERE if winner is not None else None)
    if losers:
        await asyncio.wait(losers)
    for task in losers:
        if not task.cancelled() and task.exception() is None:
            leg = task.result().leg
            if leg is not None:
                leg.release()
