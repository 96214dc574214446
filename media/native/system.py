"""What the loops ask of the system, as Python does it; compiled, libc's calls and the machine's own
way of turning octets round stand here (media/native/memory.py). The two calls' errors are of no
interest: what was not sent is lost, as on any network. libsrtp's functions (RFC 3711) are called in
the same way, with the address of a session that a record keeps (media/records.py).

`system` holds the addresses of the libraries' functions. It is for compiled callers, who know
nothing else of the process that they run in.
"""

import ctypes
import os
from socket import htonl, htons, ntohl, ntohs
from typing import Final

import numpy as np
from numpy.typing import NDArray

from media import libsrtp

__all__ = ["addresses", "copy", "htonl", "htons", "ntohl", "ntohs", "receive", "seal"]
__all__ += ["transmit", "unseal"]

# Places in `system`.
RECV: Final = 0
SEND: Final = 1
COPY: Final = 2
SEAL: Final = 3  # 0 where libsrtp is Python's alone: then there is no session to call it with
UNSEAL: Final = 4

_libc = ctypes.CDLL(None)


def addresses() -> NDArray[np.int64]:
    """`system` of this process."""
    functions = (_libc.recv, _libc.send, _libc.memcpy)
    places = [ctypes.cast(one, ctypes.c_void_p).value for one in functions]
    return np.array([*places, *libsrtp.addresses], np.int64)


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


def copy(
    system: memoryview, into: memoryview, there: int, octets: memoryview, at: int, size: int
) -> int:
    """So many octets from one memory to another, or to another place of it that is not near."""
    into[there : there + size] = octets[at : at + size]
    return 0


def seal(
    system: memoryview,
    session: int,
    octets: memoryview,
    at: int,
    lengths: memoryview,
    place: int,
) -> int:
    """The packet that stands there, in place; lengths[place] is its size, before and after. Not 0:
    it is refused, since its number was used: the same key stream twice would betray both.
    """
    return libsrtp.seal_at(session, octets[at:], lengths[place:])


def unseal(
    system: memoryview,
    session: int,
    octets: memoryview,
    at: int,
    lengths: memoryview,
    place: int,
) -> int:
    """As `seal`. Not 0: it was made without the key, or was here before; nothing is left of it."""
    return libsrtp.open_at(session, octets[at:], lengths[place:])
