"""`contact`: the way divides by whether the office knows who calls."""

from enum import StrEnum

from pydantic import Field

from softswitch.office.fields import Duration
from softswitch.routing.caller import Caller
from softswitch.routing.verbs.base import Context, Options, Outcome, Shape, Verb
from softswitch.routing.verbs.ring import LONGEST_WITHIN
from softswitch.wording import Said, say

WITHIN = 12 * 3600.0


class Asked(StrEnum):
    """What has to be known of him."""

    CARETAKER = "caretaker"
    KNOWN = "known"
    RECENT = "recent"


class ContactOptions(Options):
    """`{contact: caretaker, found: caretaker, unknown: menu}`"""

    contact: Asked = Field(
        description="`caretaker`: somebody looks after him; `known`: he is in `contacts:` at all; "
        "`recent`: somebody of the office called him a while ago, and he returns that call.",
        examples=["caretaker"],
    )
    within: Duration = Field(
        WITHIN,
        ge=60,
        le=LONGEST_WITHIN,
        description="Of `recent`: how long ago that may have been.",
        examples=["12h"],
    )


class ContactVerb(Verb[ContactOptions]):
    """Looks the caller's number up in the office's contacts, or among those it called."""

    name = "contact"
    summary = "Go one way when the office knows the caller, another way when it does not."
    example = "{contact: caretaker, found: clients, unknown: menu}"
    shape = Shape.FORK
    outcomes = (
        Outcome("found", say("meaning_known"), must_be_written=True),
        Outcome("unknown", say("meaning_unknown"), must_be_written=True),
    )
    options = ContactOptions

    def describe(self, options: ContactOptions) -> Said:
        return {
            Asked.CARETAKER: say("asks_caretaker"),
            Asked.KNOWN: say("asks_who_calls"),
            Asked.RECENT: say("asks_recent"),
        }[options.contact]

    async def run(self, caller: Caller, options: ContactOptions, context: Context) -> str:
        if options.contact is Asked.RECENT:
            return self._recent(caller, options, context)
        found = caller.contact
        if found is None:
            return "unknown"
        caller.note("contact.found", node=context.node, name=found.name, caretaker=found.caretaker)
        if options.contact is Asked.CARETAKER and found.caretaker is None:
            return "unknown"
        return "found"

    def _recent(self, caller: Caller, options: ContactOptions, context: Context) -> str:
        person = caller.called_by(options.within)
        if person not in context.office.people or person is None:
            return "unknown"
        caller.note("contact.recalled", node=context.node, who=person)
        return "found"
