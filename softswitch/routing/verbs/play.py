"""`play`: the caller hears one prompt, or several one after the other."""

from collections.abc import Sequence

from pydantic import Field

from softswitch.office.fields import Words
from softswitch.routing.caller import Caller
from softswitch.routing.verbs.base import Context, Measure, Need, Options, Outcome, Reference, Verb
from softswitch.wording import Said, say


class PlayOptions(Options):
    """`{play: welcome, then: opening}`"""

    play: Words = Field(min_length=1, description="What is heard.", examples=["welcome"])


class Play(Verb[PlayOptions]):
    """Plays to the end and goes on."""

    name = "play"
    summary = "Play a prompt, then go on."
    example = "{play: welcome, then: opening}"
    outcomes = (Outcome("then", say("meaning_played"), must_be_written=True),)
    options = PlayOptions

    def references(self, options: PlayOptions) -> Sequence[Reference]:
        many = len(options.play) > 1
        return [
            Reference(Need.PROMPT, prompt, "play", index if many else None)
            for index, prompt in enumerate(options.play)
        ]

    def longest(self, options: PlayOptions, outcome: str, measure: Measure) -> float:
        return sum(measure.prompt(prompt) for prompt in options.play)

    def describe(self, options: PlayOptions) -> Said:
        return say("hears", prompt=", ".join(options.play))

    async def run(self, caller: Caller, options: PlayOptions, context: Context) -> str:
        for prompt in options.play:
            await caller.play(prompt)
        return "then"
