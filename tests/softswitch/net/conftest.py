"""After every test of this room nothing is left: no task, no descriptor."""

import asyncio
import gc
from collections.abc import AsyncIterator
from pathlib import Path

import pytest


def descriptors() -> list[str]:
    """What is open, but for pipes of the event loop and the like: sockets only."""
    found = []
    for entry in Path("/proc/self/fd").iterdir():
        try:
            target = str(entry.readlink())
        except OSError:
            continue
        if target.startswith("socket:"):
            found.append(target)
    return sorted(found)


@pytest.fixture(autouse=True)
async def nothing_is_left() -> AsyncIterator[None]:
    before = descriptors()
    yield
    await asyncio.sleep(0)
    left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    assert not left
    gc.collect()
    for _ in range(50):
        if descriptors() == before:
            return
        await asyncio.sleep(0.01)
    assert descriptors() == before
