"""What a waiting caller hears over the music: that he waits, and at which place.

The music keeps its place under an announcement. Nothing here delays the ringing of an agent.
"""

import asyncio

from softswitch.apps.desk import FrontDesk
from softswitch.apps.queue.room import Guest, QueueRoom
from softswitch.calls.sound import Sound
from softswitch.office.queue import Queue
from softswitch.office.speech import position_prompts

WAIT_PROMPT = "queue_wait"
STILL_PROMPT = "queue_still"


async def announce_place(
    desk: FrontDesk, sound: Sound, room: QueueRoom, guest: Guest, config: Queue, language: str
) -> None:
    """Say "please wait" once, then the position every `announce.every` seconds, until cancelled."""
    await sound.play(desk.prompt_files([WAIT_PROMPT], language))
    announce = config.announce
    if announce is None:
        return
    while True:
        await asyncio.sleep(announce.every)
        names = [STILL_PROMPT]
        if announce.position:
            names += position_prompts(room.position(guest), language)
        await sound.play(desk.prompt_files(names, language))
