"""The small parts of SIP's grammar (RFC 3261 25.1): tokens, quoted strings, lists, parameters.

Everything here is linear: patterns use possessive quantifiers, which never give back what they
took, so a hostile sender finds none that is slow. What a header means is not known here.
"""

from __future__ import annotations

import re

from softswitch.sip.errors import ParseError

Params = tuple[tuple[str, str | None], ...]
"""Parameters in their order; a value of None is a flag. Quoted values keep their quotes."""

MAX_PARAMS = 64
"""Of one value. A Contact with push parameters has a dozen; hundreds are an attack."""

MAX_LIST = 256
"""Values on one line: as many as there are lines, and thrice the 70 hops of a long Via set."""

TOKEN = r"[A-Za-z0-9\-.!%*_+`'~]"
"""One character of a token, as a pattern."""

_TOKEN = re.compile(TOKEN + "+")
_STOPS = {",": re.compile(r'[",<]'), ";": re.compile(r'[";<]')}
# Nearly all parameters are of this form; the values' characters are looser than the grammar's.
# The group is not possessive: before Python 3.11.5 such a group would let `;;` pass at the end.
_PLAIN_PARAMS = re.compile(r'(?:;[^;=,"<>\x00-\x20\x7f]++(?:=[^;,"<>\x00-\x20\x7f]*+)?)*;?')
# One parameter with white space, quotes or brackets in it.
_PARAM = re.compile(
    r"""[ \t]*+([^;=,"<>\x00-\x20\x7f]++)[ \t]*+
    (?:=[ \t]*+( "(?:[^"\\]++|\\.)*+" | [^;"\x00-\x20\x7f]*+ )[ \t]*+)?""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
# What may stand in a quoted string only behind a backslash; CR and LF not even there.
_TO_ESCAPE = re.compile(r'["\\\x00-\x08\x0b\x0c\x0e-\x1f\x7f]')
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f\udc80-\udcff]")


def is_token(text: str) -> bool:
    """RFC 3261 25.1 `token`."""
    return _TOKEN.fullmatch(text) is not None


def digits(text: str, limit: int) -> int | None:
    """The number that ASCII digits say, None for anything else and for more than `limit`.

    Python's own `int` would take signs, underscores and every script's digits.
    """
    if not (text.isascii() and text.isdigit()):
        return None
    if len(text) > 20:
        # No bound here has that many digits, and a huge integer takes its time to make.
        text = text.lstrip("0") or "0"
        if len(text) > 20:
            return None
    number = int(text)
    return number if number <= limit else None


def split_list(text: str) -> list[str]:
    """The values of a comma-separated field, white space off; commas in quotes or <> do not count.

    Raises `ParseError` for a quote or bracket without its end, and for too many values.
    """
    if "," not in text:
        return [text.strip(" \t")]
    values = _split(text, ",") if '"' in text or "<" in text else text.split(",")
    if len(values) > MAX_LIST:
        raise ParseError("Too many values in a list")
    return [value.strip(" \t") for value in values]


def _split(text: str, delimiter: str) -> list[str]:
    pieces, start, at = [], 0, 0
    search = _STOPS[delimiter].search
    while (found := search(text, at)) is not None:
        sign, place = found.group(), found.start()
        if sign == '"':
            at = end_of_quoted(text, place)
        elif sign == "<":
            close = text.find(">", place)
            if close < 0:
                raise ParseError("A bracket is not closed")
            at = close + 1
        else:
            pieces.append(text[start:place])
            start = at = place + 1
    pieces.append(text[start:])
    return pieces


def end_of_quoted(text: str, start: int) -> int:
    """The place behind the closing quote of the quoted string that begins at `start`."""
    at = start + 1
    while True:
        closing = text.find('"', at)
        if closing < 0:
            raise ParseError("A quoted string is not closed")
        slashes = closing
        while slashes > at and text[slashes - 1] == "\\":
            slashes -= 1
        # An odd number of backslashes before it escapes the quote.
        if (closing - slashes) % 2 == 0:
            return closing + 1
        at = closing + 1


def unquote(text: str) -> str:
    r"""`"a \"b\""` → `a "b"`; text without quotes around it as it is."""
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        return text
    inner = text[1:-1]
    return _ESCAPED.sub(r"\1", inner) if "\\" in inner else inner


def quote(text: str) -> str:
    """A quoted string. Raises ValueError for text that would end the line."""
    if "\r" in text or "\n" in text:
        raise ValueError("a quoted string stays on its line")
    if _TO_ESCAPE.search(text) is not None:
        text = _TO_ESCAPE.sub(r"\\\g<0>", text)
    return f'"{text}"'


def printable(text: str) -> str:
    """For logs, tables and screens: control characters and broken UTF-8 as U+FFFD.

    Text from the network may hold both (the latter as lone surrogates, which no file takes).
    """
    return _UNPRINTABLE.sub("\ufffd", text)


def parse_params(text: str) -> Params:
    """`;a=b;c` → (("a", "b"), ("c", None)); `text` is empty or begins with a semicolon.

    One semicolon at the very end is let pass, since phones send it; empty parameters elsewhere
    are an error (RFC 4475 3.1.2.1), and so is whatever is no parameter.
    """
    if not text:
        return ()
    if _PLAIN_PARAMS.fullmatch(text) is None:
        return _parse_spaced_params(text)
    if text.count(";") > MAX_PARAMS:
        raise ParseError("Too many parameters")
    params: list[tuple[str, str | None]] = []
    for piece in text.split(";"):
        name, equals, value = piece.partition("=")
        if name:
            params.append((name, value if equals else None))
    return tuple(params)


def _parse_spaced_params(text: str) -> Params:
    text = text.strip(" \t")
    params: list[tuple[str, str | None]] = []
    at, end = 0, len(text)
    while at < end:
        if text[at] != ";":
            raise ParseError("Bad parameter")
        if at == end - 1:
            break
        found = _PARAM.match(text, at + 1)
        if found is None:
            raise ParseError("Bad parameter")
        if len(params) >= MAX_PARAMS:
            raise ParseError("Too many parameters")
        params.append((found[1], found[2]))
        at = found.end()
    return tuple(params)


def format_params(params: Params) -> str:
    """The reverse of `parse_params`. A value that needs quotes has them already (`quote`)."""
    return "".join([f";{name}" if value is None else f";{name}={value}" for name, value in params])


def param(params: Params, name: str) -> str | None:
    """The first parameter's value, its quotes off; None without one. `name` in lower case."""
    for each, value in params:
        if each == name or each.lower() == name:
            return unquote(value) if value is not None else None
    return None


def has_param(params: Params, name: str) -> bool:
    """Whether the parameter stands there, with or without value. `name` in lower case."""
    return name in [each.lower() for each, _ in params]
