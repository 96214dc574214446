"""Who comes while all channels of the trunk are in use, and who dials out then."""

import asyncio
from collections.abc import Iterator
from functools import partial

import pytest

from softswitch.store.fold import Result
from tests.helpers.virtual_office import VirtualOffice, virtual_office

LATE, SHORT = "+48600700800", "+48221234570"
ONE_CHANNEL = {"old": "watch: none,", "new": "watch: none, calls: 1,"}


@pytest.fixture
def office() -> Iterator[VirtualOffice]:
    with virtual_office("# one channel\n", partial(VirtualOffice, **ONE_CHANNEL)) as running:
        yield running
        running.check_calm()


def test_a_client_without_a_channel_is_called_back(office: VirtualOffice) -> None:
    async def story() -> None:
        provider, piotr, anna = (
            await office.provider(),
            *[await office.phone(n) for n in ("102", "101")],
        )
        inside = await provider.dial(SHORT)
        rung = await piotr.rung()
        rung.answer()
        await inside.answered()
        provider.user = LATE
        await (await provider.dial(SHORT)).status(503)
        refused = await (await anna.dial("600100200")).status(502)
        assert "All lines to the outside are in use" in refused.get("Reason")
        await office.until(lambda: office.hears(inside, rung), "they talk")
        await asyncio.sleep(5)
        inside.bye()
        await rung.over()

    office.do(story())
    assert [item.number for item in office.server.desk.callbacks.items()] == [LATE]
    (late,) = [row for row in map(office.row, office.calls()) if row.number == LATE]
    assert (late.result, late.status, late.direction) == (Result.FAILED, 503, "in")
