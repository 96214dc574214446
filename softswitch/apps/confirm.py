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
CALLER_IS, HIDDEN, CLIENT_OF = "caller_is", "caller_hidden", "client_of"
# The question is put so often, and each time answered within so many seconds after its end.
TRIES, KEY_SECONDS = 3, 4.0


async def is_accepted(desk: FrontDesk, call: Call, party: Party, leg: Leg) -> bool:
    """Whether whoever answered `leg` pressed the key; False too when he hung up.

    He is told who `party` is, who calls, since his display has only the office's. Raises
    `CallerFailed` when the switch could not ask.
    """
    language = call.office.office.office.language
    who = who_calls(desk, call, party, language)
    try:
        return await while_up(leg, _ask(desk, leg.sound, who, language))
    except CallerGone:
        return False


def who_calls(desk: FrontDesk, call: Call, party: Party, language: str) -> list[str]:
    """The caller as far as prompts tell: his name if somebody has recorded it, whose client he is,
    his number digit by digit. Of one who hides it, that he does, and nothing else."""
    is_caller = party.number == call.origin.number
    digits = digit_prompts(desk.display_number(party.number) or "")
    if not digits or (call.origin.is_private and is_caller):
        return [HIDDEN]
    words = spoken_name(desk, (party.number or "").removeprefix("+"), language)
    contact = call.origin.contact if is_caller else None
    caretaker = contact.caretaker if contact is not None else None
    if caretaker is not None:
        said = spoken_name(desk, caretaker, language) or digit_prompts(caretaker)
        words += [CLIENT_OF, *said]
    return [*words, CALLER_IS, *digits]


def spoken_name(desk: FrontDesk, number: str, language: str) -> list[str]:
    """`name_110` or `name_48600100200`, recorded in the office's own prompts; else nothing."""
    name = f"name_{number}"
    return [name] if number.isdecimal() and desk.has_prompt(name, language) else []


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
