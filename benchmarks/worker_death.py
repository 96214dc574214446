"""A media worker is killed in the middle of calls: how long nobody hears anything.

    python -m benchmarks.worker_death [--calls 100] [--cold]

All calls are recorded. The spare worker takes over on the same ports; the phones are told nothing.
Silence is what a phone hears between the last packet of the old worker and the first of the new
one, by the kernel's clock. Afterwards every recording is measured: as long as its call, with the
gap in its place. `--cold`: without a spare, the successor has to be started first.
"""

import argparse
import asyncio
import os
import signal
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile

from benchmarks.media_calls import Office, write_music
from benchmarks.phones import Phones, hurry
from media import workforce
from media.api import Event, MediaSettings, RecordingEnded, WorkerDied, WorkerRepaired

SETTINGS = MediaSettings(rtp_low=20000, rtp_high=30000, drain_seconds=0.0)
KILLED_AT, SECONDS = 3.0, 7.0


class Watched(Office):
    """An office that keeps what was told of its workers and recordings."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[Event] = []
        forward = self.client.on_event
        assert forward is not None
        self._forward: Callable[[Event], None] = forward
        self.client.on_event = self.keep

    def keep(self, event: Event) -> None:
        if isinstance(event, WorkerDied | WorkerRepaired | RecordingEnded):
            self.told.append(event)
        self._forward(event)


async def run(calls: int, is_cold: bool) -> None:
    workforce.SPARE_AFTER = 0.0
    one = Watched()
    await one.client.start(MediaSettings(**_fields(SETTINGS, spare=not is_cold)))
    await asyncio.sleep(0.0 if is_cold else 4.0)  # the spare has read all its code
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_music(folder)
        phones = await Phones.open(2 * calls)
        to = await one.open(phones)
        began = time.monotonic()
        await one.arrange("recorded", calls, folder)
        (process,) = one.client.processes
        killing = asyncio.create_task(_kill(one, process))
        load = await phones.follow(to, SECONDS, process)
        length = time.monotonic() - began
        await killing
        await one.close(calls)
        await one.client.close()
        _report(one, load, folder, length)


def _fields(settings: MediaSettings, **changes: object) -> dict[str, object]:
    return {name: getattr(settings, name) for name in settings.__slots__} | changes


async def _kill(one: Watched, process: int) -> None:
    await asyncio.sleep(KILLED_AT)
    os.kill(process, signal.SIGKILL)
    while not any(isinstance(event, WorkerRepaired) for event in one.told):  # noqa: ASYNC110
        await asyncio.sleep(0.005)
    hurry(one.client.processes[0])


def _report(one: Watched, load: dict[str, float], folder: Path, length: float) -> None:
    repaired = next(event for event in one.told if isinstance(event, WorkerRepaired))
    print(f"told all of it to the successor: {repaired.legs} legs after {repaired.seconds:.3f} s")
    print(
        f"silence of a phone: p50 {load['silence50']:.0f} ms, worst {load['silence100']:.0f} ms; "
        f"phones without sound since {load['mute']:.0f}"
    )
    ended = [event for event in one.told if isinstance(event, RecordingEnded)]
    lengths = [soundfile.info(path).duration for path in folder.glob("recorded-*.wav")]
    errors = [event.error for event in ended if event.error]
    off = np.abs(np.array(lengths) - length)
    print(
        f"recordings: {len(lengths)}, errors {len(errors)}; "
        f"length differs from the call's by {off.max():.2f} s at most"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--calls", type=int, default=100)
    parser.add_argument("--cold", action="store_true")
    arguments = parser.parse_args()
    asyncio.run(run(arguments.calls, arguments.cold))


if __name__ == "__main__":
    main()
