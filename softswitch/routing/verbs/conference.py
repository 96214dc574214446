"""`conference`: the caller joins a room in which several people talk, after a PIN if it has one."""

from collections.abc import Sequence

from pydantic import Field

from softswitch.office.fields import Word
from softswitch.office.models import Office
from softswitch.routing.caller import Caller, ConferenceOutcome
from softswitch.routing.verbs.base import (
    Context,
    End,
    Measure,
    Need,
    Options,
    Outcome,
    Reference,
    Shape,
    Verb,
)
from softswitch.wording import Said, say

ENTER_PIN, WRONG_PIN = "enter_password", "invalid_key"
TRIES = 3
FIRST, BETWEEN = 8.0, 4.0
_END = "#"
_ALL_KEYS = frozenset("0123456789*#")


class ConferenceOptions(Options):
    """`{conference: board, wrong_pin: reception}`"""

    conference: Word = Field(description="Name in `conferences:`.", examples=["board"])


class ConferenceVerb(Verb[ConferenceOptions]):
    """Talking with whoever is there ends the route."""

    name = "conference"
    summary = "Join a conference."
    example = "{conference: board, wrong_pin: reception}"
    shape = Shape.PHONE
    outcomes = (
        Outcome("talked", say("meaning_conference"), End.TALK, is_final=True),
        Outcome("alone", say("meaning_alone")),
        Outcome("full", say("meaning_room_full")),
        Outcome("wrong_pin", say("meaning_wrong_pin")),
    )
    options = ConferenceOptions

    def references(self, options: ConferenceOptions) -> Sequence[Reference]:
        prompts = [
            Reference(Need.PROMPT, ENTER_PIN, "conference"),
            Reference(Need.PROMPT, WRONG_PIN, "conference"),
        ]
        return [Reference(Need.CONFERENCE, options.conference, "conference"), *prompts]

    def longest(self, options: ConferenceOptions, outcome: str, measure: Measure) -> float:
        room = measure.office.conferences[options.conference]
        digits = len(room.pin or "")
        asked = TRIES * (measure.prompt(ENTER_PIN) + FIRST + digits * BETWEEN) if digits else 0.0
        return asked + (room.alone if outcome == "alone" else 0.0)

    def describe(self, options: ConferenceOptions) -> Said:
        return say("joins_conference", conference=options.conference)

    def detail(self, options: ConferenceOptions, office: Office) -> str:
        return say("at_most_people", places=office.conferences[options.conference].places)

    async def run(self, caller: Caller, options: ConferenceOptions, context: Context) -> str:
        pin = context.office.conferences[options.conference].pin
        if pin is not None and not await knows_pin(caller, pin):
            caller.note("conference.refused", conference=options.conference)
            return "wrong_pin"
        outcome = await caller.conference(options.conference)
        return "talked" if outcome is ConferenceOutcome.TALKED else outcome.value


async def knows_pin(caller: Caller, pin: str) -> bool:
    """Whether he enters the PIN, in three tries. What he enters is never noted."""
    for attempt in range(TRIES):
        if attempt:
            await caller.play(WRONG_PIN)
        digits = ""
        key = await caller.collect(ENTER_PIN, _ALL_KEYS, FIRST)
        while key is not None and key != _END:
            digits += key
            if len(digits) >= len(pin):
                break
            key = await caller.collect("", _ALL_KEYS, BETWEEN)
        if digits == pin:
            return True
    return False
