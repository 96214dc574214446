"""Calls for help told aloud: phones ring, a lamp is lit, until somebody of the office knows."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from sqlalchemy import Executable, create_engine
from sqlalchemy.pool import StaticPool

from softswitch.apps.alarm_recall import LATELY, RINGS_FOR, recall_alarms
from softswitch.apps.emergency_alert import PAUSE, RING_SECONDS, ROUNDS
from softswitch.office.codes import Setting
from softswitch.presence.things import EMERGENCY
from softswitch.store.event import encode_data
from softswitch.store.schema import calls, events, metadata, to_micros
from tests.helpers.hand_phone import Call, Phone
from tests.helpers.virtual_office import VirtualOffice, virtual_office

# 102 is told, 103 too; 101 calls.
RULES = """
emergency: {tell: [102, 103]}
"""


@pytest.fixture
def house() -> Iterator[VirtualOffice]:
    with virtual_office(RULES) as office:
        yield office
        assert not is_lit(office), "everybody who was told has noticed"
        office.check_calm()


def is_lit(house: VirtualOffice) -> bool:
    return house.server.presence.lamps.is_lit(EMERGENCY)


def played(house: VirtualOffice) -> list[str]:
    """The prompts, in their order, by their names."""
    return [str(one).rsplit("/", 1)[-1].split(".")[0] for one in house.media.played]


async def help_called(house: VirtualOffice, anna: Phone, *told: Phone) -> tuple[Call, Call]:
    """101 talks with the rescuers at once; the others are told by text."""
    provider = await house.provider()
    out = await anna.dial("112")
    rescue = await provider.rung()
    rescue.answer()
    await out.answered()
    for phone in told:
        await texted(phone)
    return out, rescue


async def texted(phone: Phone) -> None:
    phone.answer(await phone.expect("MESSAGE"), 200)


async def ended(out: Call, rescue: Call) -> None:
    out.bye()
    await rescue.over()


def kinds(house: VirtualOffice) -> list[str]:
    return [kind for kind in house.kinds() if kind.startswith("emergency.")]


def test_who_answers_hears_who_called_which_number(house: VirtualOffice) -> None:
    """Though he wants no calls; the others do not ring any more, and the lamp is dark."""

    async def story() -> None:
        anna, piotr, ewa = [await house.phone(one) for one in ("101", "102", "103")]
        house.server.desk.standing.set("102", Setting.DND, True)
        call = await help_called(house, anna, piotr, ewa)
        assert is_lit(house)
        rung, other = await piotr.rung(), await ewa.rung()
        shown = rung.invite.get("From")
        assert "ALARM 112: 101 Anna" in shown and "sip:101@" in shown
        rung.answer()
        await other.over()  # cancelled
        await rung.over()  # after it was said twice
        assert not is_lit(house)
        said = ["emergency_alarm", "number_1", "number_0", "number_1", "emergency_dialled"]
        said += ["number_1", "number_1", "number_2"]
        assert played(house) == said * 2
        await ended(*call)
        assert kinds(house) == ["emergency.called", "emergency.rings", "emergency.acknowledged"]
        house.server.desk.standing.set("102", Setting.DND, False)

    house.do(story())


def test_the_star_code_says_it_and_ends_the_ringing(house: VirtualOffice) -> None:
    async def story() -> None:
        anna, piotr = await house.phone("101"), await house.phone("102")
        call = await help_called(house, anna, piotr)
        rung = await piotr.rung()
        ask = await piotr.dial("*#91")
        await ask.answered()
        await ask.over()
        assert is_lit(house) and played(house)[0] == "emergency_alarm", "asking changes nothing"
        tell = await piotr.dial("*91")
        await tell.answered()
        await rung.over()  # cancelled
        await tell.over()
        assert not is_lit(house)
        house.media.played.clear()
        again = await piotr.dial("*91")
        await again.answered()
        await again.over()
        assert played(house) == ["emergency_none"]
        await ended(*call)

    house.do(story())


def test_only_who_is_told_can_notice(house: VirtualOffice) -> None:
    async def story() -> None:
        anna, piotr = await house.phone("101"), await house.phone("102")
        call = await help_called(house, anna, piotr)
        mine = await anna.dial("*91")
        await mine.answered()
        await mine.over()
        assert is_lit(house), "who called for help is not who has to know"
        (await piotr.rung()).answer()
        await house.until(lambda: not is_lit(house), "the lamp is dark")
        await ended(*call)

    house.do(story())


def test_nobody_answers(house: VirtualOffice) -> None:
    """They are rung some times, and the lamp stays until somebody comes."""

    async def story() -> None:
        anna, piotr = await house.phone("101"), await house.phone("102")
        call = await help_called(house, anna, piotr)
        (await piotr.rung()).answer(603)  # not now
        for _ in range(ROUNDS - 1):
            rung = await piotr.rung(within=RING_SECONDS + PAUSE + 1.0)
            await rung.over()
        await ended(*call)
        await asyncio.sleep(RING_SECONDS + PAUSE + 1.0)
        assert is_lit(house) and kinds(house).count("emergency.rings") == ROUNDS
        assert not house.server.desk.alarms.dump()["alarms ringing"]
        done = await piotr.dial("*91")
        await done.answered()
        await done.over()

    house.do(story())


def test_a_test_of_it_is_told_as_one(house: VirtualOffice) -> None:
    async def story() -> None:
        anna, piotr = await house.phone("101"), await house.phone("102")
        out = await anna.dial("*90112")
        await out.answered()
        await texted(piotr)
        rung = await piotr.rung()
        assert "Test 112: 101 Anna" in rung.invite.get("From")
        await out.over()
        house.media.played.clear()
        rung.answer()
        await rung.over()
        assert played(house)[:2] == ["emergency_drill", "emergency_alarm"]

    house.do(story())


def test_it_does_not_ring_where_it_is_not_wanted() -> None:
    with virtual_office("\nemergency: {tell: [102], ring: false}\n") as house:

        async def story() -> None:
            anna, piotr = await house.phone("101"), await house.phone("102")
            call = await help_called(house, anna, piotr)
            await asyncio.sleep(1.0)
            assert not piotr.got("INVITE") and is_lit(house)
            await ended(*call)
            done = await piotr.dial("*91")
            await done.answered()
            await done.over()

        house.do(story())
        house.check_calm()


class Log:
    """The event log of a run that was killed, as the next one finds it on the disk."""

    def __init__(self, house: VirtualOffice) -> None:
        self._engine = create_engine("sqlite://", poolclass=StaticPool)
        metadata.create_all(self._engine)
        self.calls = house.calls()
        with self._engine.begin() as disk:
            for call in self.calls:
                rows = [
                    {"call": one.call, "id": number, "at": to_micros(one.at), "kind": one.kind,
                     "data": encode_data(one.data)}
                    for number, one in enumerate(house.story(call))
                ]  # fmt: skip
                disk.execute(events.insert(), rows)
                row = {"id": call, "started": rows[0]["at"], "direction": "out"}
                disk.execute(calls.insert(), [row | {"wait": 0.0, "talk": 0.0}])

    async def read(self, query: Executable) -> Sequence[Any]:
        with self._engine.connect() as disk:
            return disk.execute(query).all()


def killed_meanwhile(*, notice: bool = False) -> Log:
    """101 has called for help; of those who are told, somebody has noticed, or nobody had yet."""

    async def story() -> Log:
        anna, piotr = await house.phone("101"), await house.phone("102")
        call = await help_called(house, anna, piotr)
        rung = await piotr.rung()
        before = Log(house)
        rung.answer()  # the house that is killed is to be calm, too
        await rung.over()
        await ended(*call)
        return Log(house) if notice else before

    with virtual_office(RULES) as house:
        return house.do(story())


@pytest.mark.parametrize("after", [30.0, 3600.0], ids=["soon", "later"])
def test_a_restart_forgets_no_alarm(after: float) -> None:
    """The lamp is lit again; phones ring again while they would have rung anyway."""
    log = killed_meanwhile()
    with virtual_office(RULES) as house:

        async def story() -> None:
            piotr = await house.phone("102")
            await asyncio.sleep(after)
            await recall_alarms(house.server.desk, log)
            assert is_lit(house)
            await asyncio.sleep(1.0)
            if after > RINGS_FOR.total_seconds():
                assert not piotr.got("INVITE")
            else:
                rung = await piotr.rung()
                assert "ALARM 112: 101 Anna" in rung.invite.get("From")
            done = await piotr.dial("*91")
            await done.answered()
            await done.over()
            assert not is_lit(house) and "emergency_alarm" in played(house)
            (noticed,) = [one for one in house.events if one.kind == "emergency.acknowledged"]
            assert noticed.call == log.calls[0] and noticed.data == {"by": "102", "how": "code"}
            await asyncio.sleep(1.0)

        house.do(story())
        house.check_calm()


@pytest.mark.parametrize(
    ("notice", "after"),
    [(True, 30.0), (False, LATELY.total_seconds() + 60.0)],
    ids=["noticed", "old"],
)
def test_what_was_noticed_and_what_is_old_is_over(notice: bool, after: float) -> None:
    log = killed_meanwhile(notice=notice)
    with virtual_office(RULES) as house:

        async def story() -> None:
            await asyncio.sleep(after)
            await recall_alarms(house.server.desk, log)
            assert not is_lit(house)

        house.do(story())
        house.check_calm()
