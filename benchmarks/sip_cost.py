"""What a SIP message costs, floor by floor, beside Python's own parser of mail headers.

    python -m benchmarks.sip_cost

No socket and no media: the messages of calls and registrations are handed to the floors in process,
each with tags, branches and Call-IDs that were never seen before, as a phone makes them. CPU of
this thread, the best of several runs. The reference, measured in the same run, is
`email.parser.BytesHeaderParser` over the same messages: pure Python, and it types nothing.
"""

import time
from collections.abc import Callable
from email.parser import BytesHeaderParser
from itertools import count

from softswitch.registrar.binding import MemoryStore
from softswitch.registrar.registrar import Registrar
from softswitch.sip.auth import AuthStatus, DigestServer, answer_challenge, ha1
from softswitch.sip.codecs import CODECS, USUAL_CODECS
from softswitch.sip.flow import Flow, Transport
from softswitch.sip.headers import NameAddr
from softswitch.sip.message import Headers, Request, Response, parse_message
from softswitch.sip.offer_answer import Capabilities, LocalMedia, OfferAnswer
from softswitch.sip.stack import (
    AckReceived,
    RequestReceived,
    ResponseReceived,
    Send,
    Stack,
    StackConfig,
    Target,
    TransactionKey,
)
from softswitch.sip.uri import Uri, parse_uri
from softswitch.trace.recorder import Recorder, call_id_of

RUNS, CALLS = 15, 50
OURS = ("192.0.2.1", 5060)
TRUNK = Flow(Transport.UDP, OURS, ("198.51.100.9", 5060))
PHONE = Flow(Transport.UDP, OURS, ("192.0.2.77", 5062))
REALM, USER, PASSWORD = "office", "101", "benchmark"
CAPABILITIES = Capabilities(tuple(CODECS[name] for name in USUAL_CODECS))
LOCAL = LocalMedia(OURS[0], 10_000)
CONTACT = ("Contact", f"<sip:switch@{OURS[0]}:{OURS[1]}>")
SDP_TYPE = ("Content-Type", "application/sdp")

OFFER = (
    b"v=0\r\no=- 20518 20518 IN IP4 198.51.100.9\r\ns=-\r\nc=IN IP4 198.51.100.9\r\nt=0 0\r\n"
    b"m=audio 11780 RTP/AVP 8 0 18 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n"
    b"a=rtpmap:18 G729/8000\r\na=fmtp:18 annexb=no\r\na=rtpmap:101 telephone-event/8000\r\n"
    b"a=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n"
)
ANSWER = (
    b"v=0\r\no=101 8000 8000 IN IP4 192.0.2.77\r\ns=call\r\nc=IN IP4 192.0.2.77\r\nt=0 0\r\n"
    b"m=audio 11784 RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\n"
    b"a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\na=sendrecv\r\n"
)
AGENT = "Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, REFER\r\nSupported: timer\r\n"


def with_body(head: str, body: bytes = b"", kind: str = "application/sdp") -> bytes:
    """The whole message."""
    kind = f"Content-Type: {kind}\r\n" if body else ""
    return f"{head}{kind}Content-Length: {len(body)}\r\n\r\n".encode() + body


def from_trunk(call: int, method: str, cseq: int, to_tag: str, body: bytes = b"") -> bytes:
    """A request of the caller's side."""
    uri = "+48221234567@192.0.2.1" if method == "INVITE" else f"switch@{OURS[0]}:{OURS[1]}"
    return with_body(
        f"{method} sip:{uri} SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP 198.51.100.9:5060;branch=z9hG4bK{call:x}{method};rport\r\n"
        f'Max-Forwards: 70\r\nFrom: "Anna Nowak" <sip:+48{600000000 + call}@198.51.100.9>'
        f";tag=f{call:x}\r\nTo: <sip:+48221234567@192.0.2.1>{to_tag}\r\n"
        f"Call-ID: {call:x}@198.51.100.9\r\nCSeq: {cseq} {method}\r\n"
        f"Contact: <sip:+48{600000000 + call}@198.51.100.9:5060>\r\n{AGENT}",
        body,
    )


def from_phone(sent: bytes, status: str, call: int, body: bytes = b"") -> bytes:
    """The called phone's answer to what the switch sent."""
    lines = sent.partition(b"\r\n\r\n")[0].decode().split("\r\n")
    copied = [one for one in lines if one.startswith(("Via:", "From:", "To:", "Call-ID:", "CSeq:"))]
    copied = [f"{one};tag=p{call:x}" if one[:3] == "To:" and "tag" not in one else one
              for one in copied]  # fmt: skip
    head = "\r\n".join((f"SIP/2.0 {status}", *copied))
    return with_body(f"{head}\r\nContact: <sip:101@192.0.2.77:5062>\r\n{AGENT}", body)


class Switch:
    """The least that makes two legs of a call: what the stack itself costs, without the calls."""

    def __init__(self) -> None:
        self._tokens = count()
        config = StackConfig(sent_by=lambda target: OURS)
        self.stack = Stack(config, lambda: f"{next(self._tokens):024x}")
        self.now = 0.0
        self.wire: list[tuple[bytes, bool]] = []
        """Every message of the call so far, and whether it came in."""
        self.others = 0.0
        """Seconds that are not the switch's."""

    def hear(self, data: bytes, flow: Flow) -> object:
        """What the stack tells of it, if anything."""
        self.wire.append((data, True))
        self.stack.receive(data, flow, self.now)
        return self.told()

    def told(self) -> object:
        """The last event; what is to be sent is noted."""
        event: object = None
        for output in self.stack.take():
            if isinstance(output, Send):
                self.wire.append((output.data, False))
            else:
                event = output
        return event

    def send(self, message: Request | Response, target: Target | TransactionKey) -> bytes:
        self.stack.send(message, target, self.now)
        self.told()
        return self.wire[-1][0]

    def played(self, play: Callable[..., bytes], *what: object) -> bytes:
        """What a phone says; the time of it is the phone's."""
        began = time.thread_time()
        data = play(*what)
        self.others += time.thread_time() - began
        return data

    def call(self, number: int) -> list[tuple[bytes, bool]]:
        """One call, set up and torn down; its messages in order."""
        self.wire = []
        asked = self.hear(self.played(from_trunk, number, "INVITE", 1, "", OFFER), TRUNK)
        assert isinstance(asked, RequestReceived)
        invite = self.send(self._invite(asked.request), PHONE)
        self._ring(
            asked, self.hear(self.played(from_phone, invite, "180 Ringing", number), PHONE), 180
        )
        answered = self.hear(self.played(from_phone, invite, "200 OK", number, ANSWER), PHONE)
        assert isinstance(answered, ResponseReceived) and answered.dialog is not None
        self.send(answered.dialog.ack(answered.response.cseq.number), PHONE)
        tag = self._ring(asked, answered, 200)
        acked = self.hear(self.played(from_trunk, number, "ACK", 1, tag), TRUNK)
        assert isinstance(acked, AckReceived)
        ended = self.hear(self.played(from_trunk, number, "BYE", 2, tag), TRUNK)
        assert isinstance(ended, RequestReceived)
        self.send(Response.answering(ended.request, 200), ended.key)
        bye = self.send(answered.dialog.request("BYE"), PHONE)
        self.hear(self.played(from_phone, bye, "200 OK", number), PHONE)
        self.now += 0.01
        self.stack.tick(self.now)
        self.told()
        return self.wire

    def _invite(self, asked: Request) -> Request:
        headers = Headers()
        headers.add("Max-Forwards", "69")
        uri = Uri("sip", asked.from_.uri.user, None, OURS[0], None)
        token = f"{next(self._tokens):024x}"
        headers.add("From", str(NameAddr(asked.from_.display, uri, (("tag", token),))))
        headers.add("To", "<sip:101@192.0.2.77:5062>")
        headers.add("Call-ID", token)
        headers.add("CSeq", "1 INVITE")
        for name, value in (CONTACT, ("Allow", "INVITE, ACK, CANCEL, BYE, OPTIONS"), SDP_TYPE):
            headers.add(name, value)
        return Request("INVITE", parse_uri("sip:101@192.0.2.77:5062"), headers, OFFER)

    def _ring(self, asked: RequestReceived, heard: object, status: int) -> str:
        """Pass a response on to the caller; the To tag in it."""
        assert isinstance(heard, ResponseReceived) and heard.response.status == status
        response = Response.answering(asked.request, status)
        response.headers.add(*CONTACT)
        if status == 200:
            response.headers.add(*SDP_TYPE)
            response.body = ANSWER
        self.send(response, asked.key)
        return f";tag={response.to.tag}"


class Desk:
    """A registrar behind a digest: the sans-IO part of a registration with its 401."""

    def __init__(self) -> None:
        self._switch, self._numbers = Switch(), count(1)
        self._registrar, self._digest = Registrar(MemoryStore()), DigestServer(REALM, bytes(32))
        self._secrets = {name: ha1(USER, REALM, PASSWORD, name) for name in ("MD5", "SHA-256")}

    def ask(self, credentials: str = "") -> bytes:
        number = next(self._numbers)
        self._switch.now += 0.01
        self._switch.stack.tick(self._switch.now)
        return with_body(
            f"REGISTER sip:{REALM} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP 192.0.2.77:5062;branch=z9hG4bKr{number:x};rport\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:{USER}@{REALM}>;tag=r{number:x}\r\n"
            f"To: <sip:{USER}@{REALM}>\r\nCall-ID: desk-phone\r\nCSeq: {number} REGISTER\r\n"
            f"Contact: <sip:{USER}@192.0.2.77:5062>\r\nExpires: 300\r\n{credentials}{AGENT}"
        )

    def answer(self, data: bytes) -> Response:
        """As gate and registrar do."""
        event, now = self._switch.hear(data, PHONE), self._switch.now + 1000.0
        assert isinstance(event, RequestReceived)
        request = event.request
        lines = request.headers.all("Authorization")
        found = self._digest.verify(request, lines, lambda _, name: self._secrets[name], now)
        if found.status is AuthStatus.OK:
            response = self._registrar.register(request, USER, PHONE, now)
        else:
            response = Response.answering(request, 401)
            for value in self._digest.challenge(now):
                response.headers.add("WWW-Authenticate", value)
        self._switch.send(response, event.key)
        return response

    def register(self) -> float:
        """One registration; the seconds of it that are ours and not the phone's."""
        data = self.ask()
        began = time.thread_time()
        refused = self.answer(data)
        seconds = time.thread_time() - began
        challenges = refused.headers.all("WWW-Authenticate")
        uri = f"sip:{REALM}"
        value = answer_challenge(challenges, "REGISTER", uri, USER, PASSWORD, "0123456789")
        data = self.ask(f"Authorization: {value}\r\n")
        began = time.thread_time()
        assert self.answer(data).status == 200
        return seconds + time.thread_time() - began


def descriptions(number: int) -> None:
    """The descriptions of a call: the caller's offer answered, and an offer of ours answered."""
    port = b"%d" % (10_000 + 2 * number)
    offer, answer = OFFER.replace(b"11780", port), ANSWER.replace(b"11784", port)
    _, _, stream = OfferAnswer.start(1, CAPABILITIES, LOCAL).answer(offer)
    assert stream is not None
    session, _ = OfferAnswer.start(2, CAPABILITIES, LOCAL).make_offer()
    session.accept_answer(answer)


def traced(recorder: Recorder, number: int, wire: list[tuple[bytes, bool]]) -> None:
    """The messages of one call, kept and packed."""
    for data, _ in wire:
        recorder.received(data, TRUNK)
        recorder.claim(call_id_of(data).decode(), str(number))
    recorder.end(str(number))
    recorder.sort(len(wire))
    for row in recorder.rows(len(wire)):
        assert row.data


def best(name: str, messages: int, reference: float, work: Callable[[], float]) -> float:
    """The best of `RUNS`, in microseconds a thing; `work` gives seconds for `CALLS` of them."""
    each = min(work() for _ in range(RUNS)) / CALLS * 1e6
    ratio = f"{each / messages / reference:5.2f} x reference a message" if reference else ""
    print(f"{name:12} {each:8.1f} us  {messages:3} messages  {ratio}")
    return each


def timed(work: Callable[[int], object]) -> Callable[[], float]:
    """`work` for numbers that were never seen."""
    numbers = count(1)

    def run() -> float:
        began = time.thread_time()
        for _ in range(CALLS):
            work(next(numbers))
        return time.thread_time() - began

    return run


def whole_calls(switch: Switch) -> Callable[[], float]:
    """Calls through the stack, without what it takes to play the phones."""
    calls = timed(switch.call)

    def run() -> float:
        others = switch.others
        return calls() - (switch.others - others)

    return run


def write(request: Request) -> None:
    """An answer, from the request's fields to its octets."""
    response = Response.answering(request, 200, to_tag="0123456789abcdef01234567")
    response.headers.add(*CONTACT)
    response.headers.add("Server", "softswitch")
    response.to_bytes()


def main() -> None:
    """Prints one line a floor."""
    switch, desk, recorder = Switch(), Desk(), Recorder(time.time)
    wires = [switch.call(number) for number in range(RUNS * CALLS + 1)]
    calls = [[one for one, is_heard in wire if is_heard] for wire in wires]
    asked = [parse_message(heard[0]) for heard in calls]
    mails = BytesHeaderParser()
    heard, all_of = len(calls[0]), len(wires[0])
    bare = best(
        "reference", heard, 0.0, timed(lambda n: [mails.parsebytes(one) for one in calls[n]])
    )
    bare /= heard
    best("parse", heard, bare, timed(lambda n: [parse_message(one) for one in calls[n]]))
    best("write", 1, bare, timed(lambda n: write(asked[n])))  # type: ignore[arg-type]
    best("SDP", 2, bare, timed(descriptions))
    best("stack", all_of, bare, whole_calls(Switch()))
    best("trace", all_of, bare, timed(lambda n: traced(recorder, n, wires[n])))
    best("REGISTER", 4, bare, lambda: sum(desk.register() for _ in range(CALLS)))


if __name__ == "__main__":
    main()
