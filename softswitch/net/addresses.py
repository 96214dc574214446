"""Which of our addresses a peer should see: in Via, Contact and SDP (RFC 3261 18.1.1, 20.10).

A socket bound to every address has none of its own, so the system's routing table is asked which
one faces the peer. Beyond the router the operator's public address stands instead.
"""

import errno
import ipaddress
import socket
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from softswitch.sip.flow import Flow, Hop, Target, Transport

# Peers whose facing address is remembered, and for how many seconds: a new lease is noticed with
# the next question to a provider, and to ask costs some 15 microseconds.
MAX_ROUTES = 4_096
ROUTE_SECONDS = 5.0


def bare(host: str) -> str:
    """An IPv6 address without the brackets that URIs put around it."""
    return host[1:-1] if host.startswith("[") and host.endswith("]") else host


def bracketed(host: str) -> str:
    """A host as it stands in a URI or Via."""
    return f"[{host}]" if ":" in host else host


@lru_cache(maxsize=MAX_ROUTES)
def numeric(host: str) -> str | None:
    """The bare address if `host` is one, else None. A zone (`%eth0`) is kept."""
    text = bare(host)
    try:
        ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return text


def is_wildcard(host: str) -> bool:
    return host in ("0.0.0.0", "::", "")


def is_public(host: str) -> bool:
    """Beyond our own networks: neither private, loopback nor link-local (RFC 6890)."""
    address = numeric(host)
    if address is None:
        return True  # a name that was not resolved: certainly no phone on the local network
    return ipaddress.ip_address(address.partition("%")[0]).is_global


def peer_of(target: Target) -> tuple[str, int]:
    """Host (bare) and port of the other side."""
    if isinstance(target, Flow):
        return target.remote
    return bare(target.host), target.port


@dataclass(frozen=True, slots=True)
class Listening:
    """One address that we really listen on."""

    transport: Transport
    host: str
    port: int

    @property
    def is_ipv6(self) -> bool:
        return ":" in self.host


@dataclass(frozen=True, slots=True)
class _Route:
    address: str
    until: float


class Addresses:
    """Answers for one endpoint; places are added as its sockets open."""

    def __init__(self, public_address: str | None, clock: Callable[[], float]) -> None:
        self._public = public_address
        self._clock = clock
        self._routes: dict[str, _Route] = {}
        self._candidates: dict[tuple[Transport, bool], list[Listening]] = {}
        self.listening: tuple[Listening, ...] = ()

    def add(self, *places: Listening) -> None:
        self.listening += places
        self._candidates.clear()

    def clear(self) -> None:
        self.listening = ()
        self._candidates.clear()

    def forget_routes(self) -> None:
        """Another of our addresses may face each peer now."""
        self._routes.clear()

    def local(self, target: Target) -> str:
        """Our numeric address that faces the target; never a wildcard."""
        if isinstance(target, Flow) and not is_wildcard(target.local[0]):
            return target.local[0]
        host, _ = peer_of(target)
        place = self.place(target.transport, host)
        if place is not None and not is_wildcard(place.host):
            return place.host
        return self._facing(host)

    def advertised(self, target: Target) -> str:
        """What the target should be told: the public address for those beyond the router."""
        host, _ = peer_of(target)
        if self._public and is_public(host):
            return self._public
        return self.local(target)

    def sent_by(self, target: Target) -> tuple[str, int | None]:
        """Host and port for Via: where a new connection or datagram of theirs would reach us."""
        place = self._place_for(target)
        port = place.port if place else None
        return bracketed(self.advertised(target)), port

    def contact(self, target: Target) -> str:
        """`host:port`, and `;transport=` unless it is UDP, for a Contact URI."""
        place = self._place_for(target)
        host = bracketed(self.advertised(target))
        if place is None:
            return host
        kind = place.transport
        suffix = "" if kind is Transport.UDP else f";transport={kind.uri_name}"
        return f"{host}:{place.port}{suffix}"

    def _place_for(self, target: Target) -> Listening | None:
        if isinstance(target, Flow) and not target.transport.reliable:
            for place in self.listening:
                if place.transport is target.transport and place.port == target.local[1]:
                    return place
        return self.place(target.transport, peer_of(target)[0])

    def place(self, transport: Transport, host: str) -> Listening | None:
        """The listening address for a peer: right transport and family, else the nearest thing."""
        key = (transport, ":" in host)
        candidates = self._candidates.get(key)
        if candidates is None:
            candidates = self._candidates[key] = self._find(*key)
        if len(candidates) > 1:
            facing = self._facing(host)
            for place in candidates:
                if place.host == facing:
                    return place
        return candidates[0] if candidates else None

    def _find(self, transport: Transport, wants_ipv6: bool) -> list[Listening]:
        """What may serve such a peer: those bound to every address first."""
        family = [place for place in self.listening if place.is_ipv6 == wants_ipv6]
        same = [place for place in family if place.transport is transport]
        if same:
            return sorted(same, key=lambda place: not is_wildcard(place.host))
        return [*family, *self.listening][:1]

    def _facing(self, host: str) -> str:
        """Ask the routing table; nothing is sent. The loopback address when there is no route."""
        known, now = self._routes.get(host), self._clock()
        if known is not None and now < known.until:
            return known.address
        found = _asked(host)
        if found is None:
            return "::1" if ":" in host else "127.0.0.1"
        if len(self._routes) >= MAX_ROUTES:
            self._routes.clear()
        self._routes[host] = _Route(found, now + ROUTE_SECONDS)
        return found


def is_of_this_machine(host: str) -> bool:
    """Whether a numeric address is one of ours at this moment; in doubt it is."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((host, 0))
        except OSError as error:
            return error.errno != errno.EADDRNOTAVAIL
    return True


def has_way(target: Target) -> bool:
    """Whether the system has a route to it at this moment."""
    return _asked(peer_of(target)[0]) is not None


def _asked(host: str) -> str | None:
    """Which of our addresses faces this one; None when there is no route."""
    if numeric(host) is None:
        return None
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((host, 9))  # RFC 863; the number does not matter
            return str(probe.getsockname()[0])
        except OSError:
            return None


def hop_of(host: str, port: int | None, transport: Transport) -> Hop:
    """A hop with the transport's default port where none is said (RFC 3261 19.1.2)."""
    return Hop(transport, bare(host), port or transport.default_port)
