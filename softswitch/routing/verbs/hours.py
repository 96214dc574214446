"""`hours`: the way divides by the time of day, the day of the week and public holidays.

Closed periods of the office's calendar and its switches are outcomes too, by their names: who
writes one leads its callers to an announcement of their own, who does not leads them where
`closed`, or `open`, leads.
"""

from collections.abc import Sequence

from pydantic import Field

from softswitch.office.calendar import state
from softswitch.office.fields import Word
from softswitch.office.models import Office
from softswitch.routing.caller import Caller
from softswitch.routing.verbs.base import Context, Need, Options, Outcome, Reference, Shape, Verb
from softswitch.wording import Said, say

_WORDS = {False: say("closed_by_hand"), True: say("open_by_hand")}


class HoursOptions(Options):
    """`{hours: office, open: menu, closed: closed}`"""

    hours: Word = Field(description="Name of a rule in `hours:`.", examples=["office"])


class Hours(Verb[HoursOptions]):
    """Open or closed, by a rule of the section `hours:`."""

    name = "hours"
    summary = "Go one way in opening hours, another way outside them."
    example = "{hours: office, open: menu, closed: closed}"
    shape = Shape.FORK
    takes_names = True
    outcomes = (
        Outcome("open", say("meaning_open"), must_be_written=True),
        Outcome("closed", say("meaning_closed"), must_be_written=True),
    )
    options = HoursOptions

    def of_office(self, office: Office) -> Sequence[Outcome]:
        closed = [
            Outcome(name, say("meaning_period", reason=period.reason or name))
            for name, period in office.calendar.periods.items()
        ]
        by_hand = [
            Outcome(
                name, say("meaning_by_hand", how=_WORDS[bool(one.opens)], reason=one.reason or name)
            )
            for name, one in office.switches.items()
            if one.closes or one.opens
        ]
        return [*closed, *by_hand]

    def references(self, options: HoursOptions) -> Sequence[Reference]:
        return [Reference(Need.HOURS, options.hours, "hours")]

    def describe(self, options: HoursOptions) -> Said:
        return say("asks_hours", hours=options.hours)

    def detail(self, options: HoursOptions, office: Office) -> str:
        return office.hours[options.hours]

    async def run(self, caller: Caller, options: HoursOptions, context: Context) -> str:
        found = state(context.office, options.hours, caller.now(), caller.switches())
        named = found.period if found.period in context.targets else None
        return named or ("open" if found.is_open else "closed")
