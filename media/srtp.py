"""SRTP and SRTCP of one leg by libsrtp (RFC 3711; RFC 7714 for AES-GCM).

Packets are worked on in place, in one scratch buffer for all legs (media/libsrtp.py). Replay
protection is libsrtp's, with its window of 128 packets. Knows nothing of sockets: it wraps what
receives and what sends.

A packet carries the lower half of its index only; the upper one, the rollover counter, both ends
count for themselves (RFC 3711 3.3.1). After 22 minutes whoever begins to listen anew - the
successor of a worker that died, or a leg with another key - has to be told it, or nothing is
authentic any more. So each step of the counter is said, and comes back with the keys.
"""

import base64
import binascii
from collections.abc import Callable
from typing import Any, Final

from pylibsrtp import Error, Policy, Session

from media import libsrtp
from media.libsrtp import MAX_PACKET, REFUSED
from media.srtp_commands import SrtpKeys

_PROFILES: Final = {
    "AES_CM_128_HMAC_SHA1_80": Policy.SRTP_PROFILE_AES128_CM_SHA1_80,
    "AES_CM_128_HMAC_SHA1_32": Policy.SRTP_PROFILE_AES128_CM_SHA1_32,
    "AEAD_AES_128_GCM": Policy.SRTP_PROFILE_AEAD_AES_128_GCM,
    "AEAD_AES_256_GCM": Policy.SRTP_PROFILE_AEAD_AES_256_GCM,
}
# libsrtp follows a jump of less than half of all sequence numbers; this is a quarter.
_STRIDE: Final = 1 << 14
# Packets that were not authentic from the beginning, and are tried with what was told: of a flood
# of forged ones only these first, and then one in so many.
_TRIES: Final = 64
# A call of a month; more is no counter of ours.
_MOST_ROLLOVERS: Final = 2048

Receive = Callable[[memoryview], int]
Transmit = Callable[[bytes | memoryview], object]


class SrtpError(Exception):
    """A suite that is not spoken, or a key that is none; the text never holds the key."""


class NotAuthentic(OSError):
    """A packet that was made without the key, or was here before. To the loop it is a packet that
    never came.
    """


_octets: Final = libsrtp.scratch
_whole: Final = _octets[:MAX_PACKET]


def _ignore(source: int, rollover: int) -> None:
    """Nobody wants to know."""


class Srtp:
    """Both directions of a leg. `on_forged` is told of each packet that was not authentic,
    `on_rolled` of the source and its rollover counter whenever that changes.
    """

    def __init__(
        self,
        keys: SrtpKeys,
        on_forged: Callable[[], None],
        on_rolled: Callable[[int, int], None] = _ignore,
    ) -> None:
        """Raises SrtpError."""
        self._on_forged, self._on_rolled = on_forged, on_rolled
        self._keys = keys
        # The source, and its index without the lower 8 bits; what was told of another listener.
        self._source, self._place = 0, 0
        self._told = keys.source, keys.rollover
        self._said = 0, 0
        self._out = _session(keys.suite, keys.send, Policy.SSRC_ANY_OUTBOUND)
        self._listen(_session(keys.suite, keys.receive, Policy.SSRC_ANY_INBOUND))

    def _listen(self, session: Session) -> None:
        self._in = session
        self._unseal = libsrtp.opening(session)
        # Whether anything was authentic with this key; how often it was not, until then.
        self._is_heard, self._failed = False, 0
        self._high = -1

    def rekey(self, keys: SrtpKeys) -> None:
        """Another agreement; a direction whose key stayed goes on where it is. Raises SrtpError:
        then both go on with the keys that they had.
        """
        old, out, to = self._keys, self._out, None
        if (old.suite, old.send) != (keys.suite, keys.send):
            out = _session(keys.suite, keys.send, Policy.SSRC_ANY_OUTBOUND)
        if (old.suite, old.receive) != (keys.suite, keys.receive):
            to = _session(keys.suite, keys.receive, Policy.SSRC_ANY_INBOUND)
        self._keys, self._out = keys, out
        if to is not None:
            # RFC 3711 3.3.1: another key does not begin the counter anew. Some phones do.
            if self._is_heard:
                self._told = self._source, self._place >> 8
            self._listen(to)

    @property
    def opener(self) -> Session | None:
        """What opens what comes from now on, for whoever does it in our place and tells of each
        `step`. None: it takes more than that, as long as nothing was authentic.
        """
        return self._in if self._is_heard and libsrtp.IS_IN_PLACE else None

    @property
    def sealer(self) -> Session | None:
        """And what seals what goes, from the beginning. None: only `sending` can."""
        return self._out if libsrtp.IS_IN_PLACE else None

    def receiving(self, receive: Receive) -> Receive:
        """What receives encrypted packets, as what gives plain ones."""

        def plain(into: memoryview) -> int:
            size = self._open(receive(_whole))
            size = min(size, len(into))
            into[:size] = _octets[:size]
            return size

        return plain

    def _open(self, sealed: int) -> int:
        """The packet in the scratch; its plain size. Raises NotAuthentic."""
        before = bytes(_octets[:sealed]) if not self._is_heard else b""
        size = self._unseal(sealed)
        if size == REFUSED:
            size = self._open_as_told(before) if before else REFUSED
            if size == REFUSED:
                self._on_forged()
                raise NotAuthentic
        elif before:
            self._told = 0, 0  # it began anew
        self._is_heard = True
        if _octets[2] != self._high:
            self.step(_octets)
        return size

    def step(self, packet: memoryview) -> None:
        """Its sequence number has another upper half: one of 256 tells how far the stream is."""
        high, source = packet[2], int.from_bytes(packet[8:12], "big")
        self._high = high
        if source != self._source:
            told, rollover = self._told
            self._source, self._place = source, (rollover << 8 if source == told else 0) + high
        else:
            self._place += ((high - self._place + 128) & 0xFF) - 128
        now = source, max(0, self._place >> 8)
        if now != self._said and (now[1] or self._said[1]):
            self._said = now
            self._on_rolled(*now)

    def _open_as_told(self, packet: bytes) -> int:
        """The stream is older than we are: as it was told, or a step further. REFUSED: neither."""
        source, told = self._told
        self._failed += 1
        is_tried = self._failed <= _TRIES or self._failed % _TRIES == 0
        if not is_tried or len(packet) < 12 or int.from_bytes(packet[8:12], "big") != source:
            return REFUSED
        for rollover in (told, told + 1):
            session = self._advanced(rollover, packet)
            work = libsrtp.opening(session)
            _octets[: len(packet)] = packet
            size = work(len(packet))
            if size != REFUSED:
                self._in, self._unseal = session, work
                self._told = source, rollover
                return size
        return REFUSED

    def _advanced(self, rollover: int, packet: bytes) -> Session:
        """A listener that stands just before this packet. libsrtp counts by what it hears, so it is
        shown packets of that key: one in a quarter of a round.
        """
        keys = self._keys
        session = _session(keys.suite, keys.receive, Policy.SSRC_ANY_INBOUND)
        sender = _session(keys.suite, keys.receive, Policy.SSRC_ANY_OUTBOUND)
        end = (min(rollover, _MOST_ROLLOVERS) << 16) + int.from_bytes(packet[2:4], "big") - 1
        for index in (*range(0, end, _STRIDE), end) if end >= 0 else ():
            number = (index & 0xFFFF).to_bytes(2, "big")
            shown = bytes([0x80, packet[1]]) + number + packet[4:12] + bytes(4)
            session.unprotect(sender.protect(shown))
        return session

    def sending(self, transmit: Transmit) -> Transmit:
        """What takes plain packets, and sends them encrypted."""
        seal = libsrtp.sealing(self._out)

        def encrypted(packet: bytes | memoryview) -> object:
            size = len(packet)
            _octets[:size] = packet
            sealed = seal(size)
            # Refused is only a number that was used: the same key stream twice would betray it.
            return None if sealed == REFUSED else transmit(_octets[:sealed])

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
