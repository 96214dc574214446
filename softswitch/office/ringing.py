"""How a phone is told what kind of call rings, so that it can ring differently (Alert-Info).

RFC 3261 20.4 has only a URI. Makers agree on two readings, and the usual values serve both: the
word `Bellcore-drN` in the URI (Yealink, Grandstream, Fanvil), and `info=` with a word that is set
in the phone (Snom, Gigaset, Yealink, Grandstream). The address is the phone's own: nothing is
fetched.
"""

import re
from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field

from softswitch.office.fields import Model, Word
from softswitch.wording import Slip, say


class RingsFor(StrEnum):
    """What kind of call rings; the names are the fields of `Ringing`."""

    INTERNAL = "internal"
    EXTERNAL = "external"
    QUEUE = "queue"
    RETURN = "return"


def _alert(value: object) -> object:
    """Text of a header; nothing for `none`. A bare word is made a URI that asks for it."""
    if value in ("none", "no", "off", False):
        return None
    text = str(value).strip()
    if not re.fullmatch(r"[\x20-\x7e]{1,200}", text):
        raise Slip(say("no_alert_info"), say("no_alert_info_remedy"))
    return text if "<" in text or ":" in text else f"<http://127.0.0.1/{text}>"


Alert = Annotated[Word | None, BeforeValidator(_alert)]


def _usual(number: int, info: str) -> str:
    return f"<http://127.0.0.1/Bellcore-dr{number}>;info=alert-{info}"


class Ringing(Model):
    """The value of Alert-Info, by what rings; `none` sends nothing."""

    internal: Alert = Field(
        _usual(1, "internal"),
        description="A colleague calls.",
        examples=['"<http://127.0.0.1/Bellcore-dr1>;info=alert-internal"'],
    )
    external: Alert = Field(
        _usual(2, "external"), description="A client calls.", examples=["Bellcore-dr2"]
    )
    queue: Alert = Field(
        _usual(3, "group"), description="A caller of a queue.", examples=["Bellcore-dr3"]
    )
    return_: Alert = Field(
        _usual(4, "return"),
        alias="return",
        description="A transferred or parked call comes back.",
        examples=["Bellcore-dr4"],
    )

    def alert(self, kind: RingsFor) -> str | None:
        """The header's value for one kind of call."""
        return {
            RingsFor.INTERNAL: self.internal,
            RingsFor.EXTERNAL: self.external,
            RingsFor.QUEUE: self.queue,
            RingsFor.RETURN: self.return_,
        }[kind]
