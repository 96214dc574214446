"""A scripted phone of plain sockets: registers, calls, answers, talks, listens, and misbehaves.

It shares no code with the product, so what it hears proves something. One thread carries its SIP
(UDP), one thread a call carries the sound. Methods return at once unless they are called `wait_...`
or say that they wait; every wait is bounded.

    with ScriptedPhone("101", office.address, password="...") as anna:
        anna.register()
        call = anna.dial("102")
        call.wait_answered()
        call.say(440)
        ...
        call.hang_up()
"""

import secrets
import select
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.live import sip_text
from tests.live.phone_call import PhoneCall
from tests.live.ports import free_block, free_port
from tests.live.rtp_media import Mangle, Media
from tests.live.sip_text import Message

T1 = 0.5  # RFC 3261 17.1.1.1
T2 = 4.0
GIVE_UP = 32.0
# A CANCEL that crosses with an answer, a far side that is gone: nobody waits longer for them.
AGREES_WITHIN = 2.0

# REGISTER too: a foreign phone that insists on a registrar can be called without a server.
_ANSWERED_ANYWHERE = ("OPTIONS", "NOTIFY", "REGISTER")

Address = tuple[str, int]


@dataclass
class _Sent:
    """A request that waits for its final response; sent again until then."""

    request: Message
    target: Address
    on_response: Callable[[Message], None]
    due: float
    wait: float
    until: float
    provisional: bool = False


class ScriptedPhone:
    """One user agent. `announce_*` make Contact, Via and SDP lie, as a phone behind NAT does."""

    def __init__(
        self,
        user: str,
        server: Address,
        password: str | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        codecs: tuple[str, ...] = ("PCMA", "PCMU"),
        announce_sip: Address | None = None,
        announce_sound: Address | None = None,
        mangle: Mangle | None = None,
        has_events: bool = True,
    ) -> None:
        self.user, self.server, self.password, self.host = user, server, password, host
        self.codecs, self.announce_sound, self.mangle = codecs, announce_sound, mangle
        self.has_events = has_events
        self.ignores_everything = False
        self.calls: dict[str, PhoneCall] = {}
        self.registrations: list[Message] = []  # REGISTER requests of others, all answered 200
        self.trace: list[tuple[float, str, str]] = []
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self._incoming: list[PhoneCall] = []
        self._sent: dict[str, _Sent] = {}
        self._answered: dict[tuple[str, str], bytes] = {}
        self._registration = secrets.token_hex(8)
        self._cseq = 0
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((host, port or free_port(host)))
        self._socket.setblocking(False)
        self.port: int = self._socket.getsockname()[1]
        self.announced = announce_sip or (host, self.port)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"sip {user}", daemon=True)
        self._thread.start()

    def __enter__(self) -> "ScriptedPhone":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- what the phone does ---

    @property
    def contact(self) -> str:
        return f"<sip:{self.user}@{self.announced[0]}:{self.announced[1]}>"

    @property
    def domain(self) -> str:
        return f"{self.server[0]}:{self.server[1]}"

    def register(self, expires: int = 300, contact: str | None = None) -> Message:
        """Register and wait for the final response, which must be 200."""
        response = self.try_register(expires, contact)
        assert response.status == 200, f"REGISTER: {response.start}\n{self.trace_text()}"
        return response

    def try_register(self, expires: int = 300, contact: str | None = None) -> Message:
        """Register and wait for the final response, whatever it is (after one challenge)."""
        me = f"<sip:{self.user}@{self.domain}>"
        request = self.new_request("REGISTER", f"sip:{self.domain}", me, me, self._registration)
        request.headers += [("Contact", contact or self.contact), ("Expires", str(expires))]
        return self.request(request)

    def dial(self, target: str, *, number: str | None = None, name: str | None = None) -> PhoneCall:
        """Send an INVITE. `target` is a user part or a whole URI; `number`, `name`: the From."""
        uri = target if target.startswith("sip:") else f"sip:{target}@{self.domain}"
        shown = f'"{name}" ' if name else ""
        me = f"{shown}<sip:{number or self.user}@{self.domain}>"
        call = PhoneCall(self, self._open_media(), is_outgoing=True)
        with self.lock:
            self.calls[call.call_id] = call
        call.send_invite(uri, me)
        return call

    def incoming(self, timeout: float = 15.0) -> PhoneCall:
        """Wait for the next call to us; it has not been answered in any way."""
        with self.changed:
            if not self.changed.wait_for(lambda: self._incoming, timeout):
                raise TimeoutError(f"{self.user}: no call came\n{self.trace_text()}")
            return self._incoming.pop(0)

    def options(self, timeout: float = GIVE_UP) -> Message:
        """Ask the server whether it is there, and wait."""
        me = f"<sip:{self.user}@{self.domain}>"
        uri = f"sip:{self.domain}"
        return self.request(self.new_request("OPTIONS", uri, me, f"<{uri}>"), timeout=timeout)

    def request(self, request: Message, timeout: float = GIVE_UP) -> Message:
        """Send a request outside a dialog and wait; a challenge is answered once."""
        got: list[Message] = []

        def on_response(response: Message) -> None:
            if response.status in (401, 407) and self.password and not got:
                again = self.with_credentials(request, response)
                self.send_request(again, self.server, got.append)
            elif response.status >= 200:
                got.append(response)

        self.send_request(request, self.server, on_response)
        with self.changed:
            if not self.changed.wait_for(lambda: got, timeout):
                raise TimeoutError(f"{request.start}: no answer\n{self.trace_text()}")
        return got[0]

    def send_raw(self, data: bytes, target: Address | None = None) -> None:
        """Any octets from our SIP port."""
        self._socket.sendto(data, target or self.server)

    def trace_text(self, last: int = 40) -> str:
        """The end of the SIP ladder, for an assertion's message."""
        rows = list(self.trace)[-last:]
        return "\n".join(f"{at:10.3f} {self.user} {way} {start}" for at, way, start in rows)

    def hang_up_everything(self) -> None:
        """As at the end of the day; waits a little for the switch to agree."""
        if self._stop.is_set():
            return
        left = [call for call in self.calls.values() if not call.is_over]
        for call in left:
            if call.is_outgoing or call.is_answered:
                call.hang_up()
            else:
                call.refuse(480)
        with self.changed:
            self.changed.wait_for(lambda: all(call.is_over for call in left), AGREES_WITHIN)

    def close(self) -> None:
        self._stop.set()
        self._thread.join(5)
        self._socket.close()
        for call in list(self.calls.values()):
            call.media.close()

    # --- for calls ---

    def new_request(
        self, method: str, uri: str, from_: str, to: str, call_id: str | None = None
    ) -> Message:
        """A request outside a dialog with everything that RFC 3261 8.1.1 asks for."""
        with self.lock:
            self._cseq += 1
        return Message(
            f"{method} {uri} SIP/2.0",
            [
                ("Via", self.new_via()),
                ("Max-Forwards", "70"),
                ("From", f"{from_};tag={secrets.token_hex(4)}"),
                ("To", to),
                ("Call-ID", call_id or secrets.token_hex(8)),
                ("CSeq", f"{self._cseq} {method}"),
            ],
        )

    def new_via(self) -> str:
        host, port = self.announced
        return f"SIP/2.0/UDP {host}:{port};rport;branch=z9hG4bK{secrets.token_hex(8)}"

    def with_credentials(self, request: Message, response: Message) -> Message:
        """The same request once more, next CSeq, new branch, with credentials (RFC 3261 22.2)."""
        with self.lock:
            self._cseq = max(self._cseq, request.cseq) + 1
        headers = [h for h in request.headers if h[0] not in ("Via", "CSeq")]
        again = Message(request.start, [("Via", self.new_via()), *headers], request.body)
        again.headers.append(("CSeq", f"{self._cseq} {request.method}"))
        again.headers.append(sip_text.authorize(again, response, self.user, self.password or ""))
        return again

    def send_request(
        self, request: Message, target: Address, on_response: Callable[[Message], None]
    ) -> None:
        """Send, and again at T1, 2 T1, ... until a final response (INVITE: until any)."""
        now = time.monotonic()
        with self.lock:
            key = f"{request.branch} {request.method}"
            sent = _Sent(request, target, on_response, now + T1, T1, now + GIVE_UP)
            self._sent[key] = sent
            self.send(request, target)

    def send(self, message: Message, target: Address) -> None:
        """One datagram, noted in the trace."""
        self.trace.append((time.monotonic(), "->", message.start))
        self._socket.sendto(message.to_bytes(), target)

    def respond(self, request: Message, response: Message, target: Address) -> None:
        """Send a response and remember it for repeats of the request."""
        with self.lock:
            self._answered[(request.branch, request.method)] = response.to_bytes()
            self.send(response, target)

    def _open_media(self) -> Media:
        return Media(self.host, free_block(2, self.host), self.codecs[0], self.mangle)

    # --- the thread ---

    def _run(self) -> None:
        while not self._stop.is_set():
            ready, _, _ = select.select([self._socket], [], [], 0.05)
            with self.changed:
                if ready:
                    self._receive()
                self._repeat(time.monotonic())
                self.changed.notify_all()

    def _receive(self) -> None:
        try:
            data, source = self._socket.recvfrom(65535)
        except OSError:
            return  # an ICMP error of something we sent
        if self.ignores_everything or len(data) < 8:
            return
        message = Message.parse(data)
        self.trace.append((time.monotonic(), "<-", message.start))
        if message.is_request:
            self._request_received(message, source)
        else:
            self._response_received(message)

    def _response_received(self, response: Message) -> None:
        sent = self._sent.get(f"{response.branch} {response.method}")
        call = self.calls.get(response.get("Call-ID"))
        if sent:
            sent.provisional = True
            if response.status >= 200:
                del self._sent[f"{response.branch} {response.method}"]
            sent.on_response(response)
        elif call and response.method == "INVITE" and response.status >= 200:
            call.final_repeated(response)

    def _request_received(self, request: Message, source: Address) -> None:
        before = self._answered.get((request.branch, request.method))
        if before:
            self._socket.sendto(before, source)
            return
        call = self.calls.get(request.get("Call-ID"))
        if call and request.method == "INVITE" and call.is_repeat(request):
            return  # the server sends it again until we ring or answer
        if call:
            call.request_received(request, source)
        elif request.method == "INVITE" and (request.branch, "INVITE") not in self._answered:
            call = PhoneCall(self, self._open_media(), is_outgoing=False)
            self.calls[request.get("Call-ID")] = call
            call.invited(request, source)
            self._incoming.append(call)
        elif request.method != "ACK":
            self._request_outside(request, source)

    def _request_outside(self, request: Message, source: Address) -> None:
        status = "200 OK" if request.method in _ANSWERED_ANYWHERE else "481 Not here"
        response = answer_to(request, status, "server")
        if request.method == "REGISTER":
            self.registrations.append(request)
            response.headers += [("Contact", v) for v in request.all("Contact")]
            response.headers.append(("Expires", "300"))
        self.respond(request, response, source)

    def _repeat(self, now: float) -> None:
        for key, sent in list(self._sent.items()):
            if sent.provisional and sent.request.method == "INVITE":
                continue  # RFC 3261 17.1.1.2: it rings, and nothing ends that but an answer
            if now > sent.until:
                del self._sent[key]
                late = answer_to(sent.request, "408 Nobody answered our phone")
                sent.on_response(late)
            elif now >= sent.due:
                sent.wait = min(2 * sent.wait, T2)
                sent.due = now + sent.wait
                self.send(sent.request, sent.target)
        for call in list(self.calls.values()):
            call.repeat_answer(now)


def answer_to(request: Message, status: str, tag: str = "") -> Message:
    """A response with the headers that RFC 3261 8.2.6 copies."""
    to = request.get("To")
    if tag and not sip_text.parameter(to, "tag"):
        to = f"{to};tag={tag}"
    copied = [("Via", value) for value in request.all("Via")]
    copied += [("Record-Route", value) for value in request.all("Record-Route")]
    copied += [("From", request.get("From")), ("To", to)]
    copied += [("Call-ID", request.get("Call-ID")), ("CSeq", request.get("CSeq"))]
    return Message(f"SIP/2.0 {status}", copied)
