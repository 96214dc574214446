"""A store in a folder of its own, and a call's events to fill it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from softswitch.store.database import Database, StoreAlarm


def url(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder / 'softswitch.db'}"


@pytest.fixture
def alarms() -> list[StoreAlarm]:
    return []


@pytest.fixture
async def database(tmp_path: Path, alarms: list[StoreAlarm]) -> AsyncIterator[Database]:
    store = Database(url(tmp_path), tmp_path, alarms.append)
    await store.start()
    yield store
    await store.close()
