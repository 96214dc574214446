"""What `softswitch callbacks close` and `open` ask of the running switch."""

from collections.abc import Mapping
from typing import Any

from softswitch.apps.callbacks.room import CallbackRoom
from softswitch.control import ControlError, Verb, who_asked
from softswitch.store.callbacks import Act, Item
from softswitch.wording import say

LONGEST = 200


def verbs(room: CallbackRoom) -> dict[str, Verb]:
    """What may be asked, by its name."""
    return {
        "callback close": lambda request: close(room, request),
        "callback open": lambda request: reopen(room, request),
    }


def close(room: CallbackRoom, request: Mapping[str, Any]) -> dict[str, Any]:
    """Close an item for a reason. Raises `ControlError`."""
    reason = " ".join(str(request.get("reason") or "").split())[:LONGEST]
    if not reason:
        raise ControlError(say("say_why_callback"))
    item = _found(room, request, is_open=True)
    room.decide(item, Act.CLOSED, reason, who_asked(request))
    return {"id": item.id, "number": item.number, "reason": reason}


def reopen(room: CallbackRoom, request: Mapping[str, Any]) -> dict[str, Any]:
    """Take the closing of an item back. Raises `ControlError`."""
    item = _found(room, request, is_open=False)
    if item.closing_call is not None:
        raise ControlError(say("closed_by_talk", item=item.id))
    room.decide(item, Act.REOPENED, None, who_asked(request))
    return {"id": item.id, "number": item.number}


def _found(room: CallbackRoom, request: Mapping[str, Any], *, is_open: bool) -> Item:
    identifier = str(request.get("id") or "")
    found = room.find(identifier) if identifier else None
    if found is None:
        raise ControlError(say("no_one_item", item=identifier))
    if found.is_open is not is_open:
        code = "open_already" if found.is_open else "closed_already"
        raise ControlError(say(code, item=found.id))
    return found
