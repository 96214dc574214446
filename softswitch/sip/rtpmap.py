"""What the payload types of an m-line stand for (RFC 8866 6.6, RFC 3551 6, RFC 4733).

Values and their texts alone: where they stand in a description is `sdp`'s, what is made of them
`theirs`'.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

MAX_PAYLOAD_TYPE = 127  # RFC 3550 5.1: seven bits
TELEPHONE_EVENT = "telephone-event"
# Phones of one kind say the same in each call. Video phones with every codec have some 1,500
# octets of it; 64 kept ones are half a megabyte with their objects at most.
KEPT, LONGEST_KEPT = 64, 2_048


class RtpMap(NamedTuple):
    """`a=rtpmap` (RFC 8866 6.6)."""

    encoding: str
    clock: int
    channels: int = 1


# RFC 3551 6: what a number below 96 means when no rtpmap says otherwise.
STATIC_PAYLOADS = {
    0: RtpMap("PCMU", 8000),
    3: RtpMap("GSM", 8000),
    4: RtpMap("G723", 8000),
    5: RtpMap("DVI4", 8000),
    6: RtpMap("DVI4", 16000),
    7: RtpMap("LPC", 8000),
    8: RtpMap("PCMA", 8000),
    9: RtpMap("G722", 8000),
    10: RtpMap("L16", 44100, 2),
    11: RtpMap("L16", 44100),
    12: RtpMap("QCELP", 8000),
    13: RtpMap("CN", 8000),
    15: RtpMap("G728", 8000),
    18: RtpMap("G729", 8000),
}


class Codings(NamedTuple):
    """Of one m-line, in its order of preference."""

    payload_types: tuple[int, ...]
    """The formats that are RTP payload types."""
    told: Mapping[int, RtpMap | None]
    """What the lines say; None of a number whose line says nothing that can be read."""
    known: tuple[tuple[int, RtpMap], ...]
    """The payload types whose meaning is told, or known without."""
    events: Mapping[int, int]
    """Telephone events (RFC 4733): the number of each clock's."""

    def meaning(self, payload_type: int) -> RtpMap | None:
        """What a number stands for; the static ones of RFC 3551 need no line."""
        told = self.told
        return told[payload_type] if payload_type in told else STATIC_PAYLOADS.get(payload_type)


def codings(formats: tuple[str, ...], rtpmaps: tuple[str, ...]) -> Codings:
    """`formats` of the m-line, the values of its `a=rtpmap` lines."""
    if sum(map(len, formats)) + sum(map(len, rtpmaps)) > LONGEST_KEPT:
        return _read(formats, rtpmaps)
    return _kept(formats, rtpmaps)


def _read(formats: tuple[str, ...], rtpmaps: tuple[str, ...]) -> Codings:
    numbers = [plain_number(text, MAX_PAYLOAD_TYPE) for text in formats]
    payload_types = tuple([number for number in numbers if number is not None])
    told = {number: _rtpmap(text) for number, text in about_numbers(rtpmaps).items()}
    found = Codings(payload_types, told, (), {})
    mapped = [(number, found.meaning(number)) for number in payload_types]
    known = tuple([(number, meaning) for number, meaning in mapped if meaning is not None])
    events: dict[int, int] = {}
    for number, meaning in known:
        if meaning.encoding.lower() == TELEPHONE_EVENT:
            events.setdefault(meaning.clock, number)
    return Codings(payload_types, told, known, events)


_kept = lru_cache(maxsize=KEPT)(_read)


def about_numbers(values: Iterable[str]) -> dict[int, str]:
    """The rest of each `payload_type rest`; the first of a number counts."""
    found: dict[int, str] = {}
    for value in values:
        text, _, rest = value.partition(" ")
        number = plain_number(text, MAX_PAYLOAD_TYPE)
        if number is not None:
            found.setdefault(number, rest.strip())
    return found


def _rtpmap(text: str) -> RtpMap | None:
    encoding, _, rest = text.partition("/")
    clock_text, _, channels_text = rest.partition("/")
    clock = plain_number(clock_text.strip(), 999_999_999)
    if not encoding or not clock:
        return None
    return RtpMap(encoding.strip(), clock, plain_number(channels_text.strip(), 255) or 1)


def plain_number(text: str, highest: int) -> int | None:
    """A plain decimal number, or None; the length is checked first because `int` is quadratic."""
    if len(text) > 9 or not (text.isascii() and text.isdigit()):
        return None
    number = int(text)
    return number if number <= highest else None
