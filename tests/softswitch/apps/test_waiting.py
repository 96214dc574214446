"""A step that somebody waits for: its result, his end, a fault of ours, who else may stop it."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from softswitch.apps.waiting import while_up
from softswitch.calls.leg import Leg
from softswitch.calls.sound import SoundError
from softswitch.routing.caller import CallerFailed, CallerGone


class _Stage:
    """A leg that may end, and what became of the step."""

    def __init__(self) -> None:
        self.leg = SimpleNamespace(ended=asyncio.get_running_loop().create_future(), is_over=False)
        self.told: list[str] = []

    def end(self) -> None:
        self.leg.is_over = True
        self.leg.ended.set_result(None)

    async def wait(self, step: Any) -> Any:
        return await while_up(cast(Leg, self.leg), step, lambda result: self.told.append(result))

    async def for_ever(self) -> str:
        try:
            await asyncio.Event().wait()
        finally:
            self.told.append("cleaned up")
        return "never"


async def _yes() -> str:
    return "yes"


async def test_the_result_of_the_step() -> None:
    stage = _Stage()
    assert await stage.wait(_yes()) == "yes"
    stage.end()
    await asyncio.sleep(0)
    assert (stage.told, asyncio.current_task().cancelling()) == ([], 0)  # type: ignore[union-attr]


async def test_who_hangs_up_ends_the_step() -> None:
    stage = _Stage()
    asyncio.get_running_loop().call_soon(stage.end)
    with pytest.raises(CallerGone):
        await stage.wait(stage.for_ever())
    assert stage.told == ["cleaned up"]
    await asyncio.sleep(0)  # the task that waited goes on


async def test_what_the_step_brought_in_that_moment_is_given_back() -> None:
    stage = _Stage()

    async def step() -> str:
        stage.end()
        return "a leg"

    with pytest.raises(CallerGone):
        await stage.wait(step())
    await asyncio.sleep(0)
    assert stage.told == ["a leg"]


async def test_so_is_what_a_step_brings_that_does_not_let_itself_be_stopped() -> None:
    stage = _Stage()

    async def step() -> str:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return "a leg all the same"
        return "never"

    asyncio.get_running_loop().call_soon(stage.end)
    with pytest.raises(CallerGone):
        await stage.wait(step())
    await asyncio.sleep(0)
    assert stage.told == ["a leg all the same"]


@pytest.mark.parametrize("fault", [SoundError("no row"), OSError("disk full")])
async def test_a_fault_of_ours_is_no_end_of_the_caller(fault: Exception) -> None:
    async def step(stage: _Stage, ends: bool) -> str:
        if ends:
            stage.end()
        raise fault

    with pytest.raises(CallerFailed, match=str(fault)):
        await (stage := _Stage()).wait(step(stage, False))
    with pytest.raises(CallerGone):
        await (stage := _Stage()).wait(step(stage, True))


@pytest.mark.parametrize("hangs_up", [False, True])
async def test_whoever_stops_the_task_is_obeyed(hangs_up: bool) -> None:
    stage = _Stage()
    task = asyncio.ensure_future(stage.wait(stage.for_ever()))
    await asyncio.sleep(0)
    task.cancel()
    if hangs_up:
        stage.end()
    await asyncio.wait([task])
    assert (task.cancelled(), stage.told) == (True, ["cleaned up"])


async def test_a_fault_while_the_task_is_stopped_does_not_let_it_go_on() -> None:
    stage = _Stage()

    async def step() -> str:
        try:
            return await stage.for_ever()
        except asyncio.CancelledError:
            raise SoundError("no row") from None

    task = asyncio.ensure_future(stage.wait(step()))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()


async def test_one_step_within_another() -> None:
    stage = _Stage()
    asyncio.get_running_loop().call_soon(stage.end)
    with pytest.raises(CallerGone):
        await stage.wait(stage.wait(stage.for_ever()))
    task = asyncio.current_task()
    assert task is not None and task.cancelling() == 0


async def test_a_limit_of_time_around_and_within() -> None:
    stage = _Stage()

    async def limited() -> str:
        async with asyncio.timeout(0):
            return await stage.for_ever()

    with pytest.raises(CallerFailed):  # a TimeoutError is an OSError
        await stage.wait(limited())
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await stage.wait(stage.for_ever())
    asyncio.get_running_loop().call_soon(stage.end)
    with pytest.raises(CallerGone):
        async with asyncio.timeout(60):
            await stage.wait(stage.for_ever())
