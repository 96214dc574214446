"""The star code that calls the next client back, for whoever dials it.

    *55        speaks the number, calls it by the one way out, showing the office's number

A talk of some seconds closes the item by itself; who is not reached stays on the list, and the
others come before him for a while.
"""

from softswitch.apps.caller import PhoneCaller
from softswitch.apps.desk import FrontDesk
from softswitch.apps.dialling import call_outside
from softswitch.apps.outside import meaning_of
from softswitch.calls.call import Call
from softswitch.office.codes import Asked
from softswitch.office.speech import digit_prompts
from softswitch.store.callbacks import Item

CALLING, NONE = "callback_calling", "callback_none"


async def call_back(desk: FrontDesk, call: Call, caller: PhoneCaller, asked: Asked) -> None:
    """Call whoever is next for this person."""
    extension = call.origin.number or ""
    item = desk.callbacks.next_for(extension)
    if item is None or item.number is None:
        call.note("service.used", service="callback", outcome="none")
        await caller.answer()
        await caller.hear(desk.prompt_files([NONE], caller.language))
        return
    await call_item(desk, call, caller, item)


async def call_item(desk: FrontDesk, call: Call, caller: PhoneCaller, item: Item) -> None:
    """Speak the number, then call it; nobody else is given the item meanwhile."""
    if item.number is None:
        return
    with desk.callbacks.claimed(item, call.origin.number or ""):
        call.note("callback.dialled", item=item.id, number=item.number)
        await caller.answer()
        shown = desk.display_number(item.number) or item.number
        call.leg.show(shown, item.name)
        words = [CALLING, *digit_prompts(shown)]
        await caller.hear(desk.prompt_files(words, caller.language), True)
        call.leg.sound.forget_keys()
        await call_outside(desk, call, caller, meaning_of(call.office, item.number))
