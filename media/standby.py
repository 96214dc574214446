"""Legs opened ahead of the calls that will take them, so that no call waits for its ports.

A leg's port stands in the first description that is sent, so whoever opens a leg must wait for the
worker: a turn of both loops, twice in a call that goes from a caller to a phone. Here some legs of
each worker are open already, on each of our addresses that calls have come to lately. One is given
out at once, and another one is asked for in its place; without calls for a while all are closed.

It must not know what becomes of a leg that was given out, nor of any clock: times are parameters.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from media.commands import (
    CloseLeg,
    Command,
    Event,
    Failed,
    LegClosed,
    LegOpened,
    MediaSettings,
    OpenLeg,
)

# What is given out while a worker answers: two legs a call, some calls on their way.
MOST: Final = 16
# Of a worker's ports one in so many may be kept; of a small range none.
SHARE: Final = 32
# Addresses of ours that are served at a time: a phone's network, the provider's, one that moved.
MAX_HOSTS: Final = 4
# Without a call on an address for so many seconds its legs are closed, and their ports are free.
REST: Final = 120.0


class ReadyLeg(NamedTuple):
    """An open leg that nobody has yet."""

    number: int
    port: int


@dataclass(slots=True)
class _Shelf:
    """The legs of one worker on one of our addresses."""

    post: int
    host: str
    used_at: float
    ready: deque[ReadyLeg] = field(default_factory=deque)
    asked: int = 0
    is_cleared: bool = False


class Standby:
    """`send(post, command)` reaches the worker at a post; `new_id` numbers a leg."""

    def __init__(self, send: Callable[[int, Command], None], new_id: Callable[[], int]) -> None:
        self._send = send
        self._new_id = new_id
        self._most = 0
        self._shelves: dict[tuple[int, str], _Shelf] = {}
        # Legs that a worker is to open and to close, for us; nobody else hears of them.
        self._opening: dict[int, _Shelf] = {}
        self._closing: dict[int, int] = {}

    def start(self, settings: MediaSettings) -> None:
        """The ports of all workers say how many legs may wait in each."""
        pairs = (settings.rtp_high - settings.rtp_low) // 2 // settings.workers
        self._most = min(MOST, pairs // SHARE)

    def take(self, post: int, host: str) -> ReadyLeg | None:
        """A leg of this worker on this address, if one is ready."""
        shelf = self._shelves.get((post, host))
        return shelf.ready.popleft() if shelf is not None and shelf.ready else None

    def fill(self, post: int, host: str, now: float) -> None:
        """A call was given a leg here: as many as may wait are asked for, for the next ones."""
        if not self._most:
            return
        shelf = self._shelves.get((post, host))
        if shelf is None:
            self._make_room(post)
            shelf = self._shelves[post, host] = _Shelf(post, host, now)
        shelf.used_at = now
        for _ in range(self._most - len(shelf.ready) - shelf.asked):
            number = self._new_id()
            shelf.asked += 1
            self._opening[number] = shelf
            self._send(post, OpenLeg(number, host))

    def _make_room(self, post: int) -> None:
        """The address that calls came to longest ago is served no more."""
        mine = [shelf for shelf in self._shelves.values() if shelf.post == post]
        if len(mine) >= MAX_HOSTS:
            self._clear(min(mine, key=lambda shelf: shelf.used_at))

    def hear(self, event: Event) -> bool:
        """Was this event about a leg that nobody has yet?"""
        match event:
            case LegOpened(leg, port) if leg in self._opening:
                self._opened(ReadyLeg(leg, port))
            case Failed("OpenLeg", int(leg)) if leg in self._opening:
                # No port, or no such address any more: whoever wants a leg is told so himself.
                self._opening.pop(leg).asked -= 1
            case LegClosed(leg) if leg in self._closing:
                del self._closing[leg]
            case _:
                return False
        return True

    def _opened(self, leg: ReadyLeg) -> None:
        shelf = self._opening.pop(leg.number)
        shelf.asked -= 1
        if shelf.is_cleared:
            self._close(shelf.post, leg)
        else:
            shelf.ready.append(leg)

    def _close(self, post: int, leg: ReadyLeg) -> None:
        self._closing[leg.number] = post
        self._send(post, CloseLeg(leg.number))

    def _clear(self, shelf: _Shelf) -> None:
        """Its legs are closed; one that is still being opened, as soon as it is."""
        del self._shelves[shelf.post, shelf.host]
        shelf.is_cleared = True
        for leg in shelf.ready:
            self._close(shelf.post, leg)
        shelf.ready.clear()

    def rest(self, now: float) -> None:
        """Close what no call has wanted for long."""
        for shelf in list(self._shelves.values()):
            if now - shelf.used_at >= REST:
                self._clear(shelf)

    def down(self, post: int) -> None:
        """The worker at this post has died, and its legs with it."""
        self._shelves = {at: one for at, one in self._shelves.items() if one.post != post}
        self._opening = {leg: one for leg, one in self._opening.items() if one.post != post}
        self._closing = {leg: at for leg, at in self._closing.items() if at != post}

    def dump(self) -> dict[str, int]:
        """Counts for whoever looks for a leak; legs may be ready when no call is up."""
        return {
            "addresses": len(self._shelves),
            "ready": sum(len(shelf.ready) for shelf in self._shelves.values()),
            "opening": len(self._opening),
            "closing": len(self._closing),
        }
