"""A step that somebody waits for, and that is over when he hangs up."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from softswitch.calls.dial import DialResult
from softswitch.calls.leg import Leg
from softswitch.calls.sound import SoundError
from softswitch.routing.caller import CallerFailed, CallerGone

T = TypeVar("T")


async def while_up(leg: Leg, step: Awaitable[T], undo: Callable[[T], None] = lambda _: None) -> T:
    """The step's result, or `CallerGone` (the step cancelled and cleaned up) if `leg` ends.

    `undo` gives back what a step brought in the very moment in which the leg ended. Raises
    `CallerFailed` when the switch could not do it: a fault of ours must not lose a caller.
    """
    here = _Here(leg)
    try:
        with here:
            result = await step
    except (SoundError, OSError) as error:
        if leg.is_over:
            raise CallerGone from error
        if here.is_stopped:
            raise asyncio.CancelledError from error
        raise CallerFailed(str(error)) from error
    if leg.is_over:
        undo(result)
        raise CallerGone
    return result


class _Here:
    """What is awaited within it is cancelled when the leg ends, and is `CallerGone` then.

    In the task that waits, as `asyncio.timeout` does it: a task of its own would cost each step two
    turns of the loop.
    """

    def __init__(self, leg: Leg) -> None:
        self._leg = leg
        self._is_inside, self._is_called_off = True, False

    def __enter__(self) -> None:
        task = asyncio.current_task()
        assert task is not None  # a caller is always led by one
        self._task, self._stops_before = task, task.cancelling()
        self._leg.ended.add_done_callback(self._call_off)

    def __exit__(self, kind: type[BaseException] | None, error: object, _: object) -> None:
        self._is_inside = False
        self._leg.ended.remove_done_callback(self._call_off)
        if not self._is_called_off:
            return
        self._task.uncancel()
        if kind is asyncio.CancelledError and not self.is_stopped:
            raise CallerGone

    @property
    def is_stopped(self) -> bool:
        """Somebody else has cancelled the task too: then that counts."""
        return self._task.cancelling() > self._stops_before

    def _call_off(self, _: object) -> None:
        # It may be on its way already when the step is over.
        if self._is_inside:
            self._is_called_off = True
            self._task.cancel()


async def abandon(task: asyncio.Future[T], undo: Callable[[T], None]) -> None:
    """End a step whose caller is gone; what it brought all the same is given back."""
    if not task.done():
        task.cancel()
        await asyncio.wait([task])
    if task.cancelled():
        return
    error = task.exception()
    if error is None:
        undo(task.result())
    elif not isinstance(error, SoundError | OSError):
        raise error


def let_go(result: DialResult) -> None:
    """Somebody answered a caller who has just left."""
    if result.leg is not None:
        result.leg.release()
