"""libsrtp, worked with in place: one scratch buffer for all legs, nothing copied but in and out.

pylibsrtp's public methods allocate and copy three times a packet, which costs a third more than
the cipher. What is quicker are the library's own functions, which it keeps in a private module.
Whether they are there and do what they should is tried when this file is read; if not, its public
methods are used, and `IS_IN_PLACE` says so. The packet loop works with a session where the packet
stands, by the library's addresses (media/native). Knows nothing of packets, keys' names or legs.
"""

import logging
from array import array
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
    """The private way. Where it is another one, whatever comes of that is raised."""

    def __init__(self) -> None:
        from pylibsrtp._binding import ffi, lib  # type: ignore[import-not-found]

        self._ffi, self._seal, self._open = ffi, lib.srtp_protect, lib.srtp_unprotect
        # err_status f(srtp_t, void *, int *): the packet in place, its size before and after.
        functions = (ffi.addressof(lib, name) for name in ("srtp_protect", "srtp_unprotect"))
        self.addresses = tuple([int(ffi.cast("intptr_t", one)) for one in functions])
        self._octets = ffi.new("char[]", MAX_PACKET + MAX_TRAILER)
        self._length = ffi.new("int *")
        self.scratch = memoryview(ffi.buffer(self._octets))

    def sealing(self, session: Session) -> Work:
        return self._work(self._seal, session)

    def opening(self, session: Session) -> Work:
        return self._work(self._open, session)

    def address_of(self, session: Any) -> int:
        """Of what the library's functions take. Whoever has it must keep the session as well."""
        return int(self._ffi.cast("intptr_t", session._srtp[0]))

    def seal_at(self, address: int, octets: memoryview, length: memoryview) -> int:
        """The packet that the octets begin with, of this length; not 0: it is refused."""
        return self._at(self._seal, address, octets, length)

    def open_at(self, address: int, octets: memoryview, length: memoryview) -> int:
        """As `seal_at`."""
        return self._at(self._open, address, octets, length)

    def _at(
        self, function: Callable[..., int], address: int, octets: memoryview, length: memoryview
    ) -> int:
        cast, buffer = self._ffi.cast, self._ffi.from_buffer
        return function(cast("srtp_t", address), buffer(octets), buffer("int[]", length))

    def _work(self, function: Callable[..., int], session: Any) -> Work:
        pointer, octets, length = session._srtp, self._octets, self._length

        def work(size: int) -> int:
            length[0] = size
            return REFUSED if function(pointer[0], octets, length) else int(length[0])

        return work


class _Copying:
    """The public way. Nothing has an address."""

    addresses = (0, 0)

    def __init__(self) -> None:
        self.scratch = memoryview(bytearray(MAX_PACKET + MAX_TRAILER))

    def sealing(self, session: Session) -> Work:
        return self._work(session.protect)

    def opening(self, session: Session) -> Work:
        return self._work(session.unprotect)

    def address_of(self, session: Session) -> int:
        raise TypeError("this version of pylibsrtp lets nobody work in place")

    def seal_at(self, address: int, octets: memoryview, length: memoryview) -> int:
        raise TypeError("this version of pylibsrtp lets nobody work in place")

    open_at = seal_at

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
    sender, receiver = _ends()
    way.scratch[: len(packet)] = packet
    size = way.sealing(sender)(len(packet))
    sealed = bytes(way.scratch[: max(0, size)])
    if size != len(packet) + 10 or sealed[12:172] == packet[12:]:
        return False
    if way.opening(receiver)(size) != len(packet) or way.scratch[: len(packet)] != packet:
        return False
    way.scratch[:size] = sealed
    if way.opening(receiver)(size) != REFUSED:  # it was here before
        return False
    return isinstance(way, _Copying) or _works_by_address(way, packet, sealed)


def _ends() -> tuple[Session, Session]:
    kinds = (Policy.SSRC_ANY_OUTBOUND, Policy.SSRC_ANY_INBOUND)
    sender, receiver = (Session(Policy(bytes(range(30)), kind)) for kind in kinds)
    return sender, receiver


def _works_by_address(way: _InPlace, packet: bytes, sealed: bytes) -> bool:
    """The same, of sessions that are known by their addresses alone."""
    sender, receiver = _ends()
    octets = memoryview(bytearray(packet + bytes(MAX_TRAILER)))
    length = memoryview(array("i", [len(packet)]))
    if way.seal_at(way.address_of(sender), octets, length) or octets[: length[0]] != sealed:
        return False
    if way.open_at(way.address_of(receiver), octets, length) or octets[: length[0]] != packet:
        return False
    octets[: len(sealed)], length[0] = sealed, len(sealed)
    return way.open_at(way.address_of(receiver), octets, length) != 0


def _chosen() -> "_InPlace | _Copying":
    try:
        way = _InPlace()
        if works(way):
            return way
    except Exception as error:  # a private module of another version may be anything
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
addresses: Final = _WAY.addresses
address_of: Final = _WAY.address_of
seal_at: Final = _WAY.seal_at
open_at: Final = _WAY.open_at
