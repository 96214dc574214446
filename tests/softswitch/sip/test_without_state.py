"""Requests answered without state (RFC 3261 8.2.7): nothing is kept, nothing is sent twice."""

import pytest

from softswitch.sip.admission import Refusal
from softswitch.sip.configuration import StackConfig
from softswitch.sip.flow import Flow
from softswitch.sip.message import Request, Response, parse_message
from softswitch.sip.stack import MessageRejected, RequestReceived, Send
from tests.helpers.desk import Desk, text

ASKED = Refusal(401, (("WWW-Authenticate", 'Digest realm="x", nonce="1"'),))


def challenged(request: Request, flow: Flow, now: float) -> Refusal | None:
    return None if "Authorization" in request.headers else ASKED


def run_out(desk: Desk) -> list[object]:
    """Everything that happens by itself until nothing does any more."""
    outputs: list[object] = []
    while (deadline := desk.stack.deadline) is not None:
        desk.now = deadline
        desk.stack.tick(deadline)
        outputs += desk.stack.take()
    return outputs


@pytest.mark.parametrize("method", ["INVITE", "REGISTER", "MESSAGE"])
def test_a_challenge_leaves_nothing(method: str) -> None:
    """And there is no 100, which would stop the repeats that a lost 401 needs."""
    desk = Desk(StackConfig(refuses=challenged))
    sent, told = desk.feed(text(method))
    assert isinstance(sent, Send) and isinstance(told, MessageRejected)
    answer = parse_message(sent.data)
    assert isinstance(answer, Response) and answer.status == 401 and answer.to.tag
    assert answer.headers.get("WWW-Authenticate") == ASKED.headers[0][1]
    again = parse_message(desk.feed(text(method))[0].data)  # type: ignore[attr-defined]
    assert again.to.tag == answer.to.tag
    assert not desk.feed(text("ACK", to_tag=str(answer.to.tag)))
    assert not any(desk.stack.dump().values())


def test_credentials_and_dialogs_are_not_asked() -> None:
    desk = Desk(StackConfig(refuses=challenged))
    outputs = desk.feed(text("INVITE", extra="Authorization: Digest a=b"))
    assert any(isinstance(output, RequestReceived) for output in outputs)
    reply = desk.reply(text("BYE", to_tag="x", branch="z9hG4bK2", cseq=2))
    assert reply is not None and reply.status == 481  # its dialog is not there, whoever he is


@pytest.mark.parametrize("method", ["INVITE", "REGISTER"])
def test_who_is_dismissed_is_forgotten(method: str) -> None:
    desk = Desk()
    (event,) = (one for one in desk.feed(text(method)) if isinstance(one, RequestReceived))
    desk.stack.dismiss(Response.answering(event.request, 401), event.key, desk.now)
    (sent,) = desk.stack.take()
    assert isinstance(sent, Send) and b" 401 " in sent.data
    assert desk.stack.dump()["server_transactions"] == 0
    assert not run_out(desk), "nothing is sent again, nobody is told of a missing ACK"
    assert not any(desk.stack.dump().values())
    # A repeat is a new request.
    assert any(isinstance(one, RequestReceived) for one in desk.feed(text(method)))


def test_who_was_answered_is_not_dismissed() -> None:
    desk = Desk()
    (event,) = (one for one in desk.feed(text("REGISTER")) if isinstance(one, RequestReceived))
    desk.stack.send(Response.answering(event.request, 200), event.key, desk.now)
    desk.stack.take()
    desk.stack.dismiss(Response.answering(event.request, 401), event.key, desk.now)
    assert not desk.stack.take()
    assert desk.stack.counters["late answers"] == 1
