"""Session descriptions as ordered lines with typed views (RFC 8866, RFC 3605 for `a=rtcp`).

A description is what stood on the wire: every line in its place, unknown ones included. The views
(`origin`, `connection`, `rtpmap`, …) read from the lines and never change them. The reader forgives
what real phones do (bare LF, stray spaces, a missing `t=`); the writer forgives nothing.

Knows nothing of offers and answers: what a direction or a port 0 *means* stands in `offer_answer`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum

from softswitch.sip.errors import ParseError

# The widest real offers (video phones with every codec) are under 6 KB and 150 lines.
MAX_DESCRIPTION = 65_535
MAX_LINES = 1_000
# A BUNDLE of a browser conference may reach 20 m-lines; a desk phone sends one to three.
MAX_MEDIA = 64
MAX_PORT = 65_535
MAX_PAYLOAD_TYPE = 127  # RFC 3550 5.1: seven bits
# Nobody sends a packet of more than a second; larger numbers are nonsense, not wishes.
MAX_PTIME = 1_000


class Direction(Enum):
    """Who sends, seen from the writer of the description (RFC 3264 5.1)."""

    SENDRECV = "sendrecv"
    SENDONLY = "sendonly"
    RECVONLY = "recvonly"
    INACTIVE = "inactive"

    @property
    def sends(self) -> bool:
        return self in (Direction.SENDRECV, Direction.SENDONLY)

    @property
    def receives(self) -> bool:
        return self in (Direction.SENDRECV, Direction.RECVONLY)

    @property
    def reversed(self) -> "Direction":
        """The same stream seen from the other side."""
        return Direction.of(sends=self.receives, receives=self.sends)

    def limited_to(self, other: "Direction") -> "Direction":
        """What is left when both this and `other` must allow it."""
        return Direction.of(
            sends=self.sends and other.sends, receives=self.receives and other.receives
        )

    @staticmethod
    def of(*, sends: bool, receives: bool) -> "Direction":
        if sends:
            return Direction.SENDRECV if receives else Direction.SENDONLY
        return Direction.RECVONLY if receives else Direction.INACTIVE


_DIRECTIONS = {direction.value: direction for direction in Direction}


@dataclass(frozen=True, slots=True)
class Line:
    """`kind=value`, without its line end."""

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
class RtpMap:
    """`a=rtpmap` (RFC 8866 6.6)."""

    encoding: str
    clock: int
    channels: int = 1


@dataclass(frozen=True, slots=True)
class RtcpAddress:
    """`a=rtcp` (RFC 3605); `address` is None when it is the stream's own."""

    port: int
    address: str | None


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


def address_type(address: str) -> str:
    """`IP6` for anything with a colon: no IPv4 address or host name has one."""
    return "IP6" if ":" in address else "IP4"


def _attributes(lines: Iterable[Line], name: str) -> Iterator[str]:
    for line in lines:
        if line.kind == "a":
            found, _, value = line.value.partition(":")
            if found.strip() == name:
                yield value.strip()


def _direction(lines: Iterable[Line]) -> Direction | None:
    for line in lines:
        if line.kind == "a":
            direction = _DIRECTIONS.get(line.value.strip().lower())
            if direction is not None:
                return direction
    return None


def _connection(lines: Iterable[Line]) -> Connection | None:
    for line in lines:
        if line.kind == "c":
            fields = line.value.split()
            return Connection(fields[2].partition("/")[0]) if len(fields) >= 3 else None
    return None


def plain_number(text: str, highest: int) -> int | None:
    """A plain decimal number, or None; the length is checked first because `int` is quadratic."""
    if len(text) > 9 or not (text.isascii() and text.isdigit()):
        return None
    number = int(text)
    return number if number <= highest else None


@dataclass(frozen=True, slots=True)
class Media:
    """One `m=` line and the lines under it (RFC 8866 5.14)."""

    kind: str
    port: int
    port_count: int
    protocol: str
    formats: tuple[str, ...]
    lines: tuple[Line, ...] = ()

    def attribute(self, name: str) -> str | None:
        """The first value of `a=name:value`; "" for a bare `a=name`; None when absent."""
        return next(_attributes(self.lines, name), None)

    def attributes(self, name: str) -> tuple[str, ...]:
        return tuple(_attributes(self.lines, name))

    def _about(self, name: str, payload_type: int) -> str | None:
        """The rest of `a=name:payload_type rest`."""
        for value in _attributes(self.lines, name):
            number, _, rest = value.partition(" ")
            if plain_number(number, MAX_PAYLOAD_TYPE) == payload_type:
                return rest.strip()
        return None

    def rtpmap(self, payload_type: int) -> RtpMap | None:
        """What a payload type stands for; the static ones of RFC 3551 need no line."""
        text = self._about("rtpmap", payload_type)
        if text is None:
            return STATIC_PAYLOADS.get(payload_type)
        encoding, _, rest = text.partition("/")
        clock_text, _, channels_text = rest.partition("/")
        clock = plain_number(clock_text.strip(), 999_999_999)
        if not encoding or not clock:
            return None
        return RtpMap(encoding.strip(), clock, plain_number(channels_text.strip(), 255) or 1)

    def fmtp(self, payload_type: int) -> str | None:
        return self._about("fmtp", payload_type)

    @property
    def payload_types(self) -> tuple[int, ...]:
        """The formats that are RTP payload types, in their order of preference."""
        numbers = (plain_number(text, MAX_PAYLOAD_TYPE) for text in self.formats)
        return tuple(number for number in numbers if number is not None)

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
        return replace(self, port=0, port_count=1, lines=())

    def line(self) -> Line:
        count = f"/{self.port_count}" if self.port_count != 1 else ""
        formats = " ".join(self.formats)
        return Line("m", f"{self.kind} {self.port}{count} {self.protocol} {formats}".rstrip())


@dataclass(frozen=True, slots=True)
class SessionDescription:
    """The session's lines, then its media blocks, as they stood."""

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

    @property
    def connection(self) -> Connection | None:
        return _connection(self.lines)

    @property
    def direction(self) -> Direction | None:
        return _direction(self.lines)

    def connection_of(self, media: Media) -> Connection | None:
        """The block's own connection, else the session's."""
        return media.connection or self.connection

    def attribute_of(self, media: Media, name: str) -> str | None:
        """The block's own attribute, else the session's, of those that may stand at either."""
        own = media.attribute(name)
        return next(_attributes(self.lines, name), None) if own is None else own

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
        lines = [str(line) for line in self.all_lines()]
        if any("\r" in line or "\n" in line for line in lines):
            raise ValueError("an SDP value holds a line end")
        return "\r\n".join(lines) + "\r\n"

    def to_bytes(self) -> bytes:
        return str(self).encode("utf-8", "surrogateescape")


def parse(body: bytes | str) -> SessionDescription:
    """Read a description. Raises `ParseError` (400); bytes that are no UTF-8 are kept."""
    if len(body) > MAX_DESCRIPTION:
        raise ParseError("SDP: too long", 413)
    text = body if isinstance(body, str) else body.decode("utf-8", "surrogateescape")
    lines = list(_lines(text))
    if not lines or lines[0].kind != "v":
        raise ParseError("SDP: must begin with v=")
    if lines[0].value != "0":
        raise ParseError("SDP: unknown version")
    starts = [index for index, line in enumerate(lines) if line.kind == "m"]
    if len(starts) > MAX_MEDIA:
        raise ParseError("SDP: too many m= lines")
    ends = [*starts, len(lines)][1:]
    media = tuple(
        _media(lines[start], tuple(lines[start + 1 : end]))
        for start, end in zip(starts, ends, strict=True)
    )
    return SessionDescription(tuple(lines[: starts[0]] if starts else lines), media)


def _lines(text: str) -> Iterator[Line]:
    raw_lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if len(raw_lines) > MAX_LINES:
        raise ParseError("SDP: too many lines")
    for raw in raw_lines:
        stripped = raw.strip(" \t\0")
        if not stripped:
            continue
        kind, equals, value = stripped.partition("=")
        kind = kind.rstrip()
        if not equals or len(kind) != 1:
            raise ParseError("SDP: a line is not of the form x=value")
        yield Line(kind, value.lstrip(" \t"))


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
