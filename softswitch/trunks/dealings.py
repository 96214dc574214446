"""How a call goes on after what a provider answers: a challenge, a redirection.

One object a call on a trunk. RFC 3261 22 for challenges. 8.1.3.4 for redirections: followed only
among the provider's own hosts, since anybody else's number would be called at our cost.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from softswitch.sip.errors import ParseError
from softswitch.sip.flow import Hop
from softswitch.sip.headers import CSeq, RetryAfter
from softswitch.sip.message import Request, Response
from softswitch.sip.uri import OtherUri, Uri
from softswitch.trunks.credentials import Signer

MAX_REDIRECTIONS = 3
"""A provider with more servers in a row than that has made a circle."""


@dataclass(frozen=True, slots=True)
class Retry:
    """The INVITE to send next; `target`: None for where the last one went."""

    request: Request
    target: Hop | None = None


class Dealings:
    """`hops`: the provider's servers; `names`: what they are called."""

    def __init__(self, signer: Signer | None, hops: Sequence[Hop], names: frozenset[str]) -> None:
        self._signer, self._hops, self._names = signer, hops, names
        self._redirections = 0
        self.retry_after: int | None = None
        """Seconds for which the last refusal asks not to be called again."""

    def retry(self, invite: Request, response: Response) -> Retry | None:
        """What to send after this refusal of our INVITE, or None: it stands."""
        self.retry_after = _retry_after(response)
        if response.status < 400:
            return self._redirected(invite, response)
        if self._signer is None or not self._signer.learn(response):
            return None
        again = _next(invite)
        self._signer.sign(again)
        return Retry(again)

    def sign(self, request: Request) -> None:
        """Credentials on a request of the dialog, where we know by now that they are wanted."""
        if self._signer is not None:
            self._signer.sign(request)

    def is_worth_another(self, response: Response) -> bool:
        """A request of the dialog was challenged: to be sent again, signed?"""
        return self._signer is not None and self._signer.learn(response)

    def settled(self) -> None:
        """A request was taken."""
        if self._signer is not None:
            self._signer.settled()

    def _redirected(self, invite: Request, response: Response) -> Retry | None:
        if self._redirections >= MAX_REDIRECTIONS:
            return None
        try:
            contacts = response.contacts
        except ParseError:
            return None
        for contact in contacts:
            target = self._hop_of(contact.uri)
            if target is not None and isinstance(contact.uri, Uri) and contact.uri.user:
                self._redirections += 1
                again = _next(invite)
                again.uri = contact.uri.without_headers()
                return Retry(again, target)
        return None

    def _hop_of(self, uri: Uri | OtherUri) -> Hop | None:
        """One of the provider's servers, if the URI names it: by address, or by its name."""
        if not isinstance(uri, Uri) or not self._hops:
            return None
        for hop in self._hops:
            if hop.host == uri.host:
                return Hop(hop.transport, hop.host, uri.port or hop.port)
        return self._hops[0] if uri.host.lower() in self._names else None


def _next(invite: Request) -> Request:
    again = invite.copy()
    again.headers.set("CSeq", str(CSeq(invite.cseq.number + 1, invite.method)))
    return again


def _retry_after(response: Response) -> int | None:
    text = response.headers.get("Retry-After")
    try:
        return RetryAfter.parse(text).seconds if text else None
    except ParseError:
        return None
