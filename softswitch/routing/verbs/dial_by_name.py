"""`dial_by_name`: the caller spells a surname with the keys and is put through.

Keys 2 to 9 carry letters as on every telephone (ITU-T E.161); accents do not count. One who fits is
called at once; of a few, the caller hears their internal numbers and chooses.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from pydantic import Field

from softswitch.office.fields import Duration, Word, Words
from softswitch.office.models import Office
from softswitch.office.speech import digit_prompts
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
from softswitch.wording import Said, say

NOBODY, EXTENSION, PRESS = "number_not_in_service", "extension", "press"
# More than these are not listened to; one more letter tells them apart.
MOST_OFFERED = 5
# Names that nobody spells to their end.
MOST_LETTERS = 10
_LETTERS = {"abc": "2", "def": "3", "ghi": "4", "jkl": "5", "mno": "6", "pqrs": "7", "tuv": "8"}
_KEY_OF = {letter: key for letters, key in {**_LETTERS, "wxyz": "9"}.items() for letter in letters}
_ALL_KEYS, _END = frozenset("0123456789*#"), "#"
_PERSON = re.compile(r"[0-9]{2,6}")


class DialByNameOptions(Options):
    """`{dial_by_name: spell_name, no_digits: reception, nobody: reception}`"""

    dial_by_name: Word = Field(description="Prompt that asks for it.", examples=["spell_name"])
    among: Words = Field(
        (), description="People and groups who can be found. Without it, all.", examples=["[101]"]
    )
    first: Duration = Field(
        6.0, ge=1, le=60, description="How long the first letter is waited for.", examples=["6s"]
    )
    between: Duration = Field(
        3.0, ge=1, le=30, description="How long the next one is waited for.", examples=["3s"]
    )
    repeats: int = Field(
        2, ge=0, le=5, description="How often it is asked for again.", examples=["2"]
    )


class DialByName(Verb[DialByNameOptions]):
    """Each person who can be found is an outcome by his extension."""

    name = "dial_by_name"
    summary = "Let the caller spell a name and put him through."
    example = "{dial_by_name: spell_name, no_digits: reception, nobody: reception}"
    shape = Shape.CHOICE
    key_pattern = _PERSON.pattern
    outcomes = (
        Outcome("no_digits", say("meaning_spells_nothing")),
        Outcome("nobody", say("meaning_nobody_called")),
    )
    options = DialByNameOptions

    def key_outcome(self, name: str) -> Outcome | None:
        if not _PERSON.fullmatch(name):
            return None
        return Outcome(name, say("meaning_spells", name=name), is_chosen=True)

    def implied(self, options: DialByNameOptions, office: Office) -> Mapping[str, str]:
        return {
            extension: f"person {extension}" for extension in found_among(options.among, office)
        }

    def references(self, options: DialByNameOptions) -> Sequence[Reference]:
        prompts = (options.dial_by_name, NOBODY, EXTENSION, PRESS)
        asked = [Reference(Need.PROMPT, prompt, "dial_by_name") for prompt in prompts]
        people = [Reference(Need.PEOPLE, one, "among", n) for n, one in enumerate(options.among)]
        return [*asked, *people]

    def longest(self, options: DialByNameOptions, outcome: str, measure: Measure) -> float:
        spelling = options.first + MOST_LETTERS * options.between
        one = measure.prompt(EXTENSION) + measure.prompt(PRESS) + 6 * measure.prompt("number_1")
        once = measure.prompt(options.dial_by_name) + spelling + MOST_OFFERED * one + options.first
        return (options.repeats + 1) * (once + measure.prompt(NOBODY))

    def describe(self, options: DialByNameOptions) -> Said:
        return say("asked_for_name", prompt=options.dial_by_name)

    async def run(self, caller: Caller, options: DialByNameOptions, context: Context) -> str:
        office = context.office
        names = {
            one: keys_of(office.people[one].name) for one in found_among(options.among, office)
        }
        outcome = "no_digits"
        for _ in range(options.repeats + 1):
            digits = await _spell(caller, options, names)
            outcome = "nobody" if digits else "no_digits"
            fitting = [one for one, keys in names.items() if digits and keys.startswith(digits)]
            chosen = await _choose(caller, options, fitting)
            if chosen is not None:
                caller.note("name.spelled", node=context.node, who=chosen)
                return chosen
            if digits and not fitting:
                await caller.play(NOBODY)
        return outcome


def keys_of(name: str) -> str:
    """The keys that spell a person's last name: `mec. Jan Żółć (kadry)` → `9652`."""
    words = re.sub(r"\(.*?\)|,.*", "", name).split()
    plain = unicodedata.normalize("NFKD", words[-1].lower().replace("ł", "l")) if words else ""
    return "".join(_KEY_OF.get(letter, "") for letter in plain)


def found_among(words: Sequence[str], office: Office) -> list[str]:
    """The extensions of these people and groups, of everybody without any."""
    if not words:
        return list(office.people)
    found: list[str] = []
    for word in words:
        found += office.groups[word].ring if word in office.groups else [word]
    return [one for one in dict.fromkeys(found) if one in office.people]


async def _spell(caller: Caller, options: DialByNameOptions, names: Mapping[str, str]) -> str:
    """Letters until one name is left, or the caller pauses."""
    digits = ""
    key = await caller.collect(options.dial_by_name, _ALL_KEYS, options.first)
    while key is not None and key != _END and len(digits) < MOST_LETTERS:
        digits += key
        if sum(keys.startswith(digits) for keys in names.values()) < 2:
            break
        key = await caller.collect("", _ALL_KEYS, options.between)
    return digits


async def _choose(caller: Caller, options: DialByNameOptions, fitting: Sequence[str]) -> str | None:
    """The only one, or the one whose key he presses."""
    if len(fitting) < 2:
        return fitting[0] if fitting else None
    if len(fitting) > MOST_OFFERED:
        return None
    for number, extension in enumerate(fitting, 1):
        for prompt in (EXTENSION, *digit_prompts(extension), PRESS, *digit_prompts(str(number))):
            await caller.play(prompt)
    key = await caller.collect("", _ALL_KEYS, options.first)
    offered = {str(number): extension for number, extension in enumerate(fitting, 1)}
    return offered.get(key or "")
