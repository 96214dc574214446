"""Erase what is kept of one person, by his number: recordings, messages, history, and a list of it.

What is held for a legal reason stays and is named. The person's pseudonym comes of the number by
the key of the audit log, so that it can be proved later that this very number was erased, and
nobody reads the number out of it.
"""

import asyncio
import hmac
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from softswitch.apps.desk import FrontDesk
from softswitch.apps.recording.room import RecordingRoom
from softswitch.calls.call import Call
from softswitch.control import ControlError
from softswitch.office.mentions import Mentions
from softswitch.office.numbers import normalize, ways_of_writing
from softswitch.store.callbacks import Act
from softswitch.store.forgetting import Person, forget
from softswitch.store.recordings import RecordingRow
from softswitch.wording import say

ERASED = "erased"


def number_of(desk: FrontDesk, written: str) -> str:
    """E.164 of what somebody typed. Raises ControlError."""
    number = normalize(written, desk.office.office.country)
    if number is None or not number.startswith("+"):
        raise ControlError(say("no_world_number", text=written))
    return number


def pseudonym_of(room: RecordingRoom, number: str) -> str:
    """Raises VaultError."""
    digest = hmac.new(room.audit_key.key(), number.encode(), sha256).hexdigest()
    return f"{ERASED}-{digest[:10]}"


async def erase_person(
    room: RecordingRoom, number: str, by: str, why: str, *, is_trial: bool
) -> dict[str, Any]:
    """Do it; what went, and what stayed and why. ControlError, StoreError, VaultError."""
    desk, pseudonym = room.desk, pseudonym_of(room, number)
    country = desk.office.office.country
    him = Person(ways_of_writing(number, country), Mentions(number, country))
    if any(_is_in(call, him.forms) for call in room.calls_up()):
        raise ControlError(say("call_with_number_up"))
    rows = await room.table.of_client(him.forms)
    running = room.running()
    kept = [row for row in rows if row.hold is not None or row.id in running]
    gone = [row for row in rows if row not in kept]
    if not is_trial:
        told = {"recordings": len(gone), "kept": len(kept)}
        now = desk.exchange.clock()
        await room.audit.append(now, by, "erase person", pseudonym, why, **told)
        for row in gone:
            # Of a conference the row says who came first, perhaps somebody else.
            await room.erase(row, by, why, dict.fromkeys(him.forms, pseudonym))
        _close_callbacks(desk, number, by)
    forgotten = await forget(room.store, him, pseudonym, is_trial=is_trial)
    if not is_trial:
        await asyncio.to_thread(_remove, forgotten.files)
    return {
        "pseudonym": pseudonym,
        "kept": [{"id": row.id, "why": _why(row)} for row in kept],
        **forgotten.counts,
        "recordings": [row.id for row in gone],
        "overwritten": forgotten.is_overwritten,
        "contacts": desk.office.graph.contacts.find(number) is not None,
    }


def _is_in(call: Call, forms: Sequence[str]) -> bool:
    origin = call.origin
    return not {origin.number, origin.called, call.party.number}.isdisjoint(forms)


def _remove(files: tuple[str, ...]) -> None:
    for file in files:
        Path(file).unlink(missing_ok=True)


def _why(row: RecordingRow) -> str:
    return f"held: {row.hold}" if row.hold is not None else "it is being recorded"


def _close_callbacks(desk: FrontDesk, number: str, by: str) -> None:
    """Nobody is to call him back whose number is not kept."""
    item = desk.callbacks.waiting(number)
    if item is not None:
        desk.callbacks.decide(item, Act.CLOSED, ERASED, by)
