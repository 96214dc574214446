"""How long a client may be held before somebody is told, and before he is brought back."""

from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from softswitch.office.fields import Duration, Model
from softswitch.wording import Slip, say


def _or_none(value: object) -> object:
    """`none`, `no` and `off` switch a guard off."""
    return None if value in ("none", "no", "off", False) else value


Limit = Annotated[Duration | None, BeforeValidator(_or_none)]


class Hold(Model):
    """The guard over clients on hold. People of the office are not guarded: they can hang up."""

    remind: Limit = Field(
        60.0,
        ge=1,
        description="The holder's phone rings, or beeps in his other talk, each time this has "
        "passed; `none`: never.",
        examples=["60s"],
    )
    return_: Limit = Field(
        180.0,
        ge=1,
        alias="return",
        description="After this the client leaves the hold for the office's safe place; `none`: "
        "never.",
        examples=["3m"],
    )

    @model_validator(mode="after")
    def _in_order(self) -> "Hold":
        if self.remind is not None and self.return_ is not None and self.return_ < self.remind:
            raise Slip(say("return_before_remind"), say("return_before_remind_remedy"))
        return self
