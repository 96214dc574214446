"""Which addresses the process settings open, and for whose pages."""

from pathlib import Path

import pytest

from softswitch.listening import listeners, websocket_policy
from softswitch.settings import Settings
from softswitch.sip.flow import Transport
from tests.live.certificates import make_certificates


def settings(**values: object) -> Settings:
    return Settings(**values)  # type: ignore[arg-type]


def test_what_is_open_unless_somebody_says_otherwise() -> None:
    found = listeners(settings())
    assert [(one.transport, one.port) for one in found] == [
        (Transport.UDP, 5060),
        (Transport.TCP, 5060),
    ]
    assert websocket_policy(settings()).origins == ()


def test_one_certificate_for_both(tmp_path: Path) -> None:
    made = make_certificates(tmp_path)
    found = listeners(
        settings(
            sip_ws_port=8080,
            sip_wss_port=8443,
            sip_udp_port=None,
            tls_certificate=made.chain,
            tls_key=made.key,
        )
    )
    assert [one.transport.value for one in found] == ["tcp", "tls", "ws", "wss"]
    contexts = {one.transport.value: one.tls for one in found}
    assert contexts["tls"] is contexts["wss"] is not None
    assert contexts["tcp"] is contexts["ws"] is None


def test_wss_without_a_certificate_is_told_in_words() -> None:
    with pytest.raises(OSError, match="SOFTSWITCH_TLS_CERTIFICATE"):
        listeners(settings(sip_wss_port=8443))


def test_origins() -> None:
    said = " https://office.example/, http://127.0.0.1:8000 ,,"
    policy = websocket_policy(settings(sip_ws_origins=said))
    assert policy.origins == ("https://office.example", "http://127.0.0.1:8000")
    assert websocket_policy(settings(sip_ws_origins="*")).accepted is None
