"""A phone that is played by hand: it does what the test says, when it says, right or wrong.

It shares no code with the product. All in the test's own event loop: SIP over one UDP socket, and
one more socket that counts RTP. What comes in lies in `inbox` until `expect` takes it out. It sends
requests again until they are answered, a 200 to an INVITE until its ACK, and answers repeats as it
answered the first time, so that packets may be lost: `fate` says how many copies of each message
go through, in both directions. A CANCEL ends an INVITE that was not answered with 487, as with any
phone.
"""

import asyncio
import secrets
import socket
from collections.abc import Callable
from types import TracebackType

from tests.live import sip_text
from tests.live.rtp_peer import answer_to
from tests.live.sip_text import Message

Address = tuple[str, int]
HOST = "127.0.0.1"
PATIENCE = 60.0
RECEIVE_BUFFER = 4_000_000
REPEAT, GIVE_UP = 0.1, 12.0

_REASON = {180: "Ringing", 200: "OK", 486: "Busy Here", 603: "Decline"}


class Phone(asyncio.DatagramProtocol):
    """One user agent; `async with Phone(...)` opens it."""

    def __init__(
        self, user: str, server: Address, password: str | None = None, port: int | None = None
    ) -> None:
        self.user, self.server, self.password = user, server, password
        self.port, self.sound_port = port or 0, 0
        self.inbox: list[Message] = []
        self.fate: Callable[[Message], int] = lambda _: 1
        self.rtp = 0
        self.rings: Callable[[Call], None] | None = None
        self._news = asyncio.Event()
        self._calls: dict[str, Call] = {}
        self._waiting: dict[tuple[str, str], asyncio.TimerHandle] = {}
        self._acks: dict[str, Message] = {}
        self._answers: dict[tuple[str, str], Message] = {}
        self._transport: asyncio.DatagramTransport
        self._sound: asyncio.DatagramTransport

    async def __aenter__(self) -> "Phone":
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(
            lambda: self, local_addr=(HOST, self.port)
        )
        # One of these may be a whole provider, in a process that has no time for it.
        sock = self._transport.get_extra_info("socket")
        if sock is not None:  # in virtual time there is none
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        self._sound, _ = await loop.create_datagram_endpoint(
            lambda: _Counter(self), local_addr=(HOST, 0)
        )
        self.port = self._transport.get_extra_info("sockname")[1]
        self.sound_port = self._sound.get_extra_info("sockname")[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for timer in self._waiting.values():
            timer.cancel()
        self._transport.close()
        self._sound.close()
        await asyncio.sleep(0)

    @property
    def contact(self) -> str:
        return f"<sip:{self.user}@{HOST}:{self.port}>"

    @property
    def domain(self) -> str:
        return f"{self.server[0]}:{self.server[1]}"

    # --- what it does ---

    async def register(self, expires: int = 300) -> None:
        me = f"<sip:{self.user}@{self.domain}>"
        request = self.request("REGISTER", f"sip:{self.domain}", me, me)
        request.headers += [("Contact", self.contact), ("Expires", str(expires))]
        response = await self.ask(request)
        assert response.status == 200, response.start

    async def ask(self, request: Message) -> Message:
        """Send a request outside a dialog, with credentials if asked; the final response."""
        self.send(request)
        response = await self.expect(branch=request.branch, final=True)
        if response.status in (401, 407) and self.password:
            again = self.with_credentials(request, response)
            self.send(again)
            response = await self.expect(branch=again.branch, final=True)
        return response

    async def dial(
        self, target: str, body: bytes | None = None, *headers: tuple[str, str]
    ) -> "Call":
        """INVITE, past the challenge; what follows is waited for by the test."""
        uri = f"sip:{target}@{self.domain}"
        me = f"<sip:{self.user}@{self.domain}>"
        invite = self.request("INVITE", uri, me, f"<{uri}>")
        names = {name for name, _ in headers}
        invite.headers = [pair for pair in invite.headers if pair[0] not in names]
        invite.headers += [("Contact", self.contact), *headers]
        invite.body = self.offer() if body is None else body
        if invite.body:
            invite.headers.append(("Content-Type", "application/sdp"))
        self.send(invite)
        if self.password:
            response = await self.expect(401, call=invite)
            self.acknowledge(invite, response)
            invite = self.with_credentials(invite, response)
            self.send(invite)
        call = Call(self, invite, is_outgoing=True)
        self._calls[invite.get("Call-ID")] = call
        return call

    async def rung(self, within: float = PATIENCE) -> "Call":
        """The next call that comes in."""
        invite = await self.expect("INVITE", within=within)
        return self._calls[invite.get("Call-ID")]

    def offer(self, direction: str = "sendrecv", host: str = HOST, version: int = 1) -> bytes:
        return sip_text.describe_sound(host, self.sound_port, ("PCMA",), direction, version)

    # --- what it hears ---

    async def expect(
        self,
        *wanted: str | int,
        call: "Call | Message | None" = None,
        branch: str | None = None,
        final: bool = False,
        within: float = PATIENCE,
    ) -> Message:
        """The first message in the inbox of such a method or status; waits for it."""
        call_id = call and (call.invite if isinstance(call, Call) else call).get("Call-ID")

        def fits(message: Message) -> bool:
            what = message.method if message.is_request else message.status
            return (
                (not wanted or what in wanted)
                and (not call_id or message.get("Call-ID") == call_id)
                and (branch is None or (not message.is_request and message.branch == branch))
                and (not final or message.status >= 200)
            )

        try:
            async with asyncio.timeout(within):
                while True:
                    self._news.clear()
                    for message in self.inbox:
                        if fits(message):
                            self.inbox.remove(message)
                            return message
                    await self._news.wait()
        except TimeoutError:
            lines = [message.start for message in self.inbox]
            raise AssertionError(f"{self.user}: no {wanted or branch}; there is {lines}") from None

    def got(self, what: str | int) -> bool:
        """Whether such a message lies in the inbox."""
        return any((m.method if m.is_request else m.status) == what for m in self.inbox)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        if len(data) > 8:
            message = Message.parse(data)
            for _ in range(self.fate(message)):
                self._received(message)

    def _received(self, message: Message) -> None:
        key = (message.branch, message.method)
        if message.is_request:
            before = self._answers.get(key)
            if before is not None:
                self.put(before)
                return
            self._requested(message, key)
        else:
            if message.status >= 200 or message.method == "INVITE":
                self._settle(key)
            acknowledged = self._acks.get(message.branch)
            if acknowledged is not None and message.method == "INVITE":
                self.put(acknowledged)
                return
            call = self._calls.get(message.get("Call-ID"))
            if call is not None and call.is_repeat(message):
                return
        self.inbox.append(message)
        self._news.set()

    def _requested(self, message: Message, key: tuple[str, str]) -> None:
        if message.method == "INVITE" and not sip_text.parameter(message.get("To"), "tag"):
            if message.get("Call-ID") in self._calls:
                return
            self._answers[key] = answer_to(message, "100 Trying")
            call = self._calls[message.get("Call-ID")] = Call(self, message, is_outgoing=False)
            self.put(self._answers[key])
            if self.rings is not None:
                self.rings(call)
        elif message.method == "ACK":
            self._settle((message.get("Call-ID"), "200"))
        elif message.method in ("BYE", "CANCEL", "OPTIONS"):
            self.answer(message, 200)
            call = self._calls.get(message.get("Call-ID"))
            if message.method == "CANCEL" and call is not None and not call.is_answered:
                call.answer(487)

    # --- what it sends ---

    def request(self, method: str, uri: str, from_: str, to: str) -> Message:
        return Message(
            f"{method} {uri} SIP/2.0",
            [
                ("Via", self.via()),
                ("Max-Forwards", "70"),
                ("From", f"{from_};tag={secrets.token_hex(4)}"),
                ("To", to),
                ("Call-ID", secrets.token_hex(8)),
                ("CSeq", f"1 {method}"),
            ],
        )

    def via(self) -> str:
        return f"SIP/2.0/UDP {HOST}:{self.port};rport;branch=z9hG4bK{secrets.token_hex(8)}"

    def with_credentials(self, request: Message, response: Message) -> Message:
        headers = [h for h in request.headers if h[0] not in ("Via", "CSeq")]
        again = Message(request.start, [("Via", self.via()), *headers], request.body)
        again.headers.append(("CSeq", f"{request.cseq + 1} {request.method}"))
        again.headers.append(sip_text.authorize(again, response, self.user, self.password or ""))
        return again

    def acknowledge(self, invite: Message, response: Message) -> None:
        """The ACK of a refusal (RFC 3261 17.1.1.3)."""
        copied = [(n, v) for n, v in invite.headers if n in ("Via", "From", "Call-ID")]
        copied += [("To", response.get("To")), ("Max-Forwards", "70")]
        copied.append(("CSeq", f"{invite.cseq} ACK"))
        ack = Message(f"ACK {invite.start.split()[1]} SIP/2.0", copied)
        self._acks[invite.branch] = ack
        self.put(ack)

    def send(self, request: Message) -> None:
        """A request, again and again until it is answered."""
        self._again(request, (request.branch, request.method), GIVE_UP)

    def answer(self, request: Message, status: int, body: bytes = b"", tag: str = "") -> Message:
        """A response; repeats of the request get the same again."""
        text = f"{status} {_REASON.get(status, 'Whatever')}"
        response = answer_to(request, text, tag or "hand")
        if request.method == "INVITE":
            response.headers.append(("Contact", self.contact))
        if body:
            response.headers.append(("Content-Type", "application/sdp"))
            response.body = body
        self._answers[(request.branch, request.method)] = response
        if request.method == "INVITE" and status >= 200:
            self._again(response, (request.get("Call-ID"), "200"), GIVE_UP)
        else:
            self.put(response)
        return response

    def _again(self, message: Message, key: tuple[str, str], left: float) -> None:
        self.put(message)
        if left > 0:
            loop = asyncio.get_running_loop()
            self._settle(key)
            later = loop.call_later(REPEAT, self._again, message, key, left - REPEAT)
            self._waiting[key] = later

    def _settle(self, key: tuple[str, str]) -> None:
        timer = self._waiting.pop(key, None)
        if timer is not None:
            timer.cancel()

    def put(self, message: Message) -> None:
        for _ in range(self.fate(message)):
            self._transport.sendto(message.to_bytes(), self.server)


class _Counter(asyncio.DatagramProtocol):
    def __init__(self, phone: Phone) -> None:
        self.phone = phone

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self.phone.rtp += 1


class Call:
    """One call of a phone, seen by hand."""

    def __init__(self, phone: Phone, invite: Message, is_outgoing: bool) -> None:
        self.phone, self.invite, self.is_outgoing = phone, invite, is_outgoing
        self.tag = "hand" + secrets.token_hex(3)
        self.final: Message | None = None
        self.is_answered = False  # by us
        self._ack: Message | None = None
        self._cseq = invite.cseq if is_outgoing else 100

    @property
    def remote(self) -> sip_text.RemoteSound | None:
        """What the switch described to us first."""
        source = self.final if self.is_outgoing else self.invite
        return sip_text.sound_of(source.body) if source else None

    async def status(self, *wanted: int) -> Message:
        """Wait for a response to our INVITE; a refusal is acknowledged."""
        response = await self.phone.expect(*wanted, call=self)
        if response.status >= 200:
            self.final = response
        if response.status >= 300:
            self.phone.acknowledge(self.invite, response)
        return response

    async def answered(self, ack_body: bytes = b"") -> "Call":
        """The 200 and our ACK."""
        await self.status(200)
        self.ack(ack_body)
        return self

    def is_repeat(self, response: Message) -> bool:
        """A final response once more: its ACK was lost on the way."""
        if self.final is None or response.method != "INVITE" or response.status < 200:
            return False
        if response.cseq != self.final.cseq or response.status != self.final.status:
            return False
        if self._ack is not None:
            self.phone.put(self._ack)
        elif response.status >= 300:
            self.phone.acknowledge(self.invite, response)
        return True

    def ack(self, body: bytes = b"") -> None:
        assert self.final
        self._ack = self.inside("ACK", body, self.final.cseq)
        self.phone.put(self._ack)

    def ring(self) -> None:
        self.phone.answer(self.invite, 180, tag=self.tag)

    def answer(self, status: int = 200, body: bytes | None = None) -> None:
        """A final answer of the called side; 200 comes with our sound unless told otherwise."""
        self.is_answered = True
        has_sound = body is None and status == 200
        self.phone.answer(
            self.invite, status, self.phone.offer() if has_sound else body or b"", self.tag
        )

    def cancel(self) -> None:
        headers = [(n, v) for n, v in self.invite.headers if n in ("Via", "From", "To", "Call-ID")]
        headers += [("CSeq", f"{self.invite.cseq} CANCEL"), ("Max-Forwards", "70")]
        self.phone.send(Message(f"CANCEL {self.invite.start.split()[1]} SIP/2.0", headers))

    def bye(self) -> None:
        self.phone.send(self.inside("BYE"))

    async def reinvite(self, body: bytes, ack: bytes = b"") -> Message:
        """A new offer (or none: an empty body); the final response, acknowledged."""
        request = self.inside("INVITE", body)
        self.phone.send(request)
        response = await self.phone.expect(branch=request.branch, final=True)
        if response.status >= 300:
            self.phone.acknowledge(request, response)
        else:
            self.phone.put(self.inside("ACK", ack, response.cseq))
        return response

    async def hold(self, direction: str = "sendonly", host: str = HOST) -> Message:
        return await self.reinvite(self.phone.offer(direction, host, self._cseq + 1))

    async def over(self) -> Message:
        """Wait for their BYE or CANCEL."""
        return await self.phone.expect("BYE", "CANCEL", call=self)

    def inside(self, method: str, body: bytes = b"", cseq: int | None = None) -> Message:
        """A request of the dialog."""
        invite, phone = self.invite, self.phone
        if self.is_outgoing:
            assert self.final
            from_, to, peer = invite.get("From"), self.final.get("To"), self.final
        else:
            to_line = invite.get("To")
            from_, to, peer = f"{to_line};tag={self.tag}", invite.get("From"), invite
        if cseq is None:
            self._cseq += 1
            cseq = self._cseq
        uri = sip_text.uri_of(peer.get("Contact"))
        headers = [("Via", phone.via()), ("Max-Forwards", "70"), ("From", from_), ("To", to)]
        headers += [("Call-ID", invite.get("Call-ID")), ("CSeq", f"{cseq} {method}")]
        headers.append(("Contact", phone.contact))
        if body:
            headers.append(("Content-Type", "application/sdp"))
        return Message(f"{method} {uri} SIP/2.0", headers, body)
