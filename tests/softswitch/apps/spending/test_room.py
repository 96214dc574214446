"""Calls out that are refused, ended and stopped, in a whole office in virtual time."""

import asyncio
from collections.abc import Iterator

import pytest

from softswitch.apps.spending.commands import release, status
from softswitch.apps.spending.memory import talks
from softswitch.control import ControlError
from softswitch.office.codes import Setting
from softswitch.office.permission import Barred
from softswitch.store.fold import Result
from softswitch.store.outbox import Mail
from tests.helpers.hand_phone import Call, Phone
from tests.helpers.virtual_office import VirtualOffice, virtual_office
from tests.softswitch.apps.test_transfer import refer, told

RULES = """
alarms: [admin@kancelaria.example]
outgoing:
  countries: [DE]
  person: {abroad: 10m, at_once: 2}
  office: {abroad: 30m, money: 15}
  tariff: {home: 0.10, abroad: 1.00}
  sudden: {calls: 4, within: 10m}
"""
MAILS: list[Mail] = []
BERLIN, LONDON = "+4930123456", "+442071838750"


@pytest.fixture
def house() -> Iterator[VirtualOffice]:
    with virtual_office(RULES) as office:
        MAILS.clear()
        office.server.desk.outbox.add = MAILS.append  # type: ignore[method-assign]
        yield office
        office.check_calm()
        assert office.server.dump()["calls out"] == 0


async def ticking(house: VirtualOffice, seconds: float) -> None:
    """Time goes by as in the server's own task."""
    for _ in range(int(seconds)):
        await asyncio.sleep(1.0)
        house.server.desk.spending.tick()


async def talk(anna: Phone, provider: Phone, number: str, seconds: float = 1.0) -> Call:
    """A call outside of a certain length."""
    out = await anna.dial(number)
    rung = await provider.rung()
    rung.answer()
    await out.answered()
    await asyncio.sleep(seconds)
    out.bye()
    await rung.over()
    return out


async def refused(house: VirtualOffice, anna: Phone, number: str) -> str:
    """Dial in vain: the early prompt, 403, the reason in the story."""
    out = await anna.dial(number)
    assert (await out.status(183)).body, "the prompt is heard before"
    final = await out.status(403)
    assert "Not permitted" in final.get("Reason")
    row = house.row()
    assert row.result is Result.REFUSED
    return next(e.data["why"] for e in house.story(row.id) if e.kind == "outside.refused")


@pytest.mark.parametrize(
    ("number", "why"),
    [(LONDON, "abroad"), ("700123456", "costly"), ("118913", "costly")],
)
def test_closed_destinations(house: VirtualOffice, number: str, why: str) -> None:
    async def story() -> None:
        anna = await house.phone("101")
        assert await refused(house, anna, number) == why

    house.do(story())
    told = status(house.server.desk.spending, house.server.desk.office.office)
    assert (told["refused"][0]["extension"], told["refused"][0]["why"]) == ("101", why)


def test_a_call_is_ended_when_its_day_is_used_up(house: VirtualOffice) -> None:
    async def story() -> None:
        anna, provider = await house.phone("101"), await house.provider()
        out = await anna.dial(BERLIN)
        rung = await provider.rung()
        rung.answer()
        await out.answered()
        await ticking(house, 620)
        await rung.over()
        await out.over()
        assert await refused(house, anna, BERLIN) == "time"
        await talk(anna, provider, "600100200")  # at home he may

    house.do(story())
    used = house.server.desk.spending.used("101")
    assert 595 <= used.far <= 600
    assert sum("limit" in mail.subject for mail in MAILS) == 1


def test_others_are_not_touched_by_somebody_who_is_stopped(house: VirtualOffice) -> None:
    """Short calls abroad: the fourth stops his calls abroad, and nobody else's."""

    async def story() -> None:
        thief, honest, provider = (
            await house.phone("101"),
            await house.phone("102"),
            await house.provider(),
        )
        for _ in range(4):
            await talk(thief, provider, BERLIN)
        assert await refused(house, thief, BERLIN) == "stopped"
        await talk(thief, provider, "600100200")
        await talk(honest, provider, BERLIN)

    house.do(story())
    spending = house.server.desk.spending
    assert spending.is_stopped("101") and not spending.is_stopped("102")
    assert len([one for one in MAILS if "101 Anna" in one.subject]) == 1, "told once"
    office = house.server.desk.office.office
    line = next(p for p in status(spending, office)["people"] if p["extension"] == "101")
    assert line["is_stopped"]
    assert release(spending, lambda: office, {"extension": "101"}) == {"extension": "101"}
    assert not spending.is_stopped("101")
    with pytest.raises(ControlError):
        release(spending, lambda: office, {"extension": "101"})


def test_refused_calls_abroad_are_odd_too(house: VirtualOffice) -> None:
    async def story() -> None:
        anna = await house.phone("101")
        for _ in range(4):
            await refused(house, anna, LONDON)

    house.do(story())
    assert house.server.desk.spending.is_stopped("101")


def test_calls_at_once(house: VirtualOffice) -> None:
    async def story() -> None:
        anna, provider = await house.phone("101"), await house.provider()
        up = []
        for number in ("600100200", "600100201"):
            up.append(await anna.dial(number))
            (await provider.rung()).answer()
            await up[-1].answered()
        assert await refused(house, anna, "600100203") == "at_once"
        for one in up:
            one.bye()
        await asyncio.sleep(1.0)

    house.do(story())


def test_a_transfer_outside_is_paid_by_who_asks(house: VirtualOffice) -> None:
    async def story() -> None:
        anna, piotr, provider = (
            await house.phone("101"),
            await house.phone("102"),
            await house.provider(),
        )
        out = await anna.dial("102")
        rung = await piotr.rung()
        rung.answer()
        await out.answered()
        assert (await refer(rung, LONDON)).status == 202
        await told(rung, 403)
        assert not provider.got("INVITE"), "not there"
        assert (await refer(rung, BERLIN)).status == 202
        outside = await provider.rung()
        outside.answer()
        await asyncio.sleep(30.0)
        assert house.server.desk.spending.used("102").far >= 29
        out.bye()
        await outside.over()

    house.do(story())


def test_what_was_used_comes_back_from_the_log(house: VirtualOffice) -> None:
    async def story() -> None:
        anna, provider = await house.phone("101"), await house.provider()
        await talk(anna, provider, BERLIN, 100.0)
        await anna.dial(BERLIN)
        rung = await provider.rung()
        rung.answer()
        await asyncio.sleep(5.0)
        told = [e for e in house.events if e.kind in ("outside.answered", "outside.talked")]
        found = [(one.who, one.is_far, one.price, round(s)) for one, s in talks(told)]
        assert found == [("101", True, 1.0, 100), ("101", True, 1.0, 60)]
        rung.bye()

    house.do(story())


def test_a_new_day_begins_at_the_offices_midnight(house: VirtualOffice) -> None:
    async def story() -> None:
        anna, provider = await house.phone("101"), await house.provider()
        await talk(anna, provider, BERLIN, 300.0)

    house.do(story())
    assert house.server.desk.spending.used("101").far >= 299
    house.loop.pass_time(24 * 3600.0)
    assert house.server.desk.spending.used("101").calls == 0


def test_a_stop_is_kept_with_what_people_have_set(house: VirtualOffice) -> None:
    standing = house.server.desk.standing
    standing.set("101", Setting.STOPPED, True, by="switch")
    assert house.server.desk.spending.is_stopped("101")
    assert standing.active("102", Setting.STOPPED) is None
    assert Barred.STOPPED.value == "stopped"
