"""What may happen while a phone rings: giving up, answering in the same instant, refusals."""

import asyncio

import pytest

from softswitch.store.fold import Result
from tests.helpers.office_fixtures import Line
from tests.helpers.office_in_process import OfficeInProcess


@pytest.mark.parametrize("pause", [0.0, 0.002, 0.01, 0.1])
async def test_the_caller_cancels_at_any_moment(
    line: Line, office: OfficeInProcess, pause: float
) -> None:
    """Before there is a leg, before the other phone rings, while it rings."""
    anna, piotr = await line.phone("101"), await line.phone("102")
    out = await anna.dial("102")
    await asyncio.sleep(pause)
    out.cancel()
    await out.status(487)
    row = await office.row()
    assert (row.result, row.ended_by, row.status) == (Result.ABANDONED, "caller", 487)
    if piotr.got("INVITE"):
        inward = await piotr.rung()
        await inward.over()


async def test_bye_instead_of_cancel(line: Line, office: OfficeInProcess) -> None:
    """RFC 3261 15: a caller may end an early dialog by BYE; the INVITE gets its 487."""
    anna, piotr = await line.phone("101"), await line.phone("102")
    out = await anna.dial("102")
    inward = await piotr.rung()
    inward.ring()
    out.final = await anna.expect(180)
    out.bye()
    await out.status(487)
    await inward.over()
    assert (await office.row()).result is Result.ABANDONED


async def test_a_200_crosses_the_cancel(line: Line, office: OfficeInProcess) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    out = await anna.dial("102")
    inward = await piotr.rung()
    inward.ring()
    await out.status(180)
    out.cancel()
    inward.is_answered = True  # by the time the CANCEL comes
    await piotr.expect("CANCEL")
    inward.answer()
    await piotr.expect("ACK")
    await piotr.expect("BYE")
    await out.status(487)
    assert (await office.row()).result is Result.ABANDONED


async def test_cancel_and_answer_in_one_moment(line: Line, office: OfficeInProcess) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    for first in (True, False):
        out = await anna.dial("102")
        inward = await piotr.rung()
        if first:
            out.cancel()
        inward.answer()
        if not first:
            out.cancel()
        final = await out.status(200, 487)
        if final.status == 200 and final.method == "CANCEL":
            final = await out.status(200, 487)
        if final.status == 200:
            out.ack()
            out.bye()
        assert (await inward.over()).method in ("BYE", "CANCEL")
        await office.calm()


async def test_an_answer_at_the_ring_time_out(line: Line, office: OfficeInProcess) -> None:
    """The route gives up after a second; the 200 that comes at the CANCEL is hung up."""
    provider, piotr = await line.provider(), await line.phone("102")
    out = await provider.dial("+48221234570")
    inward = await piotr.rung()
    inward.ring()
    inward.is_answered = True  # by the time the CANCEL comes
    await piotr.expect("CANCEL")
    inward.answer()
    await piotr.expect("BYE")
    await out.answered()
    out.bye()
    assert (await office.row()).result in (Result.NO_ANSWER, Result.ABANDONED)


@pytest.mark.parametrize(
    ("status", "seen", "result"),
    [
        (486, 486, Result.BUSY),
        (603, 603, Result.BUSY),
        (480, 480, Result.UNREACHABLE),
        (503, 480, Result.UNREACHABLE),
        (302, 480, Result.NO_ANSWER),  # to its own Contact: a circle
        (404, 480, Result.UNREACHABLE),
        (401, 480, Result.UNREACHABLE),
        (408, 480, Result.UNREACHABLE),
        (487, 480, Result.NO_ANSWER),
    ],
)
async def test_refusals(
    line: Line, office: OfficeInProcess, status: int, seen: int, result: Result
) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    out = await anna.dial("102")
    inward = await piotr.rung()
    inward.answer(status)
    final = await out.status(seen)
    assert "Q.850" in final.get("Reason")
    row = await office.row()
    assert (row.result, row.ended_by, row.status) == (result, "switch", seen)


async def test_nobody_is_registered(line: Line, office: OfficeInProcess) -> None:
    out = await (await line.phone("101")).dial("104")
    assert "cause=20" in (await out.status(480)).get("Reason")
    assert (await office.row()).result is Result.UNREACHABLE


async def test_a_phone_that_says_nothing_is_unreachable(
    line: Line, office: OfficeInProcess
) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    piotr.fate = lambda _: 0
    out = await anna.dial("102")
    await out.status(480)
    assert (await office.row()).result is Result.UNREACHABLE
    piotr.fate = lambda _: 1


async def test_several_devices(line: Line, office: OfficeInProcess) -> None:
    """One is busy, one answers; the third hears that it was answered elsewhere."""
    anna = await line.phone("101")
    first, second, third = [await line.phone("102") for _ in range(3)]
    out = await anna.dial("102")
    calls = [await phone.rung() for phone in (first, second, third)]
    calls[0].answer(486)
    calls[2].ring()
    await out.status(180)
    calls[1].answer()
    await out.answered()
    assert "cause=200" in (await calls[2].over()).get("Reason")
    out.bye()
    await calls[1].over()
    assert (await office.row()).result is Result.TALKED


async def test_two_devices_answer_at_once(line: Line, office: OfficeInProcess) -> None:
    anna = await line.phone("101")
    first, second = await line.phone("102"), await line.phone("102")
    out = await anna.dial("102")
    calls = [await first.rung(), await second.rung()]
    for call in calls:
        call.answer()
    await out.answered()
    out.bye()
    for call in calls:
        await call.phone.expect("BYE")
    assert (await office.row()).result is Result.TALKED


async def test_a_refusal_for_all_devices(line: Line, office: OfficeInProcess) -> None:
    anna = await line.phone("101")
    first, second = await line.phone("102"), await line.phone("102")
    out = await anna.dial("102")
    calls = [await first.rung(), await second.rung()]
    calls[1].ring()
    await out.status(180)
    calls[0].answer(603)
    await out.status(603)
    await calls[1].over()


async def test_two_forked_answers(line: Line, office: OfficeInProcess) -> None:
    """Two 200s to one INVITE (RFC 3261 13.2.2.4): the second dialog is acknowledged and ended."""
    anna, piotr = await line.phone("101"), await line.phone("102")
    out = await anna.dial("102")
    inward = await piotr.rung()
    inward.answer()
    await out.answered()
    kept, inward.tag = inward.tag, "another"
    inward.answer()
    bye = await piotr.expect("BYE")
    assert "another" in bye.get("To")
    inward.tag = kept
    out.bye()
    bye = await piotr.expect("BYE")
    assert kept in bye.get("To")
    assert (await office.row()).result is Result.TALKED


async def test_a_fork_that_answers_after_the_call(line: Line, office: OfficeInProcess) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    out = await anna.dial("102")
    inward = await piotr.rung()
    inward.answer()
    await out.answered()
    out.bye()
    await inward.over()
    inward.tag = "another"
    inward.answer()
    bye = await piotr.expect("BYE")
    assert "another" in bye.get("To")


async def test_max_forwards_is_lowered(line: Line, office: OfficeInProcess) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    for said, passed in (("70", "69"), ("5", "4"), ("200", "70"), ("1", "0")):
        out = await anna.dial("102", None, ("Max-Forwards", said))
        inward = await piotr.rung()
        assert inward.invite.get("Max-Forwards") == passed
        out.cancel()
        await inward.over()
        await out.status(487)


async def test_max_forwards_is_exhausted(line: Line, office: OfficeInProcess) -> None:
    anna = await line.phone("101")
    anna.password, password = None, anna.password
    out = await anna.dial("102", None, ("Max-Forwards", "0"))
    await out.status(483)
    anna.password = password
