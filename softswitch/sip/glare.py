"""Two requests that meet half-way: when each side tries again (RFC 3261 14.1, RFC 3311 5.3).

Chance is handed in as a token, so that a test decides it.
"""

from __future__ import annotations

from hashlib import blake2s

STEP = 0.01
"""14.1: the interval is "in units of 10 ms"."""
RETRY_WITHIN = 11
"""14.2, RFC 3311 5.2: Retry-After of "a randomly chosen value of between 0 and 10 seconds"."""


def delay_after_491(owns_call_id: bool, token: str) -> float:
    """Seconds to wait. Who chose the Call-ID waits 2.1 to 4 s, the other one 0 to 2 s."""
    low, high = (210, 400) if owns_call_id else (0, 200)
    return (low + chance(token, high - low + 1)) * STEP


def retry_after(token: str) -> int:
    """Seconds for the Retry-After of a 500."""
    return chance(token, RETRY_WITHIN)


def chance(token: str, below: int) -> int:
    """A number out of a token, evenly spread over 0 to `below` - 1."""
    return int.from_bytes(blake2s(token.encode(), digest_size=8).digest()) % below
