"""Switches by hand: "closed early today", set from a phone or by a route until a stated time.

A switch that is on closes hours, or opens them, whatever their rule and the calendar say; or it
does nothing by itself and is asked by the verb `switch`. Which are on is runtime state, handed in.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pydantic import Field, model_validator

from softswitch.office.codes import Code
from softswitch.office.fields import Duration, Extension, Model, Option, Words
from softswitch.wording import Slip, say

if TYPE_CHECKING:
    from softswitch.office.models import Office

# Switches that are on, by name, and when each ends by itself; None: not before somebody ends it.
On = Mapping[str, datetime | None]
NONE_ON: On = {}
ALL = "all"


class Switch(Model):
    """Something that people switch on for a while."""

    name: str | None = Option(description="Shown on the phones.", examples=["Zamknięte wcześniej"])
    number: Extension | None = Option(
        description="Dialling it turns the switch; its lamp shows the state.", examples=["801"]
    )
    code: Code = Field(
        None,
        description="Star code: on, with an end like `*28*1400`; `#28` off; `*#28` asks.",
        examples=['"*28"'],
    )
    closes: Words = Field(
        (), description="Hours that are closed while it is on; `all`.", examples=["[office]"]
    )
    opens: Words = Field(
        (), description="Hours that are open while it is on; `all`.", examples=["[office]"]
    )
    lasts: Duration | None = Option(
        ge=60,
        description="How long it stays on when no end is dialled. Without it, until midnight.",
        examples=["2h"],
    )
    reason: str | None = Option(
        description="Told in traces and stories.", examples=["zamknięte wcześniej"]
    )
    who: Words = Field(
        (), description="People and groups who may turn it. Without it, all.", examples=["[101]"]
    )

    @model_validator(mode="after")
    def _one_effect(self) -> "Switch":
        if self.closes and self.opens:
            raise Slip(say("closes_or_opens"), say("closes_or_opens_remedy"))
        return self

    def covers(self, hours: str) -> bool:
        """Whether these hours are closed or opened by it."""
        named = self.closes or self.opens
        return hours in named or ALL in named

    def end(self, at: datetime) -> datetime:
        """When it goes off by itself, switched on at a moment of the office's clock."""
        if self.lasts is not None:
            return at + timedelta(seconds=self.lasts)
        return (at + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)


def by_hand(office: "Office", hours: str, on: On) -> tuple[str, Switch] | None:
    """The switch that decides these hours now, with its name; one that closes before others."""
    deciding = [
        (name, office.switches[name])
        for name in on
        if name in office.switches and office.switches[name].covers(hours)
    ]
    return min(deciding, key=lambda one: not one[1].closes, default=None)


def allowed(office: "Office", name: str, extension: str) -> bool:
    """Whether this person may turn it."""
    who = office.switches[name].who
    groups = (office.groups[word].ring for word in who if word in office.groups)
    return not who or extension in who or any(extension in ring for ring in groups)
