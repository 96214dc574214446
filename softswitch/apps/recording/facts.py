"""What a recording is of: a call, a consultation in it, a conference. As `room.py` asks for it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

# What phones of ours show before the name of whom they talk with while it is recorded.
MARK = "\N{BLACK CIRCLE} "


@dataclass(frozen=True, slots=True)
class Facts:
    """What stands in the index. `number`: the client's, or of whoever called."""

    direction: str
    number: str | None
    called: str | None = None
    queue: str | None = None


class Recorded(Protocol):
    """See the module's docstring."""

    # Whether it is recorded has changed.
    on_change: Callable[[], None]

    @property
    def facts(self) -> Facts:
        """At the moment in which a recording begins."""

    def tell(self, kind: str, /, **data: Any) -> None:
        """What becomes of it, to the story or stories of who takes part. Never waits."""
