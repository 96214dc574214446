"""What a leg owns, and what must know its leg in turn.

It knows it weakly. A circle of leg and parts, with all that hangs on them, would be some 160
objects a call that nobody frees but the collector, which looks at all the others for it.
"""

from typing import Generic, TypeVar
from weakref import ref

L = TypeVar("L")


class Part(Generic[L]):
    """Lives as long as its leg: whoever keeps a part beyond it closes it when the leg is over."""

    __slots__ = ("_of",)

    def __init__(self, leg: L) -> None:
        self._of = ref(leg)

    @property
    def _leg(self) -> L:
        leg = self._of()
        if leg is None:
            raise ReferenceError("a part of a leg was used after the leg was gone")
        return leg
