"""Calls that ring now, so that a colleague may take one: what pick-up asks of `dial`.

Each `dial` for people of the office lists its attempt here for as long as it rings. Whoever wants
the call makes a `Claim` with a leg of his own, an INVITE that is not answered yet, and offers it to
the attempt. The attempt's own task decides: a phone that has answered is first, then the claim, so
of a phone and two colleagues in the same instant exactly one has the call (RFC 3891 3 asks the same
of a Replaces that names an early dialog). What is claimed and not won rings on.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from softswitch.calls.identity import Identity

if TYPE_CHECKING:
    from softswitch.calls.leg import Leg
    from softswitch.sip.transaction import TransactionKey


@dataclass(frozen=True, slots=True)
class Sought:
    """For which call it rings, and for whom: `kind` and `key` as `ring.started` says them.

    `since`: monotonic; who has waited longest is picked up first.
    """

    call: str
    note: Callable[..., None]
    shown: Identity
    kind: str
    key: str
    since: float

    def picked_up(self, claim: "Claim") -> None:
        """The claimant has the call."""
        self.note("pickup", by=claim.leg.who, of=self.key)
        claim.win(self.shown)


class Claim:
    """Somebody's wish to take a call. For one attempt: who lost makes another one."""

    def __init__(self, leg: "Leg", who: str) -> None:
        """`leg` stays the claimant's until he has won; then it is the winner of the `dial`."""
        leg.who = who
        self.leg = leg
        self._settled: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    @property
    def is_open(self) -> bool:
        """Nothing is decided, and the claimant still waits."""
        return not self._settled.done() and not self.leg.is_over

    def win(self, shown: Identity) -> None:
        """Answer the claimant; his phone shows who it is that he has taken."""
        self.leg.show(shown.number, shown.name)
        self.leg.accept()
        self._settled.set_result(True)

    def lose(self) -> None:
        """Somebody else has the call, or it is over."""
        if not self._settled.done():
            self._settled.set_result(False)

    async def is_won(self) -> bool:
        """Wait for the decision; when it comes, a winner counts as busy in the call he took."""
        return await asyncio.shield(self._settled)


class Attempt(Protocol):
    """One `dial` in progress."""

    sought: Sought | None

    def take(self, claim: Claim) -> bool:
        """Whether the claim is heard; what it comes to is told by the claim itself."""

    def rings_at(self, extension: str) -> bool:
        """A phone of this extension rings, or is about to."""

    def has_sent(self, key: "TransactionKey") -> bool:
        """This INVITE is one of its own."""


class Ringing:
    """All attempts in progress that may be taken. Bounded by the calls in progress."""

    def __init__(self) -> None:
        self._attempts: dict[int, tuple[Sought, Attempt]] = {}

    @contextmanager
    def listed(self, attempt: Attempt) -> Iterator[None]:
        """It may be taken for as long as this lasts, if it is sought by anybody."""
        if attempt.sought is not None:
            self._attempts[id(attempt)] = (attempt.sought, attempt)
        try:
            yield
        finally:
            self._attempts.pop(id(attempt), None)

    def __iter__(self) -> Iterator[tuple[Sought, Attempt]]:
        """Who waits longest first."""
        return iter(sorted(self._attempts.values(), key=lambda entry: entry[0].since))

    def dump(self) -> dict[str, int]:
        """Counts for the leak check: all zero when no call is up."""
        return {"attempts": len(self._attempts)}
