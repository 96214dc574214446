"""What the loops ask of the system, as Python does it; compiled, libc's calls and the machine's own
way of turning octets round stand here (media/native/system_calls.py, memory.py). Errors are of no
interest: what was not sent is lost, as on any network; a wait that a signal ends is a short one.
libsrtp's functions (RFC 3711) are called in the same way, with the address of a session, which a
record keeps (media/records.py).

`system` holds the addresses of the libraries' functions, and what is handed to them besides. It is
for compiled callers, who know nothing else of the process that they run in. Times are in ns of the
monotonic clock.
"""

import ctypes
import os
import select
from socket import htonl, htons, ntohl, ntohs
from time import monotonic_ns
from typing import Final

import numpy as np
from numpy.typing import NDArray

from media import libsrtp

__all__ = ["addresses", "clock", "copy", "epoll_wait", "htonl", "htons", "look", "ntohl", "ntohs"]
__all__ += ["receive", "seal", "transmit", "unseal", "wait"]

# Places in `system`: addresses; a timespec; a pollfd.
RECV: Final = 0
SEND: Final = 1
COPY: Final = 2
CLOCK: Final = 3
POLL: Final = 4
EPOLL: Final = 5
SEAL: Final = 6  # 0 where libsrtp is Python's alone: then there is no session to call it with
UNSEAL: Final = 7
TIME: Final = 8
POLLED: Final = 10

_libc = ctypes.CDLL(None)
# int epoll_wait(int, struct epoll_event *, int, int), which media/ready.py waits by as well.
epoll_wait: Final = _libc.epoll_wait
epoll_wait.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_int)


def addresses() -> NDArray[np.int64]:
    """`system` of this process, for one thread of it."""
    packets = (_libc.recv, _libc.send, _libc.memcpy)
    waits = (_libc.clock_gettime, _libc.ppoll, epoll_wait)
    places = [ctypes.cast(one, ctypes.c_void_p).value for one in packets + waits]
    return np.array([*places, *libsrtp.addresses, 0, 0, 0], np.int64)


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


def clock(system: memoryview) -> int:
    """What time it is."""
    return monotonic_ns()


def wait(system: memoryview, descriptor: int, longest: int) -> int:
    """Until there is something to read at it; below 0: nothing ends the wait but its time. Exact to
    some 50 us, where epoll counts whole milliseconds.
    """
    # The loop's own descriptors are a process's first ones, which select takes.
    select.select([descriptor] if descriptor >= 0 else [], [], [], longest / 1e9)
    return 0


def look(system: memoryview, poll: int, events: memoryview, most: int) -> int:
    """How many are ready at this epoll; they stand in the events then. Below 0: an error."""
    place = ctypes.addressof(ctypes.c_char.from_buffer(events))
    return int(epoll_wait(poll, place, most, 0))
