"""What the loops ask of the system, as Python does it; compiled, libc's calls and the machine's own
way of turning octets round stand here (media/native/memory.py). The two calls' errors are of no
interest: what was not sent is lost, as on any network.

`system` holds the addresses of libc's functions. It is for compiled callers, who know nothing else
of the process that they run in.
"""

import ctypes
import os
from socket import htonl, htons, ntohl, ntohs
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["addresses", "htonl", "htons", "ntohl", "ntohs", "receive", "transmit"]

# Places in `system`.
RECV: Final = 0
SEND: Final = 1

_libc = ctypes.CDLL(None)


def addresses() -> NDArray[np.int64]:
    """`system` of this process."""
    functions = (_libc.recv, _libc.send)
    return np.array([ctypes.cast(one, ctypes.c_void_p).value for one in functions], np.int64)


def receive(system: memoryview, descriptor: int, octets: memoryview, at: int, room: int) -> int:
    """One packet into the octets from there on; its size, or -1: there is none."""
    try:
        return os.readv(descriptor, (octets[at : at + room],))
    except OSError:
        return -1


def transmit(system: memoryview, descriptor: int, octets: memoryview, at: int, size: int) -> int:
    """One packet that stands there; -1: it could not be sent."""
    try:
        return os.write(descriptor, octets[at : at + size])
    except OSError:
        return -1
