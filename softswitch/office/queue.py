"""Queues of the office file: who answers, in which order, and what waiting callers are told."""

from enum import StrEnum

from pydantic import Field

from softswitch.office.fields import Duration, Extension, Model, Option, Word, Words

# A call that nobody takes for this long is better told what to do next.
DEFAULT_RING = 20.0


class QueueStrategy(StrEnum):
    """Which free agent is rung next."""

    LONGEST_IDLE = "longest_idle"
    IN_ORDER = "in_order"
    TOGETHER = "together"


class Announce(Model):
    """What a waiting caller is told, and how often."""

    every: Duration = Field(30.0, description="Pause between two announcements.", examples=["30s"])
    position: bool = Field(True, description="Say the place in the queue.", examples=["true"])


class Queue(Model):
    """Callers wait with music and are served in order."""

    name: str | None = Option(description="Shown on the phones.", examples=["Recepcja"])
    number: Extension | None = Option(description="Internal number.", examples=["300"])
    agents: Words = Field(description="Who answers.", examples=["[101, 102]"])
    how: QueueStrategy = Field(
        QueueStrategy.LONGEST_IDLE, description="Who is rung next.", examples=["longest_idle"]
    )
    music: Word = Field("calm", description="Music while waiting.", examples=["calm"])
    announce: Announce | None = Option(
        description="What waiting callers are told.", examples=["{every: 30s, position: true}"]
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
