"""Commands and events as JSON lines: `["OpenLeg", 7, "192.0.2.1"]`, fields in declared order.

Strict: an unknown word, a missing field or a field of another type is a WireError, which the
worker answers with Failed. Must not know sockets; LineSplitter only cuts bytes into lines.
"""

import json
from collections.abc import Callable
from dataclasses import MISSING, fields
from enum import StrEnum
from operator import attrgetter
from types import UnionType
from typing import Any, Final, get_args, get_origin, get_type_hints

from media.commands import (
    Command,
    Event,
    Hearing,
    LegStats,
    MediaSettings,
    OtherCodec,
)
from media.measured import Rated
from media.srtp_commands import SrtpKeys

# A command is a few hundred octets; the longest is a Play of some hundred prompts.
MAX_LINE = 256 * 1024

Convert = Callable[[object], object]
# Values within values: lists of their fields.
_NESTED: Final = (LegStats, Rated, Hearing, OtherCodec, SrtpKeys)


class WireError(Exception):
    """A line that is no command or event. `word` names what it wanted to be, if readable."""

    def __init__(self, reason: str, word: str = "?", leg: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.word = word
        self.leg = leg


def _exactly(kind: type) -> Convert:
    def convert(value: object) -> object:
        # bool is an int to Python, and it is not one to us.
        if type(value) is not kind:
            raise TypeError(f"{value!r} is not {kind.__name__}")
        return value

    return convert


def _number(value: object) -> object:
    if type(value) not in (int, float):
        raise TypeError(f"{value!r} is not a number")
    return float(value)  # type: ignore[arg-type]


def _optional(inner: Convert) -> Convert:
    return lambda value: None if value is None else inner(value)


def _many(inner: Convert) -> Convert:
    def convert(value: object) -> object:
        if not isinstance(value, list):
            raise TypeError(f"{value!r} is not a list")
        return tuple(inner(item) for item in value)

    return convert


def _nested(kind: type) -> Convert:
    shape = _Shape(kind)

    def convert(value: object) -> object:
        if not isinstance(value, list):
            raise TypeError(f"{value!r} is not {kind.__name__}")
        return shape.build(value)

    return convert


def _converter(hint: Any) -> Convert:
    if get_origin(hint) is UnionType:
        return _optional(_converter(get_args(hint)[0]))
    if get_origin(hint) is tuple:
        return _many(_converter(get_args(hint)[0]))
    if hint is float:
        return _number
    if issubclass(hint, StrEnum):
        refuse: Convert = hint  # its constructor does
        return refuse
    if hint in _NESTED:
        return _nested(hint)
    return _exactly(hint)


class _Shape:
    """The fields of one dataclass, in order, each with its check."""

    def __init__(self, kind: type) -> None:
        self.kind = kind
        hints = get_type_hints(kind)
        self.names = [field.name for field in fields(kind)]
        self.required = sum(
            1 for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING
        )
        self.converters = [_converter(hints[name]) for name in self.names]
        getter = attrgetter(*self.names)
        self.values: Callable[[Any], tuple[Any, ...]] = (
            getter if len(self.names) > 1 else lambda value: (getter(value),)
        )

    def build(self, values: list[object]) -> Any:
        if not self.required <= len(values) <= len(self.names):
            raise TypeError(f"{len(values)} fields, not {len(self.names)}")
        pairs = zip(self.converters, values, strict=False)
        return self.kind(*[convert(value) for convert, value in pairs])


_SHAPES: dict[str, _Shape] = {
    kind.__name__: _Shape(kind) for kind in (*get_args(Command), *get_args(Event), MediaSettings)
}


def _plain(value: object) -> object:
    shape = _INNER.get(type(value))
    if shape is None:
        raise TypeError(f"{value!r} has no place on the wire")
    return shape.values(value)


_INNER: Final[dict[type, _Shape]] = {kind: _Shape(kind) for kind in _NESTED}
_dump = json.JSONEncoder(separators=(",", ":"), default=_plain, allow_nan=False).encode


def encode(message: Command | Event | MediaSettings) -> bytes:
    """One line, newline included."""
    name = type(message).__name__
    return _dump((name, *_SHAPES[name].values(message))).encode() + b"\n"


def decode(line: bytes) -> Any:
    """The command or event of one line. Raises WireError."""
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        raise WireError("not a JSON line") from None
    if not isinstance(values, list) or not values or not isinstance(values[0], str):
        raise WireError("not a list that begins with a word")
    word = values[0]
    leg = values[1] if len(values) > 1 and type(values[1]) is int else None
    shape = _SHAPES.get(word)
    if shape is None:
        raise WireError("unknown word", word, leg)
    try:
        return shape.build(values[1:])
    except (TypeError, ValueError) as error:
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
