"""Where responses go, and what is written into Via."""

from __future__ import annotations

from softswitch.sip.message import parse_message
from softswitch.sip.stack import (
    Flow,
    RequestReceived,
    Send,
    Transport,
)
from tests.helpers.desk import PHONE, Desk, text


class TestRouting:
    def target(self, via: str, flow: Flow) -> tuple[object, str]:
        """Where a response goes, and its Via."""
        desk = Desk()
        invite = desk.feed(text("INVITE", via=via), flow)[0]
        assert isinstance(invite, Send)
        return invite.target, parse_message(invite.data).headers.get("Via") or ""

    def test_from_where_it_says(self) -> None:
        target, via = self.target("192.0.2.1:5060", PHONE)
        assert target == PHONE
        assert via == "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1"

    def test_behind_nat_with_rport(self) -> None:
        flow = Flow(Transport.UDP, ("192.0.2.2", 5060), ("198.51.100.7", 40000))
        target, via = self.target("192.168.1.5:5060;rport", flow)
        assert target == flow
        assert ";rport=40000" in via and ";received=198.51.100.7" in via

    def test_behind_nat_without_rport(self) -> None:
        flow = Flow(Transport.UDP, ("192.0.2.2", 5060), ("198.51.100.7", 40000))
        target, via = self.target("192.168.1.5:5060", flow)
        assert target == flow
        assert "rport" not in via and ";received=198.51.100.7" in via

    def test_a_phone_that_listens_elsewhere_than_it_sends_from(self) -> None:
        flow = Flow(Transport.UDP, ("192.0.2.2", 5060), ("192.0.2.1", 40000))
        target, _ = self.target("192.0.2.1:5062", flow)
        assert target == Flow(Transport.UDP, ("192.0.2.2", 5060), ("192.0.2.1", 5062))
        target, _ = self.target("192.0.2.1", flow)
        assert target == Flow(Transport.UDP, ("192.0.2.2", 5060), ("192.0.2.1", 5060))

    def test_a_connection_is_answered_on_itself(self) -> None:
        flow = Flow(Transport.TCP, ("192.0.2.2", 5060), ("192.0.2.1", 40000), 7)
        target, _ = self.target("192.0.2.1:5060", flow)
        assert target == flow

    def test_a_forged_received_is_overwritten(self) -> None:
        target, via = self.target("192.0.2.1:5060;received=203.0.113.9;rport=99", PHONE)
        assert target == PHONE
        assert "203.0.113.9" not in via and "rport=5060" in via

    def test_maddr_is_not_obeyed(self) -> None:
        target, _ = self.target("192.0.2.1:5060;maddr=203.0.113.9", PHONE)
        assert target == PHONE

    def test_ipv6(self) -> None:
        flow = Flow(Transport.UDP, ("2001:db8::2", 5060), ("2001:db8::1", 5060))
        target, via = self.target("[2001:db8::1]:5060", flow)
        assert target == flow
        assert "received" not in via

    def test_the_other_vias_are_untouched(self) -> None:
        desk = Desk()
        flow = Flow(Transport.UDP, ("192.0.2.2", 5060), ("198.51.100.7", 40000))
        data = text("INVITE", via="p1.example.com;rport").replace(
            b"\r\nMax-Forwards",
            b", SIP/2.0/UDP  p2.example.com;branch=z9hG4bKq\r\n"
            b"v: SIP/2.0/UDP p3;branch=b\r\nMax-Forwards",
        )
        invite = desk.feed(data, flow)[-1]
        assert isinstance(invite, RequestReceived)
        assert [via.host for via in invite.request.vias] == [
            "p1.example.com",
            "p2.example.com",
            "p3",
        ]
        assert invite.request.via.received == "198.51.100.7"
