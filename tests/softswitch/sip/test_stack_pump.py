"""The whole stack is linear, too: long messages, and many of one kind, cost what they weigh."""

import time
from itertools import count

import pytest

from softswitch.sip.message import Response
from softswitch.sip.stack import Stack, StackConfig
from tests.helpers.desk import PHONE
from tests.helpers.pump import TRIES, fill, is_linear

HEAD = "INVITE sip:desk@192.0.2.2 SIP/2.0\r\n"
MANDATORY = (
    "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\nMax-Forwards: 70\r\nCSeq: 1 INVITE\r\n"
    "From: <sip:phone@192.0.2.1>;tag=1\r\nTo: <sip:desk@192.0.2.2>\r\nCall-ID: c1\r\n"
)
WORST = [
    ("", "X: y\r\n"),
    ("", "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK\r\n"),
    ("Via: ", "SIP/2.0/UDP 192.0.2.1,"),
    ("Via: SIP/2.0/UDP 192.0.2.1", ";a=b"),
    ("Contact: ", "<sip:a@b>,"),
    ("Contact: ", "<"),
    ("Contact: ", '"\\'),
    ("Record-Route: ", "<sip:a;lr>,"),
    ("Route: <sip:a", ";lr"),
    ("Require: ", "a,"),
    ("Require: ", ","),
    ("To: ", " "),
    ("X: ", "\r\n "),
    ("Content-Length: ", "0"),
    ("Max-Forwards: ", "9"),
    ("CSeq: ", " 1"),
]


def fresh() -> Stack:
    numbers = count()
    return Stack(StackConfig(), lambda: f"token{next(numbers):08}")


@pytest.mark.parametrize(("prefix", "unit"), WORST)
def test_pump_one_long_message(prefix: str, unit: str) -> None:
    def receive(value: str) -> None:
        stack = fresh()
        stack.receive((HEAD + MANDATORY + value + "\r\n\r\n").encode(), PHONE, 0.0)
        stack.take()

    assert is_linear(receive, fill(prefix, unit))


def request(branch: int, call: str = "c1", cseq: int = 1) -> bytes:
    """One of many that differ in little."""
    return (
        HEAD + f"Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK{branch}\r\nMax-Forwards: 70\r\n"
        f"CSeq: {cseq} INVITE\r\nFrom: <sip:phone@192.0.2.1>;tag=1\r\nTo: <sip:desk@192.0.2.2>\r\n"
        f"Call-ID: {call}\r\nContact: <sip:phone@192.0.2.1>\r\n\r\n"
    ).encode()


FLOODS = {
    "one Call-ID, new branches": lambda n: request(n),
    "one Call-ID, new numbers": lambda n: request(n, cseq=n + 1),
    "new Call-IDs": lambda n: request(n, call=f"c{n}"),
    "repeats": lambda _: request(1),
    "compact": lambda n: request(n).replace(b"Call-ID", b"i").replace(b"Via", b"v"),
}


def cost(flood: str, start: int, size: int, stack: Stack) -> float:
    packets = [FLOODS[flood](start + n) for n in range(size)]
    began = time.process_time()
    for data in packets:
        stack.receive(data, PHONE, 0.0)
        stack.take()
    return time.process_time() - began


@pytest.mark.parametrize("flood", FLOODS)
def test_pump_the_thousandth_costs_what_the_first_did(flood: str) -> None:
    """A flood of one kind: no table is walked from end to end for each of its packets."""
    assert any(late_cost(flood) < 4 for _ in range(TRIES))


def late_cost(flood: str) -> float:
    """Times as much as at first that packets cost behind two thousand others."""
    stack = fresh()
    early, _ = cost(flood, 0, 200, stack), cost(flood, 200, 2_000, stack)
    return cost(flood, 2_200, 200, stack) / max(early, 0.001)


@pytest.mark.parametrize("flood", FLOODS)
def test_a_flood_leaves_nothing(flood: str) -> None:
    stack, now = fresh(), 0.0
    cost(flood, 0, 300, stack)
    for key in list(stack._servers.transactions):
        transaction = stack._servers.transactions.get(key)
        if transaction is not None and transaction.invite is not None:
            stack.send(Response.answering(transaction.invite, 503), key, now)
    while (deadline := stack.deadline) is not None:
        now = max(now, deadline)
        stack.tick(now)
        stack.take()
    assert not any(stack.dump().values())
