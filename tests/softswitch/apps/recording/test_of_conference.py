"""A conference that is recorded: who is told, who is heard by the tape, and when it rests."""

import asyncio
from collections.abc import Iterator

import pytest

from softswitch.apps.recording.facts import MARK
from softswitch.store.fold import fold
from tests.helpers.hand_phone import Call, Phone
from tests.helpers.rehearsal import press
from tests.helpers.virtual_office import VirtualOffice, virtual_office
from tests.softswitch.apps.recording.test_of_call import SECRET, hears_notice, is_recorded
from tests.softswitch.apps.test_transfer import refer

OPEN = "351"
POLICIES = f"""\
recording:
  - {{direction: internal, purpose: szkolenie, keep: 9d, notice: notice_recorded}}
  - {{conference: open, purpose: protokół, keep: 9d, notice: notice_recorded, opt_out_key: 9}}
never_recorded: ["{SECRET}"]
"""


@pytest.fixture
def office() -> Iterator[VirtualOffice]:
    with virtual_office(POLICIES) as running:
        yield running
        running.check_calm()
        assert not running.media.cut and not running.media.recordings
        assert not running.server.desk.conferences
        dump = running.server.dump()
        assert (dump["calls recorded"], dump["tapes"], dump["conferring"]) == (0, 0, 0)


def inside(office: VirtualOffice) -> int:
    return len(office.server.desk.conferences.get("open", ()))


async def enters(office: VirtualOffice, phone: Phone, number: str = OPEN) -> Call:
    """He is in: after the notice, if he hears one."""
    before = inside(office)
    call = await phone.dial(number)
    await call.answered()
    await office.until(lambda: inside(office) == before + 1, "he is in", 20)
    return call


async def phones(office: VirtualOffice, *extensions: str) -> list[Phone]:
    return [await office.phone(one) for one in extensions]


async def leave(office: VirtualOffice, *calls: Call) -> None:
    for call in calls:
        call.bye()
    await office.until(lambda: not inside(office), "all have left")


def stories(office: VirtualOffice) -> dict[str, list[str]]:
    """By who called, what was told of recording."""
    found = {}
    for call in office.calls():
        events = office.story(call)
        told = [e.kind.removeprefix("recording.") for e in events if "recording." in e.kind]
        found[str(events[0].data["number"])] = told
    return found


def test_each_is_told_before_he_is_in_and_then_heard_by_the_tape(office: VirtualOffice) -> None:
    async def story() -> None:
        anna, piotr, marta = await phones(office, "101", "102", "121")
        first = await enters(office, anna)
        assert not office.media.recorded(), "nobody to talk with"
        second = await piotr.dial(OPEN)
        await second.answered()
        await office.until(lambda: hears_notice(office, second), "the notice")
        assert inside(office) == 1 and not office.media.recorded()
        await office.until(lambda: is_recorded(office, first, second), "both are recorded", 20)
        third = await enters(office, marta)
        await office.until(lambda: is_recorded(office, first, second, third), "all three are")
        assert len(office.media.recordings) == 1
        (command,) = office.media.recordings.values()
        assert command.mono and command.key
        third.bye()
        await office.until(lambda: is_recorded(office, first, second), "who is left")
        await leave(office, first, second)

    office.do(story())
    assert stories(office) == dict.fromkeys(("101", "102", "121"), ["notice", "started", "ended"])
    rows = {fold(office.story(call)).recording for call in office.calls()}
    assert len(rows) == 1 and None not in rows, "everybody's row names the one recording"


def shown(office: VirtualOffice, call: Call) -> str | None:
    """The name on the display of this phone; None: what it dialled."""
    number = office.leg_of(call)
    members = office.server.desk.conferences["open"].members
    (leg,) = [leg for leg in members if leg.sound.leg == number]
    return leg.shown.name if leg.shown is not None else None


def test_the_phones_show_that_it_is_recorded(office: VirtualOffice) -> None:
    async def story() -> None:
        anna, piotr, ewa = await phones(office, "101", "102", SECRET)
        first = await enters(office, anna)
        await asyncio.sleep(2)
        assert shown(office, first) is None, "nobody to talk with, nothing is written"
        second = await enters(office, piotr)
        both = (first, second)
        await office.until(lambda: is_recorded(office, *both), "both are recorded")
        assert {shown(office, one) for one in both} == {f"{MARK}open"}
        secret = await enters(office, ewa)
        await asyncio.sleep(2)
        assert {shown(office, one) for one in both} == {"open"}
        assert shown(office, secret) is None, "he was told of no recording"
        secret.bye()
        await office.until(lambda: is_recorded(office, *both), "they are recorded again")
        assert {shown(office, one) for one in both} == {f"{MARK}open"}
        second.bye()
        await office.until(lambda: shown(office, first) == "open", "alone again")
        await leave(office, first)

    office.do(story())


def test_of_a_client_who_is_led_in_the_index_has_his_number(office: VirtualOffice) -> None:
    """Somebody called him and sent him in: his number is the client's, not the one dialled."""

    async def story() -> str | None:
        anna, piotr = await phones(office, "101", "102")
        provider = await office.provider()
        out = await anna.dial("600100200")
        client = await provider.rung()
        client.answer()
        await out.answered()
        await refer(out, OPEN)
        await office.until(lambda: inside(office) == 1, "the client is in", 20)
        second = await enters(office, piotr)
        await office.until(lambda: office.media.recordings, "it is recorded")
        conference = office.server.desk.conferences["open"].recording
        facts = conference.facts
        client.bye()
        await leave(office, second)
        return f"{facts.direction} {facts.number} {facts.called}"

    assert office.do(story()) == "out +48600100200 None"


def test_it_rests_while_somebody_is_in_who_is_never_recorded(office: VirtualOffice) -> None:
    async def story() -> None:
        anna, piotr, ewa = await phones(office, "101", "102", SECRET)
        first, second = await enters(office, anna), await enters(office, piotr)
        await office.until(lambda: is_recorded(office, first, second), "both are recorded")
        secret = await enters(office, ewa)
        assert office.leg_of(secret) in office.media.protected, "the engine refuses by itself"
        await asyncio.sleep(3)
        assert not office.media.recorded()
        assert list(office.media.paused.values()) == ["privileged"]
        secret.bye()
        await office.until(lambda: is_recorded(office, first, second), "they are recorded again")
        await leave(office, first, second)

    office.do(story())
    assert stories(office)[SECRET] == ["denied"]
    assert not office.media.mistakes, "it rested before he was heard"


def test_it_does_not_begin_while_he_is_in(office: VirtualOffice) -> None:
    async def story() -> None:
        ewa, anna = await phones(office, SECRET, "101")
        secret, first = await enters(office, ewa), await enters(office, anna)
        await asyncio.sleep(3)
        assert not office.media.recordings
        await leave(office, secret, first)

    office.do(story())
    assert stories(office) == {SECRET: ["denied"], "101": ["notice"]}


@pytest.mark.parametrize("when", ["notice", "inside"])
def test_one_refusal_is_everybodys(office: VirtualOffice, when: str) -> None:
    async def story() -> None:
        anna, piotr, marta = await phones(office, "101", "102", "121")
        first, second = await enters(office, anna), await enters(office, piotr)
        await office.until(lambda: is_recorded(office, first, second), "both are recorded")
        third = await marta.dial(OPEN)
        await third.answered()
        await office.until(lambda: hears_notice(office, third), "the notice")
        if when == "notice":
            await press(third, "9")
        await office.until(lambda: inside(office) == 3, "he is in", 20)
        if when == "inside":
            await office.until(lambda: is_recorded(office, first, second, third), "all three are")
            await press(third, "9")
        await office.until(lambda: not office.media.recorded(), "nobody is")
        assert list(office.media.paused.values()) == ["refused"]
        third.bye()
        await office.until(lambda: is_recorded(office, first, second), "they are recorded again")
        await leave(office, first, second)

    office.do(story())
    assert "refused" in stories(office)["121"]


def test_who_hangs_up_while_he_is_told_has_never_been_in(office: VirtualOffice) -> None:
    async def story() -> None:
        (anna,) = await phones(office, "101")
        call = await anna.dial(OPEN)
        await call.answered()
        await office.until(lambda: hears_notice(office, call), "the notice")
        call.bye()
        await office.until(lambda: not office.server.desk.conferences, "nobody is expected")

    office.do(story())
    assert stories(office) == {"101": []}


def test_another_conference_is_not_recorded() -> None:
    """Not by the policy of calls between colleagues, either."""
    with virtual_office(POLICIES.replace("conference: open", "conference: board")) as office:

        async def story() -> None:
            anna, piotr = await phones(office, "101", "102")
            first, second = await enters(office, anna), await enters(office, piotr)
            await asyncio.sleep(3)
            assert not office.media.recordings
            await leave(office, first, second)

        office.do(story())
        assert stories(office) == {"101": [], "102": []}
        office.check_calm()
