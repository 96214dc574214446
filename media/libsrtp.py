"""libsrtp, worked with in place: one scratch buffer for all legs, nothing copied but in and out.

pylibsrtp's public methods allocate and copy three times a packet, which costs a third more than
the cipher. What is quicker are the library's own functions, which it keeps in a private module.
Whether they are there and do what they should is tried when this file is read; if not, its public
methods are used, and `IS_IN_PLACE` says so. Knows nothing of packets, keys' names or legs.
"""

import logging
from collections.abc import Callable
from typing import Any, Final

from pylibsrtp import Error, Policy, Session

# Nothing larger fits an Ethernet frame; a tag, an index and a key's name may come on top of it.
MAX_PACKET: Final = 1500
MAX_TRAILER: Final = 148
# The size of what was refused: a packet that is not authentic, or a number that was used.
REFUSED: Final = -1

# size of the packet in the scratch -> its size afterwards, or REFUSED
Work = Callable[[int], int]

_log = logging.getLogger(__name__)


class _InPlace:
    """The private way. Raises ImportError or AttributeError where it is another one."""

    def __init__(self) -> None:
        from pylibsrtp._binding import ffi, lib  # type: ignore[import-not-found]

        self._seal, self._open = lib.srtp_protect, lib.srtp_unprotect
        self._octets = ffi.new("char[]", MAX_PACKET + MAX_TRAILER)
        self._length = ffi.new("int *")
        self.scratch = memoryview(ffi.buffer(self._octets))

    def sealing(self, session: Session) -> Work:
        return self._work(self._seal, session)

    def opening(self, session: Session) -> Work:
        return self._work(self._open, session)

    def _work(self, function: Callable[..., int], session: Any) -> Work:
        pointer, octets, length = session._srtp, self._octets, self._length

        def work(size: int) -> int:
            length[0] = size
            return REFUSED if function(pointer[0], octets, length) else int(length[0])

        return work


class _Copying:
    """The public way."""

    def __init__(self) -> None:
        self.scratch = memoryview(bytearray(MAX_PACKET + MAX_TRAILER))

    def sealing(self, session: Session) -> Work:
        return self._work(session.protect)

    def opening(self, session: Session) -> Work:
        return self._work(session.unprotect)

    def _work(self, function: Callable[[bytes], bytes]) -> Work:
        def work(size: int) -> int:
            try:
                made = function(bytes(self.scratch[:size]))
            except (Error, ValueError):
                return REFUSED
            self.scratch[: len(made)] = made
            return len(made)

        return work


def works(way: "_InPlace | _Copying") -> bool:
    """Does what one end seals open at the other, and is anything else refused?"""
    packet = bytes([0x80, 8, 0, 1]) + bytes(8) + bytes(range(160))
    policies = [
        Policy(bytes(range(30)), kind)
        for kind in (Policy.SSRC_ANY_OUTBOUND, Policy.SSRC_ANY_INBOUND)
    ]
    sender, receiver = map(Session, policies)
    way.scratch[: len(packet)] = packet
    size = way.sealing(sender)(len(packet))
    sealed = bytes(way.scratch[: max(0, size)])
    if size != len(packet) + 10 or sealed[12:172] == packet[12:]:
        return False
    if way.opening(receiver)(size) != len(packet) or way.scratch[: len(packet)] != packet:
        return False
    way.scratch[:size] = sealed
    return way.opening(receiver)(size) == REFUSED  # it was here before


def _chosen() -> "_InPlace | _Copying":
    try:
        way = _InPlace()
        if works(way):
            return way
    except (ImportError, AttributeError, TypeError) as error:
        _log.info("libsrtp in place: %s", error)
    _log.warning(
        "this version of pylibsrtp lets nobody work in place: encrypted calls cost a third more; "
        "the one in requirements.lock does"
    )
    return _Copying()


_WAY: Final = _chosen()
IS_IN_PLACE: Final = isinstance(_WAY, _InPlace)
scratch: Final = _WAY.scratch
sealing: Final = _WAY.sealing
opening: Final = _WAY.opening
