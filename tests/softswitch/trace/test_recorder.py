"""Whose messages are kept, and that every store has its bound."""

import pytest

from softswitch.sip.flow import Flow, Hop, Transport
from softswitch.trace import recorder as recording
from softswitch.trace.message import Direction, Row, unpack
from softswitch.trace.recorder import Lost, Recorder, call_id_of

FLOW = Flow(Transport.UDP, ("192.0.2.1", 5060), ("192.0.2.9", 5062))


class Desk:
    """A recorder with a clock turned by hand."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0
        self.recorder = Recorder(lambda: self.now)

    def hear(self, call_id: str, start: str = "INVITE sip:102@x SIP/2.0", extra: str = "") -> None:
        self.now += 0.001
        text = f"{start}\r\nCall-ID: {call_id}\r\n{extra}\r\n"
        self.recorder.received(text.encode(), FLOW)

    def work(self) -> dict[str, Row]:
        """One round; what each call wrote."""
        while self.recorder.sort(100):
            pass
        rows = {row.call: unpack(row.data) for row in self.recorder.rows(1000)}
        self.recorder.forget()
        return rows


def texts(row: Row) -> list[str]:
    return [one.text.decode().partition("\r\n")[0] for one in row.messages]


def test_a_call_gets_its_messages_once() -> None:
    desk = Desk()
    desk.hear("a")
    desk.recorder.claim("a", "call-1")
    desk.hear("a", "SIP/2.0 180 Ringing")
    found = desk.work()
    assert texts(found["call-1"]) == ["INVITE sip:102@x SIP/2.0", "SIP/2.0 180 Ringing"]
    assert desk.work() == {}
    one = found["call-1"].messages[0]
    assert (one.transport, one.local, one.remote) == ("udp", "192.0.2.1:5060", "192.0.2.9:5062")
    assert one.at == 1_700_000_000_001_000


def test_a_private_number_is_hidden_in_the_call_and_in_one_that_takes_its_leg_over() -> None:
    desk = Desk()
    desk.recorder.hide("call-1", r"(?:\+48)?600100200", "102 mobile")
    desk.recorder.claim("a", "call-1")
    desk.hear("a", "INVITE sip:+48600100200@x SIP/2.0")
    assert texts(desk.work()["call-1"]) == ["INVITE sip:102-mobile@x SIP/2.0"]
    desk.recorder.claim("a", "call-2")
    desk.hear("a", "BYE sip:600100200@x SIP/2.0")
    assert texts(desk.work()["call-2"]) == ["BYE sip:102-mobile@x SIP/2.0"]
    desk.recorder.claim("b", "call-3")
    desk.hear("b", "BYE sip:600100200@x SIP/2.0")
    assert texts(desk.work()["call-3"]) == ["BYE sip:600100200@x SIP/2.0"], "he was dialled"


def test_direction_and_way() -> None:
    desk = Desk()
    desk.recorder.claim("a", "c")
    other = Flow(Transport.TLS, ("192.0.2.1", 5061), ("192.0.2.9", 4444), 7)
    for target in (FLOW, other, Hop(Transport.TCP, "2001:db8::5", 5060)):
        desk.recorder.sent(b"BYE sip:1@x SIP/2.0\r\nCall-ID: a\r\n\r\n", target)
    ways = [(m.direction, m.transport, m.local, m.remote) for m in desk.work()["c"].messages]
    assert ways == [
        (Direction.OUT, "udp", "192.0.2.1:5060", "192.0.2.9:5062"),
        (Direction.OUT, "tls", "192.0.2.1:5061", "192.0.2.9:4444"),
        (Direction.OUT, "tcp", "", "2001:db8::5:5060"),
    ]


def test_a_late_claim_finds_the_invite() -> None:
    desk = Desk()
    desk.hear("a")
    assert desk.work() == {}
    desk.hear("a", "SIP/2.0 401 Unauthorized")
    desk.work()
    desk.now += recording.UNCLAIMED_SECONDS / 2
    desk.recorder.claim("a", "call-1")
    assert len(desk.work()["call-1"].messages) == 2
    assert desk.recorder.dump()["messages unclaimed"] == 0


def test_what_nobody_claims_is_dropped() -> None:
    desk = Desk()
    for number in range(20):
        desk.hear(f"scan-{number}")
    desk.hear("r", "REGISTER sip:x SIP/2.0")
    desk.hear("o", "OPTIONS sip:x SIP/2.0")
    desk.hear("n", "SIP/2.0 200 OK")
    desk.work()
    assert desk.recorder.dump()["messages unclaimed"] == 20
    desk.now += recording.UNCLAIMED_SECONDS + 1
    desk.work()
    assert not any(desk.recorder.dump().values())
    assert desk.recorder.lost[Lost.UNCLAIMED] == 20


def test_scanners_push_each_other_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "MAX_UNCLAIMED", 5)
    desk = Desk()
    for number in range(50):
        for _ in range(30):
            desk.hear(f"scan-{number}")
    desk.work()
    assert desk.recorder.dump()["messages unclaimed"] == 5
    assert desk.recorder.dump()["octets"] < 5 * recording.UNCLAIMED_MESSAGES * 100


def test_a_long_call_keeps_its_beginning_and_its_end() -> None:
    desk = Desk()
    desk.recorder.claim("a", "c")
    total = recording.FIRST_MESSAGES + recording.LAST_MESSAGES + 100
    for number in range(total):
        desk.hear("a", f"INFO sip:{number}@x SIP/2.0")
    first = desk.work()["c"]
    assert texts(first)[-1] == f"INFO sip:{recording.FIRST_MESSAGES - 1}@x SIP/2.0"
    desk.hear("a", "BYE sip:1@x SIP/2.0")
    desk.recorder.end("c")
    last = desk.work()["c"]
    assert len(last.messages) == recording.LAST_MESSAGES
    assert texts(last)[-1] == "BYE sip:1@x SIP/2.0"
    assert last.left_out == 101
    desk.now += recording.LINGER_SECONDS + 1
    desk.work()
    assert not any(desk.recorder.dump().values())


def test_memory_is_bounded_while_nothing_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "MAX_WAITING", 20_000)
    desk = Desk()
    for call in range(100):
        desk.recorder.claim(f"a{call}", f"c{call}")
        for _ in range(5):
            desk.hear(f"a{call}", extra="X: " + "x" * 200 + "\r\n")
        while desk.recorder.sort(100):
            pass
        desk.recorder.end(f"c{call}")
    assert desk.recorder.dump()["octets"] < 40_000
    assert desk.recorder.lost[Lost.MEMORY] > 300
    desk.now += recording.LINGER_SECONDS + 1
    desk.recorder.forget()  # what waits to be written is not forgotten
    assert desk.recorder.dump()["rows to write"] > 0
    assert len(desk.work()) > 0
    assert not any(desk.recorder.dump().values())


def test_a_leg_that_changes_calls_is_shared() -> None:
    desk = Desk()
    desk.recorder.claim("a", "first")
    desk.recorder.claim("b", "second")
    desk.hear("b")
    assert desk.work()["second"].shared == ()
    desk.recorder.claim("b", "first")
    desk.recorder.end("second")
    desk.hear("b", "BYE sip:1@x SIP/2.0")
    found = desk.work()
    assert found["first"].shared == ("second",) and found["second"].shared == ("first",)
    assert texts(found["first"]) == ["BYE sip:1@x SIP/2.0"]
    desk.now += recording.LINGER_SECONDS + 1
    desk.work()
    desk.hear("b", "BYE sip:1@x SIP/2.0")  # the first call is still up, and the leg is its own
    assert len(desk.work()["first"].messages) == 1


def test_a_clock_that_is_set_back_overwrites_nothing() -> None:
    desk = Desk()
    desk.recorder.claim("a", "c")
    desk.hear("a")
    parts = []
    for _ in range(3):
        while desk.recorder.sort(10):
            pass
        parts += [row.part for row in desk.recorder.rows(10)]
        desk.now -= 3600
        desk.hear("a")
    assert parts == sorted(set(parts))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b"INVITE x SIP/2.0\r\nCall-ID: a@b \r\n\r\n", b"a@b"),
        (b"INVITE x SIP/2.0\r\ncall-id :a\r\n\r\n", b"a"),
        (b"INVITE x SIP/2.0\ni: a\n\n", b"a"),
        (b"INVITE x SIP/2.0\r\nVia: x\r\n\r\n", b""),
        (b"", b""),
    ],
)
def test_call_ids(text: bytes, found: bytes) -> None:
    assert call_id_of(text) == found
