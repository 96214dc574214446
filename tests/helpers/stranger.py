"""Somebody on the network who says what he likes: one UDP socket at any loopback address.

Asks as a phone does, with repeats, or once when no answer is expected, and knows how to answer a
challenge with any name and password. On Linux the whole of 127.0.0.0/8 is there, so an attacker has
an address of his own.
"""

import asyncio
import secrets
import socket

from tests.live import sip_text
from tests.live.sip_text import Message

Address = tuple[str, int]

T1, T2 = 0.5, 4.0
"""Seconds of RFC 3261 17.1.2.2: between the first two repeats, and the longest between any."""
PATIENCE = 32.0
"""After so long without a final response a phone gives up (64 times T1)."""


class Stranger:
    """`async with Stranger(server, "127.0.0.9") as bad: await bad.ask(...)`."""

    def __init__(self, server: Address, host: str, agent: str | None = None) -> None:
        self.server, self.agent = server, agent
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind((host, 0))
        self.host, self.port = self._socket.getsockname()

    async def __aenter__(self) -> "Stranger":
        return self

    async def __aexit__(self, *_: object) -> None:
        self._socket.close()

    def request(
        self, method: str, user: str, target: str = "", contact: str = "", cseq: int = 1
    ) -> Message:
        """A request of `user`, to `target` or to himself."""
        domain = f"{self.server[0]}:{self.server[1]}"
        to = target or user
        uri = f"sip:{domain}" if method == "REGISTER" else f"sip:{to}@{domain}"
        headers = [
            ("Via", self._via()),
            ("Max-Forwards", "70"),
            ("From", f"<sip:{user}@{domain}>;tag={secrets.token_hex(4)}"),
            ("To", f"<sip:{to}@{domain}>"),
            ("Call-ID", secrets.token_hex(8)),
            ("CSeq", f"{cseq} {method}"),
            ("Contact", contact or f"<sip:{user}@{self.host}:{self.port}>"),
        ]
        if self.agent:
            headers.append(("User-Agent", self.agent))
        if method == "SUBSCRIBE":
            headers += [("Event", "dialog"), ("Expires", "60")]
        return Message(f"{method} {uri} SIP/2.0", headers)

    def signed(self, request: Message, challenge: Message, user: str, password: str) -> Message:
        """The request again, with credentials, as a new transaction."""
        kept = [h for h in request.headers if h[0] not in ("Via", "CSeq")]
        again = Message(request.start, [("Via", self._via()), *kept], request.body)
        again.headers.append(("CSeq", f"{request.cseq + 1} {request.method}"))
        again.headers.append(sip_text.authorize(again, challenge, user, password))
        return again

    def _via(self) -> str:
        return f"SIP/2.0/UDP {self.host}:{self.port};rport;branch=z9hG4bK{secrets.token_hex(8)}"

    def put(self, data: bytes) -> None:
        self._socket.sendto(data, self.server)

    async def final(self, request: Message, within: float = PATIENCE) -> Message | None:
        """The final response to this request, None when there is none in time."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(within):
                while True:
                    message = Message.parse(await loop.sock_recv(self._socket, 65_535))
                    is_ours = not message.is_request and message.branch == request.branch
                    if is_ours and message.status >= 200:
                        return message
        except TimeoutError:
            return None

    async def ask(self, request: Message, within: float | None = None) -> Message | None:
        """Its final response: repeated until it is there, as a phone does, or sent once and waited
        for `within` so many seconds."""
        if within is not None:
            self.put(request.to_bytes())
            return await self.final(request, within)
        loop, pause = asyncio.get_running_loop(), T1
        end = loop.time() + PATIENCE
        while loop.time() < end:
            if (answer := await self.ask(request, pause)) is not None:
                return answer
            pause = min(pause * 2, T2)
        return None

    async def guess(
        self, method: str, user: str, password: str, target: str = "", within: float | None = None
    ) -> Message | None:
        """One request with its challenge answered by this password."""
        request = self.request(method, user, target)
        challenge = await self.ask(request)
        if challenge is None or challenge.status != 401:
            return challenge
        return await self.ask(self.signed(request, challenge, user, password), within)
