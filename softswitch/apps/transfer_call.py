"""Transfers that the switch itself carries out: for a panel, for the API, without any phone's key.

Whoever asks names the call and the person in it who is to be replaced; he is told how it went when
that is decided, by a SIP status as a phone would be.
"""

import asyncio
from dataclasses import dataclass
from enum import StrEnum

from softswitch.apps.consultation import Word
from softswitch.apps.desk import FrontDesk
from softswitch.apps.handover import DONE, GONE, NOT_FOUND, NOT_NOW
from softswitch.apps.talk import Conversation
from softswitch.calls.bridge import Side
from softswitch.sip.replaces import Replaces


class How(StrEnum):
    """What is asked for."""

    BLIND = "blind"  # he leaves, the target is rung
    ATTENDED = "attended"  # he talks with the target first, the other one waits


@dataclass(frozen=True, slots=True)
class TransferResult:
    """How it went: 200 done, 404 nobody has that number, 486 busy, 480, 603, 408 no answer …

    404 also means that no such call, or no such person in it, is known; 491 that the two do not
    talk at the moment; 487 that the one who waited has hung up, or that it was called off.
    """

    status: int

    @property
    def is_done(self) -> bool:
        return self.status == DONE


class _AskedWish:
    """A wish from outside the call."""

    instance: str | None = None
    replaces: Replaces | None = None
    referred_by: str | None = None

    def __init__(self, target: str) -> None:
        self.dialled = target
        self.decided: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def notify(self, status: int) -> None:
        if status >= DONE and not self.decided.done():
            self.decided.set_result(status)


async def transfer_call(
    desk: FrontDesk, call: str, extension: str, target: str, how: How = How.BLIND
) -> TransferResult:
    """Replace `extension` in a call by `target`, which is what he would dial.

    An attended one is done when the target has answered; `complete` or `cancel` follows. Who
    cancels this wait does not undo the transfer.
    """
    conversation = desk.conversations.get(call)
    if conversation is None:
        return TransferResult(NOT_FOUND)
    if conversation.other is None:
        return TransferResult(NOT_NOW)
    side = _side_of(conversation, extension)
    if side is None:
        return TransferResult(NOT_FOUND)
    wish = _AskedWish(target)
    begin = conversation.transfer if how is How.BLIND else conversation.consult
    if not begin(side, wish):
        return TransferResult(NOT_NOW)
    over = asyncio.ensure_future(conversation.is_over.wait())
    try:
        waited: list[asyncio.Future[object]] = [wish.decided, over]  # type: ignore[list-item]
        await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
    finally:
        over.cancel()
    return TransferResult(wish.decided.result() if wish.decided.done() else GONE)


def complete(desk: FrontDesk, call: str) -> bool:
    """Join the one who waits with the one who was asked; False when nobody is being asked."""
    return _decide(desk, call, Word.COMPLETE)


def cancel(desk: FrontDesk, call: str) -> bool:
    """Back to the one who waits; False when nobody is being asked."""
    return _decide(desk, call, Word.CANCEL)


def _decide(desk: FrontDesk, call: str, word: Word) -> bool:
    conversation = desk.conversations.get(call)
    if conversation is None or conversation.consultation is None:
        return False
    conversation.consultation.decide(word)
    return True


def _side_of(conversation: Conversation, extension: str) -> Side | None:
    sides = (side for side in Side if conversation.party(side).extension == extension)
    return next(sides, None)
