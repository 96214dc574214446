"""Mixed calls that come and go for a long time: memory, late ticks, lost packets.

    python -m benchmarks.soak [--minutes 30] [--calls 300] [--workers 1]

Of the calls 40 % are two that talk, 30 % are recorded, 20 % hear music, 10 % sit in conferences of
ten; every second some end and others begin. Late is a tick that ran more than 20 ms after its time.
How it is known whose fault that was: the kernel counts how long the worker was ready and had no CPU
(run delay, /proc/PID/schedstat); a process that does nothing but sleep for 5 ms at a time, with the
same rights, tells by how much it was late itself; /proc/stat tells what the hypervisor took away. A
late tick is ours if none of the three accounts for half of it. Loopback only.
"""

import argparse
import asyncio
import itertools
import os
import random
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.media_calls import HOST, write_music
from benchmarks.native import NO_COMPILER, compiled
from benchmarks.phones import WARM, Phones, hurry
from media.api import (
    Bridge,
    CloseLeg,
    Event,
    Failed,
    Late,
    LegClosed,
    MediaClient,
    MediaSettings,
    Music,
    Record,
    SetRemote,
    WorkerDied,
)

# A tenth of the calls, over all, in ten seconds.
CHURN = 0.01
# Of ninety-one one is a room, whose ten people count as ten calls.
KINDS = ["talk", "recorded", "music", "talk", "recorded", "talk", "talk", "recorded", "music"] * 10
KINDS.append("conference")
CALLS = {"talk": 1, "recorded": 1, "music": 1, "conference": 10}
SIZE = {"talk": 2, "recorded": 2, "music": 1, "conference": 10}
LOOK = 0.25
MEGABYTE = 1024 * 1024


def sleeper() -> None:
    """Control: says how late it woke, whenever that was more than 10 ms."""
    while True:
        before = time.monotonic()
        time.sleep(0.005)
        late = time.monotonic() - before - 0.005
        if late > 0.01:
            print(f"{late:.4f}", flush=True)


@dataclass
class Machine:
    """What the machine did to us, in looks of a quarter of a second: (time, seconds)."""

    process: int
    waits: list[tuple[float, float]] = field(default_factory=list)
    sleeps: list[tuple[float, float]] = field(default_factory=list)
    steals: list[tuple[float, float]] = field(default_factory=list)
    _before: tuple[float, float] = (0.0, 0.0)

    def look(self, now: float) -> None:
        words = Path(f"/proc/{self.process}/schedstat").read_text().split()
        steal = int(Path("/proc/stat").read_text().split("\n", 1)[0].split()[8]) / 100
        wait = int(words[1]) / 1e9
        if self._before != (0.0, 0.0):
            self.waits.append((now, wait - self._before[0]))
            self.steals.append((now, steal - self._before[1]))
        self._before = wait, steal

    def explains(self, now: float, late: float) -> str:
        """Which of the three accounts for a tick that was late within the last second or so."""
        for name, kept in (("no CPU", self.waits), ("control", self.sleeps),
                           ("steal", self.steals)):  # fmt: skip
            if sum(value for at, value in kept if now - 1.6 < at < now + 0.4) >= late / 2:
                return name
        return ""


@dataclass
class Soak:
    client: MediaClient
    phones: Phones
    folder: Path
    calls: list[tuple[list[int], list[int]]] = field(default_factory=list)  # phones, legs
    free: list[int] = field(default_factory=list)
    recorded: int = 0
    opened: int = 0
    lost_in: int = 0
    died: int = 0
    refused: list[str] = field(default_factory=list)
    late: list[tuple[float, Late]] = field(default_factory=list)

    def on_event(self, event: Event) -> None:
        match event:
            case LegClosed(stats=stats):
                self.lost_in += stats.lost_in
            case Late():
                self.late.append((time.monotonic(), event))
            case WorkerDied():
                self.died += 1
            case Failed(reason=reason):
                self.refused.append(reason)

    async def begin(self, kind: str, is_running: bool) -> list[int]:
        """A call; the ports its phones send to."""
        phones = [self.free.pop() for _ in range(SIZE[kind])]
        ports, legs, send = [], [], self.client.send
        for phone in phones:
            leg = await self.client.open_leg(HOST)
            legs.append(leg.id)
            ports.append(leg.port)
            send(SetRemote(leg.id, HOST, self.phones.ports[phone], HOST, self.phones.rtcp_port))
            if is_running:
                self.phones.aim(phone, leg.port)
        if kind == "music":
            send(Music(legs[0], str(self.folder / "music.wav"), -6.0))
        else:
            send(Bridge(self.client.new_id(), tuple(legs)))
        if kind == "recorded":
            path = self.folder / f"{self.client.new_id()}.wav"
            send(Record(self.client.new_id(), str(path), (legs[0],), (legs[1],)))
        self.calls.append((phones, legs))
        self.opened += 1
        return ports

    def end(self, place: int) -> None:
        phones, legs = self.calls.pop(place)
        for leg in legs:
            self.client.send(CloseLeg(leg))
        self.free += phones

    async def churn(self, kinds: "itertools.cycle[str]", dice: random.Random) -> None:
        """One in a hundred calls a second is another one."""
        while True:
            await asyncio.sleep(1.0)
            for _ in range(max(1, round(CHURN * len(self.calls)))):
                self.end(dice.randrange(len(self.calls)))
            # In the kinds' order, as far as there are phones for them.
            while len(self.free) >= 12:
                await self.begin(next(kinds), True)
            await asyncio.to_thread(self._tidy)

    def _tidy(self) -> None:
        files = sorted(self.folder.glob("[0-9]*.wav"), key=lambda path: path.stat().st_mtime)
        for path in files[:-200]:
            if time.time() - path.stat().st_mtime > 10:
                path.unlink()


def resident(process: int) -> float:
    """MB."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * 4096 / MEGABYTE


async def watch(soak: Soak, machine: Machine) -> None:
    """Four looks a second; once a minute a line."""
    for number in itertools.count(1):
        await asyncio.sleep(LOOK)
        machine.look(time.monotonic())
        if number % round(60 / LOOK) == 0:
            ours, all_late = count_late(soak, machine)
            print(
                f"min {number * LOOK / 60:3.0f}  {len(soak.calls)} calls, {soak.opened} so far  "
                f"worker {resident(machine.process):.1f} client {resident(os.getpid()):.1f} MB  "
                f"late ticks {all_late}, ours {ours}  lost on the way in {soak.lost_in}",
                flush=True,
            )


def count_late(soak: Soak, machine: Machine) -> tuple[int, int]:
    ours = sum(late.ticks for at, late in soak.late if not machine.explains(at, late.seconds))
    return ours, sum(late.ticks for _, late in soak.late)


async def listen(process: asyncio.subprocess.Process, machine: Machine) -> None:
    assert process.stdout is not None
    while line := await process.stdout.readline():
        machine.sleeps.append((time.monotonic(), float(line)))


async def run(minutes: float, calls: int, workers: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_music(folder)
        client = MediaClient()
        settings = MediaSettings(rtp_low=20000, rtp_high=30000, workers=workers, spare=False)
        await client.start(settings)
        kinds = itertools.cycle(KINDS)
        plan: list[str] = []
        while sum(map(CALLS.__getitem__, plan)) < calls:
            plan.append(next(kinds))
        phones = await Phones.open(sum(SIZE[kind] for kind in plan) + 12)
        soak = Soak(client, phones, folder, free=list(range(len(phones.ports))))
        client.on_event = soak.on_event
        to = [9] * len(phones.ports)
        for kind in plan:
            ports = await soak.begin(kind, False)
            for phone, port in zip(soak.calls[-1][0], ports, strict=True):
                to[phone] = port
        machine = Machine(client.processes[0])
        command = (sys.executable, "-m", "benchmarks.soak", "--sleeper")
        control = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        hurry(control.pid)
        tasks = [asyncio.ensure_future(one) for one in (
            watch(soak, machine), listen(control, machine), soak.churn(kinds, random.Random(4)),
        )]  # fmt: skip
        try:
            used, load = await phones.measure(
                to, minutes * 60, client.processes[0], soak.late.clear
            )
        finally:
            for task in tasks:
                task.cancel()
            control.kill()
            await control.wait()
        report(soak, machine, load, used / (minutes * 60))
        await client.close()


def report(soak: Soak, machine: Machine, load: dict[str, float], share: float) -> None:
    ours, every = count_late(soak, machine)
    worst = max((late.seconds for _, late in soak.late), default=0.0)
    by = [machine.explains(at, late.seconds) or "ours" for at, late in soak.late]
    sent, received = load["sent"], load["received"]
    slept = [value for _, value in machine.sleeps]
    print(f"worker's CPU {100 * share:.1f} % of a core; {soak.opened} calls; deaths {soak.died}")
    print(f"packets out {sent:.0f}, lost {sent - received:.0f}; lost on the way in {soak.lost_in}")
    print(
        f"late ticks {every} (worst {1000 * worst:.0f} ms), ours {ours}; "
        f"seconds with late ticks by cause { ({one: by.count(one) for one in sorted(set(by))}) }"
    )
    print(
        f"control: woke late {len(slept)} times (worst {1000 * max(slept, default=0):.0f} ms); "
        f"worker without CPU for {sum(v for _, v in machine.waits):.2f} s in all, "
        f"steal {sum(v for _, v in machine.steals):.2f} s"
    )
    print(f"send jitter p50 {load['jitter50']} p99 {load['jitter99']} ms (the first minute)")
    if soak.refused:
        print(f"refused {len(soak.refused)}: {sorted(set(soak.refused))[:3]}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--calls", type=int, default=300)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--sleeper", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.sleeper:
        sleeper()
    if compiled("load") is None:
        sys.exit(f"{NO_COMPILER}; the one in Python takes no calls that change")
    print(f"{arguments.calls} calls for {arguments.minutes} minutes, {WARM:.0f} s to warm up")
    asyncio.run(run(arguments.minutes, arguments.calls, arguments.workers))


if __name__ == "__main__":
    main()
