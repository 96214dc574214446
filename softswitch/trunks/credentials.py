"""Our answers to a provider's challenges (RFC 3261 22.2, 22.3; RFC 7616; RFC 8760).

A challenge is answered once; a nonce that he calls stale, once more. A second challenge without
that says that the password is wrong, and asking on would be a loop. What was learnt is put on the
next request at once, so that a refresh costs no second round.
"""

from collections.abc import Callable

from softswitch.sip.auth import answer_challenge
from softswitch.sip.errors import ParseError
from softswitch.sip.headers import split_challenges
from softswitch.sip.message import Headers, Request, Response
from softswitch.sip.uri import Uri

CHALLENGED = frozenset({401, 407})
# The challenge's and the answer's header, by status.
_HEADERS = {
    401: ("WWW-Authenticate", "Authorization"),
    407: ("Proxy-Authenticate", "Proxy-Authorization"),
}
MAX_STALE = 2
"""A server whose every nonce is stale would have us ask for ever."""


class Account:
    """A name and a password at a provider. Never printed."""

    __slots__ = ("_password", "_token", "login")

    def __init__(self, login: str, password: str, token: Callable[[], str]) -> None:
        self.login, self._password, self._token = login, password, token

    def sign(self, request: Request, challenges: list[str], nc: int) -> str:
        """The credentials for one request. Raises ParseError if no challenge can be answered."""
        return answer_challenge(
            challenges,
            request.method,
            str(request.uri),
            self.login,
            self._password,
            self._token(),
            nc,
            request.body,
        )


class Signer:
    """What was challenged in one conversation: a registration, or one call's dialog."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._known: dict[int, list[str]] = {}
        self._count: dict[int, int] = {}
        self._answered: set[int] = set()
        self._stale = 0

    def sign(self, request: Request) -> bool:
        """Put on what is known to be asked for. Whether anything was."""
        for status in list(self._known):
            self._put(request, status)
        return bool(self._known)

    def learn(self, response: Response) -> bool:
        """Take a challenge; whether the same request is worth another try, signed."""
        status = response.status
        if status not in CHALLENGED:
            return False
        try:
            challenges = split_challenges(response.headers.all(_HEADERS[status][0]))
        except ParseError:
            return False
        is_stale = any(_says_stale(text) for text in challenges)
        if status in self._answered and not (is_stale and self._stale < MAX_STALE):
            self.settled()
            self._known.pop(status, None)
            return False
        self._stale += is_stale
        self._known[status], self._count[status] = challenges, 0
        self._answered.add(status)
        return self._is_answerable(status)

    def settled(self) -> None:
        """A request was taken, or given up: the next one may be challenged anew."""
        self._answered.clear()
        self._stale = 0

    def _is_answerable(self, status: int) -> bool:
        probe = Request("OPTIONS", Uri("sip", None, None, "probe.invalid", None), Headers())
        try:
            self._account.sign(probe, self._known[status], 1)
        except ParseError:
            del self._known[status]
        return status in self._known

    def _put(self, request: Request, status: int) -> None:
        name = _HEADERS[status][1]
        self._count[status] += 1
        value = self._account.sign(request, self._known[status], self._count[status])
        request.headers.remove(name)
        request.headers.add(name, value)


def credentials_of(request: Request) -> tuple[tuple[str, str], ...]:
    """The credentials on a request: the ACK of its 2xx carries them again (22.1)."""
    names = [answer for _, answer in _HEADERS.values()]
    return tuple((name, value) for name in names for value in request.headers.all(name))


def _says_stale(challenge: str) -> bool:
    return "stale=true" in challenge.lower().replace('"', "").replace(" ", "")
