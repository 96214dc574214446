"""Who may do what: digest for extensions, the source address for trunks.

An ordinary challenge is no failure (a phone's first request never has credentials); only a wrong
password is counted, for the device that sent it, and answered ever later (`guard.credentials`).
RFC 3261 22.2: a UAS challenges with 401.
"""

from dataclasses import dataclass, field

from softswitch import metrics
from softswitch.apps.claims import claim, user_of
from softswitch.apps.late_answers import LateAnswers
from softswitch.apps.old_phones import OldPhones
from softswitch.calls.exchange import Exchange
from softswitch.guard.credentials import Who
from softswitch.guard.guard import Guard
from softswitch.log import get_logger
from softswitch.office.secrets import Secrets
from softswitch.sip.auth import AuthResult, AuthStatus, DigestServer
from softswitch.sip.message import Response
from softswitch.sip.stack import RequestReceived

_log = get_logger("apps.gate")

_CHALLENGED = frozenset(
    {AuthStatus.MISSING, AuthStatus.STALE, AuthStatus.REPLAYED, AuthStatus.WRONG_REALM}
)


@dataclass(slots=True)
class Gate:
    """Checks the credentials of requests; answers the ones that do not pass."""

    exchange: Exchange
    digest: DigestServer
    secrets: Secrets
    phones: OldPhones = field(default_factory=OldPhones)
    guard: Guard = field(default_factory=Guard)
    late: LateAnswers = field(init=False)

    def __post_init__(self) -> None:
        self.late = LateAnswers(self._challenge)

    def admit(self, event: RequestReceived) -> str | None:
        """The extension that sent this request, or None: it was answered, or will be."""
        request = event.request
        now = self.exchange.now()
        lines = request.headers.all("Authorization") + request.headers.all("Proxy-Authorization")
        claimed = claim(event, lines, self.digest.realm) if lines else None
        who = claimed.who if claimed else None
        port = event.flow.remote[1]
        credentials = self.guard.credentials
        if who is not None and not credentials.may_try(who, port, now):
            self.guard.counters["held"] += 1
            self._challenge_later(event, credentials.wait(who, now))
            return None
        lines = list(claimed.lines) if claimed else lines
        result = self.digest.verify(request, lines, self.secrets.ha1, now)
        metrics.credentials.labels(result.status.name.lower()).inc()
        if result.status is AuthStatus.OK:
            self.phones.understood(event)
            self.guard.vouch(event.flow, now)
            if who is not None:
                credentials.right(who, port)
            return result.user
        if result.status is AuthStatus.MALFORMED:
            self._refuse(event, 400)
        elif result.status in _CHALLENGED:
            self._ask(event, result, now)
        else:
            self._wrong(event, result, who, now)
        return None

    def see_stranger(self, event: RequestReceived) -> None:
        """A request that needs no credentials came: a scanner asks for many who are not here."""
        user = user_of(event.request.uri)
        if user and user not in self.secrets:
            self.guard.tried(event.flow, user, self.exchange.now())

    def _ask(self, event: RequestReceived, result: AuthResult, now: float) -> None:
        """No credentials yet, or good ones with an old nonce."""
        if not result.is_stale:
            self.guard.challenged(event.flow, now)
            claimed = user_of(event.request.from_.uri)
            if claimed not in self.secrets:
                self.guard.tried(event.flow, f"{claimed} {user_of(event.request.uri)}", now)
        self._challenge(event, stale=result.is_stale)

    def _wrong(
        self, event: RequestReceived, result: AuthResult, who: Who | None, now: float
    ) -> None:
        """A wrong password, or a user who is not here: nobody can tell one from the other.

        It is challenged again, as RFC 3261 22.1 has it: the phone may ask its user.
        """
        address = event.flow.remote[0]
        _log.warning(
            "wrong credentials", user=result.user, address=address, why=result.status.value
        )
        if who is None:
            self._challenge(event)
            return
        self.guard.tried(event.flow, f"{who.user} {who.instance}", now)
        self._challenge_later(event, self.guard.credentials.wrong(who, now))

    def _challenge_later(self, event: RequestReceived, seconds: float) -> None:
        if seconds <= 0:
            self._challenge(event)
            return
        self.guard.counters["delayed"] += 1
        if not self.late.later(event, seconds):
            self._refuse(event, 503, ("Retry-After", str(round(seconds) or 1)))

    def _challenge(self, event: RequestReceived, *, stale: bool = False) -> None:
        now = self.exchange.now()
        response = Response.answering(event.request, 401, to_tag=self.exchange.token())
        only = "MD5" if self.phones.needs_md5_alone(event, now) else None
        for value in self.digest.challenge(now, stale, only):
            response.headers.add("WWW-Authenticate", value)
        self.exchange.endpoint.send(response, event.key)

    def _refuse(self, event: RequestReceived, status: int, *headers: tuple[str, str]) -> None:
        response = Response.answering(event.request, status, to_tag=self.exchange.token())
        for name, value in headers:
            response.headers.add(name, value)
        self.exchange.endpoint.send(response, event.key)
