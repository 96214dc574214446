"""Names of fields, reasons of statuses."""

import pytest

from softswitch.sip.names import COMPACT, METHODS, canonical, reason_phrase


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("v", "Via"),
        ("V", "Via"),
        ("VIA", "Via"),
        ("viA", "Via"),
        ("call-id", "Call-ID"),
        ("CALL-ID", "Call-ID"),
        ("i", "Call-ID"),
        ("cseq", "CSeq"),
        ("www-authenticate", "WWW-Authenticate"),
        ("mime-version", "MIME-Version"),
        ("sip-etag", "SIP-ETag"),
        ("rack", "RAck"),
        ("min-se", "Min-SE"),
        ("p-asserted-identity", "P-Asserted-Identity"),
        ("x-office", "X-Office"),
        ("X-OFFICE", "X-Office"),
        ("q", "Q"),
        ("", ""),
    ],
)
def test_canonical(written: str, name: str) -> None:
    assert canonical(written) == name
    assert canonical(name) == name


def test_every_compact_form_is_known() -> None:
    for letter, name in COMPACT.items():
        assert canonical(letter) == canonical(letter.upper()) == canonical(name.lower()) == name


def test_methods() -> None:
    assert {"INVITE", "ACK", "REFER", "PRACK"} <= METHODS
    assert "invite" not in METHODS


@pytest.mark.parametrize(
    ("status", "reason"),
    [(200, "OK"), (486, "Busy Here"), (199, "Early Dialog Terminated"), (499, "Client Error")]
    + [(150, "Progress"), (299, "OK"), (399, "Redirection"), (599, "Server Error")]
    + [(699, "Global Failure")],
)
def test_reason_phrase(status: int, reason: str) -> None:
    assert reason_phrase(status) == reason
