"""All benchmarks, one after the other: `python -m benchmarks`, which is what `make bench` runs.

Each prints its own lines: a figure, its unit, and the reference measured beside it.
"""

import subprocess
import sys

MODULES = (
    "benchmarks.start",
    "benchmarks.routes",
    "benchmarks.sip_cost",
    "benchmarks.signalling",
    "benchmarks.attack",
    "benchmarks.media_calls",
    "benchmarks.tones",
    "benchmarks.codec_calls",
    "benchmarks.media_profile",
    "benchmarks.worker_death",
)


def main() -> int:
    """Runs each in a process of its own; the first failure is the exit code."""
    for module in MODULES:
        print(f"== {module}", flush=True)
        code = subprocess.call([sys.executable, "-m", module])
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
