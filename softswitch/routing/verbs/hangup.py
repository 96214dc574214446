"""`hangup`: the switch ends the call."""

from collections.abc import Sequence

from pydantic import Field, field_validator

from softswitch.routing.caller import Caller, HangupReason
from softswitch.routing.verbs.base import Context, End, Options, Outcome, Shape, Verb
from softswitch.wording import Said, say


class HangupOptions(Options):
    """`{hangup: busy}`, or `{hangup: normal}` after an announcement."""

    hangup: HangupReason = Field(
        HangupReason.NORMAL, description="normal or busy.", examples=["busy"]
    )

    @field_validator("hangup", mode="before")
    @classmethod
    def _nothing_is_normal(cls, value: object) -> object:
        return HangupReason.NORMAL if value is None else value


class Hangup(Verb[HangupOptions]):
    """A busy signal is somebody's decision; a plain hang-up needs an announcement before it."""

    name = "hangup"
    summary = "End the call; `busy` refuses it with a busy signal."
    example = "{hangup: busy}"
    shape = Shape.STOP
    outcomes = (
        Outcome("ended", say("meaning_ended"), End.HANGUP, is_final=True),
        Outcome("refused", say("meaning_refused"), End.REFUSED, is_final=True),
    )
    options = HangupOptions

    def possible(self, options: HangupOptions) -> Sequence[Outcome]:
        return self.outcomes[1:] if options.hangup is HangupReason.BUSY else self.outcomes[:1]

    def describe(self, options: HangupOptions) -> Said:
        return say("hears_busy") if options.hangup is HangupReason.BUSY else say("is_cut_off")

    async def run(self, caller: Caller, options: HangupOptions, context: Context) -> str:
        await caller.hangup(options.hangup)
        return self.possible(options)[0].name
