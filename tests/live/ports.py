"""Free ports on loopback, UDP and TCP at once, never the same twice in one run."""

import random
import socket

# Below the kernel's own range (32768-60999), so that an outgoing connection never takes one.
_LOWEST, _HIGHEST = 12000, 32000
_given: set[int] = set()


def free_port(host: str = "127.0.0.1") -> int:
    """One port."""
    return free_block(1, host)


def free_block(count: int, host: str = "127.0.0.1") -> int:
    """The first of `count` consecutive free ports; the first is even (RFC 3550 11)."""
    for _ in range(1000):
        base = random.randrange(_LOWEST, _HIGHEST - count, 2)
        block = range(base, base + count)
        if _given.isdisjoint(block) and all(_is_free(host, port) for port in block):
            _given.update(block)
            return base
    raise RuntimeError(f"no {count} free ports in a row on {host}")


def _is_free(host: str, port: int) -> bool:
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind((host, port))
            except OSError:
                return False
    return True
