"""Leave a message: greeting, tone, recording, store, mail.

The message lies in the store before anything is mailed, so a dead mail server loses nothing. A
caller who hangs up after the tone has finished the usual way; `#` finishes too.
"""

import asyncio
import wave
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from itertools import count
from pathlib import Path

from media.api import RecordingEnd
from softswitch import metrics
from softswitch.apps.desk import FrontDesk
from softswitch.apps.greetings import greeting_files
from softswitch.calls.call import Call
from softswitch.calls.sound import Played, Recording, SoundError
from softswitch.log import get_logger
from softswitch.mail.message import VoicemailNotice, compose
from softswitch.mail.templates import VOICEMAIL, template_text
from softswitch.office.mailbox import Mailbox, Situation
from softswitch.routing.caller import CallerGone, VoicemailOutcome
from softswitch.store.messages import Message

_log = get_logger("apps.voicemail")

BEEP = "tone:record"
SAVED = "message_saved"
# Longer messages are a letter; the mail must pass common size limits (5 min = 4.8 MB of WAV).
LONGEST = 300.0
# Who says nothing for so long has finished.
SILENCE = 8.0
# Less than this is a hang-up after the tone, not a message.
SHORTEST = 1.0
FINISH_KEY = "#"


# Plays files to the caller, stopped by a key or not; raises `CallerGone` when he hangs up.
Hear = Callable[[Sequence[str], bool], Awaitable[Played]]


async def leave_message(
    desk: FrontDesk,
    call: Call,
    mailbox: str,
    language: str,
    hear: Hear,
    situation: Situation = Situation.USUAL,
) -> VoicemailOutcome:
    """Record into `mailbox`; the caller is answered already. `situation`: why he comes.

    Raises `CallerGone` when he leaves before the tone, or after it with his message stored.
    """
    box = call.office.office.mailbox(mailbox)
    if box is None:
        _log.error("no such mailbox", mailbox=mailbox)
        return VoicemailOutcome.FAILED
    # A key skips the greeting, to the tone.
    greeting = greeting_files(desk, mailbox, box, situation, language)
    await _ask_to_speak(call, greeting, hear)
    try:
        path = _new_file(desk.folder, mailbox, call.id)
        seconds, is_stopped = await _record(call, path)
    except (SoundError, OSError) as error:
        _log.error("a message could not be recorded", call=call.id, error=str(error))
        return VoicemailOutcome.FAILED
    if seconds < SHORTEST:
        path.unlink(missing_ok=True)
        call.note("voicemail.empty", mailbox=mailbox)
        outcome = VoicemailOutcome.EMPTY
    else:
        _keep(desk, call, mailbox, box, path, seconds)
        outcome = VoicemailOutcome.STORED
    if is_stopped:
        raise asyncio.CancelledError
    if call.leg.is_over:
        raise CallerGone
    if outcome is VoicemailOutcome.STORED:
        await hear(desk.prompt_files([SAVED], language), False)
    return outcome


async def _ask_to_speak(call: Call, greeting: Sequence[str], hear: Hear) -> None:
    if (await hear(greeting, True)).was_interrupted_by_key:
        call.leg.sound.forget_keys()
    await hear([BEEP], False)


async def _record(call: Call, path: Path) -> tuple[float, bool]:
    """Until silence, the longest time, `#`, or the caller's hang-up.

    Seconds of speech, and whether the switch is being stopped: what was said so far is kept then.
    """
    is_stopped = False
    call.leg.sound.forget_keys()
    recording = call.leg.sound.record(str(path), longest=LONGEST, silence=SILENCE)
    key = asyncio.ensure_future(_finish_key(call.leg.sound.keys))
    waited: list[asyncio.Future[object]] = [recording.ended, call.leg.ended, key]  # type: ignore[list-item]
    try:
        await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
    except asyncio.CancelledError:
        is_stopped = True
    finally:
        key.cancel()
    return await _finished(recording, path), is_stopped


async def _finished(recording: Recording, path: Path) -> float:
    """Seconds that are worth keeping; of a recording that broke, what reached the disk."""
    try:
        ended = await recording.finished()
    except SoundError:
        seconds = await asyncio.to_thread(_rescued, path)
        if seconds < SHORTEST:
            raise
        return seconds
    if ended.reason is RecordingEnd.SILENCE and ended.seconds < SILENCE + SHORTEST:
        return 0.0  # he stayed on the line and said nothing
    return ended.seconds


def _rescued(path: Path) -> float:
    """The length of a file that its writer left behind; 0 when it cannot be read."""
    try:
        with wave.open(str(path), "rb") as file:
            return file.getnframes() / file.getframerate()
    except (OSError, EOFError, wave.Error):
        return 0.0


async def _finish_key(keys: asyncio.Queue[str]) -> None:
    while await keys.get() != FINISH_KEY:
        pass


def _new_file(folder: Path, mailbox: str, call: str) -> Path:
    place = folder / "messages" / mailbox
    place.mkdir(parents=True, exist_ok=True)
    # A call that came back from a transfer may leave a second message, here or elsewhere.
    stems = (call if number == 1 else f"{call}-{number}" for number in count(1))
    # Its name is the message's key, whatever the mailbox.
    stem = next(one for one in stems if not any(place.parent.glob(f"*/{one}.wav")))
    return (place / f"{stem}.wav").absolute()


def _keep(
    desk: FrontDesk, call: Call, mailbox: str, box: Mailbox, path: Path, seconds: float
) -> None:
    """Message, story and mail, in this order."""
    at: datetime = call.now()
    origin = call.origin
    message = Message(
        id=path.stem,
        mailbox=mailbox,
        call=call.id,
        number=origin.number,
        name=origin.name,
        at=at,
        seconds=seconds,
        path=str(path),
    )
    desk.messages.add(message)
    call.note("voicemail.stored", mailbox=mailbox, message=message.id, seconds=round(seconds, 1))
    metrics.messages_stored.inc()
    if box.mail:
        office = call.office.office
        language = box.language or office.office.language
        notice = VoicemailNotice(
            message=message,
            mailbox=box.name or mailbox,
            office=office.office.name,
            language=language,
            zone=office.zone,
            country=office.country,
            template=template_text(call.office.folder, office, VOICEMAIL, language),
            sound=box.sound.value,
        )
        desk.outbox.add(compose(notice, box.mail))
