"""Somebody in a call: his leg, who he is, and that he counts as busy.

Who holds a party gives it back by `close`; a transfer hands parties from one place to another.
"""

from contextlib import ExitStack
from dataclasses import dataclass, field

from softswitch.calls.leg import Leg


@dataclass(slots=True, eq=False)
class Party:
    """`extension` is set only for people of the office, whose word for a transfer counts."""

    leg: Leg
    number: str | None
    name: str | None = None
    extension: str | None = None
    busy: ExitStack = field(default_factory=ExitStack)

    @property
    def who(self) -> str:
        """For the story."""
        return self.number or "anonymous"

    def close(self) -> None:
        """Hang up if that is still owed; he is free again."""
        self.leg.release()
        self.busy.close()
