"""A colleague is asked first, by keys: who hears whom and what, at each moment, whoever leaves."""

import asyncio
from collections.abc import Iterator

import pytest

from softswitch.apps.handover import HASTE
from softswitch.store.fold import Result
from tests.helpers.hand_phone import Call, Phone
from tests.helpers.virtual_office import VirtualOffice, virtual_office
from tests.softswitch.apps.test_talk_codes import answer, from_outside, keys, told
from tests.softswitch.calls.test_talk import connected


@pytest.fixture
def office() -> Iterator[VirtualOffice]:
    with virtual_office() as running:
        yield running
        running.check_calm()


class Three:
    """A client waits with music, 102 talks with 104 whom he asked."""

    out: Call
    inward: Call
    asked: Call
    piotr: Phone

    def __init__(self, office: VirtualOffice) -> None:
        self.office = office

    async def begin(self, *, by_caller: bool = False, final: int = 200) -> None:
        office = self.office
        self.piotr, ewa = await office.phone("102"), await office.phone("104")
        if by_caller:  # 102 has called 101, who waits
            anna = await office.phone("101")
            self.inward, self.out = await connected(self.piotr, anna)
        else:
            self.out, self.inward = await from_outside(office, self.piotr)
        await keys(self.inward, "*2104#")
        self.asked = await ewa.rung()
        assert ":102@" in self.asked.invite.get("From")
        self.asked.ring()
        await asyncio.sleep(0.1)
        assert office.music_for(self.out)
        if final == 200:
            self.asked.answer()
            await office.until(lambda: office.hears(self.inward, self.asked), "they consult")
            assert office.music_for(self.out) and not office.media.heard_by(office.leg_of(self.out))

    async def ends(self, one: Call, other: Call) -> None:
        """These two talk, and hang up."""
        await self.office.until(lambda: self.office.hears(one, other), "the two talk")
        await asyncio.sleep(HASTE + 1)
        one.bye()
        await other.over()


@pytest.mark.parametrize("how", ["code", "hang-up"])
@pytest.mark.parametrize("by_caller", [False, True])
def test_it_is_completed(office: VirtualOffice, how: str, by_caller: bool) -> None:
    three = Three(office)

    async def story() -> None:
        await three.begin(by_caller=by_caller)
        if how == "code":
            await keys(three.inward, "*2")
            await three.inward.over()
        else:
            three.inward.bye()
        await three.ends(three.out, three.asked)

    office.do(story())
    row = office.row()
    assert (row.result, row.handled_by) == (Result.TALKED, "104")
    assert told(office, "transfer")["how"] == "attended"
    assert told(office, "consultation.ended")["with"] == "104"


@pytest.mark.parametrize("how", ["code", "104 hangs up"])
def test_it_leads_back(office: VirtualOffice, how: str) -> None:
    three = Three(office)

    async def story() -> None:
        await three.begin()
        if how == "code":
            await keys(three.inward, "*0")
            await three.asked.over()
        else:
            three.asked.bye()
        await three.ends(three.inward, three.out)

    office.do(story())
    assert office.row().handled_by == "102"
    assert "transfer" not in office.kinds()


def test_the_one_who_waits_leaves_and_the_two_talk_on(office: VirtualOffice) -> None:
    three = Three(office)

    async def story() -> None:
        await three.begin()
        three.out.bye()
        await asyncio.sleep(1)
        await three.ends(three.asked, three.inward)

    office.do(story())


def test_two_leave_at_once_and_he_who_asked_is_rung(office: VirtualOffice) -> None:
    three = Three(office)

    async def story() -> None:
        await three.begin()
        three.inward.bye()
        three.asked.bye()
        back = await answer(three.piotr)
        await three.ends(three.out, back)

    office.do(story())
    assert "transfer.returned" in office.kinds()


def test_everybody_leaves_at_once(office: VirtualOffice) -> None:
    three = Three(office)

    async def story() -> None:
        await three.begin()
        for call in (three.out, three.inward, three.asked):
            call.bye()
        await asyncio.sleep(1)

    office.do(story())


def test_he_holds_the_one_whom_he_asks(office: VirtualOffice) -> None:
    three = Three(office)

    async def story() -> None:
        await three.begin()
        assert (await three.inward.hold()).status == 200
        assert office.music_for(three.asked)
        await three.inward.reinvite(three.inward.phone.offer(version=9))
        await office.until(lambda: office.hears(three.inward, three.asked), "they talk again")
        await keys(three.inward, "*2")
        await three.ends(three.asked, three.out)

    office.do(story())


def test_a_transfer_by_refer_has_to_wait(office: VirtualOffice) -> None:
    three = Three(office)

    async def story() -> None:
        await three.begin()
        for call in (three.inward, three.asked):
            request = call.inside("REFER")
            request.headers.append(("Refer-To", "<sip:103@a>"))
            call.phone.send(request)
            refused = await call.phone.expect(branch=request.branch, final=True)
            assert refused.status == 491
        three.asked.bye()
        await three.ends(three.inward, three.out)

    office.do(story())


# --- while it rings ---


@pytest.mark.parametrize("how", ["code", "hang-up"])
def test_it_is_completed_while_it_rings(office: VirtualOffice, how: str) -> None:
    """The client hears ringing from then on; the phone of 104 rings on."""
    three = Three(office)

    async def story() -> None:
        await three.begin(final=0)
        if how == "code":
            await keys(three.inward, "*2")
        else:
            three.inward.bye()
        await asyncio.sleep(0.2)
        assert office.media.legs[office.leg_of(three.out)].items == ("tone:ringing",)
        assert not office.music_for(three.out)
        three.asked.answer()
        await three.ends(three.out, three.asked)

    office.do(story())
    assert office.row().handled_by == "104"


def test_it_comes_back_when_nobody_answers(office: VirtualOffice) -> None:
    three = Three(office)

    async def story() -> None:
        await three.begin(final=0)
        three.inward.bye()
        await three.asked.over()
        back = await answer(three.piotr)
        await three.ends(three.out, back)

    office.do(story())
    assert "transfer.returned" in office.kinds()


def test_it_is_called_off_while_it_rings(office: VirtualOffice) -> None:
    three = Three(office)

    async def story() -> None:
        await three.begin(final=0)
        await keys(three.inward, "*0")
        await three.asked.over()
        await three.ends(three.inward, three.out)

    office.do(story())


def test_nobody_answers_him(office: VirtualOffice) -> None:
    three = Three(office)

    async def story() -> None:
        await three.begin(final=0)
        await three.asked.over()
        assert office.media.legs[office.leg_of(three.inward)].items[0].endswith("no_answer.flac")
        await three.ends(three.inward, three.out)

    office.do(story())


def test_the_one_who_waits_leaves_while_it_rings(office: VirtualOffice) -> None:
    three = Three(office)

    async def story() -> None:
        await three.begin(final=0)
        three.out.bye()
        await three.asked.over()
        await three.inward.over()

    office.do(story())
    assert office.row().ended_by == "caller"


@pytest.mark.parametrize("number", ["300", "999999", "600"])
def test_only_people_can_be_asked(office: VirtualOffice, number: str) -> None:
    async def story() -> None:
        piotr = await office.phone("102")
        out, inward = await from_outside(office, piotr)
        await keys(inward, f"*2{number}#")
        assert told(office, "transfer.failed")["status"] == 404
        await asyncio.sleep(2)
        assert office.hears(out, inward)
        inward.bye()
        await out.over()

    office.do(story())


@pytest.mark.parametrize("code", ["*1", "*2"])
def test_somebody_outside_is_never_shown(office: VirtualOffice, code: str) -> None:
    """A private mobile: the client is told nothing of it, in no message at all."""
    mobile = "601202303"

    async def story() -> None:
        piotr = await office.phone("102")
        out, inward = await from_outside(office, piotr)
        client, seen = out.phone, list[str]()
        client.fate = lambda message: seen.append(str(message.to_bytes())) or 1
        await keys(inward, f"{code}{mobile}#")
        far = await answer(client)
        if code == "*2":
            await office.until(lambda: office.hears(inward, far), "they consult")
            inward.bye()
        await office.until(lambda: office.hears(out, far), "they talk")
        await asyncio.sleep(HASTE + 1)
        await out.hold()
        await out.reinvite(client.offer(version=9))
        far.bye()
        await out.over()
        his = [text for text in seen if out.invite.get("Call-ID") in text]
        assert len(his) > 4 and not any(mobile in text for text in his)
        assert any(mobile in text for text in seen)  # the other call is there

    office.do(story())
