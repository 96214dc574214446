"""A waiting caller as the queues see him: his place, how he is rung for, and what became of it."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from softswitch.apps.queue.line import Waiting
from softswitch.calls.exchange import Invitation
from softswitch.calls.leg import Leg
from softswitch.calls.ringing import Sought
from softswitch.routing.caller import QueueOutcome


@dataclass(slots=True, eq=False)
class Guest:
    """`invite`: the INVITEs that ring an agent for him; `answered`: by whom, or why not."""

    place: Waiting
    invite: Callable[[str], Sequence[Invitation]]
    note: Callable[..., None]
    answered: asyncio.Future[Leg]
    sought: Sought | None  # None: no colleague can pick him up
    offer: asyncio.Task[None] | None = None
    occupied: ExitStack = field(default_factory=ExitStack)

    @property
    def has_agent(self) -> bool:
        """Somebody has answered."""
        return self.answered.done() and self.answered.exception() is None

    def leave_by(self, outcome: QueueOutcome, key: str | None = None) -> None:
        """His waiting is over; too late once an agent has answered."""
        if not self.answered.done():
            self.answered.set_exception(Left(outcome, key))

    def give_back(self) -> None:
        """Whoever answered is hung up, and free: the caller is gone."""
        if self.has_agent:
            self.answered.result().release()
        self.occupied.close()


class Left(Exception):
    """The caller leaves the line without an answer."""

    def __init__(self, outcome: QueueOutcome, key: str | None = None) -> None:
        super().__init__(outcome.value)
        self.outcome, self.key = outcome, key


@dataclass(frozen=True, slots=True)
class Served:
    """How waiting ended. An answered leg belongs to the receiver, who must close `occupied`."""

    outcome: QueueOutcome
    waited: float
    leg: Leg | None = None
    key: str | None = None
