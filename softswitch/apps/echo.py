"""The echo test: the caller hears what he says, so that a new phone can be tried alone."""

import asyncio

from softswitch.apps.caller import PhoneCaller
from softswitch.calls.call import Call

INTRODUCTION = "echo_test"
# Long enough for any trial; a forgotten phone gives its row back.
LONGEST = 300.0


async def echo_test(call: Call, caller: PhoneCaller) -> None:
    """Introduction, then echo until the caller hangs up or five minutes have passed."""
    call.note("service.used", service="echo")
    await caller.play(INTRODUCTION)
    call.leg.sound.echo(True)
    await asyncio.wait([call.leg.ended], timeout=LONGEST)
