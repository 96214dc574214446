"""Who sends in a session (RFC 3264 5.1, 6.1, 8.4), and what two wishes leave of it.

Values only: where a direction stands in a description is `sdp`'s.
"""

from enum import Enum


class Direction(Enum):
    """Who sends, seen from the writer of the description (RFC 3264 5.1)."""

    SENDRECV = "sendrecv"
    SENDONLY = "sendonly"
    RECVONLY = "recvonly"
    INACTIVE = "inactive"

    sends: bool
    receives: bool

    def __init__(self, word: str) -> None:
        # Attributes and no properties, since each description is asked for them many times.
        self.sends = word in ("sendrecv", "sendonly")
        self.receives = word in ("sendrecv", "recvonly")

    __hash__ = object.__hash__  # an Enum's own is a function in Python

    @property
    def reversed(self) -> "Direction":
        """The same stream seen from the other side."""
        return Direction.of(sends=self.receives, receives=self.sends)

    def limited_to(self, other: "Direction") -> "Direction":
        """What is left when both this and `other` must allow it."""
        return Direction.of(
            sends=self.sends and other.sends, receives=self.receives and other.receives
        )

    @staticmethod
    def of(*, sends: bool, receives: bool) -> "Direction":
        if sends:
            return Direction.SENDRECV if receives else Direction.SENDONLY
        return Direction.RECVONLY if receives else Direction.INACTIVE


DIRECTIONS = {direction.value: direction for direction in Direction}
"""By the word that stands in the description."""
