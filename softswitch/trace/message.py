"""One traced SIP message, and how a row of the store holds many of them.

A row is zlib over plain lines, in base64 so that every database and the journal take it as text:

    1 <messages left out before this row> <calls that share a leg, comma-separated>
    <microseconds> <direction> <transport> <local> <remote> <octets of the original> <octets here>
    <the text>
    …

Only sanitised text (`sanitise.py`) comes here. Knows nothing of sockets, calls or the store.
"""

import base64
import binascii
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

VERSION = b"1"
# Level 1, a window of 8 KB and little memory: SIP repeats itself within a message or two, and
# zlib's own defaults spend two thirds of the time on clearing memory (80 against 26 µs a call).
LEVEL, WINDOW, MEMORY = 1, 13, 6
# A row is 400 messages of 4 KB at most; what claims to be more is no row of ours.
MAX_ROW = 4 << 20


class Direction(StrEnum):
    """Seen from the switch."""

    IN = "<"
    OUT = ">"


@dataclass(frozen=True, slots=True)
class TracedMessage:
    """One message as it passed. Addresses are `host:port`; `local` is empty when not known."""

    at: int  # microseconds since 1970, UTC
    direction: Direction
    transport: str  # "udp", "tcp", "tls", "ws", "wss"
    local: str
    remote: str
    octets: int  # of the original
    text: bytes


@dataclass(frozen=True, slots=True)
class Row:
    """What a row holds."""

    messages: tuple[TracedMessage, ...]
    left_out: int = 0  # messages before these that the bound of one call let go
    shared: tuple[str, ...] = ()  # other calls that share a leg with this one


class DamagedRow(ValueError):
    """A row that this version cannot read."""


def way_of(direction: Direction, transport: str, local: str, remote: str) -> bytes:
    """How a message came or went, for `entry`."""
    return f"{direction} {transport} {local or '-'} {remote}".encode()


def entry(at: int, way: bytes, octets: int, text: bytes) -> bytes:
    """One message as a row keeps it. Bytes, not an object: thousands a second are made."""
    return b"%d %b %d %d\n%b\n" % (at, way, octets, len(text), text)


def pack(entries: Iterable[bytes], left_out: int = 0, shared: Iterable[str] = ()) -> str:
    """A row's text."""
    compressor = zlib.compressobj(LEVEL, zlib.DEFLATED, WINDOW, MEMORY)
    head = b"%b %d %b\n" % (VERSION, left_out, ",".join(shared).encode())
    packed = compressor.compress(head + b"".join(entries)) + compressor.flush()
    return base64.b64encode(packed).decode("ascii")


def unpack(data: str) -> Row:
    """The reverse. Raises DamagedRow."""
    try:
        plain = zlib.decompressobj().decompress(base64.b64decode(data), MAX_ROW)
        first, _, rest = plain.partition(b"\n")
        version, left_out, shared = first.decode("utf-8").split(" ")
        if version.encode() != VERSION:
            raise DamagedRow(f"a trace of version {version}")
        calls = tuple(name for name in shared.split(",") if name)
        return Row(tuple(_messages(rest)), int(left_out), calls)
    except (ValueError, IndexError, zlib.error, binascii.Error) as error:
        raise DamagedRow(f"a trace cannot be read: {error}") from None


def _messages(plain: bytes) -> Iterable[TracedMessage]:
    at = 0
    while at < len(plain):
        end = plain.index(b"\n", at)
        fields = plain[at:end].decode("utf-8").split(" ")
        moment, direction, transport, local, remote, octets, size = fields
        start = end + 1
        at = start + int(size) + 1
        yield TracedMessage(
            int(moment),
            Direction(direction),
            transport,
            "" if local == "-" else local,
            remote,
            int(octets),
            plain[start : at - 1],
        )
