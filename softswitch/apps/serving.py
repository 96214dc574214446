"""A call that is served until its end, wherever transfers lead it."""

from collections.abc import Awaitable

from softswitch.apps.caller import PhoneCaller
from softswitch.apps.desk import FrontDesk
from softswitch.apps.handover import LedOn
from softswitch.apps.park import stay_parked
from softswitch.calls.call import Call
from softswitch.log import get_logger
from softswitch.routing.caller import CallerGone

_log = get_logger("apps.serving")


async def serve(desk: FrontDesk, call: Call, caller: PhoneCaller, serving: Awaitable[None]) -> None:
    """Do it, and what comes after. Whatever happens, the call is ended properly."""
    try:
        await _lead(desk, call, caller, serving)
    except CallerGone:
        pass
    except Exception:
        _log.exception("a call broke", call=call.id)
        call.leg.hang_up(status=500)
    finally:
        call.finish()
        desk.recordings.leave(call)


async def _lead(desk: FrontDesk, call: Call, caller: PhoneCaller, serving: Awaitable[None]) -> None:
    while True:
        try:
            await serving
            return
        except LedOn as led:  # a transfer; each needs somebody who asks for it
            if led.space is not None:
                serving = stay_parked(desk, call, caller, led.space)
            else:
                serving = desk.follow(call, led.word, caller)
