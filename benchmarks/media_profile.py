"""Where a packet's time goes in the media worker: reading, forwarding, counting, passes, sending.

    python -m benchmarks.media_profile [--calls 200] [--kinds bridged recorded music conference]

The worker runs with stop-watches around its parts (CPU time of its thread, so that other work on
the machine does not count; they cost some 3 % themselves). Each line: a part, its microseconds a
packet received or sent, and its share. The kernel's share is what the scheduler's ticks found
there; where `perf` is installed, what it found.
"""

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import media_calls
from benchmarks.figures import Figures
from media import link, worker
from media.engine import Engine

REPORT = "MEDIA_PROFILE_REPORT"


class Watches:
    """CPU nanoseconds a part; a part inside another is taken off the outer one."""

    def __init__(self) -> None:
        self.spent: dict[str, int] = {}
        self._inner = [0]

    def around(self, owner: Any, name: str, part: str) -> None:
        """Every call of `owner.name` is timed as `part`."""
        act: Callable[..., Any] = getattr(owner, name)
        clock, inner = time.thread_time_ns, self._inner
        self.spent[part] = 0

        def timed(*arguments: Any) -> Any:
            inner.append(0)
            began = clock()
            try:
                return act(*arguments)
            finally:
                took = clock() - began
                self.spent[part] += took - inner.pop()
                inner[-1] += took

        setattr(owner, name, timed)


class ProfiledWorker(worker.Worker):
    """The worker with watches; says at its end what they show."""

    def _serve(self, engine: Engine) -> None:
        watches = Watches()
        outputs, taping = engine._outputs, engine._taping
        for owner, name, part in (
            (engine.forwarder, "pump", "packets: read, and sent on"),
            (engine.forwarder, "serve", "packets: waited for, read, and sent on"),
            (engine.forwarder, "absorb", "pass: count and store"),
            (outputs._hearing, "decode", "pass: order and decode"),
            (outputs, "speak", "pass: play, mix, encode"),
            (outputs._transmitter, "send", "send of what we made"),
            (engine.network, "report", "RTCP reports"),
            (taping, "end_block", "pass: record"),
            (engine, "tick", "rest of the tick"),
        ):
            watches.around(owner, name, part)
        began = time.thread_time_ns(), os.times()
        packets = int(engine.rows.packets_in.sum() + engine.rows.packets_out.sum())
        closing = engine.network.close

        def remember(leg: Any, now: float) -> None:
            nonlocal packets
            packets += int(engine.rows.packets_in[leg.row] + engine.rows.packets_out[leg.row])
            closing(leg, now)

        engine.network.close = remember  # type: ignore[method-assign]
        super()._serve(engine)
        whole, after = time.thread_time_ns() - began[0], os.times()
        watches.spent["rest of the loop"] = whole - sum(watches.spent.values())
        used = [b - a for a, b in zip(began[1][:2], after[:2], strict=True)]
        report = {"packets": packets, "parts": watches.spent, "user": used[0], "system": used[1]}
        Path(os.environ[REPORT]).write_text(json.dumps(report))


def _perf_share(folder: Path, process: int, seconds: float) -> "subprocess.Popen[bytes] | None":
    perf = shutil.which("perf")
    if perf is None:
        return None
    command = [perf, "record", "-q", "-e", "cpu-clock", "-F", "1000", "-p", str(process)]
    command += ["-o", str(folder / "perf.data"), "--", "sleep", str(seconds)]
    return subprocess.Popen(command, stderr=subprocess.DEVNULL)


def _kernel_share(folder: Path) -> float | None:
    """Of perf's samples, the part in the kernel; None: perf found nothing."""
    if not (folder / "perf.data").exists():
        return None
    command = ["perf", "report", "-i", str(folder / "perf.data"), "--sort", "dso", "--stdio"]
    text = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    for line in text.splitlines():
        if "[kernel" in line:
            return float(line.split("%")[0])
    return None


async def profiled(kind: str, calls: int, seconds: float) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        media_calls.write_music(folder)
        os.environ[REPORT] = str(folder / "report.json")
        perf: list[subprocess.Popen[bytes]] = []

        def on_start(process: int) -> None:
            if (one := _perf_share(folder, process, seconds)) is not None:
                perf.append(one)

        figures = await media_calls.worked(kind, calls, seconds, folder, on_start)
        for one in perf:
            one.wait()
        _print(figures, json.loads((folder / "report.json").read_text()), _kernel_share(folder))


def _print(figures: Figures, report: dict[str, Any], kernel: float | None) -> None:
    packets, parts = report["packets"], report["parts"]
    whole = sum(parts.values())
    ticks = 100 * report["system"] / max(1e-9, report["user"] + report["system"])
    share = f"perf {kernel:.0f} %" if kernel is not None else "perf is not installed"
    print(figures.line())
    print(f"  {packets} packets in and out; kernel's share: ticks {ticks:.0f} %, {share}")
    for part, spent in sorted(parts.items(), key=lambda one: -one[1]):
        print(f"  {spent / packets / 1000:7.3f} us a packet {100 * spent / whole:5.1f} %  {part}")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--calls", type=int, nargs="+", default=[200])
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--kinds", nargs="+", default=["bridged", "recorded", "music"])
    arguments = parser.parse_args()
    link.WORKER = "benchmarks.media_profile"
    for calls in arguments.calls:
        for kind in arguments.kinds:
            asyncio.run(profiled(kind, calls, arguments.seconds))


if __name__ == "__main__":
    if REPORT in os.environ and len(sys.argv) == 2 and sys.argv[1].isdigit():
        worker.main(ProfiledWorker)
    else:
        main()
