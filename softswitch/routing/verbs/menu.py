"""`menu`: the caller chooses with a key of the telephone.

A wrong key and silence repeat the menu a few times; then the last of the two decides where to go,
so that nobody is held in a menu for ever and nobody is cut off by one.
"""

import re
from collections.abc import Sequence

from pydantic import Field

from softswitch.office.fields import Duration, Word
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

# Said before the menu is repeated; part of every prompt pack.
INVALID_KEY = "invalid_key"

_KEY = re.compile(r"[0-9*#]")


class MenuOptions(Options):
    """`{menu: menu_main, 1: sales, 2: support, no_key: reception, wrong_key: reception}`"""

    menu: Word = Field(description="Prompt that names the keys.", examples=["menu_main"])
    repeats: int = Field(
        2, ge=0, le=5, description="How often it is repeated after the first time.", examples=["2"]
    )
    first: Duration = Field(
        5.0, ge=1, le=60, description="How long a key is waited for.", examples=["5s"]
    )


class Menu(Verb[MenuOptions]):
    """One key, one way on."""

    name = "menu"
    summary = "Let the caller choose with a key."
    example = "{menu: menu_main, 1: new_matter, 2: clients, no_key: reception}"
    shape = Shape.CHOICE
    key_pattern = _KEY.pattern
    outcomes = (
        Outcome("no_key", say("meaning_presses_nothing")),
        Outcome("wrong_key", say("meaning_wrong_key")),
    )
    options = MenuOptions

    def key_outcome(self, name: str) -> Outcome | None:
        if not _KEY.fullmatch(name):
            return None
        return Outcome(name, say("meaning_presses", name=name), is_chosen=True)

    def references(self, options: MenuOptions) -> Sequence[Reference]:
        return [
            Reference(Need.PROMPT, options.menu, "menu"),
            Reference(Need.PROMPT, INVALID_KEY, "menu"),
        ]

    def longest(self, options: MenuOptions, outcome: str, measure: Measure) -> float:
        """The last moment of the last repeat."""
        once = measure.prompt(options.menu) + options.first
        return once * (options.repeats + 1) + measure.prompt(INVALID_KEY) * options.repeats

    def describe(self, options: MenuOptions) -> Said:
        return say("hears_menu", menu=options.menu)

    async def run(self, caller: Caller, options: MenuOptions, context: Context) -> str:
        keys = frozenset(name for name in context.targets if _KEY.fullmatch(name))
        outcome = "no_key"
        for attempt in range(options.repeats + 1):
            if attempt and outcome == "wrong_key":
                await caller.play(INVALID_KEY)
            key = await caller.collect(options.menu, keys, options.first)
            if key is not None:
                caller.note("menu.key", node=context.node, key=key)
            if key in keys:
                return str(key)
            outcome = "no_key" if key is None else "wrong_key"
        return outcome
