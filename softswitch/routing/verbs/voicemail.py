"""`voicemail`: greeting, tone, and the caller's message into a mailbox."""

from collections.abc import Sequence

from pydantic import Field

from softswitch.office.fields import Word
from softswitch.office.models import Office
from softswitch.routing.caller import Caller
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

# Who says nothing for so long has finished (see apps/voicemail.py).
SILENCE = 8.0


class VoicemailOptions(Options):
    """`{voicemail: reception}`"""

    voicemail: Word = Field(
        description="Name of a mailbox, or the extension of a person.", examples=["reception"]
    )


class Voicemail(Verb[VoicemailOptions]):
    """Ends the call, unless a way on is written for a message that came to nothing."""

    name = "voicemail"
    summary = "Take a message."
    example = "{voicemail: reception}"
    shape = Shape.TAPE
    outcomes = (
        Outcome("stored", say("meaning_message"), End.MESSAGE, is_final=True),
        Outcome("empty", say("meaning_silent"), End.UNHEARD),
        Outcome("failed", say("meaning_not_stored"), End.UNHEARD),
    )
    options = VoicemailOptions

    def references(self, options: VoicemailOptions) -> Sequence[Reference]:
        return [Reference(Need.MAILBOX, options.voicemail, "voicemail")]

    def longest(self, options: VoicemailOptions, outcome: str, measure: Measure) -> float:
        """Until the tone; who says nothing is listened to a little longer."""
        box = measure.office.mailbox(options.voicemail)
        greeting = measure.prompt(box.greeting) if box is not None else 0.0
        return greeting + (SILENCE if outcome == "empty" else 0.0)

    def describe(self, options: VoicemailOptions) -> Said:
        return say("asked_for_message_in", mailbox=options.voicemail)

    def detail(self, options: VoicemailOptions, office: Office) -> str:
        box = office.mailbox(options.voicemail)
        return ", ".join(box.mail) if box is not None else ""

    async def run(self, caller: Caller, options: VoicemailOptions, context: Context) -> str:
        return (await caller.voicemail(options.voicemail)).value
