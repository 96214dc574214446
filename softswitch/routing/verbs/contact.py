"""`contact`: the way divides by whether the office knows who calls."""

from enum import StrEnum

from pydantic import Field

from softswitch.routing.caller import Caller
from softswitch.routing.verbs.base import Context, Options, Outcome, Shape, Verb


class Asked(StrEnum):
    """What has to be known of him."""

    CARETAKER = "caretaker"
    KNOWN = "known"


class ContactOptions(Options):
    """`{contact: caretaker, found: caretaker, unknown: menu}`"""

    contact: Asked = Field(
        description="`caretaker`: somebody looks after him; `known`: he is in `contacts:` at all.",
        examples=["caretaker"],
    )


class ContactVerb(Verb[ContactOptions]):
    """Looks the caller's number up in the office's contacts."""

    name = "contact"
    summary = "Go one way when the office knows the caller, another way when it does not."
    example = "{contact: caretaker, found: clients, unknown: menu}"
    shape = Shape.FORK
    outcomes = (
        Outcome("found", "the caller is known", must_be_written=True),
        Outcome("unknown", "the caller is not known", must_be_written=True),
    )
    options = ContactOptions

    def describe(self, options: ContactOptions) -> str:
        is_caretaker = options.contact is Asked.CARETAKER
        return "asks who looks after him" if is_caretaker else "asks who calls"

    async def run(self, caller: Caller, options: ContactOptions, context: Context) -> str:
        found = context.contacts.find(caller.number)
        if found is None:
            return "unknown"
        caller.note("contact.found", node=context.node, name=found.name, caretaker=found.caretaker)
        if options.contact is Asked.CARETAKER and found.caretaker is None:
            return "unknown"
        return "found"
