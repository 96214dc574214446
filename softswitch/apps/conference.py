"""A caller in a conference: when he came, whether he met anybody, how long he stayed."""

from softswitch.apps.conference_room import ConferenceRoom
from softswitch.apps.desk import FrontDesk
from softswitch.calls.call import Call
from softswitch.office.conference import Conference
from softswitch.routing.caller import ConferenceOutcome

# How it ended in the story for who has hung up.
LEFT = "left"


async def join_conference(
    desk: FrontDesk, call: Call, key: str, config: Conference
) -> ConferenceOutcome:
    """Stay in the room until nobody else is there; the story knows from when to when."""
    room = desk.conferences.get(key)
    if room is None:
        room = desk.conferences[key] = ConferenceRoom(desk.exchange.sounds, desk.music)
    leg, began = call.leg, desk.exchange.now()
    call.note("conference.entered", conference=key, people=len(room) + 1)
    outcome: str = LEFT
    try:
        found = await room.stay(leg, config)
        outcome = found.value
        return found
    finally:
        seconds = round(desk.exchange.now() - began, 1)
        met = room.has_met(leg)
        call.note("conference.left", conference=key, seconds=seconds, outcome=outcome, met=met)
        room.forget(leg)
        if not len(room):
            desk.conferences.pop(key, None)
