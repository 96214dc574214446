"""Digest arithmetic: hashes, parameters, the response (RFC 7616 3, RFC 8760).

Used by both sides of `auth`. Knows nothing of nonces' age, of users, or of messages.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from softswitch.sip.errors import ParseError

# RFC 7616 names twelve; the rest is room for what others add.
MAX_PARAMETERS = 32
# Who asks whom a request claims to come from reads the same credentials as who then checks them.
KEPT, MAX_KEPT = 32, 1_024


def octets(text: str) -> bytes:
    """The bytes that stood on the wire, whatever they were."""
    return text.encode("utf-8", "surrogateescape")


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _sha512_256(data: bytes) -> str:
    return hashlib.new("sha512_256", data).hexdigest()


# Strongest first (RFC 8760 2.4).
_HASHES: Mapping[str, Callable[[bytes], str]] = {
    "SHA-512-256": _sha512_256,
    "SHA-256": _sha256,
    "MD5": _md5,
}
ALGORITHMS = tuple(_HASHES)

_PARAMETER = re.compile(
    r"""[ \t,]*([!%'*+.0-9A-Z^_`a-z|~$&\#-]+)[ \t]*=[ \t]*
        (?: "([^"\\]*(?:\\.[^"\\]*)*)" | ([^\s,"]*) )[ \t]*(?:,|$)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


def ha1(user: str, realm: str, password: str, algorithm: str) -> str:
    """H(user:realm:password) in hexadecimal (RFC 7616 3.4.2); `algorithm` is one of `ALGORITHMS`.

    Raises `KeyError` for an algorithm that nobody knows.
    """
    return _HASHES[algorithm](octets(f"{user}:{realm}:{password}"))


def parse_parameters(text: str) -> Mapping[str, str]:
    """`name=value, …` with quoted strings unescaped, names lower-cased; a name given twice is bad.

    Raises `ParseError`. Linear: every match begins where the last one ended.
    """
    return _parse_kept(text) if len(text) <= MAX_KEPT else _parse(text)


def _parse(text: str) -> Mapping[str, str]:
    parameters: dict[str, str] = {}
    place, end = 0, len(text.rstrip(" \t,"))
    while place < end:
        match = _PARAMETER.match(text, place)
        if match is None or len(parameters) >= MAX_PARAMETERS:
            raise ParseError("bad digest parameters")
        name, quoted, token = match.groups()
        name = name.lower()
        if name in parameters:
            raise ParseError("a digest parameter stands twice")
        if quoted is None:
            parameters[name] = token
        else:
            parameters[name] = _ESCAPE.sub(r"\1", quoted) if "\\" in quoted else quoted
        place = match.end()
    return parameters


_parse_kept = lru_cache(maxsize=KEPT)(_parse)


def request_digest(
    base: str,
    secret: str,
    given: Mapping[str, str],
    method: str,
    body: bytes,
    is_session: bool,
) -> str:
    """RFC 7616 3.4.1: the request-digest under the HA1 `secret`."""
    digest = _HASHES[base]
    nonce, qop, cnonce = given["nonce"], given.get("qop"), given.get("cnonce", "")
    if is_session:
        secret = digest(octets(f"{secret}:{nonce}:{cnonce}"))
    a2 = f"{method}:{given['uri']}"
    if qop == "auth-int":
        a2 += f":{digest(body)}"
    ha2 = digest(octets(a2))
    if qop is None:
        return digest(octets(f"{secret}:{nonce}:{ha2}"))
    return digest(octets(f"{secret}:{nonce}:{given['nc']}:{cnonce}:{qop}:{ha2}"))
