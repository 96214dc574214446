"""`queue`: the caller waits, with music, until somebody is free."""

import re
from collections.abc import Sequence

from pydantic import Field

from softswitch.office.durations import format_duration
from softswitch.office.fields import Option, Word
from softswitch.office.models import Office
from softswitch.office.queue import Priority
from softswitch.routing.caller import Caller, QueueOutcome
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
from softswitch.wording import Said, say

_KEY = re.compile(r"key_([0-9*#])")
# Offered over the music, with the key behind it; and said when he has chosen it.
CALLBACK_OFFER, CALLBACK_CONFIRMED = "callback_offer", "callback_confirmed"


class QueueOptions(Options):
    """`{queue: reception, too_long: leave_message, full: leave_message}`"""

    queue: Word = Field(description="Name of a queue.", examples=["reception"])
    priority: Priority = Field(
        Priority.NORMAL, description="high goes before normal, low after it.", examples=["high"]
    )
    callback_key: Word | None = Option(
        pattern="^[0-9*#]$",
        description="Key by which a caller hangs up, keeps his place, and is called when it is "
        "his turn; whoever has no number to be called at is not offered it.",
        examples=['"2"'],
    )


class Queue(Verb[QueueOptions]):
    """Who is served talks; the talk ends the route."""

    name = "queue"
    summary = "Let the caller wait until somebody is free."
    example = (
        "{queue: reception, too_long: message, full: message, no_agents: message, "
        "unreachable: message}"
    )
    shape = Shape.LINE
    key_pattern = _KEY.pattern
    outcomes = (
        Outcome("answered", say("meaning_somebody"), End.TALK, is_final=True),
        Outcome("too_long", say("meaning_too_long")),
        Outcome("full", say("meaning_full")),
        Outcome("no_agents", say("meaning_no_agents")),
        Outcome("unreachable", say("meaning_no_agent_rung"), like="no_agents"),
        Outcome("called_back", say("meaning_promised"), End.CALLBACK, is_chosen=True),
    )
    options = QueueOptions

    def possible(self, options: QueueOptions) -> Sequence[Outcome]:
        """Nobody is called back unless it is offered."""
        is_offered = options.callback_key is not None
        return [one for one in self.outcomes if is_offered or one.name != "called_back"]

    def key_outcome(self, name: str) -> Outcome | None:
        found = _KEY.fullmatch(name)
        if not found:
            return None
        meaning = say("meaning_key_waiting", key=found.group(1))
        return Outcome(name, meaning, is_chosen=True)

    def references(self, options: QueueOptions) -> Sequence[Reference]:
        offered = (CALLBACK_OFFER, CALLBACK_CONFIRMED) if options.callback_key else ()
        prompts = [Reference(Need.PROMPT, prompt, "callback_key") for prompt in offered]
        return [Reference(Need.QUEUE, options.queue, "queue"), *prompts]

    def longest(self, options: QueueOptions, outcome: str, measure: Measure) -> float:
        """The last agent may leave in the last moment."""
        return 0.0 if outcome == "full" else measure.office.queues[options.queue].longest_wait

    def describe(self, options: QueueOptions) -> Said:
        return say("waits_in_queue", queue=options.queue)

    def detail(self, options: QueueOptions, office: Office) -> str:
        queue = office.queues[options.queue]
        return say(
            "people_at_most", people=len(queue.everybody), time=format_duration(queue.longest_wait)
        )

    async def run(self, caller: Caller, options: QueueOptions, context: Context) -> str:
        found = (_KEY.fullmatch(name) for name in context.targets)
        keys = frozenset(match.group(1) for match in found if match)
        result = await caller.queue(options.queue, options.priority, keys, options.callback_key)
        if result.outcome is QueueOutcome.KEY:
            return f"key_{result.key}"
        if result.outcome is QueueOutcome.CALLED_BACK:
            await caller.play(CALLBACK_CONFIRMED)
        return result.outcome.value
