"""`say`: numbers, the time and what the caller entered, spoken in his language, among prompts."""

import re
from collections.abc import Iterator, Sequence

from pydantic import Field

from softswitch.office.fields import Words
from softswitch.office.numbers import pretty
from softswitch.office.speech import digit_prompts, number_prompts, time_prompts
from softswitch.routing.caller import Caller
from softswitch.routing.verbs.base import (
    Context,
    Measure,
    Need,
    Options,
    Outcome,
    Reference,
    Verb,
)
from softswitch.wording import Said, say

# Values that are known in every call; other words are prompts.
VALUES = {
    "time": "the time of day",
    "caller": "the caller's own number",
    "called": "the number that was called",
}
_VARIABLE = re.compile(r"\$(\w+)")
# A spoken number takes some words, each of about this many seconds.
_WORD = 0.8
_WORDS = 9


class SayOptions(Options):
    """`{say: [extension, $number], then: menu}`"""

    say: Words = Field(
        min_length=1,
        description="Prompts and values in a row: `time`, `caller`, `called`, a number, or "
        "`$name` for digits that were collected.",
        examples=["time"],
    )


class Say(Verb[SayOptions]):
    """Speaks to the end and goes on."""

    name = "say"
    summary = "Say the time, a number, or digits that the caller entered."
    example = "{say: [time, 20], then: menu}"
    outcomes = (Outcome("then", say("meaning_said"), must_be_written=True),)
    options = SayOptions

    def references(self, options: SayOptions) -> Sequence[Reference]:
        return list(_references(options.say))

    def longest(self, options: SayOptions, outcome: str, measure: Measure) -> float:
        return sum(
            _WORD * _WORDS if _is_value(item) else measure.prompt(item) for item in options.say
        )

    def describe(self, options: SayOptions) -> Said:
        return say("is_told", words=", ".join(options.say))

    async def run(self, caller: Caller, options: SayOptions, context: Context) -> str:
        for item in options.say:
            for prompt in spoken(item, caller, context):
                await caller.play(prompt)
        return "then"


def spoken(item: str, caller: Caller, context: Context) -> list[str]:
    """The prompts of one item; none for a number that is withheld or was never entered."""
    variable = _VARIABLE.fullmatch(item)
    if variable:
        return digit_prompts(context.variables.get(variable.group(1), ""))
    if item == "time":
        now = caller.now()
        return time_prompts(now.hour, now.minute, caller.language)
    if item in VALUES:
        number = caller.number if item == "caller" else caller.called
        return digit_prompts(pretty(number or "", context.office.country))
    return number_prompts(int(item), caller.language) if item.isdecimal() else [item]


def _is_value(item: str) -> bool:
    return item in VALUES or item.isdecimal() or _VARIABLE.fullmatch(item) is not None


def _references(items: Sequence[str]) -> Iterator[Reference]:
    for index, item in enumerate(items):
        place = index if len(items) > 1 else None
        variable = _VARIABLE.fullmatch(item)
        if variable:
            yield Reference(Need.VARIABLE, variable.group(1), "say", place)
        elif not _is_value(item):
            yield Reference(Need.PROMPT, item, "say", place)
