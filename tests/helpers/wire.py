"""Two SIP stacks back to back in virtual time, with loss, repeats and reordering by hand.

A packet's fate is a tuple of delays, one for each copy that arrives: `(0.0,)` as ever, `()` lost,
`(0.0, 0.0)` repeated, `(0.7,)` late, behind whatever is sent meanwhile. `Wire.fate` decides it, for
each packet, knowing what it is, whose, and the how-manieth.

    wire = Wire()
    wire.fate = lose("INVITE", 1, 2)          # the first two INVITEs are lost
    wire.right.on_event = phone(180, 200)
    wire.left.send(request("INVITE", wire.left, wire.right), wire.right.hop)
    wire.run(32)
    assert wire.left.heard == ["180 INVITE", "200 INVITE"]
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from itertools import count
from typing import TypeVar

from softswitch.sip.message import Headers, Request, Response
from softswitch.sip.stack import (
    AckReceived,
    Event,
    Flow,
    Hop,
    RequestReceived,
    ResponseReceived,
    Send,
    Stack,
    StackConfig,
    Target,
    TransactionKey,
    Transport,
)
from softswitch.sip.uri import parse_uri

ON_TIME = (0.0,)
LOST: tuple[float, ...] = ()
TWICE = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Packet:
    """One message on its way."""

    at: float
    sender: str
    what: str
    """The method, or status and method: `INVITE`, `180 INVITE`."""
    nth: int
    """How many like it the sender has sent, this one included."""
    total: int
    """How many packets were sent at all, this one included."""
    data: bytes
    target: Target


E = TypeVar("E")

LONG = 200.0
"""Longer than every clock of the RFC in a row."""

Fate = Callable[[Packet], tuple[float, ...]]


def on_time(_: Packet) -> tuple[float, ...]:
    """A perfect wire."""
    return ON_TIME


def lose(what: str, *numbers: int) -> Fate:
    """Lose the packets of this kind with these numbers; all of them without numbers."""
    return lambda packet: (
        LOST if packet.what == what and (not numbers or packet.nth in numbers) else ON_TIME
    )


def what(data: bytes) -> str:
    """`INVITE` or `180 INVITE`."""
    first, _, rest = data.decode("latin-1").partition("\r\n")
    if not first.startswith("SIP/"):
        return first.split(" ", 1)[0]
    cseq = next(line for line in rest.split("\r\n") if line.lower().startswith("cseq:"))
    return f"{first.split(' ')[1]} {cseq.split()[-1]}"


@dataclass(slots=True)
class Peer:
    """One end: a stack, an address, and what it heard."""

    name: str
    stack: Stack
    host: str
    port: int
    wire: Wire
    events: list[Event] = field(default_factory=list)
    on_event: Callable[[Peer, Event], None] | None = None

    @property
    def hop(self) -> Hop:
        return Hop(self.wire.transport, self.host, self.port)

    @property
    def heard(self) -> list[str]:
        """Requests by method and responses by `status method`, as the user got them."""
        names = []
        for event in self.events:
            if isinstance(event, RequestReceived | AckReceived):
                names.append(event.request.method)
            elif isinstance(event, ResponseReceived):
                names.append(f"{event.response.status} {event.response.cseq.method}")
            else:
                names.append(type(event).__name__)
        return names

    def got(self, kind: type[E]) -> list[E]:
        """The events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]

    def send(self, message: Request | Response, target: Target | TransactionKey) -> TransactionKey:
        key = self.stack.send(message, target, self.wire.now)
        self.wire.collect()
        return key

    def answer(self, event: RequestReceived, status: int, *headers: tuple[str, str]) -> None:
        """Answer a request, with a Contact where a dialog needs one."""
        response = Response.answering(event.request, status)
        if status < 300:
            response.headers.add("Contact", f"<sip:{self.name}@{self.host}:{self.port}>")
        for name, value in headers:
            response.headers.add(name, value)
        self.send(response, event.key)

    def cancel(self, key: TransactionKey, reason: str | None = None) -> None:
        self.stack.cancel(key, self.wire.now, reason)
        self.wire.collect()


class Wire:
    """Two peers, `left` and `right`, and the time between them."""

    def __init__(
        self,
        transport: Transport = Transport.UDP,
        left: StackConfig | None = None,
        right: StackConfig | None = None,
        delay: float = 0.0,
    ) -> None:
        self.transport = transport
        self.delay = delay
        self.now = 0.0
        self.fate: Fate = on_time
        self.sent: list[Packet] = []
        self.left = self._peer("left", "192.0.2.1", left)
        self.right = self._peer("right", "192.0.2.2", right)
        self._flying: list[tuple[float, int, Peer, Flow, bytes]] = []
        self._serial = count()
        self._seen: Counter[tuple[str, str]] = Counter()

    def _peer(self, name: str, host: str, config: StackConfig | None) -> Peer:
        tokens = count(1)
        place: Callable[[Target], tuple[str, int | None]] = lambda _: (host, 5060)  # noqa: E731
        config = replace(config or StackConfig(), sent_by=place)
        stack = Stack(config, token=lambda: f"{name}{next(tokens)}")
        return Peer(name, stack, host, 5060, self)

    def flow(self, to: Peer, sender: Peer) -> Flow:
        """How `to` sees what `sender` sent."""
        connection = 1 if self.transport.reliable else None
        return Flow(self.transport, (to.host, to.port), (sender.host, sender.port), connection)

    def collect(self) -> None:
        """Take what both stacks have to say: packets onto the wire, events to the peers."""
        for peer, other in ((self.left, self.right), (self.right, self.left)):
            for output in peer.stack.take():
                if isinstance(output, Send):
                    self._launch(peer, other, output)
                else:
                    peer.events.append(output)
                    if peer.on_event is not None:
                        peer.on_event(peer, output)

    def _launch(self, peer: Peer, other: Peer, send: Send) -> None:
        name = what(send.data)
        self._seen[peer.name, name] += 1
        nth = self._seen[peer.name, name]
        total = len(self.sent) + 1
        packet = Packet(self.now, peer.name, name, nth, total, send.data, send.target)
        self.sent.append(packet)
        for late in self.fate(packet):
            at = self.now + self.delay + late
            flow = self.flow(other, peer)
            heappush(self._flying, (at, next(self._serial), other, flow, send.data))

    @property
    def next(self) -> float | None:
        """When something happens next."""
        times = [peer.stack.deadline for peer in (self.left, self.right)]
        times.append(self._flying[0][0] if self._flying else None)
        return min((time for time in times if time is not None), default=None)

    def run(self, seconds: float = 0.0) -> None:
        """Let this much time pass, each moment of it exactly at its time."""
        end = self.now + seconds
        self.collect()
        while (at := self.next) is not None and at <= end:
            self.now = max(self.now, at)
            while self._flying and self._flying[0][0] <= self.now:
                _, _, peer, flow, data = heappop(self._flying)
                peer.stack.receive(data, flow, self.now)
                self.collect()
            for peer in (self.left, self.right):
                peer.stack.tick(self.now)
            self.collect()
        self.now = end

    def times(self, sender: Peer, name: str) -> list[float]:
        """When this peer sent such packets."""
        return [each.at for each in self.sent if (each.sender, each.what) == (sender.name, name)]

    def assert_empty(self) -> None:
        """Nothing is left in either stack."""
        for peer in (self.left, self.right):
            left_over = {name: number for name, number in peer.stack.dump().items() if number}
            assert not left_over, f"{peer.name} keeps {left_over}"


def request(method: str, sender: Peer, to: Peer, cseq: int = 1, call_id: str = "call") -> Request:
    """A plain request outside dialogs."""
    headers = Headers()
    headers.add("Max-Forwards", "70")
    headers.add("From", f"<sip:{sender.name}@{sender.host}>;tag={sender.name}-from")
    headers.add("To", f"<sip:{to.name}@{to.host}>")
    headers.add("Call-ID", call_id)
    headers.add("CSeq", f"{cseq} {method}")
    headers.add("Contact", f"<sip:{sender.name}@{sender.host}:{sender.port}>")
    return Request(method, parse_uri(f"sip:{to.name}@{to.host}"), headers)


def phone(*statuses: int) -> Callable[[Peer, Event], None]:
    """A phone: answers INVITEs with `statuses`, all else with 200, and each 2xx with ACK."""

    def behave(peer: Peer, event: Event) -> None:
        if isinstance(event, RequestReceived):
            for status in statuses if event.request.method == "INVITE" else (200,):
                peer.answer(event, status)
        elif isinstance(event, ResponseReceived) and event.dialog is not None:
            response = event.response
            if response.cseq.method == "INVITE" and 200 <= response.status < 300:
                peer.send(event.dialog.ack(response.cseq.number), event.flow)

    return behave


def call(wire: Wire, *statuses: int) -> None:
    """Left calls right, whose phone answers with these."""
    wire.left.on_event = phone()
    wire.right.on_event = phone(*statuses)
    wire.left.send(request("INVITE", wire.left, wire.right), wire.right.hop)
    wire.run(0.0)


def hang_up(wire: Wire, peer: Peer) -> None:
    """BYE in the peer's only dialog."""
    (dialog,) = peer.stack.dialogs.values()
    assert dialog.flow is not None
    peer.send(dialog.request("BYE"), dialog.flow)
    wire.run(0.0)
