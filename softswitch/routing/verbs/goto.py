"""`goto`: another name for a place, to point many ways at it and to turn them all at once."""

from pydantic import Field

from softswitch.office.fields import Word
from softswitch.routing.caller import Caller
from softswitch.routing.verbs.base import Context, Options, Outcome, Shape, Verb
from softswitch.wording import Said, say


class GotoOptions(Options):
    """`{goto: reception}`"""

    goto: Word = Field(description="Where to go on.", examples=["reception"])


class Goto(Verb[GotoOptions]):
    """Does nothing but lead on; its value is the target of its only outcome."""

    name = "goto"
    summary = "Go on somewhere else."
    example = "{goto: reception}"
    shape = Shape.LINK
    outcomes = (Outcome("then", say("meaning_leads_on"), must_be_written=True),)
    link = "then"
    options = GotoOptions

    def describe(self, options: GotoOptions) -> Said:
        return say("goes_on_to", node=options.goto)

    async def run(self, caller: Caller, options: GotoOptions, context: Context) -> str:
        return "then"
