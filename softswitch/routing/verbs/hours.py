"""`hours`: the way divides by the time of day, the day of the week and public holidays."""

from collections.abc import Sequence

from pydantic import Field

from softswitch.office.fields import Word
from softswitch.office.hours import moment
from softswitch.routing.caller import Caller
from softswitch.routing.verbs.base import Context, Need, Options, Outcome, Reference, Verb


class HoursOptions(Options):
    """`{hours: office, open: menu, closed: closed}`"""

    hours: Word = Field(description="Name of a rule in `hours:`.", examples=["office"])


class Hours(Verb[HoursOptions]):
    """Open or closed, by a rule of the section `hours:`."""

    name = "hours"
    summary = "Go one way in opening hours, another way outside them."
    example = "{hours: office, open: menu, closed: closed}"
    outcomes = (
        Outcome("open", "the office is open", must_be_written=True),
        Outcome("closed", "the office is closed", must_be_written=True),
    )
    options = HoursOptions

    def references(self, options: HoursOptions) -> Sequence[Reference]:
        return [Reference(Need.HOURS, options.hours, "hours")]

    def describe(self, options: HoursOptions) -> str:
        return f"asks the hours {options.hours}"

    async def run(self, caller: Caller, options: HoursOptions, context: Context) -> str:
        office = context.office
        found = moment(office.hours[options.hours], caller.now(), office.country, office.zone)
        return "open" if found.is_open else "closed"
