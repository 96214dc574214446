"""`switch` and `set`: the way divides by what was switched by hand, or a caller switches it."""

from collections.abc import Sequence
from enum import StrEnum

from pydantic import Field

from softswitch.office.fields import Duration, Option, Word
from softswitch.routing.caller import Caller
from softswitch.routing.verbs.base import Context, Need, Options, Outcome, Reference, Shape, Verb
from softswitch.wording import Said, say


class SwitchOptions(Options):
    """`{switch: early, on: closed, off: menu}`"""

    switch: Word = Field(description="Name in `switches:`.", examples=["early"])


class SwitchVerb(Verb[SwitchOptions]):
    """On or off, as somebody set it."""

    name = "switch"
    summary = "Go one way while a switch is on, another way while it is off."
    example = "{switch: early, on: closed, off: menu}"
    shape = Shape.FORK
    outcomes = (
        Outcome("on", say("meaning_on"), must_be_written=True),
        Outcome("off", say("meaning_off"), must_be_written=True),
    )
    options = SwitchOptions

    def references(self, options: SwitchOptions) -> Sequence[Reference]:
        return [Reference(Need.SWITCH, options.switch, "switch")]

    def describe(self, options: SwitchOptions) -> Said:
        return say("asks_switch", switch=options.switch)

    async def run(self, caller: Caller, options: SwitchOptions, context: Context) -> str:
        return "on" if options.switch in caller.switches() else "off"


class Position(StrEnum):
    """What `set` does to a switch."""

    ON = "on"
    OFF = "off"
    TURN = "turn"


class SetOptions(Options):
    """`{set: early, to: on, then: closed}`"""

    set: Word = Field(description="Name in `switches:`.", examples=["early"])
    to: Position = Field(Position.TURN, description="on, off, or turn.", examples=["on"])
    for_: Duration | None = Option(
        alias="for",
        ge=60,
        description="How long it stays on. Without it, as the switch says.",
        examples=["2h"],
    )


_SETS = {Position.ON: "sets_on", Position.OFF: "sets_off", Position.TURN: "turns_switch"}


class Set(Verb[SetOptions]):
    """Turns a switch by hand; who comes here was let in by the route before it."""

    name = "set"
    summary = "Turn a switch on or off."
    example = "{set: early, to: on, then: closed}"
    shape = Shape.LINK
    outcomes = (Outcome("then", say("meaning_set"), must_be_written=True),)
    options = SetOptions

    def references(self, options: SetOptions) -> Sequence[Reference]:
        return [Reference(Need.SWITCH, options.set, "set")]

    def describe(self, options: SetOptions) -> Said:
        return say(_SETS[options.to], switch=options.set)

    async def run(self, caller: Caller, options: SetOptions, context: Context) -> str:
        is_on = options.set in caller.switches()
        to_on = not is_on if options.to is Position.TURN else options.to is Position.ON
        caller.turn(options.set, to_on, options.for_)
        caller.note("switch.set", node=context.node, switch=options.set, on=to_on)
        return "then"
