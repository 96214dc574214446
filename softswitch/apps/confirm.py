"""A forwarded call is joined only with a human: "to accept it, press one".

A mobile that is switched off, or out of reach, answers with its provider's voicemail. Who answers
at a phone outside is therefore asked first; the caller hears ringing meanwhile, and what does not
press the key in time is no answer.
"""

import asyncio

from softswitch.apps.desk import FrontDesk
from softswitch.apps.waiting import while_up
from softswitch.calls.call import Call
from softswitch.calls.leg import Leg
from softswitch.calls.party import Party
from softswitch.calls.sound import Sound
from softswitch.office.speech import digit_prompts
from softswitch.routing.caller import CallerGone

QUESTION, ACCEPT = "press_one_to_accept", "1"
CALLER_IS, HIDDEN = "caller_is", "caller_hidden"
# The question is put so often, and each time answered within so many seconds after its end.
TRIES, KEY_SECONDS = 3, 4.0


async def is_accepted(desk: FrontDesk, call: Call, party: Party, leg: Leg) -> bool:
    """Whether whoever answered `leg` pressed the key; False too when he hung up.

    He is told the number of `party`, who calls, since his display has only the office's. Raises
    `CallerFailed` when the switch could not ask.
    """
    language = call.office.office.office.language
    try:
        return await while_up(leg, _ask(desk, leg.sound, who_calls(desk, call, party), language))
    except CallerGone:
        return False


def who_calls(desk: FrontDesk, call: Call, party: Party) -> list[str]:
    """The caller's number, digit by digit; of one who hides it, that he does."""
    is_hidden = call.origin.is_private and party.number == call.origin.number
    shown = None if is_hidden else desk.display_number(party.number)
    digits = digit_prompts(shown or "")
    return [CALLER_IS, *digits] if digits else [HIDDEN]


async def _ask(desk: FrontDesk, sound: Sound, who: list[str], language: str) -> bool:
    for number in range(TRIES):
        words = [QUESTION] if number else [QUESTION, *who]
        await sound.play(desk.prompt_files(words, language), barge=True)
        try:
            async with asyncio.timeout(KEY_SECONDS):
                if await sound.keys.get() == ACCEPT:
                    sound.forget_keys()
                    return True
        except TimeoutError:
            continue
    return False
