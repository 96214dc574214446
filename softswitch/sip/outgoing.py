"""Requests that the stack finishes or makes itself: Via, ACK for a failure, CANCEL.

RFC 3261 8.1.1.7 and 18.1.1 (Via), 17.1.1.3 (ACK), 9.1 (CANCEL); RFC 3581 3 (rport). Functions of
messages; no state.
"""

from __future__ import annotations

from softswitch.sip.configuration import StackConfig
from softswitch.sip.flow import Transport
from softswitch.sip.message import Headers, Request, Response

MAX_FORWARDS = "70"
"""RFC 3261 8.1.1.6."""


def via_line(transport: Transport, sent_by: tuple[str, int | None], branch: str) -> str:
    """The value of our Via. Over UDP `rport` asks for the answer where the request came from."""
    host, port = sent_by
    place = host if port is None else f"{host}:{port}"
    tail = "" if transport.reliable else ";rport"
    return f"SIP/2.0/{transport.in_via} {place};branch={branch}{tail}"


def prepared(request: Request, via: str, config: StackConfig) -> Request:
    """A copy with `via` on top and what 8.1.1 makes mandatory.

    A copy, since the same request is sent again with credentials after a challenge, or elsewhere
    after a failure, and each time it gets a Via of its own.
    """
    headers = request.headers.copy()
    headers.prepend("Via", via)
    if "Max-Forwards" not in headers:
        headers.add("Max-Forwards", MAX_FORWARDS)
    if config.user_agent and request.method != "ACK" and "User-Agent" not in headers:
        headers.add("User-Agent", config.user_agent)
    return Request(request.method, request.uri, headers, request.body)


def ack_for_failure(invite: Request, response: Response) -> Request:
    """17.1.1.3: the INVITE's Request-URI, top Via, From, Call-ID and Route; the response's To."""
    headers = _common(invite)
    headers.add("To", response.headers.get("To") or "")
    headers.add("CSeq", f"{invite.cseq.number} ACK")
    return Request("ACK", invite.uri, headers)


def cancel_for(invite: Request, reason: str | None) -> Request:
    """9.1: as the INVITE, To without a tag included, with its top Via only; RFC 3326: Reason."""
    headers = _common(invite)
    headers.add("To", invite.headers.get("To") or "")
    headers.add("CSeq", f"{invite.cseq.number} CANCEL")
    if reason:
        headers.add("Reason", reason)
    return Request("CANCEL", invite.uri, headers)


def opener(invite: Request) -> Request:
    """12.1.2: what a dialog of one more fork takes from the INVITE, once a 2xx came.

    No CANCEL and no ACK for a failure can follow then, and it is kept for another 64*T1.
    """
    headers = Headers()
    headers.add("CSeq", str(invite.cseq))
    return Request("INVITE", invite.uri, headers)


def _common(invite: Request) -> Headers:
    headers = Headers()
    headers.add("Via", str(invite.via))
    for route in invite.headers.all("Route"):
        headers.add("Route", route)
    headers.add("Max-Forwards", MAX_FORWARDS)
    headers.add("From", invite.headers.get("From") or "")
    headers.add("Call-ID", invite.call_id)
    return headers
