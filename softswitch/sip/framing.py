"""Cutting a byte stream into SIP messages (RFC 3261 7.5, 18.3, 20.14; RFC 5626 3.5.1).

    for frame in framer.feed(octets):  bytes: one whole message;  Keepalive: a ping or a pong

Only the end of the header and Content-Length are looked at; `message.parse_message` reads the rest.
A stream that cannot be cut is lost: nobody knows where the next message begins.
"""

from __future__ import annotations

from enum import Enum

from softswitch.sip.errors import ParseError
from softswitch.sip.grammar import digits
from softswitch.sip.message import MAX_MESSAGE, answerable
from softswitch.sip.names import canonical

__all__ = ["MAX_MESSAGE", "Frame", "FramingError", "Keepalive", "StreamFramer"]

MAX_HEAD = 32_768
"""Octets of start line and header: what a sender may make us keep before a message has a length."""

_CRLF = b"\r\n"
_END = b"\r\n\r\n"
_MOST = 10**9
"""More than any message: a length above `max_message` is told apart from one that is no number."""


class Keepalive(Enum):
    """RFC 5626 3.5.1."""

    PING = "ping"
    """A double CRLF; it wants a single one back."""
    PONG = "pong"
    """A single CRLF: the answer to our ping, or the empty line that some send behind a message."""


Frame = bytes | Keepalive


class FramingError(ParseError):
    """The stream cannot be cut any further: answer if `response_headers` allow it, then close."""

    def __init__(self, reason: str, status: int = 400) -> None:
        super().__init__(reason, status)
        self.frames: tuple[Frame, ...] = ()
        """What was cut out before the fault, in the same `feed`."""


class StreamFramer:
    """Feed what was read, get whole messages and keep-alives, in order.

    Holds at most one message; every octet is searched once, however small the pieces are.
    """

    __slots__ = ("_buffer", "_ends_in_pong", "_max", "_needed", "_searched", "_start")

    def __init__(self, max_message: int = MAX_MESSAGE) -> None:
        self._max = max_message
        self._buffer = bytearray()
        self._start = 0
        """Where the next frame begins in the buffer."""
        self._searched = 0
        """Up to here there is no end of a header."""
        self._needed = 0
        """Where the frame ends, once its length is known."""
        self._ends_in_pong = False
        """The last frame was a lone CRLF: with one more it makes a ping that came in two pieces."""

    @property
    def is_half(self) -> bool:
        """Does the beginning of a message wait for its rest?"""
        return bool(self._buffer)

    def feed(self, data: bytes) -> list[Frame]:
        """Raises FramingError, with the frames before the fault in it; the framer is then spent."""
        buffer = self._buffer
        buffer += data
        frames: list[Frame] = []
        try:
            while (frame := self._next()) is not None:
                frames.append(frame)
        except FramingError as error:
            error.frames = tuple(frames)
            buffer.clear()
            raise
        if self._start:
            del buffer[: self._start]
            self._searched = max(0, self._searched - self._start)
            self._needed = max(0, self._needed - self._start)
            self._start = 0
        return frames

    def _next(self) -> Frame | None:
        buffer, start = self._buffer, self._start
        if not self._needed:
            if buffer.startswith((b"\r", b"\n"), start):
                return self._keepalive()
            end = buffer.find(_END, max(start, self._searched - 3), start + MAX_HEAD)
            if end < 0:
                self._searched = len(buffer)
                if len(buffer) - start >= MAX_HEAD:
                    raise FramingError("The header is too long", 513)
                return None
            self._needed = self._measure(bytes(buffer[start:end]))
        if len(buffer) < self._needed:
            return None
        frame = bytes(buffer[start : self._needed])
        self._start = self._searched = self._needed
        self._needed = 0
        self._ends_in_pong = False
        return frame

    def _keepalive(self) -> Keepalive | None:
        buffer, start = self._buffer, self._start
        left = len(buffer) - start
        if buffer.startswith(_END, start):
            self._start = self._searched = start + 4
            self._ends_in_pong = False
            return Keepalive.PING
        if left < 4 and _END.startswith(buffer[start:]) and left != 2:
            return None
        if not buffer.startswith(_CRLF, start):
            raise FramingError("Half a line end between messages")
        self._start = self._searched = start + 2
        self._ends_in_pong = not self._ends_in_pong
        return Keepalive.PONG if self._ends_in_pong else Keepalive.PING

    def _measure(self, head: bytes) -> int:
        """Where the message ends in the buffer."""
        text = head.decode("utf-8", "surrogateescape")
        try:
            size = _content_length(text)
            length = len(head) + len(_END) + size
            if length > self._max:
                raise FramingError("The message is too long", 413 if size else 513)
        except FramingError as error:
            error.response_headers = answerable(text)
            raise
        return self._start + length


def _content_length(head: str) -> int:
    """RFC 3261 18.3: over streams Content-Length "MUST be used".

    Some phones leave it out where there is no body. Without a Content-Type there is none, so that
    is let pass; otherwise the message has no end.
    """
    sizes: set[str] = set()
    has_type = False
    lines = head.replace("\r\n ", " ").replace("\r\n\t", " ").split("\r\n")
    if "SIP/" not in lines[0].upper():
        # A browser or a scanner: what it sends next is of no use either.
        raise FramingError("This is not SIP")
    for line in lines[1:]:
        if line[:1] not in "cClL":
            continue
        name, _, value = line.partition(":")
        name = canonical(name.rstrip(" \t"))
        if name == "Content-Length":
            sizes.add(value.strip(" \t"))
        elif name == "Content-Type":
            has_type = True
    if not sizes and not has_type:
        return 0
    size = digits(sizes.pop(), _MOST) if len(sizes) == 1 else None
    if size is None:
        raise FramingError("A stream needs one good Content-Length")
    return size
