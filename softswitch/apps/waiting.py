"""A step that somebody waits for, and that is over when he hangs up."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

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
    task = asyncio.ensure_future(step)
    is_kept = False
    try:
        waited: list[asyncio.Future[Any]] = [task, leg.ended]
        await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        is_kept = task.done() and not leg.is_over
    finally:
        if not is_kept:
            await abandon(task, undo)
    if not is_kept:
        raise CallerGone
    try:
        return task.result()
    except (SoundError, OSError) as error:
        raise CallerFailed(str(error)) from error


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
