"""What `softswitch recording`, `recordings` and `person` ask of the running switch.

Each of them stands in the audit log before it is done; without a reason nothing is done.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from softswitch.apps.recording.person import erase_person, number_of
from softswitch.apps.recording.room import RecordingRoom
from softswitch.control import ControlError, Verb, who_asked
from softswitch.office.recording import may_hear
from softswitch.store.ports import StoreError
from softswitch.store.recordings import RecordingRow
from softswitch.vault.office_key import VaultError
from softswitch.wording import say

LONGEST = 200

Work = Callable[[RecordingRoom, Mapping[str, Any]], Awaitable[dict[str, Any]]]


def verbs(room: RecordingRoom) -> dict[str, Verb]:
    """What may be asked, by its name."""
    works: dict[str, Work] = {
        "recording open": open_recording,
        "recording hold": partial(hold, is_held=True),
        "recording release": partial(hold, is_held=False),
        "recording erase": erase,
        "recordings rotate": rotate,
        "person erase": erase_of_person,
    }
    return {name: partial(_carry_out, room, work) for name, work in works.items()}


async def _carry_out(room: RecordingRoom, work: Work, request: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return await work(room, request)
    except (StoreError, VaultError, ValueError) as error:
        raise ControlError(error.args[0] if error.args else str(error)) from error


async def open_recording(room: RecordingRoom, request: Mapping[str, Any]) -> dict[str, Any]:
    """Its file and its key, for whoever may hear it. `as`: a person of the office."""
    row, by, why = await _row(room, request), who_asked(request), _why(request)
    listener = request.get("as")
    if listener is not None:
        _check_right(room, row, str(listener))
        by = f"{listener} ({by})"
    if row.id in room.running():
        raise ControlError(say("being_recorded", recording=row.id))
    if room.keys is None:
        raise ControlError(say("no_recording_keys"))
    key = await asyncio.to_thread(room.keys.get, row.id)
    action = "hear" if request.get("how") == "hear" else "export"
    now = room.desk.exchange.clock()
    await room.audit.append(now, by, action, row.id, why, call=row.call)
    return {"id": row.id, "path": str(room.desk.folder.absolute() / row.path), "key": key.hex()}


def _check_right(room: RecordingRoom, row: RecordingRow, listener: str) -> None:
    office = room.desk.office.office
    if listener not in office.people:
        raise ControlError(say("no_person_here", who=listener))
    groups = [name for name, group in office.groups.items() if listener in group.ring]
    if not may_hear(row.hear, listener, groups):
        raise ControlError(say("may_not_hear", who=listener, recording=row.id, policy=row.policy))


async def hold(room: RecordingRoom, request: Mapping[str, Any], *, is_held: bool) -> dict[str, Any]:
    """Not to be erased until it is released, whatever its time says."""
    row, by, why = await _row(room, request), who_asked(request), _why(request)
    if (row.hold is not None) is is_held:
        code = "held_already" if is_held else "not_held_already"
        raise ControlError(say(code, recording=row.id))
    now, action = room.desk.exchange.clock(), "hold" if is_held else "release"
    await room.audit.append(now, by, action, row.id, why, call=row.call)
    room.table.hold(row.id, why if is_held else None, by if is_held else None)
    return {"id": row.id}


async def erase(room: RecordingRoom, request: Mapping[str, Any]) -> dict[str, Any]:
    """For good: its key is destroyed."""
    row, by, why = await _row(room, request), who_asked(request), _why(request)
    if row.hold is not None:
        raise ControlError(say("is_held_release", recording=row.id, why=row.hold))
    if row.id in room.running():
        raise ControlError(say("being_recorded", recording=row.id))
    await room.erase(row, by, why)
    return {"id": row.id}


async def rotate(room: RecordingRoom, request: Mapping[str, Any]) -> dict[str, Any]:
    """Another office key; every recording's key is wrapped anew."""
    if room.keys is None:
        raise ControlError(say("no_recording_keys"))
    now = room.desk.exchange.clock()
    await room.audit.append(now, who_asked(request), "rotate", "office key", _why(request))
    count = await asyncio.to_thread(room.keys.rotate)
    return {"count": count, "is_given": room.keys.is_given}


async def erase_of_person(room: RecordingRoom, request: Mapping[str, Any]) -> dict[str, Any]:
    """Everything of one number."""
    number = number_of(room.desk, str(request.get("number") or ""))
    is_trial = bool(request.get("trial"))
    return await erase_person(room, number, who_asked(request), _why(request), is_trial=is_trial)


async def _row(room: RecordingRoom, request: Mapping[str, Any]) -> RecordingRow:
    identifier = str(request.get("id") or "")
    row = await room.table.get(identifier) if identifier else None
    if row is None:
        raise ControlError(say("no_one_recording", recording=identifier))
    if row.erased is not None:
        raise ControlError(say("is_erased", recording=row.id, why=row.erased_why, by=row.erased_by))
    return row


def _why(request: Mapping[str, Any]) -> str:
    reason = " ".join(str(request.get("reason") or "").split())[:LONGEST]
    if not reason:
        raise ControlError(say("say_why_recording"))
    return reason
