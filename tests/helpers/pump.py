"""Is a reader linear? 64 KB of the worst characters of each pattern, and the clock of the CPU.

No answer depends on the machine: what takes longer than a fast machine's time is measured against
itself, with an eighth of the same text. Linear work is then eight times as much, quadratic work
sixty-four times.
"""

import contextlib
import time
from collections.abc import Callable
from typing import TypeVar

from softswitch.sip.errors import ParseError

T = TypeVar("T", str, bytes)

SIZE = 65_536
FAST = 0.02
"""Seconds of CPU for 64 KB that no quadratic pattern can do: it needs seconds."""
PART = 8
BETWEEN = 24
"""Times as much: between `PART` and its square."""
TRIES = 6


def fill(prefix: str, unit: str, suffix: str = "") -> str:
    """`prefix`, then `unit` again and again, then `suffix`: about 64 KB."""
    return prefix + unit * (SIZE // len(unit)) + suffix


def is_linear(read: Callable[[T], object], text: T) -> bool:
    """Whether `read` reads or refuses the text in time that grows with its length.

    The part keeps both ends of the text: a pattern's trouble often is that the end does not fit.
    One good try of several is enough, since only a busy machine makes linear work look worse.
    """
    half = len(text) // PART // 2
    part = text[:half] + text[-half:]
    whole, short = float("inf"), float("inf")
    for _ in range(TRIES):
        whole = min(whole, cost(read, text))
        if whole < FAST:
            return True
        short = min(short, cost(read, part))
        if whole < BETWEEN * short:
            return True
    return False


def cost(read: Callable[[T], object], text: T) -> float:
    """Seconds of CPU of one reading."""
    began = time.process_time()
    with contextlib.suppress(ParseError):
        read(text)
    return time.process_time() - began
