"""What every test owes: when it ends, no task, thread, child process or socket of its own is left.

Also hypothesis's profiles: `default` for each day, `fuzz` for `make fuzz`.
"""

import asyncio
import gc
import inspect
import os
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.helpers.kept import kept_processes

# Commands speak the terminal's language: here English, wherever the tests run.
os.environ.pop("LC_ALL", None)
os.environ["LC_MESSAGES"] = "en_GB.UTF-8"

# How long things that were told to end may take to be gone: a thread that returns, a process that
# is reaped. Nothing waits so long unless it leaks.
GRACE = 2.0

# Their processes serve the test run, not one test.
_OF_THE_RUN = ("multiprocessing.resource_tracker", "multiprocessing.forkserver")

_CALM = [HealthCheck.too_slow]  # the machine is shared: slow says nothing
# The same examples each day: what fails in CI fails here. New ones are looked for by `make fuzz`.
settings.register_profile("default", deadline=None, suppress_health_check=_CALM, derandomize=True)
settings.register_profile(
    "fuzz", deadline=None, max_examples=5000, suppress_health_check=_CALM, print_blob=True
)
settings.load_profile("default")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Coroutine tests are also checked for tasks, from inside their loop."""
    for item in items:
        if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.function):
            item.fixturenames.insert(0, "no_task_is_left")


@pytest.fixture
async def no_task_is_left() -> AsyncIterator[None]:
    """Set up first and torn down last, so the test's own fixtures have cleaned up by then."""
    yield
    me = asyncio.current_task()
    end = time.monotonic() + GRACE
    while tasks := asyncio.all_tasks() - {me}:
        if time.monotonic() > end:
            pytest.fail(f"tasks left: {sorted(map(repr, tasks))}", pytrace=False)
        await asyncio.sleep(0)


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    """Compare sockets, children and threads with what was there before the test."""
    before = [look() for look in _LOOKS.values()]
    yield
    for (what, look), known in zip(_LOOKS.items(), before, strict=True):
        if look() - known:
            gc.collect()
        end = time.monotonic() + GRACE
        while left := look() - known:
            if time.monotonic() > end:
                pytest.fail(f"{what} left: {sorted(map(str, left))}", pytrace=False)
            time.sleep(0.01)


def _sockets() -> set[object]:
    found: set[object] = set()
    for handle in Path("/proc/self/fd").iterdir():
        try:
            name = str(handle.readlink())
        except OSError:
            continue  # the handle of this very listing
        if name.startswith("socket:"):
            found.add(f"{handle.name} {name}")
    return found


def _children() -> set[object]:
    found: set[object] = set()
    for task in Path("/proc/self/task").glob("*/children"):
        try:
            found.update(f"process {child}" for child in task.read_text().split())
        except OSError:
            continue  # that thread ended meanwhile
    return {child for child in found if not _serves_the_run(str(child).split()[1])}


def _serves_the_run(pid: str) -> bool:
    if int(pid) in kept_processes:
        return True
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return True  # gone
    return any(name in command for name in _OF_THE_RUN)


def _threads() -> set[object]:
    return {t for t in threading.enumerate() if t.is_alive() and not _is_of_others(t.name)}


def _is_of_others(name: str) -> bool:
    """A loop's own executor ends with the loop, which pytest-asyncio closes after this check. An
    office that serves all tests of a file may open another connection to its store meanwhile;
    what a store of a test leaves, `softswitch/store/conftest` sees."""
    return name.startswith("asyncio_") or "_connection_worker_thread" in name


_LOOKS: dict[str, Callable[[], set[object]]] = {
    "threads": _threads,
    "child processes": _children,
    "sockets": _sockets,
}
