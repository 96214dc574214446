"""A story of a stack: good and wounded messages, a user who answers as he likes, time that jumps.

Follow-ups are made of what the stack itself sent (tags, branches, Contacts), so that wounds reach
deep into dialogs and transactions. At the end the user answers what is open, lets his dialogs go
and time pass; then the stack must be empty.
"""

from itertools import count
from random import Random

from softswitch.sip.errors import ParseError
from softswitch.sip.message import Headers, Request, Response, parse_message
from softswitch.sip.stack import (
    AckReceived,
    Flow,
    Hop,
    RequestReceived,
    ResponseReceived,
    Send,
    Stack,
    StackConfig,
    TransactionKey,
    Transport,
)
from softswitch.sip.uri import parse_uri
from tests.fuzz.corpus import MESSAGES, METHODS
from tests.fuzz.mutate import mutate

STEPS = (20, 60)
KEPT = 12
"""Messages and transactions that follow-ups are made from."""
FLOWS = (
    Flow(Transport.UDP, ("192.0.2.1", 5060), ("192.0.2.20", 5060)),
    Flow(Transport.UDP, ("192.0.2.1", 5060), ("198.51.100.9", 40_000)),
    Flow(Transport.TCP, ("192.0.2.1", 5060), ("192.0.2.21", 41_234), 7),
    Flow(Transport.UDP, ("2001:db8::1", 5060), ("2001:db8::2", 5060)),
)
PEER = Hop(Transport.UDP, "192.0.2.20", 5060)
STATUSES = (100, 180, 183, 200, 200, 202, 302, 401, 404, 486, 487, 491, 503, 603)
SHORT, LONG = (0.0, 0.0, 0.1, 0.5, 5.0, 33.0), 400.0
MOST_TICKS = 20_000


def tell(dice: Random) -> int:
    """One story; how many messages were put in. Raises whatever the stack raises."""
    story = Story(dice)
    for _ in range(dice.randint(*STEPS)):
        story.step()
    story.end()
    return story.inputs


class Story:
    """The stack, its user, and the network."""

    def __init__(self, dice: Random) -> None:
        numbers = count(1)
        self.dice, self.now, self.inputs = dice, 0.0, 0
        self.stack = Stack(StackConfig(), lambda: f"token{next(numbers):08}")
        self.open: list[TransactionKey] = []
        self.questions: dict[TransactionKey, Request] = {}
        self.ours: list[TransactionKey] = []
        self.heard: list[bytes] = []
        self.fruitful: list[bytes] = []
        self.seen: list[bytes] = [dice.choice(MESSAGES)]
        self.number = 0

    def step(self) -> None:
        """Something happens."""
        dice = self.dice
        kind = dice.random()
        if kind < 0.10:
            self.receive(mutate(dice, dice.choice(MESSAGES), MESSAGES))
        elif kind < 0.25:
            self.receive(self._wounded(self._invite()))
        elif kind < 0.62:
            self.receive(self._wounded(self._follow_up()))
        elif kind < 0.66:
            self.receive(dice.choice(self.seen))  # a repeat
        elif kind < 0.82:
            self._answer()
        elif kind < 0.90:
            self._send()
        else:
            self.pass_time(dice.choice(SHORT))

    def receive(self, data: bytes) -> None:
        self.inputs += 1
        self.seen = [*self.seen[-KEPT:], data]
        self.stack.receive(data, self.dice.choice(FLOWS), self.now)
        self._take()

    def pass_time(self, seconds: float) -> None:
        """Every deadline on the way is met."""
        end = self.now + seconds
        for _ in range(MOST_TICKS):
            deadline = self.stack.deadline
            if deadline is None or deadline > end:
                break
            self.now = max(self.now, deadline)
            self.stack.tick(self.now)
            self._take()
        else:
            raise AssertionError("time does not pass: a deadline comes again and again")
        self.now = end

    def end(self) -> None:
        """Nothing may be left."""
        for key in self.ours:
            self.stack.cancel(key, self.now)
        self._take()
        while self.open:
            self._answer(500)
        for _ in range(3):
            self.pass_time(LONG)
            for dialog in list(self.stack.dialogs):
                self.stack.forget(dialog)
            while self.open:
                self._answer(500)
        left = {name: number for name, number in self.stack.dump().items() if number}
        assert not left, f"left for ever: {left}"

    def _take(self) -> None:
        for output in self.stack.take():
            if isinstance(output, Send):
                head = output.data.partition(b"\r\n\r\n")[0]
                assert head.count(b"\n") == head.count(b"\r") == head.count(b"\r\n"), head
                self._overhear(output.data)
            elif isinstance(output, RequestReceived):
                self.open.append(output.key)
                self.questions[output.key] = output.request
                _read(output.request)
                assert isinstance(output.request.contacts, list)  # nobody reads an ACK's
            elif isinstance(output, ResponseReceived):
                self._heard_response(output)
            elif isinstance(output, AckReceived):
                _read(output.request)

    def _overhear(self, data: bytes) -> None:
        """What the stack says is what follow-ups are made from; above all what opens dialogs."""
        self.heard = [*self.heard[-KEPT:], data]
        if data.startswith((b"SIP/2.0 2", b"SIP/2.0 18")):
            self.fruitful = [*self.fruitful[-KEPT:], data]

    def _heard_response(self, event: ResponseReceived) -> None:
        response, dialog = event.response, event.dialog
        if dialog is None or response.cseq.method != "INVITE" or response.status // 100 != 2:
            return
        ack = dialog.ack(response.cseq.number)
        self.stack.send(ack, event.flow, self.now)
        if self.dice.random() < 0.5:
            self.stack.send(dialog.request("BYE"), event.flow, self.now)
        self._take()

    def _answer(self, status: int | None = None) -> None:
        """The user answers one request."""
        if not self.open:
            return
        at = self.dice.randrange(len(self.open))
        key, chosen = self.open[at], status or self.dice.choice(STATUSES)
        if chosen >= 200:
            del self.open[at]
        response = Response.answering(self.questions[key], chosen)
        if chosen < 300:
            response.headers.add("Contact", "<sip:switch@192.0.2.1>")
        if chosen >= 300 and self.dice.random() < 0.2:
            self.stack.dismiss(response, key, self.now)
        else:
            self.stack.send(response, key, self.now)
        self._take()

    def _send(self) -> None:
        """A request of ours, in or outside a dialog, or the end of one."""
        dice, dialogs = self.dice, list(self.stack.dialogs.values())
        target = dice.choice((PEER, *FLOWS))
        kind = dice.random()
        if kind < 0.2 and self.ours:
            self.stack.cancel(
                dice.choice(self.ours), self.now, dice.choice((None, "SIP;cause=200"))
            )
        elif kind < 0.3 and self.ours:
            self.stack.transport_failed(dice.choice((target, *self.ours)), self.now)
        elif kind < 0.6 and dialogs:
            method = dice.choice(("BYE", "INFO", "INVITE", "NOTIFY"))
            request = dice.choice(dialogs).request(method)
            self._placed(request, self.stack.send(request, target, self.now))
        else:
            request = self._request(dice.choice(("INVITE", "INVITE", "OPTIONS")))
            self._placed(request, self.stack.send(request, target, self.now))
        self._take()

    def _placed(self, request: Request, key: TransactionKey) -> None:
        if request.method == "INVITE":
            self.ours.append(key)

    def _request(self, method: str) -> Request:
        self.number += 1
        headers = Headers()
        headers.add("Max-Forwards", "70")
        headers.add("From", f"<sip:switch@192.0.2.1>;tag=us{self.number}")
        headers.add("To", "<sip:101@192.0.2.20>")
        headers.add("Call-ID", f"ours{self.number}")
        headers.add("CSeq", f"1 {method}")
        headers.add("Contact", "<sip:switch@192.0.2.1>")
        return Request(method, parse_uri("sip:101@192.0.2.20"), headers)

    # --- what the network makes up ---

    def _wounded(self, data: bytes) -> bytes:
        return mutate(self.dice, data, MESSAGES) if self.dice.random() < 0.4 else data

    def _invite(self) -> bytes:
        """A new request in good order; now and then of a Call-ID that was there before."""
        self.number += 1
        method = self.dice.choice(("INVITE", "INVITE", "INVITE", "OPTIONS", "SUBSCRIBE", "BYE"))
        number = self.dice.choice((self.number, 1))
        return (
            f"{method} sip:switch@192.0.2.1 SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP 192.0.2.20;branch=z9hG4bKf{self.number};rport\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:101@192.0.2.1>;tag=t{number}\r\n"
            f"To: <sip:102@192.0.2.1>\r\nCall-ID: f{number}\r\nCSeq: {number} {method}\r\n"
            "Contact: <sip:101@192.0.2.20>\r\nContent-Length: 0\r\n\r\n"
        ).encode()

    def _follow_up(self) -> bytes:
        """A message that belongs to one that the stack sent: a response, or the next request."""
        if not self.heard:
            return self._invite()
        is_inside = self.fruitful and self.dice.random() < 0.7
        data = self.dice.choice(self.fruitful if is_inside else self.heard)
        try:
            message = parse_message(data)
        except ParseError:
            return data
        if isinstance(message, Request):
            status = self.dice.choice(STATUSES)
            answer = Response.answering(message, status, to_tag=self.dice.choice(("far", "fork")))
            answer.headers.add("Contact", "<sip:101@192.0.2.20>")
            return answer.to_bytes()
        return self._next_request(message)

    def _next_request(self, answered: Response) -> bytes:
        """In the dialog that a response of the stack made, or the ACK or CANCEL of its request."""
        dice = self.dice
        method = dice.choice((*METHODS, "ACK", "ACK", "BYE", "INVITE", "CANCEL"))
        known = answered.cseq.number
        number = known + (0 if method in ("ACK", "CANCEL") else dice.choice((0, 1, 1, 2, 3, 9)))
        self.number += 1
        branch = answered.via.branch if dice.random() < 0.5 else f"z9hG4bKf{self.number}"
        return (
            f"{method} sip:switch@192.0.2.1 SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP 192.0.2.20;branch={branch};rport\r\nMax-Forwards: 70\r\n"
            f"From: {answered.headers.get('From')}\r\nTo: {answered.headers.get('To')}\r\n"
            f"Call-ID: {answered.call_id}\r\nCSeq: {number} {method}\r\n"
            "Contact: <sip:101@192.0.2.20>\r\nContent-Length: 0\r\n\r\n"
        ).encode("utf-8", "surrogateescape")


def _read(request: Request) -> None:
    """What the house reads of every request that the stack lets through: none of it may fail."""
    assert request.from_ and request.to and request.via and request.cseq and request.call_id
    written = request.to_bytes()
    assert parse_message(written).to_bytes() == written
