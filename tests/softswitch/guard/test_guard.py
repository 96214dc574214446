"""The guard as the house asks it."""

from collections.abc import Callable

import pytest

from softswitch.guard.guard import Guard
from softswitch.guard.scanners import GARBLED, NAMES, UNANSWERED
from softswitch.guard.share import BURST, LEAST, MOST
from softswitch.guard.sources import (
    CALM_AFTER,
    FRIEND_BURST,
    FRIEND_RATE,
    HELP_BURST,
    HELP_RATE,
)
from softswitch.sip.admission import Admission, Refusal
from softswitch.sip.events import MessageRejected
from softswitch.sip.flow import Flow, Transport
from softswitch.sip.message import Request, parse_message

LOCAL = ("192.0.2.250", 5060)
BAD = Flow(Transport.UDP, LOCAL, ("198.51.100.66", 5060))
PHONE = Flow(Transport.UDP, LOCAL, ("203.0.113.7", 5062))
NEIGHBOUR = Flow(Transport.UDP, LOCAL, ("203.0.113.7", 6062))
TRUNK = Flow(Transport.UDP, LOCAL, ("192.0.2.1", 5060))


def request(method: str = "INVITE", uri: str = "sip:101@x") -> Request:
    text = (
        f"{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n"
        f"To: <sip:101@x>\r\nCall-ID: 1\r\nCSeq: 1 {method}\r\n\r\n"
    )
    message = parse_message(text.encode())
    assert isinstance(message, Request)
    return message


def many_names(guard: Guard, flow: Flow) -> None:
    for number in range(NAMES):
        guard.tried(flow, str(number), 0.0)


def rubbish(guard: Guard, flow: Flow) -> None:
    for _ in range(GARBLED):
        guard.rejected(MessageRejected(flow, None, ""), 0.0)


def a_tool(guard: Guard, flow: Flow) -> None:
    guard.admits(b"OPTIONS sip:1@x SIP/2.0\r\nUser-Agent: friendly-scanner\r\n", flow, 0.0)
    taken = guard.next_waiting(0.0)
    assert taken is None or flow is not BAD


def no_answer(guard: Guard, flow: Flow) -> None:
    for _ in range(UNANSWERED):
        guard.challenged(flow, 0.0)


def test_every_packet_of_a_scanner_is_counted_also_if_it_waited() -> None:
    guard = Guard()
    for _ in range(3):
        guard.admits(b"OPTIONS sip:1@x SIP/2.0\r\nUser-Agent: friendly-scanner\r\n", BAD, 0.0)
    assert guard.next_waiting(0.0) is None
    guard.admits(b"x", BAD, 0.0)
    assert guard.sources.counters["scanner"] == 4
    assert guard.counters["sources dropped"] == 1


@pytest.mark.parametrize("misdeed", [many_names, rubbish, a_tool, no_answer])
def test_scanners_are_dropped_and_offices_are_not(misdeed: Callable[[Guard, Flow], None]) -> None:
    guard = Guard()
    guard.sources.use_servers({("192.0.2.1", 5060)})
    guard.vouch(PHONE, 0.0)
    for flow in (BAD, NEIGHBOUR, PHONE, TRUNK):
        misdeed(guard, flow)
    assert guard.admits(b"x", BAD, 1.0) is Admission.NEVER
    assert not guard.admits_connection(BAD.remote[0], 1.0)
    assert guard.admits(b"x", NEIGHBOUR, 1.0) is Admission.LATER
    assert all(guard.admits(b"x", flow, 1.0) is Admission.NOW for flow in (PHONE, TRUNK))
    assert guard.counters["sources dropped"] == 1


def test_a_good_password_ends_all_suspicion() -> None:
    guard = Guard()
    for n in range(NAMES - 1):
        guard.tried(PHONE, str(n), 0.0)
    guard.vouch(PHONE, 0.0)
    guard.tried(PHONE, "another", 0.0)
    assert guard.admits(b"x", NEIGHBOUR, 0.0) is Admission.LATER


def stranger(number: int) -> Flow:
    return Flow(Transport.UDP, LOCAL, (f"198.51.100.{number}", 5060))


def test_strangers_are_read_in_what_time_is_left_over() -> None:
    """A message of 1 ms each: as many a second as the share allows, and fewer when we are late."""
    served = []
    for is_late in (False, True):
        guard, now, count = Guard(), 0.0, 0
        guard.spent(BURST, now)
        for step in range(10_000):
            now = step / 1_000
            guard.admits(b"x", stranger(step % 250), now)
            if step % 100 == 0:
                guard.measured(1.0 if is_late else 0.0)
            if guard.next_waiting(now):
                count += 1
                guard.spent(0.001, now)
        served.append(count)
    assert served[0] == pytest.approx(10 * MOST / 0.001, rel=0.02)
    assert 10 * LEAST / 0.001 <= served[1] < served[0] / 8


def test_a_new_phone_is_read_soon_among_hundreds_who_flood() -> None:
    guard = Guard()
    guard.spent(BURST, 0.0)
    phone = Flow(Transport.UDP, LOCAL, ("203.0.113.99", 5060))
    for step in range(10_000):
        now = step / 5_000
        guard.admits(b"flood", stranger(step % 250), now)
        if step == 2_500:
            assert guard.admits(b"phone", phone, now) is Admission.LATER
        if waiting := guard.next_waiting(now):
            guard.spent(0.0005, now)
            if waiting == (b"phone", phone):
                assert now < 1.5  # a second, in which 5,000 came and 400 were read
                return
    pytest.fail("the phone was not read")


def test_nobody_waits_no_pause() -> None:
    guard = Guard()
    assert guard.pause(0.0) is None and guard.next_waiting(0.0) is None
    guard.admits(b"x", BAD, 0.0)
    assert guard.pause(0.0) == 0.0
    guard.spent(2 * BURST, 0.0)
    pause = guard.pause(0.0)
    assert pause and guard.next_waiting(pause - 0.001) is None
    assert guard.next_waiting(pause + 0.001) == (b"x", BAD)


def late(guard: Guard) -> Guard:
    for _ in range(40):
        guard.measured(5.0)
    return guard


def is_shed(guard: Guard, new: Request) -> bool:
    refused = guard.refuses(new, BAD, 0.0)
    assert refused is None or dict(refused.headers)["Retry-After"].isdigit()
    return refused is not None and refused.status == 503


def test_strangers_are_challenged_without_state() -> None:
    """RFC 3261 8.2.7; phones that proved themselves and trunks are asked with state, or not."""
    guard = Guard()
    guard.challenge = lambda _request, _flow, _now: Refusal(401)
    guard.is_trunk = lambda flow: flow == TRUNK
    guard.vouch(PHONE, 0.0)
    for method in ("INVITE", "REGISTER", "SUBSCRIBE", "MESSAGE"):
        assert guard.refuses(request(method), BAD, 0.0) == Refusal(401)
        assert guard.refuses(request(method), NEIGHBOUR, 0.0) == Refusal(401)
        assert guard.refuses(request(method), PHONE, 0.0) is None
        assert guard.refuses(request(method), TRUNK, 0.0) is None
    assert guard.refuses(request("OPTIONS"), BAD, 0.0) is None
    signed = request()
    signed.headers.add("Authorization", "Digest x=y")
    assert guard.refuses(signed, BAD, 0.0) is None


def test_overload_sheds_new_work_alone() -> None:
    guard = late(Guard())
    shed = [is_shed(guard, request()) for _ in range(100)]
    assert shed.count(True) >= 98 and guard.counters["shed"] == shed.count(True)
    for method in ("BYE", "OPTIONS", "NOTIFY", "REFER"):
        assert not any(is_shed(guard, request(method)) for _ in range(20))
    assert not is_shed(Guard(), request())


@pytest.mark.parametrize("uri", ["sip:112@x", "tel:112", "urn:service:sos"])
def test_calls_for_help_always_pass(uri: str) -> None:
    guard = late(Guard())
    assert not any(is_shed(guard, request(uri=uri)) for _ in range(300))


def test_another_version_of_the_office_begins_anew() -> None:
    guard = Guard()
    many_names(guard, BAD)
    guard.forgive()
    assert guard.admits(b"x", BAD, 1.0) is Admission.LATER
    assert guard.next_waiting(1.0)
    guard.expire(10**6)
    assert not any(used for name, (used, _) in guard.sizes().items() if name != "guard friends")


def send_for(guard: Guard, flow: Flow, a_second: int, seconds: float, begin: float = 0.0) -> int:
    """How many of so many a second were read at once."""
    count = int(a_second * seconds)
    return sum(
        guard.admits(b"x", flow, begin + step / a_second) is Admission.NOW for step in range(count)
    )


def test_a_friend_who_goes_mad_waits_his_turn_until_he_is_calm() -> None:
    guard = Guard()
    for flow in (PHONE, NEIGHBOUR):
        guard.vouch(flow, 0.0)
    assert send_for(guard, PHONE, int(FRIEND_RATE), 60.0) == 60 * FRIEND_RATE, (
        "his bound is no limit"
    )
    read = send_for(guard, PHONE, 2_000, 10.0, begin=60.0)
    assert read <= FRIEND_BURST + FRIEND_RATE * 10
    assert guard.counters["restless"] == 20_000 - read
    assert guard.admits(b"x", NEIGHBOUR, 70.0) is Admission.NOW, "another phone of his address"
    assert guard.admits(b"x", PHONE, 70.0) is not Admission.NOW, "his order is kept"
    assert guard.admits(b"x", PHONE, 70.0 + CALM_AFTER + 0.1) is Admission.NOW
    assert guard.is_friend(PHONE, 80.0), "and nobody was dropped"


def test_what_a_mad_friend_sends_is_read_in_its_order_and_beside_the_others() -> None:
    guard = Guard()
    guard.vouch(PHONE, 0.0)
    send_for(guard, PHONE, 100_000, 0.1)
    while guard.next_waiting(0.1):
        pass
    for number in range(5):
        guard.admits(f"{number}".encode(), PHONE, 0.2)
    guard.admits(b"stranger", stranger(1), 0.2)
    served = []
    while waiting := guard.next_waiting(0.2):
        served.append(waiting[0])
    assert served.index(b"stranger") <= 2
    assert [one for one in served if one != b"stranger"] == [b"0", b"1", b"2", b"3", b"4"]


def test_a_trunk_has_a_bound_that_no_office_reaches() -> None:
    guard = Guard()
    guard.sources.use_servers({("192.0.2.1", None)})
    assert send_for(guard, TRUNK, 4_000, 5.0) == 20_000
    other_port = Flow(Transport.UDP, LOCAL, ("192.0.2.1", 40_000))
    assert send_for(guard, other_port, 40_000, 2.0, begin=5.0) < 80_000, "one bound for an address"


def test_a_proxy_of_ours_may_send_for_all_phones() -> None:
    guard = Guard(["203.0.113.0/24"])
    guard.vouch(PHONE, 0.0)
    assert send_for(guard, PHONE, 5_000, 4.0) == 20_000


@pytest.mark.parametrize(
    ("line", "is_read"),
    [
        (b"INVITE sip:112@x SIP/2.0\r\n", True),
        (b"INVITE sip:112;phone-context=x@y SIP/2.0\r\n", True),
        (b"INVITE tel:112 SIP/2.0\r\n", True),
        (b"INVITE urn:service:sos SIP/2.0\r\n", True),
        (b"INVITE sip:113@x SIP/2.0\r\n", False),
        (b"INVITE sip:112112@x SIP/2.0\r\n", False),
        (b"OPTIONS sip:112@x SIP/2.0\r\n", False),
        (b"INVITE " + b"s" * 5_000, False),
        (b"\xff\x00", False),
    ],
)
def test_a_call_for_help_is_read_at_once_also_from_a_mad_phone(line: bytes, is_read: bool) -> None:
    guard = Guard()
    guard.vouch(PHONE, 0.0)
    send_for(guard, PHONE, 100_000, 0.1)
    assert (guard.admits(line, PHONE, 0.2) is Admission.NOW) is is_read


def test_calls_for_help_have_a_bound_too() -> None:
    """A phone whose loop dials 112 blocks nobody either."""
    guard = Guard()
    guard.vouch(PHONE, 0.0)
    send_for(guard, PHONE, 100_000, 0.1)
    help_line = b"INVITE sip:112@x SIP/2.0\r\n"
    read = [guard.admits(help_line, PHONE, 0.2 + step / 1_000) for step in range(1_000)]
    assert HELP_BURST <= read.count(Admission.NOW) <= HELP_BURST + HELP_RATE + 1


def test_who_is_restless_is_told_once() -> None:
    guard, told = Guard(), []
    guard.sources.on_restless = told.append
    guard.vouch(PHONE, 0.0, 1_000.0)
    for begin in (0.0, 30.0):
        send_for(guard, PHONE, 100_000, 0.1, begin)
    assert told == [PHONE.remote]
    guard.expire(200.0)
    assert guard.sizes()["guard restless"][0] == 0
    send_for(guard, PHONE, 100_000, 0.1, 200.0)
    assert told == [PHONE.remote] * 2
