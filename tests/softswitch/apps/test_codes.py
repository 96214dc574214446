"""Star codes: which are served, for whom, and what is said to the others."""

import pytest

from softswitch.apps.codes import HANDLERS
from softswitch.office.codes import Codes
from tests.helpers.hand_phone import Phone
from tests.helpers.office_fixtures import Line
from tests.helpers.office_in_process import OfficeInProcess


def test_each_code_of_the_office_is_served() -> None:
    assert set(HANDLERS) == {name for name, _ in Codes().configured()}


@pytest.mark.parametrize("digits", ["*99", "*0", "##", "*8*1*2*3*4*5", "*7701*1", "**", "#99#"])
async def test_an_unknown_code(line: Line, office: OfficeInProcess, digits: str) -> None:
    refused = await (await (await line.phone("101")).dial(digits.replace("#", "%23"))).status(404)
    assert "No such code" in refused.get("Reason") or "slot" in refused.get("Reason")
    await office.calm()


async def test_only_people_of_the_office(line: Line, office: OfficeInProcess) -> None:
    """Neither a stranger with a made-up name, nor the world behind the trunk."""
    anna = await line.phone("101")
    stranger = Phone("101", office.address)
    async with stranger:
        await (await stranger.dial("*8")).status(401, 407)
    client = await line.provider()
    for digits in ("*8", "*7", "*5101", "701"):
        await (await client.dial(digits)).status(404)
    assert not anna.got("INVITE")
    await office.calm()


async def test_a_code_is_hung_up_on(line: Line, office: OfficeInProcess) -> None:
    anna = await line.phone("101")
    for digits in ("*7", "*8", "*5102"):
        call = await anna.dial(digits)
        call.cancel()
        final = await call.status(200, 487, 480)
        if final.status == 200:
            call.ack()
            call.bye()
        await office.calm()
