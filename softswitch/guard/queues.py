"""Messages that wait for their turn because their sender is no friend, or a friend gone mad.

Bounded, and fair. A lane for each standing, served in the order of `TURNS`: who is expected waits
behind nobody who is not. In a lane every sender has a line of his own and the lines take turns
(fair queueing, RFC 970), so that one who sends a thousand messages delays the one message of
another by one, not by a thousand. A full lane drops the last message of the longest line.

Sans-IO; knows nothing of SIP.
"""

from collections import Counter, OrderedDict, deque
from collections.abc import Hashable
from dataclasses import dataclass

from softswitch.guard.sources import Remote, Standing, source_of
from softswitch.sip.flow import Flow

ROOM = 512
"""Messages in a lane: an office of 200 phones repeats its REGISTERs once while it waits."""
ROOM_OCTETS = 2 << 20
"""Of a lane: 4 KB a message, more than a phone's longest INVITE with credentials has."""
PATIENCE = 2.0
"""Seconds; afterwards its sender has repeated it twice, and the repeat has its own place."""
TURNS = (
    Standing.NEIGHBOUR,
    Standing.RETURNING,
    Standing.RESTLESS,
    Standing.NEIGHBOUR,
    Standing.FRESH,
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message, since when it waits, and who sent it: the flow's far end, or one behind it."""

    data: bytes
    flow: Flow
    since: float
    sender: Remote


class Lane:
    """Lines that take turns. `counters` is told of `flood`: packets for which there was no room."""

    def __init__(self, counters: Counter[str]) -> None:
        self._lines: OrderedDict[Hashable, deque[Waiting]] = OrderedDict()
        self._octets = self._count = 0
        self._counters = counters

    def __len__(self) -> int:
        return self._count

    def put(self, key: Hashable, message: Waiting) -> bool:
        """False: there is no room for this one. Another's last may have made room for it."""
        size = len(message.data)
        while self._count >= ROOM or self._octets + size > ROOM_OCTETS:
            self._counters["flood"] += 1
            if not self._makes_room(len(self._lines.get(key, ()))):
                return False
        line = self._lines.get(key)
        if line is None:
            line = self._lines[key] = deque()
        line.append(message)
        self._count += 1
        self._octets += size
        return True

    def _makes_room(self, own: int) -> bool:
        """Drop the last of the longest line, if that one is longer than a line of `own` and one."""
        count, lines = self._count, len(self._lines)
        # Under a flood of thousands a second the answer is mostly no, and found without a search.
        if count == lines or (own and own + 1 >= count // lines):
            return False
        longest = max(self._lines.values(), key=len)
        if len(longest) <= own + 1:
            return False
        self._took(longest.pop())
        return True

    def take(self) -> Waiting | None:
        """The first message of the line whose turn it is."""
        if not self._lines:
            return None
        key, line = next(iter(self._lines.items()))
        message = line.popleft()
        if line:
            self._lines.move_to_end(key)
        else:
            del self._lines[key]
        self._took(message)
        return message

    def _took(self, message: Waiting) -> None:
        self._count -= 1
        self._octets -= len(message.data)


class Queues:
    """See the module's docstring."""

    def __init__(self) -> None:
        self.counters: Counter[str] = Counter()
        """Packets that went no further: `flood` (no room), `stale` (its turn came too late)."""
        self._lanes = {standing: Lane(self.counters) for standing in TURNS}
        self._turn = 0

    def __len__(self) -> int:
        return sum(map(len, self._lanes.values()))

    def put(self, standing: Standing, message: Waiting) -> bool:
        """False: there is no room for it."""
        remote = message.sender
        # Phones behind one NAT are told apart by port; a stranger has as many ports as he likes.
        is_told_apart = standing in (Standing.NEIGHBOUR, Standing.RESTLESS)
        key: Hashable = remote if is_told_apart else source_of(remote[0])
        return self._lanes[standing].put(key, message)

    def take(self, now: float) -> Waiting | None:
        """The message whose turn it is."""
        while len(self):
            lane = self._lanes[TURNS[self._turn]]
            self._turn = (self._turn + 1) % len(TURNS)
            message = lane.take()
            if message is not None and now - message.since <= PATIENCE:
                return message
            self.counters["stale"] += message is not None
        return None

    def sizes(self) -> dict[str, tuple[int, int]]:
        """How full it is, and its bound."""
        return {"guard waiting": (len(self), ROOM * len(self._lanes))}
