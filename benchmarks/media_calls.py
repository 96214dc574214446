"""What a call costs the media worker: bridged, recorded, music; beside a bare epoll relay.

    python -m benchmarks.media_calls [--calls 50 200 500] [--seconds 4]

One line a figure: CPU (user and system, all threads of the process, from the scheduler's own
nanoseconds) in ms a call-second, loss, added delay and the jitter of what is sent. The relay
carries the same packets from the same load generator in the same run. Delay and jitter contain
the load generator's own millisecond grid. Loopback only.
"""

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from media.api import (
    Bridge,
    CloseLeg,
    Event,
    LegClosed,
    MediaClient,
    MediaSettings,
    Music,
    Record,
    RecordingEnded,
    SetRemote,
)

HOST = "127.0.0.1"
WARM = 1.0
SETTINGS = MediaSettings(rtp_low=20000, rtp_high=30000, drain_seconds=0.0, spare=False)


@dataclass
class Figures:
    """One measurement."""

    kind: str
    calls: int
    cpu: float  # ms a call-second
    load: dict[str, float]

    def line(self, reference: float | None) -> str:
        sent, received = self.load["sent"], self.load["received"]
        loss = 100 * (1 - received / sent) if sent else 0.0
        ratio = f"{self.cpu / reference:5.2f} x relay" if reference else " " * 13
        delay = " " * 28
        if self.kind != "music":  # whose packets were not sent by the load generator
            delay = f"delay p50 {self.load['delay50']:5.2f} p99 {self.load['delay99']:6.2f} ms"
        return (
            f"{self.kind:9} {self.calls:4} calls  {self.cpu:6.3f} ms CPU/call-s  {ratio}  "
            f"loss {loss:6.3f} %  {delay}  "
            f"jitter p50 {self.load['jitter50']:5.2f} p99 {self.load['jitter99']:6.2f} ms"
        )


def cpu_seconds(process: int) -> float:
    """All threads, to the nanosecond."""
    total = 0
    for task in Path(f"/proc/{process}/task").iterdir():
        total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


async def _json_line(reader: asyncio.StreamReader | None) -> Any:
    assert reader is not None
    return json.loads(await reader.readline())


def _write(process: asyncio.subprocess.Process, value: object) -> None:
    assert process.stdin is not None
    process.stdin.write(json.dumps(value).encode() + b"\n")


async def _spawn(module: str) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module), stdin=pipe, stdout=pipe, limit=1 << 22
    )


class Load:
    """The load generator."""

    def __init__(self, process: asyncio.subprocess.Process, rtcp_port: int) -> None:
        self._process = process
        self.rtcp_port = rtcp_port

    @classmethod
    async def start(cls, phones: int) -> tuple["Load", list[int]]:
        process = await _spawn("benchmarks.load")
        _write(process, {"count": phones})
        rtcp_port, *ports = await _json_line(process.stdout)
        return cls(process, rtcp_port), ports

    async def measure(
        self, to: list[int], seconds: float, process: int
    ) -> tuple[float, dict[str, float]]:
        """CPU seconds that `process` used meanwhile, and the load's figures."""
        out = self._process.stdout
        assert out is not None
        _write(self._process, {"to": to, "warm": WARM, "seconds": seconds})
        assert await out.readline() == b"go\n"
        before = cpu_seconds(process)
        assert await out.readline() == b"done\n"
        used = cpu_seconds(process) - before
        figures = await _json_line(out)
        await self._process.wait()
        return used, figures


async def relayed(calls: int, seconds: float) -> Figures:
    load, ports = await Load.start(2 * calls)
    process = await _spawn("benchmarks.relay")
    _write(process, [ports[i : i + 2] for i in range(0, len(ports), 2)])
    to = [port for pair in await _json_line(process.stdout) for port in pair]
    try:
        used, figures = await load.measure(to, seconds, process.pid)
    finally:
        process.kill()
        await process.wait()
    return Figures("relay", calls, used / calls / seconds * 1000, figures)


class Office:
    """A worker and its open legs."""

    def __init__(self) -> None:
        self.client = MediaClient(self._on_event)
        self.legs: list[int] = []
        self._waiting = 0
        self._done = asyncio.Event()

    def _on_event(self, event: Event) -> None:
        if isinstance(event, LegClosed | RecordingEnded):
            self._waiting -= 1
            if self._waiting == 0:
                self._done.set()

    async def open(self, ports: list[int], rtcp_port: int) -> list[int]:
        """Legs toward phones on these ports; returns the legs' own ports."""
        to = []
        for port in ports:
            leg = await self.client.open_leg(HOST)
            self.legs.append(leg.id)
            to.append(leg.port)
            self.client.send(SetRemote(leg.id, HOST, port, HOST, rtcp_port))
        return to

    async def close(self, recordings: int) -> None:
        self._waiting = len(self.legs) + recordings
        for leg in self.legs:
            self.client.send(CloseLeg(leg))
        async with asyncio.timeout(20):
            await self._done.wait()
        self.legs = []


@asynccontextmanager
async def office() -> AsyncIterator[Office]:
    one = Office()
    await one.client.start(SETTINGS)
    try:
        yield one
    finally:
        await one.client.close()


async def worked(
    kind: str,
    calls: int,
    seconds: float,
    folder: Path,
    on_start: Callable[[int], None] = lambda process: None,
) -> Figures:
    """One measurement in a fresh worker; `on_start` is told its process."""
    phones = calls if kind == "music" else 2 * calls
    async with office() as one:
        load, ports = await Load.start(phones)
        to = await one.open(ports, load.rtcp_port)
        new_id, send = one.client.new_id, one.client.send
        for i in range(0, 0 if kind == "music" else phones, 2):
            a, b = one.legs[i], one.legs[i + 1]
            send(Bridge(new_id(), (a, b)))
            if kind == "recorded":
                number = new_id()
                send(Record(number, str(folder / f"{kind}-{calls}-{number}.wav"), (a,), (b,)))
                # Calls do not begin all in the same tick.
                await asyncio.sleep(0.0005)
        if kind == "music":
            for leg in one.legs:
                send(Music(leg, str(folder / "music.wav"), -6.0))
        (process,) = one.client.processes
        on_start(process)
        used, figures = await load.measure(to, seconds, process)
        await one.close(calls if kind == "recorded" else 0)
    _remove(folder, f"{kind}-{calls}-*.wav")
    return Figures(kind, calls, used / calls / seconds * 1000, figures)


def _remove(folder: Path, pattern: str) -> None:
    for file in folder.glob(pattern):
        file.unlink()


def write_music(folder: Path) -> None:
    time = np.arange(8000 * 30) / 8000
    soundfile.write(folder / "music.wav", 0.3 * np.sin(2 * np.pi * 440 * time), 8000)


async def run(calls: list[int], seconds: float, kinds: list[str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_music(folder)
        for count in calls:
            reference = await relayed(count, seconds)
            print(reference.line(None), flush=True)
            for kind in kinds:
                figures = await worked(kind, count, seconds, folder)
                relay = None if kind == "music" else reference.cpu
                print(figures.line(relay), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--calls", type=int, nargs="+", default=[50, 200, 500])
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--kinds", nargs="+", default=["bridged", "recorded", "music"])
    arguments = parser.parse_args()
    asyncio.run(run(arguments.calls, arguments.seconds, arguments.kinds))


if __name__ == "__main__":
    main()
