"""Keys of encrypted sound in descriptions: SDES, `a=crypto` (RFC 4568; RFC 7714 for GCM).

    a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:BASE64|2^31|1:4

An answerer takes one line and answers under its tag with a key of his own (5.1.2). Lines with
anything that we do not do (several keys, a master key identifier, unencrypted parts) are passed
over: 6.3 lets nobody ignore what he does not understand. Keys are never in a repr.
"""

import base64
import binascii
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum, StrEnum

from softswitch.sip.sdp import Line, Media, attribute

# "a=crypto" lines of one m-line that are looked at; phones write one to six.
MAX_LINES = 16
# RFC 4568 6.3: these change nothing for a receiver of plain, whole SRTP.
_HARMLESS_PARAMETERS = ("WSH=",)


class Srtp(StrEnum):
    """Whether sound is encrypted; the value is what the office file says."""

    OFF = "off"
    ALLOWED = "allowed"
    REQUIRED = "required"


class Suite(Enum):
    """RFC 4568 6.2, RFC 7714 14.2: its name, and how long master key and salt are together."""

    AES_CM_128_HMAC_SHA1_80 = ("AES_CM_128_HMAC_SHA1_80", 30)
    AES_CM_128_HMAC_SHA1_32 = ("AES_CM_128_HMAC_SHA1_32", 30)
    AEAD_AES_128_GCM = ("AEAD_AES_128_GCM", 28)
    AEAD_AES_256_GCM = ("AEAD_AES_256_GCM", 44)

    @property
    def size(self) -> int:
        return self.value[1]


# Best known first: some phones only look at the first line.
OFFERED = (
    Suite.AES_CM_128_HMAC_SHA1_80,
    Suite.AEAD_AES_256_GCM,
    Suite.AEAD_AES_128_GCM,
    Suite.AES_CM_128_HMAC_SHA1_32,
)


@dataclass(frozen=True, slots=True)
class Crypto:
    """One line: a tag, a suite, and the key that its writer sends with."""

    tag: int
    suite: Suite
    key: bytes = field(repr=False)

    def line(self) -> Line:
        text = base64.b64encode(self.key).decode()
        return attribute("crypto", f"{self.tag} {self.suite.name} inline:{text}")


@dataclass(frozen=True, slots=True)
class Keys:
    """What was agreed on: how, and with which master key and salt each side sends."""

    suite: Suite
    send: bytes = field(repr=False)
    receive: bytes = field(repr=False)


def read(media: Media) -> Iterator[Crypto]:
    """The lines of an m-line that we could use, in their order."""
    for text in media.attributes("crypto")[:MAX_LINES]:
        found = _parse(text)
        if found is not None:
            yield found


def _parse(text: str) -> Crypto | None:
    fields = text.split()
    if len(fields) < 3 or not fields[0].isascii() or not fields[0].isdigit():
        return None
    if len(fields[0]) > 9 or fields[1] not in Suite.__members__:
        return None
    if any(not one.startswith(_HARMLESS_PARAMETERS) for one in fields[3:]):
        return None
    suite = Suite[fields[1]]
    key = _key(fields[2], suite.size)
    return None if key is None else Crypto(int(fields[0]), suite, key)


def _key(text: str, size: int) -> bytes | None:
    """`inline:KEY|lifetime`; with a master key identifier (it has a colon) it is not for us."""
    method, _, info = text.partition(":")
    key_text, *rest = info.split("|")
    if method.lower() != "inline" or ";" in info or any(":" in one for one in rest):
        return None
    try:
        # Some phones leave the filling away.
        key = base64.b64decode(key_text + "=" * (-len(key_text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if len(key) == size else None


def make_offer(new_key: Callable[[int], bytes]) -> tuple[Crypto, ...]:
    """Our lines; RFC 4568 6.1: each has a key of its own."""
    return tuple(
        Crypto(tag, suite, new_key(suite.size)) for tag, suite in enumerate(OFFERED, start=1)
    )


def answer(
    media: Media, before: tuple[Crypto, ...], new_key: Callable[[int], bytes]
) -> tuple[Crypto, Keys] | None:
    """Our line for theirs, and what is agreed then; None: none of them can be used.

    The key that we sent with before stays while the suite does: only theirs may have changed.
    """
    theirs = next(read(media), None)
    if theirs is None:
        return None
    kept = next((one.key for one in before if one.suite is theirs.suite), None)
    ours = Crypto(theirs.tag, theirs.suite, kept or new_key(theirs.suite.size))
    return ours, Keys(theirs.suite, ours.key, theirs.key)


def accept(media: Media, offered: tuple[Crypto, ...]) -> Keys | None:
    """Their answer to our lines; None: they took none."""
    for theirs in read(media):
        for ours in offered:
            if (ours.tag, ours.suite) == (theirs.tag, theirs.suite):
                return Keys(ours.suite, ours.key, theirs.key)
    return None
