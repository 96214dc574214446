"""The index of recordings, and the chain of who heard them, in a real database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, text, update

from softswitch.store.audit import read_audit, verify_audit
from softswitch.store.database import Database
from softswitch.store.numbers import as_typed
from softswitch.store.ports import StoreError
from softswitch.store.recordings import (
    Ending,
    GapRow,
    RecordingFilter,
    RecordingRow,
    get_recording,
    list_recordings,
)
from softswitch.store.schema import audit
from softswitch.vault.audit_key import AuditKey

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
ROW = RecordingRow(
    id="20261129-120000-aa-1", call="20261129-120000-aa", started=NOON, path="recordings/a.sealed",
    policy="queue reception", purpose="ustalenia", basis=None, hear=("110", "payroll"),
    notice="notice_recorded@0123", direction="in", number="+48600100200", called="+48221234567",
    person="101", queue="reception", keep_until=NOON + timedelta(days=90),
)  # fmt: skip
OTHER = replace(ROW, id="20261129-130000-bb-1", number="+48600100201", queue=None, person="102",
                started=NOON + timedelta(hours=1), keep_until=NOON + timedelta(days=1))  # fmt: skip
ENDING = Ending(NOON + timedelta(minutes=3), 170.0, "stopped", "102", (GapRow("hold", 10.0, 5.0),))


async def test_a_recording_from_its_beginning_to_its_erasure(database: Database) -> None:
    table = database.recordings
    table.add(ROW)
    table.add(OTHER)
    assert await table.get("20261129-12") == ROW and await table.get("20261129-1") is None
    assert await table.unfinished() == [OTHER, ROW] or await table.unfinished() == [ROW, OTHER]
    for row in (ROW, OTHER):
        table.end(row.id, ENDING)
    found = await table.get(ROW.id)
    assert found is not None
    assert (found.ended, found.seconds, found.how) == (ENDING.at, 170.0, "stopped")
    assert (found.person, found.gaps) == ("102", ENDING.gaps)
    assert await table.due(NOON) == []
    later = NOON + timedelta(days=91)
    assert [row.id for row in await table.due(later)] == [OTHER.id, ROW.id]
    table.hold(ROW.id, "a lawsuit", "anna")
    await database.flush()
    assert [row.id for row in await table.due(later)] == [OTHER.id]
    table.erase(OTHER, later, "retention", "its time is over")
    await database.flush()
    assert await table.due(later) == []
    erased = await get_recording(database, OTHER.id)
    assert erased is not None and erased.erased == later and erased.number == OTHER.number


@pytest.mark.parametrize(
    ("which", "found"),
    [
        (RecordingFilter(), [OTHER, ROW]),
        (RecordingFilter(number=as_typed("600 100 200")), [ROW]),
        (RecordingFilter(number=as_typed("22 123 45 67")), [OTHER, ROW]),
        (RecordingFilter(number=as_typed("+48600100201")), [OTHER]),
        (RecordingFilter(number=as_typed("600 100 999")), []),
        (RecordingFilter(number=as_typed("22 123 45 67"), limit=1), [OTHER]),
        (RecordingFilter(person="102"), [OTHER]),
        (RecordingFilter(queue="reception"), [ROW]),
        (RecordingFilter(call=ROW.call), [OTHER, ROW]),
        (RecordingFilter(since=NOON + timedelta(minutes=1)), [OTHER]),
        (RecordingFilter(until=NOON + timedelta(minutes=1)), [ROW]),
        (RecordingFilter(limit=1), [OTHER]),
    ],
)
async def test_they_are_found(
    database: Database, which: RecordingFilter, found: list[RecordingRow]
) -> None:
    for row in (ROW, OTHER):
        database.recordings.add(row)
    await database.flush()
    assert await list_recordings(database, which) == found


async def test_an_erased_one_is_shown_only_if_asked_for(database: Database) -> None:
    database.recordings.add(ROW)
    database.recordings.erase(replace(ROW, number=None), NOON, "anna", "asked for")
    await database.flush()
    assert await list_recordings(database, RecordingFilter()) == []
    of_him = RecordingFilter(number=as_typed(ROW.number), with_erased=True)
    assert await list_recordings(database, of_him) == [], "his number is nowhere, nor from behind"
    (row,) = await list_recordings(database, RecordingFilter(with_erased=True))
    assert (row.erased_by, row.erased_why, row.number) == ("anna", "asked for", None)


async def test_the_audit_log_is_a_chain_over_a_restart(database: Database, tmp_path: Path) -> None:
    keeper = AuditKey(tmp_path / "keys")
    with pytest.raises(StoreError, match="store was away"):
        await database.audit.append(NOON, "anna", "export", "r1", "a complaint")
    await database.audit.fetch(keeper)
    for number in range(3):
        await database.audit.append(NOON, "anna", "export", f"r{number}", "a complaint", to="x.wav")
    await database.audit.fetch(AuditKey(tmp_path / "keys"))
    await database.audit.append(NOON, "retention", "erase", "r0", "its time is over")
    entries = await read_audit(database)
    assert [one.number for one in entries] == [1, 2, 3, 4]
    assert entries[0].data == {"to": "x.wav"} and entries[3].action == "erase"
    assert await read_audit(database, 1) == entries[3:]
    assert await verify_audit(database, keeper.key(), keeper.end()) == (4, None)


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        (update(audit).where(audit.c.number == 2).values(by="eve"), "entry 2 is not what"),
        (delete(audit).where(audit.c.number == 2), "entry 2 is missing"),
        (delete(audit).where(audit.c.number > 2), "the entries after 2 are missing: there were 3"),
        (delete(audit), "the entries after 0 are missing"),
        (text("UPDATE audit SET at = at + 1 WHERE number = 3"), "entry 3 is not what"),
    ],
)
async def test_meddling_with_the_audit_log_is_seen(
    database: Database, tmp_path: Path, statement: object, fault: str
) -> None:
    keeper = AuditKey(tmp_path)
    await database.audit.fetch(keeper)
    for number in range(3):
        await database.audit.append(NOON, "anna", "export", f"r{number}", "a complaint")
    async with database._connector.engine.begin() as writer:
        await writer.execute(statement)  # type: ignore[call-overload]
    _, found = await verify_audit(database, keeper.key(), keeper.end())
    assert found is not None and found.startswith(fault)
