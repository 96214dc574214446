"""Typed values of header fields: addresses, Via, CSeq, challenges, Reason (RFC 3261 20, 25.1).

Each class reads one value (`parse`, raises ParseError) and writes it (`str`); `parse_list` reads
fields that may be lists. Each has one pattern for the form that nearly all messages have; what does
not match goes a longer way. Which header stands in which message is not known here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple, Protocol, Self, TypeVar

import msgspec

from softswitch.sip.errors import ParseError
from softswitch.sip.grammar import (
    MAX_LIST,
    TOKEN,
    Params,
    digits,
    end_of_quoted,
    format_params,
    has_param,
    is_token,
    param,
    parse_params,
    quote,
    split_list,
    unquote,
)
from softswitch.sip.uri import OtherUri, Uri, parse_hostport, parse_uri

MAX_CSEQ = 2**31 - 1
"""RFC 3261 8.1.1.5: "MUST be less than 2**31" (RFC 4475 3.1.2.4)."""

MAX_SECONDS = 2**32 - 1
"""RFC 3261 20.19: the most that delta-seconds can say."""

LONGEST_KEPT, KEPT = 256, 1024
"""The messages of a dialog say the same few values again and again, so those up to this length are
read once. So many of a kind serve 170 calls at once, and of all kinds together they are 6 MB at the
very most (measured with the longest ones); whoever sends ever new ones pushes out what others would
find, and no more."""

_BLANK = " \t"
_NAMED = re.compile(r'(?:"([^"\\]*+)"|([^"<]*+))[ \t]*+<([^<>]*+)')
_BAD_NAME = re.compile(r'[^"<]*+<[^<>]*+>')
_BEHIND_NAME = re.compile(r"[ \t]*+<([^<>]*+)>[ \t]*+(.*+)", re.DOTALL)
# What an unquoted display name cannot hold without being something else. The grammar allows only
# tokens; phones send letters of any language, dots and commas (RFC 4475 3.1.2.15).
_NO_DISPLAY = re.compile(r'["<>:;@\\]')
_SENT_BY = re.compile(rf"SIP/2\.0/({TOKEN}++) ([^\s;,\"]++)")
_SPACED_VIA = re.compile(
    rf"SIP[ \t]*+/[ \t]*+2\.0[ \t]*+/[ \t]*+({TOKEN}++)[ \t]++([^\s;,\":\]]++(?:[^\s;,\"\]]*+\])?)"
    r"[ \t]*+(?::[ \t]*+([0-9]++))?[ \t]*+(;.*+)?",
    re.DOTALL | re.IGNORECASE | re.ASCII,
)
_CSEQ = re.compile(rf"([0-9]++)[ \t]++({TOKEN}++)")
_CHALLENGE = re.compile(rf"({TOKEN}++)(?:[ \t]++(.*+))?", re.DOTALL)
_PAIR = re.compile(rf"({TOKEN}++)[ \t]*+=[ \t]*+(\".*+|[^=].*+|)", re.DOTALL)


class Parsable(Protocol):
    """A class of one header value."""

    @classmethod
    def parse(cls, text: str) -> Self: ...


V = TypeVar("V", bound=Parsable)


def parse_list(kind: type[V], lines: Iterable[str]) -> list[V]:
    """All values of a field that may stand as a list or on several lines, in order.

    A line that is blank has none. Raises ParseError, also for an empty value between two commas.
    """
    texts = [text for line in lines if line for text in split_list(line)]
    if len(texts) > MAX_LIST:
        raise ParseError("Too many values in a list")
    return [kind.parse(text) for text in texts]


class NameAddr(msgspec.Struct, frozen=True):
    """An address with a display name and header parameters: From, To, Contact, Route …

    `display` is without quotes and escapes, and may hold control characters (`grammar.printable`).
    """

    display: str | None
    uri: Uri | OtherUri
    params: Params = ()

    @property
    def tag(self) -> str | None:
        """RFC 3261 19.3."""
        return param(self.params, "tag")

    def param(self, name: str) -> str | None:
        """A header parameter's value, quotes off; `name` in lower case."""
        return param(self.params, name)

    def has_param(self, name: str) -> bool:
        """With or without a value; `name` in lower case."""
        return has_param(self.params, name)

    @classmethod
    def parse(cls, text: str) -> NameAddr:
        """`"A" <uri>;p`, `A <uri>;p`, `<uri>;p` or `uri;p`. Equal text may give the same object."""
        return _address(text) if len(text) <= LONGEST_KEPT else cls._parse(text)

    @classmethod
    def _parse(cls, text: str) -> NameAddr:
        front, bracket, params = text.partition(">")
        if bracket:
            named = _named(front) if len(front) <= LONGEST_KEPT else _named.__wrapped__(front)
            if named is not None:
                return cls(*named, parse_params(params.lstrip(_BLANK)))
        return cls._parse_unusual(text.strip(_BLANK))

    @classmethod
    def _parse_unusual(cls, text: str) -> NameAddr:
        """Escapes or a `>` in the display name, or no brackets at all."""
        if text.startswith('"'):
            end = end_of_quoted(text, 0)
            found = _BEHIND_NAME.fullmatch(text, end)
            if found is None:
                raise ParseError("Bad address")
            uri = parse_uri(found[1].strip(_BLANK))
            return cls(unquote(text[:end]), uri, parse_params(found[2]))
        if _BAD_NAME.match(text) is not None:
            raise ParseError("Bad display name")
        # RFC 3261 20.10: without brackets all parameters belong to the header, and a URI with a
        # comma, question mark or semicolon must have brackets.
        address, semicolon, tail = text.partition(";")
        if "?" in address or "," in address:
            raise ParseError("An address with headers needs brackets")
        return cls(None, parse_uri(address.rstrip(_BLANK)), parse_params(semicolon + tail))

    def __str__(self) -> str:
        name = f"{quote(self.display)} " if self.display else ""
        return f"{name}<{self.uri}>{format_params(self.params)}"


_address = lru_cache(maxsize=KEPT)(NameAddr._parse)


@lru_cache(maxsize=KEPT)
def _named(front: str) -> tuple[str | None, Uri | OtherUri] | None:
    """Display name and URI of what stands before `>`: the same with many a tag. None: unusual."""
    found = _NAMED.fullmatch(front)
    if found is None:
        return None
    display, plain, uri = found.groups()
    if plain:
        display = plain.strip(_BLANK) or None
        if display and _NO_DISPLAY.search(display) is not None:
            raise ParseError("Bad display name")
    return display, parse_uri(uri.strip(_BLANK))


class ContactList(msgspec.Struct, frozen=True):
    """All Contact values of a message, or the `*` of a REGISTER that removes every binding."""

    addresses: tuple[NameAddr, ...]
    is_star: bool = False

    @classmethod
    def parse_lines(cls, lines: list[str]) -> ContactList:
        """RFC 3261 20.10: `*` stands alone. Raises ParseError. Equal lines may give one object."""
        if len(lines) == 1 and len(lines[0]) <= LONGEST_KEPT:
            return _contacts(lines[0])
        return cls._parse_lines(lines)

    @classmethod
    def _parse_lines(cls, lines: list[str]) -> ContactList:
        if lines == ["*"]:
            return cls((), True)
        return cls(tuple(parse_list(NameAddr, lines)))


@lru_cache(maxsize=KEPT)
def _contacts(line: str) -> ContactList:
    return ContactList._parse_lines([line])


class Via(NamedTuple):
    """One Via value. `transport` in capitals; `host` with the brackets of IPv6.

    A NamedTuple, since each message makes one or two and it costs a third of a dataclass.
    """

    transport: str
    host: str
    port: int | None
    params: Params = ()

    @property
    def branch(self) -> str | None:
        """RFC 3261 8.1.1.7."""
        return param(self.params, "branch")

    @property
    def received(self) -> str | None:
        """RFC 3261 18.2.1; without brackets: RFC 5118 4.5 wants both forms understood."""
        value = param(self.params, "received")
        return value[1:-1] if value and value[0] == "[" and value[-1] == "]" else value

    @property
    def rport(self) -> int | None:
        """The port, once it is filled in (RFC 3581)."""
        value = param(self.params, "rport")
        return None if value is None else digits(value, 65_535)

    def has_param(self, name: str) -> bool:
        """With or without a value; `name` in lower case."""
        return has_param(self.params, name)

    @classmethod
    def parse(cls, text: str) -> Via:
        """`SIP/2.0/UDP host:port;branch=…`, with white space wherever the grammar lets it be."""
        front, semicolon, params = text.partition(";")
        sent_by = _sent_by(front) if len(front) <= LONGEST_KEPT else _sent_by.__wrapped__(front)
        if sent_by is None:
            return cls._parse_spaced(text)
        return cls(*sent_by, parse_params(semicolon + params))

    @classmethod
    def _parse_spaced(cls, text: str) -> Via:
        found = _SPACED_VIA.fullmatch(text)
        if found is None:
            raise ParseError("Bad Via")
        transport, host, port, params = found.groups()
        bare, number = parse_hostport(host if port is None else f"{host}:{port}")
        host = f"[{bare}]" if ":" in bare else bare
        return cls(transport.upper(), host, number, parse_params(params or ""))

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host and self.host[0] != "[" else self.host
        port = "" if self.port is None else f":{self.port}"
        return f"SIP/2.0/{self.transport} {host}{port}{format_params(self.params)}"


@lru_cache(maxsize=KEPT)
def _sent_by(front: str) -> tuple[str, str, int | None] | None:
    """Transport, host and port: of each peer the same. None: with unusual white space."""
    found = _SENT_BY.fullmatch(front)
    if found is None:
        return None
    transport, place = found.groups()
    host, port = parse_hostport(place)
    return transport.upper(), f"[{host}]" if ":" in host else host, port


class CSeq(msgspec.Struct, frozen=True):
    """Number and method (RFC 3261 20.16)."""

    number: int
    method: str

    @classmethod
    def parse(cls, text: str) -> CSeq:
        """`314159 INVITE`. Equal text may give the same object."""
        return _cseq(text) if len(text) <= LONGEST_KEPT else cls._parse(text)

    @classmethod
    def _parse(cls, text: str) -> CSeq:
        found = _CSEQ.fullmatch(text)
        if found is None:
            raise ParseError("Bad CSeq")
        number = digits(found[1], MAX_CSEQ)
        if number is None:
            raise ParseError("CSeq is 2**31 or more")
        return cls(number, found[2])

    def __str__(self) -> str:
        return f"{self.number} {self.method}"


_cseq = lru_cache(maxsize=KEPT)(CSeq._parse)


@dataclass(frozen=True, slots=True)
class Challenge:
    """A scheme with parameters: WWW-Authenticate, Authorization and their proxy forms (RFC 7235).

    Values in `params` are without quotes, names in lower case, and `text` is all that follows the
    scheme, as it came: schemes that nobody here knows need not look like `name=value`.
    """

    scheme: str
    params: dict[str, str] = field(compare=False)
    text: str = ""

    @classmethod
    def parse(cls, text: str) -> Challenge:
        """One challenge, or the credentials that answer one."""
        found = _CHALLENGE.fullmatch(text)
        if found is None:
            raise ParseError("Bad challenge or credentials")
        rest = found[2] or ""
        params: dict[str, str] = {}
        for piece in split_list(rest):
            pair = _PAIR.fullmatch(piece)
            if pair is not None:
                params.setdefault(pair[1].lower(), unquote(pair[2].rstrip(_BLANK)))
        return cls(found[1], params, rest)

    def __str__(self) -> str:
        return f"{self.scheme} {self.text}" if self.text else self.scheme


def split_challenges(lines: Iterable[str]) -> list[str]:
    """One text a challenge, although several stand on one line (RFC 7235 4.1). Raises ParseError.

    A piece that is no `name=value` begins the next challenge: `Digest realm="a"` has a space there.
    """
    challenges: list[str] = []
    for line in lines:
        is_first = True
        for piece in split_list(line):
            if is_first or _PAIR.fullmatch(piece) is None:
                challenges.append(piece)
            elif piece:
                challenges[-1] += f", {piece}"
            is_first = False
    return [text for text in challenges if text]


@dataclass(frozen=True, slots=True)
class Reason:
    """RFC 3326: why a request was sent, `SIP;cause=200;text="…"`."""

    protocol: str
    params: Params = ()

    @property
    def cause(self) -> int | None:
        """A status of SIP or a cause of Q.850."""
        value = param(self.params, "cause")
        return None if value is None else digits(value, 999)

    @property
    def text(self) -> str | None:
        """In words."""
        return param(self.params, "text")

    @classmethod
    def parse(cls, text: str) -> Reason:
        """One value; the header is a list."""
        protocol, semicolon, tail = text.partition(";")
        protocol = protocol.strip(_BLANK)
        if not is_token(protocol):
            raise ParseError("Bad Reason")
        return cls(protocol, parse_params(semicolon + tail))

    def __str__(self) -> str:
        return self.protocol + format_params(self.params)


@dataclass(frozen=True, slots=True)
class RetryAfter:
    """Seconds until a retry makes sense (RFC 3261 20.33); comment and parameters are dropped."""

    seconds: int

    @classmethod
    def parse(cls, text: str) -> RetryAfter:
        """`120 (in a meeting);duration=60`."""
        said = re.split(r"[;(]", text, maxsplit=1)[0].strip(_BLANK)
        seconds = digits(said, MAX_SECONDS)
        if seconds is None:
            raise ParseError("Bad Retry-After")
        return cls(seconds)

    def __str__(self) -> str:
        return str(self.seconds)
