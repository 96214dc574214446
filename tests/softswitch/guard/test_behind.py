"""Who stands behind a proxy: told by its Via, each on his own, in a room for all of them."""

import pytest

from softswitch.guard.behind import DEVICES, NOWHERE, PERSON_BURST, PERSON_RATE, origin, second
from softswitch.guard.guard import BEHIND_SECONDS, Guard
from softswitch.guard.scanners import NAMES
from softswitch.guard.sources import (
    FRIEND_BURST,
    FRIEND_RATE,
    STRANGER_BURST,
    STRANGER_RATE,
)
from softswitch.sip.admission import Admission, Refusal
from softswitch.sip.flow import Flow, Transport
from softswitch.sip.message import Request, parse_message

PROXY = ("192.0.2.80", 5060)
EDGE = Flow(Transport.UDP, ("192.0.2.250", 5060), PROXY)
TOP = "SIP/2.0/UDP 192.0.2.80;branch=z9hG4bKp"


def told(below: str) -> tuple[str, int] | None:
    return origin(second([TOP, below]), PROXY[0])


@pytest.mark.parametrize(
    ("below", "host", "port"),
    [
        ("SIP/2.0/UDP 10.0.0.7:5062;branch=z9hG4bK1", "10.0.0.7", 5062),
        ("SIP/2.0/UDP 10.0.0.7;branch=z9hG4bK1", "10.0.0.7", 5060),
        ("SIP/2.0/TLS 10.0.0.7:5061;received=203.0.113.7;rport=40000", "203.0.113.7", 40000),
        ("SIP/2.0/UDP phone.local;rport;received=203.0.113.7", "203.0.113.7", 5060),
        (" SIP / 2.0 / UDP  10.0.0.7 : 5062 ; branch=1", "10.0.0.7", 5062),
        ("SIP/2.0/UDP [2001:db8::7]:5062;branch=1", "2001:db8::", 5062),
        ("SIP/2.0/UDP x;received=[2001:db8:0:1::7]", "2001:db8:0:1::", 5060),
        ("SIP/2.0/UDP x;received=10.9.9.9;rport=9;received=203.0.113.7;rport=7", "203.0.113.7", 7),
        ("SIP/2.0/UDP phone.local;branch=1", NOWHERE, 5060),
        ("SIP/2.0/UDP x;received=999.1.1.1", NOWHERE, 5060),
        ("nonsense", NOWHERE, 0),
        ("", NOWHERE, 0),
    ],
)
def test_where_the_proxy_got_it_from(below: str, host: str, port: int) -> None:
    """What the sender himself wrote as `received` stands before what the proxy saw."""
    assert told(below) == (f"{host} by 192.0.2.80", port)


def test_one_via_is_the_proxys_own() -> None:
    assert second([TOP]) is None and second([]) is None and origin(None, PROXY[0]) is None
    in_one = second([f"{TOP}, SIP/2.0/UDP 10.0.0.7"])
    assert origin(in_one, PROXY[0]) == ("10.0.0.7 by 192.0.2.80", 5060)


def message(sender: str, method: str = "INVITE", user: str = "101", port: int = 5060) -> bytes:
    return (
        f"{method} sip:102@x SIP/2.0\r\nVia: {TOP}\r\n"
        f"v: SIP/2.0/UDP {sender}:{port};branch=z9hG4bK1\r\n"
        f"From: <sip:{user}@x>;tag=1\r\nTo: <sip:102@x>\r\nCall-ID: 1\r\nCSeq: 1 {method}\r\n\r\n"
    ).encode()


def request(sender: str, user: str = "101", port: int = 5060) -> Request:
    parsed = parse_message(message(sender, user=user, port=port))
    assert isinstance(parsed, Request)
    return parsed


def register(guard: Guard, people: int, now: float = 0.0) -> None:
    """So many phones, each of a person and at an address of its own."""
    for number in range(people):
        guard.proved(request(f"10.0.1.{number}", str(number)), EDGE, str(number), now)


def read(guard: Guard, sender: str, a_second: int, seconds: float, begin: float) -> int:
    """How many of so many a second were read, at once or when it was their turn."""
    count = 0
    for step in range(int(a_second * seconds)):
        now = begin + step / a_second
        count += guard.admits(message(sender), EDGE, now) is Admission.NOW
        count += guard.next_waiting(now) is not None
    return count


def test_it_has_room_for_all_who_proved_themselves_through_it() -> None:
    """A proxy that hides its phones: one flow, one Via."""
    guard = Guard()
    own = b"OPTIONS sip:x SIP/2.0\r\nVia: " + TOP.encode() + b"\r\n\r\n"
    found = []
    for people, begin in ((1, 0.0), (11, 100.0), (1_000, 200.0)):
        for number in range(people):
            guard.vouch(EDGE, begin, 60.0, str(number))
        at_once = [guard.admits(own, EDGE, begin + n / 10_000) is Admission.NOW
                   for n in range(20_000)]  # fmt: skip
        found.append(sum(at_once))
        guard.expire(begin + 99.0)
    assert FRIEND_BURST <= found[0] <= FRIEND_BURST + 2 * FRIEND_RATE
    more = FRIEND_BURST + 10 * PERSON_BURST
    assert more <= found[1] <= more + 2 * (FRIEND_RATE + 10 * PERSON_RATE)
    assert found[2] == 20_000, "as a server of a trunk"


def test_one_password_opens_no_more_than_one_phone_has() -> None:
    guard = Guard()
    for number in range(500):
        guard.proved(request(f"10.0.{number // 200}.{number % 200}"), EDGE, "101", 0.0)
    friends = [guard.is_friend(guard.sender_of(request(f"10.0.{n // 200}.{n % 200}"), EDGE), 0.0)
               for n in range(500)]  # fmt: skip
    assert sum(friends) == DEVICES, "the last ones alone"
    at_once = sum(guard.admits(message("10.0.2.99"), EDGE, n / 10_000) is Admission.NOW
                  for n in range(20_000))  # fmt: skip
    assert at_once <= FRIEND_BURST + 2 * FRIEND_RATE + 1


def test_a_phone_gone_mad_behind_it_is_one_phone() -> None:
    guard = Guard()
    register(guard, 20)
    at_once = sum(guard.admits(message("10.0.1.1"), EDGE, n / 1_000) is Admission.NOW
                  for n in range(5_000))  # fmt: skip
    assert at_once <= FRIEND_BURST + 5 * FRIEND_RATE + 1
    assert guard.admits(message("10.0.1.2"), EDGE, 5.0) is Admission.NOW, "his neighbour"


def test_a_stranger_behind_it_gets_what_strangers_get() -> None:
    """As many messages read as of a stranger without a proxy, and none of the proxy's room."""
    direct, behind = Guard(), Guard()
    register(behind, 20)
    bad = Flow(Transport.UDP, EDGE.local, ("198.51.100.66", 5060))
    alone = 0
    for step in range(10_000):
        direct.admits(message("198.51.100.66"), bad, step / 1_000)
        alone += direct.next_waiting(step / 1_000) is not None
    beside = read(behind, "198.51.100.66", 1_000, 10.0, 0.0)
    assert beside == alone <= STRANGER_BURST + 10 * STRANGER_RATE + 1
    assert behind.admits(message("10.0.1.2"), EDGE, 10.0) is Admission.NOW
    assert behind.sources.counters["crowded"] == direct.sources.counters["crowded"] > 0


def test_a_scanner_behind_it_is_dropped_and_nobody_else() -> None:
    guard = Guard()
    guard.challenge = lambda _request, _flow, _now: Refusal(401)
    register(guard, 3)
    bad = request("198.51.100.66", "9000")
    for number in range(NAMES):
        assert guard.refuses(bad, EDGE, 1.0) == Refusal(401), "without state, as any stranger"
        guard.tried(guard.sender_of(bad, EDGE), str(number), 1.0)
    assert guard.counters["sources dropped"] == 1
    assert guard.admits(message("198.51.100.66"), EDGE, 2.0) is Admission.NEVER
    assert guard.admits(message("10.0.1.2"), EDGE, 2.0) is Admission.NOW
    assert guard.admits(message("10.0.1.99"), EDGE, 2.0) is Admission.LATER, "a new phone"
    assert guard.refuses(request("10.0.1.2"), EDGE, 2.0) is None
    direct = Flow(Transport.UDP, EDGE.local, ("198.51.100.66", 5060))
    assert guard.admits(b"x", direct, 2.0) is Admission.LATER, "who said so was the proxy"


def test_answers_and_the_proxys_own_requests_are_the_proxys() -> None:
    guard = Guard()
    register(guard, 3)
    answer = b"SIP/2.0 180 Ringing\r\nVia: x\r\nVia: SIP/2.0/UDP 198.51.100.66\r\n\r\n"
    assert guard.admits(answer, EDGE, 1.0) is Admission.NOW
    ack = b"ACK sip:x SIP/2.0\r\nVia: " + TOP.encode() + b"\r\n\r\n"
    assert guard.admits(ack, EDGE, 1.0) is Admission.NOW


def test_after_a_restart_its_bindings_say_that_it_is_one() -> None:
    guard = Guard()
    guard.vouch(EDGE, 0.0, 90.0, "101", is_proxy=True)
    assert guard.admits(message("198.51.100.66"), EDGE, 1.0) is Admission.LATER
    plain = Guard()
    plain.vouch(EDGE, 0.0, 90.0, "101")
    assert plain.admits(message("198.51.100.66"), EDGE, 1.0) is Admission.NOW


def test_everything_is_forgotten() -> None:
    guard = Guard()
    register(guard, 30)
    assert guard.sizes()["guard flows"][0] == 31
    guard.expire(BEHIND_SECONDS + 1.0)
    assert guard.sizes()["guard flows"][0] == guard.sizes()["guard friends"][0] == 0


def test_pump_a_head_without_an_end_costs_little() -> None:
    guard = Guard()
    register(guard, 3)
    for worst in (b"\r\nVia:", b"\r\nv: ,", b"\r\nVia: SIP/2.0/UDP x" + b";received=1" * 90, b" "):
        data = b"INVITE sip:x SIP/2.0" + worst * (65_000 // len(worst))
        assert guard.admits(data, EDGE, 1.0) in Admission


def test_a_requests_vias_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some three times its sender is asked for while it is taken; another way is another sender."""
    guard, came = Guard(), request("10.0.0.7")
    register(guard, 1)
    read: list[str | None] = []
    monkeypatch.setattr(
        "softswitch.guard.guard.origin", lambda below, by: read.append(below) or origin(below, by)
    )
    guard.refuses(came, EDGE, 1.0)
    guard.proved(came, EDGE, "107", 1.0)
    assert guard.sender_of(came, EDGE).remote == ("10.0.0.7 by 192.0.2.80", 5060)
    assert len(read) == 1
    edge = Flow(Transport.UDP, EDGE.local, ("192.0.2.81", 5060))
    guard.behind.passes_on(edge.remote)
    assert guard.sender_of(came, edge).remote == ("10.0.0.7 by 192.0.2.81", 5060)
    came.headers.prepend("Via", "SIP/2.0/UDP 192.0.2.99;branch=z9hG4bKq")
    assert guard.sender_of(came, EDGE).remote == ("192.0.2.80 by 192.0.2.80", 5060)
