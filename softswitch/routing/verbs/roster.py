"""`roster`: the way divides by who is on duty; `ring: roster` rings whoever it is."""

from collections.abc import Container, Sequence

from pydantic import Field

from softswitch.office.fields import Word
from softswitch.office.models import Office
from softswitch.office.rosters import on_duty
from softswitch.routing.caller import Caller
from softswitch.routing.verbs.base import Context, Need, Options, Outcome, Reference, Shape, Verb
from softswitch.wording import Said, say

OTHER = "other"


class RosterOptions(Options):
    """`{roster: duty, 110: nowak_on_duty, 111: kowalska_on_duty, other: reception}`"""

    roster: Word = Field(description="Name in `rosters:`.", examples=["duty"])


class Roster(Verb[RosterOptions]):
    """The first person or group of the hour decides, as the roster names it."""

    name = "roster"
    summary = "Go another way depending on who is on duty."
    example = "{roster: duty, 101: message, other: reception}"
    shape = Shape.FORK
    takes_names = True
    outcomes = (Outcome(OTHER, say("meaning_other_duty"), must_be_written=True),)
    options = RosterOptions

    def of_office(self, office: Office) -> Sequence[Outcome]:
        named = (who for roster in office.rosters.values() for who in roster.values())
        words = dict.fromkeys(word for words in named for word in words)
        return [Outcome(word, say("meaning_duty", word=word)) for word in words]

    def references(self, options: RosterOptions) -> Sequence[Reference]:
        return [Reference(Need.ROSTER, options.roster, "roster")]

    def describe(self, options: RosterOptions) -> Said:
        return say("asks_roster", roster=options.roster)

    async def run(self, caller: Caller, options: RosterOptions, context: Context) -> str:
        return way_of(on_duty(context.office, options.roster, caller.now()), context.targets)


def way_of(duty: Sequence[str], targets: Container[str]) -> str:
    """The outcome for those on duty: the first of them, if something is written for him."""
    first = duty[0] if duty else OTHER
    return first if first in targets else OTHER
