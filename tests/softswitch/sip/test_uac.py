"""Our requests: Via, cancelling, forks, responses of strangers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from softswitch.sip.dialog import DialogState
from softswitch.sip.message import Request, Response, parse_message
from softswitch.sip.stack import (
    Cancelled,
    FailureCause,
    RequestReceived,
    ResponseReceived,
    TransactionFailed,
)
from tests.helpers.desk import PHONE
from tests.helpers.wire import (
    LONG,
    LOST,
    Wire,
    call,
    hang_up,
    lose,
    phone,
    request,
)


@pytest.fixture
def wire() -> Iterator[Wire]:
    wire = Wire()
    yield wire
    wire.run(LONG)
    wire.assert_empty()


class TestOutgoing:
    def test_the_same_request_twice_has_one_via_each_time(self, wire: Wire) -> None:
        wire.right.on_event = phone()
        options = request("OPTIONS", wire.left, wire.right)
        wire.left.send(options, wire.right.hop)
        options.headers.set("CSeq", "2 OPTIONS")
        wire.left.send(options, wire.right.hop)
        wire.run(0.0)
        assert wire.left.heard == ["200 OPTIONS", "200 OPTIONS"]
        assert "Via" not in options.headers
        for packet in wire.sent:
            message = parse_message(packet.data)
            assert len(message.vias) == 1

    def test_via_and_the_rest(self, wire: Wire) -> None:
        wire.right.on_event = phone()
        wire.left.send(request("OPTIONS", wire.left, wire.right), wire.right.hop)
        wire.run(0.0)
        sent, reply = (parse_message(packet.data) for packet in wire.sent)
        via = sent.headers.get("Via")
        assert via is not None
        assert via.startswith("SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK") and ";rport" in via
        assert sent.headers.get("User-Agent") == reply.headers.get("Server") == "softswitch"
        assert reply.to.tag

    def test_the_wrong_target_is_a_mistake_of_the_caller(self, wire: Wire) -> None:
        call(wire, 486)
        (invite,) = wire.right.got(RequestReceived)
        with pytest.raises(ValueError):
            wire.right.stack.send(Response.answering(invite.request, 200), PHONE, 0.0)
        with pytest.raises(ValueError):
            wire.right.stack.send(invite.request, invite.key, 0.0)


class TestCancel:
    def test_while_it_rings(self, wire: Wire) -> None:
        wire.right.on_event = phone(180)
        key = wire.left.send(request("INVITE", wire.left, wire.right), wire.right.hop)
        wire.run(1.0)
        wire.left.cancel(key, 'SIP;cause=200;text="Call completed elsewhere"')
        wire.run(0.0)
        (cancelled,) = wire.right.got(Cancelled)
        (invite,) = wire.right.got(RequestReceived)
        assert cancelled.key == invite.key
        assert "elsewhere" in (cancelled.request.headers.get("Reason") or "")
        assert wire.sent[-1].what == "200 CANCEL"
        wire.right.answer(invite, 487)
        wire.run(0.0)
        assert wire.left.heard == ["180 INVITE", "487 INVITE"]
        assert not wire.left.stack.dialogs and not wire.right.stack.dialogs
        tags = {parse_message(each.data).to.tag for each in wire.sent if each.what[0] in "124"}
        assert len(tags - {None}) == 1

    def test_waits_for_a_provisional(self, wire: Wire) -> None:
        wire.fate = lose("INVITE", 1)
        key = wire.left.send(request("INVITE", wire.left, wire.right), wire.right.hop)
        wire.left.cancel(key)
        wire.run(0.4)
        assert wire.times(wire.left, "CANCEL") == []
        wire.run(0.2)
        assert wire.times(wire.left, "CANCEL") == [0.5]
        wire.right.answer(wire.right.got(RequestReceived)[0], 487)
        wire.run(0.0)
        assert wire.left.heard == ["487 INVITE"]

    def test_crosses_with_the_answer(self, wire: Wire) -> None:
        wire.left.on_event = phone()
        key = wire.left.send(request("INVITE", wire.left, wire.right), wire.right.hop)
        wire.run(1.0)
        wire.delay = 0.1
        (invite,) = wire.right.got(RequestReceived)
        wire.right.answer(invite, 200)
        wire.left.cancel(key)
        wire.run(1.0)
        assert not wire.right.got(Cancelled)
        assert "200 CANCEL" in [packet.what for packet in wire.sent]
        assert wire.left.heard == ["200 INVITE"]
        assert wire.right.heard == ["INVITE", "ACK"]
        hang_up(wire, wire.left)
        wire.run(1.0)

    def test_late_ringing_is_not_delivered(self, wire: Wire) -> None:
        key = wire.left.send(request("INVITE", wire.left, wire.right), wire.right.hop)
        wire.run(1.0)
        wire.left.cancel(key)
        wire.run(0.0)
        (invite,) = wire.right.got(RequestReceived)
        wire.right.answer(invite, 180)
        wire.run(0.0)
        assert wire.left.heard == []
        assert wire.left.stack.counters["late provisionals"] == 1
        wire.right.answer(invite, 487)

    def test_an_invite_that_never_ends_is_given_up(self, wire: Wire) -> None:
        key = wire.left.send(request("INVITE", wire.left, wire.right), wire.right.hop)
        wire.run(1.0)
        wire.left.cancel(key)
        wire.run(31.9)
        assert wire.left.events == []
        wire.run(0.2)
        assert wire.left.events == [TransactionFailed(key, FailureCause.TIMEOUT)]
        wire.right.answer(wire.right.got(RequestReceived)[0], 487)

    def test_after_the_end_does_nothing(self, wire: Wire) -> None:
        wire.right.on_event = phone(486)
        key = wire.left.send(request("INVITE", wire.left, wire.right), wire.right.hop)
        wire.run(0.0)
        wire.left.cancel(key)
        wire.run(1.0)
        assert wire.times(wire.left, "CANCEL") == []

    def test_repeated_and_lost(self, wire: Wire) -> None:
        wire.right.on_event = phone(180)
        wire.fate = lose("200 CANCEL", 1, 2)
        key = wire.left.send(request("INVITE", wire.left, wire.right), wire.right.hop)
        wire.run(1.0)
        wire.left.cancel(key)
        wire.left.cancel(key)
        wire.run(5.0)
        assert len(wire.times(wire.left, "CANCEL")) == 3
        assert len(wire.right.got(Cancelled)) == 1
        wire.right.answer(wire.right.got(RequestReceived)[0], 487)

    def test_of_nothing_is_481(self, wire: Wire) -> None:
        cancel = request("CANCEL", wire.left, wire.right)
        cancel.headers.prepend("Via", "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKnone")
        wire.left.send(cancel, wire.right.hop)
        wire.run(0.0)
        assert wire.left.heard == ["481 CANCEL"]
        assert wire.right.heard == ["MessageRejected"]


def answer(invite: Request, status: int, tag: str) -> bytes:
    """What a fork behind a proxy would send."""
    response = Response.answering(invite, status, to_tag=tag)
    response.headers.add("Contact", f"<sip:{tag}@192.0.2.2>")
    return response.to_bytes()


class TestForks:
    def invite(self, wire: Wire) -> Request:
        wire.fate = lambda _: LOST
        wire.left.on_event = phone()
        wire.left.send(request("INVITE", wire.left, wire.right), wire.right.hop)
        sent = parse_message(wire.sent[0].data)
        assert isinstance(sent, Request)
        return sent

    def feed(self, wire: Wire, data: bytes) -> None:
        wire.left.stack.receive(data, wire.flow(wire.left, wire.right), wire.now)
        wire.collect()

    def test_each_fork_is_a_dialog(self, wire: Wire) -> None:
        invite = self.invite(wire)
        for status, tag in ((180, "a"), (180, "b"), (183, "c"), (200, "a"), (200, "b")):
            self.feed(wire, answer(invite, status, tag))
        dialogs = [event.dialog for event in wire.left.got(ResponseReceived)]
        assert all(dialogs)
        assert [each.id.remote_tag for each in dialogs if each] == ["a", "b", "c", "a", "b"]
        assert len(wire.left.stack.dialogs) == 3
        assert len(wire.times(wire.left, "ACK")) == 2
        # A repeat of either is answered with its own ACK and not told again.
        self.feed(wire, answer(invite, 200, "b"))
        self.feed(wire, answer(invite, 200, "a"))
        acks = [parse_message(each.data) for each in wire.sent if each.what == "ACK"]
        assert [ack.to.tag for ack in acks] == ["a", "b", "b", "a"]
        assert len(wire.left.got(ResponseReceived)) == 5
        # 13.2.2.4: what has not answered 64*T1 after the first 2xx is over.
        wire.run(33.0)
        assert {each.remote_tag for each in wire.left.stack.dialogs} == {"a", "b"}
        for dialog in list(wire.left.stack.dialogs):
            wire.left.stack.forget(dialog)

    def test_a_failure_ends_all_early_ones(self, wire: Wire) -> None:
        invite = self.invite(wire)
        for status, tag in ((180, "a"), (180, "b"), (404, "c")):
            self.feed(wire, answer(invite, status, tag))
        assert wire.left.stack.dialogs == {}
        assert wire.left.got(ResponseReceived)[-1].dialog is None

    def test_one_that_was_silent_may_still_answer_after_the_first(self, wire: Wire) -> None:
        invite = self.invite(wire)
        self.feed(wire, answer(invite, 200, "a"))
        # A proxy that forwards another one's refusal behind a 2xx breaks 16.7; nothing follows.
        self.feed(wire, answer(invite, 486, "b"))
        late = Response.answering(invite, 200, to_tag="c").to_bytes()  # without a Contact
        self.feed(wire, late)
        assert [each.response.status for each in wire.left.got(ResponseReceived)] == [200, 200]
        assert len(wire.times(wire.left, "ACK")) == 2
        (dialog,) = (each for each in wire.left.stack.dialogs.values() if each.id.remote_tag == "c")
        assert (dialog.local_cseq, dialog.remote_target) == (invite.cseq.number, invite.uri)
        for each in list(wire.left.stack.dialogs):
            wire.left.stack.forget(each)

    def test_they_are_bounded(self, wire: Wire) -> None:
        invite = self.invite(wire)
        for number in range(40):
            self.feed(wire, answer(invite, 180, f"early{number}"))
        assert len(wire.left.stack.dialogs) == 16
        for number in range(40):
            self.feed(wire, answer(invite, 200, f"up{number}"))
        confirmed = [
            each for each in wire.left.stack.dialogs.values() if each.state is DialogState.CONFIRMED
        ]
        assert len(confirmed) == 16
        for dialog in confirmed:
            wire.left.stack.forget(dialog.id)

    def test_the_2xx_has_the_last_word_on_the_route_set(self, wire: Wire) -> None:
        invite = self.invite(wire)
        self.feed(wire, answer(invite, 180, "a"))
        route = b"Record-Route: <sip:p2;lr>, <sip:p1;lr>\r\nContact"
        self.feed(wire, answer(invite, 200, "a").replace(b"Contact", route))
        (dialog,) = wire.left.stack.dialogs.values()
        assert [str(each.uri) for each in dialog.route_set] == ["sip:p1;lr", "sip:p2;lr"]
        wire.left.stack.forget(dialog.id)


class TestStrangers:
    def test_responses_of_strangers_are_dropped_and_counted(self, wire: Wire) -> None:
        wire.fate = lambda _: LOST
        wire.left.send(request("OPTIONS", wire.left, wire.right), wire.right.hop)
        sent = parse_message(wire.sent[0].data)
        assert isinstance(sent, Request)
        good = Response.answering(sent, 200, to_tag="x").to_bytes()
        flow = wire.flow(wire.left, wire.right)
        forgeries = [
            good.replace(b"branch=z9hG4bK", b"branch=z9hG4bKx"),
            good.replace(b"1 OPTIONS", b"1 INFO"),
            good.replace(b"Via: SIP/2.0/UDP 192.0.2.1:5060", b"Via: SIP/2.0/UDP 192.0.2.9:5060"),
            good.replace(b"From:", b"Via: SIP/2.0/UDP 203.0.113.1;branch=z9hG4bKz\r\nFrom:"),
        ]
        for forged in forgeries:
            wire.left.stack.receive(forged, flow, wire.now)
        wire.collect()
        assert wire.left.events == []
        assert wire.left.stack.counters["stray responses"] == len(forgeries)
        wire.left.stack.receive(good, flow, wire.now)
        wire.collect()
        assert wire.left.heard == ["200 OPTIONS"]
