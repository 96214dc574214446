"""Who may do what: digest for extensions, the source address for trunks.

An ordinary challenge is no failure (a phone's first request never has credentials); only a wrong
password is counted, for the device that sent it, and answered ever later (`guard.credentials`).
RFC 3261 22.2: a UAS challenges with 401.
"""

from dataclasses import dataclass, field

from softswitch import metrics
from softswitch.apps.claims import claim, user_of
from softswitch.apps.late_answers import LateAnswers
from softswitch.apps.old_phones import Heard, OldPhones
from softswitch.calls.exchange import Exchange
from softswitch.guard.credentials import Who
from softswitch.guard.guard import Guard
from softswitch.guard.sources import Bucket
from softswitch.log import get_logger
from softswitch.office.secrets import Secrets
from softswitch.sip.admission import Refusal
from softswitch.sip.auth import AuthResult, AuthStatus, DigestServer
from softswitch.sip.message import Request, Response
from softswitch.sip.stack import Flow, RequestReceived

_log = get_logger("apps.gate")

# Lines about wrong passwords: who guesses fast must not fill the disk. The metrics count them all.
LINES_A_SECOND, LINES_AT_ONCE = 1.0, 20.0
_CHALLENGED = frozenset(
    {AuthStatus.MISSING, AuthStatus.STALE, AuthStatus.REPLAYED, AuthStatus.WRONG_REALM}
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request that has no transaction."""

    request: Request
    flow: Flow


@dataclass(slots=True)
class Gate:
    """Checks the credentials of requests; answers the ones that do not pass."""

    exchange: Exchange
    digest: DigestServer
    secrets: Secrets
    phones: OldPhones = field(default_factory=OldPhones)
    guard: Guard = field(default_factory=Guard)
    late: LateAnswers = field(init=False)
    lines: Bucket = field(default_factory=lambda: Bucket(LINES_A_SECOND, LINES_AT_ONCE, 0.0))

    def __post_init__(self) -> None:
        self.late = LateAnswers(self._challenge_again)

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
        metrics.labelled(metrics.credentials, result.status.name.lower()).inc()
        if result.status is AuthStatus.OK:
            self.phones.understood(event)
            self.guard.proved(request, event.flow, result.user or "", now)
            if who is not None:
                credentials.right(who, port)
            return result.user
        if result.status is AuthStatus.MALFORMED:
            self._refuse(event, 400)
        elif result.status in _CHALLENGED:
            if not result.is_stale:
                self._note_challenge(request, event.flow, now)
            self._challenge(event, stale=result.is_stale)
        else:
            self._wrong(event, result, who, now)
        return None

    def see_stranger(self, event: RequestReceived) -> None:
        """A request that needs no credentials came: a scanner asks for many who are not here."""
        user = user_of(event.request.uri)
        if user and user not in self.secrets:
            sender = self.guard.sender_of(event.request, event.flow)
            self.guard.tried(sender, user, self.exchange.now())

    def challenge_stranger(self, request: Request, flow: Flow, now: float) -> Refusal:
        """401 without state for who has shown no credentials (RFC 3261 8.2.7)."""
        metrics.labelled(metrics.credentials, AuthStatus.MISSING.name.lower()).inc()
        self._note_challenge(request, flow, now)
        lines = self._challenges(_Asked(request, flow), now)
        return Refusal(401, tuple(("WWW-Authenticate", value) for value in lines))

    def _note_challenge(self, request: Request, flow: Flow, now: float) -> None:
        """It is no failure; but who asks for many users that are not here looks for victims."""
        flow = self.guard.sender_of(request, flow)
        self.guard.challenged(flow, now)
        claimed = user_of(request.from_.uri)
        if claimed not in self.secrets:
            self.guard.tried(flow, f"{claimed} {user_of(request.uri)}", now)

    def _wrong(
        self, event: RequestReceived, result: AuthResult, who: Who | None, now: float
    ) -> None:
        """A wrong password, or a user who is not here: nobody can tell one from the other.

        It is challenged again, as RFC 3261 22.1 has it: the phone may ask its user.
        """
        address = event.flow.remote[0]
        if self.lines.take(now):
            why = result.status.value
            _log.warning("wrong credentials", user=result.user, address=address, why=why)
        if who is None:
            self._challenge_again(event)
            return
        sender = self.guard.sender_of(event.request, event.flow)
        self.guard.tried(sender, f"{who.user} {who.instance}", now)
        self._challenge_later(event, self.guard.credentials.wrong(who, now))

    def _challenge_later(self, event: RequestReceived, seconds: float) -> None:
        if seconds <= 0:
            self._challenge_again(event)
            return
        self.guard.counters["delayed"] += 1
        if not self.late.later(event, seconds):
            response = Response.answering(event.request, 503, to_tag=self.exchange.token())
            response.headers.add("Retry-After", str(round(seconds) or 1))
            self.exchange.endpoint.dismiss(response, event.key)

    def _challenge(self, event: RequestReceived, *, stale: bool = False) -> None:
        response = self._challenging(event, stale)
        self.exchange.endpoint.send(response, event.key)

    def _challenge_again(self, event: RequestReceived) -> None:
        """After a wrong password: said once, for one who guesses is not to make us say it again."""
        self.exchange.endpoint.dismiss(self._challenging(event, stale=False), event.key)

    def _challenging(self, event: RequestReceived, stale: bool) -> Response:
        response = Response.answering(event.request, 401, to_tag=self.exchange.token())
        for value in self._challenges(event, self.exchange.now(), stale):
            response.headers.add("WWW-Authenticate", value)
        return response

    def _challenges(self, heard: Heard, now: float, stale: bool = False) -> list[str]:
        only = "MD5" if self.phones.needs_md5_alone(heard, now) else None
        return self.digest.challenge(now, stale, only)

    def _refuse(self, event: RequestReceived, status: int) -> None:
        response = Response.answering(event.request, status, to_tag=self.exchange.token())
        self.exchange.endpoint.send(response, event.key)
