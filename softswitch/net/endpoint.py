"""The asyncio face of the SIP stack: sockets below, one timer, events to one handler.

Everything that may happen goes the same way: an input is given to the stack, what the stack wants
sent is sent, what it has to tell is told, the timer is set anew. Events that come up while the
caller is still inside `send` are told from the event loop, so that he knows the transaction's key
before he hears of it.

Decides nothing about calls or messages. RFC 3261 18 for the transports, RFC 3263 for `locate`.
"""

import asyncio
import random
import ssl
import time
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field

from softswitch.log import get_logger
from softswitch.net.addresses import Addresses, Listening
from softswitch.net.connections import ConnectionLimits, Connections
from softswitch.net.departures import Departures
from softswitch.net.doorkeeper import Doorkeeper, OpenDoor
from softswitch.net.resolver import Dns, Resolver
from softswitch.net.stun import Stun, is_keepalive, is_stun
from softswitch.net.system_dns import SystemDns
from softswitch.net.turns import Turns
from softswitch.net.udp import UdpSocket
from softswitch.net.witness import Witness
from softswitch.net.ws import WebSocketPolicy
from softswitch.sip.admission import Admission
from softswitch.sip.dialog import Dialog
from softswitch.sip.events import Event, Send
from softswitch.sip.flow import Flow, Hop, Target, Transport
from softswitch.sip.message import Request, Response
from softswitch.sip.stack import Stack
from softswitch.sip.transaction import TransactionKey
from softswitch.sip.uri import OtherUri, Uri

_log = get_logger("net")

TIMER_GRAIN = 0.001  # a timer of the loop may be early by that; less would only spin


@dataclass(frozen=True, slots=True)
class ListenAddress:
    """Where to listen. `host` is numeric; `::` takes IPv6 alone; port 0 means any free one."""

    transport: Transport
    host: str
    port: int
    tls: ssl.SSLContext | None = None


@dataclass(frozen=True, slots=True)
class EndpointConfig:
    """`client_tls`: for connections that we open; without it the system's authorities are trusted.

    `public_address`: told to peers beyond the router in place of our own address.
    """

    public_address: str | None = None
    client_tls: ssl.SSLContext | None = None
    connections: ConnectionLimits = field(default_factory=ConnectionLimits)
    websockets: WebSocketPolicy = field(default_factory=WebSocketPolicy)
    doorkeeper: Doorkeeper = field(default_factory=OpenDoor)


class Endpoint:
    """See the module's docstring. What may be set by whoever keeps flows, the registrar:

    `on_flow_lost`: a connection ended. `on_heard`: something came by a flow, be it a keep-alive.
    `find_flow`: the way by which the phone behind a contact or GRUU is reached now.
    `witness` sees every message that passes.
    """

    def __init__(
        self,
        stack: Stack,
        listen: list[ListenAddress],
        handler: Callable[[Event], None],
        clock: Callable[[], float] = time.monotonic,
        config: EndpointConfig | None = None,
        dns: Dns | None = None,
    ) -> None:
        self.stack = stack
        self.on_flow_lost: Callable[[Flow], None] | None = None
        self.on_heard: Callable[[Flow], None] | None = None
        self.find_flow: Callable[[Uri], Flow | None] | None = None
        self.witness: Witness | None = None
        self._listen, self._handler, self._clock = listen, handler, clock
        self._config = config or EndpointConfig()
        self._addresses = Addresses(self._config.public_address, clock)
        transports = {Transport.TCP, Transport.TLS} | {one.transport for one in listen}
        self._resolver = Resolver(dns or SystemDns(), frozenset(transports), random.random)
        self._departures = Departures(
            self._addresses, self._resolver, self._fail, self._spawn, self._config.client_tls
        )
        self._stun = Stun()
        self._admits = self._config.doorkeeper.admits
        self._turns = Turns(self._config.doorkeeper, self._handle, clock)
        self._tasks: set[asyncio.Task[None]] = set()
        self._events: deque[Event] = deque()
        self._is_delivering = False
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = 0.0
        self._loop: asyncio.AbstractEventLoop | None = None

    async def start(self) -> None:
        """Open every socket. Raises `OSError` if one cannot be had; then none stays open."""
        self._loop = asyncio.get_running_loop()
        streams = self._departures.streams = Connections(
            self._receive_from_stream,
            self._lost,
            self._failed,
            self._departures.client_tls,
            self._config.connections,
            self._config.websockets,
            self._config.doorkeeper,
        )
        try:
            for address in self._listen:
                self._open(address, streams)
        except BaseException:
            await self.close()
            raise

    def _open(self, address: ListenAddress, streams: Connections) -> None:
        if address.transport is Transport.UDP:
            udp = UdpSocket(address.host, address.port, self._receive_datagram, self._unreachable)
            self._departures.udp[udp.address] = udp
            udp.open()
            host, port = udp.address
        elif address.transport.secure and address.tls is None:
            raise ValueError("TLS needs a certificate")
        else:
            host, port = streams.listen(address.transport, address.host, address.port, address.tls)
        self._addresses.add(Listening(address.transport, host, port))

    async def close(self) -> None:
        """Stop; afterwards no socket, timer or task is left. More than once is harmless."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._turns.close()
        for udp in self._departures.udp.values():
            udp.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._departures.streams is not None:
            await self._departures.streams.close()
        self._loop = None
        self._departures.udp.clear()
        self._addresses.clear()
        self._events.clear()

    @property
    def listening(self) -> list[tuple[Transport, str, int]]:
        """What is open, with the real ports."""
        return [(one.transport, one.host, one.port) for one in self._addresses.listening]

    def send(self, message: Request | Response, target: Target | TransactionKey) -> TransactionKey:
        """Send a request to a target, or a response to the key of its request.

        Never fails by itself: what cannot be sent is told as `TransactionFailed`. A stream's flow
        without a connection number is dialled at its remote address.
        """
        if isinstance(target, Hop) and isinstance(message, Request):
            target = self._departures.roomy(message, target)
        key = self.stack.send(message, target, self._clock())
        self._after_output()
        return key

    def dismiss(self, response: Response, key: TransactionKey) -> None:
        """Refuse a request of somebody whom we do not remember (`Stack.dismiss`)."""
        self.stack.dismiss(response, key, self._clock())
        self._after_output()

    def cancel(self, key: TransactionKey, reason_header: str | None = None) -> None:
        """CANCEL an INVITE of ours (RFC 3261 9.1), with a Reason (RFC 3326) if given."""
        self.stack.cancel(key, self._clock(), reason_header)
        self._after_output()

    def send_in_dialog(self, dialog: Dialog, request: Request) -> TransactionKey | None:
        """Send where the dialog's last message came from, else where the phone is now, else where
        its route leads.

        None when the way must be looked up first; then nobody is told how it went.
        """
        way = self.way_of(dialog)
        if way is not None:
            return self.send(request, way)
        self._spawn(self._locate_and_send(request, dialog.next_hop))
        return None

    def way_of(self, dialog: Dialog) -> Target | None:
        """By which a request of this dialog leaves now; None when that must be looked up."""
        flow = dialog.flow
        if flow is not None and self.is_alive(flow):
            return flow
        uri = dialog.next_hop
        # A browser or phone that connected anew during a call is found by its contact.
        known = self.find_flow(uri) if self.find_flow and isinstance(uri, Uri) else None
        return known or self.locate_now(uri)

    def leave_lost_addresses(self) -> list[str]:
        """Connections from addresses that we have no more end; which addresses those are."""
        return self._departures.leave_lost_addresses()

    def locate_now(self, uri: Uri | OtherUri) -> Hop | None:
        """The hop of a numeric URI, without waiting; None when it needs `locate`."""
        return self._resolver.locate_now(uri)

    async def locate(self, uri: Uri | OtherUri) -> list[Hop]:
        """Every hop to try, best first (RFC 3263); empty when the URI leads nowhere."""
        return await self._departures.locate(uri)

    def is_alive(self, flow: Flow) -> bool:
        """Can anything be sent by this flow? Always over UDP; a connection must still be open."""
        return self._departures.is_alive(flow)

    def local_address(self, target: Target) -> str:
        """Our numeric address that faces the target, for sockets to bind (media)."""
        return self._addresses.local(target)

    def advertised_address(self, target: Target) -> str:
        """The address to tell the target: the public one beyond the router."""
        return self._addresses.advertised(target)

    def local_contact(self, target: Target) -> str:
        """`host:port[;transport=…]` for a Contact that the target can reach."""
        return self._addresses.contact(target)

    def sent_by(self, target: Target) -> tuple[str, int | None]:
        """For `StackConfig.sent_by`."""
        return self._addresses.sent_by(target)

    @property
    def losses(self) -> dict[str, int]:
        """Since the start: packets that our own system did not take, strangers who made room."""
        return self._departures.losses

    @property
    def connection_limit(self) -> int:
        """How many connections may be open."""
        return self._config.connections.connections

    def behind(self, now: float) -> float:
        """For how many seconds packets wait to be read, while they come faster than that."""
        return self._departures.behind(now)

    def dump(self) -> dict[str, int]:
        """Counts for the leak check."""
        udp, streams = self._departures.udp, self._departures.streams
        return {
            "udp sockets": len(udp),
            "datagrams dropped": sum(one.dropped for one in udp.values()),
            "look-ups": len(self._tasks),
            **(streams.dump() if streams else {}),
        }

    def _receive_datagram(self, data: bytes, flow: Flow) -> bool:
        return self._take_in(data, flow) is Admission.NOW

    def _receive_from_stream(self, data: bytes, flow: Flow) -> None:
        if self._take_in(data, flow) is not Admission.NEVER:
            return
        # What is dropped here is never repeated: the end of the connection says so.
        connection = self._departures.streams and self._departures.streams.find(flow.connection)
        if connection:
            connection.abort()

    def _take_in(self, data: bytes, flow: Flow) -> Admission:
        admission = self._admits(data, flow, self._clock())
        if admission is Admission.NOW:
            self._handle(data, flow)
        elif admission is Admission.LATER:
            self._turns.wake()
        return admission

    def _handle(self, data: bytes, flow: Flow) -> None:
        if flow.transport.reliable:
            self._receive(data, flow)
            return
        if is_stun(data):
            answer = self._stun.answer(data, flow.remote, self._clock())
            if answer is not None:
                self._departures.answer(answer, flow)
        elif not is_keepalive(data):
            self._receive(data, flow)
            return
        self._heard(flow)

    def _heard(self, flow: Flow) -> None:
        """RFC 5626 3.5: a keep-alive is a sign of life."""
        if self.on_heard is not None:
            self.on_heard(flow)

    def _receive(self, data: bytes, flow: Flow) -> None:
        self._heard(flow)
        if self.witness is not None:
            self.witness.received(data, flow)
        self.stack.receive(data, flow, self._clock())
        self._after_input()

    def _tick(self) -> None:
        self._timer = None
        self.stack.tick(self._clock())
        self._after_input()

    def _unreachable(self, remote: tuple[str, int]) -> None:
        """ICMP says so. Told from the loop: it is learnt in the middle of other sending."""
        if self._loop is not None:
            hop = Hop(Transport.UDP, *remote)
            self._loop.call_soon(self._fail, hop)

    def _fail(self, failed: Target | TransactionKey) -> None:
        self.stack.transport_failed(failed, self._clock())
        self._after_input()

    def _failed(self, token: object) -> None:
        if isinstance(token, TransactionKey):
            self._fail(token)

    def _lost(self, flow: Flow, hop: Hop | None) -> None:
        if self._loop is None:
            return
        if hop is not None:
            self.stack.transport_failed(hop, self._clock())
        self._fail(flow)
        if self.on_flow_lost is not None:
            self.on_flow_lost(flow)

    def _after_input(self) -> None:
        self._transmit_all()
        self._deliver()
        self._set_timer()

    def _after_output(self) -> None:
        """Inside a call of the user: send now, tell later. What is delivered sets the timer."""
        self._transmit_all()
        if not self._is_delivering:
            if self._events and self._loop is not None:
                self._loop.call_soon(self._after_input)
            self._set_timer()

    def _transmit_all(self) -> None:
        while outputs := self.stack.take():
            for output in outputs:
                if not isinstance(output, Send):
                    self._events.append(output)
                elif self._departures.transmit(output):
                    if self.witness is not None:
                        self.witness.sent(output.data, output.target)
                elif output.key is not None:
                    self.stack.transport_failed(output.key, self._clock())

    async def _locate_and_send(self, request: Request, uri: Uri | OtherUri) -> None:
        hops = await self.locate(uri)
        if hops:
            self.send(request, hops[0])
        else:
            _log.warning("no way to a dialog's target", method=request.method)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        if self._loop is None:
            work.close()
            return
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _deliver(self) -> None:
        if self._is_delivering:
            return
        self._is_delivering = True
        try:
            while self._events:
                event = self._events.popleft()
                try:
                    self._handler(event)
                except Exception:
                    # One call's mistake must not silence the telephones of all others.
                    _log.exception("the handler of an event failed", kind=type(event).__name__)
        finally:
            self._is_delivering = False

    def _set_timer(self) -> None:
        deadline = self.stack.deadline
        if deadline is None or self._loop is None:
            return
        if self._timer is not None:
            if self._timer_at <= deadline:
                return  # it fires early, ticks for nothing, and is set anew: cheaper than moving it
            self._timer.cancel()
        wait = max(deadline - self._clock(), TIMER_GRAIN)
        self._timer = self._loop.call_later(wait, self._tick)
        self._timer_at = deadline
