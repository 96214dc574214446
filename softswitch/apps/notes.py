"""What people write about a call: an event in its story, as all that is known of it."""

from collections.abc import Mapping
from typing import Any

from softswitch.calls.exchange import Exchange
from softswitch.control import ControlError, Verb, who_asked
from softswitch.store.event import Event
from softswitch.wording import say

LONGEST = 2000


def verbs(exchange: Exchange) -> dict[str, Verb]:
    """What may be asked, by its name."""
    return {"note": lambda request: note(exchange, request)}


async def note(exchange: Exchange, request: Mapping[str, Any]) -> dict[str, Any]:
    """Write something about a call, which the command has found, and have it on the disk.

    Raises `ControlError`.
    """
    call = str(request.get("call") or "")
    words = " ".join(str(request.get("text") or "").split())
    if not call or not words:
        raise ControlError(say("note_incomplete"))
    if len(words) > LONGEST:
        raise ControlError(say("note_too_long", most=LONGEST, length=len(words)))
    by = who_asked(request)
    exchange.events.append(Event(call, exchange.clock(), "call.noted", {"by": by, "text": words}))
    await exchange.events.flush()
    return {"call": call}
