"""`collect`: the caller enters digits: an extension to be put through to, or any number.

`#` ends the entry; so do a pause and the last digit. With `dial: true` whoever has the number is
called: people, groups, queues, mailboxes and the routes with an internal number. Digits that the
node itself names (`1234: vip`) lead there.
"""

import re
from collections.abc import Collection, Mapping, Sequence

from pydantic import Field

from softswitch.office.directory import Kind, internal_numbers
from softswitch.office.fields import Duration, Word
from softswitch.office.models import Office
from softswitch.routing.caller import Caller
from softswitch.routing.verbs.base import (
    Context,
    Measure,
    Need,
    Options,
    Outcome,
    Reference,
    Shape,
    Verb,
)
from softswitch.routing.verbs.menu import INVALID_KEY
from softswitch.wording import Said, say

_ENTERED = re.compile(r"[0-9]{2,20}")
_ALL_KEYS = frozenset("0123456789*#")
_END = "#"


class CollectOptions(Options):
    """`{collect: enter_extension, dial: true, no_digits: reception, wrong_number: reception}`"""

    collect: Word = Field(description="Prompt that asks for it.", examples=["extension"])
    digits: int = Field(6, ge=1, le=20, description="How many digits at most.", examples=["3"])
    dial: bool = Field(
        False, description="Call the internal number that was entered.", examples=["true"]
    )
    as_: Word = Field(
        "digits",
        alias="as",
        pattern=r"^\w+$",
        description="Name under which `say` finds the digits.",
        examples=["number"],
    )
    first: Duration = Field(
        5.0, ge=1, le=60, description="How long the first digit is waited for.", examples=["5s"]
    )
    between: Duration = Field(
        3.0, ge=1, le=30, description="How long the next digit is waited for.", examples=["3s"]
    )
    repeats: int = Field(
        2, ge=0, le=5, description="How often it is asked for again.", examples=["2"]
    )


class Collect(Verb[CollectOptions]):
    """Digits, kept under a name, that may lead somewhere."""

    name = "collect"
    summary = "Let the caller enter digits, such as an extension."
    example = "{collect: extension, dial: true, no_digits: reception, wrong_number: reception}"
    shape = Shape.CHOICE
    key_pattern = _ENTERED.pattern
    outcomes = (
        Outcome("then", say("meaning_digits"), must_be_written=True),
        Outcome("no_digits", say("meaning_no_digits")),
        Outcome("wrong_number", say("meaning_wrong_number")),
    )
    options = CollectOptions

    def key_outcome(self, name: str) -> Outcome | None:
        if not _ENTERED.fullmatch(name):
            return None
        return Outcome(name, say("meaning_enters", name=name), is_chosen=True)

    def possible(self, options: CollectOptions) -> Sequence[Outcome]:
        return self.outcomes[1:] if options.dial else self.outcomes[:2]

    def implied(self, options: CollectOptions, office: Office) -> Mapping[str, str]:
        if not options.dial:
            return {}
        return {
            number: meant.key if meant.kind is Kind.ROUTE else f"{meant.kind} {meant.key}"
            for number, meant in internal_numbers(office).items()
            if number.isdigit() and meant.kind is not Kind.SERVICE
        }

    def references(self, options: CollectOptions) -> Sequence[Reference]:
        return [
            Reference(Need.PROMPT, options.collect, "collect"),
            Reference(Need.PROMPT, INVALID_KEY, "collect"),
        ]

    def longest(self, options: CollectOptions, outcome: str, measure: Measure) -> float:
        entering = options.first + (options.digits - 1) * options.between
        once = measure.prompt(options.collect) + entering
        return once * (options.repeats + 1) + measure.prompt(INVALID_KEY) * options.repeats

    def describe(self, options: CollectOptions) -> Said:
        return say("asked_for_digits", prompt=options.collect)

    async def run(self, caller: Caller, options: CollectOptions, context: Context) -> str:
        known = frozenset(name for name in context.targets if _ENTERED.fullmatch(name))
        outcome = "no_digits"
        for attempt in range(options.repeats + 1):
            if attempt and outcome == "wrong_number":
                await caller.play(INVALID_KEY)
            digits = await _enter(caller, options, known)
            outcome = self._outcome(options, known, digits)
            if digits:
                context.variables[options.as_] = digits
                caller.note("digits.entered", node=context.node, count=len(digits))
            if outcome not in ("no_digits", "wrong_number"):
                return outcome
        return outcome

    def _outcome(self, options: CollectOptions, known: Collection[str], digits: str) -> str:
        if not digits:
            return "no_digits"
        if digits in known:
            return digits
        return "wrong_number" if options.dial else "then"


async def _enter(caller: Caller, options: CollectOptions, known: Collection[str]) -> str:
    """The digits of one entry; none when nothing or only `#` was pressed."""
    digits = ""
    key = await caller.collect(options.collect, _ALL_KEYS, options.first)
    while key is not None and key != _END:
        digits += key if key.isdigit() else ""
        if len(digits) >= options.digits or (options.dial and _is_whole(digits, known)):
            break
        key = await caller.collect("", _ALL_KEYS, options.between)
    return digits


def _is_whole(digits: str, known: Collection[str]) -> bool:
    """Whether this is a number, and no longer one begins with it."""
    return [number for number in known if number.startswith(digits)] == [digits]
