"""One worker process, seen from the control side: started, spoken to, ended.

The socket between the two is the worker's life line: whoever loses it is alone. A link may be
warmed up before it is needed: its process has read all its code and waits for its settings.
"""

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import Callable

from media.commands import Command, Event, MediaSettings, WorkerReady
from media.wire import LineSplitter, WireError, decode, encode

WORKER = "media.worker"
# A worker that does not read this much is stuck: thousands of commands behind.
MAX_UNREAD = 8 * 1024 * 1024
# numpy, soundfile and soxr are imported in this time even on a small, busy machine.
START_SECONDS = 30.0
# After its socket is closed a worker says BYE to the legs and finishes its recordings.
STOP_SECONDS = 5.0
# Arrays of a few hundred samples: a second thread would only be paid for.
_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1"}


class MediaError(Exception):
    """MediaError > LegRefused (no port, bad address), WorkerGone (no worker to ask)."""


class LegRefused(MediaError):
    pass


class WorkerGone(MediaError):
    pass


class _Line(asyncio.Protocol):
    """The control side's end of the socket to the worker."""

    def __init__(self, link: "WorkerLink") -> None:
        self._link = link
        self._splitter = LineSplitter()

    def data_received(self, data: bytes) -> None:
        try:
            for line in self._splitter.feed(data):
                self._link.hear(decode(line))
        except WireError as error:
            self._link.lose(f"worker speaks nonsense: {error.reason}")

    def connection_lost(self, error: Exception | None) -> None:
        self._link.lose(str(error or "worker closed its socket"))


class WorkerLink:
    """`on_event` hears all events, `on_lost` once that the worker is gone unasked, and why."""

    def __init__(self) -> None:
        self.on_event: Callable[[Event], None] = lambda event: None
        self.on_lost: Callable[[str], None] = lambda reason: None
        self._transport: asyncio.WriteTransport | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._ready: asyncio.Future[None] | None = None
        self._unsent: list[bytes] = []  # what this turn of the loop has to say

    @property
    def alive(self) -> bool:
        return self._transport is not None

    @property
    def process(self) -> int | None:
        """The worker's process number: for measurements."""
        return self._process.pid if self._process else None

    async def spawn(self) -> None:
        """The process, without settings yet. Raises OSError."""
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", WORKER, str(theirs.fileno())),
                pass_fds=(theirs.fileno(),),
                stdin=asyncio.subprocess.DEVNULL,
                env=_ENVIRONMENT | os.environ,
            )
        await self.take(ours)

    async def take(self, ours: socket.socket) -> None:
        """This is the socket to the worker."""
        ours.setblocking(False)
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_unix_connection(lambda: _Line(self), sock=ours)

    async def start(self, settings: MediaSettings) -> None:
        """Spawned if it is not; waits until it listens. Raises WorkerGone."""
        try:
            if self._process is None:
                await self.spawn()
            if self._transport is None:
                raise WorkerGone("the worker ended before it began")
            self._ready = asyncio.get_running_loop().create_future()
            self._transport.write(encode(settings))
            async with asyncio.timeout(START_SECONDS):
                await self._ready
        except (TimeoutError, WorkerGone, OSError):
            await self.close()
            raise WorkerGone("the media worker did not start") from None

    def send(self, command: Command) -> None:
        """Never blocks. To a worker that is gone nothing is said."""
        if self._transport is None:
            return
        if not self._unsent:
            asyncio.get_running_loop().call_soon(self._flush)
        self._unsent.append(encode(command))

    def _flush(self) -> None:
        """All in one: each write is a system call, and wakes a worker that sleeps."""
        unsent, self._unsent = self._unsent, []
        if self._transport is None or not unsent:
            return
        self._transport.write(b"".join(unsent))
        if self._transport.get_write_buffer_size() > MAX_UNREAD:
            self.lose("worker does not read its commands")

    def hear(self, event: Event) -> None:
        """One event from the worker."""
        if isinstance(event, WorkerReady) and self._ready is not None and not self._ready.done():
            self._ready.set_result(None)
        self.on_event(event)

    def lose(self, reason: str) -> None:
        """The worker is gone or must go; told once."""
        transport, self._transport = self._transport, None
        if transport is None:
            return
        transport.abort()
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
        if self._ready is not None and not self._ready.done():
            self._ready.set_exception(WorkerGone(reason))
            return
        self.on_lost(reason)

    async def close(self) -> None:
        """Stop the worker; it ends its recordings and says BYE first."""
        self._flush()
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.close()
        process, self._process = self._process, None
        if process is not None:
            try:
                async with asyncio.timeout(STOP_SECONDS):
                    await process.wait()
            except TimeoutError:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
