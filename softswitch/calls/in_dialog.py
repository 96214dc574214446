"""Requests inside a call: BYE, re-INVITE (hold, resume, codec), INFO keys, OPTIONS, REFER.

RFC 3261 12.2.2, 14.2 and 15.1.2; RFC 3264 8 for a changed offer; the two INFO bodies that phones
send for a pressed key.
"""

from softswitch.calls.incoming import SDP
from softswitch.calls.leg import Leg
from softswitch.sip.message import Request, Response
from softswitch.sip.offer_answer import OfferAnswerError
from softswitch.sip.stack import RequestReceived

KEYS = frozenset("0123456789*#ABCD")


def handle(leg: Leg, event: RequestReceived) -> None:
    """Answer one request of a dialog that `leg` owns."""
    match event.request.method:
        case "BYE":
            _reply(leg, event, 200)
            leg.far_hung_up(_reason(event.request))
        case "INVITE":
            _offer(leg, event)
        case "INFO":
            _info(leg, event)
        case "OPTIONS":
            _reply(leg, event, 200)
        case "REFER":
            _refer(leg, event)
        case _:
            _reply(leg, event, 405, ("Allow", leg.exchange.allow))


def _reason(request: Request) -> str:
    return request.headers.get("Reason") or ""


def _offer(leg: Leg, event: RequestReceived) -> None:
    """A new offer inside the call; one that cannot be met leaves the old agreement (14.2)."""
    request, stream = event.request, None
    if request.body and (request.content_type or SDP).lower() != SDP:
        _reply(leg, event, 415, ("Accept", SDP))
        return
    try:
        if request.body:
            session, body, stream = leg.session.answer(request.body)
        else:
            # An empty re-INVITE asks for our offer; the agreement stays until the ACK answers it.
            session, body = leg.session.make_offer()
    except OfferAnswerError as error:
        _reply(leg, event, error.status)
        return
    leg.session, leg.awaits_answer = session, not request.body
    response = Response.answering(request, 200)
    response.headers.add("Contact", leg.exchange.contact(event.flow))
    response.headers.add("Allow", leg.exchange.allow)
    response.headers.set("Content-Type", SDP)
    response.body = body
    leg.exchange.endpoint.send(response, event.key)
    if request.body:
        leg.use_stream(stream)


def _refer(leg: Leg, event: RequestReceived) -> None:
    """To whoever keeps the talk; 491 where there is nobody to refer, or a transfer goes on."""
    if leg.on_refer is not None:
        leg.on_refer(event)
    else:
        _reply(leg, event, 491)


def _info(leg: Leg, event: RequestReceived) -> None:
    """A key in `application/dtmf-relay` ("Signal=5") or `application/dtmf` ("5")."""
    request = event.request
    kind = (request.content_type or "").split(";")[0].strip().lower()
    text = request.body.decode("latin-1").strip()
    if kind == "application/dtmf-relay":
        lines = (line.partition("=") for line in text.splitlines())
        key = next((value.strip() for name, _, value in lines if name.strip() == "Signal"), "")
    elif kind == "application/dtmf":
        key = text
    else:
        # RFC 6086: an INFO we do not understand is refused without harm to the dialog.
        _reply(leg, event, 415, ("Accept", "application/dtmf-relay, application/dtmf"))
        return
    key = {"10": "*", "11": "#"}.get(key, key).upper()
    if key in KEYS:
        leg.sound.key_pressed(key)
    _reply(leg, event, 200)


def _reply(leg: Leg, event: RequestReceived, status: int, *headers: tuple[str, str]) -> None:
    response = Response.answering(event.request, status)
    for name, value in headers:
        response.headers.add(name, value)
    leg.exchange.endpoint.send(response, event.key)
