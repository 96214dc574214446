"""Click-to-call, in a whole office in virtual time: the person first, then the number, one row."""

import asyncio
from collections.abc import Iterator

import pytest

from softswitch.control import ControlError
from softswitch.store.fold import Result
from tests.helpers.virtual_office import VirtualOffice, virtual_office


@pytest.fixture
def house() -> Iterator[VirtualOffice]:
    with virtual_office() as office:
        yield office
        office.check_calm()
        assert office.server.dump()["clicks"] == 0


def test_the_person_first_then_the_number(house: VirtualOffice) -> None:
    async def story() -> None:
        anna, provider = await house.phone("101"), await house.provider()
        told = house.server.clicks.ask({"extension": "101", "number": "600 100 300"})
        rung = await anna.rung()
        assert "600100300" in rung.invite.get("From"), "shown is who will be called"
        assert not rung.invite.all("Answer-Mode") and not provider.got("INVITE")
        rung.answer()
        far = await provider.rung()
        assert far.invite.start.startswith("INVITE sip:+48600100300@")
        assert "+48221234567" in far.invite.get("From")
        far.answer()
        await provider.expect("ACK")
        await asyncio.sleep(5.0)
        assert house.server.desk.exchange.people.is_talking("101")
        far.bye()
        await rung.over()
        await asyncio.sleep(1.0)
        assert house.calls() == [told["call"]], "one history row"
        row = house.row()
        assert (row.result, row.direction, row.handled_by) == (Result.TALKED, "out", "101")
        assert (row.number, row.called) == ("101", "+48600100300")
        assert 4.0 < row.talk < 7.0

    house.do(story())


def test_a_colleague(house: VirtualOffice) -> None:
    async def story() -> None:
        anna, piotr = await house.phone("101"), await house.phone("102")
        house.server.clicks.ask({"extension": "101", "number": "102", "auto_answer": True})
        rung = await anna.rung()
        assert rung.invite.get("Answer-Mode") == "Auto"
        assert "Piotr" in rung.invite.get("From")
        rung.answer()
        other = await piotr.rung()
        assert "Anna" in other.invite.get("From")
        other.answer()
        await piotr.expect("ACK")
        await asyncio.sleep(1.0)
        other.bye()
        await rung.over()
        await asyncio.sleep(1.0)
        assert house.row().direction == "internal"

    house.do(story())


@pytest.mark.parametrize("status", [486, 603, 480])
def test_the_person_does_not_answer(house: VirtualOffice, status: int) -> None:
    async def story() -> None:
        anna, provider = await house.phone("101"), await house.provider()
        house.server.clicks.ask({"extension": "101", "number": "600100300"})
        (await anna.rung()).answer(status)
        await asyncio.sleep(1.0)
        assert not provider.got("INVITE")
        row = house.row()
        assert (row.status, row.ended_by) == (status, "switch")

    house.do(story())


def test_he_lets_it_ring(house: VirtualOffice) -> None:
    async def story() -> None:
        anna = await house.phone("101")
        house.server.clicks.ask({"extension": "101", "number": "600100300"})
        rung = await anna.rung()
        rung.ring()
        await asyncio.sleep(31.0)
        await rung.over()
        await asyncio.sleep(1.0)
        assert house.row().result is Result.NO_ANSWER

    house.do(story())


def test_the_number_is_busy(house: VirtualOffice) -> None:
    """He is told in words: his phone is up, and shows no status any more."""

    async def story() -> None:
        anna, provider = await house.phone("101"), await house.provider()
        house.server.clicks.ask({"extension": "101", "number": "600100300"})
        rung = await anna.rung()
        rung.answer()
        (await provider.rung()).answer(486)
        await rung.over()
        await asyncio.sleep(1.0)
        assert house.row().result is Result.BUSY

    house.do(story())


def test_he_hangs_up_before_anybody_answers(house: VirtualOffice) -> None:
    async def story() -> None:
        anna, provider = await house.phone("101"), await house.provider()
        house.server.clicks.ask({"extension": "101", "number": "600100300"})
        rung = await anna.rung()
        rung.answer()
        far = await provider.rung()
        far.ring()
        await anna.expect("ACK")
        rung.bye()
        await far.over()
        await asyncio.sleep(1.0)
        assert house.row().result is Result.ABANDONED

    house.do(story())


@pytest.mark.parametrize(
    ("extension", "number", "said"),
    [
        ("999", "600100300", "there is no person 999"),
        ("101", "555", "555 is no number"),
        ("101", "+442071838750", "101 may not call GB"),
        ("102", "600100300", "no phone of 102 is registered"),
    ],
)
def test_what_cannot_be_is_said_at_once(
    house: VirtualOffice, extension: str, number: str, said: str
) -> None:
    async def story() -> None:
        await house.phone("101")
        with pytest.raises(ControlError, match=said):
            house.server.clicks.ask({"extension": extension, "number": number})
        assert not house.calls()

    house.do(story())
