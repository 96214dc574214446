"""Which socket or connection a message leaves by (RFC 3261 18.1.1, 18.2.2; RFC 5626 5.3).

A flow is used as it came; a hop takes a datagram, or a connection that is open or to be opened.
"""

import ssl
from collections.abc import Callable, Coroutine

from softswitch.net.addresses import Addresses, is_of_this_machine, numeric
from softswitch.net.connections import Connections
from softswitch.net.resolver import Resolver
from softswitch.net.udp import UdpSocket
from softswitch.sip.events import Send
from softswitch.sip.flow import Flow, Hop, Target, Transport
from softswitch.sip.message import Request
from softswitch.sip.transaction import TransactionKey
from softswitch.sip.uri import OtherUri, Uri

# RFC 3261 18.1.1: a larger request "MUST be sent using an RFC 2914 congestion controlled transport
# protocol, such as TCP". We do so where the peer is known to speak TCP; most peers fragment well.
MAX_UDP_REQUEST = 1_300
VIA_ROOM = 120  # what our Via adds
# Hops whose domain name is remembered for their certificate (RFC 5922 7).
MAX_SERVER_NAMES = 1_024


class Departures:
    """The open sockets and connections of one endpoint, and the way to each."""

    def __init__(
        self,
        addresses: Addresses,
        resolver: Resolver,
        failed: Callable[[TransactionKey], None],
        spawn: Callable[[Coroutine[None, None, None]], None],
        client_tls: ssl.SSLContext | None,
    ) -> None:
        """`failed`: told later of what could not be sent after all; `spawn`: runs a look-up."""
        self._addresses, self._resolver = addresses, resolver
        self._failed, self._spawn = failed, spawn
        self.udp: dict[tuple[str, int], UdpSocket] = {}
        self.streams: Connections | None = None
        self._server_names: dict[Hop, str] = {}
        self._trust = client_tls

    def client_tls(self) -> ssl.SSLContext:
        """For connections that we open; made when the first one is."""
        if self._trust is None:
            self._trust = ssl.create_default_context()
        return self._trust

    async def locate(self, uri: Uri | OtherUri) -> list[Hop]:
        """Every hop of a URI; the name behind each is kept for its certificate."""
        hops = await self._resolver.locate(uri)
        for hop in hops:
            if hop.transport.secure and isinstance(uri, Uri):
                if len(self._server_names) >= MAX_SERVER_NAMES:
                    self._server_names.clear()
                self._server_names[hop] = uri.host
        return hops

    def is_alive(self, flow: Flow) -> bool:
        """Can anything be sent by this flow? Always over UDP; a connection must still be open."""
        if not flow.transport.reliable:
            return self._udp_for(flow) is not None
        return self.streams is not None and self.streams.find(flow.connection) is not None

    def transmit(self, output: Send) -> bool:
        """False when it surely cannot be sent."""
        target = output.target
        if not target.transport.reliable:
            return self._transmit_datagram(output, target)
        if self.streams is None:
            return False
        if isinstance(target, Flow):
            if target.connection is not None:
                connection = self.streams.find(target.connection)
                return connection is not None and connection.write(output.data)
            target = Hop(target.transport, *target.remote)
        if target.transport.over_http:
            return False
        server_name = self._server_names.get(target)
        return self.streams.send(output.data, target, output.key, server_name)

    @property
    def losses(self) -> dict[str, int]:
        """Since the start, by what was lost."""
        return {
            "send buffer full": sum(one.dropped for one in self.udp.values()),
            "connection evicted": self.streams.evicted if self.streams else 0,
        }

    def behind(self, now: float) -> float:
        """For how many seconds a packet waits in the socket that is worst off."""
        return max((one.behind(now) for one in self.udp.values()), default=0.0)

    def leave_lost_addresses(self) -> list[str]:
        """End connections from addresses of ours that are no more, and give those addresses."""
        self._addresses.forget_routes()
        return [] if self.streams is None else self.streams.abandon(is_of_this_machine)

    def answer(self, data: bytes, flow: Flow) -> None:
        """A datagram back where one came from; what is not sent is not missed."""
        udp = self._udp_for(flow)
        if udp is not None:
            udp.send(data, flow.remote)

    def roomy(self, message: Request, hop: Hop) -> Hop:
        """RFC 3261 18.1.1: TCP for a request too large for one packet, if such a peer has it."""
        if hop.transport is not Transport.UDP or self.streams is None:
            return hop
        by_tcp = Hop(Transport.TCP, hop.host, hop.port)
        if not self.streams.is_open_to(by_tcp):
            return hop
        return by_tcp if len(message.to_bytes()) + VIA_ROOM > MAX_UDP_REQUEST else hop

    def _transmit_datagram(self, output: Send, target: Target) -> bool:
        udp = self._udp_for(target)
        if udp is None:
            return False
        if isinstance(target, Flow):
            return udp.send(output.data, target.remote)
        if numeric(target.host) is None:
            self._spawn(self._transmit_named(output, target))
            return True
        return udp.send(output.data, (target.host, target.port))

    def _udp_for(self, target: Target) -> UdpSocket | None:
        """The socket that the flow came by; for a hop, or after a restart, one that faces it."""
        if isinstance(target, Flow):
            known = self.udp.get(target.local)
            if known is not None:
                return known
        host = target.remote[0] if isinstance(target, Flow) else target.host
        place = self._addresses.place(Transport.UDP, host)
        return self.udp.get((place.host, place.port)) if place else None

    async def _transmit_named(self, output: Send, hop: Hop) -> None:
        """A datagram for a hop by name: whoever sends it did not ask `locate` first."""
        uri = Uri("sip", None, None, hop.host, hop.port, (("transport", "udp"),), ())
        found = await self._resolver.locate(uri)
        is_sent = bool(found) and self._transmit_datagram(
            Send(output.data, found[0], output.key), found[0]
        )
        if not is_sent and output.key is not None:
            self._failed(output.key)
