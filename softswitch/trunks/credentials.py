"""Our answers to a provider's challenges (RFC 3261 22.2, 22.3; RFC 7616; RFC 8760).

A challenge is answered once; a nonce that he calls stale, once more. A second challenge without
that says that the password is wrong, and asking on would be a loop. What was learnt is put on the
next request at once, so that a refresh costs no second round.
"""

from collections.abc import Callable

from softswitch.sip.auth import answer_challenge
from softswitch.sip.errors import ParseError
from softswitch.sip.headers import CSeq, split_challenges
from softswitch.sip.message import Request, Response

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
    """What was answered so far in one conversation: a registration, or one call's dialog."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._known: dict[int, list[str]] = {}
        self._count: dict[int, int] = {}
        self._answered: set[int] = set()
        self._stale = 0

    def begin(self, request: Request) -> None:
        """A new request: what is known of the provider's nonces goes on it at once."""
        self._answered.clear()
        self._stale = 0
        for status in self._known:
            self._put(request, status)

    def again(self, request: Request, response: Response) -> Request | None:
        """The same request with an answer to this challenge (8.1.3.5), or None: it is no use.

        The CSeq is one higher; inside a dialog the caller counts for himself.
        """
        status = response.status
        if status not in CHALLENGED:
            return None
        try:
            challenges = split_challenges(response.headers.all(_HEADERS[status][0]))
        except ParseError:
            return None
        is_stale = any(_says_stale(text) for text in challenges)
        if status in self._answered and not (is_stale and self._stale < MAX_STALE):
            self._known.pop(status, None)
            return None
        self._stale += is_stale
        self._known[status], self._count[status] = challenges, 0
        self._answered.add(status)
        again = request.copy()
        again.headers.set("CSeq", str(CSeq(request.cseq.number + 1, request.method)))
        return again if self._put(again, status) else None

    def lines(self, request: Request) -> tuple[tuple[str, str], ...]:
        """The credentials on a request: the ACK of its 2xx carries them again (22.1)."""
        names = [answer for _, answer in _HEADERS.values()]
        return tuple((name, value) for name in names for value in request.headers.all(name))

    def _put(self, request: Request, status: int) -> bool:
        name = _HEADERS[status][1]
        self._count[status] += 1
        try:
            value = self._account.sign(request, self._known[status], self._count[status])
        except ParseError:
            del self._known[status]
            return False
        request.headers.remove(name)
        request.headers.add(name, value)
        return True


def _says_stale(challenge: str) -> bool:
    return "stale=true" in challenge.lower().replace('"', "").replace(" ", "")

