"""Where packets come from and go to: transports, flows, hops. Values only.

A flow is a way that was used (RFC 5626 calls it so): both ends, and the connection for streams. A
hop is a way still to be found: the endpoint opens or reuses a connection.
"""

from __future__ import annotations

from enum import Enum

import msgspec


class Transport(Enum):
    """RFC 3261 18, RFC 7118."""

    UDP = "udp"
    TCP = "tcp"
    TLS = "tls"
    WS = "ws"
    WSS = "wss"

    reliable: bool
    """A stream: nothing is lost or repeated, so the timers of RFC 3261 17 differ."""

    in_via: str
    """As Via says it."""

    def __init__(self, value: str) -> None:
        # Attributes and no properties, since they are asked for with each packet.
        self.reliable = value != "udp"
        self.in_via = value.upper()

    # An Enum's own hash is a function in Python; flows and hops are keys.
    __hash__ = object.__hash__

    @property
    def secure(self) -> bool:
        return self in (Transport.TLS, Transport.WSS)

    @property
    def over_http(self) -> bool:
        """WebSocket: a connection begins as HTTP, and only its client can open one."""
        return self in (Transport.WS, Transport.WSS)

    @property
    def uri_name(self) -> str:
        """The URI's `transport`: RFC 7118 5.3 knows `ws` alone, with or without TLS below."""
        return "ws" if self.over_http else self.value

    @property
    def default_port(self) -> int:
        """RFC 3261 19.1.2, RFC 7118 5."""
        return _DEFAULT_PORTS[self]


_DEFAULT_PORTS = {
    Transport.UDP: 5060,
    Transport.TCP: 5060,
    Transport.TLS: 5061,
    Transport.WS: 80,
    Transport.WSS: 443,
}


class Flow(msgspec.Struct, frozen=True):
    """A way by which a packet came. Addresses are numeric, without brackets.

    `connection` tells streams apart; it is None for UDP.
    """

    transport: Transport
    local: tuple[str, int]
    remote: tuple[str, int]
    connection: int | None = None


class Hop(msgspec.Struct, frozen=True):
    """Where a message shall go. `host` is numeric once RFC 3263 has been applied."""

    transport: Transport
    host: str
    port: int


Target = Flow | Hop
