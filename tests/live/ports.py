"""Free ports on loopback, UDP and TCP at once, not soon the same ones again."""

import os
import random
import socket
from collections import deque

# Below the kernel's own range (32768-60999), from which whatever else runs here takes its ports.
# Tests that run side by side share them out.
_ALL = range(10000, 32700)
_SHARE = len(_ALL) // int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
_LOWEST = _ALL.start + _SHARE * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_HIGHEST = _LOWEST + _SHARE
# A test takes about two hundred; ports of the tests before it may still be closing.
_RECENT = 1500
_given: deque[int] = deque(maxlen=_RECENT)


def free_port(host: str = "127.0.0.1") -> int:
    """One port."""
    return free_block(1, host)


def free_block(count: int, host: str = "127.0.0.1") -> int:
    """The first of `count` consecutive free ports; the first is even (RFC 3550 11)."""
    recent = set(_given)
    for tries in range(2000):
        base = random.randrange(_LOWEST, _HIGHEST - count, 2)
        block = range(base, base + count)
        # A long block may have no place between those of late: then a free one must do.
        is_fresh = tries >= 1000 or not recent.intersection(block)
        if is_fresh and all(is_free(host, port) for port in block):
            _given.extend(block)
            return base
    raise RuntimeError(f"no {count} free ports in a row on {host}")


def is_free(host: str, port: int) -> bool:
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind((host, port))
            except OSError:
                return False
    return True
