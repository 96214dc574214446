"""A caller in a conference: when he came, whether he met anybody, how long he stayed."""

from softswitch.apps.conference_room import ConferenceRoom
from softswitch.apps.desk import FrontDesk
from softswitch.calls.call import Call
from softswitch.office.conference import Conference
from softswitch.routing.caller import ConferenceOutcome

# How it ended in the story for who has hung up.
LEFT = "left"


async def join_conference(
    desk: FrontDesk, call: Call, key: str, config: Conference, language: str
) -> ConferenceOutcome:
    """Stay in the room until nobody else is there; the story knows from when to when."""
    room = desk.conferences.get(key)
    if room is None:
        recording = desk.recordings.conference(key, config, call.office.office.recording)
        sounds = desk.exchange.sounds
        room = desk.conferences[key] = ConferenceRoom(sounds, desk.music, recording)
    leg = call.leg
    room.expected += 1  # it stands as long as anybody is told of it, or in it
    try:
        await room.recording.admit(call, language)
        return await _stay(desk, call, key, room, config)
    finally:
        room.recording.forget(leg)
        room.expected -= 1
        if not room.expected:
            room.recording.close()
            desk.conferences.pop(key, None)


async def _stay(
    desk: FrontDesk, call: Call, key: str, room: ConferenceRoom, config: Conference
) -> ConferenceOutcome:
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
