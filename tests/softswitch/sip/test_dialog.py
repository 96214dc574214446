"""Dialogs on their own: identifiers, route sets, sequence numbers, targets (RFC 3261 12)."""

from __future__ import annotations

import pytest

from softswitch.sip.dialog import Dialog, DialogId, DialogState
from softswitch.sip.flow import Flow, Transport
from softswitch.sip.message import Headers, Request, Response
from softswitch.sip.uri import parse_uri

TLS = Flow(Transport.TLS, ("192.0.2.2", 5061), ("192.0.2.1", 40000), 1)
UDP = Flow(Transport.UDP, ("192.0.2.2", 5060), ("192.0.2.1", 5060))
ROUTES = ("<sip:p1.example.com;lr>, <sip:p2.example.com;lr>", "<sip:p3.example.com;lr>")


def invite(uri: str = "sip:bob@example.com", cseq: int = 7, tag: str | None = "a") -> Request:
    headers = Headers()
    headers.add("Via", "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1")
    headers.add("From", '"Ala, \\"K\\"" <sip:ala@example.com>' + (f";tag={tag}" if tag else ""))
    headers.add("To", "<sip:bob@example.com>")
    headers.add("Call-ID", "c1")
    headers.add("CSeq", f"{cseq} INVITE")
    headers.add("Contact", "<sip:ala@192.0.2.1:5070>")
    for route in ROUTES:
        headers.add("Record-Route", route)
    return Request("INVITE", parse_uri(uri), headers)


def reply(
    request: Request, status: int, tag: str | None = "b", contact: str | None = "sip:bob@192.0.2.2"
) -> Response:
    response = Response.answering(request, status, to_tag=tag)
    if contact is not None:
        response.headers.add("Contact", f"<{contact}>")
    return response


def uac(status: int = 200) -> Dialog:
    request = invite()
    return Dialog.uac(request, reply(request, status), UDP)


def uas(status: int = 200) -> Dialog:
    request = invite()
    return Dialog.uas(request, reply(request, status), UDP)


def test_a_caller_s_dialog() -> None:
    dialog = uac(180)
    assert dialog.id == DialogId("c1", "a", "b")
    assert dialog.state is DialogState.EARLY
    assert dialog.is_uac
    assert (dialog.local.tag, dialog.remote.tag) == ("a", "b")
    assert (dialog.local_cseq, dialog.remote_cseq) == (7, None)
    assert str(dialog.remote_target) == "sip:bob@192.0.2.2"
    hosts = [route.uri.host for route in dialog.route_set]  # type: ignore[union-attr]
    assert hosts == ["p3.example.com", "p2.example.com", "p1.example.com"]
    assert dialog.flow is UDP


def test_a_called_one_s_dialog() -> None:
    dialog = uas(180)
    assert dialog.id == DialogId("c1", "b", "a")
    assert not dialog.is_uac
    assert (dialog.local.tag, dialog.remote.tag) == ("b", "a")
    assert (dialog.local_cseq, dialog.remote_cseq) == (None, 7)
    assert str(dialog.remote_target) == "sip:ala@192.0.2.1:5070"
    hosts = [route.uri.host for route in dialog.route_set]  # type: ignore[union-attr]
    assert hosts == ["p1.example.com", "p2.example.com", "p3.example.com"]


def test_both_sides_agree() -> None:
    request = invite()
    response = reply(request, 200)
    ours, theirs = Dialog.uac(request, response), Dialog.uas(request, response)
    assert DialogId.of_response(response) == ours.id
    bye = ours.request("BYE")
    assert DialogId.of_request(bye) == theirs.id
    assert theirs.receive(bye) is None
    assert DialogId.of_request(theirs.request("BYE")) == ours.id


def test_a_request_inside() -> None:
    request = uac().request("INFO", (("Content-Type", "text/plain"),), b"5")
    assert str(request.uri) == "sip:bob@192.0.2.2"
    assert request.headers.all("Route") == [
        "<sip:p3.example.com;lr>",
        "<sip:p2.example.com;lr>",
        "<sip:p1.example.com;lr>",
    ]
    assert request.headers.get("From") == '"Ala, \\"K\\"" <sip:ala@example.com>;tag=a'
    assert request.headers.get("To") == "<sip:bob@example.com>;tag=b"
    assert request.headers.get("CSeq") == "8 INFO"
    assert request.headers.get("Max-Forwards") == "70"
    assert request.headers.get("Content-Type") == "text/plain"
    assert request.body == b"5"
    assert "Via" not in request.headers


def test_sequence_numbers_rise_by_one() -> None:
    dialog = uas()
    assert [dialog.request("INFO").cseq.number for _ in range(3)] == [1, 2, 3]
    dialog = uac()
    assert [dialog.request("INFO").cseq.number for _ in range(3)] == [8, 9, 10]


def test_an_ack_has_the_number_of_its_invite() -> None:
    dialog = uac()
    dialog.request("INFO")
    ack = dialog.ack(7, (("Authorization", "x"),))
    assert ack.headers.get("CSeq") == "7 ACK"
    assert ack.headers.get("Authorization") == "x"
    assert dialog.local_cseq == 8


@pytest.mark.parametrize(("number", "status"), [(6, 500), (8, None), (900, None)])
def test_the_order_of_received_requests(number: int, status: int | None) -> None:
    dialog = uas()
    info = uac().request("INFO")
    info.headers.set("CSeq", f"{number} INFO")
    assert dialog.receive(info) == status
    assert dialog.remote_cseq == (7 if status else number)


def test_the_first_received_request_of_a_caller_may_have_any_number() -> None:
    dialog = uac()
    info = uas().request("INFO")
    info.headers.set("CSeq", "1 INFO")
    assert dialog.receive(info) is None
    assert dialog.remote_cseq == 1


@pytest.mark.parametrize(("method", "moves"), [("INVITE", True), ("UPDATE", True), ("INFO", False)])
def test_the_target_is_refreshed(method: str, moves: bool) -> None:
    dialog = uas()
    request = uac().request(method, (("Contact", "<sip:new@192.0.2.9>"),))
    dialog.receive(request, TLS)
    expected = "sip:new@192.0.2.9" if moves else "sip:ala@192.0.2.1:5070"
    assert str(dialog.remote_target) == expected
    assert dialog.flow is TLS


def test_a_2xx_confirms_and_learns_anew() -> None:
    request = invite()
    dialog = Dialog.uac(request, reply(request, 180), UDP)
    answer = reply(request, 200, contact="sip:other@192.0.2.3")
    answer.headers.remove("Record-Route")
    dialog.confirm(answer, TLS)
    assert dialog.state is DialogState.CONFIRMED
    assert dialog.route_set == ()
    assert str(dialog.remote_target) == "sip:other@192.0.2.3"
    assert dialog.flow is TLS


def test_a_later_2xx_moves_the_target_only() -> None:
    dialog = uac()
    answer = reply(invite(), 200, contact="sip:other@192.0.2.3")
    answer.headers.remove("Record-Route")
    dialog.confirm(answer)
    assert len(dialog.route_set) == 3
    assert str(dialog.remote_target) == "sip:other@192.0.2.3"


def test_without_a_contact_the_request_uri_stays() -> None:
    request = invite("sip:bob@example.com;user=phone")
    dialog = Dialog.uac(request, reply(request, 180, contact=None))
    assert str(dialog.remote_target) == "sip:bob@example.com;user=phone"


def test_a_phone_without_a_tag() -> None:
    request = invite(tag=None)
    dialog = Dialog.uas(request, reply(request, 200))
    assert dialog.id == DialogId("c1", "b", "")
    assert "tag" not in (dialog.request("BYE").headers.get("To") or "")


def test_a_strict_router() -> None:
    request = invite()
    response = reply(request, 200)
    response.headers.remove("Record-Route")
    response.headers.add("Record-Route", "<sip:p1;lr>, <sip:strict.example.com;method=INVITE?a=b>")
    dialog = Dialog.uac(request, response)
    bye = dialog.request("BYE")
    assert str(bye.uri) == "sip:strict.example.com"
    assert bye.headers.all("Route") == ["<sip:p1;lr>", "<sip:bob@192.0.2.2>"]
    assert str(dialog.next_hop).startswith("sip:strict.example.com")


def test_the_next_hop() -> None:
    assert str(uac().next_hop) == "sip:p3.example.com;lr"
    request = invite()
    request.headers.remove("Record-Route")
    dialog = Dialog.uas(request, reply(request, 200))
    assert str(dialog.next_hop) == "sip:ala@192.0.2.1:5070"


@pytest.mark.parametrize(
    ("uri", "flow", "secure"),
    [("sips:b@x", TLS, True), ("sips:b@x", UDP, False), ("sip:b@x", TLS, False)],
)
def test_secure_is_sips_over_tls(uri: str, flow: Flow, secure: bool) -> None:
    request = invite(uri)
    assert Dialog.uas(request, reply(request, 200), flow).secure is secure


def test_after_the_end_requests_can_still_be_built() -> None:
    dialog = uac()
    dialog.end()
    assert dialog.state is DialogState.ENDED
    assert dialog.request("BYE").method == "BYE"
