"""One m-line of a far side's description: what of it we could use (RFC 3264 5, 6; RFC 4733 2.1).

Pure reading: codecs in common, telephone events, encryption, packet length, address. What is made
of it stands in `offer_answer`.
"""

import ipaddress
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple, TypeGuard

import msgspec

from softswitch.sip import crypto
from softswitch.sip.codecs import COMFORT_NOISE, Codec
from softswitch.sip.crypto import Srtp
from softswitch.sip.direction import Direction
from softswitch.sip.refused_offer import PLAIN, PROTOCOLS, SECURE
from softswitch.sip.rtpmap import plain_number
from softswitch.sip.sdp import Connection, Media, SessionDescription

# RFC 3611 5.1: extended reports, of which we have one block.
XR, XR_METRICS = "rtcp-xr", "voip-metrics"
_NARROW = 8000
# IPv6 in full with the last part as IPv4, and the name of an interface behind it.
_LONGEST_ADDRESS = 64
# Packets of 10 to 60 ms: more sound in a packet is more to lose with it, and more delay.
_PTIME_STEP, _MAX_PTIME = 10, 60
# RFC 7587 6.1: what Opus may be limited to, in bits a second.
_BITS = range(6000, 510_001)


class Capabilities(msgspec.Struct, frozen=True):
    """What we can speak, best first. `ptime`: milliseconds a packet, unless they wish otherwise.

    `new_key` makes keys of so many octets for `srtp`. None: the signalling is open to listeners,
    and no key may travel by it.
    """

    codecs: tuple[Codec, ...]
    telephone_event: bool = True
    ptime: int = 20
    srtp: Srtp = Srtp.OFF
    new_key: Callable[[int], bytes] | None = None

    @property
    def is_encrypting(self) -> bool:
        return self.srtp is not Srtp.OFF and self.new_key is not None


class Theirs(msgspec.Struct, frozen=True):
    """One m-line of theirs that we can use. `codecs`: in common, in their order and numbers."""

    place: int
    media: Media
    host: str
    direction: Direction
    codecs: tuple[Codec, ...]
    is_encrypted: bool = False
    wants_metrics: bool = False
    """RFC 3611 5.1: they would like to be told how they are heard."""

    @property
    def noise(self) -> int | None:
        """RFC 3389: they may say how quiet they are instead of sending silence."""
        return COMFORT_NOISE if COMFORT_NOISE in self.media.payload_types else None

    @property
    def rtcp(self) -> tuple[str, int | None]:
        """RFC 3550 11: on the next port, unless RFC 3605 says otherwise (then not None)."""
        rtcp = self.media.rtcp
        if rtcp is None:
            return self.host, None
        return rtcp.address if is_numeric(rtcp.address) else self.host, rtcp.port


def usable(theirs: SessionDescription, caps: Capabilities) -> Iterator[Theirs]:
    """Their m-lines that we could take, in their order."""
    for place, media in enumerate(theirs.media):
        if media.kind != "audio" or media.port == 0:
            continue
        is_encrypted = _is_encrypted(media, caps)
        codecs = tuple(_common(media, caps.codecs))
        connection = theirs.connection_of(media)
        host = _address(connection) if connection else None
        if is_encrypted is None or not codecs or connection is None or host is None:
            continue
        direction = theirs.direction_of(media)
        if connection.is_hold:
            direction = direction.limited_to(Direction.SENDONLY)
        wants = XR_METRICS in (theirs.attribute_of(media, XR) or "").split()
        yield Theirs(place, media, host, direction, codecs, is_encrypted, wants)


def _is_encrypted(media: Media, caps: Capabilities) -> bool | None:
    """Would their sound be encrypted? None: it must not be so, or we cannot."""
    protocol = media.protocol.upper()
    if protocol not in PROTOCOLS:
        return None
    # Keys beside plain RTP are a phone's way to say that it can do either.
    has_keys = caps.is_encrypting and next(crypto.read(media), None) is not None
    if has_keys:
        return True
    if protocol in SECURE or caps.srtp is Srtp.REQUIRED:
        return None
    return False


def _common(media: Media, known: tuple[Codec, ...]) -> Iterator[Codec]:
    """Codings that both speak, in their order and under their numbers."""
    for number, (encoding, clock, channels) in media.codings.known:
        for ours in known:
            if ours.clock == clock and ours.is_coding(encoding, clock, channels):
                yield ours.numbered(number)


class Events(NamedTuple):
    """Telephone events of one clock, under a number."""

    clock: int
    payload_type: int


def events(media: Media, codec: Codec) -> Events | None:
    """Theirs of the codec's clock (RFC 4733 2.1: one RTP clock a stream), else, as some phones
    have it beside Opus, of 8000.
    """
    found = media.codings.events
    clock = codec.clock if codec.clock in found else _NARROW
    return Events(clock, found[clock]) if clock in found else None


def ptime(media: Media, usual: int) -> int:
    """Milliseconds a packet to send: their wish in steps of ten."""
    wanted = min(media.ptime or usual, media.maxptime or _MAX_PTIME, _MAX_PTIME)
    return max(_PTIME_STEP, wanted - wanted % _PTIME_STEP)


def most_bits(media: Media) -> int | None:
    """RFC 7587 6.1, `maxaveragebitrate`: bits a second of Opus that they want at most."""
    for number, mapped in media.codings.known:
        if mapped.encoding.lower() != "opus":
            continue
        for parameter in (media.fmtp(number) or "").split(";"):
            name, _, value = parameter.strip().partition("=")
            bits = plain_number(value, _BITS[-1])
            if name.lower() == "maxaveragebitrate" and bits in _BITS:
                return bits
    return None


def is_numeric(address: str | None) -> TypeGuard[str]:
    """Of one host, no group and no name."""
    return address is not None and len(address) <= _LONGEST_ADDRESS and _is_unicast(address)


@lru_cache(maxsize=1_024)
def _is_unicast(address: str) -> bool:
    try:
        return not ipaddress.ip_address(address).is_multicast
    except ValueError:
        return False


def _address(connection: Connection) -> str | None:
    """A numeric unicast address, or that of nobody; None for one that we cannot send to."""
    if connection.is_hold:
        return "::" if ":" in connection.address else "0.0.0.0"
    return connection.address if is_numeric(connection.address) else None


def protocol_of_offer(caps: Capabilities, before: Media | None) -> str:
    """What our m-line says; that of the session so far, once there is one (RFC 3264 8.3)."""
    if before is not None and before.protocol.upper() in PROTOCOLS:
        return before.protocol
    return "RTP/SAVP" if caps.srtp is Srtp.REQUIRED else PLAIN
