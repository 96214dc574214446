"""The load of the media benchmarks, in a process of its own: started, aimed, asked afterwards."""

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.native import compiled

WARM = 1.0


def cpu_seconds(process: int) -> float:
    """User and system time of all threads, to the nanosecond."""
    return sum(thread_seconds(process).values())


def thread_seconds(process: int) -> dict[str, float]:
    """The same, thread by thread."""
    tasks = Path(f"/proc/{process}/task").iterdir()
    return {task.name: int((task / "schedstat").read_text().split()[0]) / 1e9 for task in tasks}


def command_of(name: str, *arguments: str) -> list[str]:
    """The C program, or the module in Python that does the same."""
    program = compiled(name)
    return [program, *arguments] if program else [sys.executable, "-m", f"benchmarks.{name}"]


async def spawn(*command: str) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, limit=1 << 22)


def hurry(process: int) -> None:
    """Before all other programs, where we may: else their share of the machine is measured too."""
    for task in Path(f"/proc/{process}/task").iterdir():
        with contextlib.suppress(OSError):
            os.sched_setscheduler(int(task.name), os.SCHED_RR, os.sched_param(1))


def say(process: asyncio.subprocess.Process, *values: object) -> None:
    assert process.stdin is not None
    process.stdin.write(" ".join(map(str, values)).encode() + b"\n")


async def answer(process: asyncio.subprocess.Process) -> list[str]:
    assert process.stdout is not None
    return (await process.stdout.readline()).decode().split()


class Phones:
    """Far phones; each sends to the port that it is told, and measures what comes to its own."""

    def __init__(self, process: asyncio.subprocess.Process, ports: list[int]) -> None:
        self._process = process
        self.rtcp_port, *self.ports = ports

    @classmethod
    async def open(cls, count: int) -> "Phones":
        process = await spawn(*command_of("load"))
        say(process, count)
        return cls(process, list(map(int, await answer(process))))

    def aim(self, phone: int, port: int) -> None:
        """While they are measured: this phone is in another call now. (Not the ones in Python.)"""
        say(self._process, phone, port)

    async def follow(
        self,
        to: list[int],
        seconds: float,
        process: int,
        on_go: Callable[[], None] = lambda: None,
        on_done: Callable[[], None] = lambda: None,
    ) -> dict[str, float]:
        """What the phones measure, whatever becomes of the process."""
        for one in (process, self._process.pid):
            hurry(one)
        say(self._process, WARM, seconds, *to)
        for word, act in (("go", on_go), ("done", on_done)):
            assert await answer(self._process) == [word]
            act()
        words = await answer(self._process)
        await self._process.wait()
        return dict(zip(words[::2], map(float, words[1::2]), strict=True))

    async def measure(
        self,
        to: list[int],
        seconds: float,
        process: int,
        while_running: Callable[[], None] = lambda: None,
    ) -> tuple[float, dict[str, float]]:
        """CPU seconds that `process` used meanwhile, and what the phones measured; `core` is the
        share of a core that its busiest thread had.
        """
        used: list[tuple[float, dict[str, float]]] = []

        def on_go() -> None:
            used.append((time.monotonic(), thread_seconds(process)))
            while_running()

        def on_done() -> None:
            used.append((time.monotonic(), thread_seconds(process)))

        figures = await self.follow(to, seconds, process, on_go, on_done)
        (began, before), (ended, after) = used
        by_thread = [value - before.get(name, 0.0) for name, value in after.items()]
        figures["core"] = max(by_thread) / (ended - began)
        return sum(by_thread), figures
