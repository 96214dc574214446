"""Whole calls over a good wire and a bad one, the clocks, and nothing left behind."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from random import Random

import pytest

from softswitch.sip.dialog import DialogState
from softswitch.sip.message import Request, Response, parse_message
from softswitch.sip.stack import (
    AckMissing,
    AckReceived,
    FailureCause,
    Flow,
    Hop,
    MessageRejected,
    RequestReceived,
    ResponseReceived,
    StackConfig,
    TimerConfig,
    TransactionFailed,
    Transport,
)
from tests.helpers.desk import Desk, text
from tests.helpers.wire import (
    LONG,
    LOST,
    ON_TIME,
    TWICE,
    Packet,
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


class TestCall:
    @pytest.mark.parametrize("transport", Transport)
    @pytest.mark.parametrize("who", ["left", "right"])
    def test_from_invite_to_bye(self, transport: Transport, who: str) -> None:
        wire = Wire(transport)
        call(wire, 180, 200)
        assert wire.left.heard == ["180 INVITE", "200 INVITE"]
        assert wire.right.heard == ["INVITE", "ACK"]
        assert len(wire.left.stack.dialogs) == len(wire.right.stack.dialogs) == 1
        hang_up(wire, getattr(wire, who))
        assert not wire.left.stack.dialogs and not wire.right.stack.dialogs
        wire.run(LONG)
        expected = ["INVITE", "100 INVITE", "180 INVITE", "200 INVITE", "ACK", "BYE", "200 BYE"]
        assert [packet.what for packet in wire.sent] == expected
        wire.assert_empty()

    def test_the_dialog_is_told_with_each_event(self, wire: Wire) -> None:
        call(wire, 180, 200)
        ringing, answer = wire.left.got(ResponseReceived)
        assert ringing.dialog is answer.dialog is not None
        assert answer.dialog.state is DialogState.CONFIRMED
        (ack,) = wire.right.got(AckReceived)
        assert ack.dialog.state is DialogState.CONFIRMED
        assert ack.dialog.id.local_tag == answer.dialog.id.remote_tag
        (invite,) = wire.right.got(RequestReceived)
        assert wire.right.stack.dialog_of(invite.key) is ack.dialog
        hang_up(wire, wire.left)
        assert wire.right.got(RequestReceived)[-1].dialog is ack.dialog
        assert ack.dialog.id not in wire.right.stack.dialogs

    def test_both_hang_up_at_once(self, wire: Wire) -> None:
        call(wire, 200)
        for peer in (wire.left, wire.right):
            (dialog,) = peer.stack.dialogs.values()
            assert dialog.flow is not None
            peer.send(dialog.request("BYE"), dialog.flow)
        wire.run(1.0)
        assert wire.left.heard[-2:] == ["BYE", "200 BYE"]
        assert wire.right.heard[-2:] == ["BYE", "200 BYE"]

    def test_a_refused_call_leaves_no_dialog(self, wire: Wire) -> None:
        call(wire, 180, 486)
        assert wire.left.heard == ["180 INVITE", "486 INVITE"]
        assert not wire.left.stack.dialogs and not wire.right.stack.dialogs
        assert [packet.what for packet in wire.sent][-2:] == ["486 INVITE", "ACK"]

    def test_a_reinvite_and_its_target_refresh(self, wire: Wire) -> None:
        call(wire, 200)
        (dialog,) = wire.left.stack.dialogs.values()
        assert dialog.flow is not None
        again = dialog.request("INVITE", (("Contact", "<sip:moved@192.0.2.1:5060>"),))
        wire.left.send(again, dialog.flow)
        wire.run(0.0)
        assert wire.left.heard == ["200 INVITE", "200 INVITE"]
        assert wire.right.heard == ["INVITE", "ACK", "INVITE", "ACK"]
        (far,) = wire.right.stack.dialogs.values()
        assert str(far.remote_target) == "sip:moved@192.0.2.1:5060"
        hang_up(wire, wire.right)

    def test_an_info_inside_the_call(self, wire: Wire) -> None:
        call(wire, 200)
        (dialog,) = wire.right.stack.dialogs.values()
        assert dialog.flow is not None
        wire.right.send(dialog.request("INFO"), dialog.flow)
        wire.run(0.0)
        assert wire.left.got(RequestReceived)[0].dialog is not None
        assert wire.right.heard[-1] == "200 INFO"
        hang_up(wire, wire.right)


CALL = ["INVITE", "100 INVITE", "180 INVITE", "200 INVITE", "ACK", "BYE", "200 BYE"]


def whole_call(wire: Wire) -> None:
    """A call of ten seconds, and everything after it."""
    call(wire, 180, 200)
    wire.run(10.0)
    for dialog in list(wire.left.stack.dialogs.values()):
        assert dialog.flow is not None
        wire.left.send(dialog.request("BYE"), dialog.flow)
    wire.run(LONG)
    assert wire.left.heard[-2:] == ["200 INVITE", "200 BYE"]
    assert set(wire.left.heard[:-2]) <= {"180 INVITE"}
    assert wire.right.heard == ["INVITE", "ACK", "BYE"]
    wire.assert_empty()


class TestBadWire:
    @pytest.mark.parametrize("name", CALL)
    @pytest.mark.parametrize("times", [1, 2, 3])
    def test_each_message_lost(self, name: str, times: int) -> None:
        wire = Wire()
        wire.fate = lose(name, *range(1, times + 1))
        whole_call(wire)

    @pytest.mark.parametrize("name", CALL)
    @pytest.mark.parametrize("delays", [TWICE, (0.7,), (0.0, 0.7), (0.0, 3.0, 9.0)])
    def test_each_message_repeated_or_late(self, name: str, delays: tuple[float, ...]) -> None:
        wire = Wire()
        wire.fate = lambda packet: delays if (packet.what, packet.nth) == (name, 1) else ON_TIME
        whole_call(wire)

    @pytest.mark.parametrize("order", list(permutations((0.0, 0.1, 0.2))))
    def test_the_three_responses_in_any_order(self, order: tuple[float, ...]) -> None:
        wire = Wire()
        delays = dict(zip(("100 INVITE", "180 INVITE", "200 INVITE"), order, strict=True))
        wire.fate = lambda packet: (delays.get(packet.what, 0.0),)
        whole_call(wire)

    def test_everything_twice(self) -> None:
        wire = Wire()
        wire.fate = lambda _: TWICE
        whole_call(wire)

    @pytest.mark.parametrize("seed", range(40))
    def test_a_third_lost_a_tenth_repeated_all_jumbled(self, seed: int) -> None:
        wire, random = Wire(), Random(seed)

        def fate(_: Packet) -> tuple[float, ...]:
            if random.random() < 0.33:
                return LOST
            copies = 2 if random.random() < 0.1 else 1
            return tuple(random.random() * 0.4 for _ in range(copies))

        wire.fate = fate
        call(wire, 180, 200)
        wire.run(20.0)
        for dialog in list(wire.left.stack.dialogs.values()):
            assert dialog.flow is not None
            wire.left.send(dialog.request("BYE"), dialog.flow)
        wire.run(LONG)
        for peer in (wire.left, wire.right):
            for dialog in list(peer.stack.dialogs.values()):
                peer.stack.forget(dialog.id)
        wire.run(LONG)
        for name in ("INVITE", "ACK", "BYE"):
            assert wire.right.heard.count(name) <= 1
        for name in ("200 INVITE", "200 BYE"):
            assert wire.left.heard.count(name) <= 1
        wire.assert_empty()


class TestTimers:
    def test_an_invite_into_nothing(self, wire: Wire) -> None:
        wire.fate = lambda _: LOST
        key = wire.left.send(request("INVITE", wire.left, wire.right), wire.right.hop)
        wire.run(40.0)
        assert wire.times(wire.left, "INVITE") == [0.0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
        assert wire.left.events == [TransactionFailed(key, FailureCause.TIMEOUT)]

    def test_an_options_into_nothing(self, wire: Wire) -> None:
        wire.fate = lambda _: LOST
        wire.left.send(request("OPTIONS", wire.left, wire.right), wire.right.hop)
        wire.run(40.0)
        expected = [0.0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
        assert wire.times(wire.left, "OPTIONS") == expected
        assert wire.left.heard == ["TransactionFailed"]

    @pytest.mark.parametrize("transport", [Transport.UDP, Transport.TCP])
    def test_a_2xx_without_ack_is_repeated_over_any_transport(self, transport: Transport) -> None:
        wire = Wire(transport)
        wire.fate = lose("ACK")
        call(wire, 200)
        wire.run(40.0)
        expected = [0.0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
        assert wire.times(wire.right, "200 INVITE") == expected
        assert wire.times(wire.left, "ACK") == expected
        assert wire.left.heard == ["200 INVITE"]
        (missing,) = wire.right.got(AckMissing)
        assert missing.key == wire.right.got(RequestReceived)[0].key
        assert missing.dialog.state is DialogState.CONFIRMED
        hang_up(wire, wire.right)
        wire.run(LONG)
        wire.assert_empty()

    def test_a_refusal_without_ack(self, wire: Wire) -> None:
        wire.fate = lose("ACK")
        call(wire, 486)
        wire.run(40.0)
        assert len(wire.times(wire.right, "486 INVITE")) == 11
        assert len(wire.times(wire.left, "ACK")) == 11
        assert wire.left.heard == ["486 INVITE"]
        assert wire.right.got(TransactionFailed)[0].cause is FailureCause.TIMEOUT

    def test_a_bye_stops_the_repeats_of_the_2xx(self, wire: Wire) -> None:
        wire.fate = lose("ACK")
        call(wire, 200)
        wire.run(1.0)
        hang_up(wire, wire.left)
        wire.run(LONG)
        assert len(wire.times(wire.right, "200 INVITE")) == 2
        assert not wire.right.got(AckMissing)

    def test_ringing_is_refreshed_each_minute(self, wire: Wire) -> None:
        call(wire, 180)
        wire.run(130.0)
        assert wire.times(wire.right, "180 INVITE") == [0.0, 60.0, 120.0]
        wire.right.answer(wire.right.got(RequestReceived)[0], 486)

    def test_own_timers(self) -> None:
        wire = Wire(left=StackConfig(timers=TimerConfig(t1=0.1, t2=0.4, t4=0.5)))
        wire.fate = lambda _: LOST
        wire.left.send(request("OPTIONS", wire.left, wire.right), wire.right.hop)
        wire.run(6.3)
        assert wire.times(wire.left, "OPTIONS")[:5] == pytest.approx([0.0, 0.1, 0.3, 0.7, 1.1])
        assert not wire.left.events
        wire.run(0.2)
        assert wire.left.heard == ["TransactionFailed"]

    def test_the_deadline_is_exact(self, wire: Wire) -> None:
        assert wire.left.stack.deadline is None
        wire.fate = lambda _: LOST
        wire.left.send(request("INVITE", wire.left, wire.right), wire.right.hop)
        for expected in (0.5, 1.5, 3.5, 7.5, 15.5, 31.5, 32.0):
            assert wire.left.stack.deadline == expected
            wire.run(expected - wire.now)
        assert wire.left.stack.deadline is None


class TestTransport:
    def test_a_key_that_could_not_be_sent(self, wire: Wire) -> None:
        wire.fate = lambda _: LOST
        key = wire.left.send(request("INVITE", wire.left, wire.right), wire.right.hop)
        wire.left.stack.transport_failed(key, 0.0)
        wire.collect()
        assert wire.left.events == [TransactionFailed(key, FailureCause.TRANSPORT)]

    def test_a_hop_that_is_gone_takes_all_that_goes_there(self) -> None:
        wire = Wire(Transport.TCP)
        wire.fate = lambda _: LOST
        other = Hop(Transport.TCP, "192.0.2.77", 5060)
        flow = Flow(Transport.TCP, ("192.0.2.1", 4000), ("192.0.2.2", 5060), 3)
        gone = [
            wire.left.send(request("INVITE", wire.left, wire.right), wire.right.hop),
            wire.left.send(request("OPTIONS", wire.left, wire.right), flow),
        ]
        wire.left.send(request("OPTIONS", wire.left, wire.right, cseq=2), other)
        wire.left.stack.transport_failed(wire.right.hop, 0.0)
        wire.collect()
        assert [event.key for event in wire.left.got(TransactionFailed)] == gone

    def test_a_dead_connection_takes_the_hop_that_led_to_it(self) -> None:
        wire = Wire(Transport.TCP)
        wire.fate = lambda _: LOST
        key = wire.left.send(request("INVITE", wire.left, wire.right), wire.right.hop)
        flow = Flow(Transport.TCP, ("192.0.2.1", 4000), ("192.0.2.2", 5060), 3)
        wire.left.stack.transport_failed(flow, 0.0)
        wire.collect()
        assert wire.left.events == [TransactionFailed(key, FailureCause.TRANSPORT)]

    def test_an_answer_that_could_not_be_sent(self, wire: Wire) -> None:
        call(wire, 180)
        (invite,) = wire.right.got(RequestReceived)
        wire.fate = lambda _: LOST
        wire.right.answer(invite, 486)
        wire.right.stack.transport_failed(invite.key, wire.now)
        wire.collect()
        assert wire.right.got(TransactionFailed)[0].key == invite.key
        assert not wire.right.stack.dialogs
        wire.left.stack.transport_failed(wire.right.hop, wire.now)


class TestHostileBytes:
    SIGNS = b'\0\n\r"<>;,=: \xff@'

    def spoil(self, data: bytes, random: Random) -> bytes:
        spoilt = bytearray(data)
        for _ in range(random.randint(1, 4)):
            at = random.randrange(len(spoilt))
            how = random.randrange(4)
            if how == 0:
                spoilt[at] = random.choice(self.SIGNS)
            elif how == 1:
                del spoilt[at : at + random.randint(1, 8)]
            elif how == 2:
                spoilt[at:at] = bytes([random.choice(self.SIGNS)])
            else:
                spoilt[at:at] = spoilt[random.randrange(len(spoilt)) :][: random.randint(1, 30)]
        return bytes(spoilt)

    @pytest.mark.parametrize("seed", range(20))
    def test_spoilt_requests_are_harmless(self, seed: int) -> None:
        random = Random(seed)
        more = "Require: a\nRecord-Route: <sip:a;lr>\nRoute: <sip:a>"
        good = [text("INVITE"), text("BYE", to_tag="x"), text("CANCEL"), text(extra=more)]
        for _ in range(60):
            desk = Desk()
            desk.feed(good[0])
            for output in desk.feed(self.spoil(random.choice(good), random)):
                if isinstance(output, RequestReceived):
                    answer = Response.answering(output.request, 200)
                    desk.stack.send(answer, output.key, 0.0)

    @pytest.mark.parametrize("seed", range(20))
    def test_spoilt_responses_are_harmless(self, seed: int) -> None:
        random = Random(seed)
        for _ in range(30):
            wire = Wire()
            wire.fate = lambda _: LOST
            wire.left.on_event = phone()
            wire.left.send(request("INVITE", wire.left, wire.right), wire.right.hop)
            sent = parse_message(wire.sent[0].data)
            assert isinstance(sent, Request)
            response = Response.answering(sent, random.choice([180, 200, 404]), to_tag="t")
            response.headers.add("Contact", "<sip:b@192.0.2.2>")
            response.headers.add("Record-Route", "<sip:p1;lr>, <sip:p2;lr>")
            spoilt = self.spoil(response.to_bytes(), random)
            wire.left.stack.receive(spoilt, wire.flow(wire.left, wire.right), 0.0)
            wire.collect()
            for dialog in list(wire.left.stack.dialogs):
                wire.left.stack.forget(dialog)
            wire.left.stack.transport_failed(wire.right.hop, 0.0)
            wire.run(LONG)
            wire.assert_empty()

    @pytest.mark.parametrize("sign", [b"\0", b"\r", b"\n"])
    @pytest.mark.parametrize("place", [b"Via: ", b"From: ", b"Call-ID: ", b"SIP/2.0"])
    def test_a_stray_control_character_is_never_echoed(self, sign: bytes, place: bytes) -> None:
        desk = Desk()
        (rejected,) = desk.feed(text("INVITE").replace(place, place + b"x" + sign + b"y", 1))
        assert isinstance(rejected, MessageRejected) and rejected.status is None
