"""Where a URI leads: transport, address and port, best first (RFC 3263, RFC 2782 for SRV weights).

`locate` gives every hop to try; failing over to the next one is the work of whoever sends the
request, above the transaction (RFC 3263 4.3). Numeric hosts need no look-up: `locate_now`.

Knows DNS through the small `Dns` port; `system_dns.py` is the real one.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from softswitch.net.addresses import hop_of, numeric
from softswitch.sip.flow import Hop, Transport
from softswitch.sip.uri import OtherUri, Uri

# A name with more addresses than this is a mistake; a caller would not wait for the last of them.
MAX_HOPS = 16


@dataclass(frozen=True, slots=True)
class Naptr:
    """RFC 3403, the fields that RFC 3263 4.1 uses."""

    order: int
    preference: int
    flags: str
    service: str
    replacement: str


@dataclass(frozen=True, slots=True)
class Srv:
    """RFC 2782."""

    priority: int
    weight: int
    port: int
    target: str


class Dns(Protocol):
    """Look-ups by name. Nothing found, and no server to ask, are empty lists alike."""

    async def naptr(self, name: str) -> list[Naptr]: ...

    async def srv(self, name: str) -> list[Srv]: ...

    async def addresses(self, name: str) -> list[str]: ...


# RFC 3263 4.1; RFC 7118 8 for WebSocket, which has no SIPS+ of its own but D2W over TLS.
_SERVICES = {
    "SIP+D2U": Transport.UDP,
    "SIP+D2T": Transport.TCP,
    "SIPS+D2T": Transport.TLS,
}
_SRV_PREFIX = {
    Transport.UDP: "_sip._udp.",
    Transport.TCP: "_sip._tcp.",
    Transport.TLS: "_sips._tcp.",
}
_BY_NAME = {transport.value: transport for transport in Transport}


class Resolver:
    """`transports`: what can be sent over; `chance`: a number from 0 up to 1, for SRV weights."""

    def __init__(
        self, dns: Dns, transports: frozenset[Transport], chance: Callable[[], float]
    ) -> None:
        self._dns = dns
        self._transports = transports
        self._chance = chance

    def locate_now(self, uri: Uri | OtherUri) -> Hop | None:
        """The hop of a URI with a numeric host; None when a look-up is needed, or none can help."""
        if not isinstance(uri, Uri):
            return None
        address = numeric(_target(uri))
        if address is None:
            return None
        transport = self._said(uri) or self._plain(uri)
        if transport not in self._transports:
            return None
        return hop_of(address, uri.port, transport)

    async def locate(self, uri: Uri | OtherUri) -> list[Hop]:
        """All hops of a URI, best first; empty when it leads nowhere."""
        now = self.locate_now(uri)
        if now is not None:
            return [now]
        if not isinstance(uri, Uri) or numeric(_target(uri)) is not None:
            return []
        name, said = _target(uri), self._said(uri)
        if said is not None and said not in self._transports:
            return []
        if uri.port is not None:
            # RFC 3263 4.2: an explicit port means addresses only.
            transport = said or self._plain(uri)
            return await self._by_address(name, uri.port, transport)
        hops = await self._by_service(name, said, uri)
        if hops:
            return hops
        return await self._by_address(name, None, said or self._plain(uri))

    def _said(self, uri: Uri) -> Transport | None:
        """What the URI itself says. RFC 3261 26.2.2: `sips` over TCP is TLS."""
        name = uri.param("transport")
        if name is None:
            return None
        transport = _BY_NAME.get(name.lower())
        if transport is None:
            return None
        if uri.scheme == "sips":
            return Transport.WSS if transport in (Transport.WS, Transport.WSS) else Transport.TLS
        return transport

    def _plain(self, uri: Uri) -> Transport:
        """RFC 3263 4.1: UDP for `sip`, TLS for `sips`; what we have when UDP is switched off."""
        if uri.scheme == "sips":
            return Transport.TLS
        order = (Transport.UDP, Transport.TCP, Transport.TLS)
        return next((one for one in order if one in self._transports), Transport.UDP)

    async def _by_service(self, name: str, said: Transport | None, uri: Uri) -> list[Hop]:
        """NAPTR, then SRV; SRV alone where the transport is said or there is no NAPTR."""
        wanted = [said] if said else self._possible(uri)
        if said is None:
            records = self._choose(await self._dns.naptr(name), wanted)
            hops: list[Hop] = []
            for record, transport in records:
                hops += await self._by_srv(record.replacement, transport)
            if hops:
                return hops[:MAX_HOPS]
        for transport in wanted:
            prefix = _SRV_PREFIX.get(transport)
            if prefix is None:
                continue
            hops = await self._by_srv(prefix + name, transport)
            if hops:
                return hops[:MAX_HOPS]
        return []

    def _possible(self, uri: Uri) -> list[Transport]:
        secure_only = uri.scheme == "sips"
        return [
            transport
            for transport in _SRV_PREFIX
            if transport in self._transports and (transport.secure or not secure_only)
        ]

    def _choose(
        self, records: Iterable[Naptr], wanted: list[Transport]
    ) -> list[tuple[Naptr, Transport]]:
        """The records that name a transport of ours, by order and preference."""
        chosen = []
        for record in sorted(records, key=lambda one: (one.order, one.preference)):
            transport = _SERVICES.get(record.service.upper())
            if transport in wanted and transport and record.flags.lower() == "s":
                chosen.append((record, transport))
        return chosen

    async def _by_srv(self, name: str, transport: Transport) -> list[Hop]:
        records = await self._dns.srv(name)
        # RFC 2782: a single target of "." says that the service is decidedly not there.
        records = [one for one in records if one.target.strip(".")]
        hops: list[Hop] = []
        for record in by_weight(records, self._chance):
            hops += await self._by_address(record.target, record.port, transport)
            if len(hops) >= MAX_HOPS:
                break
        return hops[:MAX_HOPS]

    async def _by_address(self, name: str, port: int | None, transport: Transport) -> list[Hop]:
        known = numeric(name)
        addresses = [known] if known else await self._dns.addresses(name)
        return [hop_of(address, port, transport) for address in addresses[:MAX_HOPS]]


def by_weight(records: Iterable[Srv], chance: Callable[[], float]) -> list[Srv]:
    """RFC 2782: by priority, and within one by chance in proportion to the weights."""
    ordered: list[Srv] = []
    # "arrange all SRV RRs ... with the zero weights placed first": they have a very small chance.
    left = sorted(records, key=lambda one: (one.priority, one.weight))
    while left:
        group = [one for one in left if one.priority == left[0].priority]
        left = left[len(group) :]
        while group:
            mark = int(chance() * (sum(one.weight for one in group) + 1))
            total = 0
            for chosen in group:
                total += chosen.weight
                if total >= mark:
                    break
            else:
                chosen = group[-1]
            group.remove(chosen)
            ordered.append(chosen)
    return ordered


def _target(uri: Uri) -> str:
    """RFC 3263 4: the `maddr` parameter, if there is one, is the target, else the host."""
    return uri.param("maddr") or uri.host
