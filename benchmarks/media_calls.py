"""What a call costs the media worker: bridged, recorded, music, conference; beside bare relays.

    python -m benchmarks.media_calls [--calls 50 200 500 1000] [--seconds 3] [--kinds bridged ...]

One line a figure: CPU (user and system, all threads of the process, from the scheduler's own
nanoseconds) in ms a call-second - of a conference a member-second, in rooms of 50 -, loss, added
delay and the jitter of what is sent, as the far phones' kernel stamped it. The relay carries the
same packets from the same load generator in the same run; so does rtpengine, if it is there.
At the end the growth: what a call costs at the most calls, against the second least. Loopback only.
"""

import argparse
import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from benchmarks.native import NO_COMPILER, compiled
from benchmarks.phones import Phones
from benchmarks.references import NO_RTPENGINE, by_rtpengine, relayed
from media.api import (
    Bridge,
    CloseLeg,
    Event,
    GetStats,
    LegClosed,
    MediaClient,
    MediaSettings,
    Music,
    Record,
    RecordingEnded,
    SetRemote,
    Stats,
)

HOST = "127.0.0.1"
ROOM = 50
KINDS = ["bridged", "recorded", "music", "conference"]
SETTINGS = MediaSettings(rtp_low=20000, rtp_high=30000, drain_seconds=0.0, spare=False)


@dataclass
class Figures:
    """One measurement."""

    kind: str
    calls: int
    cpu: float  # ms a call-second
    load: dict[str, float]

    @property
    def is_relay(self) -> bool:
        return self.kind in ("relay", "rtpengine", "bridged", "recorded")

    def line(self, reference: float | None) -> str:
        sent, received = self.load["sent"], self.load["received"]
        loss = 100 * (1 - received / sent) if sent else 0.0
        ratio = f"{self.cpu / reference:5.2f} x relay" if reference else " " * 13
        delay = " " * 28
        if self.is_relay:  # else what comes back is not what the load generator sent
            delay = f"delay p50 {self.load['delay50']:5.2f} p99 {self.load['delay99']:6.2f} ms"
        return (
            f"{self.kind:10} {self.calls:4} calls  {self.cpu:6.3f} ms CPU/call-s  {ratio}  "
            f"loss {loss:6.3f} %  {delay}  "
            f"jitter p50 {self.load['jitter50']:5.2f} p99 {self.load['jitter99']:6.2f} ms"
        )


class Office:
    """A worker and its open legs."""

    def __init__(self) -> None:
        self.client = MediaClient(self._on_event)
        self.legs: list[int] = []
        self._waiting = 0
        self._done, self._settled = asyncio.Event(), asyncio.Event()

    def _on_event(self, event: Event) -> None:
        if isinstance(event, LegClosed | RecordingEnded):
            self._waiting -= 1
            if self._waiting == 0:
                self._done.set()
        elif isinstance(event, Stats):
            self._settled.set()

    async def open(self, phones: Phones) -> list[int]:
        """A leg toward each phone; returns the legs' own ports."""
        to = []
        for port in phones.ports:
            leg = await self.client.open_leg(HOST)
            self.legs.append(leg.id)
            to.append(leg.port)
            self.client.send(SetRemote(leg.id, HOST, port, HOST, phones.rtcp_port))
        return to

    async def arrange(self, kind: str, calls: int, folder: Path) -> None:
        """Who hears what."""
        send, new_id, legs = self.client.send, self.client.new_id, self.legs
        if kind == "music":
            for leg in legs:
                send(Music(leg, str(folder / "music.wav"), -6.0))
            return
        size = ROOM if kind == "conference" else 2
        for i in range(0, len(legs), size):
            send(Bridge(new_id(), tuple(legs[i : i + size])))
            if kind == "recorded":
                number = new_id()
                path = str(folder / f"{kind}-{calls}-{number}.wav")
                send(Record(number, path, (legs[i],), (legs[i + 1],)))
                # Calls do not begin all in the same tick.
                await asyncio.sleep(0.0005)

    async def settle(self) -> None:
        """Until the worker has obeyed all of it: what is measured are calls that are up."""
        self._settled.clear()
        self.client.send(GetStats(self.legs[-1]))
        async with asyncio.timeout(60):
            await self._settled.wait()

    async def close(self, recordings: int) -> None:
        self._waiting = len(self.legs) + recordings
        for leg in self.legs:
            self.client.send(CloseLeg(leg))
        async with asyncio.timeout(30):
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
    """One measurement in a fresh worker; `on_start` is told its process when it is warm."""
    async with office() as one:
        phones = await Phones.open(2 * calls if kind in ("bridged", "recorded") else calls)
        to = await one.open(phones)
        await one.arrange(kind, calls, folder)
        await one.settle()
        (process,) = one.client.processes
        used, load = await phones.measure(to, seconds, process, lambda: on_start(process))
        await one.close(calls if kind == "recorded" else 0)
    _remove(folder, f"{kind}-{calls}-*.wav")
    return Figures(kind, calls, used / calls / seconds * 1000, load)


def _remove(folder: Path, pattern: str) -> None:
    for file in folder.glob(pattern):
        file.unlink()


def write_music(folder: Path) -> None:
    time = np.arange(8000 * 30) / 8000
    soundfile.write(folder / "music.wav", 0.3 * np.sin(2 * np.pi * 440 * time), 8000)


async def references(calls: int, seconds: float) -> list[Figures]:
    """The bare relay first."""
    found = [("relay", await relayed(calls, seconds)), ("rtpengine", None)]
    found[1] = ("rtpengine", await by_rtpengine(calls, seconds))
    return [
        Figures(kind, calls, one[0] / calls / seconds * 1000, one[1])
        for kind, one in found
        if one is not None
    ]


async def run(calls: list[int], seconds: float, kinds: list[str]) -> None:
    cost: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_music(folder)
        for count in calls:
            beside = await references(count, seconds)
            for figures in beside:
                print(figures.line(None), flush=True)
            if len(beside) == 1:
                print(NO_RTPENGINE)
            for kind in kinds:
                figures = await worked(kind, count, seconds, folder)
                cost.setdefault(kind, []).append(figures.cpu)
                is_beside = kind in ("bridged", "recorded")
                print(figures.line(beside[0].cpu if is_beside else None), flush=True)
    if len(calls) > 2:
        for kind, costs in cost.items():
            growth = costs[-1] / costs[1]
            print(
                f"growth     {kind}: a call at {calls[-1]} costs {growth:.2f} x one at {calls[1]}"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--calls", type=int, nargs="+", default=[50, 200, 500, 1000])
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--kinds", nargs="+", default=KINDS)
    arguments = parser.parse_args()
    if compiled("relay") is None:
        print(NO_COMPILER)
    asyncio.run(run(arguments.calls, arguments.seconds, arguments.kinds))


if __name__ == "__main__":
    main()
