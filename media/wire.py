"""Commands and events as JSON lines: `["OpenLeg", 7, "192.0.2.1"]`, fields in declared order.

Strict: an unknown word, a missing field or a field of another type is a WireError, which the
worker answers with Failed. Must not know sockets; LineSplitter only cuts bytes into lines.
"""

import json
from typing import Any, Final, get_args

import msgspec

from media.commands import Command, Event, MediaSettings

# A command is a few hundred octets; the longest is a Play of some hundred prompts.
MAX_LINE = 256 * 1024

_KINDS: Final[dict[str, Any]] = {
    kind.__name__: kind for kind in (*get_args(Command), *get_args(Event), MediaSettings)
}


def _plain(value: object) -> float:
    """numpy's float64 is a float to Python, and none to msgspec."""
    if isinstance(value, float):
        return float(value)
    raise TypeError(f"{value!r} has no place on the wire")


_encode = msgspec.json.Encoder(enc_hook=_plain).encode
_decode = msgspec.json.Decoder[Any](Command | Event | MediaSettings).decode


class WireError(Exception):
    """A line that is no command or event. `word` names what it wanted to be, if readable."""

    def __init__(self, reason: str, word: str = "?", leg: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.word = word
        self.leg = leg


def encode(message: Command | Event | MediaSettings) -> bytes:
    """One line, newline included."""
    try:
        return _encode(message) + b"\n"
    except UnicodeEncodeError:  # the path of a file whose name is no text (PEP 383)
        return json.dumps(msgspec.to_builtins(message, enc_hook=_plain)).encode() + b"\n"


def decode(line: bytes) -> Any:
    """The command or event of one line. Raises WireError."""
    try:
        return _decode(line)
    except (msgspec.MsgspecError, RecursionError):
        return _decode_odd(line)


def _decode_odd(line: bytes) -> Any:
    """What is wrong with the line; or nothing but that a name in it is no text."""
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        raise WireError("not a JSON line") from None
    if not isinstance(values, list) or not values or not isinstance(values[0], str):
        raise WireError("not a list that begins with a word")
    word = values[0]
    leg = values[1] if len(values) > 1 and type(values[1]) is int else None
    if word not in _KINDS:
        raise WireError("unknown word", word, leg)
    try:
        return msgspec.convert(values, _KINDS[word])
    except (msgspec.MsgspecError, RecursionError) as error:
        raise WireError(str(error), word, leg) from None


class LineSplitter:
    """Bytes as they come -> whole lines. Raises WireError on a line beyond MAX_LINE."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > MAX_LINE:
            self._rest = b""
            raise WireError("line too long")
        return lines
