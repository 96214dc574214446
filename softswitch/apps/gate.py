"""Who may do what: digest for extensions, the source address for trunks.

An ordinary challenge is no failure (a phone's first request never has credentials); only a wrong
password is counted. RFC 3261 22.2: a UAS challenges with 401.
"""

from dataclasses import dataclass, field

from softswitch import metrics
from softswitch.apps.old_phones import OldPhones
from softswitch.calls.exchange import Exchange
from softswitch.log import get_logger
from softswitch.office.secrets import Secrets
from softswitch.sip.auth import AuthStatus, DigestServer
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

    def admit(self, event: RequestReceived) -> str | None:
        """The extension that sent this request, or None after a 401, 403 or 400 was sent."""
        request = event.request
        now = self.exchange.now()
        lines = request.headers.all("Authorization") + request.headers.all("Proxy-Authorization")
        result = self.digest.verify(request, lines, self.secrets.ha1, now)
        metrics.credentials.labels(result.status.name.lower()).inc()
        if result.status is AuthStatus.OK:
            self.phones.understood(event)
            return result.user
        if result.status is AuthStatus.MALFORMED:
            self._refuse(event, 400)
            return None
        if result.status not in _CHALLENGED:
            _log.warning(
                "wrong credentials",
                user=result.user,
                address=event.flow.remote[0],
                why=result.status.value,
            )
        # A wrong password is challenged again, as RFC 3261 22.1 has it: the phone may ask its user.
        self._challenge(event, now, stale=result.is_stale)
        return None

    def _challenge(self, event: RequestReceived, now: float, *, stale: bool) -> None:
        response = Response.answering(event.request, 401, to_tag=self.exchange.token())
        only = "MD5" if self.phones.needs_md5_alone(event, now) else None
        for value in self.digest.challenge(now, stale, only):
            response.headers.add("WWW-Authenticate", value)
        self.exchange.endpoint.send(response, event.key)

    def _refuse(self, event: RequestReceived, status: int) -> None:
        response = Response.answering(event.request, status, to_tag=self.exchange.token())
        self.exchange.endpoint.send(response, event.key)
