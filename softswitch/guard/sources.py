"""Who sends a packet: told by where it comes from alone, before a byte of it is read.

Flows of phones that proved themselves and servers of trunks are friends, read at once as long as
they send what somebody could in earnest; one that sends more waits his turn like strangers, until
he is calm again. Everybody else has a token bucket, so that one of them does not send for all: an
address where nobody is registered has one, and of an address with a healthy device each flow has
its own, so that a neighbour behind the same NAT who goes mad takes nothing from a new phone. A
source that was found to be a scanner is passed over until its time is up.

Who was heard before ranks before who was not: a phone repeats what was not answered and comes back
with credentials, a forged address is hardly ever drawn twice.

The order of the questions is by cost: under attack each packet costs a few look-ups. Knows nothing
of SIP.
"""

import ipaddress
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")

Remote = tuple[str, int]
"""Address and port of a peer."""

STRANGER_RATE, STRANGER_BURST = 50.0, 600.0
"""Messages a second from an address where nobody is registered: its first phones are all of an
office that comes back after a power cut, 200 of them with a 401 round trip each."""
NEIGHBOUR_RATE, NEIGHBOUR_BURST = 50.0, 200.0
"""The same for one flow from an address with a healthy device: its other phones, behind one NAT."""
FRIEND_RATE, FRIEND_BURST = 100.0, 500.0
"""Messages a second of a phone's flow that are read at once. A desk phone with forty lamps in a
busy office answers some 20, and sends some 150 when it starts; one whose loop sends 2,000 INVITEs
is over it before the switch is late. A proxy in front of all phones is one flow and sends more: it
has room for all who proved themselves through it (`behind`); `spared` networks have no bound."""
SERVER_RATE, SERVER_BURST = 5_000.0, 20_000.0
"""The same for an address of a trunk's servers: more than one core can serve."""
CALM_AFTER = 2.0
"""Seconds below the bound until a friend is read at once again: what waits is read before, so that
his messages keep their order."""
FORGIVEN_AFTER = 60.0
"""Seconds of calm after which it is news, and logged, that he is restless again."""
HELP_RATE, HELP_BURST = 5.0, 20.0
"""Calls for help of a restless flow that are read at once all the same."""
RETURNS_WITHIN = 32.0
"""Seconds for which it is known who was heard: the last repeat of a request is sent 31.5 s after it
(RFC 3261 17.1.2.2)."""
DROP_SECONDS, LONGEST_DROP = 600.0, 3_600.0
"""How long a scanner is passed over, doubled for each time that it comes again."""
MAX_FRIENDS, MAX_HOMES = 32_768, 16_384
MAX_DROPPED, MAX_BUCKETS, MAX_HEARD = 8_192, 8_192, 16_384
"""Full tables lose their oldest entry; what that costs is a bucket filled anew, or that somebody
ranks as unheard. At 5,000 forged addresses a second, who was heard is known for three seconds: a
phone repeats after half a second, one, two."""


class Standing(Enum):
    """Who sends a packet."""

    FRIEND = "friend"
    """A flow that proved itself, or a trunk's."""
    RESTLESS = "restless"
    """A friend who sends more than anybody could in earnest."""
    NEIGHBOUR = "neighbour"
    """Another flow from an address with a healthy device."""
    RETURNING = "returning"
    """A stranger whose flow was heard shortly before."""
    FRESH = "fresh"
    """A stranger."""
    UNWANTED = "unwanted"
    """A scanner, or somebody who sends more than his bucket holds."""


@lru_cache(maxsize=8_192)
def source_of(host: str) -> str:
    """What counts as one source: an IPv4 address, or the /64 that one IPv6 customer has."""
    if ":" not in host:
        return host
    try:
        whole = int(ipaddress.IPv6Address(host.partition("%")[0]))
    except ValueError:
        return host
    return str(ipaddress.IPv6Address(whole >> 64 << 64))


@lru_cache(maxsize=8_192)
def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    return ipaddress.ip_address(host.partition("%")[0])


class Bucket:
    """Tokens that come back with time; one is taken for each message."""

    __slots__ = ("at", "burst", "rate", "tokens")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self.rate, self.burst = rate, burst
        self.tokens, self.at = burst, now

    def take(self, now: float) -> bool:
        tokens = min(self.burst, self.tokens + (now - self.at) * self.rate)
        self.at = now
        if tokens < 1.0:
            self.tokens = tokens
            return False
        self.tokens = tokens - 1.0
        return True

    def widen(self, rate: float, burst: float) -> None:
        """There is more room from now on."""
        self.tokens += max(0.0, burst - self.burst)
        self.rate, self.burst = rate, burst


@dataclass(slots=True)
class _Drop:
    """A source that is passed over."""

    until: float
    seconds: float


class Sources:
    """See the module's docstring. `spared`: networks whose senders are never dropped."""

    def __init__(self, spared: Iterable[str] = ()) -> None:
        self._spared = tuple(ipaddress.ip_network(one, strict=False) for one in spared)
        self._friends: dict[Remote, float] = {}
        self._homes: dict[str, float] = {}
        self._dropped: dict[str, _Drop] = {}
        self._buckets: dict[Remote | str, Bucket] = {}
        self._heard: dict[Remote, float] = {}
        # Of friends: what they send, and when one was last found to send too much.
        self._friends_buckets: dict[Remote | str, Bucket] = {}
        self._restless: dict[Remote | str, float] = {}
        self._servers: frozenset[tuple[str, int | None]] = frozenset()
        self._server_sources: frozenset[str] = frozenset()
        self.room: Callable[[Remote], tuple[float, float]] = lambda _: (FRIEND_RATE, FRIEND_BURST)
        """Of a friend's flow: messages a second, and at once."""
        self.on_restless: Callable[[Remote], None] = lambda _remote: None
        """Told of a friend who begins to send too much."""
        self.counters: Counter[str] = Counter()
        """Packets that went no further: `scanner`, `crowded` (its own bucket is empty)."""

    def use_servers(self, servers: Iterable[tuple[str, int | None]]) -> None:
        """Addresses of the trunks' servers; None stands for any port."""
        self._servers = frozenset(servers)
        self._server_sources = frozenset(source_of(host) for host, _ in self._servers)
        for source in self._server_sources:
            self._dropped.pop(source, None)

    def is_friend(self, remote: Remote, now: float) -> bool:
        """A flow that proved itself, or a trunk's server."""
        until = self._friends.get(remote)
        if until is not None and now < until:
            return True
        servers = self._servers
        return bool(servers) and (remote in servers or (remote[0], None) in servers)

    def is_home(self, host: str, now: float) -> bool:
        """Does an address have a healthy device?"""
        return now < self._homes.get(source_of(host), 0.0)

    def is_dropped(self, source: str, now: float) -> bool:
        """Was this source (`source_of`) found to be a scanner?"""
        drop = self._dropped.get(source)
        return drop is not None and now < drop.until

    def passes_over(self, source: str, now: float) -> bool:
        """Does a packet of this source go no further? If so, it is counted."""
        if not self.is_dropped(source, now):
            return False
        self.counters["scanner"] += 1
        return True

    def standing(self, remote: Remote, now: float) -> Standing:
        """Who sends this packet? Takes a token from everybody."""
        if self.is_friend(remote, now):
            return Standing.RESTLESS if self._is_restless(remote, now) else Standing.FRIEND
        source = source_of(remote[0])
        if self.passes_over(source, now):
            return Standing.UNWANTED
        is_home = now < self._homes.get(source, 0.0)
        key = remote if is_home else source
        bucket = self._buckets.get(key) or self._new_bucket(key, is_home, now)
        if not bucket.take(now):
            self.counters["crowded"] += 1
            return Standing.UNWANTED
        if is_home:
            return Standing.NEIGHBOUR
        return Standing.RETURNING if self._is_heard_again(remote, now) else Standing.FRESH

    def _is_restless(self, remote: Remote, now: float) -> bool:
        """Does a friend send too much, or did he a moment ago?"""
        # A trunk's server sends from any port; his is one bound.
        key: Remote | str = remote if remote in self._friends else remote[0]
        bucket = self._friends_buckets.get(key)
        if bucket is None:
            is_flow = isinstance(key, tuple)
            rate, burst = self.room(remote) if is_flow else (SERVER_RATE, SERVER_BURST)
            make_room(self._friends_buckets, MAX_FRIENDS)
            bucket = self._friends_buckets[key] = Bucket(rate, burst, now)
        if bucket.take(now):
            return now < self._restless.get(key, 0.0)
        if self._is_spared(remote[0]):
            return False
        if key not in self._restless:
            make_room(self._restless, MAX_FRIENDS)
            self.on_restless(remote)
        self._restless[key] = now + CALM_AFTER
        return True

    def takes_help(self, remote: Remote, now: float) -> bool:
        """May a call for help of a restless friend be read at once?"""
        key = f"help {remote[0]} {remote[1]}"
        bucket = self._friends_buckets.get(key)
        if bucket is None:
            make_room(self._friends_buckets, MAX_FRIENDS)
            bucket = self._friends_buckets[key] = Bucket(HELP_RATE, HELP_BURST, now)
        return bucket.take(now)

    def _is_heard_again(self, remote: Remote, now: float) -> bool:
        before = self._heard.get(remote)
        if before is None:
            make_room(self._heard, MAX_HEARD)
        self._heard[remote] = now
        return before is not None and now - before < RETURNS_WITHIN

    def _new_bucket(self, key: Remote | str, is_home: bool, now: float) -> Bucket:
        rate, burst = NEIGHBOUR_RATE, NEIGHBOUR_BURST
        if not is_home:
            rate, burst = STRANGER_RATE, STRANGER_BURST
        make_room(self._buckets, MAX_BUCKETS)
        bucket = self._buckets[key] = Bucket(rate, burst, now)
        return bucket

    def vouch(self, remote: Remote, seconds: float, now: float) -> None:
        """Good credentials came by this flow, or a binding has it: for so long it is a friend."""
        source = source_of(remote[0])
        until = now + seconds
        bucket = self._friends_buckets.get(remote)
        if bucket is not None:
            bucket.widen(*self.room(remote))
        _prolong(self._friends, remote, until, MAX_FRIENDS)
        _prolong(self._homes, source, until, MAX_HOMES)
        self._dropped.pop(source, None)

    def disown(self, remote: Remote) -> None:
        """It is no friend any more."""
        self._friends.pop(remote, None)

    def drop(self, host: str, now: float) -> bool:
        """Pass over a source from now on. False: it must not be, or already is."""
        source = source_of(host)
        before = self._dropped.get(source)
        if before is not None and now < before.until:
            return False
        if self._is_spared(host) or self.is_home(host, now) or source in self._server_sources:
            return False
        seconds = DROP_SECONDS if before is None else min(before.seconds * 2, LONGEST_DROP)
        self._dropped.pop(source, None)
        make_room(self._dropped, MAX_DROPPED)
        self._dropped[source] = _Drop(now + seconds, seconds)
        return True

    def _is_spared(self, host: str) -> bool:
        if not self._spared:
            return False
        # One behind a proxy is told with it (`behind.origin`).
        address = _address(host.partition(" ")[0])
        return any(address in network for network in self._spared)

    def forgive(self) -> None:
        """Nobody is passed over any more: the office has another version."""
        self._dropped.clear()

    def expire(self, now: float) -> None:
        """Forget what has no effect any more; to be called every minute or so."""
        for remote in [key for key, end in self._friends.items() if end <= now]:
            del self._friends[remote]
        for source in [key for key, end in self._homes.items() if end <= now]:
            del self._homes[source]
        # A dropped source is remembered twice as long, so that its second time is longer.
        gone = [key for key, drop in self._dropped.items() if drop.until + drop.seconds <= now]
        for source in gone:
            del self._dropped[source]
        for buckets in (self._buckets, self._friends_buckets):
            full = [key for key, one in buckets.items() if now - one.at > one.burst / one.rate]
            for key in full:
                del buckets[key]
        for key in [key for key, until in self._restless.items() if now - until > FORGIVEN_AFTER]:
            del self._restless[key]
        for remote in [key for key, at in self._heard.items() if now - at >= RETURNS_WITHIN]:
            del self._heard[remote]

    def sizes(self) -> Mapping[str, tuple[int, int]]:
        """How full each table is, and its bound."""
        return {
            "guard friends": (len(self._friends), MAX_FRIENDS),
            "guard healthy addresses": (len(self._homes), MAX_HOMES),
            "guard dropped addresses": (len(self._dropped), MAX_DROPPED),
            "guard buckets": (len(self._buckets), MAX_BUCKETS),
            "guard restless": (len(self._restless), MAX_FRIENDS),
            "guard heard": (len(self._heard), MAX_HEARD),
        }


def make_room(table: dict[K, V], bound: int) -> None:
    """For one more entry."""
    if len(table) >= bound:
        del table[next(iter(table))]


def _prolong(table: dict[K, float], key: K, until: float, bound: int) -> None:
    known = table.pop(key, 0.0)
    make_room(table, bound)
    table[key] = max(known, until)
