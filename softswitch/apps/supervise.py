"""Supervisors: `*34101` hears the talk of agent 101, `*35101` speaks to him alone, `*36101` joins.

Whose talks may be heard stands in the office file, queue by queue (`supervisors:`), and only talks
that came through the queue are meant. Secrecy comes first: of whoever is privileged nothing is ever
heard, whatever the file allows (`office/secrecy.py`; the media engine refuses by itself as well).
While he listens the keys 4, 5 and 6 change between the three. He is let go when the talk ends, or
goes elsewhere by a transfer. That he was there stands in the story of the call.
"""

import asyncio
from typing import Any

from softswitch.apps.caller import PhoneCaller
from softswitch.apps.desk import FrontDesk
from softswitch.apps.talk import Conversation
from softswitch.calls.bridge import Side, Talk
from softswitch.calls.call import Call
from softswitch.calls.hearing import Supervision
from softswitch.office.codes import Act, Asked
from softswitch.office.secrecy import denial_of

FORBIDDEN, NOT_FOUND, NO_TALK, BUSY = 403, 404, 480, 486
MODES = {
    "listen": Supervision.LISTEN,
    "whisper": Supervision.WHISPER,
    "barge": Supervision.BARGE,
}
# As the last digit of the usual codes.
_KEYS = {"4": "listen", "5": "whisper", "6": "barge"}


class SupervisionRefused(Exception):
    """He may not, or there is nothing to be heard; `status` is what his phone is told."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


async def supervise(desk: FrontDesk, call: Call, caller: PhoneCaller, asked: Asked) -> None:
    """The code with an agent's number; the call ends with the talk."""
    me, agent = call.origin.number or "", asked.arguments[0] if asked.arguments else ""
    try:
        if asked.act is not Act.ON or len(asked.arguments) != 1:
            raise SupervisionRefused(NOT_FOUND, "No such code")
        conversation, talk = talk_of(desk, me, agent)
    except SupervisionRefused as refused:
        call.note("service.used", service=asked.name, outcome="refused", of=agent)
        call.leg.hang_up(f'SIP;cause={refused.status};text="{refused}"', refused.status)
        return
    call.note("service.used", service=asked.name, outcome="done", of=agent)
    await caller.answer()
    call.leg.sound.forget_keys()
    await caller.while_here(_stay(call, conversation, talk, asked.name, agent))


def talk_of(desk: FrontDesk, me: str, agent: str) -> tuple[Conversation, Talk]:
    """The agent's talk, if this person may hear it. Raises `SupervisionRefused`."""
    office = desk.office.office
    mine = {key for key, queue in office.queues.items() if me in queue.supervisors}
    if agent not in office.people or agent == me:
        raise SupervisionRefused(NOT_FOUND, "There is no such agent")
    if not any(agent in office.queues[key].everybody for key in mine):
        raise SupervisionRefused(FORBIDDEN, "Not a supervisor of this agent")
    for conversation in desk.conversations.values():
        talk = conversation.talk
        if talk is None or agent not in _people(conversation):
            continue
        if conversation.call.queue not in mine:
            raise SupervisionRefused(FORBIDDEN, "This talk came by no queue of yours")
        _check_secrecy(conversation)
        if talk.is_supervised:
            raise SupervisionRefused(BUSY, "Somebody is there already")
        return conversation, talk
    raise SupervisionRefused(NO_TALK, "He does not talk")


def _people(conversation: Conversation) -> set[str | None]:
    other = conversation.other
    return {conversation.call.party.extension, None if other is None else other.extension}


def _check_secrecy(conversation: Conversation) -> None:
    call, other = conversation.call, conversation.other
    origin = call.origin
    numbers = [origin.number, origin.called, call.party.number]
    numbers += [] if other is None else [other.number]
    denial = denial_of(call.office.office, call.office.graph.contacts, *numbers)
    is_privileged = origin.contact is not None and origin.contact.is_privileged
    if denial is not None or is_privileged:
        call.note("supervision.refused", ground="client" if denial is None else denial.ground.value)
        raise SupervisionRefused(FORBIDDEN, "This talk is privileged")


async def _stay(call: Call, conversation: Conversation, talk: Talk, how: str, agent: str) -> None:
    """Beside the two, until their talk is over; `while_here` ends it when he hangs up."""
    me, side = call.origin.number, _side_of(conversation, agent)
    over = asyncio.ensure_future(talk.until_over())
    try:
        while not over.done():
            conversation.call.note("supervision.started", by=me, how=how, of=agent)
            talk.supervise(call.leg.sound, MODES[how], side)
            how = await _next_mode(call, over, how)
    finally:
        over.cancel()
        talk.unsupervise()
        conversation.call.note("supervision.ended", by=me, of=agent)


async def _next_mode(call: Call, over: "asyncio.Future[None]", how: str) -> str:
    """Another mode by a key; the same again when the talk is over."""
    while not over.done():
        pressed = asyncio.ensure_future(call.leg.sound.keys.get())
        waited: list[asyncio.Future[Any]] = [pressed, over]
        try:
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        finally:
            pressed.cancel()
        key = pressed.result() if pressed.done() and not pressed.cancelled() else ""
        if _KEYS.get(key, how) != how:
            return _KEYS[key]
    return how


def _side_of(conversation: Conversation, agent: str) -> Side:
    is_led = conversation.call.party.extension == agent
    return Side.CALLER if is_led else Side.CALLEE
