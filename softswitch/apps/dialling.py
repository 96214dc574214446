"""Somebody of the office calls the world outside: asked for, rung, paid for, talked.

The core that a phone's digits, the callback list's star code and `softswitch dial` share. Who may
not call there is told why, before he is answered if he has not been.
"""

from contextlib import ExitStack

from softswitch.apps.caller import PhoneCaller
from softswitch.apps.desk import FrontDesk
from softswitch.apps.paid import ring_paid
from softswitch.apps.ring import Ringer
from softswitch.apps.talk import talk
from softswitch.apps.waiting import let_go
from softswitch.calls.call import Call
from softswitch.calls.dial import DialResult
from softswitch.office.numbers import Dialled
from softswitch.office.permission import PROMPTS, Barred
from softswitch.routing.caller import RingOutcome

# A provider may look for a mobile for a while before it rings; people wait a minute, not two.
SECONDS = 90.0
FORBIDDEN = 403
_TOLD = {RingOutcome.BUSY: "busy", RingOutcome.NO_ANSWER: "no_answer"}
FAILED = "call_failed"


async def call_outside(
    desk: FrontDesk, call: Call, caller: PhoneCaller, meant: Dialled
) -> DialResult | None:
    """Call, and talk until somebody hangs up. What became of it when nobody answered, for a caller
    whose phone can still be told; else None."""
    payer = call.origin.number or ""
    charge = desk.spending.ask(call, payer, meant)
    if isinstance(charge, Barred):
        await _tell(desk, call, caller, charge)
        return None
    began = desk.exchange.now()
    ringing = ring_paid(desk, call, Ringer(desk, call), meant, charge, SECONDS, call.party)
    result = await caller.while_here(ringing, undo=let_go)
    if result.leg is None:
        if not call.leg.is_up:
            return result
        # Nobody can show him a status any more.
        words = [_TOLD.get(result.outcome, FAILED)]
        await caller.hear(desk.prompt_files(words, caller.language))
        return None
    await talk(desk, call, result.leg, desk.exchange.now() - began, ExitStack())
    if charge.cut is not None and not call.leg.is_over:
        await caller.hear(desk.prompt_files([PROMPTS[charge.cut]], caller.language))
    return None


async def _tell(desk: FrontDesk, call: Call, caller: PhoneCaller, why: Barred) -> None:
    """A prompt, as a network does it: without answering, so that nothing is a talk."""
    call.leg.progress()
    await caller.hear(desk.prompt_files([PROMPTS[why]], caller.language))
    reason = f'SIP;cause={FORBIDDEN};text="Not permitted: {why.value}"'
    call.leg.hang_up(reason, FORBIDDEN)
