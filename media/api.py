"""The only door to the media engine: its words, the form of sealed recordings, and the asyncio
client that owns the worker.

The control side never blocks: `send` writes into a buffer, everything that happens comes to
`on_event`. Only `open_leg` is awaited, because a leg's port is needed for the first SDP.
"""

import asyncio
import itertools
import os
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass

from media.commands import (
    Bridge,
    CloseLeg,
    Command,
    Digit,
    Echo,
    Event,
    Failed,
    GetStats,
    Hearing,
    Latched,
    LegClosed,
    LegOpened,
    LegStats,
    MediaSettings,
    Music,
    OpenLeg,
    OtherCodec,
    Play,
    PlayEnd,
    PlayEnded,
    SendDigits,
    SetCountry,
    SetRemote,
    Silent,
    Stats,
    StopMusic,
    StopPlay,
    Unbridge,
    WorkerLost,
    WorkerReady,
)
from media.recording_commands import (
    PauseRecording,
    Protect,
    Rechannel,
    Record,
    RecordingEnd,
    RecordingEnded,
    RecordingTrouble,
    ResumeRecording,
    StopRecording,
)
from media.sealed import KEY_SIZE, Gap, Piece, SealedError, SealedReader, Sound
from media.wire import LineSplitter, WireError, decode, encode

__all__ = [
    "Bridge",
    "CloseLeg",
    "Command",
    "Digit",
    "Echo",
    "Event",
    "Failed",
    "Gap",
    "GetStats",
    "Hearing",
    "KEY_SIZE",
    "Latched",
    "Leg",
    "LegClosed",
    "LegOpened",
    "LegRefused",
    "LegStats",
    "MediaClient",
    "MediaError",
    "MediaSettings",
    "Music",
    "OpenLeg",
    "OtherCodec",
    "PauseRecording",
    "Piece",
    "Play",
    "PlayEnd",
    "PlayEnded",
    "Protect",
    "Rechannel",
    "Record",
    "RecordingEnd",
    "RecordingEnded",
    "RecordingTrouble",
    "ResumeRecording",
    "SealedError",
    "SealedReader",
    "SendDigits",
    "SetCountry",
    "SetRemote",
    "Silent",
    "Sound",
    "Stats",
    "StopMusic",
    "StopPlay",
    "StopRecording",
    "Unbridge",
    "WorkerGone",
    "WorkerLost",
    "WorkerReady",
]

# A worker that does not read this much is stuck: thousands of commands behind.
MAX_UNREAD = 8 * 1024 * 1024
# numpy, soundfile and soxr are imported in this time even on a small, busy machine.
START_SECONDS = 30.0
# After its socket is closed a worker says BYE to the legs and finishes its recordings.
STOP_SECONDS = 5.0


class MediaError(Exception):
    """MediaError > LegRefused (no port, bad address), WorkerGone (no worker to ask)."""


class LegRefused(MediaError):
    pass


class WorkerGone(MediaError):
    pass


@dataclass(frozen=True, slots=True)
class Leg:
    """An open leg: its number, and the local RTP port (RTCP is the next one)."""

    id: int
    port: int


class _Line(asyncio.Protocol):
    """The control side's end of the socket to the worker."""

    def __init__(self, client: "MediaClient") -> None:
        self._client = client
        self._splitter = LineSplitter()

    def data_received(self, data: bytes) -> None:
        try:
            for line in self._splitter.feed(data):
                self._client.handle(decode(line))
        except WireError as error:
            self._client.lose(f"worker speaks nonsense: {error.reason}")

    def connection_lost(self, error: Exception | None) -> None:
        self._client.lose(str(error or "worker closed its socket"))


class MediaClient:
    """Starts the worker, carries commands to it and its events to `on_event`.

    After WorkerLost `start` may be called again: a fresh worker, with no legs.
    """

    def __init__(self, on_event: Callable[[Event], None] | None = None) -> None:
        self.on_event = on_event
        self._ids = itertools.count(1)
        self._opening: dict[int, asyncio.Future[int]] = {}
        self._transport: asyncio.WriteTransport | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._ready: asyncio.Future[None] | None = None

    @property
    def alive(self) -> bool:
        return self._transport is not None

    @property
    def process(self) -> int | None:
        """The worker's process number: for measurements."""
        return self._process.pid if self._process else None

    def new_id(self) -> int:
        """A number never given before: for legs, bridges, plays and recordings alike."""
        return next(self._ids)

    async def start(self, settings: MediaSettings) -> None:
        """Spawn the worker and wait until it listens. Raises WorkerGone, ValueError."""
        if settings.workers != 1:
            raise ValueError("one media worker is what this version runs")
        if self.alive:
            raise MediaError("already started")
        loop = asyncio.get_running_loop()
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "media.worker", str(theirs.fileno())),
                pass_fds=(theirs.fileno(),),
                # Its matrix products are small: a second thread would cost more than it helps.
                env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
                stdin=asyncio.subprocess.DEVNULL,
            )
        self._ready = loop.create_future()
        ours.setblocking(False)
        transport, _ = await loop.create_unix_connection(lambda: _Line(self), sock=ours)
        self._transport = transport
        transport.write(encode(settings))
        try:
            await asyncio.wait_for(self._ready, START_SECONDS)
        except (TimeoutError, WorkerGone):
            await self.close()
            raise WorkerGone("the media worker did not start") from None

    def send(self, command: Command) -> None:
        """Never blocks. Without a worker the command is dropped: WorkerLost was told already."""
        if self._transport is None:
            return
        self._transport.write(encode(command))
        if self._transport.get_write_buffer_size() > MAX_UNREAD:
            self.lose("worker does not read its commands")

    async def open_leg(self, host: str) -> Leg:
        """A leg with a port pair on the local address `host`. Raises LegRefused, WorkerGone."""
        if self._transport is None:
            raise WorkerGone("no media worker")
        leg = self.new_id()
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._opening[leg] = future
        self.send(OpenLeg(leg, host))
        try:
            return Leg(leg, await future)
        except asyncio.CancelledError:
            self.send(CloseLeg(leg))
            raise
        finally:
            self._opening.pop(leg, None)

    async def close(self) -> None:
        """Stop the worker; it ends its recordings and says BYE first."""
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.close()
        self._refuse_waiting("media client closed")
        process, self._process = self._process, None
        if process is not None:
            try:
                await asyncio.wait_for(process.wait(), STOP_SECONDS)
            except TimeoutError:
                process.kill()
                await process.wait()

    def handle(self, event: Event) -> None:
        """One event from the worker."""
        match event:
            case WorkerReady():
                if self._ready is not None and not self._ready.done():
                    self._ready.set_result(None)
            case LegOpened(leg, port) if leg in self._opening:
                waiting = self._opening.pop(leg)
                if not waiting.done():
                    waiting.set_result(port)
                return
            case Failed("OpenLeg", leg, reason) if leg in self._opening:
                waiting = self._opening.pop(leg)
                if not waiting.done():
                    waiting.set_exception(LegRefused(reason))
                return
        if self.on_event is not None:
            self.on_event(event)

    def lose(self, reason: str) -> None:
        """The worker is gone or must go; told once."""
        transport, self._transport = self._transport, None
        if transport is None:
            return
        transport.abort()
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
        self._refuse_waiting(reason)
        if self.on_event is not None:
            self.on_event(WorkerLost(reason))

    def _refuse_waiting(self, reason: str) -> None:
        waiting, self._opening = list(self._opening.values()), {}
        if self._ready is not None and not self._ready.done():
            self._ready.set_exception(WorkerGone(reason))
        for future in waiting:
            if not future.done():
                future.set_exception(WorkerGone(reason))
