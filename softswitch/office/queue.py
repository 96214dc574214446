"""Queues of the office file: who answers, in which order, and what waiting callers are told."""

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, field_validator

from softswitch.office.fields import Duration, Extension, Model, Option, Word, Words
from softswitch.wording import Slip, say

# A call that nobody takes for this long is better told what to do next.
DEFAULT_RING = 20.0


def _digit(value: str) -> str:
    if len(value) != 1 or value not in "0123456789":
        raise Slip(say("no_reason_digit", value=value), say("no_reason_digit_remedy"))
    return value


PauseReason = Annotated[Word, AfterValidator(_digit)]


class QueueStrategy(StrEnum):
    """Which free agent is rung next."""

    LONGEST_IDLE = "longest_idle"
    IN_ORDER = "in_order"
    TOGETHER = "together"
    ROUND_ROBIN = "round_robin"
    FEWEST_CALLS = "fewest_calls"
    RANDOM = "random"


class Priority(StrEnum):
    """Place in a line: high waits before normal, normal before low."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"

    @property
    def rank(self) -> int:
        """To be added up: a caller's own and his queue's."""
        return _RANKS[self]


_RANKS = {Priority.LOW: -1, Priority.NORMAL: 0, Priority.HIGH: 1}


class Announce(Model):
    """What a waiting caller is told, and how often."""

    every: Duration = Field(
        30.0, ge=1, description="Pause between two announcements.", examples=["30s"]
    )
    position: bool = Field(True, description="Say the place in the queue.", examples=["true"])
    estimate: bool = Field(
        False, description="Say how long it will take, in minutes.", examples=["true"]
    )


class Tier(Model):
    """People who answer a queue's callers only after these have waited for a while."""

    after: Duration = Field(gt=0, description="So long has a caller waited.", examples=["30s"])
    agents: Words = Field(min_length=1, description="Who answers then.", examples=["[111]"])


class Queue(Model):
    """Callers wait with music and are served in order."""

    name: str | None = Option(description="Shown before the caller's.", examples=["Recepcja"])
    number: Extension | None = Option(description="Internal number.", examples=["300"])
    agents: Words = Field(description="Who answers.", examples=["[101, 102]"])
    widen: tuple[Tier, ...] = Field(
        (),
        description="Who answers as well when a caller has waited long; whoever knows the work "
        "best stands in `agents`, and is rung first as long as he is free.",
        examples=["[{after: 30s, agents: [111]}]"],
    )
    how: QueueStrategy = Field(
        QueueStrategy.LONGEST_IDLE,
        description="Who is rung next: whoever has been idle longest, the first of the list that "
        "is free, all at once, each in turn, whoever has had the fewest calls today, by chance.",
        examples=["longest_idle"],
    )
    priority: Priority = Field(
        Priority.NORMAL,
        description="Of somebody who answers for several queues, callers of this one come first "
        "(high) or last (low); else whoever has waited longest.",
        examples=["high"],
    )
    music: Word = Field("calm", description="Music while waiting.", examples=["calm"])
    announce: Announce | None = Option(
        description="What waiting callers are told.",
        examples=["{every: 30s, position: true, estimate: true}"],
    )
    greeting: Word | None = Option(
        description="Prompt for the caller when somebody has answered.", examples=["connecting"]
    )
    whisper: Word | None = Option(
        description="Prompt that only the one who answers hears, before the two are joined: which "
        "queue it is.",
        examples=["queue_reception"],
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
    answer_within: Duration = Field(
        20.0,
        ge=1,
        description="The service level: the share of callers who are answered within this time.",
        examples=["20s"],
    )
    supervisors: Words = Field(
        (),
        description="Who may listen to talks of this queue, whisper to its agents and join in.",
        examples=["[110]"],
    )

    @field_validator("widen")
    @classmethod
    def _in_order(cls, tiers: tuple[Tier, ...]) -> tuple[Tier, ...]:
        """However they are written."""
        return tuple(sorted(tiers, key=lambda tier: tier.after))

    @property
    def everybody(self) -> tuple[str, ...]:
        """Whoever may ever answer, the best first, each once."""
        wider = (agent for tier in self.widen for agent in tier.agents)
        return tuple(dict.fromkeys((*self.agents, *wider)))

    def tiers(self, waited: float) -> list[tuple[str, ...]]:
        """Who may answer a caller who has waited so long, the best first."""
        return [self.agents, *(tier.agents for tier in self.widen if tier.after <= waited)]
