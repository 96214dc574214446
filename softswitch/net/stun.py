"""A STUN answer on the SIP port (RFC 5389; RFC 5626 3.5.2 and 5.4.1).

A phone behind NAT keeps its hole open by Binding requests, and learns from the answer that its
address has changed. Only that: no authentication, no other method, no attribute but
XOR-MAPPED-ADDRESS. Whatever is not a plain Binding request gets no answer.

An answer is 32 octets (44 for IPv6) to a request of 20 or more, and each address gets few a
second, so whoever forges a sender wins nothing.
"""

import ipaddress
import struct
from collections import Counter

_HEADER = struct.Struct("!HHI12s")
_ATTRIBUTE = struct.Struct("!HH")
COOKIE = 0x2112A442
BINDING_REQUEST, BINDING_SUCCESS, BINDING_ERROR = 0x0001, 0x0101, 0x0111
XOR_MAPPED_ADDRESS, ERROR_CODE, UNKNOWN_ATTRIBUTES = 0x0020, 0x0009, 0x000A
# RFC 5389 15: below this an attribute must be understood; these say nothing that an answer needs.
OPTIONAL = 0x8000
KNOWN = frozenset({0x0006, 0x0008})  # USERNAME, MESSAGE-INTEGRITY: not asked for, so not looked at
# A Binding request of a phone has 20 to 100 octets.
MAX_REQUEST = 548
MAX_UNKNOWN = 4

# All phones behind one address send at most some ten a second; after a power cut, more.
PER_ADDRESS, IN_ALL = 60, 3_000


KEEPALIVE_LENGTH = 32
"""Octets. Shorter than any SIP message: CRLF, NUL and old STUN (RFC 3489) of phones behind NAT."""


def is_keepalive(data: bytes) -> bool:
    """A datagram that is there to keep a hole open, and says nothing (RFC 5626 4.4.1)."""
    return len(data) < KEEPALIVE_LENGTH and not (data.strip(b"\r\n\0 ") and data[0] > 1)


def is_stun(data: bytes) -> bool:
    """RFC 5389 6: the first two bits are zero, the cookie stands where it must."""
    return len(data) >= _HEADER.size and data[0] < 0x40 and data[4:8] == b"\x21\x12\xa4\x42"


def answer(data: bytes, remote: tuple[str, int]) -> bytes | None:
    """The answer to a Binding request from `remote`; None where there is none."""
    if len(data) > MAX_REQUEST or not is_stun(data):
        return None
    kind, length, _, transaction = _HEADER.unpack_from(data)
    if kind != BINDING_REQUEST or length % 4 or length != len(data) - _HEADER.size:
        return None
    unknown = _unknown(data[_HEADER.size :])
    if unknown is None:
        return None
    if unknown:
        return _refusal(unknown, transaction)
    body = _attribute(XOR_MAPPED_ADDRESS, _xor_address(remote, transaction))
    return _HEADER.pack(BINDING_SUCCESS, len(body), COOKIE, transaction) + body


def _unknown(body: bytes) -> list[int] | None:
    """Attributes that ask to be understood and are not (15); None: this is no list of them."""
    found, at = [], 0
    while at < len(body):
        kind, size = _ATTRIBUTE.unpack_from(body, at)
        at += _ATTRIBUTE.size + size + -size % 4
        if at > len(body):
            return None
        if kind < OPTIONAL and kind not in KNOWN:
            found.append(kind)
    return found


def _refusal(unknown: list[int], transaction: bytes) -> bytes:
    """7.3.1: 420, and which ones."""
    some = unknown[:MAX_UNKNOWN]
    names = struct.pack(f"!{len(some)}H", *some)
    body = _attribute(ERROR_CODE, b"\0\0\x04\x14") + _attribute(UNKNOWN_ATTRIBUTES, names)
    return _HEADER.pack(BINDING_ERROR, len(body), COOKIE, transaction) + body


def _attribute(kind: int, value: bytes) -> bytes:
    return _ATTRIBUTE.pack(kind, len(value)) + value + b"\0" * (-len(value) % 4)


def _xor_address(remote: tuple[str, int], transaction: bytes) -> bytes:
    """15.2: family, port and address, XORed so that no router on the way rewrites them."""
    address = ipaddress.ip_address(remote[0].partition("%")[0])
    mask = (COOKIE.to_bytes(4, "big") + transaction)[: len(address.packed)]
    mixed = bytes(one ^ other for one, other in zip(address.packed, mask, strict=True))
    return (
        struct.pack("!BBH", 0, 1 if address.version == 4 else 2, remote[1] ^ COOKIE >> 16) + mixed
    )


class Stun:
    """`answer`, with its bounds: so many a second to one address, and to all."""

    def __init__(self) -> None:
        self._second = 0
        self._answers: Counter[str] = Counter()
        self._total = 0

    def answer(self, data: bytes, remote: tuple[str, int], now: float) -> bytes | None:
        """As the function's; None as well when the second is full."""
        if int(now) != self._second:
            self._second, self._total = int(now), 0
            self._answers.clear()
        if self._total >= IN_ALL or self._answers[remote[0]] >= PER_ADDRESS:
            return None
        self._total += 1
        self._answers[remote[0]] += 1
        return answer(data, remote)
