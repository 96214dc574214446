"""SIP and SIPS URIs as values, every other scheme as an opaque one (RFC 3261 19.1, RFC 3966).

IPv6 as RFC 5118 and RFC 5954 want it.

A URI that was read writes itself as it came, so that a phone finds its own Contact again in our
Request-URI to the letter. What a URI leads to is not known here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache
from ipaddress import IPv6Address
from urllib.parse import quote, unquote

from softswitch.sip.errors import ParseError
from softswitch.sip.grammar import Params, digits, format_params, has_param, param, parse_params

MAX_URI = 4096
"""Characters. RFC 3261 sets no bound; a Request-URI over it is answered 414."""

CACHED_URI = 256
"""Longer ones are read anew each time: 2,048 cached ones then never hold more than a megabyte."""

# RFC 3261 25.1: unreserved and user-unreserved, of the password fewer.
_USER_SAFE = "-_.!~*'()&=+$,;?/"
_PASSWORD_SAFE = "-_.!~*'()&=+$,"
# Looser than the grammar where nothing is ambiguous: a bare `#` or Polish letters in the user,
# which softphones send, `_` in a host, which people write.
_SIP = re.compile(
    r"""(?:([^@:<>"\x00-\x20\x7f]++)(?::([^@<>"\x00-\x20\x7f]*+))?@)?
    ([A-Za-z0-9._\-]++|\[[0-9A-Fa-f:.]++\])
    (?::([0-9]++))?
    (;[^?@<>"\x00-\x20\x7f]*+)?
    (?:\?([^@<>"\x00-\x20\x7f]++))?""",
    re.VERBOSE,
)
_OTHER = re.compile(r"""([A-Za-z][A-Za-z0-9+.\-]*+):([^<>"\x00-\x20\x7f]++)""")
_HOST_PORT = re.compile(r"([A-Za-z0-9._\-]++|\[[0-9A-Fa-f:.]++\])(?::([0-9]++))?")
_EXTRA_COLON = re.compile(r":::(?=[0-9]{1,3}\.)")
_TAIL = re.compile(r"[;?]")
_FORBIDDEN = re.compile(r'[<>"\x00-\x20\x7f]')
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
# RFC 3261 19.1.4: these count although they stand in only one of two URIs.
_NEVER_IGNORED = frozenset({"user", "ttl", "method", "maddr", "transport"})

UriHeaders = tuple[tuple[str, str | None], ...]
"""Of a URI, escaped as they came: `?Replaces=a%40b` → (("Replaces", "a%40b"),)."""


@dataclass(frozen=True, slots=True)
class Uri:
    """sip: or sips:. `user` and `password` are unescaped; `host` is without IPv6 brackets.

    An unescaped user may hold any character whatever, line ends too: `str(uri)` escapes it again,
    `grammar.printable` makes it fit for a log or a table.
    """

    scheme: str
    user: str | None
    password: str | None
    host: str
    port: int | None
    params: Params = ()
    headers: UriHeaders = ()
    _text: str | None = field(default=None, compare=False, repr=False)

    def param(self, name: str) -> str | None:
        """A URI parameter's value, unescaped; `name` in lower case."""
        return param(_unescaped(self.params), name)

    def has_param(self, name: str) -> bool:
        """With or without a value; `name` in lower case."""
        return has_param(_unescaped(self.params), name)

    def header(self, name: str) -> str | None:
        """A URI header's value, unescaped: the Replaces of a Refer-To. `name` in any case."""
        value = param(self.headers, name.lower())
        return None if value is None else _unescape(value)

    def with_params(self, params: Params) -> Uri:
        """The same with these parameters in place of its own; what stands before them is kept."""
        return self._changed(params, self.headers)

    def without_headers(self) -> Uri:
        """As it may stand in a Request-URI (RFC 3261 19.1.1)."""
        return self._changed(self.params, ()) if self.headers else self

    def _changed(self, params: Params, headers: UriHeaders) -> Uri:
        text = None
        if self._text is not None:
            # The escapes of the user are not ours to rewrite: `%3B` and `;` differ (19.1.4).
            tail = _TAIL.search(self._text, self._text.find("@") + 1)
            front = self._text[: tail.start()] if tail is not None else self._text
            text = _checked(f"{front}{format_params(params)}{_format_headers(headers)}")
        return replace(self, params=params, headers=headers, _text=text)

    def equivalent(self, other: object) -> bool:
        """RFC 3261 19.1.4: the same by the RFC's rules, whatever the order of parameters.

        Escapes never count, not even those of reserved characters, which the RFC tells apart:
        `a%3Bb` and `a;b` are one user to every phone.
        """
        if not isinstance(other, Uri):
            return False
        mine = (self.scheme, self.user, self.password, _same_host(self.host), self.port)
        if mine != (other.scheme, other.user, other.password, _same_host(other.host), other.port):
            return False
        if _comparable(self.headers) != _comparable(other.headers):
            return False
        ours, theirs = _comparable(self.params), _comparable(other.params)
        counted = ours.keys() & theirs.keys() | _NEVER_IGNORED
        return all(ours.get(name) == theirs.get(name) for name in counted)

    def __str__(self) -> str:
        """Raises ValueError if a part that was put in by hand would end the URI."""
        if self._text is not None:
            return self._text
        userinfo = ""
        if self.user is not None:
            userinfo = quote(self.user, _USER_SAFE, errors="surrogateescape") + "@"
            if self.password is not None:
                password = quote(self.password, _PASSWORD_SAFE, errors="surrogateescape")
                userinfo = f"{userinfo[:-1]}:{password}@"
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port is None else f":{self.port}"
        tail = format_params(self.params) + _format_headers(self.headers)
        return _checked(f"{self.scheme}:{userinfo}{host}{port}{tail}")


@dataclass(frozen=True, slots=True)
class OtherUri:
    """Any other scheme (tel:, urn:, im: …), its text untouched but for the scheme's case."""

    scheme: str
    rest: str

    @property
    def user(self) -> str | None:
        """The number of a tel: URI (RFC 3966), without its parameters; None of other schemes."""
        return self.rest.partition(";")[0] if self.scheme == "tel" else None

    def param(self, name: str) -> str | None:
        """A parameter of a tel: URI, `phone-context` for one; `name` in lower case."""
        return param(self._params(), name)

    def has_param(self, name: str) -> bool:
        """With or without a value; `name` in lower case."""
        return has_param(self._params(), name)

    def _params(self) -> Params:
        _, semicolon, tail = self.rest.partition(";")
        if self.scheme != "tel" or not semicolon:
            return ()
        try:
            return parse_params(semicolon + tail)
        except ParseError:
            return ()

    def __str__(self) -> str:
        return f"{self.scheme}:{self.rest}"


def parse_uri(text: str) -> Uri | OtherUri:
    """Raises ParseError (400, or 414 when too long). Equal text may give the same object."""
    if len(text) <= CACHED_URI:
        return _parse_cached(text)
    if len(text) > MAX_URI:
        raise ParseError("A URI is too long", 414)
    return _parse(text)


def _parse(text: str) -> Uri | OtherUri:
    scheme, colon, rest = text.partition(":")
    if scheme not in ("sip", "sips"):
        scheme = scheme.lower()
        if scheme not in ("sip", "sips"):
            return _parse_other(text)
    found = _SIP.fullmatch(rest)
    if found is None:
        raise ParseError("Bad URI")
    user, password, host, port, params, headers = found.groups()
    if "%" in text:
        if _BAD_ESCAPE.search(text) is not None:
            raise ParseError("Bad escape in a URI")
        user = user and _unescape(user)
        password = password and _unescape(password)
    return Uri(
        scheme,
        user,
        password,
        host if host[0] != "[" else _bare_ipv6(host),
        None if port is None else _port(port),
        parse_params(params) if params else (),
        _parse_headers(headers) if headers else (),
        text,
    )


# Phones say the same few URIs again and again.
_parse_cached = lru_cache(maxsize=2048)(_parse)


def _parse_other(text: str) -> OtherUri:
    found = _OTHER.fullmatch(text)
    if found is None:
        raise ParseError("Bad URI")
    return OtherUri(found[1].lower(), found[2])


def parse_hostport(text: str) -> tuple[str, int | None]:
    """`host`, `host:port`, `[v6]:port` → host without brackets, port. Raises ParseError."""
    found = _HOST_PORT.fullmatch(text)
    if found is None:
        raise ParseError("Bad host")
    host, port = found.groups()
    bare = host if host[0] != "[" else _bare_ipv6(host)
    return bare, None if port is None else _port(port)


def _bare_ipv6(reference: str) -> str:
    # RFC 5118 4.10: RFC 3261's grammar writes three colons before an IPv4 part; "an implementation
    # must tolerate both". Only the text of the URI keeps the third.
    address = _EXTRA_COLON.sub("::", reference[1:-1])
    try:
        IPv6Address(address)
    except ValueError as error:
        raise ParseError("Bad IPv6 address") from error
    return address


def _same_host(host: str) -> str | IPv6Address:
    """What hosts are compared by: names without case, IPv6 as addresses (RFC 5954 4.2)."""
    try:
        return IPv6Address(host) if ":" in host else host.lower()
    except ValueError:
        return host.lower()


def _checked(text: str) -> str:
    """No white space, and nothing that would end the URI and begin something else."""
    if _FORBIDDEN.search(text) is not None:
        raise ValueError("a URI stays on its line and in its brackets")
    return text


def _port(text: str) -> int:
    port = digits(text, 65_535)
    if not port:
        raise ParseError("Bad port")
    return port


def _unescape(text: str) -> str:
    return unquote(text, errors="surrogateescape") if "%" in text else text


def _parse_headers(text: str) -> UriHeaders:
    headers: list[tuple[str, str | None]] = []
    for piece in text.split("&"):
        name, equals, value = piece.partition("=")
        if not name:
            raise ParseError("Bad header in a URI")
        headers.append((name, value if equals else None))
    return tuple(headers)


def _format_headers(headers: UriHeaders) -> str:
    pairs = [name if value is None else f"{name}={value}" for name, value in headers]
    return "?" + "&".join(pairs) if pairs else ""


def _unescaped(params: Params) -> Params:
    """RFC 4475 3.1.1.3: `;%6C%72` is `;lr`."""
    if not params:
        return params
    return tuple([(_unescape(name), value and _unescape(value)) for name, value in params])


def _comparable(pairs: Params) -> dict[str, str]:
    """By name, unescaped, without case; a flag is an empty value."""
    return {_unescape(name).lower(): _unescape(value or "").lower() for name, value in pairs}
