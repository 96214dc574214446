"""A REFER inside a talk, and what its sender is told of it (RFC 3515, RFC 4488, RFC 3892).

The REFER opens a subscription of its own: each step is told by a NOTIFY whose body is the first
line of a SIP response (`message/sipfrag`), the last one ends it. A sender who wrote
`Refer-Sub: false` wants none. Once he has hung up he is told nothing more: phones forget the
subscription with the call.
"""

from softswitch.calls.leg import Leg
from softswitch.sip.errors import ParseError
from softswitch.sip.headers import NameAddr, parse_list
from softswitch.sip.message import Response
from softswitch.sip.names import reason_phrase
from softswitch.sip.replaces import Replaces
from softswitch.sip.stack import RequestReceived
from softswitch.sip.uri import OtherUri, Uri

SIPFRAG = "message/sipfrag;version=2.0"
# How long a phone may believe in the transfer without news: the longest ringing, twice over.
EXPIRES = 180
TRYING, OK = 100, 200
NOT_IMPLEMENTED = 501
# Long enough for any address of record; what is longer is no help to a reader of the history.
MAX_REFERRED_BY = 200


class Referral:
    """One REFER that was understood. `take` accepts it."""

    def __init__(self, leg: Leg, event: RequestReceived) -> None:
        """Raises `ParseError` with the status to refuse with."""
        request = event.request
        self._leg = leg
        self._event = event
        self.target = _target(request.headers.all("Refer-To"))
        replaces = self.target.header("Replaces") if isinstance(self.target, Uri) else None
        self.replaces = Replaces.parse(replaces) if replaces is not None else None
        device = leg.exchange.registrar.find_device(self.target)
        # Of a GRUU (RFC 5627) the extension is dialled, and only the device that it names rings.
        self.instance = device.instance if device is not None else None
        self._extension = device.extension if device is not None else None
        self.referred_by = _referred_by(request.headers.all("Referred-By"))
        wish = (request.headers.get("Refer-Sub") or "").strip().lower()
        self._is_told = not wish.startswith("false")
        # RFC 3515 2.4.6: the id tells the subscriptions of several REFERs apart.
        self._event_line = f"refer;id={request.cseq.number}"
        self._last = 0

    @property
    def dialled(self) -> str | None:
        """The user part of the target: what the sender would have dialled."""
        return self._extension or self.target.user

    def take(self) -> None:
        """202, and the first NOTIFY at once (RFC 3515 2.4.4)."""
        exchange = self._leg.exchange
        response = Response.answering(self._event.request, 202)
        response.headers.add("Contact", exchange.contact(self._event.flow))
        if not self._is_told:
            response.headers.add("Refer-Sub", "false")
        exchange.endpoint.send(response, self._event.key)
        self.notify(TRYING)

    def notify(self, status: int) -> None:
        """Tell how the new call goes; a final status is the last word."""
        dialog, exchange = self._leg.dialog, self._leg.exchange
        if status <= self._last or self._last >= OK:
            return
        self._last = status
        if not self._is_told or self._leg.is_over or dialog is None:
            return
        is_final = status >= OK
        state = "terminated;reason=noresource" if is_final else f"active;expires={EXPIRES}"
        headers = (
            ("Event", self._event_line),
            ("Subscription-State", state),
            ("Contact", exchange.contact(self._event.flow)),
            ("Content-Type", SIPFRAG),
        )
        body = f"SIP/2.0 {status} {reason_phrase(status)}\r\n".encode()
        exchange.send_in_dialog(dialog, dialog.request("NOTIFY", headers, body))


def _target(lines: list[str]) -> Uri | OtherUri:
    """RFC 3515 2.4.1: exactly one Refer-To, else 400."""
    try:
        addresses = parse_list(NameAddr, lines)
    except ParseError:
        addresses = [NameAddr.parse(lines[0])] if len(lines) == 1 else []
    if len(addresses) != 1:
        raise ParseError("A REFER has one Refer-To")
    uri = addresses[0].uri
    # RFC 3261 19.1.1: a URI may name the method of the request that is made from it.
    method = uri.param("method") if isinstance(uri, Uri) else None
    if method is not None and method.upper() != "INVITE":
        raise ParseError("Only an INVITE can be asked for", NOT_IMPLEMENTED)
    return uri


def _referred_by(lines: list[str]) -> str | None:
    """RFC 3892 3: who asks, as his phone says. It proves nothing, so a bad one is passed over."""
    try:
        found = str(NameAddr.parse(lines[0]).uri) if len(lines) == 1 else None
    except ParseError:
        return None
    return found if found is not None and len(found) <= MAX_REFERRED_BY else None
