"""Where the office listens for SIP, and how it finds and trusts others: of the process settings."""

import ssl

from softswitch.net.endpoint import ListenAddress
from softswitch.net.system_dns import SystemDns
from softswitch.net.ws import WebSocketPolicy
from softswitch.setting_values import DnsServers
from softswitch.settings import Settings
from softswitch.sip.flow import Transport
from softswitch.wording import say


def listeners(settings: Settings) -> list[ListenAddress]:
    """Every address to open, UDP first. Raises OSError for a certificate that is not there."""
    ports = {
        Transport.UDP: settings.sip_udp_port,
        Transport.TCP: settings.sip_tcp_port,
        Transport.TLS: settings.sip_tls_port if settings.tls_certificate else None,
        Transport.WS: settings.sip_ws_port,
        Transport.WSS: settings.sip_wss_port,
    }
    wanted = [(transport, port) for transport, port in ports.items() if port is not None]
    tls = _certificate(settings) if any(transport.secure for transport, _ in wanted) else None
    return [
        ListenAddress(transport, settings.sip_host, port, tls if transport.secure else None)
        for transport, port in wanted
    ]


def websocket_policy(settings: Settings) -> WebSocketPolicy:
    """Closed by default: no page of a browser may connect until its origin is named."""
    origins = (one.strip().rstrip("/") for one in settings.sip_ws_origins.split(","))
    return WebSocketPolicy(tuple(origin for origin in origins if origin))


def client_tls(settings: Settings) -> ssl.SSLContext | None:
    """For connections that we open; None: the system's authorities alone are trusted.

    Raises OSError for a file that is not there or holds no certificate.
    """
    if settings.tls_trust is None:
        return None
    context = ssl.create_default_context()
    try:
        context.load_verify_locations(settings.tls_trust)
    except ssl.SSLError as error:
        told = say("no_authorities", file=str(settings.tls_trust), why=error.reason or "")
        raise OSError(told) from None
    return context


def dns_of(settings: Settings) -> SystemDns:
    """Whom names are asked of."""
    servers = DnsServers.read(settings.dns)
    return SystemDns(list(servers.addresses), servers.port) if servers.addresses else SystemDns()


def _certificate(settings: Settings) -> ssl.SSLContext:
    """One for TLS and WSS."""
    if settings.tls_certificate is None:
        raise OSError(say("wss_needs_certificate"))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(settings.tls_certificate, settings.tls_key)
    except ssl.SSLError as error:
        told = say("no_certificate", file=str(settings.tls_certificate), why=error.reason or "")
        raise OSError(told) from None
    return context
