"""What `softswitch messages done` and `open` ask of the running switch: a team's shared mark."""

from collections.abc import Mapping
from typing import Any

from softswitch.apps.desk import FrontDesk
from softswitch.control import ControlError, Verb, who_asked
from softswitch.store.event import Event
from softswitch.store.messages import Message
from softswitch.store.ports import StoreError
from softswitch.wording import say


def verbs(desk: FrontDesk) -> dict[str, Verb]:
    """What may be asked, by its name."""

    async def done(request: Mapping[str, Any]) -> dict[str, Any]:
        return await mark(desk, request, is_handled=True)

    async def reopen(request: Mapping[str, Any]) -> dict[str, Any]:
        return await mark(desk, request, is_handled=False)

    return {"message done": done, "message open": reopen}


async def mark(desk: FrontDesk, request: Mapping[str, Any], *, is_handled: bool) -> dict[str, Any]:
    """Somebody has dealt with a message, or it is to be dealt with after all.

    Raises `ControlError`.
    """
    message, by = await _found(desk, request), who_asked(request)
    if (message.handled_at is not None) is is_handled:
        code = "done_already" if is_handled else "open_already"
        raise ControlError(say(code, item=message.id))
    now, kind = desk.exchange.clock(), "voicemail.handled" if is_handled else "voicemail.reopened"
    if is_handled:
        desk.messages.mark_handled(message.id, by, now)
    else:
        desk.messages.mark_open(message.id)
    if message.call is not None:
        told = {"message": message.id, "mailbox": message.mailbox, "by": by}
        desk.exchange.events.append(Event(message.call, now, kind, told))
    return {"id": message.id, "mailbox": message.mailbox, "number": message.number}


async def _found(desk: FrontDesk, request: Mapping[str, Any]) -> Message:
    identifier = str(request.get("id") or "")
    try:
        found = await desk.messages.find(identifier) if identifier else None
    except StoreError as error:
        raise ControlError(error.args[0]) from None
    if found is None:
        raise ControlError(say("no_one_message", message=identifier))
    return found
