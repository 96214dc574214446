"""What the media worker is measured beside, in the same run: bare relays, and rtpengine.

A relay receives a packet of one socket and sends it by another, and does nothing else: in C
(compiled here) or, without a compiler, in Python. rtpengine is Debian's, forwarding in userspace as
it does where its kernel module is not there.
"""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from benchmarks.phones import Phones, answer, command_of, say, spawn

HOST = "127.0.0.1"
NO_RTPENGINE = (
    "rtpengine is not installed or not running (Debian: apt-get install rtpengine-daemon)"
)
_NG_PORT = 22222
_SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio {port} RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\na=sendrecv\r\n"
)


class NotThere(Exception):
    """rtpengine does not answer, or refuses."""


async def relayed(calls: int, seconds: float) -> tuple[float, dict[str, float]]:
    """CPU seconds of the bare relay, and the phones' figures."""
    phones = await Phones.open(2 * calls)
    process = await spawn(*command_of("relay"))
    say(process, calls, *phones.ports)
    to = list(map(int, await answer(process)))
    try:
        return await phones.measure(to, seconds, process.pid)
    finally:
        process.kill()
        await process.wait()


async def by_rtpengine(calls: int, seconds: float) -> tuple[float, dict[str, float]] | None:
    """The same by rtpengine; None: it is not installed, or does not run here."""
    program = shutil.which("rtpengine")
    if program is None:
        return None
    phones = await Phones.open(2 * calls)
    process = await asyncio.create_subprocess_exec(
        *(program, f"--interface={HOST}", f"--listen-ng={HOST}:{_NG_PORT}", "--table=-1"),
        *("--port-min=30000", "--port-max=49000", "--foreground", "--log-level=3"),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with _ng() as ask:
            to = []
            for i in range(0, len(phones.ports), 2):
                to += await _join(ask, i, *phones.ports[i : i + 2])
        return await phones.measure(to, seconds, process.pid)
    except NotThere:
        return None
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _join(ask: "_Ask", number: int, a: int, b: int) -> tuple[int, int]:
    """One call; the ports that a and b send to."""
    call = {"call-id": f"call{number}", "from-tag": f"a{number}"}
    offered = await ask.ask(call | {"command": "offer", "sdp": _SDP.format(port=a)})
    answered = await ask.ask(
        call | {"command": "answer", "to-tag": f"b{number}", "sdp": _SDP.format(port=b)}
    )
    return answered, offered


class _Ask(asyncio.DatagramProtocol):
    """rtpengine's control protocol "ng": bencoded dictionaries behind a cookie."""

    def __init__(self) -> None:
        self._transport: asyncio.DatagramTransport | None = None
        self._answer: asyncio.Future[bytes] | None = None
        self._cookie = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: object) -> None:
        cookie, _, body = data.partition(b" ")
        if self._answer is not None and not self._answer.done() and int(cookie) == self._cookie:
            self._answer.set_result(body)

    def error_received(self, error: Exception) -> None:
        """It does not listen yet."""

    async def ask(self, words: dict[str, str]) -> int:
        """The port in the SDP of the answer."""
        self._cookie += 1
        pairs = "".join(f"{len(v)}:{v}" for pair in sorted(words.items()) for v in pair)
        for _ in range(50):
            self._answer = asyncio.get_running_loop().create_future()
            assert self._transport is not None
            self._transport.sendto(f"{self._cookie} d{pairs}e".encode())
            try:
                async with asyncio.timeout(0.2):
                    body = await self._answer
            except TimeoutError:
                continue
            media = body.partition(b"m=audio ")[2].split()
            if not media:
                raise NotThere
            return int(media[0])
        raise NotThere


@asynccontextmanager
async def _ng() -> AsyncIterator[_Ask]:
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.create_datagram_endpoint(_Ask, remote_addr=(HOST, _NG_PORT))
    try:
        yield protocol
    finally:
        transport.close()
