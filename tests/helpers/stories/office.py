"""The office in which stories happen: nine devices, a trunk, everything that a server runs beside.

What the product draws by chance (tags, branches, nonces) comes from the story's seed, so that a
story that fails can be told again, word for word.
"""

import asyncio
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest

from media.api import MediaSettings
from softswitch.server import _end_what_is_over
from tests.helpers.stories.media import Claims, RememberingMedia
from tests.helpers.stories.phone import Phone
from tests.helpers.virtual_office import (
    PASSWORD,
    SIP,
    TRUNK,
    VirtualOffice,
    loaded,
    virtual_office,
)
from tests.helpers.virtual_time import BEGINNING, VirtualLoop

# Waits are shorter than in the world, so that a story of some minutes sees their ends.
VERSIONS = (
    """\
parking: {slots: 701-703, return_after: 40s}
hold: {remind: 20s, return: 70s}
""",
    """\
parking: {slots: 701-702, return_after: 25s}
hold: {remind: 30s, return: 50s}
pickup: group
""",
)
DEVICES = (
    ("101", 5101),
    ("101", 5201),
    ("102", 5102),
    ("103", 5103),
    ("104", 5104),
    ("121", 5121),
    ("122", 5122),
    ("123", 5123),
)


class StoryOffice(VirtualOffice):
    """See the module's docstring."""

    media: RememberingMedia

    def __init__(self, chance: Random, loop: VirtualLoop, folder: Path, more: str) -> None:
        super().__init__(loop, folder, more, RememberingMedia())
        self.claims = Claims(loop.time)
        self.began = BEGINNING
        self.server.desk.exchange.trace = self.claims  # type: ignore[assignment]
        self.phones = [
            Phone(loop, SIP, user, PASSWORD.format(user), port, chance) for user, port in DEVICES
        ]
        self.provider = Phone(loop, SIP, "operator", None, TRUNK[1], chance)
        self._beside: list[asyncio.Task[None]] = []
        self._is_stopped = False

    async def start(self) -> None:
        await super().start()
        desk = self.server.desk
        work = desk.exchange.sounds.keep_worker(MediaSettings(rtp_low=40_000, rtp_high=60_000))
        self._beside = [
            asyncio.create_task(work),
            asyncio.create_task(_end_what_is_over(desk)),
            asyncio.create_task(self.server.texting.run()),
        ]
        for phone in self.phones:
            phone.register()

    async def end_calls(self) -> None:
        """What a SIGTERM does first."""
        await self.server.arrivals.close()
        await self.server.texting.close()

    async def stop(self) -> None:
        for phone in (*self.phones, self.provider):
            phone.close()
        await self.end_calls()
        self.server.arrivals.gate.late.close()
        for task in self._beside:
            task.cancel()
        if self._beside:
            await asyncio.wait(self._beside)
        await super().stop()

    async def reload(self, version: int) -> None:
        await self.server.use(loaded(VERSIONS[version]))

    def own_tasks(self) -> set[asyncio.Task[Any]]:
        """Those that a running office has without any call."""
        return {*self._beside, *([self._lamps] if self._lamps is not None else [])}


@contextmanager
def story_office(seed: int) -> Iterator[StoryOffice]:
    """An office whose chances come from a seed."""
    chance = Random(f"tokens {seed}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(secrets, "token_hex", lambda n=32: chance.randbytes(n).hex())
        patch.setattr(secrets, "token_bytes", lambda n=32: chance.randbytes(n))
        patch.setattr(secrets, "randbits", chance.getrandbits)
        make = partial(StoryOffice, Random(f"phones {seed}"))
        with virtual_office(VERSIONS[0], make) as office:
            office.loop.pass_time(1.0)
            yield office
