"""Fixtures for the tests of `calls` and `apps`: the office in process, and its telephone line."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.helpers.hand_phone import Phone
from tests.helpers.office_in_process import PASSWORD, OfficeInProcess, quicken


class Line:
    """Gives a test its phones."""

    def __init__(self, office: OfficeInProcess, stack: AsyncExitStack) -> None:
        self.office = office
        self._stack = stack

    async def phone(self, extension: str) -> Phone:
        """A registered phone of an extension."""
        phone = Phone(extension, self.office.address, PASSWORD.format(extension))
        await self._stack.enter_async_context(phone)
        await phone.register()
        self._stack.push_async_callback(phone.register, 0)
        return phone

    async def provider(self) -> Phone:
        """The trunk's far end: calls in, calls out."""
        phone = Phone("+48600100200", self.office.address, port=self.office.trunk_port)
        return await self._stack.enter_async_context(phone)


@pytest.fixture(scope="module")
def patch_waits() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        quicken(patch)
        yield patch


@pytest.fixture(scope="module")
def office(
    tmp_path_factory: pytest.TempPathFactory, patch_waits: pytest.MonkeyPatch
) -> Iterator[OfficeInProcess]:
    """Started once a file; at the end not even a lingering transaction may be left."""
    with OfficeInProcess(tmp_path_factory.mktemp("office")) as running:
        yield running
        running.wait_until_empty()


@pytest.fixture
async def own_line(tmp_path: Path, patch_waits: pytest.MonkeyPatch) -> AsyncIterator[Line]:
    """The line of an office of the test's own, that it may break."""
    running = OfficeInProcess(tmp_path / "office")
    async with running:
        async with AsyncExitStack() as stack:
            yield Line(running, stack)
            await running.calm()
        await asyncio.to_thread(running.wait_until_empty)


@pytest.fixture
async def line(office: OfficeInProcess) -> AsyncIterator[Line]:
    """Phones for one test; when they are gone, nothing of their calls may be left."""
    async with AsyncExitStack() as stack:
        yield Line(office, stack)
        await office.calm()
