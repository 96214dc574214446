"""Offers of the far side inside a call: re-INVITE, UPDATE, and the one that a PRACK may carry.

RFC 3261 14.2, RFC 3264 8, RFC 3311 5.2, RFC 4028 9. An offer that cannot be met, or that meets one
of ours, is refused and leaves the old agreement.
"""

from typing import TYPE_CHECKING

from softswitch.calls.offering import SDP, OpenOffer
from softswitch.sip.glare import retry_after
from softswitch.sip.message import Response
from softswitch.sip.offer_answer import OfferAnswerError
from softswitch.sip.session_timer import TOO_SMALL, Lines, answering, is_too_brief, refusal_lines
from softswitch.sip.stack import RequestReceived

if TYPE_CHECKING:
    from softswitch.calls.leg import Leg


def reinvite(leg: "Leg", event: RequestReceived) -> None:
    """A new offer, or the wish for one of ours (its answer comes in the ACK)."""
    if _is_refused(leg, event, leg.open_offer(event.dialog)):
        return
    body = _answer(leg, event) if event.request.body else _our_offer(leg)
    if body is None:
        return
    leg.offering.is_unacknowledged = True
    _accept(leg, event, body)


def update(leg: "Leg", event: RequestReceived) -> None:
    """RFC 3311 5.2: with an offer or without, in an early dialog or a confirmed one."""
    open_offer = leg.open_offer(event.dialog) if event.request.body else OpenOffer.NONE
    if _is_refused(leg, event, open_offer):
        return
    body = _answer(leg, event) if event.request.body else b""
    if body is not None:
        _accept(leg, event, body)


def counter_offer(leg: "Leg", event: RequestReceived) -> None:
    """RFC 3262 5: a PRACK may carry a new offer, which its 200 answers."""
    if _has_strange_body(leg, event):
        return
    body = _answer(leg, event)
    if body is not None:
        response = Response.answering(event.request, 200)
        _describe(response, body)
        leg.exchange.endpoint.send(response, event.key)


def reply(leg: "Leg", event: RequestReceived, status: int, *headers: tuple[str, str]) -> None:
    """A plain answer."""
    response = Response.answering(event.request, status)
    for name, value in headers:
        response.headers.add(name, value)
    leg.exchange.endpoint.send(response, event.key)


def _is_refused(leg: "Leg", event: RequestReceived, open_offer: OpenOffer) -> bool:
    """Whether the moment, the body or the session timer forbids it; then it is answered."""
    request, wishes = event.request, leg.exchange.timer_wishes
    if _has_strange_body(leg, event):
        return True
    if is_too_brief(request, wishes):
        reply(leg, event, TOO_SMALL, *refusal_lines(wishes))
    elif open_offer is OpenOffer.OURS:
        reply(leg, event, 491)
    elif open_offer is OpenOffer.THEIRS:
        wait = retry_after(leg.exchange.token())
        reply(leg, event, 500, ("Retry-After", str(wait)))
    else:
        return False
    return True


def _has_strange_body(leg: "Leg", event: RequestReceived) -> bool:
    request = event.request
    if not request.body or (request.content_type or SDP) == SDP:
        return False
    reply(leg, event, 415, ("Accept", SDP))
    return True


def _answer(leg: "Leg", event: RequestReceived) -> bytes | None:
    """Our answer to the offer, in force at once; None: it was refused."""
    dialog = event.dialog
    session = leg.agreement(dialog)
    try:
        session, body, stream = session.answer(event.request.body)
    except OfferAnswerError as error:
        reply(leg, event, error.status)
        return None
    leg.agree(dialog, session, stream)
    return body


def _our_offer(leg: "Leg") -> bytes:
    """The agreement stays until the ACK answers it."""
    leg.session, body = leg.session.make_offer()
    leg.awaits_answer = True
    return body


def _accept(leg: "Leg", event: RequestReceived, body: bytes) -> None:
    exchange = leg.exchange
    leg.learn(event.request)
    response = Response.answering(event.request, 200)
    response.headers.add("Contact", exchange.contact(event.flow))
    response.headers.add("Allow", exchange.allow)
    response.headers.add("Supported", exchange.supported)
    for name, value in _timed(leg, event):
        response.headers.add(name, value)
    _describe(response, body)
    exchange.endpoint.send(response, event.key)


def _timed(leg: "Leg", event: RequestReceived) -> Lines:
    """RFC 4028 9: every INVITE and UPDATE of a call sets its clock anew."""
    found = answering(event.request, leg.exchange.timer_wishes)
    leg.session_timer.agree(found[0] if found else None)
    return found[1] if found else ()


def _describe(response: Response, body: bytes) -> None:
    if body:
        response.headers.set("Content-Type", SDP)
        response.body = body
