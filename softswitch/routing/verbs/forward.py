"""`forward`: a phone in the world outside rings, and a human there takes the call with a key."""

from collections.abc import Sequence

from pydantic import Field

from softswitch.office.durations import format_duration
from softswitch.office.fields import Duration, Phone
from softswitch.office.models import Office
from softswitch.office.numbers import Reach, international, reach
from softswitch.routing.caller import Caller, RingKind, RingTarget
from softswitch.routing.verbs.base import (
    ACCEPT,
    Context,
    End,
    Measure,
    Need,
    Options,
    Outcome,
    Reference,
    Shape,
    Verb,
    asked_seconds,
)
from softswitch.wording import Said, say


class ForwardOptions(Options):
    """`{forward: "+48 600 100 200", for: 40s, no_answer: reception, busy: reception}`"""

    forward: Phone = Field(
        description="A number of the world outside.", examples=['"+48 600 100 200"']
    )
    for_: Duration = Field(
        40.0, alias="for", ge=5, le=180, description="How long it rings.", examples=["40s"]
    )
    confirm: bool = Field(
        True,
        description="Whoever answers presses 1, so that no answering machine has the caller.",
        examples=["true"],
    )


class Forward(Verb[ForwardOptions]):
    """The office's number is shown there, and nothing of that number to the caller."""

    name = "forward"
    summary = "Ring a phone outside the office."
    example = '{forward: "+48 600 100 200", for: 40s, no_answer: reception, busy: reception}'
    shape = Shape.PHONE
    outcomes = (
        Outcome("answered", say("meaning_taken"), End.TALK, is_final=True),
        Outcome("no_answer", say("meaning_not_taken")),
        Outcome("busy", say("meaning_line_busy")),
        Outcome("unreachable", say("meaning_number_unreachable")),
        Outcome("declined", say("meaning_declined")),
    )
    options = ForwardOptions

    def references(self, options: ForwardOptions) -> Sequence[Reference]:
        found = [Reference(Need.TRUNK, options.forward, "forward")]
        return [*found, Reference(Need.PROMPT, ACCEPT, "forward")] if options.confirm else found

    def longest(self, options: ForwardOptions, outcome: str, measure: Measure) -> float:
        """Whoever answers may listen to the question three times before he is no answer."""
        asked = asked_seconds(measure) if options.confirm else 0.0
        return options.for_ + asked

    def describe(self, options: ForwardOptions) -> Said:
        return say("rings_number", number=international(options.forward))

    def detail(self, options: ForwardOptions, office: Office) -> str:
        return say("for_time", time=format_duration(options.for_))

    async def run(self, caller: Caller, options: ForwardOptions, context: Context) -> str:
        target = RingTarget(RingKind.OUTSIDE, options.forward, (), mobiles=options.confirm)
        return (await caller.ring(target, options.for_)).value


def refusal(number: str, office: Office) -> Said | None:
    """Why calls must not be led there by themselves; None when they may."""
    if not office.trunks:
        return say("no_trunk_outside")
    if reach(number, office.country) is not Reach.NATIONAL:
        return say("costs_extra", number=international(number))
    return None
