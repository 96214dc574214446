"""Session descriptions as ordered lines with typed views (RFC 8866, RFC 3605 for `a=rtcp`).

A description is what stood on the wire: every line in its place, unknown ones included. The views
(`origin`, `connection`, `rtpmap`, …) read from the lines and never change them. The reader forgives
what real phones do (bare LF, stray spaces, a missing `t=`); the writer forgives nothing.

Knows nothing of offers and answers: what a direction or a port 0 *means* stands in `offer_answer`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from softswitch.sip.direction import DIRECTIONS, Direction
from softswitch.sip.errors import ParseError
from softswitch.sip.rtpmap import Codings, RtpMap, about_numbers, codings, plain_number

# The widest real offers (video phones with every codec) are under 6 KB and 150 lines.
MAX_DESCRIPTION = 65_535
MAX_LINES = 1_000
# A BUNDLE of a browser conference may reach 20 m-lines; a desk phone sends one to three.
MAX_MEDIA = 64
MAX_PORT = 65_535
# Nobody sends a packet of more than a second; larger numbers are nonsense, not wishes.
MAX_PTIME = 1_000
# An offer is read when it comes and again when it is answered, its answer with 180 and 200. Phones'
# descriptions have some 500 octets; 64 kept ones are half a megabyte at most.
KEPT, MAX_KEPT = 64, 2_048


class Line(NamedTuple):
    """`kind=value`, without its line end. A NamedTuple, since a call has some fifty of them."""

    kind: str
    value: str

    def __str__(self) -> str:
        return f"{self.kind}={self.value}"


def attribute(name: str, value: str | None = None) -> Line:
    """An `a=` line."""
    return Line("a", name if value is None else f"{name}:{value}")


@dataclass(frozen=True, slots=True)
class Origin:
    """`o=` (RFC 8866 5.2). The numbers stay text: they may be longer than any machine's integer."""

    username: str
    session_id: str
    version: str
    address: str

    def line(self) -> Line:
        return Line(
            "o",
            f"{self.username} {self.session_id} {self.version} "
            f"IN {address_type(self.address)} {self.address}",
        )


@dataclass(frozen=True, slots=True)
class Connection:
    """`c=` (RFC 8866 5.7) without the TTL and count of a multicast address."""

    address: str

    @property
    def is_hold(self) -> bool:
        """RFC 3264 8.4: the address of nobody was the old way to say "on hold"; RFC 6157: `::`."""
        return self.address in ("0.0.0.0", "::") or self.address.endswith(".invalid")

    def line(self) -> Line:
        return Line("c", f"IN {address_type(self.address)} {self.address}")


@dataclass(frozen=True, slots=True)
class RtcpAddress:
    """`a=rtcp` (RFC 3605); `address` is None when it is the stream's own."""

    port: int
    address: str | None


def address_type(address: str) -> str:
    """`IP6` for anything with a colon: no IPv4 address or host name has one."""
    return "IP6" if ":" in address else "IP4"


def _attributes(lines: Iterable[Line]) -> dict[str, list[str]]:
    """Every `a=` line by its name: the values, "" for a bare one."""
    found: dict[str, list[str]] = {}
    for kind, value in lines:
        if kind == "a":
            name, _, said = value.partition(":")
            found.setdefault(name.strip(), []).append(said.strip())
    return found


def _direction(lines: Iterable[Line]) -> Direction | None:
    for kind, value in lines:
        if kind == "a" and ":" not in value:
            direction = DIRECTIONS.get(value.strip().lower())
            if direction is not None:
                return direction
    return None


def _connection(lines: Iterable[Line]) -> Connection | None:
    for kind, value in lines:
        if kind == "c":
            fields = value.split()
            return Connection(fields[2].partition("/")[0]) if len(fields) >= 3 else None
    return None


@dataclass(frozen=True)
class Media:
    """One `m=` line and the lines under it (RFC 8866 5.14).

    Without slots: what was read of the lines is kept, since it is asked for each payload type.
    """

    kind: str
    port: int
    port_count: int
    protocol: str
    formats: tuple[str, ...]
    lines: tuple[Line, ...] = ()

    @cached_property
    def _attributes(self) -> Mapping[str, list[str]]:
        return _attributes(self.lines)

    def attribute(self, name: str) -> str | None:
        """The first value of `a=name:value`; "" for a bare `a=name`; None when absent."""
        values = self._attributes.get(name)
        return values[0] if values else None

    def attributes(self, name: str) -> tuple[str, ...]:
        return tuple(self._attributes.get(name, ()))

    @cached_property
    def codings(self) -> Codings:
        """What the payload types stand for."""
        return codings(self.formats, self.attributes("rtpmap"))

    @property
    def payload_types(self) -> tuple[int, ...]:
        """The formats that are RTP payload types, in their order of preference."""
        return self.codings.payload_types

    def rtpmap(self, payload_type: int) -> RtpMap | None:
        """What a payload type stands for; the static ones of RFC 3551 need no line."""
        return self.codings.meaning(payload_type)

    def fmtp(self, payload_type: int) -> str | None:
        return about_numbers(self.attributes("fmtp")).get(payload_type)

    @property
    def direction(self) -> Direction | None:
        """This block's own; `SessionDescription.direction_of` knows the default."""
        return _direction(self.lines)

    @property
    def connection(self) -> Connection | None:
        """This block's own; `SessionDescription.connection_of` knows the default."""
        return _connection(self.lines)

    def _milliseconds(self, name: str) -> int | None:
        # Some phones write "20.0"; the fraction says nothing.
        text = (self.attribute(name) or "").partition(".")[0]
        return plain_number(text, MAX_PTIME) or None

    @property
    def ptime(self) -> int | None:
        """Milliseconds of sound a packet that the writer likes to receive."""
        return self._milliseconds("ptime")

    @property
    def maxptime(self) -> int | None:
        """Milliseconds of sound that one packet may hold at most."""
        return self._milliseconds("maxptime")

    @property
    def rtcp(self) -> RtcpAddress | None:
        fields = (self.attribute("rtcp") or "").split()
        port = plain_number(fields[0], MAX_PORT) if fields else None
        if not port:
            return None
        return RtcpAddress(port, fields[3] if len(fields) >= 4 else None)

    def rejected(self) -> "Media":
        """The same m-line with port 0 and nothing under it (RFC 3264 6)."""
        return Media(self.kind, 0, 1, self.protocol, self.formats)

    def line(self) -> Line:
        count = f"/{self.port_count}" if self.port_count != 1 else ""
        formats = " ".join(self.formats)
        return Line("m", f"{self.kind} {self.port}{count} {self.protocol} {formats}".rstrip())


@dataclass(frozen=True)
class SessionDescription:
    """The session's lines, then its media blocks, as they stood. Without slots, as `Media`."""

    lines: tuple[Line, ...]
    media: tuple[Media, ...] = ()

    @property
    def origin(self) -> Origin | None:
        """None when there is no `o=` of six fields; nothing of a call depends on it."""
        for line in self.lines:
            if line.kind == "o":
                fields = line.value.split()
                if len(fields) != 6:
                    return None
                return Origin(fields[0], fields[1], fields[2], fields[5])
        return None

    @cached_property
    def connection(self) -> Connection | None:
        return _connection(self.lines)

    @cached_property
    def direction(self) -> Direction | None:
        return _direction(self.lines)

    def connection_of(self, media: Media) -> Connection | None:
        """The block's own connection, else the session's."""
        return media.connection or self.connection

    def attribute_of(self, media: Media, name: str) -> str | None:
        """The block's own attribute, else the session's, of those that may stand at either."""
        own = media.attribute(name)
        return next(iter(_attributes(self.lines).get(name, ())), None) if own is None else own

    def direction_of(self, media: Media) -> Direction:
        """The block's own direction, else the session's, else sendrecv (RFC 8866 6.7)."""
        return media.direction or self.direction or Direction.SENDRECV

    def all_lines(self) -> Iterator[Line]:
        yield from self.lines
        for media in self.media:
            yield media.line()
            yield from media.lines

    def __str__(self) -> str:
        """CRLF after every line. Raises `ValueError` if a value would break out of its line."""
        lines = [f"{kind}={value}\r\n" for kind, value in self.all_lines()]
        text = "".join(lines)
        if text.count("\r") != len(lines) or text.count("\n") != len(lines):
            raise ValueError("an SDP value holds a line end")
        return text

    def to_bytes(self) -> bytes:
        return str(self).encode("utf-8", "surrogateescape")


def parse(body: bytes | str) -> SessionDescription:
    """Read a description. Raises `ParseError` (400); bytes that are no UTF-8 are kept.

    Equal text may give the same object.
    """
    if len(body) > MAX_DESCRIPTION:
        raise ParseError("SDP: too long", 413)
    text = body if isinstance(body, str) else body.decode("utf-8", "surrogateescape")
    is_kept = len(text) <= MAX_KEPT and "crypto" not in text  # keys stay nowhere
    return _parse_kept(text) if is_kept else _parse(text)


def _parse(text: str) -> SessionDescription:
    lines = _lines(text)
    if not lines or lines[0].kind != "v":
        raise ParseError("SDP: must begin with v=")
    if lines[0].value != "0":
        raise ParseError("SDP: unknown version")
    starts = [index for index, line in enumerate(lines) if line.kind == "m"]
    if len(starts) > MAX_MEDIA:
        raise ParseError("SDP: too many m= lines")
    ends = [*starts, len(lines)][1:]
    blocks = zip(starts, ends, strict=True)
    media = [_media(lines[start], tuple(lines[start + 1 : end])) for start, end in blocks]
    return SessionDescription(tuple(lines[: starts[0]] if starts else lines), tuple(media))


_parse_kept = lru_cache(maxsize=KEPT)(_parse)


def _lines(text: str) -> list[Line]:
    raw_lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if len(raw_lines) > MAX_LINES:
        raise ParseError("SDP: too many lines")
    lines = []
    for raw in raw_lines:
        if raw[1:2] == "=" and raw[0].isalpha():
            lines.append(Line(raw[0], raw[2:].rstrip(" \t\0").lstrip(" \t")))
            continue
        stripped = raw.strip(" \t\0")
        if not stripped:
            continue
        kind, equals, value = stripped.partition("=")
        kind = kind.rstrip()
        if not equals or len(kind) != 1:
            raise ParseError("SDP: a line is not of the form x=value")
        lines.append(Line(kind, value.lstrip(" \t")))
    return lines


def _media(line: Line, under: tuple[Line, ...]) -> Media:
    fields = line.value.split()
    if len(fields) < 3:
        raise ParseError("SDP: m= needs kind, port and protocol")
    port_text, _, count_text = fields[1].partition("/")
    port = plain_number(port_text, MAX_PORT)
    count = plain_number(count_text, MAX_PORT) if count_text else 1
    if port is None or not count:
        raise ParseError("SDP: bad port in m=")
    return Media(fields[0].lower(), port, count, fields[2], tuple(fields[3:]), under)
