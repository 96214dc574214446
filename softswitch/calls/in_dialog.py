"""Requests inside a call, by method: each is answered here or handed to the file of its RFC.

INVITE, UPDATE: `answering.py`. PRACK: the incoming leg. INFO: `keys.py`. REFER: whoever keeps the
talk. BYE, OPTIONS, NOTIFY: here (RFC 3261 15.1.2, 11.2; RFC 6665 4.4.1).
"""

from softswitch.calls.answering import reinvite, reply, update
from softswitch.calls.keys import info
from softswitch.calls.leg import Leg
from softswitch.sip.message import Request
from softswitch.sip.stack import RequestReceived

# What a fork of ours that nobody answered yet may send; a BYE is not for it (RFC 3261 15).
EARLY = frozenset({"UPDATE", "OPTIONS", "INFO"})
# Sent by some phones for nothing but to keep a hole in their router open.
KEEP_ALIVE = "keep-alive"


def handle(leg: Leg, event: RequestReceived) -> None:
    """Answer one request of a dialog that `leg` owns."""
    method = event.request.method
    if event.dialog is not leg.dialog and method not in EARLY:
        reply(leg, event, 481)
        return
    match method:
        case "BYE":
            reply(leg, event, 200)
            leg.far_hung_up(_reason(event.request))
        case "INVITE":
            reinvite(leg, event)
        case "UPDATE":
            update(leg, event)
        case "PRACK":
            leg.prack(event)
        case "INFO":
            info(leg, event)
        case "OPTIONS":
            reply(leg, event, 200, *leg.exchange.abilities)
        case "REFER":
            _refer(leg, event)
        case "NOTIFY":
            _notify(leg, event)
        case "MESSAGE":
            # Texts have a way of their own, outside of calls (RFC 3428, `apps/texting`).
            allow = leg.exchange.allow.replace(", MESSAGE", "")
            reply(leg, event, 405, ("Allow", allow))
        case _:
            reply(leg, event, 405, ("Allow", leg.exchange.allow))


def _reason(request: Request) -> str:
    return request.headers.get("Reason") or ""


def _refer(leg: Leg, event: RequestReceived) -> None:
    """To whoever keeps the talk; 491 where there is nobody to refer, or a transfer goes on."""
    if leg.on_refer is not None:
        leg.on_refer(event)
    else:
        reply(leg, event, 491)


def _notify(leg: Leg, event: RequestReceived) -> None:
    """We subscribe to nothing inside a call."""
    reply(leg, event, 200 if is_keep_alive(event.request) else 489)


def is_keep_alive(request: Request) -> bool:
    """Is it a NOTIFY that wants any answer, and none in particular?"""
    name = (request.headers.get("Event") or "").partition(";")[0]
    return name.strip().lower() == KEEP_ALIVE
