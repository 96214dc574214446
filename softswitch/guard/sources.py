"""Which packets may reach the parser: by where they come from alone, before a byte of them is read.

Flows of phones that proved themselves and servers of trunks always pass. Everybody else has a token
bucket by source address, and all strangers together have one more, because UDP sources are forged
at will. A source that was found to be a scanner is passed over until its time is up.

The order of the questions is by cost: under attack each packet costs one or two look-ups. Knows
nothing of SIP.
"""

import ipaddress
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")

Remote = tuple[str, int]
"""Address and port of a peer."""

STRANGER_RATE, STRANGER_BURST = 50.0, 600.0
"""Messages a second from an address where nobody is registered: its first phones are all of an
office that comes back after a power cut, 200 of them with a 401 round trip each."""
HOME_RATE, HOME_BURST = 200.0, 1_000.0
"""The same for an address with a healthy device: its other phones, behind one NAT."""
ALL_RATE, ALL_BURST = 500.0, 2_000.0
"""All strangers together: a tenth of one core at most, whatever the network carries."""
DROP_SECONDS, LONGEST_DROP = 600.0, 3_600.0
"""How long a scanner is passed over, doubled for each time that it comes again."""
MAX_FRIENDS, MAX_HOMES = 32_768, 16_384
MAX_DROPPED, MAX_BUCKETS = 8_192, 8_192
"""Full tables lose their oldest entry; what that costs is a bucket filled anew."""


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
        self._buckets: dict[str, Bucket] = {}
        self._all = Bucket(ALL_RATE, ALL_BURST, 0.0)
        self._servers: frozenset[tuple[str, int | None]] = frozenset()
        self._server_sources: frozenset[str] = frozenset()
        self.counters: Counter[str] = Counter()
        """Packets that went no further: `scanner`, `crowded` (its own bucket), `flood` (the one of
        all strangers)."""

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

    def is_dropped(self, host: str, now: float) -> bool:
        drop = self._dropped.get(source_of(host))
        return drop is not None and now < drop.until

    def admits(self, remote: Remote, now: float) -> bool:
        """May this packet be read? Takes a token from a stranger."""
        if self.is_friend(remote, now):
            return True
        source = source_of(remote[0])
        drop = self._dropped.get(source)
        if drop is not None and now < drop.until:
            self.counters["scanner"] += 1
            return False
        bucket = self._buckets.get(source) or self._new_bucket(source, now)
        if not bucket.take(now):
            self.counters["crowded"] += 1
            return False
        if bucket.rate == STRANGER_RATE and not self._all.take(now):
            self.counters["flood"] += 1
            return False
        return True

    def _new_bucket(self, source: str, now: float) -> Bucket:
        is_home = now < self._homes.get(source, 0.0)
        rate, burst = (HOME_RATE, HOME_BURST) if is_home else (STRANGER_RATE, STRANGER_BURST)
        _make_room(self._buckets, MAX_BUCKETS)
        bucket = self._buckets[source] = Bucket(rate, burst, now)
        return bucket

    def vouch(self, remote: Remote, seconds: float, now: float) -> None:
        """Good credentials came by this flow, or a binding has it: for so long it is a friend."""
        source = source_of(remote[0])
        until = now + seconds
        if now >= self._homes.get(source, 0.0):
            self._buckets.pop(source, None)  # it gets the larger one
        _prolong(self._friends, remote, until, MAX_FRIENDS)
        _prolong(self._homes, source, until, MAX_HOMES)
        self._dropped.pop(source, None)

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
        _make_room(self._dropped, MAX_DROPPED)
        self._dropped[source] = _Drop(now + seconds, seconds)
        return True

    def _is_spared(self, host: str) -> bool:
        if not self._spared:
            return False
        address = ipaddress.ip_address(host.partition("%")[0])
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
        full = [key for key, one in self._buckets.items() if now - one.at > one.burst / one.rate]
        for source in full:
            del self._buckets[source]

    def sizes(self) -> Mapping[str, tuple[int, int]]:
        """How full each table is, and its bound."""
        return {
            "guard friends": (len(self._friends), MAX_FRIENDS),
            "guard healthy addresses": (len(self._homes), MAX_HOMES),
            "guard dropped addresses": (len(self._dropped), MAX_DROPPED),
            "guard buckets": (len(self._buckets), MAX_BUCKETS),
        }


def _make_room(table: dict[K, V], bound: int) -> None:
    if len(table) >= bound:
        del table[next(iter(table))]


def _prolong(table: dict[K, float], key: K, until: float, bound: int) -> None:
    known = table.pop(key, 0.0)
    _make_room(table, bound)
    table[key] = max(known, until)
