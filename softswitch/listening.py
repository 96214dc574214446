"""Where the office listens for SIP, read from the process settings."""

import ssl

from softswitch.net.endpoint import ListenAddress
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


def _certificate(settings: Settings) -> ssl.SSLContext:
    """One for TLS and WSS."""
    if settings.tls_certificate is None:
        raise OSError("WSS needs a certificate: set SOFTSWITCH_TLS_CERTIFICATE and _TLS_KEY")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(settings.tls_certificate, settings.tls_key)
    return context
