"""Record the greetings of a mailbox by phone: which one, the recording, keep it or not.

A recording replaces the old one only when it is kept, in one step: a caller who comes meanwhile
hears one of the two.
"""

import asyncio
from pathlib import Path
from typing import Any

from softswitch.apps.caller import PhoneCaller
from softswitch.apps.desk import FrontDesk
from softswitch.apps.greetings import recorded
from softswitch.calls.call import Call
from softswitch.calls.sound import SoundError
from softswitch.log import get_logger
from softswitch.office.mailbox import Situation

_log = get_logger("apps.mailbox")

MENU, RECORD, KEEP = "greeting_menu", "greeting_record", "greeting_keep"
SAVED, DELETED, FAILED = "greeting_saved", "greeting_deleted", "message_failed"
BEEP = "tone:record"
KEY_SECONDS = 6.0
# Longer ones are not listened to.
LONGEST, SILENCE, SHORTEST = 60.0, 5.0, 1.0
_SITUATIONS = dict(zip("1234", Situation, strict=True))
_KEEP, _AGAIN, _DELETE = "1", "2", "3"


async def choose_greeting(desk: FrontDesk, call: Call, caller: PhoneCaller, mailbox: str) -> None:
    """Which greeting, then the recording of it."""
    key = await caller.collect(MENU, frozenset(_SITUATIONS), KEY_SECONDS)
    situation = _SITUATIONS.get(key or "")
    if situation is None:
        return
    path = recorded(desk.folder, mailbox, situation)
    try:
        said = await _record(desk, call, caller, path)
    except (SoundError, OSError) as error:
        _log.error("a greeting could not be recorded", mailbox=mailbox, error=str(error))
        said = FAILED
    if said is not None:
        call.note("voicemail.greeting", mailbox=mailbox, situation=situation.value, outcome=said)
        await caller.hear(desk.prompt_files([said], caller.language))


async def _record(desk: FrontDesk, call: Call, caller: PhoneCaller, path: Path) -> str | None:
    """Until it is kept or deleted; what is said then. None: he let it be."""
    draft = path.with_name(f"{path.stem}-{call.id}.wav")
    draft.parent.mkdir(parents=True, exist_ok=True)
    try:
        while True:
            await caller.hear([*desk.prompt_files([RECORD], caller.language), BEEP])
            call.leg.sound.forget_keys()
            recording = call.leg.sound.record(str(draft), longest=LONGEST, silence=SILENCE)
            try:
                await caller.while_here(_finished(call, recording.ended))
            finally:
                ended = await recording.finished()
            if ended.seconds < SHORTEST:
                return None
            await caller.hear([str(draft)], True)
            key = await caller.collect(KEEP, frozenset("123"), KEY_SECONDS)
            if key == _KEEP:
                draft.replace(path)
                return SAVED
            if key == _DELETE:
                await asyncio.to_thread(path.unlink, missing_ok=True)
                return DELETED
            if key != _AGAIN:
                return None
    finally:
        draft.unlink(missing_ok=True)


async def _finished(call: Call, ended: "asyncio.Future[Any]") -> None:
    """A key, or the engine by itself."""
    key = asyncio.ensure_future(call.leg.sound.keys.get())
    try:
        waited: list[asyncio.Future[Any]] = [key, ended]
        await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
    finally:
        key.cancel()
