"""What a waiting caller hears over the music: that he waits, at which place, for how long.

The music keeps its place under an announcement. Nothing here delays the ringing of an agent.
"""

import asyncio
from dataclasses import dataclass

from softswitch.apps.desk import FrontDesk
from softswitch.apps.queue.guest import Guest
from softswitch.calls.leg import Leg
from softswitch.office.queue import Announce, Queue
from softswitch.office.speech import digit_prompts, position_prompts, waiting_prompts
from softswitch.routing.verbs.queue import CALLBACK_OFFER

WAIT_PROMPT = "queue_wait"
STILL_PROMPT = "queue_still"
# Announcements of the key alone, where the queue has none of its own.
OFFER_EVERY = 30.0


@dataclass(frozen=True, slots=True)
class Offer:
    """Who is told, in which language, and by which key he may ask to be called back."""

    leg: Leg
    language: str
    key: str | None

    @property
    def prompts(self) -> list[str]:
        return [] if self.key is None else [CALLBACK_OFFER, *digit_prompts(self.key)]


async def announce_place(desk: FrontDesk, offer: Offer, guest: Guest, rules: Queue) -> None:
    """Say "please wait" at once, then how it stands every `every` seconds, until cancelled."""
    announce = rules.announce
    await _say(desk, offer, [WAIT_PROMPT, *offer.prompts])
    if announce is None and not offer.prompts:
        return
    while True:
        await asyncio.sleep(OFFER_EVERY if announce is None else announce.every)
        names = [] if announce is None else _state(desk, offer, guest, announce)
        await _say(desk, offer, [*names, *offer.prompts])


def _state(desk: FrontDesk, offer: Offer, guest: Guest, announce: Announce) -> list[str]:
    """His place, and how long it will take as far as one can tell."""
    position = desk.queues.position(guest)
    names = [STILL_PROMPT]
    if announce.position:
        names += position_prompts(position, offer.language)
    if announce.estimate:
        seconds = desk.queues.estimate(guest)
        names += waiting_prompts(seconds, offer.language) if seconds is not None else []
    return names


async def _say(desk: FrontDesk, offer: Offer, names: list[str]) -> None:
    await offer.leg.sound.play(desk.prompt_files(names, offer.language))
