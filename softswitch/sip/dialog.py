"""Dialogs (RFC 3261 section 12): what two phones keep in common between their requests.

A dialog is made by the stack out of an INVITE and a response with a To tag, on either side. It
builds requests (12.2.1.1) and checks received ones (12.2.2). It must not know how transactions
go, nor transports, nor SDP: Via is put on by the stack, Contact and bodies by the caller.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import NamedTuple

from softswitch.sip.errors import ParseError
from softswitch.sip.flow import Flow
from softswitch.sip.headers import NameAddr, parse_list
from softswitch.sip.message import Headers, Request, Response
from softswitch.sip.transaction import TransactionKey
from softswitch.sip.uri import OtherUri, Uri

MAX_FORWARDS = "70"
"""RFC 3261 8.1.1.6 recommends it."""

FIRST_CSEQ = 1
"""Of our first request in a dialog that the other side opened."""

TARGET_REFRESH = frozenset({"INVITE", "UPDATE", "SUBSCRIBE", "NOTIFY"})
"""Methods whose Contact moves the remote target (RFC 3261 12.2, RFC 3311, RFC 6665)."""


class DialogId(NamedTuple):
    """RFC 3261 12: Call-ID, our tag, their tag. An RFC 2543 phone without a tag has an empty one.

    A NamedTuple, since every request inside a dialog is looked up by it.
    """

    call_id: str
    local_tag: str
    remote_tag: str

    @classmethod
    def of_request(cls, request: Request) -> DialogId:
        """The dialog that a received request names: its To tag is ours."""
        return cls(request.call_id, request.to.tag or "", request.from_.tag or "")

    @classmethod
    def of_response(cls, response: Response) -> DialogId:
        """The dialog that a received response names: its From tag is ours."""
        return cls(response.call_id, response.from_.tag or "", response.to.tag or "")


class DialogState(Enum):
    """RFC 3261 12: early until a 2xx, then confirmed until a BYE."""

    EARLY = "early"
    CONFIRMED = "confirmed"
    ENDED = "ended"


class Dialog:
    """One dialog, seen from our side. The attributes are the RFC's, section 12."""

    __slots__ = (
        "_from_line",
        "_to_line",
        "flow",
        "id",
        "invite_received",
        "invite_sent",
        "is_uac",
        "local",
        "local_cseq",
        "remote",
        "remote_cseq",
        "remote_target",
        "route_set",
        "secure",
        "state",
    )

    def __init__(
        self,
        dialog_id: DialogId,
        state: DialogState,
        local: NameAddr,
        remote: NameAddr,
        flow: Flow | None,
    ) -> None:
        self.id = dialog_id
        self.state = state
        self.local = local
        self.remote = remote
        self.flow = flow
        """The way the last message came by; None if none came yet."""
        self.is_uac = False
        """We sent the request that opened it."""
        self.secure = False
        """Opened by a `sips:` request over TLS (12.1)."""
        self.local_cseq: int | None = None
        self.remote_cseq: int | None = None
        self.remote_target: Uri | OtherUri = remote.uri
        self.route_set: tuple[NameAddr, ...] = ()
        self.invite_sent: TransactionKey | None = None
        self.invite_received: TransactionKey | None = None
        """The last INVITEs of this dialog, each way: notes of the stack, for 491 (14.2)."""
        self._from_line = str(local)
        self._to_line = str(remote)

    @classmethod
    def uac(cls, invite: Request, response: Response, flow: Flow | None = None) -> Dialog:
        """12.1.2: we sent `invite`, and `response` (101 to 299) came back by `flow`."""
        state = DialogState.CONFIRMED if response.status >= 200 else DialogState.EARLY
        dialog_id = DialogId.of_response(response)
        dialog = cls(dialog_id, state, response.from_, response.to, flow)
        dialog.is_uac = True
        dialog.local_cseq = invite.cseq.number
        dialog.secure = _is_secure(invite, flow)
        dialog.remote_target = invite.uri
        dialog._learn(response)
        return dialog

    @classmethod
    def uas(cls, request: Request, response: Response, flow: Flow | None = None) -> Dialog:
        """12.1.1: `request` came by `flow`, and we answer it with `response` (101 to 299)."""
        state = DialogState.CONFIRMED if response.status >= 200 else DialogState.EARLY
        local, remote = response.to, request.from_
        dialog_id = DialogId(request.call_id, local.tag or "", remote.tag or "")
        dialog = cls(dialog_id, state, local, remote, flow)
        dialog.remote_cseq = request.cseq.number
        dialog.secure = _is_secure(request, flow)
        dialog.route_set = _routes(request)
        dialog._refresh(request)
        return dialog

    @property
    def next_hop(self) -> Uri | OtherUri:
        """Where requests go when `flow` cannot be used: the first route, or the remote target."""
        return self.route_set[0].uri if self.route_set else self.remote_target

    def confirm(self, response: Response | None = None, flow: Flow | None = None) -> None:
        """A 2xx was sent, or came as `response`; 13.2.2.4: the route set is then learnt anew."""
        if self.state is DialogState.EARLY:
            self.state = DialogState.CONFIRMED
            if response is not None:
                self._learn(response)
        elif response is not None:
            self._refresh(response)
        if flow is not None:
            self.flow = flow

    def end(self) -> None:
        """Over; requests may still be built, to answer a challenge to the BYE for example."""
        self.state = DialogState.ENDED

    def receive(self, request: Request, flow: Flow | None = None) -> int | None:
        """12.2.2: take note of a received request. Returns the status to refuse it with, or None.

        A CSeq lower than the last one is answered 500. ACK and CANCEL do not come here.
        """
        number = request.cseq.number
        if self.remote_cseq is not None and number < self.remote_cseq:
            return 500
        self.remote_cseq = number
        if request.method in TARGET_REFRESH:
            self._refresh(request)
        if flow is not None:
            self.flow = flow
        return None

    def request(
        self, method: str, headers: Iterable[tuple[str, str]] = (), body: bytes = b""
    ) -> Request:
        """12.2.1.1: the next request of this dialog, its CSeq one higher than the last.

        `headers` come after the dialog's own. Contact, Content-Type and the like are the caller's.
        """
        last = self.local_cseq
        self.local_cseq = FIRST_CSEQ if last is None else last + 1
        return self._build(method, self.local_cseq, headers, body)

    def ack(
        self, cseq_number: int, headers: Iterable[tuple[str, str]] = (), body: bytes = b""
    ) -> Request:
        """13.2.2.4: the ACK for a 2xx to our INVITE with this CSeq number.

        If the INVITE carried credentials, pass the same header lines again.
        """
        return self._build("ACK", cseq_number, headers, body)

    def _build(
        self, method: str, number: int, headers: Iterable[tuple[str, str]], body: bytes
    ) -> Request:
        uri, routes = self._routing()
        lines = Headers()
        for route in routes:
            lines.add("Route", route)
        lines.add("Max-Forwards", MAX_FORWARDS)
        lines.add("From", self._from_line)
        lines.add("To", self._to_line)
        lines.add("Call-ID", self.id.call_id)
        lines.add("CSeq", f"{number} {method}")
        for name, value in headers:
            lines.add(name, value)
        return Request(method, uri, lines, body)

    def _routing(self) -> tuple[Uri | OtherUri, list[str]]:
        """Request-URI and Route lines (12.2.1.1), for loose and for strict routers."""
        if not self.route_set:
            return self.remote_target, []
        first = self.route_set[0].uri
        if not isinstance(first, Uri) or first.has_param("lr"):
            return self.remote_target, [str(route) for route in self.route_set]
        # A strict router wants its own URI in the request line, "stripping any parameters that
        # are not allowed in a Request-URI", and the remote target as the last route.
        rest = [str(route) for route in self.route_set[1:]]
        params = tuple(pair for pair in first.params if pair[0].lower() != "method")
        return first.with_params(params).without_headers(), [*rest, f"<{self.remote_target}>"]

    def _learn(self, response: Response) -> None:
        """12.1.2: for a UAC the route set is the Record-Route list in reverse."""
        self.route_set = _routes(response)[::-1]
        self._refresh(response)

    def _refresh(self, message: Request | Response) -> None:
        """Contact moves the remote target; a message without a readable one leaves it."""
        try:
            contact = message.contact
        except ParseError:
            return
        if contact is not None:
            self.remote_target = contact.uri


def _routes(message: Request | Response) -> tuple[NameAddr, ...]:
    """Record-Route in its order. An unreadable one is none: the call is up, so it is tried."""
    try:
        return tuple(parse_list(NameAddr, message.headers.all("Record-Route")))
    except ParseError:
        return ()


def _is_secure(request: Request, flow: Flow | None) -> bool:
    is_sips = isinstance(request.uri, Uri) and request.uri.scheme == "sips"
    return is_sips and flow is not None and flow.transport.secure
