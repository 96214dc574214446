"""`python -m tests.fuzz [--inputs N] [--seed S] [--target T [--only NUMBER]] [--guided]`.

Ends with 1 at the first input that breaks something, and says how to have it again. Also looks at
the clock of the CPU: an input that takes half a second is as bad as one that raises. `--guided`
lets atheris choose the inputs by coverage, where it is installed (it is not part of `.[test]`).
"""

import argparse
import os
import secrets
import sys
import time
import traceback
from random import Random

from tests.fuzz.targets import TARGETS, Target

INPUTS = 1_000_000
TOO_SLOW = 0.5
"""Seconds of CPU for one input, or for one story of sixty."""


class TooSlow(Exception):
    """An input that costs too much."""


def say(line: str) -> None:
    """For whoever watches."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def run(name: str, seed: int, number: int) -> int:
    """One input, or story; how many inputs it was."""
    before = time.process_time()
    count = TARGETS[name][0](Random(f"{name} {seed} {number}"))
    took = time.process_time() - before
    if took > TOO_SLOW:
        raise TooSlow(f"{took:.2f} s of CPU")
    return count


def explore(name: str, seed: int, inputs: int) -> int:
    """Try so many inputs; how many broke something (at most one)."""
    began, done, number = time.process_time(), 0, 0
    while done < inputs:
        try:
            done += run(name, seed, number)
        except Exception:
            traceback.print_exc()
            say(f"again: python -m tests.fuzz --target {name} --seed {seed} --only {number}")
            return 1
        number += 1
    took = time.process_time() - began
    rate = done / took if took else 0.0
    say(f"{name:12} {done:9} inputs  {took:7.1f} s CPU  {rate:8.0f} a second")
    return 0


def guided(target: Target, inputs: int) -> None:
    """Let coverage choose: atheris turns its octets into our dice. Never returns.

    Whatever is raised ends the run; atheris leaves the octets in a file of the working folder.
    """
    import atheris

    class Dice(Random):
        """Random numbers that are what the fuzzer wants them to be."""

        def __init__(self, data: bytes) -> None:
            super().__init__(0)
            self._data = atheris.FuzzedDataProvider(data)

        def random(self) -> float:
            return float(self._data.ConsumeIntInRange(0, 1 << 30)) / ((1 << 30) + 1)

        def getrandbits(self, count: int, /) -> int:
            return int.from_bytes(self._data.ConsumeBytes(-(-count // 8)), "big") & (1 << count) - 1

    atheris.instrument_all()
    atheris.Setup([sys.argv[0], f"-runs={inputs}"], lambda data: target(Dice(data)) and None)
    atheris.Fuzz()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    wanted = int(os.environ.get("FUZZ_INPUTS", INPUTS))
    parser.add_argument("--inputs", type=int, default=wanted, help="in all")
    parser.add_argument("--seed", type=int, default=secrets.randbits(32))
    parser.add_argument("--target", choices=TARGETS)
    parser.add_argument("--only", type=int, help="the number of one input")
    parser.add_argument("--guided", action="store_true", help="by coverage (atheris)")
    options = parser.parse_args()
    if options.only is not None:
        run(options.target or parser.error("--only needs --target"), options.seed, options.only)
        return 0
    if options.guided:
        target = TARGETS[options.target or parser.error("--guided needs --target")][0]
        guided(target, options.inputs)
    say(f"seed {options.seed}")
    for name, (_, share) in TARGETS.items():
        if options.target in (None, name):
            part = 1.0 if options.target else share
            if explore(name, options.seed, round(options.inputs * part)):
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
