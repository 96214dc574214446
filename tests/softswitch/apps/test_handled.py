"""A message is marked by a command: for the whole team, in the call's story, and back again."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from softswitch.apps.handled import mark
from softswitch.control import ControlError
from softswitch.store.database import Database
from softswitch.store.event import read_events
from softswitch.store.events import EventLog
from softswitch.store.messages import Message

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Any]:
    """As much of the front desk as has to do with messages."""
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'softswitch.db'}", tmp_path)
    await database.start()
    for number in (1, 12):
        database.messages.add(Message(f"m-{number}", "office", "c1", None, None, NOON, 3.0, "/m"))
    exchange = SimpleNamespace(clock=lambda: NOON, events=EventLog(database))
    yield SimpleNamespace(messages=database.messages, exchange=exchange, database=database)
    await database.close()


async def test_done_for_all_and_open_again(desk: Any) -> None:
    assert (await mark(desk, {"id": "m-12", "by": "anna"}, is_handled=True))["mailbox"] == "office"
    assert [one.id for one in await desk.messages.list_messages(only_open=True)] == ["m-1"]
    found = await desk.messages.find("m-12")
    assert (found.handled_by, found.handled_at) == ("anna", NOON)
    await mark(desk, {"id": "m-12"}, is_handled=False)
    assert len(await desk.messages.list_messages(only_open=True)) == 2
    story = await read_events(desk.database, "c1")
    assert [(one.kind, one.data["by"]) for one in story] == [
        ("voicemail.handled", "anna"),
        ("voicemail.reopened", "command"),
    ]


@pytest.mark.parametrize("identifier", ["", "m", "x", "m-123"])
async def test_which_one_must_be_clear(desk: Any, identifier: str) -> None:
    with pytest.raises(ControlError, match="no message, or more than one"):
        await mark(desk, {"id": identifier}, is_handled=True)


async def test_what_is_done_is_not_done_twice(desk: Any) -> None:
    await mark(desk, {"id": "m-1"}, is_handled=True)  # the whole ID of one, the beginning of two
    with pytest.raises(ControlError, match="m-1 is done already"):
        await mark(desk, {"id": "m-1"}, is_handled=True)
