"""A switch turned from a phone: the next caller goes otherwise, the lamp shows it, it ends."""

from datetime import timedelta

import pytest

from softswitch.presence.things import hand_switch
from tests.helpers.office_fixtures import Line
from tests.helpers.office_in_process import OfficeInProcess


def is_lit(office: OfficeInProcess) -> bool:
    return office.ask(lambda server: server.presence.lamps.is_lit(hand_switch("early")))


@pytest.fixture(autouse=True)
def off_at_the_end(office: OfficeInProcess) -> None:
    office.ask(lambda server: server.desk.switches.turn_off("early"))
    office.events.clear()


async def dialled(line: Line, extension: str, digits: str) -> dict[str, object]:
    """What was done is in the story; the words were played to their end."""
    out = await (await line.phone(extension)).dial(digits)
    await out.answered()
    await out.over()
    found = [dict(one.data) for one in line.office.events if one.kind == "service.used"]
    line.office.events.clear()
    return found[-1] if found else {}


@pytest.mark.parametrize(("on", "off"), [("801", "801"), ("*28", "#28"), ("*28#", "#28#")])
async def test_it_closes_the_office_and_opens_it_again(
    line: Line, office: OfficeInProcess, on: str, off: str
) -> None:
    told = await dialled(line, "101", on)
    assert (told["switch"], told["act"]) == ("early", "on")
    assert str(told["until"]).split("T")[1].startswith("00:00"), "until midnight"
    assert is_lit(office)
    out = await (await line.phone("104")).dial("810")
    await out.answered()  # closed: the mailbox
    out.bye()
    await dialled(line, "102", off)
    assert not is_lit(office)
    piotr, ewa = await line.phone("102"), await line.phone("104")
    out = await ewa.dial("810")
    (await piotr.rung()).answer()
    await out.answered()
    out.bye()


async def test_it_ends_by_itself(line: Line, office: OfficeInProcess) -> None:
    def brief(server):  # type: ignore[no-untyped-def]
        until = server.desk.exchange.clock() + timedelta(seconds=0.3)
        return server.desk.switches.turn_on("early", "101", until)

    office.ask(brief)
    assert is_lit(office)
    await office.until(lambda: not is_lit(office), "the lamp is dark")
    assert not office.ask(lambda server: server.desk.switches.on())


async def test_asking_changes_nothing(line: Line, office: OfficeInProcess) -> None:
    assert await dialled(line, "104", "*#28") == {}
    assert not is_lit(office)


@pytest.mark.parametrize(
    ("extension", "digits", "outcome"),
    [
        ("104", "801", "refused"),  # only payroll may
        ("101", "*28*2560", "not_understood"),
        ("101", "*28*12*13", "not_understood"),
        ("101", "#28*1400", "not_understood"),
    ],
)
async def test_what_is_wrong_is_told_and_changes_nothing(
    line: Line, office: OfficeInProcess, extension: str, digits: str, outcome: str
) -> None:
    assert (await dialled(line, extension, digits))["outcome"] == outcome
    assert not is_lit(office)
