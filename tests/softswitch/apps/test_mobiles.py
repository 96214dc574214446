"""Mobiles that ring beside the desk, and numbers that a route forwards to, with phones by hand."""

import asyncio

import pytest

from softswitch.apps import confirm
from softswitch.store.fold import Result
from tests.helpers.hand_phone import Call
from tests.helpers.office_fixtures import Line
from tests.helpers.office_in_process import OfficeInProcess
from tests.softswitch.apps.test_forwarding import press


@pytest.fixture(autouse=True)
def a_story_of_its_own(office: OfficeInProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confirm, "KEY_SECONDS", 0.2)
    office.events.clear()


async def accepted(line: Line, rung: Call) -> None:
    """Answered outside, the question heard, and the key pressed."""
    rung.answer()
    await rung.phone.expect("ACK")
    await line.office.until(lambda: rung.phone.rtp > 3, "the question is put")
    await press(rung, "1")


async def test_desk_and_mobile_ring_together_and_the_desk_answers(
    line: Line, office: OfficeInProcess
) -> None:
    anna, zofia, provider = await line.phone("101"), await line.phone("124"), await line.provider()
    out = await anna.dial("811")
    desk, mobile = await zofia.rung(), await provider.rung()
    desk.answer()
    await out.answered()
    assert "elsewhere" in (await mobile.over()).get("Reason")
    out.bye()
    await desk.over()
    row = await office.row()
    assert (row.result, row.handled_by) == (Result.TALKED, "124")


async def test_the_mobile_takes_the_call_and_shows_the_caller_nothing(
    line: Line, office: OfficeInProcess
) -> None:
    anna, zofia, provider = await line.phone("101"), await line.phone("124"), await line.provider()
    seen: list[bytes] = []
    anna.fate = lambda message: seen.append(message.to_bytes()) or 1
    out = await anna.dial("811")
    desk, mobile = await zofia.rung(), await provider.rung()
    assert "+48221234567" in mobile.invite.get("From"), "the office's own number"
    await accepted(line, mobile)
    await out.answered()
    await desk.over()
    mobile.bye()
    await out.over()
    row = await office.row()
    assert (row.result, row.handled_by) == (Result.TALKED, "124")
    assert not any(b"600555777" in one for one in seen)


async def test_the_mobiles_own_voicemail_has_nobody(line: Line, office: OfficeInProcess) -> None:
    """It answers and presses nothing; the desk still rings, and may still answer."""
    anna, zofia, provider = await line.phone("101"), await line.phone("124"), await line.provider()
    out = await anna.dial("811")
    desk, mobile = await zofia.rung(), await provider.rung()
    mobile.answer()
    await mobile.over()
    assert not zofia.got("CANCEL")
    desk.answer()
    await out.answered()
    out.bye()
    await desk.over()
    assert (await office.row()).handled_by == "124"


async def test_without_a_desk_phone_the_mobile_rings_alone(
    line: Line, office: OfficeInProcess
) -> None:
    anna, provider = await line.phone("101"), await line.provider()
    out = await anna.dial("811")
    mobile = await provider.rung()
    mobile.ring()
    await out.status(180)
    await accepted(line, mobile)
    await out.answered()
    out.bye()
    await mobile.over()
    assert (await office.row()).handled_by == "124"


@pytest.mark.parametrize("moment", ["rings", "is asked"])
async def test_the_caller_gives_up(line: Line, office: OfficeInProcess, moment: str) -> None:
    anna, zofia, provider = await line.phone("101"), await line.phone("124"), await line.provider()
    out = await anna.dial("811")
    desk, mobile = await zofia.rung(), await provider.rung()
    if moment == "is asked":
        mobile.answer()
        await provider.expect("ACK")
    out.cancel()
    await out.status(487)
    await desk.over()
    await mobile.over()
    assert (await office.row()).result is Result.ABANDONED


async def test_both_answer_in_one_instant(line: Line, office: OfficeInProcess) -> None:
    anna, zofia, provider = await line.phone("101"), await line.phone("124"), await line.provider()
    out = await anna.dial("811")
    desk, mobile = await zofia.rung(), await provider.rung()
    mobile.answer()
    await provider.expect("ACK")
    pressing = asyncio.create_task(press(mobile, "1"))
    await asyncio.sleep(0)
    desk.answer()
    await pressing
    await out.answered()
    out.bye()
    await office.row()


async def test_a_route_forwards_and_somebody_takes_it(line: Line, office: OfficeInProcess) -> None:
    anna, provider = await line.phone("101"), await line.provider()
    out = await anna.dial("812")
    mobile = await provider.rung()
    await accepted(line, mobile)
    await out.answered()
    out.bye()
    await mobile.over()
    row = await office.row()
    assert (row.result, row.handled_by) == (Result.TALKED, "+48600555666")


@pytest.mark.parametrize("status", [486, 480, 603])
async def test_a_route_goes_on_when_nobody_is_there(
    line: Line, office: OfficeInProcess, status: int
) -> None:
    anna, provider = await line.phone("101"), await line.provider()
    out = await anna.dial("812")
    (await provider.rung()).answer(status)
    await out.answered()  # a mailbox
    out.bye()
    await office.row()
