"""The test of calls for help, `*90112`: everything but the call itself.

Whoever dials it hears that nobody was called, and whether there would have been a way. The story
says which trunks would be tried, and the number that each would show.
"""

from softswitch.apps.caller import PhoneCaller
from softswitch.apps.desk import FrontDesk
from softswitch.apps.emergency import tell_office
from softswitch.apps.help_alarm import TEST
from softswitch.apps.outward import shown_for_help
from softswitch.calls.call import Call
from softswitch.office.codes import Asked
from softswitch.office.numbers import is_emergency
from softswitch.office.own_number import best_of, own_number

NO_SUCH_NUMBER = "number_not_in_service"
TEST_PROMPT, NO_WAY_PROMPT = "emergency_test", "call_failed"


async def emergency_test(desk: FrontDesk, call: Call, caller: PhoneCaller, asked: Asked) -> None:
    """Which way the call would go, with everybody told; and nobody is called."""
    number = asked.arguments[0] if len(asked.arguments) == 1 else ""
    office = call.office.office
    words = [NO_SUCH_NUMBER]
    if is_emergency(number, office.country):
        tell_office(desk, call, number, TEST)
        wanted = shown_for_help(call, call.origin.number)
        ways = dict.fromkeys(trunk for trunk, _ in desk.trunks.every_way_out(best_of(wanted)))
        shown = {trunk: own_number(office, trunk, wanted) for trunk in ways}
        call.note("emergency.ways", shown=shown)
        words = [TEST_PROMPT] if ways else [TEST_PROMPT, NO_WAY_PROMPT]
    call.note("service.used", service="emergency_test", outcome=words[-1])
    await caller.answer()
    await caller.hear(desk.prompt_files(words, caller.language))
