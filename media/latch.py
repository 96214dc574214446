"""Symmetric RTP: from which address a leg listens, so that no stranger's packets can steal it.

RFC 4961 (symmetric RTP), RFC 7362 section 4 (latching and its danger). A source has a rank:
the signalled address and port, the signalled host, any other. The better rank wins while the
leg is learning; later only a source that has been silent can be followed by another.
Only valid RTP of an agreed payload type may be shown to a Latch. Knows no sockets.
"""

import ipaddress
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Final

# A better-ranked source may still take over so long after the first one was heard.
LEARNING_SECONDS: Final = 5.0
# A source that was silent so long may be followed by another: a NAT gave it a new port.
SILENCE_SECONDS: Final = 3.0
# So long a public signalled host has to speak up before a foreign one is believed.
PATIENCE_SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True)
class Address:
    host: str
    port: int


class Rank(IntEnum):
    FOREIGN = 0
    HOST = 1
    EXACT = 2


class Verdict(Enum):
    ACCEPT = "accept"  # it is the source already
    MOVE = "move"  # it is the source from now on
    STRANGER = "stranger"


class Latch:
    """The source of one leg. `aim` is where its socket is connected to."""

    __slots__ = ("_moved_at", "_opened_at", "_strict", "aim", "is_moved", "signalled")

    def __init__(self, signalled: Address, strict: bool, now: float) -> None:
        self.signalled = signalled
        self.aim = signalled
        self._strict = strict
        self._opened_at = now
        self._moved_at = now
        self.is_moved = False

    def signal(self, signalled: Address, strict: bool, now: float) -> bool:
        """A new offer or answer; True if it opens the learning again (another address)."""
        self._strict = strict
        is_left_out = strict and self.aim.host != signalled.host
        if signalled == self.signalled and not is_left_out:
            return False
        self.signalled = self.aim = signalled
        self._opened_at = self._moved_at = now
        self.is_moved = False
        return True

    def consider(self, source: Address, now: float, last_heard: float) -> Verdict:
        """A valid packet came from `source`; the aim was last heard at `last_heard` (0: never)."""
        if self._strict and source.host != self.signalled.host:
            return Verdict.STRANGER
        if source == self.aim:
            return Verdict.ACCEPT
        if not self._may_follow(source, now, last_heard):
            return Verdict.STRANGER
        self.aim = source
        self._moved_at = now
        self.is_moved = True
        return Verdict.MOVE

    def _may_follow(self, source: Address, now: float, last_heard: float) -> bool:
        rank = self._rank(source)
        if last_heard < self._moved_at:
            # Nobody has spoken from the aim. One that moved there did so by a packet: it counts.
            if self.is_moved and now - self._moved_at < SILENCE_SECONDS:
                return rank > self._rank(self.aim)
            is_patient = now - self._opened_at < PATIENCE_SECONDS
            return rank > Rank.FOREIGN or not is_patient or _is_private(self.signalled.host)
        if now - last_heard > SILENCE_SECONDS:
            return True
        return rank > self._rank(self.aim) and now - self._moved_at < LEARNING_SECONDS

    def _rank(self, source: Address) -> Rank:
        if source == self.signalled:
            return Rank.EXACT
        return Rank.HOST if source.host == self.signalled.host else Rank.FOREIGN


def _is_private(host: str) -> bool:
    """Whether the signalled host may lie behind a NAT that only its packets come through."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return True
    return not address.is_global
