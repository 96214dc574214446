"""Intercom, and how phones are told what rings, with phones played by hand."""

import pytest

from softswitch.office.codes import Setting
from softswitch.store.fold import Result
from tests.helpers.hand_phone import Call
from tests.helpers.office_fixtures import Line
from tests.helpers.office_in_process import MAIN, SHORT, OfficeInProcess
from tests.softswitch.calls.test_talk import connected


def heads(call: Call) -> dict[str, str]:
    return {name: call.invite.get(name) for name in ("Alert-Info", "Call-Info", "Answer-Mode")}


async def test_the_phone_is_asked_to_answer_by_itself(line: Line, office: OfficeInProcess) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    out = await anna.dial("*5102")
    rung = await piotr.rung()
    said = heads(rung)
    assert said["Call-Info"] == "<http://127.0.0.1>;answer-after=0"
    assert "info=alert-autoanswer" in said["Alert-Info"] and said["Answer-Mode"] == "Auto"
    assert "Interkom: Anna" in rung.invite.get("From") and ":101@" in rung.invite.get("From")
    rung.answer()
    await out.answered()
    out.bye()
    await rung.over()
    row = await office.row()
    assert (row.result, row.handled_by, row.called) == (Result.TALKED, "102", "*5102")


async def test_who_talks_is_not_disturbed(line: Line, office: OfficeInProcess) -> None:
    anna, piotr, ewa = [await line.phone(one) for one in ("101", "102", "104")]
    out, inward = await connected(anna, piotr)
    for number in ("*5101", "*5102"):
        assert "Busy" in (await (await ewa.dial(number)).status(486)).get("Reason")
    assert not piotr.got("INVITE") and not anna.got("INVITE")
    out.bye()
    await inward.over()
    await office.calm()


async def test_nor_who_wants_it_so(line: Line, office: OfficeInProcess) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")

    def disturb(is_on: bool) -> None:
        office.ask(lambda server: server.desk.standing.set("102", Setting.DND, is_on))

    disturb(True)
    await (await anna.dial("*5102")).status(486)
    disturb(False)
    assert not piotr.got("INVITE")
    await office.calm()


@pytest.mark.parametrize(
    ("code", "status"), [("*5103", 480), ("*5999", 404), ("*5", 404), ("#5102", 404)]
)
async def test_nobody_to_speak_to(
    line: Line, office: OfficeInProcess, code: str, status: int
) -> None:
    await (await (await line.phone("101")).dial(code)).status(status)
    await office.calm()


@pytest.mark.parametrize(("status", "told"), [(486, 486), (603, 603), (480, 480)])
async def test_a_phone_that_refuses(
    line: Line, office: OfficeInProcess, status: int, told: int
) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    out = await anna.dial("*5102")
    (await piotr.rung()).answer(status)
    await out.status(told)
    await office.calm()


@pytest.mark.parametrize("moment", ["ringing", "answered"])
async def test_the_caller_hangs_up(line: Line, office: OfficeInProcess, moment: str) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    out = await anna.dial("*5102")
    rung = await piotr.rung()
    if moment == "answered":
        rung.answer()
        await out.answered()
        out.bye()
    else:
        rung.ring()
        out.cancel()
    await rung.over()
    await office.calm()


async def test_each_kind_of_call_rings_differently(line: Line, office: OfficeInProcess) -> None:
    anna, piotr, marta = [await line.phone(one) for one in ("101", "102", "121")]
    client = await line.provider()
    for caller, number, called, kind in (
        (anna, "102", piotr, "Bellcore-dr1>;info=alert-internal"),
        (client, SHORT, piotr, "Bellcore-dr2>;info=alert-external"),
        (client, MAIN, marta, "Bellcore-dr3>;info=alert-group"),
    ):
        out = await caller.dial(number)
        if number == MAIN:
            await out.answered()
        rung = await called.rung()
        assert rung.invite.get("Alert-Info") == f"<http://127.0.0.1/{kind}"
        if number == MAIN:
            out.bye()
        else:
            out.cancel()
        await rung.over()
        await office.calm()
