"""Queues of the office file: who answers, in which order, and what waiting callers are told.

`agents: [101, 102]` is one team; `agents: [[101, 102], [110]]` are tiers: the second one joins for
a caller who has waited for `widen`, the third after as long again.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

from softswitch.office.fields import Duration, Extension, Model, Option, Word, Words
from softswitch.office.ringing import Alert

# A call that nobody takes for this long is better told what to do next.
DEFAULT_RING = 20.0
# A route's `priority: high` weighs as much as so many points of a queue.
HIGH_PRIORITY = 10


class QueueStrategy(StrEnum):
    """Which free agent is rung next."""

    LONGEST_IDLE = "longest_idle"
    IN_ORDER = "in_order"
    TOGETHER = "together"
    ROUND_ROBIN = "round_robin"
    FEWEST_CALLS = "fewest_calls"
    RANDOM = "random"


class Announce(Model):
    """What a waiting caller is told, and how often."""

    every: Duration = Field(
        30.0, ge=1, description="Pause between two announcements.", examples=["30s"]
    )
    position: bool = Field(True, description="Say the place in the queue.", examples=["true"])
    estimate: bool = Field(
        False,
        description="Say how long it will take, by the last talks; in whole minutes.",
        examples=["true"],
    )
    prompts: Words = Field(
        (),
        description="Own prompts instead of the usual one, one after the other at each turn.",
        examples=["[offer_website, please_hold]"],
    )


def _tiers(value: object) -> object:
    """One team is the first and only tier."""
    if isinstance(value, str | int) and not isinstance(value, bool):
        return [[value]]
    if not isinstance(value, list | tuple):
        return value
    nested = [isinstance(one, list | tuple) for one in value]
    if not any(nested):
        return [value]
    if not all(nested):
        raise ValueError("people stand beside lists. Write each tier as a list: [[101], [110]]")
    return value


_WORD = {"type": ["string", "integer"]}
_LIST = {"type": "array", "items": _WORD}
Tiers = Annotated[
    tuple[tuple[Word, ...], ...],
    BeforeValidator(_tiers),
    WithJsonSchema({"anyOf": [_WORD, _LIST, {"type": "array", "items": _LIST}]}),
]


class Queue(Model):
    """Callers wait with music and are served in order."""

    name: str | None = Option(
        description="Shown on the agents' phones before the caller.", examples=["Recepcja"]
    )
    number: Extension | None = Option(description="Internal number.", examples=["300"])
    tiers: Tiers = Field(
        alias="agents",
        description="Who answers; lists in it are tiers, each of which joins later: "
        "`[[101, 102], [110]]`.",
        examples=["[101, 102]"],
    )
    widen: Duration = Field(
        20.0,
        description="A caller who has waited so long is offered to the next tier too.",
        examples=["20s"],
    )
    how: QueueStrategy = Field(
        QueueStrategy.LONGEST_IDLE,
        description="Who is rung next: longest_idle, in_order, round_robin, fewest_calls (of this "
        "queue, today), random, or all together.",
        examples=["longest_idle"],
    )
    login: bool = Field(
        False,
        description="true: only who has logged in by the code `queue_login` is rung.",
        examples=["true"],
    )
    priority: int = Field(
        0,
        ge=0,
        le=100,
        description="Who answers several queues takes the caller of the higher one first; "
        f"`priority: high` of a route weighs {HIGH_PRIORITY}.",
        examples=["5"],
    )
    music: Word = Field("calm", description="Music while waiting.", examples=["calm"])
    announce: Announce | None = Option(
        description="What waiting callers are told.", examples=["{every: 30s, position: true}"]
    )
    whisper: Word | None = Option(
        description="Prompt that the agent hears before the caller is put through.",
        examples=["reception"],
    )
    alert: Alert = Option(
        description="How the phones are told to ring, if not as `ringing: queue`.",
        examples=["Bellcore-dr4"],
    )
    longest_wait: Duration = Field(
        300.0, ge=1, description="After this the caller leaves by too_long.", examples=["5m"]
    )
    places: int = Field(
        20, ge=1, le=1000, description="Callers that may wait at once.", examples=["20"]
    )
    wrap_up: Duration = Field(
        0.0, description="Rest of an agent after each talk.", examples=["15s"]
    )
    ring_for: Duration = Field(
        DEFAULT_RING, ge=1, description="How long one agent's phone rings.", examples=["20s"]
    )
    service_level: Duration = Field(
        20.0, ge=1, description="Answered within this is answered in time.", examples=["20s"]
    )

    @property
    def agents(self) -> tuple[str, ...]:
        """All of them, tier after tier."""
        return tuple(agent for tier in self.tiers for agent in tier)

    def tier_of(self, agent: str) -> int:
        """In which tier somebody stands, from 0."""
        return next(number for number, tier in enumerate(self.tiers) if agent in tier)
