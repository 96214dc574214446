"""Messages by phone: `*97` one's own mailbox, `*97*330` that of a team, by its number.

    1 next   2 again   3 delete   4 keep as new   5 call back   6 done   7 greetings   * end

A key interrupts whatever is said. What is heard is no longer new, and the lamps follow; what one of
a team marks as done is done for all, and comes no more. A call back that was answered marks it too.
Whose mailbox it is opens it, with its PIN if it has one; somebody else's personal one opens from a
colleague's phone by its PIN alone.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from softswitch.apps.caller import PhoneCaller
from softswitch.apps.desk import FrontDesk
from softswitch.apps.dialling import call_outside
from softswitch.apps.greeting_menu import choose_greeting
from softswitch.apps.outside import meaning_of
from softswitch.calls.call import Call
from softswitch.log import get_logger
from softswitch.office.codes import Act, Asked
from softswitch.office.directory import Kind, internal_numbers
from softswitch.office.numbers import Kind as Dialled
from softswitch.office.speech import Unit, counted_prompts, digit_prompts, time_prompts
from softswitch.routing.caller import RingKind, RingTarget
from softswitch.routing.verbs.conference import knows_pin
from softswitch.store.messages import Message
from softswitch.store.ports import StoreError

_log = get_logger("apps.mailbox")

# A message that lies here longer is looked for in the mail, or in the panel.
MOST_MESSAGES = 50
KEY_SECONDS, SILENT_ROUNDS = 6.0, 3
KEYS = frozenset("1234567*")
RING_SECONDS = 60.0
MENU, EMPTY, CLOSED, FAILED = "mailbox_menu", "mailbox_empty", "mailbox_closed", "call_failed"


async def open_mailbox(desk: FrontDesk, call: Call, caller: PhoneCaller, asked: Asked) -> None:
    """The code, alone or with the number of a mailbox."""
    me = call.origin.number or ""
    key = _meant(desk, me, asked)
    await caller.answer()
    call.note("service.used", service="mailbox", mailbox=key)
    box = None if key is None else desk.office.office.mailbox(key)
    if key is None or box is None:
        await caller.hear(desk.prompt_files([CLOSED], caller.language))
        return
    if box.pin is not None and not await knows_pin(caller, box.pin):
        _log.warning("a mailbox was not opened: wrong PIN", mailbox=key, by=me)
        return
    try:
        await Visit(desk, call, caller, key).run()
    except StoreError as error:
        _log.error("messages cannot be read", mailbox=key, error=str(error))
        await caller.hear(desk.prompt_files([FAILED], caller.language))


def _meant(desk: FrontDesk, me: str, asked: Asked) -> str | None:
    """The mailbox, if he may try to open it."""
    office = desk.office.office
    if asked.act is not Act.ON or len(asked.arguments) > 1:
        return None
    if not asked.arguments:
        return office.mailbox_of(me)
    number = asked.arguments[0]
    meant = internal_numbers(office).get(number)
    if meant is not None and meant.kind is Kind.MAILBOX:
        return meant.key if office.may_open(me, meant.key) else None
    box = office.mailbox(number) if number in office.people else None
    return number if box is not None and (number == me or box.pin is not None) else None


class Visit:
    """One person and one mailbox, until he hangs up or has heard all."""

    def __init__(self, desk: FrontDesk, call: Call, caller: PhoneCaller, mailbox: str) -> None:
        self._desk, self._call, self._caller, self._mailbox = desk, call, caller, mailbox
        self._me = call.origin.number or ""
        self._silent = 0

    async def run(self) -> None:
        waiting = list(await self._messages())
        new = sum(one.heard_at is None for one in waiting)
        words = counted_prompts(new, Unit.MESSAGE, self._caller.language) if new else [EMPTY]
        key = await self._say(words)
        if not waiting:
            await self._other(key or await self._say([MENU], wait=True))
        while waiting and self._silent < SILENT_ROUNDS:
            key = key if key == "*" else await self._one(waiting[0])
            if key == "*":
                return
            waiting = waiting[1:]
            key = None

    async def _other(self, key: str | None) -> None:
        """An empty mailbox has a greeting all the same."""
        if key == "7":
            await choose_greeting(self._desk, self._call, self._caller, self._mailbox)

    async def _messages(self) -> Sequence[Message]:
        """What is not done: new ones first, the oldest before the others."""
        desk = self._desk
        found = await desk.messages.list_messages(self._mailbox, only_open=True)
        ordered = sorted(found, key=lambda one: (one.heard_at is not None, one.at))
        return ordered[:MOST_MESSAGES]

    async def _one(self, message: Message) -> str | None:
        """One message and what becomes of it; the key `*` when he wants no more."""
        key = await self._play(message)
        while True:
            key = key or await self._say([MENU], wait=True)
            self._silent = 0 if key is not None else self._silent + 1
            match key:
                case "*" | "1":
                    return key
                case "2":
                    key = await self._play(message)
                case "3" | "4" | "6":
                    await self._decide(message, key)
                    return None
                case "5":
                    await self._call_back(message)
                    return None
                case "7":
                    await choose_greeting(self._desk, self._call, self._caller, self._mailbox)
                    key = None
                case None if self._silent >= SILENT_ROUNDS:
                    return None
                case _:
                    key = None

    async def _play(self, message: Message) -> str | None:
        """Who and when, then what he said; it is heard from its first moment on."""
        desk, language = self._desk, self._caller.language
        at = desk.local_time(message.at)
        shown = desk.display_number(message.number)
        who = ["message_from", *digit_prompts(shown)] if shown else ["message_hidden"]
        if message.heard_at is None:
            desk.messages.mark_heard(message.id, self._me, self._call.now())
        key = await self._say([*who, *time_prompts(at.hour, at.minute, language)])
        return key or await self._hear([message.path])

    async def _decide(self, message: Message, key: str) -> None:
        desk = self._desk
        if key == "3":
            desk.messages.delete(message.id)
            await asyncio.to_thread(Path(message.path).unlink, missing_ok=True)
            said = "message_deleted"
        elif key == "4":
            desk.messages.mark_new(message.id)
            said = "message_kept"
        else:
            desk.messages.mark_handled(message.id, self._me, self._call.now())
            said = "message_handled"
        self._call.note(f"voicemail.{said.removeprefix('message_')}", message=message.id)
        await self._caller.hear(desk.prompt_files([said], self._caller.language))

    async def _call_back(self, message: Message) -> None:
        """The one who spoke; a talk with him is what the message was for."""
        desk, call, caller, number = self._desk, self._call, self._caller, message.number or ""
        meant, talks = meaning_of(desk.office, number), call.talks
        if meant.kind is Dialled.INTERNAL:
            target = RingTarget(RingKind.PERSON, meant.value, (meant.value,))
            await caller.ring(target, RING_SECONDS)
        elif meant.kind is Dialled.EXTERNAL:
            call.note("callback.dialled", number=meant.value)
            await call_outside(desk, call, caller, meant)
        if call.talks > talks:
            desk.messages.mark_handled(message.id, self._me, call.now())
        else:
            await caller.hear(desk.prompt_files([FAILED], caller.language))

    async def _say(self, prompts: list[str], wait: bool = False) -> str | None:
        """Say it; the key that interrupted it, or came after it within the time to choose."""
        files = self._desk.prompt_files(prompts, self._caller.language)
        return await self._hear(files, wait)

    async def _hear(self, files: Sequence[str], wait: bool = False) -> str | None:
        keys = self._call.leg.sound.keys
        if keys.empty():
            await self._caller.hear(files, True)
        if not keys.empty():
            return keys.get_nowait()
        if not wait:
            return None
        try:
            async with asyncio.timeout(KEY_SECONDS):
                return await self._caller.while_here(keys.get())
        except TimeoutError:
            return None
