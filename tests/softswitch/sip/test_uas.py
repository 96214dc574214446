"""Requests of others: refusals, repeats, merged ones, requests inside dialogs, overload."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from softswitch.sip.configuration import DEFAULT_METHODS
from softswitch.sip.message import Response, parse_message
from softswitch.sip.stack import (
    AckReceived,
    Cancelled,
    FailureCause,
    Limits,
    MessageRejected,
    RequestReceived,
    ResponseReceived,
    Send,
    StackConfig,
    TransactionFailed,
)
from tests.helpers.desk import Desk, text
from tests.helpers.wire import (
    LONG,
    LOST,
    Wire,
    call,
    hang_up,
    request,
)


@pytest.fixture
def wire() -> Iterator[Wire]:
    wire = Wire()
    yield wire
    wire.run(LONG)
    wire.assert_empty()


class TestRefusals:
    @pytest.mark.parametrize(
        ("data", "status", "header"),
        [
            (text("PRACK"), 405, "Allow"),
            (text("DANCE"), 501, "Allow"),
            (text(uri="http://example.com/"), 416, None),
            (text(extra="Require: replaces, precondition\nRequire: foo"), 420, "Unsupported"),
            (text(version="SIP/3.0"), 505, None),
            (text("BYE", to_tag="nobody"), 481, None),
            (text("INVITE", to_tag="nobody"), 481, None),
        ],
    )
    def test_by_the_stack(self, data: bytes, status: int, header: str | None) -> None:
        methods = tuple(method for method in DEFAULT_METHODS if method != "PRACK")
        desk = Desk(StackConfig(methods=methods))
        outputs = desk.feed(data)
        sends = [each for each in outputs if isinstance(each, Send)]
        assert len(sends) == 1
        response = parse_message(sends[0].data)
        assert isinstance(response, Response)
        assert response.status == status
        assert response.to.tag
        assert response.via.branch == "z9hG4bK1"
        assert header is None or header in response.headers
        (rejected,) = [each for each in outputs if isinstance(each, MessageRejected)]
        assert rejected.status == status
        assert not any(isinstance(each, RequestReceived) for each in outputs)

    def test_420_names_what_is_unknown(self) -> None:
        response = Desk().reply(text(extra="Require: replaces, precondition\nRequire: foo"))
        assert response is not None
        assert response.headers.get("Unsupported") == "precondition, foo"

    def test_an_invite_without_hops_left_is_483_and_options_is_not(self) -> None:
        spent = text("INVITE").replace(b"Max-Forwards: 70", b"Max-Forwards: 0")
        response = Desk().reply(spent)
        assert response is not None and response.status == 483
        options = text("OPTIONS").replace(b"Max-Forwards: 70", b"Max-Forwards: 0")
        assert any(isinstance(each, RequestReceived) for each in Desk().feed(options))

    @pytest.mark.parametrize(
        "bad", [b"CSeq: x OPTIONS", b"CSeq: 1 INVITE", b"CSeq: 1 OPTIONS\r\nContact: <x"]
    )
    def test_malformed_is_400_without_state(self, bad: bytes) -> None:
        desk = Desk()
        data = text().replace(b"CSeq: 1 OPTIONS", bad)
        sent, rejected = desk.feed(data)
        assert isinstance(rejected, MessageRejected) and rejected.status == 400
        assert isinstance(sent, Send) and sent.data.startswith(b"SIP/2.0 400 ")
        assert b"Call-ID: c1\r\n" in sent.data and b";tag=" in sent.data.split(b"To:")[1]
        assert not any(desk.stack.dump().values())

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"\0\1\2\3",
            b"hello",
            b"SIP/2.0 200 OK\r\n\r\n",
            b"OPTIONS sip:a SIP/2.0\r\n\r\n",
            text("ACK").replace(b"CSeq: 1 ACK", b"CSeq: x"),
            text("ACK", to_tag="nobody"),
            text().replace(b"CSeq: 1 OPTIONS\r\n", b""),
        ],
    )
    def test_what_is_never_answered(self, data: bytes) -> None:
        desk = Desk()
        assert not any(isinstance(each, Send) for each in desk.feed(data))

    def test_a_repeat_of_a_stateless_refusal_has_the_same_tag(self) -> None:
        desk = Desk()
        first, second = desk.reply(text("DANCE")), desk.reply(text("DANCE"))
        assert first is not None and second is not None
        assert first.to_bytes() == second.to_bytes()
        other = desk.reply(text("DANCE", branch="z9hG4bK2"))
        assert other is not None and other.to.tag != first.to.tag

    def test_merged_requests(self) -> None:
        desk = Desk()
        assert desk.reply(text("INVITE", branch="z9hG4bKa")) is None
        merged = desk.reply(text("INVITE", branch="z9hG4bKb"))
        assert merged is not None and merged.status == 482
        # The same way again is a repeat, and gets the 100 again.
        (again,) = desk.feed(text("INVITE", branch="z9hG4bKa"))
        assert isinstance(again, Send) and again.data.startswith(b"SIP/2.0 100")
        assert desk.reply(text("INVITE", branch="z9hG4bKc", cseq=2)) is None

    def test_the_answer_to_a_late_request_of_the_stack_repeats(self) -> None:
        desk = Desk()
        first = desk.reply(text("BYE", to_tag="nobody"))
        second = desk.reply(text("BYE", to_tag="nobody"))
        assert first is not None and second is not None
        assert first.to_bytes() == second.to_bytes()
        assert desk.stack.dump()["server_transactions"] == 1

    def test_a_register_with_a_to_tag_is_no_dialog(self) -> None:
        outputs = Desk().feed(text("REGISTER", to_tag="x"))
        assert isinstance(outputs[0], RequestReceived)

    def test_overload_sheds_new_work_without_state(self) -> None:
        desk = Desk(StackConfig(limits=Limits(transactions=3)))
        for number in range(3):
            assert desk.reply(text(branch=f"z9hG4bK{number}", cseq=number + 1)) is None
        shed = desk.reply(text(branch="z9hG4bKx", cseq=9))
        assert shed is not None and shed.status == 503
        assert shed.headers.get("Retry-After") == "5"
        assert desk.stack.dump()["server_transactions"] == 3
        assert desk.stack.counters["shed"] == 1

    def test_too_many_dialogs_shed_new_calls_only(self) -> None:
        desk = Desk(StackConfig(limits=Limits(dialogs=1)))
        invite = desk.feed(text("INVITE"))[-1]
        assert isinstance(invite, RequestReceived)
        desk.stack.send(Response.answering(invite.request, 180), invite.key, 0.0)
        desk.stack.take()
        assert len(desk.stack.dialogs) == 1
        shed = desk.reply(text("INVITE", branch="z9hG4bK2", cseq=2))
        assert shed is not None and shed.status == 503
        assert desk.reply(text("OPTIONS", branch="z9hG4bK3", cseq=3)) is None

    def test_our_own_requests_are_bounded_too(self) -> None:
        wire = Wire(left=StackConfig(limits=Limits(transactions=8)))
        keys = [
            wire.left.send(request("OPTIONS", wire.left, wire.right, cseq=n), wire.right.hop)
            for n in range(1, 11)
        ]
        assert wire.left.events == [TransactionFailed(keys[-1], FailureCause.TRANSPORT)]
        assert len(wire.sent) == 9


class TestInDialog:
    def test_491_while_our_own_reinvite_is_pending(self, wire: Wire) -> None:
        call(wire, 200)
        wire.left.on_event = wire.right.on_event = None
        for peer in (wire.left, wire.right):
            (dialog,) = peer.stack.dialogs.values()
            assert dialog.flow is not None
            peer.send(dialog.request("INVITE"), dialog.flow)
        wire.run(1.0)
        assert wire.left.heard[1:] == ["MessageRejected", "491 INVITE"]
        assert wire.right.heard[2:] == ["MessageRejected", "491 INVITE"]
        hang_up(wire, wire.left)
        wire.right.answer(wire.right.got(RequestReceived)[-1], 200)

    def test_500_with_retry_after_for_overlapping_invites(self, wire: Wire) -> None:
        call(wire, 180)
        wire.left.on_event = None
        (dialog,) = wire.left.stack.dialogs.values()
        assert dialog.flow is not None
        wire.left.send(dialog.request("INVITE"), dialog.flow)
        wire.run(0.0)
        refused = wire.left.got(ResponseReceived)[-1].response
        assert refused.status == 500
        assert 0 <= int(refused.headers.get("Retry-After") or "-1") <= 10
        wire.right.answer(wire.right.got(RequestReceived)[0], 486)

    def test_500_for_a_lower_cseq(self) -> None:
        desk = Desk()
        invite = desk.feed(text("INVITE", cseq=5))[-1]
        assert isinstance(invite, RequestReceived)
        desk.stack.send(Response.answering(invite.request, 200, to_tag="t"), invite.key, 0.0)
        desk.stack.take()
        low = desk.reply(text("INFO", branch="z9hG4bKi", to_tag="t", cseq=4))
        assert low is not None and low.status == 500
        assert desk.reply(text("INFO", branch="z9hG4bKj", to_tag="t", cseq=9)) is None
        gap = desk.reply(text("INFO", branch="z9hG4bKk", to_tag="t", cseq=8))
        assert gap is not None and gap.status == 500

    def test_after_forget_requests_get_481(self, wire: Wire) -> None:
        call(wire, 200)
        for dialog in list(wire.right.stack.dialogs):
            wire.right.stack.forget(dialog)
        hang_up(wire, wire.left)
        assert wire.left.heard[-1] == "481 BYE"

    def test_a_bye_that_nobody_answers_ends_the_dialog(self, wire: Wire) -> None:
        call(wire, 200)
        wire.fate = lambda _: LOST
        hang_up(wire, wire.left)
        assert wire.left.stack.dialogs
        wire.run(33.0)
        assert wire.left.heard[-1] == "TransactionFailed"
        assert not wire.left.stack.dialogs
        for dialog in list(wire.right.stack.dialogs):
            wire.right.stack.forget(dialog)

    def test_an_adopted_dialog_is_found(self, wire: Wire) -> None:
        call(wire, 200)
        (dialog,) = wire.right.stack.dialogs.values()
        wire.right.stack.forget(dialog.id)
        wire.right.stack.adopt(dialog)
        hang_up(wire, wire.left)
        assert wire.left.heard[-1] == "200 BYE"

    def test_a_request_in_an_early_dialog_does_not_end_it(self, wire: Wire) -> None:
        call(wire, 180)
        (dialog,) = wire.left.stack.dialogs.values()
        assert dialog.flow is not None
        wire.left.send(dialog.request("INFO"), dialog.flow)
        wire.run(50.0)
        assert wire.left.heard == ["180 INVITE", "200 INFO"]
        assert len(wire.right.stack.dialogs) == len(wire.left.stack.dialogs) == 1
        wire.right.answer(wire.right.got(RequestReceived)[0], 486)

    def test_an_answer_after_the_answer_is_dropped(self, wire: Wire) -> None:
        call(wire, 486)
        (invite,) = wire.right.got(RequestReceived)
        wire.right.answer(invite, 200)
        wire.run(1.0)
        assert wire.right.stack.counters["late answers"] == 1
        assert wire.left.heard == ["486 INVITE"]


class TestMatching:
    def test_a_stranger_with_the_branch_of_another_is_not_taken_for_it(self) -> None:
        desk = Desk()
        desk.feed(text("OPTIONS"))
        outputs = desk.feed(text("OPTIONS", via="192.0.2.9:5060", cseq=2))
        assert isinstance(outputs[0], RequestReceived)

    def test_rfc_2543_repeats_and_ack(self) -> None:
        desk = Desk()
        invite = desk.feed(text("INVITE", branch=None))[-1]
        assert isinstance(invite, RequestReceived)
        assert len(desk.feed(text("INVITE", branch=None))) == 1  # the 100 again
        desk.stack.send(Response.answering(invite.request, 486, to_tag="ours"), invite.key, 0.0)
        desk.stack.take()
        desk.feed(text("ACK", branch=None, to_tag="other"))
        assert desk.stack.deadline == 0.5  # still repeating
        desk.feed(text("ACK", branch=None, to_tag="ours"))
        assert desk.stack.deadline == 5.0  # timer I

    def test_rfc_2543_cancel(self) -> None:
        desk = Desk()
        desk.feed(text("INVITE", branch="old"))
        outputs = desk.feed(text("CANCEL", branch="old"))
        assert any(isinstance(each, Cancelled) for each in outputs)

    def test_rfc_2543_call(self) -> None:
        desk = Desk()
        invite = desk.feed(text("INVITE", branch=None))[-1]
        assert isinstance(invite, RequestReceived)
        desk.stack.send(Response.answering(invite.request, 200, to_tag="ours"), invite.key, 0.0)
        desk.stack.take()
        (ack,) = desk.feed(text("ACK", branch=None, to_tag="ours"))
        assert isinstance(ack, AckReceived)
        (bye, *_) = desk.feed(text("BYE", branch=None, to_tag="ours", cseq=2))
        assert isinstance(bye, RequestReceived) and bye.dialog is ack.dialog
