"""Takes every SIP message that passes, and keeps those of calls. No task, no clock, no disk.

    received, sent -> heard -> [ whose? ] -> a call's own   -> rows, once a second
                                        \\-> unclaimed       -> a call's own, or dropped

While a message passes, only its bytes are put aside; everything else is done later, a few hundred
messages at a time (`keeper.py`). Which SIP Call-IDs belong to a call is told by `claim`, often
after the first INVITE has passed: an INVITE that nobody claims (a scanner's, a wrong password's)
is dropped after a while, and what is not part of a call (REGISTER, OPTIONS) at once.

Every store here has a bound; what does not fit is counted.
"""

import re
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from softswitch.sip.flow import Flow, Hop, Target
from softswitch.store.traces import TraceRow
from softswitch.trace.message import Direction, entry, pack, way_of
from softswitch.trace.sanitise import sanitised

# What waits in memory, as it came: some 25,000 messages, what the fullest machine sends in two
# seconds. Beyond it, while the store takes nothing, new messages are not traced.
MAX_WAITING = 16 << 20
# A call of a day with a session refresh each quarter of an hour on both legs says some 800; the
# first ones and the last ones tell what happened.
FIRST_MESSAGES, LAST_MESSAGES = 360, 40
# INVITEs that nobody has claimed yet: how many, each with how many messages, for how long.
MAX_UNCLAIMED, UNCLAIMED_MESSAGES, UNCLAIMED_SECONDS = 500, 12, 10.0
# After its end a call still gets repeats and stray answers (64*T1, RFC 3261 17).
LINGER_SECONDS = 34.0
MAX_CALLS = 20_000
# Private numbers of a call: people forward to each other a few times.
MAX_HIDDEN = 16
# Flows whose name is kept ready; one more than this and the table starts anew.
MAX_WAYS = 4_096

_CALL_ID = re.compile(rb"[\r\n](?:(?i:call-id)|[iI])[ \t]*:[ \t]*([^\r\n]*)")


class Lost(StrEnum):
    """Why a message is not in the trace; the labels of the metric."""

    MEMORY = "memory"  # the store takes nothing, or not enough
    CALL = "call"  # the bound of one call
    UNCLAIMED = "unclaimed"  # no call wanted it


@dataclass(slots=True)
class _Calling:
    """What is kept for one call; messages as `entry` makes them."""

    call: str
    waiting: list[bytes] = field(default_factory=list)
    last: list[bytes] = field(default_factory=list)
    count: int = 0
    left_out: int = 0
    shared: list[str] = field(default_factory=list)  # not told to the store yet
    legs: set[bytes] = field(default_factory=set)
    hidden: dict[bytes, bytes] = field(default_factory=dict)  # pattern → what stands there instead
    last_at: int = 0
    part: int = 0
    ended: float | None = None


class _Heard(NamedTuple):
    """A message that waits for a call to claim it."""

    at: float
    way: bytes
    data: bytes


class Recorder:
    """`received` and `sent` for the endpoint, `claim` and `end` for the calls."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock`: seconds since 1970, the same that stamps a call's events."""
        self._clock = clock
        # Moment, way and text of each message, one after the other: an object a message would be
        # thousands for the garbage collector to walk each second, and cost more than all the rest.
        self._heard: deque[Any] = deque()
        self._ways_in: dict[int, tuple[Target, bytes]] = {}
        self._ways_out: dict[int, tuple[Target, bytes]] = {}
        self._octets = 0  # heard, unclaimed and waiting
        self._owners: dict[bytes, _Calling] = {}
        self._calls: OrderedDict[str, _Calling] = OrderedDict()
        self._ended: OrderedDict[str, _Calling] = OrderedDict()
        self._unclaimed: OrderedDict[bytes, list[_Heard]] = OrderedDict()
        self._full: dict[str, _Calling] = {}  # calls with something to write
        self.lost: dict[Lost, int] = dict.fromkeys(Lost, 0)

    def received(self, data: bytes, flow: Flow) -> None:
        """A message came. Costs half a microsecond."""
        known = self._ways_in.get(id(flow))
        if known is None or known[0] is not flow:
            known = _remember(self._ways_in, flow, Direction.IN)
        self._hear(known[1], data)

    def sent(self, data: bytes, target: Target) -> None:
        """A message left."""
        known = self._ways_out.get(id(target))
        if known is None or known[0] is not target:
            known = _remember(self._ways_out, target, Direction.OUT)
        self._hear(known[1], data)

    def _hear(self, way: bytes, data: bytes) -> None:
        if self._octets < MAX_WAITING:
            self._octets += len(data)
            self._heard.extend((self._clock(), way, data))
        else:
            self.lost[Lost.MEMORY] += 1

    def claim(self, call_id: str, call: str) -> None:
        """The leg with this SIP Call-ID belongs to a call from now on; often told twice.

        A leg that comes from another call makes both share their messages.
        """
        key = call_id.encode("utf-8", "surrogateescape")
        before = self._owners.get(key)
        calling = self._calls.get(call)
        if calling is None:
            calling = self._begin(call)
        elif before is calling:
            return
        self._owners[key] = calling
        calling.legs.add(key)
        if before is not None and before is not calling:
            calling.hidden.update(before.hidden)
        if before is not None and before is not calling:
            self._share(before, calling)
        for heard in self._unclaimed.pop(key, ()):
            self._octets -= len(heard.data)
            self._keep(calling, heard.at, heard.way, heard.data)

    def hide(self, call: str, pattern: str, name: str) -> None:
        """From now on `name` stands where the pattern is found: a number that is private.

        To be told before the leg is claimed, or before its first message is sent."""
        calling = self._calls.get(call) or self._begin(call)
        if len(calling.hidden) < MAX_HIDDEN:
            calling.hidden[pattern.encode()] = name.replace(" ", "-").encode()

    def end(self, call: str) -> None:
        """The call is over; what still comes is kept for some time."""
        calling = self._calls.get(call)
        if calling is not None and calling.ended is None:
            calling.ended = self._clock()
            self._ended[call] = calling
            if calling.last:
                self._full[call] = calling

    def sort(self, most: int) -> bool:
        """Give so many messages to their calls; whether more are left."""
        take = self._heard.popleft
        for _ in range(min(most, len(self._heard) // 3)):
            at, way, data = take(), take(), take()
            self._octets -= len(data)
            key = call_id_of(data)
            calling = self._owners.get(key)
            if calling is not None:
                self._keep(calling, at, way, data)
            else:
                self._wait_for_claim(key, _Heard(at, way, data))
        return bool(self._heard)

    def rows(self, most: int) -> Iterator[TraceRow]:
        """What is to be written now, at most so many rows; each is handed out once."""
        for call in list(self._full)[:most]:
            calling = self._full.pop(call)
            yield self._row(calling)

    def forget(self) -> None:
        """Let go of what nobody claimed and of calls that ended long ago."""
        now = self._clock()
        while self._unclaimed:
            key, waiting = next(iter(self._unclaimed.items()))
            if waiting and 0 <= now - waiting[0].at < UNCLAIMED_SECONDS:
                break
            self._drop_unclaimed(key)
        while self._ended:
            calling = next(iter(self._ended.values()))
            is_fresh = calling.ended is not None and 0 <= now - calling.ended < LINGER_SECONDS
            if is_fresh or calling.call in self._full:
                break
            self._forget_call(calling)

    def drop(self, calls: Iterable[str]) -> None:
        """Nothing of these calls is kept any more, neither what waits nor what may still come."""
        for call in calls:
            calling = self._calls.get(call)
            if calling is not None:
                self._forget_call(calling)

    def dump(self) -> dict[str, int]:
        """Counts for whoever looks for a leak."""
        return {
            "traced calls": len(self._calls),
            "traced legs": len(self._owners),
            "messages heard": len(self._heard) // 3,
            "messages unclaimed": len(self._unclaimed),
            "rows to write": len(self._full),
            "octets": self._octets,
        }

    def _begin(self, call: str) -> _Calling:
        calling = self._calls[call] = _Calling(call)
        if len(self._calls) > MAX_CALLS:
            self._forget_call(next(iter(self._calls.values())))
        return calling

    def _share(self, one: _Calling, other: _Calling) -> None:
        for here, there in ((one, other), (other, one)):
            if there.call not in here.shared:
                here.shared.append(there.call)
            self._full[here.call] = here

    def _wait_for_claim(self, key: bytes, one: _Heard) -> None:
        waiting = self._unclaimed.get(key)
        if waiting is None:
            if not one.data.startswith(b"INVITE "):
                return  # REGISTER, OPTIONS, a call that ended long ago: no call will claim it
            if len(self._unclaimed) >= MAX_UNCLAIMED:
                self._drop_unclaimed(next(iter(self._unclaimed)))
            waiting = self._unclaimed[key] = []
        if len(waiting) < UNCLAIMED_MESSAGES and self._octets < MAX_WAITING:
            self._octets += len(one.data)
            waiting.append(one)
        else:
            self.lost[Lost.UNCLAIMED] += 1

    def _drop_unclaimed(self, key: bytes) -> None:
        for one in self._unclaimed.pop(key):
            self._octets -= len(one.data)
            self.lost[Lost.UNCLAIMED] += 1

    def _keep(self, calling: _Calling, at: float, way: bytes, data: bytes) -> None:
        micros, text = round(at * 1_000_000), data
        for pattern, name in calling.hidden.items():
            text = re.sub(pattern, name, text)
        line = entry(micros, way, len(data), sanitised(text))
        self._octets += len(line)
        calling.last_at = micros
        calling.count += 1
        if calling.count <= FIRST_MESSAGES:
            calling.waiting.append(line)
        else:
            if len(calling.last) == LAST_MESSAGES:
                calling.left_out += 1
                self.lost[Lost.CALL] += 1
                self._octets -= len(calling.last.pop(0))
            calling.last.append(line)
            if calling.ended is None:
                return
        self._full[calling.call] = calling

    def _row(self, calling: _Calling) -> TraceRow:
        entries, calling.waiting = calling.waiting, []
        if calling.ended is not None and calling.last:
            entries.extend(calling.last)
            calling.last.clear()
        self._octets -= sum(map(len, entries))
        shared, calling.shared = calling.shared, []
        at = calling.last_at or round(self._clock() * 1_000_000)
        # Rises even when the clock is set back, so that no row takes another one's place.
        calling.part = max(calling.part + 1, at)
        data = pack(entries, calling.left_out, shared)
        return TraceRow(calling.call, calling.part, at, len(data), data)

    def _forget_call(self, calling: _Calling) -> None:
        for store in (self._calls, self._ended, self._full):
            store.pop(calling.call, None)
        for one in (*calling.waiting, *calling.last):
            self._octets -= len(one)
            self.lost[Lost.MEMORY] += 1
        calling.waiting, calling.last = [], []
        for key in calling.legs:
            if self._owners.get(key) is calling:
                del self._owners[key]


def call_id_of(data: bytes) -> bytes:
    """The Call-ID's value; empty without one."""
    at = data.find(b"\r\nCall-ID: ")
    if at >= 0:
        return data[at + 11 : data.find(b"\r\n", at + 11)].strip()
    found = _CALL_ID.search(data)
    return found[1].strip() if found else b""


def _remember(
    ways: dict[int, tuple[Target, bytes]], target: Target, direction: Direction
) -> tuple[Target, bytes]:
    """How the target reads in a row. Kept with the target itself, so that its id stays its own."""
    if isinstance(target, Hop):
        local, remote = "", (target.host, target.port)
    else:
        local, remote = _address(target.local), target.remote
    if len(ways) >= MAX_WAYS:
        ways.clear()
    way = way_of(direction, target.transport.value, local, _address(remote))
    known = ways[id(target)] = (target, way)
    return known


def _address(address: tuple[str, int]) -> str:
    return f"{address[0]}:{address[1]}"
