"""Two hundred phones behind one address, one of them with an old password: nobody else notices."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from softswitch.wiring import Server
from tests.helpers.large_office import PEOPLE, LargeOffice, all_register, hammer, two_hundred
from tests.helpers.office_in_process import quicken

PATIENCE = 60.0
"""Far more than the ten seconds that an office may take: this machine may be busy."""


@pytest.fixture
def large(tmp_path: Path) -> Iterator[LargeOffice]:
    with pytest.MonkeyPatch.context() as patch:
        quicken(patch)
        with LargeOffice(tmp_path / "office") as running:
            yield running
            running.ask(lambda server: server.arrivals.gate.late.close())


def troubles(server: Server) -> dict[str, int]:
    """Whatever the guard did to anybody."""
    guard = server.arrivals.gate.guard
    return {**guard.sources.counters, **guard.counters}


async def test_after_a_power_cut_and_with_a_bad_neighbour(large: LargeOffice) -> None:
    async with asyncio.timeout(2 * PATIENCE), AsyncExitStack() as stack:
        phones = await two_hundred(large, stack)
        first = await all_register(phones)
        assert {one.statuses for one in first} == {(401, 200)}
        assert large.ask(troubles) == {}
        assert large.ask(lambda server: server.registrar.dump())["bindings"] == len(PEOPLE)
        stop = asyncio.Event()
        bad = asyncio.create_task(hammer(large, PEOPLE[0], stop))
        await asyncio.sleep(2.0)
        again = await all_register(phones)  # its owner's good phone among them
        stop.set()
        tries = await bad
    assert {one.statuses for one in again} == {(401, 200)}
    left = large.ask(troubles)
    assert set(left) == {"held", "delayed"} and left["held"] > tries / 2 > 50
