"""Calls for help, in a whole office in virtual time: nothing stops them, everybody is told."""

import asyncio
from collections.abc import Iterator
from functools import partial

import pytest

from softswitch.apps import arrivals
from softswitch.office.codes import Setting
from softswitch.store.fold import Result
from softswitch.store.outbox import Mail
from tests.helpers.hand_phone import Call, Phone
from tests.helpers.virtual_office import VirtualOffice, virtual_office

SECOND, OFF = 5091, 5092
MAIN, SITE, KRAKOW = "+48221234567", "+48221234570", "+48121112233"
RULES = f"""
alarms: [admin@kancelaria.example]
emergency:
  number: "{SITE}"
  tell: [102, payroll]
  ring: false
  make_room: true
  places: {{103: {{number: "{KRAKOW}", address: "ul. Polna 3"}}}}
outgoing:
  locked: 24/7
  person: {{time: 1s, at_once: 1}}
  people: {{102: {{time: 1h, locked: none}}}}
"""
TRUNKS = f"""trunks:
  second: {{server: "127.0.0.1:{SECOND}", watch: none, numbers: ["{KRAKOW}"]}}
  off: {{server: "127.0.0.1:{OFF}", watch: none, enabled: false}}
"""
MAILS: list[Mail] = []


@pytest.fixture
def house() -> Iterator[VirtualOffice]:
    make = partial(VirtualOffice, old="trunks:\n", new=TRUNKS)
    with virtual_office(RULES, make) as office:
        MAILS.clear()
        office.server.desk.outbox.add = MAILS.append  # type: ignore[method-assign]
        yield office
        office.do(office.server.desk.alarms.close())  # nobody noticed
        office.check_calm()


async def first_trunk_of(house: VirtualOffice) -> Phone:
    """`second` stands before `operator` in the file."""
    return await house.provider(SECOND)


async def text(phone: Phone) -> str:
    """What stands on its display."""
    message = await phone.expect("MESSAGE")
    phone.answer(message, 200)
    return message.body.decode()


@pytest.mark.parametrize("number", ["112", "997", "998", "999", "984", "985", "#31#112"])
def test_nothing_stops_it(house: VirtualOffice, number: str) -> None:
    """A lock, a limit, do not disturb, a hidden number: it rings, and shows where help must go."""

    async def story() -> None:
        anna, piotr = await house.phone("101"), await house.phone("102")
        provider = await first_trunk_of(house)
        standing = house.server.desk.standing
        standing.set("101", Setting.DND, True)
        standing.set("101", Setting.HIDE_NUMBER, True)
        out = await anna.dial(number, None, ("Privacy", "id"))
        rung = await provider.rung()
        assert not anna.got(183) and not anna.got(200), "nothing is said before it"
        help_number = number.removeprefix("#31#")
        assert rung.invite.start.startswith(f"INVITE sip:{help_number}@")
        assert KRAKOW in rung.invite.get("From"), "of this trunk: the site's is another one's"
        assert not rung.invite.all("Privacy")
        rung.answer()
        await out.answered()
        assert await text(piotr) == f"ALARM: 101 Anna dzwoni pod {help_number}."
        out.bye()
        await rung.over()
        row = house.row()
        assert (row.result, row.direction, row.called) == (Result.TALKED, "out", help_number)
        assert "emergency.called" in house.kinds(row.id)
        standing.set("101", Setting.DND, False)

    house.do(story())
    assert [mail.subject for mail in MAILS] == [
        f"Kancelaria: ALARM: 101 Anna dzwoni pod {number.removeprefix('#31#')}"
    ]


@pytest.mark.parametrize("status", [403, 404, 486, 503, 600])
def test_every_trunk_is_tried_those_switched_off_last(house: VirtualOffice, status: int) -> None:
    async def story() -> None:
        anna = await house.phone("101")
        providers = [await house.provider(port) for port in (5090, SECOND, OFF)]
        out = await anna.dial("112")
        for provider in providers[:2]:
            (await provider.rung()).answer(status)
        rung = await providers[2].rung()
        assert SITE in rung.invite.get("From")
        rung.answer()
        await out.answered()
        rung.bye()
        await out.over()
        assert SITE in (await shown_at(providers[0])), "first the one that may show the site's"
        assert KRAKOW in (await shown_at(providers[1]))

    house.do(story())


async def shown_at(provider: Phone) -> str:
    """The From of the one call that it had."""
    (call,) = provider._calls.values()
    return call.invite.get("From")


def test_silent_trunks_cost_three_seconds_each(house: VirtualOffice) -> None:
    async def story() -> None:
        anna, last = await house.phone("101"), await house.provider(OFF)
        began = house.loop.time()
        await anna.dial("112")
        rung = await last.rung()
        assert house.loop.time() - began < 7.0
        rung.answer()
        await anna.expect(200)
        rung.bye()
        await asyncio.sleep(1.0)

    house.do(story())


def test_somebody_who_works_elsewhere(house: VirtualOffice) -> None:
    async def story() -> None:
        jan, piotr, provider = (
            await house.phone("103"),
            await house.phone("102"),
            await first_trunk_of(house),
        )
        out = await jan.dial("999")
        rung = await provider.rung()
        assert KRAKOW in rung.invite.get("From")
        assert KRAKOW in rung.invite.get("P-Asserted-Identity")
        rung.answer()
        await out.answered()
        assert "ul. Polna 3" in await text(piotr)
        out.bye()
        await rung.over()

    house.do(story())


def test_the_test_calls_nobody(house: VirtualOffice) -> None:
    async def story() -> None:
        anna, piotr, provider = (
            await house.phone("101"),
            await house.phone("102"),
            await first_trunk_of(house),
        )
        out = await anna.dial("*90112")
        await out.answered()
        assert await text(piotr) == "Test alarmowy: 101 Anna, 112."
        await out.over()
        assert not provider.got("INVITE")
        ways = next(e for e in house.events if e.kind == "emergency.ways")
        assert ways.data["shown"] == {"second": KRAKOW, "operator": SITE, "off": SITE}
        assert house.row().result is Result.SERVICE

    house.do(story())
    assert "test" in MAILS[0].subject


def test_a_test_of_another_number(house: VirtualOffice) -> None:
    async def story() -> None:
        anna, provider = await house.phone("101"), await first_trunk_of(house)
        out = await anna.dial("*90600100200")
        await out.answered()
        await out.over()
        assert not provider.got("INVITE")

    house.do(story())
    assert not MAILS


def test_a_channel_is_made_free(house: VirtualOffice) -> None:
    """One channel, in use: the newest other call makes room."""

    async def story() -> None:
        trunk = house.server.desk.trunks._trunks["second"]
        house.server.desk.trunks._trunks["second"] = trunk.model_copy(update={"calls": 1})
        anna, piotr, provider = (
            await house.phone("101"),
            await house.phone("102"),
            await first_trunk_of(house),
        )
        talk = await piotr.dial("600100200")
        rung = await provider.rung()
        rung.answer()
        await talk.answered()
        out = await anna.dial("112")
        await text(piotr)
        await asyncio.sleep(4.0)  # the other trunk is silent
        help_ = await provider.rung()
        await rung.over()
        await talk.over()
        help_.answer()
        await out.answered()
        out.bye()
        await help_.over()

    house.do(story())


def test_a_full_house_takes_it(house: VirtualOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals, "MAX_CALLS", 0)

    async def story() -> None:
        anna, provider = await house.phone("101"), await first_trunk_of(house)
        out: Call = await anna.dial("112")
        (await provider.rung()).answer()
        await out.answered()
        out.bye()
        await asyncio.sleep(1.0)

    house.do(story())
