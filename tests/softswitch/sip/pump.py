"""Is a parser linear? 64 KB of the worst characters of each pattern, and the clock of the CPU."""

import contextlib
import time
from collections.abc import Callable
from typing import TypeVar

from softswitch.sip.errors import ParseError

T = TypeVar("T", str, bytes)

SIZE = 65_536
BUDGET = 0.05
"""Seconds of CPU for 64 KB. A quadratic pattern needs some hundred times as many."""


def fill(prefix: str, unit: str, suffix: str = "") -> str:
    """`prefix`, then `unit` again and again, then `suffix`: about 64 KB."""
    return prefix + unit * (SIZE // len(unit)) + suffix


def pump(parse: Callable[[T], object], text: T) -> float:
    """Seconds of CPU that it takes to read or refuse the text: the best of three."""
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        with contextlib.suppress(ParseError):
            parse(text)
        best = min(best, time.process_time() - start)
    return best
