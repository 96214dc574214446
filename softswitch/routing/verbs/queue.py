"""`queue`: the caller waits, with music, until somebody is free."""

import re
from collections.abc import Sequence

from pydantic import Field

from softswitch.office.durations import format_duration
from softswitch.office.fields import Word
from softswitch.office.models import Office
from softswitch.routing.caller import Caller, Priority, QueueOutcome
from softswitch.routing.verbs.base import (
    Context,
    End,
    Measure,
    Need,
    Options,
    Outcome,
    Reference,
    Shape,
    Verb,
)

_KEY = re.compile(r"key_([0-9*#])")


class QueueOptions(Options):
    """`{queue: reception, too_long: leave_message, full: leave_message}`"""

    queue: Word = Field(description="Name of a queue.", examples=["reception"])
    priority: Priority = Field(
        Priority.NORMAL, description="high goes before normal.", examples=["high"]
    )


class Queue(Verb[QueueOptions]):
    """Who is served talks; the talk ends the route."""

    name = "queue"
    summary = "Let the caller wait until somebody is free."
    example = "{queue: reception, too_long: message, full: message, no_agents: message}"
    shape = Shape.LINE
    key_pattern = _KEY.pattern
    outcomes = (
        Outcome("answered", "somebody answers", End.TALK, is_final=True),
        Outcome("too_long", "the wait becomes too long"),
        Outcome("full", "the queue is full"),
        Outcome("no_agents", "no agent of the queue is there"),
    )
    options = QueueOptions

    def key_outcome(self, name: str) -> Outcome | None:
        found = _KEY.fullmatch(name)
        if not found:
            return None
        meaning = f"the caller presses {found.group(1)} while waiting"
        return Outcome(name, meaning, is_chosen=True)

    def references(self, options: QueueOptions) -> Sequence[Reference]:
        return [Reference(Need.QUEUE, options.queue, "queue")]

    def longest(self, options: QueueOptions, outcome: str, measure: Measure) -> float:
        """The last agent may leave in the last moment."""
        return 0.0 if outcome == "full" else measure.office.queues[options.queue].longest_wait

    def describe(self, options: QueueOptions) -> str:
        return f"waits in the queue {options.queue}"

    def detail(self, options: QueueOptions, office: Office) -> str:
        queue = office.queues[options.queue]
        return f"{len(queue.agents)} people, at most {format_duration(queue.longest_wait)}"

    async def run(self, caller: Caller, options: QueueOptions, context: Context) -> str:
        found = (_KEY.fullmatch(name) for name in context.targets)
        keys = frozenset(match.group(1) for match in found if match)
        result = await caller.queue(options.queue, options.priority, keys)
        if result.outcome is QueueOutcome.KEY:
            return f"key_{result.key}"
        return result.outcome.value
