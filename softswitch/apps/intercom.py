"""Intercom, `*5101`: the colleague's phone answers by itself and speaks.

Only a colleague who has no call and wants to be disturbed is spoken to. There is no one header that
all phones obey, so all of them are sent:

    Call-Info: <…>;answer-after=0              Snom, Grandstream, Gigaset, Fanvil
    Alert-Info: <…>;info=alert-autoanswer      Yealink, Polycom, Aastra, Snom, baresip
    Answer-Mode: Auto                          RFC 5373, baresip

Each has a switch of its own in the phone's settings; without it the phone rings as for any call.
"""

from contextlib import ExitStack

from msgspec.structs import replace

from softswitch.apps.caller import PhoneCaller
from softswitch.apps.desk import FrontDesk
from softswitch.apps.ring import Ringer, invitations_for
from softswitch.apps.talk import talk
from softswitch.apps.waiting import let_go
from softswitch.calls.call import Call
from softswitch.calls.dial import DialResult
from softswitch.calls.identity import Identity
from softswitch.calls.leg import BUSY, DECLINED, NO_ANSWER, UNREACHABLE
from softswitch.office.codes import Act, Asked
from softswitch.routing.caller import RingOutcome

# A phone that does not answer by itself rings for two rings: long enough for somebody beside it.
RING_SECONDS = 10.0
AUTO_ANSWER = (
    ("Call-Info", "<http://127.0.0.1>;answer-after=0"),
    ("Alert-Info", "<http://127.0.0.1>;info=alert-autoanswer;delay=0"),
    ("Answer-Mode", "Auto"),
)
SHOWN = {"pl": "Interkom", "en": "Intercom"}
NOT_FOUND = 404
STATUS = {
    RingOutcome.BUSY: (486, BUSY),
    RingOutcome.DECLINED: (603, DECLINED),
    RingOutcome.NO_ANSWER: (480, NO_ANSWER),
    RingOutcome.UNREACHABLE: (480, UNREACHABLE),
}


async def intercom(desk: FrontDesk, call: Call, caller: PhoneCaller, asked: Asked) -> None:
    """The code with a colleague's number; the call ends with the talk."""
    number = asked.arguments[0] if len(asked.arguments) == 1 else ""
    if asked.act is not Act.ON or number not in desk.office.office.people:
        why = f"There is nobody at {number}" if number else "No such code"
        call.leg.hang_up(f'SIP;cause={NOT_FOUND};text="{why}"', NOT_FOUND)
        return
    call.note("service.used", service="intercom")
    began = desk.exchange.now()
    with ExitStack() as busy:
        result = await caller.while_here(_call(desk, call, number, busy), undo=let_go)
        if result.leg is not None:
            await talk(desk, call, result.leg, desk.exchange.now() - began, busy)
            return
    status, reason = STATUS[result.outcome]
    call.leg.hang_up(reason, status)


async def _call(desk: FrontDesk, call: Call, extension: str, busy: ExitStack) -> DialResult:
    people = desk.exchange.people
    refused = desk.reach.member(extension)
    if refused is not None or people.of(extension).calls:
        outcome = refused.outcome if refused is not None else RingOutcome.BUSY
        call.note("ring.failed", who=[extension], outcome=outcome.value)
        return DialResult(outcome)
    word = SHOWN.get(call.office.office.office.language, SHOWN["en"])
    identity = Identity(call.party.number, f"{word}: {call.party.name or call.party.who}")
    invitations = [
        replace(one, identity=identity, headers=AUTO_ANSWER)
        for one in invitations_for(desk, call, extension)
    ]
    call.note("ring.started", who=[extension], kind="intercom", key=extension)
    with people.occupied(extension):
        result = await Ringer(desk, call).dial(invitations, RING_SECONDS)
        if result.leg is not None:
            busy.enter_context(people.occupied(extension))
            return result
    call.note("ring.failed", who=[extension], outcome=result.outcome.value)
    return result
