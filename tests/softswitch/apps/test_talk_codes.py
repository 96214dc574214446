"""Codes pressed during a talk, in virtual time: who hears whom afterwards, and what is told."""

import asyncio
from collections.abc import Iterator

import pytest

from softswitch.apps.talk_codes import PAUSE, Act, KeyReader, Pressed, reader_of_talk
from softswitch.office.talk_codes import TalkCodes
from softswitch.store.fold import Result
from tests.helpers.hand_phone import Call, Phone
from tests.helpers.rehearsal import press
from tests.helpers.virtual_office import VirtualOffice, virtual_office
from tests.helpers.virtual_time import virtual_time
from tests.softswitch.calls.test_talk import connected

SHORT_RING = "+48221234570"  # rings at 102


@pytest.fixture
def office() -> Iterator[VirtualOffice]:
    with virtual_office() as running:
        yield running
        running.check_calm()


async def keys(call: Call, digits: str) -> None:
    """One after the other, as a finger does."""
    for digit in digits:
        await press(call, digit)
        await asyncio.sleep(0.2)


async def answer(phone: Phone, final: int = 200) -> Call:
    call = await phone.rung()
    call.ring()
    await asyncio.sleep(0.1)
    call.answer(final)
    await phone.expect("ACK", call=call)
    return call


async def from_outside(office: VirtualOffice, piotr: Phone) -> tuple[Call, Call]:
    """A client rings at 102, who answers."""
    client = await office.provider()
    out = await client.dial(SHORT_RING)
    inward = await piotr.rung()
    inward.answer()
    await out.answered()
    await office.until(lambda: office.hears(out, inward), "they talk")
    return out, inward


def told(office: VirtualOffice, kind: str) -> dict[str, object]:
    """The data of the newest such event."""
    return next(dict(e.data) for e in reversed(office.events) if e.kind == kind)


# --- reading keys ---


def read(pressed: str, *, codes: TalkCodes | None = None) -> list[Pressed]:
    """What is understood; a space is a long pause."""
    taken: list[Pressed] = []
    with virtual_time() as loop:
        reader: KeyReader = reader_of_talk(codes or TalkCodes(), taken.append)

        async def finger() -> None:
            for key in pressed:
                if key == " ":
                    await asyncio.sleep(PAUSE + 0.1)
                else:
                    reader.key(key)
                    await asyncio.sleep(0.3)

        loop.run_until_complete(finger())
        reader.close()
    return taken


@pytest.mark.parametrize(
    ("pressed", "taken"),
    [
        ("*1104#", [Pressed(Act.BLIND, "104")]),
        ("*1104 ", [Pressed(Act.BLIND, "104")]),
        ("*2104#", [Pressed(Act.ATTENDED, "104")]),
        ("*7", [Pressed(Act.PARK)]),
        ("12*1104#", [Pressed(Act.BLIND, "104")]),
        ("*1*1104#", [Pressed(Act.BLIND, "104")]),
        ("**1104#", [Pressed(Act.BLIND, "104")]),
        ("*1104", []),
        ("*1 104#", []),
        ("*1#104#", []),
        ("1104#", []),
        ("*9104#", []),
        ("* 1104#", []),
        ("#104*", []),
        ("*1" + "5" * 40 + "#", []),
        ("*1104##*7", [Pressed(Act.BLIND, "104"), Pressed(Act.PARK)]),
    ],
)
def test_keys_are_read(pressed: str, taken: list[Pressed]) -> None:
    assert read(pressed) == taken


def test_a_code_that_was_taken_away_is_no_code() -> None:
    codes = TalkCodes.model_validate({"blind": "none", "park": "*99"})
    assert read("*1104#*7 *99", codes=codes) == [Pressed(Act.PARK)]


# --- blind ---


def test_blind_and_answered(office: VirtualOffice) -> None:
    async def story() -> None:
        piotr, ewa = await office.phone("102"), await office.phone("104")
        out, inward = await from_outside(office, piotr)
        await keys(inward, "*1104#")
        new = await ewa.rung()
        assert "600100200" in new.invite.get("From")
        new.ring()
        await asyncio.sleep(0.5)
        for waits in (out, inward):  # both hear the ringing
            assert office.media.legs[office.leg_of(waits)].items == ("tone:ringing",)
        new.answer()
        await inward.over()
        assert office.hears(out, new)
        out.bye()
        await new.over()

    office.do(story())
    row = office.row()
    assert (row.result, row.handled_by, row.ended_by) == (Result.TALKED, "104", "caller")
    data = {"by": "102", "to": "104", "how": "blind", "of": "+48600100200"}
    assert told(office, "transfer") == data


def test_blind_without_the_hash_key(office: VirtualOffice) -> None:
    async def story() -> None:
        anna, piotr, ewa = [await office.phone(one) for one in ("101", "102", "104")]
        out, inward = await connected(anna, piotr)
        began = office.loop.time()
        await keys(out, "*1104")
        new = await answer(ewa)
        assert 3.0 < office.loop.time() - began < 5.0
        await out.over()
        assert office.hears(new, inward)
        new.bye()
        await inward.over()

    office.do(story())


@pytest.mark.parametrize(
    ("number", "status", "prompt"),
    [("999999", 404, "number_not_in_service"), ("104", 486, "busy"), ("103", 480, "unavailable")],
)
def test_a_wrong_number_leads_back(
    office: VirtualOffice, number: str, status: int, prompt: str
) -> None:
    async def story() -> None:
        piotr, ewa = await office.phone("102"), await office.phone("104")
        ewa.rings = lambda call: call.answer(486)
        out, inward = await from_outside(office, piotr)
        await keys(inward, f"*1{number}#")
        await office.until(lambda: "transfer.failed" in office.kinds(), "it fails")
        assert told(office, "transfer.failed")["status"] == status
        (item,) = office.media.legs[office.leg_of(inward)].items
        assert item.endswith(f"/{prompt}.flac")
        await asyncio.sleep(3)
        assert office.hears(out, inward)
        inward.bye()
        await out.over()

    office.do(story())
    assert office.row().handled_by == "102"


def test_nobody_answers_and_it_comes_back(office: VirtualOffice) -> None:
    async def story() -> None:
        piotr, ewa = await office.phone("102"), await office.phone("104")
        out, inward = await from_outside(office, piotr)
        await keys(inward, "*1104#")
        new = await ewa.rung()
        new.ring()
        inward.bye()
        back = await answer(piotr)
        assert "Powr" in back.invite.get("From")
        await office.until(lambda: office.hears(out, back), "they talk again")
        out.bye()
        await back.over()

    office.do(story())
    assert "transfer.returned" in office.kinds()


def test_to_a_queue(office: VirtualOffice) -> None:
    async def story() -> None:
        piotr, marta = await office.phone("102"), await office.phone("121")
        out, inward = await from_outside(office, piotr)
        await keys(inward, "*1300#")
        await inward.over()
        new = await answer(marta)
        await office.until(lambda: office.hears(out, new), "the agent")
        new.bye()
        await out.over()

    office.do(story())
    assert (office.row().queue, office.row().handled_by) == ("reception", "121")


# --- who may, and what passes ---


def test_a_client_has_no_codes(office: VirtualOffice) -> None:
    async def story() -> None:
        piotr, ewa = await office.phone("102"), await office.phone("104")
        out, inward = await from_outside(office, piotr)
        await keys(out, "*1104#*2104#*7")
        await asyncio.sleep(5)
        assert office.hears(out, inward) and not ewa.got("INVITE")
        # His keys are for whom he talks with.
        assert office.media.legs[office.leg_of(inward)].digits == "*1104#*2104#*7"
        out.bye()
        await inward.over()

    office.do(story())
    assert "transfer" not in office.kinds()


def test_keys_pass_to_a_bank(office: VirtualOffice) -> None:
    async def story() -> None:
        anna, bank = await office.phone("101"), await office.provider()
        out = await anna.dial("601202303")
        far = await answer(bank)
        await out.answered()
        await office.until(lambda: office.hears(out, far), "the bank answers")
        await keys(out, "1234#*9*1")
        await asyncio.sleep(5)
        assert office.media.legs[office.leg_of(far)].digits == "1234#*9*1"
        assert office.hears(out, far)
        out.bye()
        await far.over()

    office.do(story())
    assert "transfer" not in office.kinds()
