"""A user agent on the virtual network that reacts by itself, as phones do (RFC 3261).

It shares no code with the product. What its user does stands in `acts.py`; it repeats what is not
answered, answers repeats as before, acknowledges, and hangs up what was answered too late. `is_gone`:
the power failed; after `restart` it knows nothing of its calls.
"""

from collections.abc import Callable
from functools import partial
from random import Random

from tests.helpers.stories.call import Call, State
from tests.helpers.stories.repeats import Repeated
from tests.helpers.virtual_time import HOST, Address, VirtualLoop
from tests.live import sip_text
from tests.live.rtp_peer import answer_to
from tests.live.sip_text import Message

SDP = ("Content-Type", "application/sdp")
RELIABLE = "100rel"
Line = tuple[str, str]
_REASONS = {200: "OK", 180: "Ringing", 183: "Progress", 486: "Busy Here", 487: "Terminated"}


class Phone:
    """See the module's docstring. `rings` is told each new call that comes in."""

    def __init__(
        self,
        loop: VirtualLoop,
        server: Address,
        user: str,
        password: str | None,
        port: int,
        chance: Random,
    ) -> None:
        self.loop, self.server, self.user, self.password = loop, server, user, password
        self.port, self.chance = port, chance
        self.name = f"{user}:{port}"
        self.calls: dict[str, Call] = {}
        self.past: list[Call] = []
        self.rings: Callable[[Call], None] = lambda _call: None
        self.is_gone = False
        self.gone_since: float | None = None
        self.is_deaf = False  # answers no NOTIFY
        self.reliable = chance.random() < 0.3
        self._count = 0
        self._sent: dict[tuple[str, str], Repeated] = {}
        self._answers: dict[tuple[str, str], Message] = {}
        self._acks: dict[str, Message] = {}
        self._late: set[str] = set()  # INVITEs inside a call that offered nothing
        loop.network.bind((HOST, port), self._received)

    # --- what its user may do ---

    def register(self) -> None:
        me = f"<sip:{self.user}@{self._domain}>"
        request = self._request("REGISTER", f"sip:{self._domain}", me, me, self.token())
        request.headers += [("Contact", self.contact), ("Expires", "7200")]
        self.send(request)

    def dial(self, number: str, *lines: Line, who: str = "", offers: bool = True) -> Call:
        """INVITE; `who`: a client's number, on the trunk. Without an offer the ACK answers."""
        who = who or self.user
        uri, me = f"sip:{number}@{self._domain}", f"<sip:{who}@{self._domain}>"
        invite = self._request("INVITE", uri, me, f"<{uri}>", self.token())
        if self.reliable:
            lines = (*lines, ("Supported", RELIABLE))
        invite.headers += [("Contact", self.contact), *lines]
        call = self._new(invite, True, who, number)
        call.has_replaces = any(name == "Replaces" for name, _ in lines)
        if offers:
            invite.headers.append(SDP)
            invite.body = call.describe()
        self.send(invite)
        return call

    def text(self, number: str) -> None:
        uri, me = f"sip:{number}@{self._domain}", f"<sip:{self.user}@{self._domain}>"
        request = self._request("MESSAGE", uri, me, f"<{uri}>", self.token())
        request.headers.append(("Content-Type", "text/plain"))
        request.body = b"oddzwonie"
        self.send(request)

    def ring(self, call: Call, status: int = 180) -> None:
        """180, or 183 with sound; reliably if the switch can."""
        lines: tuple[Line, ...] = ()
        if self.reliable and RELIABLE in call.invite.get("Supported"):
            call.rseq += 1
            lines = (("Require", RELIABLE), ("RSeq", str(call.rseq)))
        self._respond(call.invite, status, call, call.describe() if status == 183 else b"", *lines)

    def answer(self, call: Call, status: int = 200, *lines: Line) -> None:
        if call.state is not State.RINGS:
            return
        call.final = status
        if status == 200:
            call.state, call.up = State.UP, self.loop.time()
        else:
            call.ended_here = True
            self._end(call)
        body = call.describe() if status == 200 else b""
        response = self._respond(call.invite, status, call, body, *lines)
        self._repeat(response, ("ACK", call.id))

    def cancel(self, call: Call) -> None:
        if call.state is not State.DIALLED:
            return
        call.is_given_up = call.ended_here = True
        names = ("Via", "From", "To", "Call-ID")
        headers = [pair for pair in call.invite.headers if pair[0] in names]
        headers += [("CSeq", f"{call.invite.cseq} CANCEL"), ("Max-Forwards", "70")]
        self.send(Message(f"CANCEL {call.invite.start.split()[1]} SIP/2.0", headers))

    def bye(self, call: Call) -> None:
        if call.is_up:
            call.ended_here = True
            self.send(self.inside(call, "BYE"))
            self._end(call)

    def change(self, call: Call, direction: str, host: str, method: str, offers: bool) -> None:
        """Hold, take back, or say the same again. Without an offer the switch makes one."""
        if offers:
            call.set_direction(direction, host, self.loop.time())
        request = self.inside(call, method)
        if offers:
            request.headers.append(SDP)
            request.body = call.describe()
        elif method == "INVITE":
            self._late.add(request.branch)
        self.send(request)

    def refer(self, call: Call, uri: str, *lines: Line) -> None:
        request = self.inside(call, "REFER")
        request.headers += [("Refer-To", f"<{uri}>"), *lines]
        call.referred = self.loop.time()
        self.send(request)

    def press(self, call: Call, keys: str) -> None:
        for key in keys:
            info = self.inside(call, "INFO")
            info.headers.append(("Content-Type", "application/dtmf-relay"))
            info.body = f"Signal={key}\r\n".encode()
            self.send(info)

    def power_off(self) -> None:
        """Nothing is sent or heard any more."""
        self.is_gone, self.gone_since = True, self.loop.time()
        for repeated in self._sent.values():
            repeated.stop()
        self._sent.clear()

    def restart(self) -> None:
        for call in list(self.calls.values()):
            self._end(call)
        self._answers.clear()
        self.is_gone, self.gone_since = False, None
        if self.password is not None:
            self.register()

    def close(self) -> None:
        for repeated in self._sent.values():
            repeated.stop()
        self._sent.clear()

    # --- names ---

    def token(self) -> str:
        self._count += 1
        return f"{self.port}x{self._count}"

    @property
    def contact(self) -> str:
        return f"<sip:{self.user}@{HOST}:{self.port}>"

    @property
    def _domain(self) -> str:
        return f"{self.server[0]}:{self.server[1]}"

    def _via(self) -> str:
        return f"SIP/2.0/UDP {HOST}:{self.port};rport;branch=z9hG4bK{self.token()}"

    def _request(self, method: str, uri: str, from_: str, to: str, call_id: str) -> Message:
        headers = [("Via", self._via()), ("Max-Forwards", "70")]
        headers += [("From", f"{from_};tag={self.token()}"), ("To", to)]
        headers += [("Call-ID", f"c{call_id}"), ("CSeq", f"1 {method}")]
        return Message(f"{method} {uri} SIP/2.0", headers)

    def inside(self, call: Call, method: str, cseq: int | None = None) -> Message:
        if cseq is None:
            call.cseq += 1
            cseq = call.cseq
        mine = call.invite.get("From" if call.is_outgoing else "To")
        if not call.is_outgoing:
            mine = f"{mine};tag={call.tag}"
        headers = [("Via", self._via()), ("Max-Forwards", "70"), ("From", mine), ("To", call.far)]
        headers += [("Call-ID", call.id), ("CSeq", f"{cseq} {method}"), ("Contact", self.contact)]
        return Message(f"{method} {call.target} SIP/2.0", headers)

    def _new(self, invite: Message, is_outgoing: bool, who: str, number: str) -> Call:
        call = Call(self, who, invite.get("Call-ID"), is_outgoing, invite, number)
        line = invite.get("From")
        call.tag = sip_text.parameter(line, "tag") if is_outgoing else self.token()
        call.cseq = 1 if is_outgoing else 100
        call.began = self.loop.time()
        self.calls[call.id] = call
        self.past.append(call)
        return call

    def _end(self, call: Call) -> None:
        call.end(self.loop.time())
        self.calls.pop(call.id, None)

    # --- what it sends ---

    def send(self, request: Message) -> None:
        """A request, again and again until it is answered."""
        self._repeat(request, (request.branch, request.method))

    def _repeat(self, message: Message, key: tuple[str, str]) -> None:
        if not self.is_gone:
            self._settle(key)
            self._sent[key] = Repeated(self.loop, message, self.put, partial(self.given_up, key))

    def _settle(self, key: tuple[str, str]) -> None:
        repeated = self._sent.pop(key, None)
        if repeated is not None:
            repeated.stop()

    def given_up(self, key: tuple[str, str], message: Message) -> None:
        """Nobody answered for half a minute (RFC 3261 17.1.1.2, 13.3.1.4)."""
        self._sent.pop(key, None)
        call = self.calls.get(message.get("Call-ID"))
        if call is not None and message.method in ("INVITE", "CANCEL"):
            self._end(call)

    def put(self, message: Message) -> None:
        if not self.is_gone:
            self.loop.network.send(message.to_bytes(), (HOST, self.port), self.server)

    def _respond(
        self, request: Message, status: int, call: Call | None, body: bytes = b"", *lines: Line
    ) -> Message:
        text = f"{status} {_REASONS.get(status, 'Whatever')}"
        response = answer_to(request, text, call.tag if call is not None else "none")
        response.headers += [("Contact", self.contact), *lines]
        if status == 200:
            response.headers.append(("Allow", "INVITE, ACK, BYE, CANCEL, UPDATE, INFO, REFER"))
        if body:
            response.headers.append(SDP)
            response.body = body
        self._answers[request.branch, request.method] = response
        self.put(response)
        return response

    # --- what it hears ---

    def _received(self, data: bytes, _source: Address) -> None:
        if self.is_gone or len(data) < 9:
            return
        message = Message.parse(data)
        key = (message.branch, message.method)
        if not message.is_request:
            self._response(message, key)
        elif key in self._answers:
            self.put(self._answers[key])
        else:
            self._requested(message)

    def _requested(self, message: Message) -> None:
        method, call = message.method, self.calls.get(message.get("Call-ID"))
        if method == "ACK":
            self._settle(("ACK", message.get("Call-ID")))
        elif method == "INVITE" and not sip_text.parameter(message.get("To"), "tag"):
            if call is None and not any(one.id == message.get("Call-ID") for one in self.past):
                self._invited(message)
        elif method == "NOTIFY":
            if not self.is_deaf:
                self._respond(message, 200, call)
        elif call is None:
            self._respond(message, 200 if method in ("OPTIONS", "MESSAGE") else 481, None)
        elif method in ("INVITE", "UPDATE"):
            self._respond(message, 200, call, call.describe() if message.body else b"")
        else:
            self._respond(message, 200, call)
            if method == "BYE":
                self._end(call)
            elif method == "CANCEL" and call.is_ringing:
                self.answer(call, 487)

    def _invited(self, message: Message) -> None:
        number = sip_text.user_of(message.start.split()[1])
        call = self._new(message, False, self.user if self.password else number, number)
        call.state = State.RINGS
        call.learn(message)
        self._respond(message, 100, call)
        self.rings(call)

    def _response(self, message: Message, key: tuple[str, str]) -> None:
        status, method = message.status, message.method
        if method == "INVITE" and message.branch in self._acks and status >= 300:
            self.put(self._acks[message.branch])
            return
        repeated = self._sent.get(key)
        if repeated is not None and (status >= 200 or method == "INVITE"):
            self._settle(key)
        call = self.calls.get(message.get("Call-ID"))
        if status in (401, 407):
            if method == "INVITE":
                self._acknowledge(message, call)
            if repeated is not None and self.password is not None:
                self._again(repeated.message, message, call)
        elif method == "INVITE":
            known = call or next((c for c in self.past if c.id == message.get("Call-ID")), None)
            if known is not None:
                self._answered(known, message)
        elif status == 481 and call is not None and method not in ("CANCEL", "PRACK"):
            self._end(call)

    def _again(self, request: Message, challenge: Message, call: Call | None) -> None:
        headers = [h for h in request.headers if h[0] not in ("Via", "CSeq")]
        again = Message(request.start, [("Via", self._via()), *headers], request.body)
        again.headers.append(("CSeq", f"{request.cseq + 1} {request.method}"))
        again.headers.append(
            sip_text.authorize(again, challenge, self.user, self.password or "")
        )
        if call is not None and request.method == "INVITE":
            call.invite, call.cseq = again, request.cseq + 1
            if call.is_given_up:
                self._end(call)
                return
        self.send(again)

    def _acknowledge(self, message: Message, call: Call | None) -> None:
        """The ACK of a refusal (RFC 3261 17.1.1.3)."""
        headers = [("Via", message.get("Via")), ("From", message.get("From"))]
        headers += [("To", message.get("To")), ("Call-ID", message.get("Call-ID"))]
        headers += [("CSeq", f"{message.cseq} ACK"), ("Max-Forwards", "70")]
        uri = call.invite.start.split()[1] if call is not None else f"sip:{self._domain}"
        ack = self._acks[message.branch] = Message(f"ACK {uri} SIP/2.0", headers)
        self.put(ack)

    def _answered(self, call: Call, message: Message) -> None:
        """Whatever comes back to an INVITE, the first one or one inside the call."""
        is_first = message.cseq == call.invite.cseq and call.is_outgoing
        if message.status < 200:
            if is_first and message.status > 100 and call.state is State.DIALLED:
                call.learn(message)
                if message.get("RSeq"):
                    prack = self.inside(call, "PRACK")
                    prack.headers.append(("RAck", f"{message.get('RSeq')} {message.get('CSeq')}"))
                    self.send(prack)
        elif message.status >= 300:
            self._acknowledge(message, call)
            if is_first or message.status in (481, 408):
                call.final = call.final or message.status
                self._end(call)
        elif message.cseq in call.acks:
            self.put(call.acks[message.cseq])
        else:
            self._accepted(call, message, is_first)

    def _accepted(self, call: Call, message: Message, is_first: bool) -> None:
        call.learn(message)
        ack = self.inside(call, "ACK", message.cseq)
        branch = message.branch
        if is_first and not call.invite.body or not is_first and branch in self._late:
            ack.headers.append(SDP)
            ack.body = call.describe()
        call.acks[message.cseq] = ack
        self.put(ack)
        if not is_first:
            return
        call.final = 200
        if call.state is State.DIALLED:
            call.state, call.up = State.UP, self.loop.time()
            if call.is_given_up:
                self.bye(call)
        elif call.state is State.OVER:
            self.send(self.inside(call, "BYE"))
