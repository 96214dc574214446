"""What a call costs the media worker: bridged, recorded, music, conference; beside bare relays.

    python -m benchmarks.media_calls [--calls 50 200 500 1000] [--seconds 3] [--kinds bridged ...]
    python -m benchmarks.media_calls --capacity --calls 200 1000 --kinds recorded [--bound 20]

One line a figure: CPU (user and system, all threads of the process, from the scheduler's own
nanoseconds) in ms a call-second of packets handled - of a conference a member-second, in rooms of
50 -, the share of a core that the busiest thread had, loss, added delay and the jitter of what is
sent, as the far phones' kernel stamped it. Where more was offered than was handled the line says
OVER CAPACITY, and is compared with nothing. The relay carries the same packets from the same load
generator in the same run; so does rtpengine, if it is there. At the end the growth: what a call
costs at the most calls below capacity, against the second least. Loopback only.
"""

import argparse
import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import soundfile

from benchmarks.figures import Figures, growth
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
RELAYS = ("bridged", "recorded")
# The search for the most calls ends when it is known to so many.
STEP = 50
SETTINGS = MediaSettings(rtp_low=20000, rtp_high=30000, drain_seconds=0.0, spare=False)


class Office:
    """A worker and its open legs."""

    def __init__(self) -> None:
        self.client = MediaClient(self._on_event)
        self.legs: list[int] = []
        self._files: list[Path] = []
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
                path = folder / f"{kind}-{calls}-{number}.wav"
                self._files.append(path)
                send(Record(number, str(path), (legs[i],), (legs[i + 1],)))
                # Calls do not begin all in the same tick.
                await asyncio.sleep(0.0005)

    async def settle(self) -> None:
        """Until the worker has obeyed all of it: what is measured are calls that are up. (A file
        system that has just deleted as many files takes up to 2 ms to begin one.)
        """
        self._settled.clear()
        self.client.send(GetStats(self.legs[-1]))
        async with asyncio.timeout(60):
            await self._settled.wait()
            while not all(path.exists() for path in self._files):  # noqa: ASYNC110 - files wake nobody
                await asyncio.sleep(0.05)

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
    return Figures(kind, calls, used, seconds, load, kind in RELAYS)


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
    return [Figures(kind, calls, one[0], seconds, one[1]) for kind, one in found if one]


async def run(calls: list[int], seconds: float, kinds: list[str], folder: Path) -> None:
    found: dict[str, list[Figures]] = {}
    for count in calls:
        beside = await references(count, seconds)
        for figures in beside:
            print(figures.line(), flush=True)
        if len(beside) == 1:
            print(NO_RTPENGINE)
        for kind in kinds:
            figures = await worked(kind, count, seconds, folder)
            found.setdefault(kind, []).append(figures)
            print(figures.line(beside[0] if kind in RELAYS else None), flush=True)
    for one in found.values() if len(calls) > 2 else ():
        print(f"growth     {growth(one)}")


async def capacity(
    kind: str, between: list[int], seconds: float, bound: float, folder: Path
) -> None:
    """The most calls that one worker holds with 99 % of packets no later than `bound` ms."""
    low, high = between[0], between[-1]
    while high - low > STEP:
        middle = (low + high) // 2 // STEP * STEP
        middle = middle if middle > low else low + STEP
        figures = await worked(kind, middle, seconds, folder)
        is_held = not figures.is_over and figures.late <= bound
        print(f"{figures.line()}  {'held' if is_held else 'too many'}", flush=True)
        low, high = (middle, high) if is_held else (low, middle)
    print(f"capacity   {kind}: {low} calls with p99 of at most {bound:g} ms", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--calls", type=int, nargs="+", default=[50, 200, 500, 1000])
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--kinds", nargs="+", default=KINDS)
    parser.add_argument("--capacity", action="store_true", help="search between first and last")
    parser.add_argument("--bound", type=float, default=20.0, help="ms that 99 %% must stay below")
    arguments = parser.parse_args()
    if compiled("relay") is None:
        print(NO_COMPILER)
    calls, seconds, kinds = arguments.calls, arguments.seconds, arguments.kinds
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_music(folder)
        if not arguments.capacity:
            asyncio.run(run(calls, seconds, kinds, folder))
        for kind in kinds if arguments.capacity else ():
            asyncio.run(capacity(kind, calls, seconds, arguments.bound, folder))


if __name__ == "__main__":
    main()
