"""What an office plans: days and periods in which it is closed, and calls that must go right.

Sections of the office file as values, like those of `models.py`.
"""

from enum import StrEnum

from pydantic import Field, model_validator

from softswitch.office.fields import (
    Duration,
    Extension,
    FreeDays,
    Model,
    Moment,
    NumberKey,
    Option,
    Word,
    Words,
)
from softswitch.wording import Slip, say


class Period(Model):
    """Some days or hours in which the office is closed."""

    from_: Moment = Field(
        alias="from", description="First day, or first minute.", examples=["2026-12-28"]
    )
    to: Moment = Field(description="Last day, or the minute it ends.", examples=["2026-12-31"])
    reason: str | None = Option(
        description="Told in traces and stories.", examples=["przerwa świąteczna"]
    )
    hours: Words = Field(
        (), description="Only these hours. Without it, all but `24/7`.", examples=["[office]"]
    )

    @model_validator(mode="after")
    def _in_order(self) -> "Period":
        if self.from_ > self.to:
            raise Slip(
                say("period_ends_before"), say("period_ends_before_remedy", begin=self.from_)
            )
        return self


class Calendar(Model):
    """When the office is closed whatever its hours say."""

    free: FreeDays = Field(
        {},
        description="Days off besides the public holidays: a list, or each with its reason.",
        examples=['{"2027-01-02": za 15 sierpnia}'],
    )
    periods: dict[str, Period] = Field(
        {},
        description="Closed periods by name. The name is also an outcome of `hours:`, to lead to "
        "an announcement of its own.",
        examples=["{christmas: {from: 2026-12-28, to: 2026-12-31}}"],
    )


class Expected(StrEnum):
    """How a tested call must end."""

    TALK = "talk"
    MESSAGE = "message"
    CALLBACK = "callback"
    NO_MESSAGE = "no_message"
    BUSY = "busy"
    HANGUP = "hangup"


class Case(Model):
    """A call that must go right: what is given, and what is expected."""

    at: Moment = Field(description="When it comes.", examples=['"2026-12-24 12:00"'])
    from_: NumberKey | None = Option(
        alias="from", description="Who calls. Without it, withheld.", examples=['"600 100 200"']
    )
    to: Word | None = Option(
        description="What is called. Without it, the first number of `numbers:`.",
        examples=['"+48 22 123 45 67"'],
    )
    keys: Word | None = Option(
        pattern="^[0-9*#-]+$", description="Pressed in turn; - presses nothing.", examples=['"3"']
    )
    busy: Words = Field((), description="People who talk already; `all`.", examples=["[101]"])
    away: Words = Field((), description="People without a phone; `all`.", examples=["[101, 102]"])
    logged_out: Words = Field(
        (), description="People who answer for no queue now; `all`.", examples=["[102]"]
    )
    silent: Words = Field((), description="People who do not answer; `all`.", examples=["all"])
    full: Words = Field((), description="Queues without a place.", examples=["reception"])
    on: Words = Field((), description="Switches that are on.", examples=["[early]"])
    answer: Word | None = Option(
        description="What other systems answer that a route asks.", examples=["vip"]
    )
    client: Extension | None = Option(
        description="Who looks after the caller, as a CRM would tell.", examples=["110"]
    )
    recent: Extension | None = Option(
        description="Who called the caller before (`contact: recent`).", examples=["110"]
    )
    leaves_message: bool = Field(
        True, description="Whether the caller speaks after the tone.", examples=["false"]
    )
    expect: Expected | None = Option(
        description="How it ends: talk, message, callback, no_message, busy or hangup.",
        examples=["talk"],
    )
    with_: Extension | None = Option(alias="with", description="Who answers.", examples=["101"])
    in_: Word | None = Option(
        alias="in", description="The route, queue or mailbox where it ends.", examples=["reception"]
    )
    through: Words = Field(
        (), description="Routes that it passes, in this order.", examples=["[closed, urgent]"]
    )
    hears: Words = Field(
        (), description="Prompts that the caller hears, in this order.", examples=["closed"]
    )
    within: Duration | None = Option(
        description="Time to a human or to the tone of a mailbox, at most.", examples=["1m"]
    )

    @model_validator(mode="after")
    def _expects_something(self) -> "Case":
        expected = (self.expect, self.with_, self.in_, self.through, self.hears, self.within)
        if not any(expected):
            raise Slip(say("test_expects_nothing"), say("test_expects_nothing_remedy"))
        if ":" not in self.at:
            raise Slip(
                say("test_without_time", at=self.at), say("test_without_time_remedy", again=self.at)
            )
        return self
