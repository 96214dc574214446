"""A supervisor beside an agent's talk: who hears whom, who may, and what no right opens."""

from collections.abc import Iterator

import pytest

from tests.helpers.hand_phone import Call, Phone
from tests.helpers.virtual_office import VirtualOffice, virtual_office
from tests.softswitch.apps.queue import test_hall as hall

OFFICE = (
    hall.OFFICE.replace("how: in_order,", "how: in_order, supervisors: [123],", 1)
    .replace("123: {name: Iza}", "123: {name: Iza}\n  124: {name: Zofia}")
    .replace("whisper: queue_still, greeting: connecting,", "")
)


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Iterator[VirtualOffice]:
    monkeypatch.setattr("tests.helpers.virtual_office.OFFICE", OFFICE)
    with virtual_office("# supervised\n") as running:
        yield running
        running.check_calm()


async def talks(office: VirtualOffice, number: str = hall.QUEUE_NUMBER) -> tuple[Call, Call]:
    """A client and Marta, through a queue."""
    provider, marta = await office.provider(), await office.phone("121")
    marta.rings = lambda call: call.answer()
    caller = await hall.comes(provider, number)
    rung = await marta.rung()
    await office.until(lambda: office.hears(caller, rung), "they talk")
    return caller, rung


def heard(office: VirtualOffice, one: Call, *others: Call) -> bool:
    expected = sorted(office.leg_of(other) for other in others)
    return sorted(office.media.heard_by(office.leg_of(one))) == expected


@pytest.mark.parametrize("code", ["*34121", "*35121", "*36121"])
def test_who_hears_whom(office: VirtualOffice, code: str) -> None:
    async def story() -> None:
        caller, agent = await talks(office)
        iza = await office.phone("123")
        third = await (await iza.dial(code)).answered()
        await office.until(lambda: heard(office, third, caller, agent), "he hears both")
        assert heard(office, agent, caller, *([] if code == "*34121" else [third]))
        assert heard(office, caller, agent, *([third] if code == "*36121" else []))
        third.bye()
        await office.until(lambda: office.hears(caller, agent), "the two talk on")
        caller.bye()
        await agent.over()

    office.do(story())
    kinds = [event.kind for event in office.events]
    assert kinds.count("supervision.started") == kinds.count("supervision.ended") == 1


def test_keys_change_how_and_the_end_of_the_talk_lets_him_go(office: VirtualOffice) -> None:
    async def story() -> None:
        caller, agent = await talks(office)
        iza = await office.phone("123")
        third = await (await iza.dial("*34*121")).answered()
        await office.until(lambda: heard(office, third, caller, agent), "he hears both")
        await hall.keyed(office, third, "6")
        await office.until(lambda: heard(office, caller, agent, third), "he joins")
        await hall.keyed(office, third, "9")
        await hall.keyed(office, third, "4")
        await office.until(lambda: heard(office, caller, agent), "he is silent again")
        caller.bye()
        await agent.over()
        await third.over()

    office.do(story())


async def refused(phone: Phone, code: str) -> int:
    call = await phone.dial(code)
    final = await phone.expect(branch=call.invite.branch, final=True)
    phone.acknowledge(call.invite, final)
    return final.status


def test_who_may_not_and_whom_one_may_not(office: VirtualOffice) -> None:
    async def story() -> None:
        caller, agent = await talks(office)
        iza, zofia = await office.phone("123"), await office.phone("124")
        assert await refused(zofia, "*34121") == 403, "no supervisor"
        assert await refused(iza, "*34124") == 403, "an agent of no queue of his"
        assert await refused(iza, "*34122") == 480, "who does not talk"
        assert await refused(iza, "*34999") == 404
        assert await refused(iza, "*34") == 404
        first = await (await iza.dial("*34121")).answered()
        assert await refused(iza, "*36121") == 486, "one is there already"
        caller.bye()
        await agent.over()
        await first.over()

    office.do(story())


def test_a_talk_of_another_queue_is_not_his(office: VirtualOffice) -> None:
    async def story() -> None:
        caller, agent = await talks(office, hall.OTHER_NUMBER)
        iza = await office.phone("123")
        assert await refused(iza, "*34121") == 403
        caller.bye()
        await agent.over()

    office.do(story())


def test_a_privileged_talk_is_heard_by_nobody(
    office: VirtualOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        caller, agent = await talks(office)
        iza = await office.phone("123")
        for code in ("*34121", "*35121", "*36121"):
            assert await refused(iza, code) == 403
        assert office.hears(caller, agent)
        caller.bye()
        await agent.over()

    office_file = office.server.desk.office.office
    marta = office_file.people["121"].model_copy(update={"privileged": True})
    monkeypatch.setitem(office_file.people, "121", marta)
    office.do(story())
    grounds = [e.data["ground"] for e in office.events if e.kind == "supervision.refused"]
    assert grounds == ["person"] * 3
