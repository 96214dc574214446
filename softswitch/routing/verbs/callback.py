"""`callback`: instead of waiting, the caller is promised a call back."""

from collections.abc import Sequence

from pydantic import Field

from softswitch.office.fields import Duration, Word
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

OFFER, CONFIRMED = "callback_ask", "callback_confirmed"
ACCEPT = "1"


class CallbackOptions(Options):
    """`{callback: reception, declined: message, no_key: message, withheld: message}`"""

    callback: Word = Field(
        description="The person, group or queue that calls back.", examples=["reception"]
    )
    first: Duration = Field(
        5.0, ge=1, le=60, description="How long the key is waited for.", examples=["5s"]
    )


class Callback(Verb[CallbackOptions]):
    """The promise is kept by the callback list: it is there before the caller hears of it."""

    name = "callback"
    summary = "Offer the caller a call back: he accepts by the key 1."
    example = "{callback: reception, declined: message, no_key: message, withheld: message}"
    shape = Shape.CHOICE
    outcomes = (
        Outcome("accepted", say("meaning_promised"), End.CALLBACK, is_chosen=True),
        Outcome("declined", say("meaning_other_key"), is_chosen=True),
        Outcome("no_key", say("meaning_presses_nothing")),
        Outcome("withheld", say("meaning_no_number")),
    )
    options = CallbackOptions

    def references(self, options: CallbackOptions) -> Sequence[Reference]:
        return [
            Reference(Need.TEAM, options.callback, "callback"),
            Reference(Need.PROMPT, OFFER, "callback"),
            Reference(Need.PROMPT, CONFIRMED, "callback"),
        ]

    def longest(self, options: CallbackOptions, outcome: str, measure: Measure) -> float:
        if outcome == "withheld":
            return 0.0
        asked = measure.prompt(OFFER) + options.first
        return asked + (measure.prompt(CONFIRMED) if outcome == "accepted" else 0.0)

    def describe(self, options: CallbackOptions) -> Said:
        return say("offered_callback", who=options.callback)

    def detail(self, options: CallbackOptions, office: Office) -> str:
        return say("key_accepts", key=ACCEPT)

    async def run(self, caller: Caller, options: CallbackOptions, context: Context) -> str:
        number = caller.number
        if number is None or not number.startswith("+"):
            return "withheld"
        key = await caller.collect(OFFER, frozenset(ACCEPT), options.first)
        if key is None:
            return "no_key"
        caller.note("menu.key", node=context.node, key=key)
        if key != ACCEPT:
            return "declined"
        # First the promise, then the words: who hangs up at once is called back too.
        caller.note("callback.requested", number=number, owner=options.callback)
        await caller.play(CONFIRMED)
        return "accepted"
