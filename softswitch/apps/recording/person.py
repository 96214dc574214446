"""Erase what is kept of one person, by his number: recordings, messages, history, and a list of it.

What is held for a legal reason stays and is named. The person's pseudonym comes of the number by
the key of the audit log, so that it can be proved later that this very number was erased, and
nobody reads the number out of it.
"""

import asyncio
import hmac
from hashlib import sha256
from pathlib import Path
from typing import Any

from softswitch.apps.desk import FrontDesk
from softswitch.apps.recording.room import RecordingRoom
from softswitch.control import ControlError
from softswitch.office.mentions import Mentions
from softswitch.office.numbers import normalize, ways_of_writing
from softswitch.store.forgetting import Mentioned, Person, forget, look
from softswitch.store.journal import DAMAGED
from softswitch.store.recordings import RecordingRow
from softswitch.wording import say

ERASED = "erased"
# Kept versions of the office with what was said about them, and writes that no database takes.
_TEXTS = frozenset((".yaml", ".json", DAMAGED))


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
    if him.mentioned.places(why):
        raise ControlError(say("reason_has_number"))
    done = await look(room.store, him)
    if not done.calls.isdisjoint(desk.exchange.events.in_progress()):
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
        _forget_at_once(desk, number, done.calls, by)
        done = await forget(room.store, him, pseudonym, done)
        await asyncio.to_thread(_remove, done.files)
    return {
        "pseudonym": pseudonym,
        "kept": [{"id": row.id, "why": _why(row)} for row in kept],
        **done.counts,
        "recordings": [row.id for row in gone],
        "overwritten": done.is_overwritten,
        "contacts": desk.office.graph.contacts.find(number) is not None,
        "forwards": desk.standing.aimed_at(him.forms),
        "files": await asyncio.to_thread(_files_about, desk.folder, him.mentioned),
    }


def _forget_at_once(desk: FrontDesk, number: str, calls: frozenset[str], by: str) -> None:
    """What the running switch remembers of him, and would write once more."""
    desk.callbacks.forget(number, by, ERASED)
    desk.recent.forget(number)
    desk.exchange.events.forget(calls)
    if desk.exchange.trace is not None:
        desk.exchange.trace.drop(calls)


def _files_about(folder: Path, mentioned: Mentioned) -> list[str]:
    """Texts that are the operator's to change."""
    texts = [one for one in folder.rglob("*") if one.suffix in _TEXTS and one.is_file()]
    found = [one for one in texts if mentioned.places(one.read_text("utf-8", "replace"))]
    return sorted(str(one.relative_to(folder)) for one in found)


def _remove(files: tuple[str, ...]) -> None:
    for file in files:
        Path(file).unlink(missing_ok=True)


def _why(row: RecordingRow) -> str:
    return f"held: {row.hold}" if row.hold is not None else "it is being recorded"
