"""What is recorded of a call, over its whole life, in virtual time: who is heard by which tape."""

import asyncio
from collections.abc import Iterator

import pytest

from softswitch.apps.recording.facts import MARK
from tests.helpers.hand_phone import Call, Phone
from tests.helpers.rehearsal import press
from tests.helpers.virtual_office import VirtualOffice, virtual_office
from tests.softswitch.apps.test_talk_codes import SHORT_RING, answer, keys, told

MAIN, MOBILE = "+48221234567", "600100200"
SECRET = "104"  # never recorded
POLICIES = """\
recording:
  - {queue: reception, purpose: ustalenia, keep: 90d, notice: notice_recorded, opt_out_key: 9}
  - {number: "+48 22 123 45 70", purpose: szkolenie, keep: 9d, notice: notice_recorded}
  - {direction: out, purpose: zlecenia, keep: 30d, notice: notice_recorded, opt_out_key: 8}
never_recorded: [104, "+48 600 100 300"]
"""


@pytest.fixture
def office() -> Iterator[VirtualOffice]:
    with virtual_office(POLICIES) as running:
        yield running
        running.do(running.server.desk.alarms.close())  # of 112
        running.check_calm()
        assert not running.media.cut and not running.media.recordings
        dump = running.server.dump()
        assert (dump["calls recorded"], dump["tapes"]) == (0, 0)


def kinds(office: VirtualOffice, word: str = "recording.") -> list[str]:
    return [kind.removeprefix(word) for kind in office.kinds() if kind.startswith(word)]


def is_recorded(office: VirtualOffice, *calls: Call) -> bool:
    """These and nobody else."""
    return office.media.recorded() == {office.leg_of(call) for call in calls}


def hears_notice(office: VirtualOffice, call: Call) -> bool:
    row = office.media.legs[office.leg_of(call)]
    return any("notice_recorded" in item for item in row.items)


def shown(office: VirtualOffice, call: Call) -> str:
    """The name on the display of this phone."""
    number = office.leg_of(call)
    (leg,) = [leg for leg in office.server.desk.talks if leg.sound.leg == number]
    return (leg.shown.name or "") if leg.shown is not None else ""


async def through(office: VirtualOffice, agent: Phone, number: str) -> tuple[Call, Call]:
    """A client calls, hears the notice, and talks with an agent."""
    client = await office.provider()
    out = await client.dial(number)
    await out.answered()
    await office.until(lambda: hears_notice(office, out), "the notice")
    assert not office.media.recorded()
    inward = await agent.rung()
    inward.answer()
    await agent.expect("ACK", call=inward)
    await office.until(lambda: office.hears(out, inward), "they talk")
    await office.until(lambda: is_recorded(office, out, inward), "both are recorded")
    return out, inward


async def queued(office: VirtualOffice, agent: Phone) -> tuple[Call, Call]:
    """The same, by the menu and the queue."""
    client = await office.provider()
    out = await client.dial(MAIN)
    await out.answered()
    await office.until(lambda: hears_notice(office, out), "the notice")
    inward = await answer(agent)
    await office.until(lambda: is_recorded(office, out, inward), "both are recorded")
    return out, inward


def test_the_notice_comes_before_the_phone_rings(office: VirtualOffice) -> None:
    async def story() -> None:
        piotr = await office.phone("102")
        out, inward = await through(office, piotr, SHORT_RING)
        await asyncio.sleep(5)
        out.bye()
        await inward.over()

    office.do(story())
    assert kinds(office) == ["notice", "started", "ended"]
    notice = told(office, "recording.notice")
    assert notice["outcome"] == "heard" and notice["prompts"] == ["notice_recorded"]
    assert len(str(notice["version"])) == 12
    assert told(office, "recording.started")["purpose"] == "szkolenie"
    assert office.row().recording == told(office, "recording.started")["recording"]
    when = {event.kind: event.at for event in office.story(office.calls()[-1])}
    assert when["recording.notice"] <= when["ring.started"] < when["recording.started"]


def test_a_queue_whose_caller_refuses_keeps_his_place(office: VirtualOffice) -> None:
    async def story() -> None:
        agents = [await office.phone(one) for one in ("121", "122")]
        client = await office.provider()
        out = await client.dial(MAIN)
        await out.answered()
        await office.until(lambda: hears_notice(office, out), "the notice")
        await press(out, "9")
        inward = await answer(agents[0])
        await office.until(lambda: office.hears(out, inward), "they talk")
        await asyncio.sleep(3)
        assert not office.media.recorded()
        out.bye()
        await inward.over()

    office.do(story())
    assert kinds(office) == ["notice", "refused"]
    assert told(office, "recording.notice")["outcome"] == "refused"
    assert told(office, "queue.entered")["position"] == 1
    assert office.row().recording is None


def test_who_waits_may_refuse_at_any_moment(office: VirtualOffice) -> None:
    async def story() -> None:
        marta = await office.phone("121")
        client = await office.provider()
        out = await client.dial(MAIN)
        await out.answered()
        inward = await marta.rung()
        await asyncio.sleep(1)
        await press(out, "9")
        await asyncio.sleep(0.3)
        row = office.media.legs[office.leg_of(out)]
        assert any("notice_not_recorded" in item for item in row.items)
        inward.answer()
        await office.until(lambda: office.hears(out, inward), "they talk")
        await asyncio.sleep(1)
        assert not office.media.recorded()
        out.bye()
        await inward.over()

    office.do(story())
    assert kinds(office) == ["notice", "refused"]


def test_who_talks_may_refuse_and_the_talk_goes_on(office: VirtualOffice) -> None:
    async def story() -> None:
        marta = await office.phone("121")
        out, inward = await queued(office, marta)
        await press(inward, "9")  # of the agent it means nothing
        await asyncio.sleep(1)
        assert is_recorded(office, out, inward)
        await press(out, "9")
        await asyncio.sleep(1)
        assert office.hears(out, inward) and not office.media.recorded()
        await keys(inward, "*3")
        await asyncio.sleep(1)
        assert not office.media.recorded()
        out.bye()
        await inward.over()

    office.do(story())
    assert kinds(office) == ["notice", "started", "refused", "ended"]


def test_outbound_the_called_one_hears_it_first(office: VirtualOffice) -> None:
    async def story() -> None:
        piotr, client = await office.phone("102"), await office.provider()
        out = await piotr.dial(MOBILE)
        called = await client.rung()
        called.answer()
        await out.answered()
        await office.until(lambda: hears_notice(office, called), "the notice", 2)
        assert hears_notice(office, out)  # he knows why nobody answers him yet
        assert not office.media.recorded() and not office.hears(out, called)
        await office.until(lambda: is_recorded(office, out, called), "both are recorded", 5)
        assert office.hears(out, called)
        called.bye()
        await out.over()

    office.do(story())
    assert kinds(office) == ["notice", "started", "ended"]
    assert told(office, "recording.notice")["who"] == ["+48600100200"]


def test_outbound_the_called_one_refuses(office: VirtualOffice) -> None:
    async def story() -> None:
        piotr, client = await office.phone("102"), await office.provider()
        out = await piotr.dial(MOBILE)
        called = await client.rung()
        called.answer()
        await out.answered()
        await office.until(lambda: hears_notice(office, called), "the notice", 2)
        await press(called, "8")
        await office.until(lambda: office.hears(out, called), "they talk", 5)
        await asyncio.sleep(2)
        assert not office.media.recorded()
        called.bye()
        await out.over()

    office.do(story())
    assert kinds(office) == ["notice", "refused"]


def test_who_hangs_up_while_he_is_told_is_not_recorded(office: VirtualOffice) -> None:
    async def story() -> None:
        piotr, client = await office.phone("102"), await office.provider()
        out = await piotr.dial(MOBILE)
        called = await client.rung()
        called.answer()
        await out.answered()
        await office.until(lambda: hears_notice(office, called), "the notice", 2)
        called.bye()
        await out.over()

    office.do(story())
    assert kinds(office) == ["notice"]
    assert told(office, "recording.notice")["outcome"] == "unheard"


@pytest.mark.parametrize("number", ["600100300", "112"])
def test_some_numbers_are_never_recorded(office: VirtualOffice, number: str) -> None:
    async def story() -> None:
        piotr, client = await office.phone("102"), await office.provider()
        out = await piotr.dial(number)
        called = await client.rung()
        called.answer()
        await out.answered()
        await office.until(lambda: office.hears(out, called), "at once", 0.3)
        assert office.leg_of(called) in office.media.protected
        await asyncio.sleep(2)
        assert not office.media.recorded()
        called.bye()
        await out.over()

    office.do(story())
    assert kinds(office) == ["denied"]


def test_colleagues_among_themselves_are_not_recorded(office: VirtualOffice) -> None:
    async def story() -> None:
        anna, piotr = await office.phone("101"), await office.phone("102")
        out = await anna.dial("102")
        inward = await answer(piotr)
        await out.answered()
        await office.until(lambda: office.hears(out, inward), "they talk")
        await asyncio.sleep(1)
        assert not office.media.recorded()
        out.bye()
        await inward.over()

    office.do(story())
    assert kinds(office) == []


def test_a_pause_by_code_and_what_the_phones_show(office: VirtualOffice) -> None:
    async def story() -> None:
        marta = await office.phone("121")
        out, inward = await queued(office, marta)
        assert shown(office, inward).startswith(MARK)
        await keys(inward, "*3")
        await asyncio.sleep(1)
        assert not office.media.recorded() and office.hears(out, inward)
        assert list(office.media.paused.values()) == ["paused"]
        assert not shown(office, inward).startswith(MARK)
        await keys(inward, "*3")
        await asyncio.sleep(1)
        assert is_recorded(office, out, inward)
        out.bye()
        await inward.over()

    office.do(story())
    assert kinds(office) == ["notice", "started", "paused", "resumed", "ended"]
    assert told(office, "recording.paused") == {"by": "121"}


def test_nothing_is_written_while_somebody_is_held(office: VirtualOffice) -> None:
    async def story() -> None:
        marta = await office.phone("121")
        out, inward = await queued(office, marta)
        await inward.hold()
        assert not office.media.recorded()
        assert list(office.media.paused.values()) == ["hold"]
        await inward.reinvite(marta.offer(version=7))
        await asyncio.sleep(0.5)
        assert is_recorded(office, out, inward)
        out.bye()
        await inward.over()

    office.do(story())
    assert kinds(office) == ["notice", "started", "ended"]


def test_it_belongs_to_the_call_over_a_transfer(office: VirtualOffice) -> None:
    async def story() -> None:
        marta, piotr = await office.phone("121"), await office.phone("102")
        out, inward = await queued(office, marta)
        (recording,) = office.media.recordings
        await keys(inward, "*1102#")
        new = await piotr.rung()
        assert not office.media.recorded()
        await asyncio.sleep(2)
        new.answer()
        await inward.over()
        await office.until(lambda: is_recorded(office, out, new), "the new one is recorded")
        assert list(office.media.recordings) == [recording]
        out.bye()
        await new.over()

    office.do(story())
    assert kinds(office) == ["notice", "started", "ended"]


def test_somebody_who_is_never_recorded_interrupts_it(office: VirtualOffice) -> None:
    async def story() -> None:
        marta, ewa, piotr = [await office.phone(one) for one in ("121", SECRET, "102")]
        out, inward = await queued(office, marta)
        (recording,) = office.media.recordings
        await keys(inward, f"*1{SECRET}#")
        secret = await answer(ewa)
        await office.until(lambda: office.hears(out, secret), "they talk")
        await asyncio.sleep(5)
        assert not office.media.recorded()
        assert list(office.media.paused.values()) == ["privileged"]
        assert office.leg_of(secret) in office.media.protected
        await keys(secret, "*3")  # neither by code
        await asyncio.sleep(1)
        assert not office.media.recorded()
        await keys(secret, "*3*1102#")
        new = await answer(piotr)
        await office.until(lambda: is_recorded(office, out, new), "it comes back")
        assert list(office.media.recordings) == [recording]
        out.bye()
        await new.over()

    office.do(story())
    assert kinds(office) == ["notice", "started", "denied", "paused", "resumed", "ended"]
    assert told(office, "recording.denied") == {"who": SECRET, "ground": "number"}


def test_a_colleague_who_is_asked_is_not_recorded(office: VirtualOffice) -> None:
    async def story() -> None:
        marta, piotr = await office.phone("121"), await office.phone("102")
        out, inward = await queued(office, marta)
        await keys(inward, "*2102#")
        asked = await answer(piotr)
        await office.until(lambda: office.hears(inward, asked), "they talk")
        await asyncio.sleep(2)
        assert not office.media.recorded()
        await keys(inward, "*2")
        await office.until(lambda: is_recorded(office, out, asked), "now he is")
        out.bye()
        await asked.over()

    office.do(story())


def test_an_office_without_policies_does_nothing() -> None:
    async def story(office: VirtualOffice) -> None:
        piotr, client = await office.phone("102"), await office.provider()
        out = await client.dial(SHORT_RING)
        inward = await answer(piotr)
        await out.answered()
        await office.until(lambda: office.hears(out, inward), "they talk")
        await asyncio.sleep(1)
        assert not office.media.recordings and not office.media.protected
        out.bye()
        await inward.over()

    with virtual_office() as office:
        office.do(story(office))
        assert kinds(office) == []
