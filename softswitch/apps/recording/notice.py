"""The notice that a talk is recorded: before any recorded word, or there is no recording.

Whoever hears it may refuse by the policy's key; the call goes on as if nothing were recorded.
"""

import asyncio
from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from softswitch.apps.desk import FrontDesk
from softswitch.calls.call import Call
from softswitch.calls.leg import Leg
from softswitch.log import get_logger
from softswitch.office.recording import RecordingPolicy

_log = get_logger("apps.recording")

# Whole hours of prompts fit; a prompt is a few seconds.
MAX_VERSIONS = 256


class Notice(StrEnum):
    """What became of it."""

    HEARD = "heard"
    REFUSED = "refused"
    UNHEARD = "unheard"  # somebody hung up, or there was nothing to play


async def give_notice(
    desk: FrontDesk,
    call: Call,
    policy: RecordingPolicy,
    ears: Sequence[Leg],
    told: Sequence[Leg],
    language: str,
) -> Notice:
    """Play it in all these `ears`, to the end; the key of those who are `told` refuses.

    The story says what was heard, in which version, and when.
    """
    names = list(policy.spoken)
    files = desk.prompt_files(names, language)
    if len(files) < len(names):
        _log.error("a notice cannot be played, so nothing is recorded", call=call.id)
        outcome = Notice.UNHEARD
    else:
        outcome = await _Playing(policy, ears, told).play(files)
    call.note(
        "recording.notice", policy=policy.title, prompts=names, version=version_of(files),
        language=language, outcome=outcome.value, who=[leg.who for leg in told],
    )  # fmt: skip
    return outcome


class _Playing:
    def __init__(self, policy: RecordingPolicy, ears: Sequence[Leg], told: Sequence[Leg]) -> None:
        self._key, self._ears, self._told = policy.opt_out_key, ears, told
        # Keys that mean something else: typed ahead for what comes next.
        self._others: list[tuple[Leg, str]] = []

    async def play(self, files: list[str]) -> Notice:
        plays = [asyncio.ensure_future(leg.sound.play(files)) for leg in self._ears]
        refusals = [asyncio.ensure_future(self._refused(leg)) for leg in self._told]
        heard = asyncio.ensure_future(asyncio.wait(plays))
        try:
            ends = [leg.ended for leg in self._ears]
            waited: list[asyncio.Future[Any]] = [heard, *refusals, *ends]
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
            if any(one.done() for one in refusals):
                return Notice.REFUSED
            is_whole = heard.done() and all(one.result().reason == "finished" for one in plays)
            is_there = not any(leg.is_over for leg in self._ears)
            return Notice.HEARD if is_whole and is_there else Notice.UNHEARD
        finally:
            tasks: list[asyncio.Future[Any]] = [heard, *plays, *refusals]
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            for leg, key in self._others:
                leg.sound.key_pressed(key)

    async def _refused(self, leg: Leg) -> None:
        """Returns when this one has pressed the key."""
        while (key := await leg.sound.keys.get()) != self._key:
            self._others.append((leg, key))


def version_of(files: Sequence[str]) -> str:
    """Which words they were: a digest of the sound, the same wherever it lies."""
    parts = []
    for file in files:
        try:
            status = Path(file).stat()
            parts.append(_digest(file, status.st_mtime_ns, status.st_size))
        except OSError:
            parts.append("?")
    return sha256(" ".join(parts).encode()).hexdigest()[:12] if parts else ""


@lru_cache(MAX_VERSIONS)
def _digest(file: str, _changed: int, _size: int) -> str:
    return sha256(Path(file).read_bytes()).hexdigest()
