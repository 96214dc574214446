"""Nobody is forgotten on hold: reminders, the way back, and what ends them, in virtual time."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.helpers.hand_phone import Call, Phone
from tests.helpers.virtual_office import VirtualOffice, virtual_office
from tests.softswitch.apps.test_talk_codes import answer, from_outside, told
from tests.softswitch.calls.test_talk import connected

RESUMED = 9


@pytest.fixture
def office() -> Iterator[VirtualOffice]:
    with virtual_office() as running:
        yield running
        running.check_calm()


async def held(office: VirtualOffice, *how: str) -> tuple[Phone, Call, Call]:
    """A client whom 102 has put on hold."""
    piotr = await office.phone("102")
    out, inward = await from_outside(office, piotr)
    assert (await inward.hold(*how)).status == 200
    assert office.music_for(out)
    return piotr, out, inward


HOW = [("sendonly",), ("inactive",), ("sendrecv", "0.0.0.0")]


@pytest.mark.parametrize("how", HOW)
def test_the_holder_is_rung_and_takes_the_client_back(
    office: VirtualOffice, how: tuple[str, ...]
) -> None:
    async def story() -> None:
        piotr, out, inward = await held(office, *how)
        began = office.loop.time()
        reminder = await piotr.expect("INVITE", within=70)
        assert 59 < office.loop.time() - began < 61
        assert "Zawieszony" in reminder.get("From") and "600100200" in reminder.get("From")
        assert "<sip:102@" in reminder.get("From"), "some phones refuse whom they hold already"
        assert office.music_for(out)
        back = piotr._calls[reminder.get("Call-ID")]
        back.answer()
        await inward.over()
        await office.until(lambda: office.hears(out, back), "they talk at once")
        assert office.server.desk.exchange.people.of("102").calls == 1
        out.bye()
        await back.over()

    office.do(story())
    assert told(office, "hold.reminded") == {"by": "102", "how": "ring"}
    assert office.row().handled_by == "102"


def test_a_forgotten_client_comes_to_the_safe_place(office: VirtualOffice) -> None:
    async def story() -> None:
        piotr, out, inward = await held(office)
        began = office.loop.time()
        bye = await piotr.expect("BYE", call=inward, within=200)
        assert 179 < office.loop.time() - began < 181
        assert "taken back" in bye.get("Reason")
        await office.until(lambda: "voicemail.stored" in office.kinds(), "he leaves a message", 90)
        await out.over()

    office.do(story())
    kinds = office.kinds()
    assert kinds.count("hold.reminded") == 2
    assert "route.entered" in kinds[kinds.index("hold.returned") :]


def test_a_reminder_that_rings_does_not_delay_the_way_back() -> None:
    async def story() -> None:
        piotr, out, inward = await held(office)
        began = office.loop.time()
        reminder = await piotr.expect("INVITE", within=60)
        await piotr.expect("BYE", call=inward, within=60)
        assert 59 < office.loop.time() - began < 61
        await piotr._calls[reminder.get("Call-ID")].over()
        out.bye()

    with virtual_office("hold: {remind: 55s, return: 60s}\n") as office:
        office.do(story())
        office.check_calm()


def test_who_comes_back_ends_the_reminder(office: VirtualOffice) -> None:
    async def story() -> None:
        piotr, out, inward = await held(office)
        reminder = await piotr.expect("INVITE", within=70)
        await inward.reinvite(piotr.offer(version=RESUMED))
        await office.until(lambda: office.hears(out, inward), "they talk at once", 0.1)
        await piotr._calls[reminder.get("Call-ID")].over()
        await asyncio.sleep(300)
        assert office.hears(out, inward)
        inward.bye()
        await out.over()

    office.do(story())
    assert office.kinds().count("hold.reminded") == 1


def test_a_holder_who_talks_elsewhere_hears_a_tone(office: VirtualOffice) -> None:
    async def story() -> None:
        piotr, out, inward = await held(office)
        ewa = await office.phone("104")
        second, hers = await connected(piotr, ewa)
        for _ in range(80):
            await asyncio.sleep(1)
            if office.media.legs[office.leg_of(second)].items:
                break
        assert office.media.legs[office.leg_of(second)].items == ("tone:record",)
        await asyncio.sleep(1)
        assert office.hears(second, hers) and not piotr.got("INVITE")
        second.bye()
        await hers.over()
        inward.bye()
        await out.over()

    office.do(story())
    assert any(event.data.get("how") == "tone" for event in office.events)


@pytest.mark.parametrize("who", ["client", "holder"])
def test_hanging_up_while_the_reminder_rings(office: VirtualOffice, who: str) -> None:
    async def story() -> None:
        piotr, out, inward = await held(office)
        reminder = await piotr.expect("INVITE", within=70)
        leaves, stays = (out, inward) if who == "client" else (inward, out)
        leaves.bye()
        await stays.over()
        await piotr._calls[reminder.get("Call-ID")].over()

    office.do(story())


def test_a_refused_reminder_is_repeated(office: VirtualOffice) -> None:
    async def story() -> None:
        piotr, out, inward = await held(office)
        for _ in range(2):
            reminder = await piotr.expect("INVITE", within=70)
            piotr._calls[reminder.get("Call-ID")].answer(486)
        inward.bye()
        await out.over()

    office.do(story())


def test_colleagues_are_not_guarded(office: VirtualOffice) -> None:
    async def story() -> None:
        anna, piotr = await office.phone("101"), await office.phone("102")
        out, inward = await connected(anna, piotr)
        await inward.hold()
        await asyncio.sleep(600)
        assert office.music_for(out) and not piotr.got("INVITE")
        out.bye()
        await inward.over()

    office.do(story())


def test_a_client_may_hold_us_for_ever(office: VirtualOffice) -> None:
    async def story() -> None:
        piotr = await office.phone("102")
        out, inward = await from_outside(office, piotr)
        await out.hold()
        await asyncio.sleep(400)
        assert office.music_for(inward)
        out.bye()
        await inward.over()

    office.do(story())
    assert "hold.reminded" not in office.kinds()


def test_both_hold_and_the_client_is_not_forgotten(office: VirtualOffice) -> None:
    async def story() -> None:
        piotr, out, inward = await held(office)
        await out.hold()
        assert not office.music_for(out) and not office.music_for(inward)
        await piotr.expect("BYE", call=inward, within=200)
        out.bye()

    office.do(story())


def test_held_from_the_first_moment(office: VirtualOffice) -> None:
    """The 200 itself says sendonly, as some phones do that were answered by a handset lift."""

    async def story() -> None:
        piotr = await office.phone("102")
        client = await office.provider()
        out = await client.dial("+48221234570")
        inward = await piotr.rung()
        inward.answer(200, piotr.offer("sendonly"))
        await out.answered()
        await office.until(lambda: office.music_for(out), "music")
        await inward.reinvite(piotr.offer(version=RESUMED))
        assert office.hears(out, inward)
        out.bye()
        await inward.over()

    office.do(story())
    assert office.kinds().count("hold") == office.kinds().count("resume") == 1


def test_the_guard_can_be_switched_off() -> None:
    with virtual_office("hold: {remind: none, return: none}\n") as office:

        async def story() -> None:
            piotr, out, inward = await held(office)
            await asyncio.sleep(1000)
            assert office.music_for(out) and not piotr.got("INVITE")
            inward.bye()
            await out.over()

        office.do(story())
        office.check_calm()


def test_a_client_whom_we_called_is_guarded_too(office: VirtualOffice) -> None:
    async def story() -> None:
        anna, client = await office.phone("101"), await office.provider()
        out = await anna.dial("601202303")
        far = await answer(client)
        await out.answered()
        await out.hold()
        assert office.music_for(far)
        await anna.expect("BYE", call=out, within=200)
        await office.until(lambda: "route.entered" in office.kinds(), "the safe place")
        far.bye()

    office.do(story())
