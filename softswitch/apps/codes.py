"""Star codes that an extension dialled: one table from the code's name to what serves it.

How digits are read stands in `office/codes.py`. Only people of the office come here, past the gate.
"""

from collections.abc import Awaitable, Callable, Mapping

from softswitch.apps.callbacks.code import call_back
from softswitch.apps.caller import PhoneCaller
from softswitch.apps.codes_personal import PERSONAL
from softswitch.apps.desk import FrontDesk
from softswitch.apps.emergency_alert import alarm_code
from softswitch.apps.emergency_test import emergency_test
from softswitch.apps.hand_switch import switch_by_code, turn
from softswitch.apps.intercom import intercom
from softswitch.apps.mailbox_menu import open_mailbox
from softswitch.apps.park import park
from softswitch.apps.pickup import pickup
from softswitch.apps.supervise import MODES, supervise
from softswitch.calls.call import Call
from softswitch.office.codes import Asked

Handler = Callable[[FrontDesk, Call, PhoneCaller, Asked], Awaitable[None]]

HANDLERS: Mapping[str, Handler] = {
    **PERSONAL,
    "pickup": pickup,
    "park": park,
    "intercom": intercom,
    "callback": call_back,
    **dict.fromkeys(MODES, supervise),
    "emergency_test": emergency_test,
    "emergency_alarm": alarm_code,
    "mailbox": open_mailbox,
}
UNKNOWN = 404


async def serve_code(desk: FrontDesk, call: Call, caller: PhoneCaller, digits: str) -> None:
    """Do what the digits ask for; a code that the office does not have is answered with 404."""
    switch = switch_by_code(desk.office.office, digits)
    if switch is not None:
        await turn(desk, call, caller, switch.name, switch)
        return
    asked = call.office.office.codes.understand(digits)
    handler = HANDLERS.get(asked.name) if asked is not None else None
    if asked is None or handler is None:
        call.leg.hang_up(f'SIP;cause={UNKNOWN};text="No such code"', UNKNOWN)
        return
    await handler(desk, call, caller, asked)
