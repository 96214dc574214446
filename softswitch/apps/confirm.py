"""A forwarded call is joined only with a human: "to accept it, press one".

A mobile that is switched off, or out of reach, answers with its provider's voicemail. Who answers
at a phone outside is therefore asked first; the caller hears ringing meanwhile, and what does not
press the key in time is no answer.
"""

import asyncio

from softswitch.apps.desk import FrontDesk
from softswitch.apps.waiting import while_up
from softswitch.calls.leg import Leg
from softswitch.calls.sound import Sound
from softswitch.routing.caller import CallerGone

QUESTION, ACCEPT = "press_one_to_accept", "1"
# The question is put so often, and each time answered within so many seconds after its end.
TRIES, KEY_SECONDS = 3, 4.0


async def is_accepted(desk: FrontDesk, leg: Leg, language: str) -> bool:
    """Whether whoever answered `leg` pressed the key; False too when he hung up.

    Raises `CallerFailed` when the switch could not ask.
    """
    try:
        return await while_up(leg, _ask(desk, leg.sound, language))
    except CallerGone:
        return False


async def _ask(desk: FrontDesk, sound: Sound, language: str) -> bool:
    for _ in range(TRIES):
        await sound.play(desk.prompt_files([QUESTION], language), barge=True)
        try:
            async with asyncio.timeout(KEY_SECONDS):
                if await sound.keys.get() == ACCEPT:
                    sound.forget_keys()
                    return True
        except TimeoutError:
            continue
    return False
