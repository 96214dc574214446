"""What `softswitch phones` shows of each contact."""

import io
import json

from msgspec.structs import replace
from rich.console import Console

from softswitch.commands.phones_view import phone_dict, phones_table
from softswitch.store.bindings import BindingRecord

NOW = 1_750_000_000.0
DESK = BindingRecord(
    extension="101",
    contact="sip:101@10.0.0.5",
    transport="udp",
    local_host="192.0.2.1",
    local_port=5060,
    remote_host="198.51.100.7",
    remote_port=40_000,
    connection=None,
    path=(),
    instance="<urn:uuid:00000000-0000-1000-8000-000A95A0E128>",
    reg_id=2,
    q=1.0,
    expires=NOW + 299.6,
    call_id="c",
    cseq=1,
    user_agent="Yealink SIP-T46S",
    registered=NOW - 60,
    behind_nat=True,
    latency=0.0234,
)


def shown(*records: BindingRecord) -> str:
    console = Console(width=220, record=True, file=io.StringIO())
    console.print(phones_table(list(records), NOW))
    return console.export_text()


def test_a_phone_that_answers() -> None:
    text = shown(DESK)
    for word in ("101", "yes", "UDP NAT", "198.51.100.7:40000", "Yealink SIP-T46S", "23 ms"):
        assert word in text, text
    for word in ("300 s", "00000000-0000-1000-8000-000A95A0E128 flow 2", "1 registered"):
        assert word in text, text
    assert "away" not in text


def test_one_that_does_not_and_one_that_never_did() -> None:
    away = replace(DESK, away=True, instance=None, reg_id=None)
    never = replace(DESK, latency=None, behind_nat=False, transport="wss", user_agent=None)
    text = shown(away, never)
    assert "2 registered, 1 away" in text
    assert "WSS" in text
    assert text.count(" ms") == 1


def test_as_data() -> None:
    data = json.loads(json.dumps(phone_dict(DESK)))
    assert data["latency"] == 0.0234
    assert data["behind_nat"] is True
    assert data["away"] is False
