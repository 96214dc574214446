"""Where the office listens for SIP, and how it finds and trusts others: of the process settings."""

import ssl
from ipaddress import ip_address

from softswitch.net.endpoint import ListenAddress
from softswitch.net.system_dns import SystemDns
from softswitch.net.ws import WebSocketPolicy
from softswitch.settings import Settings
from softswitch.sip.flow import Transport


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
    context.load_verify_locations(settings.tls_trust)
    return context


def dns_of(settings: Settings) -> SystemDns:
    """Whom names are asked of. Raises OSError for what is no address."""
    words = [word.strip() for word in settings.dns.split(",") if word.strip()]
    if not words:
        return SystemDns()
    last, colon, port = words[-1].rpartition(":")
    has_port = bool(colon) and (last.count(":") == 0 or last.endswith("]"))
    servers = [*words[:-1], last if has_port else words[-1]]
    try:
        found = [str(ip_address(one.strip("[]"))) for one in servers]
        return SystemDns(found, int(port) if has_port else 53)
    except ValueError as error:
        raise OSError(f"SOFTSWITCH_DNS: {error}. Write it like 192.0.2.53") from None


def _certificate(settings: Settings) -> ssl.SSLContext:
    """One for TLS and WSS."""
    if settings.tls_certificate is None:
        raise OSError("WSS needs a certificate: set SOFTSWITCH_TLS_CERTIFICATE and _TLS_KEY")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(settings.tls_certificate, settings.tls_key)
    return context
