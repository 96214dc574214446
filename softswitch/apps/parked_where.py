"""The parker is told where he has parked somebody: on his phone's display, and in words."""

from collections.abc import Sequence
from contextlib import suppress

from softswitch.apps.desk import FrontDesk
from softswitch.apps.parking_lot import Space
from softswitch.apps.waiting import while_up
from softswitch.calls.leg import Leg
from softswitch.office.speech import digit_prompts
from softswitch.routing.caller import CallerGone

PARKED_AT = {"pl": "Parking", "en": "Park"}
PROMPT = "parked"


def parked_at(language: str, slot: str) -> str:
    """For a display: `Park 701`."""
    return f"{PARKED_AT.get(language, PARKED_AT['en'])} {slot}"


def announcement(desk: FrontDesk, language: str, slot: str) -> list[str]:
    """The files that say it."""
    return desk.prompt_files([PROMPT, *digit_prompts(slot)], language)


async def tell_slot(desk: FrontDesk, waiting: Leg, asker: Leg, space: Space) -> None:
    """While the one who will be parked hears music already. Raises `CallerGone` when he leaves.

    A phone that holds the call hears nothing, so its display has to do.
    """
    language = desk.office.office.office.language
    asker.show(space.slot, parked_at(language, space.slot))
    if asker.is_over or asker.is_held:
        return
    waiting.sound.music(desk.music(space.terms.music))
    try:
        await while_up(waiting, _said(asker, announcement(desk, language, space.slot)))
    finally:
        waiting.sound.stop_music()


async def _said(leg: Leg, files: Sequence[str]) -> None:
    with suppress(CallerGone):
        await while_up(leg, leg.sound.play(files))
