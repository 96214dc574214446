"""Digest access authentication, both sides (RFC 7616, RFC 8760, RFC 3261 22).

The server keeps no nonce it has given out: a nonce is a time and a counter under a keyed hash, so a
flood of unauthenticated requests costs no memory. Only a nonce that was *used well* is remembered,
to refuse the same count twice. Passwords are unknown here: `lookup` hands out HA1 hashes.

Knows nothing of headers beyond the texts of `Authorization` and `WWW-Authenticate` values, and
nothing of what the user may do.
"""

import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from hashlib import blake2s
from typing import Protocol
from urllib.parse import unquote

from softswitch.sip.digest import ALGORITHMS, ha1, octets, parse_parameters, request_digest
from softswitch.sip.errors import ParseError
from softswitch.sip.grammar import quote
from softswitch.sip.uri import OtherUri, Uri, parse_uri

__all__ = [
    "ALGORITHMS",
    "AuthResult",
    "AuthStatus",
    "DigestServer",
    "answer_challenge",
    "ha1",
]

Lookup = Callable[[str, str], str | None]
"""(user, algorithm such as "SHA-256") to the HA1 in hexadecimal, or None for an unknown user."""

# A proxy chain may leave one credential a hop; more than this is an attempt to make us hash.
MAX_CREDENTIALS = 8
# Nonces remembered as used. A phone uses one or two in their lifetime; past this the oldest are
# declared stale, which costs their owners one more round trip and nobody his safety.
MAX_USED_NONCES = 65_536
# How far behind the highest count a request may still come: UDP reorders requests sent together.
REPLAY_WINDOW = 64
_TAG_BYTES = 12  # 96 bits of keyed BLAKE2 (RFC 7693 2.9): not to be guessed in a nonce's lifetime
_HEX_COUNT = re.compile(r"[0-9A-Fa-f]{1,8}")
_NO_HASH = "0" * 64


class AuthStatus(Enum):
    """What became of a request's credentials."""

    OK = "ok"
    MISSING = "missing"
    """No digest credentials at all: challenge."""
    STALE = "stale"
    """The password is right, the nonce too old or not ours: challenge with `stale`."""
    REPLAYED = "replayed"
    """The password is right, the count was used before: challenge with `stale`."""
    BAD_PASSWORD = "bad password"
    UNKNOWN_USER = "unknown user"
    MALFORMED = "malformed"
    """Not to be understood, or made for another Request-URI: 400."""
    WRONG_REALM = "wrong realm"
    """Credentials for others only: challenge."""


# When several credentials fail, the one that got furthest speaks for the request.
_FURTHEST = (
    AuthStatus.OK,
    AuthStatus.STALE,
    AuthStatus.REPLAYED,
    AuthStatus.BAD_PASSWORD,
    AuthStatus.UNKNOWN_USER,
    AuthStatus.MALFORMED,
    AuthStatus.WRONG_REALM,
    AuthStatus.MISSING,
)


class Signed(Protocol):
    """What the credentials are checked against: a `Request`."""

    @property
    def method(self) -> str: ...

    @property
    def uri(self) -> Uri | OtherUri: ...

    @property
    def body(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class AuthResult:
    """`user` is who the credentials name, proved only when `status` is OK."""

    status: AuthStatus
    user: str | None = None

    @property
    def is_stale(self) -> bool:
        """The next challenge says `stale=true`: the phone retries without asking its owner."""
        return self.status in (AuthStatus.STALE, AuthStatus.REPLAYED)


_NO_CREDENTIALS = AuthResult(AuthStatus.MISSING)


@dataclass(slots=True)
class _Counts:
    """The counts seen under one nonce: the highest, and a bit for each of the 64 below it."""

    issued: int
    highest: int
    seen: int = 1

    def take(self, count: int) -> bool:
        """Mark one count as used; False if it was, or is too old to tell."""
        ahead = count - self.highest
        if ahead > 0:
            self.highest = count
            self.seen = (self.seen << min(ahead, REPLAY_WINDOW) | 1) & (1 << REPLAY_WINDOW) - 1
            return True
        bit = 1 << -ahead if -ahead < REPLAY_WINDOW else 0
        if not bit or self.seen & bit:
            return False
        self.seen |= bit
        return True


class DigestServer:
    """Challenges and verifies for one realm. `secret`: 32 random bytes, best new at every start."""

    def __init__(
        self,
        realm: str,
        secret: bytes,
        algorithms: Iterable[str] = ("SHA-256", "MD5"),
        nonce_seconds: float = 300,
        *,
        allow_without_qop: bool = False,
    ) -> None:
        wanted = set(algorithms)
        if not wanted or wanted - set(ALGORITHMS):
            raise ValueError(f"digest algorithms are {', '.join(ALGORITHMS)}")
        self.realm = realm
        self.algorithms = tuple(name for name in ALGORITHMS if name in wanted)
        self._secret = secret
        self._nonce_seconds = nonce_seconds
        self._allow_without_qop = allow_without_qop
        self._used: dict[str, _Counts] = {}
        self._forgotten_before = -1
        self._issued = 0
        quoted = quote(realm)
        self._templates = tuple(
            f'Digest realm={quoted}, nonce="%s", algorithm={name}, qop="auth"'
            for name in self.algorithms
        )

    def challenge(self, now: float, stale: bool = False, only: str | None = None) -> list[str]:
        """Values for WWW-Authenticate or Proxy-Authenticate, one a header line, strongest first.

        `only`: one algorithm, for a phone that cannot pass over one that it does not know.
        """
        self._issued += 1
        nonce = self._sign(f"{int(now * 1000):x}.{self._issued:x}")
        tail = ", stale=true" if stale else ""
        return [
            template % nonce + tail
            for name, template in zip(self.algorithms, self._templates, strict=True)
            if only is None or name == only
        ]

    def verify(
        self, request: Signed, header_values: Iterable[str], lookup: Lookup, now: float
    ) -> AuthResult:
        """Judge the request by the credentials meant for our realm.

        `header_values`: all Authorization (or Proxy-Authorization) lines; other schemes are passed
        over. An unknown user costs the same work as a bad password.
        """
        best = _NO_CREDENTIALS
        for count, value in enumerate(header_values):
            if count >= MAX_CREDENTIALS:
                break
            result = self._verify_one(request, value, lookup, now)
            if result.status is AuthStatus.OK:
                return result
            if _FURTHEST.index(result.status) < _FURTHEST.index(best.status):
                best = result
        return best

    def dump(self) -> dict[str, int]:
        """Counts for the leak check and the metrics."""
        return {"challenges": self._issued, "nonces used": len(self._used)}

    def _verify_one(self, request: Signed, value: str, lookup: Lookup, now: float) -> AuthResult:
        scheme, _, rest = value.strip().partition(" ")
        if scheme.lower() != "digest":
            return _NO_CREDENTIALS
        try:
            given = parse_parameters(rest)
            user = _user(given)
        except ParseError:
            return AuthResult(AuthStatus.MALFORMED)
        if given.get("realm") != self.realm:
            return AuthResult(AuthStatus.WRONG_REALM, user)
        algorithm = given.get("algorithm", "MD5").upper()
        base = algorithm.removesuffix("-SESS")
        if base not in self.algorithms or not self._is_complete(given, base):
            return AuthResult(AuthStatus.MALFORMED, user)
        if not _is_same_uri(given["uri"], request):
            return AuthResult(AuthStatus.MALFORMED, user)
        known = lookup(user, base)
        expected = request_digest(
            base, known or _NO_HASH, given, request.method, request.body, algorithm != base
        )
        # Bytes, because `compare_digest` refuses text that is not ASCII.
        is_right = hmac.compare_digest(expected.encode(), octets(given["response"].lower()))
        if known is None:
            return AuthResult(AuthStatus.UNKNOWN_USER, user)
        if not is_right:
            return AuthResult(AuthStatus.BAD_PASSWORD, user)
        return AuthResult(self._judge_nonce(given, now), user)

    def _is_complete(self, given: Mapping[str, str], base: str) -> bool:
        if not given.get("nonce") or "response" not in given or "uri" not in given:
            return False
        qop = given.get("qop")
        if qop is None:
            # RFC 2069's form, which RFC 3261 22.4 keeps for old phones.
            return self._allow_without_qop and base == "MD5"
        if qop not in ("auth", "auth-int") or "cnonce" not in given:
            return False
        return _HEX_COUNT.fullmatch(given.get("nc", "")) is not None

    def _judge_nonce(self, given: Mapping[str, str], now: float) -> AuthStatus:
        nonce = given["nonce"]
        issued = self._issued_at(nonce)
        lifetime = int(self._nonce_seconds * 1000)
        age = int(now * 1000) - issued
        if not 0 <= age <= lifetime or issued <= self._forgotten_before:
            return AuthStatus.STALE
        # Without qop there is no count: such a nonce is good for one request only, so that what was
        # overheard cannot be sent again.
        count = int(given["nc"], 16) if "qop" in given else 1
        counts = self._used.get(nonce)
        if counts is None:
            self._forget(int(now * 1000) - lifetime)
            self._used[nonce] = _Counts(issued, count)
            return AuthStatus.OK
        return AuthStatus.OK if counts.take(count) else AuthStatus.REPLAYED

    def _forget(self, oldest: int) -> None:
        """Make room for one nonce: those that have expired leave, or else the first one does."""
        used = self._used
        while used:
            first, counts = next(iter(used.items()))
            if counts.issued >= oldest:
                if len(used) < MAX_USED_NONCES:
                    return
                self._forgotten_before = max(self._forgotten_before, counts.issued)
            del used[first]

    def _sign(self, head: str) -> str:
        tag = blake2s(octets(head), digest_size=_TAG_BYTES, key=self._secret).digest()
        return f"{head}.{urlsafe_b64encode(tag).decode()}"

    def _issued_at(self, nonce: str) -> int:
        """Milliseconds of our clock at which we made this nonce; -1 if we did not."""
        head, _, _ = nonce.rpartition(".")
        if not hmac.compare_digest(self._sign(head).encode(), octets(nonce)):
            return -1
        return int(head.partition(".")[0], 16)


def answer_challenge(
    challenges: Iterable[str],
    method: str,
    uri: str,
    user: str,
    password: str,
    cnonce: str,
    nc: int = 1,
    body: bytes = b"",
) -> str:
    """The Authorization value for the strongest challenge that we can answer (RFC 8760 2.4).

    `challenges`: all WWW-Authenticate (or Proxy-Authenticate) values of one response; `uri`: the
    Request-URI as sent; `cnonce`: unguessable, new for each nonce; `nc` counts the requests under
    one nonce. Raises `ParseError` when none can be answered.
    """
    chosen = _strongest(challenges)
    algorithm = chosen.get("algorithm", "MD5")
    base = algorithm.upper().removesuffix("-SESS")
    given = {"nonce": chosen["nonce"], "uri": uri, "cnonce": cnonce}
    qop = _chosen_qop(chosen.get("qop"))
    if qop:
        given |= {"qop": qop, "nc": f"{nc:08x}"}
    secret = ha1(user, chosen["realm"], password, base)
    is_session = algorithm.upper() != base
    response = request_digest(base, secret, given, method, body, is_session)
    parts = [f"username={quote(user)}", f"realm={quote(chosen['realm'])}"]
    parts += [f"nonce={quote(chosen['nonce'])}", f"uri={quote(uri)}", f'response="{response}"']
    if "algorithm" in chosen:
        parts.append(f"algorithm={algorithm}")
    if qop or is_session:
        parts.append(f"cnonce={quote(cnonce)}")
    if qop:
        parts += [f"qop={qop}", f"nc={nc:08x}"]
    if "opaque" in chosen:
        parts.append(f"opaque={quote(chosen['opaque'])}")
    return "Digest " + ", ".join(parts)


def _strongest(challenges: Iterable[str]) -> Mapping[str, str]:
    found: dict[str, Mapping[str, str]] = {}
    for value in challenges:
        scheme, _, rest = value.strip().partition(" ")
        if scheme.lower() != "digest":
            continue
        parameters = parse_parameters(rest)
        base = parameters.get("algorithm", "MD5").upper().removesuffix("-SESS")
        is_answerable = _chosen_qop(parameters.get("qop")) is not None
        if "nonce" in parameters and "realm" in parameters and is_answerable:
            found.setdefault(base, parameters)
    for name in ALGORITHMS:
        if name in found:
            return found[name]
    raise ParseError("no digest challenge that we can answer")


def _chosen_qop(offered: str | None) -> str | None:
    """ "auth" before "auth-int"; "" for a challenge of RFC 2069; None if we know none of them."""
    if offered is None:
        return ""
    names = {name.strip().lower() for name in offered.split(",")}
    return next((name for name in ("auth", "auth-int") if name in names), None)


def _user(given: Mapping[str, str]) -> str:
    """`username`, or `username*` in the form of RFC 5987. Raises `ParseError`."""
    if given.get("userhash", "false").lower() == "true":
        raise ParseError("hashed user names were not offered")
    plain, extended = given.get("username"), given.get("username*")
    if (plain is None) == (extended is None):
        raise ParseError("exactly one of username and username* must stand")
    if extended is None:
        return plain or ""
    charset, _, rest = extended.partition("'")
    _, quote, value = rest.partition("'")
    if charset.upper() != "UTF-8" or not quote:
        raise ParseError("bad username*")
    try:
        return unquote(value, errors="strict")
    except UnicodeDecodeError as error:
        raise ParseError("username* is not UTF-8") from error


def _is_same_uri(said: str, request: Signed) -> bool:
    """RFC 7616 3.4.6: the credentials were made for this Request-URI.

    Looser than RFC 3261 19.1.4: phones leave ports and parameters out, and an edge may add some.
    What must agree is who and where.
    """
    actual = request.uri
    if said == str(actual):
        return True
    try:
        claimed = parse_uri(said)
    except ParseError:
        return False
    if not isinstance(claimed, Uri) or not isinstance(actual, Uri):
        return False
    same_host = claimed.host.lower() == actual.host.lower()
    return same_host and claimed.user == actual.user
