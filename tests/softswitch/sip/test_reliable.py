"""RSeq and RAck: both machines, in virtual time, with losses, repeats and wrong order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softswitch.sip.errors import ParseError
from softswitch.sip.headers import CSeq
from softswitch.sip.message import Headers, Request, Response
from softswitch.sip.reliable import (
    MAX_WAITING,
    RAck,
    ReliableReceiver,
    ReliableSender,
    Step,
    Verdict,
    Wish,
    rack_for,
    rseq_of,
)
from softswitch.sip.transaction import TimerConfig
from softswitch.sip.uri import parse_uri

INVITE = CSeq(7, "INVITE")
FIRST = 41


def sender() -> ReliableSender:
    return ReliableSender(TimerConfig(), FIRST, INVITE)


def response(status: int = 183, body: bytes = b"", *lines: tuple[str, str]) -> Response:
    headers = Headers()
    headers.add("CSeq", str(INVITE))
    for name, value in lines:
        headers.add(name, value)
    return Response(status, "Whatever", headers, body)


def reliable(rseq: int | str) -> Response:
    return response(180, b"", ("Require", "100rel"), ("RSeq", str(rseq)))


def invite(*lines: tuple[str, str]) -> Request:
    headers = Headers()
    for name, value in lines:
        headers.add(name, value)
    return Request("INVITE", parse_uri("sip:a@example.com"), headers)


class TestValues:
    @pytest.mark.parametrize(
        ("lines", "wish"),
        [
            ((), Wish.NO),
            ((("Supported", "replaces, 100Rel"),), Wish.SUPPORTED),
            ((("Supported", "replaces"), ("Supported", "timer,100rel")), Wish.SUPPORTED),
            ((("Require", "100rel"), ("Supported", "100rel")), Wish.REQUIRED),
            ((("Supported", "100relx"),), Wish.NO),
        ],
    )
    def test_wish(self, lines: tuple[tuple[str, str], ...], wish: Wish) -> None:
        assert Wish.of(invite(*lines)) is wish

    def test_rack(self) -> None:
        assert str(RAck.parse(" 776656  1 INVITE ")) == "776656 1 INVITE"

    @pytest.mark.parametrize(
        "text", ["", "1", "0 1 INVITE", "x 1 INVITE", f"{2**31} 1 INVITE", "1 x INVITE", "1 2"]
    )
    def test_bad_rack(self, text: str) -> None:
        with pytest.raises(ParseError):
            RAck.parse(text)

    @given(st.text(max_size=40))
    def test_nothing_but_parse_errors(self, text: str) -> None:
        try:
            again = RAck.parse(text)
        except ParseError:
            return
        assert RAck.parse(str(again)) == again

    @pytest.mark.parametrize("rseq", ["", "0", "-1", "one", str(2**40)])
    def test_a_bad_rseq_is_none(self, rseq: str) -> None:
        assert rseq_of(reliable(rseq)) is None
        assert ReliableReceiver().take(reliable(rseq)) is Verdict.UNRELIABLE


class TestSender:
    def test_repeats_double_from_t1_without_a_ceiling_until_the_end(self) -> None:
        machine = sender()
        assert machine.send(response(), 0.0) is not None
        times, now = [], 0.0
        while True:
            now = machine.deadline
            step = machine.expire(now)
            if step is Step.GIVE_UP:
                break
            assert step is Step.REPEAT
            times.append(now)
        assert times == [0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
        assert now == 32.0
        assert machine.deadline == float("inf")

    def test_a_prack_stops_it(self) -> None:
        machine = sender()
        sent = machine.send(response(body=b"v=0"), 0.0)
        assert sent is not None and sent.headers.get("RSeq") == str(FIRST)
        assert sent.headers.get("Require") == "100rel"
        assert machine.holds_back_success
        assert machine.acknowledged(RAck(FIRST, INVITE)) is sent
        assert not machine.holds_back_success
        assert machine.expire(100.0) is Step.NOTHING
        assert machine.acknowledged(RAck(FIRST, INVITE)) is None  # once more: 481

    @pytest.mark.parametrize(
        "rack",
        [RAck(FIRST + 1, INVITE), RAck(FIRST, CSeq(8, "INVITE")), RAck(FIRST, CSeq(7, "UPDATE"))],
    )
    def test_a_prack_of_something_else_changes_nothing(self, rack: RAck) -> None:
        machine = sender()
        machine.send(response(), 0.0)
        assert machine.acknowledged(rack) is None
        assert machine.expire(0.5) is Step.REPEAT

    def test_one_at_a_time_in_order(self) -> None:
        machine = sender()
        first, second, third = response(180), response(183, b"v=0"), response(181)
        assert machine.send(first, 0.0) is first
        assert machine.send(second, 0.1) is None and machine.send(third, 0.2) is None
        assert machine.next(0.3) is None
        assert not machine.holds_back_success
        assert machine.acknowledged(RAck(FIRST, INVITE)) is first
        assert machine.next(1.0) is second
        assert second.headers.get("RSeq") == str(FIRST + 1)
        assert machine.deadline == 1.5
        assert machine.holds_back_success
        assert machine.acknowledged(RAck(FIRST + 1, INVITE)) is second
        assert machine.next(2.0) is third and machine.next(2.0) is None

    def test_the_queue_is_bounded(self) -> None:
        machine = sender()
        for _ in range(MAX_WAITING + 5):
            machine.send(response(), 0.0)
        count, rseq = 0, FIRST
        while machine.acknowledged(RAck(rseq, INVITE)) is not None:
            count, rseq = count + 1, rseq + 1
            machine.next(0.0)
        assert count == MAX_WAITING + 1

    def test_after_the_final_response_a_late_prack_is_still_known(self) -> None:
        machine = sender()
        machine.send(response(180), 0.0)
        machine.send(response(183), 0.0)
        machine.stop()
        assert machine.expire(50.0) is Step.NOTHING
        assert machine.acknowledged(RAck(FIRST, INVITE)) is not None
        assert machine.next(1.0) is None


class TestReceiver:
    def test_in_order_once(self) -> None:
        machine = ReliableReceiver()
        assert machine.take(reliable(7)) is Verdict.NEW
        assert machine.take(reliable(7)) is Verdict.REPEATED
        assert machine.take(reliable(9)) is Verdict.OUT_OF_ORDER
        assert machine.take(reliable(8)) is Verdict.NEW
        assert machine.take(reliable(7)) is Verdict.REPEATED
        assert machine.take(reliable(9)) is Verdict.NEW
        assert machine.take(response(180)) is Verdict.UNRELIABLE

    def test_rseq_without_require_is_not_reliable(self) -> None:
        machine = ReliableReceiver()
        assert machine.take(response(180, b"", ("RSeq", "1"))) is Verdict.UNRELIABLE

    def test_the_rack_names_the_invite(self) -> None:
        assert rack_for(reliable(3)) == RAck(3, INVITE)


@given(st.lists(st.sampled_from(["lost", "on time", "twice"]), max_size=60), st.integers(1, 6))
def test_back_to_back_over_a_bad_line(fates: list[str], responses: int) -> None:
    """Whatever is lost or repeated, each response is processed once and in order, or all ends."""
    machine, receiver = sender(), ReliableReceiver()
    chance = iter(fates)
    statuses = [180 + number for number in range(responses)]
    heard: list[int] = []
    now = 0.0
    for status in statuses:
        machine.send(response(status), now)
    on_way = machine.on_way
    pracks: list[RAck] = []
    while on_way is not None and now < 500:
        fate = next(chance, "on time")
        for _ in range({"lost": 0, "on time": 1, "twice": 2}[fate]):
            verdict = receiver.take(on_way)
            if verdict is Verdict.NEW:
                heard.append(on_way.status)
                pracks.append(rack_for(on_way))
        # The PRACK's own transaction repeats it until it arrives, sooner or later.
        if pracks and next(chance, "on time") != "lost":
            machine.acknowledged(pracks[-1])
            machine.next(now)
            machine.acknowledged(pracks[-1])
        else:
            now = machine.deadline
            if machine.expire(now) is Step.GIVE_UP:
                assert heard == statuses[: len(heard)]
                return
        on_way = machine.on_way
    assert heard == statuses
