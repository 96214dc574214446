"""SRTP and SRTCP of one leg by libsrtp (RFC 3711; RFC 7714 for AES-GCM).

Packets are worked on in place, in one scratch buffer for all legs: pylibsrtp's own methods allocate
and copy three times a packet, which costs a third more than the cipher. Replay protection is
libsrtp's, with its window of 128 packets. Knows nothing of sockets: it wraps what receives and
what sends.
"""

import base64
import binascii
from collections.abc import Callable
from typing import Any, Final

from pylibsrtp import SRTP_MAX_SRTCP_TRAILER_LEN, Error, Policy, Session
from pylibsrtp._binding import ffi, lib  # type: ignore[import-not-found]

from media.commands import SrtpKeys

_PROFILES: Final = {
    "AES_CM_128_HMAC_SHA1_80": Policy.SRTP_PROFILE_AES128_CM_SHA1_80,
    "AES_CM_128_HMAC_SHA1_32": Policy.SRTP_PROFILE_AES128_CM_SHA1_32,
    "AEAD_AES_128_GCM": Policy.SRTP_PROFILE_AEAD_AES_128_GCM,
    "AEAD_AES_256_GCM": Policy.SRTP_PROFILE_AEAD_AES_256_GCM,
}
# Nothing larger fits an Ethernet frame.
MAX_PACKET: Final = 1500

Receive = Callable[[memoryview], int]
Transmit = Callable[[bytes | memoryview], object]


class SrtpError(Exception):
    """A suite that is not spoken, or a key that is none; the text never holds the key."""


class NotAuthentic(OSError):
    """A packet that was made without the key, or was here before. To the loop it is a packet that
    never came.
    """


_scratch: Final = ffi.new("char[]", MAX_PACKET + SRTP_MAX_SRTCP_TRAILER_LEN)
_octets: Final = memoryview(ffi.buffer(_scratch))
_length: Final = ffi.new("int *")
_whole: Final = _octets[:MAX_PACKET]


class Srtp:
    """Both directions of a leg. `on_forged` is told of each packet that was not authentic."""

    def __init__(self, keys: SrtpKeys, on_forged: Callable[[], None]) -> None:
        """Raises SrtpError."""
        self._on_forged = on_forged
        self._keys = keys
        self._out = _session(keys.suite, keys.send, Policy.SSRC_ANY_OUTBOUND)
        self._in = _session(keys.suite, keys.receive, Policy.SSRC_ANY_INBOUND)

    def rekey(self, keys: SrtpKeys) -> None:
        """Another agreement; a direction whose key stayed goes on where it is. Raises SrtpError."""
        old, self._keys = self._keys, keys
        if (old.suite, old.send) != (keys.suite, keys.send):
            self._out = _session(keys.suite, keys.send, Policy.SSRC_ANY_OUTBOUND)
        if (old.suite, old.receive) != (keys.suite, keys.receive):
            self._in = _session(keys.suite, keys.receive, Policy.SSRC_ANY_INBOUND)

    def receiving(self, receive: Receive) -> Receive:
        """What receives encrypted packets, as what gives plain ones."""
        unprotect, session, on_forged = lib.srtp_unprotect, self._in._srtp, self._on_forged

        def plain(into: memoryview) -> int:
            _length[0] = receive(_whole)
            if unprotect(session[0], _scratch, _length):
                on_forged()
                raise NotAuthentic
            size = min(int(_length[0]), len(into))
            into[:size] = _octets[:size]
            return size

        return plain

    def sending(self, transmit: Transmit) -> Transmit:
        """What takes plain packets, and sends them encrypted."""
        protect, session = lib.srtp_protect, self._out._srtp

        def encrypted(packet: bytes | memoryview) -> object:
            size = len(packet)
            _octets[:size] = packet
            _length[0] = size
            # Refused is only a number that was used: the same key stream twice would betray it.
            if protect(session[0], _scratch, _length):
                return None
            return transmit(_octets[: _length[0]])

        return encrypted

    def open(self, packet: memoryview, size: int) -> int:
        """One packet in place; its plain size. Raises NotAuthentic."""
        return self.receiving(lambda into: _copy(packet[:size], into))(packet)

    def seal_report(self, report: bytes) -> bytes:
        """SRTCP (RFC 3711 3.4)."""
        return bytes(self._out.protect_rtcp(report))

    def open_report(self, report: bytes) -> bytes:
        """Raises NotAuthentic."""
        try:
            return bytes(self._in.unprotect_rtcp(report))
        except (Error, ValueError):
            self._on_forged()
            raise NotAuthentic from None


def _copy(packet: memoryview, into: memoryview) -> int:
    into[: len(packet)] = packet
    return len(packet)


def _session(suite: str, text: str, ssrc_type: Any) -> Session:
    profile = _PROFILES.get(suite)
    if profile is None:
        raise SrtpError(f"SRTP suite {suite!r} is not spoken here")
    try:
        key = base64.b64decode(text, validate=True)
        return Session(Policy(key=key, ssrc_type=ssrc_type, srtp_profile=profile))
    except (binascii.Error, ValueError, Error):
        raise SrtpError(f"no key for {suite}") from None
