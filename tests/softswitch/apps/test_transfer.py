"""Transfers with phones played by hand: where the three end up, and what each of them is told."""

import asyncio
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from softswitch.apps import handover
from softswitch.store.fold import Result
from tests.helpers.hand_phone import Call, Phone
from tests.helpers.office_fixtures import Line
from tests.helpers.office_in_process import OfficeInProcess
from tests.helpers.office_people import names
from tests.live.sip_text import Message
from tests.softswitch.calls.test_talk import connected


@pytest.fixture(autouse=True)
def short_rings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(handover, "RING_SECONDS", 1.0)
    monkeypatch.setattr(handover, "RETURN_SECONDS", 1.0)
    return iter(())


async def refer(
    call: Call, target: str, *headers: tuple[str, str], replaces: Call | None = None
) -> Message:
    """Send a REFER; the answer to it."""
    uri = f"sip:{target}@{call.phone.domain}"
    if replaces is not None:
        uri += f"?Replaces={quote(names(replaces), safe='')}"
    request = call.inside("REFER")
    request.headers += [("Refer-To", f"<{uri}>"), *headers]
    call.phone.send(request)
    return await call.phone.expect(branch=request.branch, final=True)


async def told(call: Call, status: int) -> Message:
    """NOTIFYs until the one with this status; each is answered."""
    while True:
        notify = await call.phone.expect("NOTIFY", call=call)
        call.phone.answer(notify, 200, tag=call.tag)
        assert notify.get("Event").startswith("refer")
        fragment = notify.body.decode()
        is_last = "terminated" in notify.get("Subscription-State")
        assert is_last is not fragment.startswith("SIP/2.0 1"), fragment
        if fragment.startswith(f"SIP/2.0 {status} "):
            return notify
        assert not is_last, fragment


async def answer(phone: Phone) -> Call:
    call = await phone.rung()
    call.ring()
    call.answer()
    await phone.expect("ACK")
    return call


async def talking(office: OfficeInProcess, times: int) -> None:
    """The newest call has come to its n-th talk."""
    await office.until(lambda: office.kinds().count("bridge.started") == times, "they talk")


async def from_outside(line: Line, phone: Phone) -> tuple[Phone, Call, Call]:
    """A client rings at 102, who answers."""
    client = await line.provider()
    out = await client.dial("+48221234570")
    inward = await answer(phone)
    await out.answered()
    return client, out, inward


@pytest.mark.parametrize("by_caller", [False, True])
async def test_blind_and_answered(line: Line, office: OfficeInProcess, by_caller: bool) -> None:
    anna, piotr, ewa = [await line.phone(one) for one in ("101", "102", "104")]
    out, inward = await connected(anna, piotr)
    referrer, stays = (out, inward) if by_caller else (inward, out)
    assert (await refer(referrer, "104")).status == 202
    new = await ewa.rung()
    assert f":{stays.phone.user}@" in new.invite.get("From")
    before = stays.phone.rtp
    new.ring()
    await told(referrer, 180)
    await office.until(lambda: stays.phone.rtp >= before + 5, "he hears the ringing")
    new.answer()
    await told(referrer, 200)
    await referrer.over()
    assert not stays.phone.got("BYE") and not stays.phone.got("INVITE")
    busy = office.ask(lambda server: sorted(server.desk.exchange.people.busy()))
    assert busy == sorted([stays.phone.user, "104"])
    stays.bye()
    await new.over()
    row = await office.row()
    assert (row.result, row.handled_by) == (Result.TALKED, "104")
    assert row.ended_by == ("callee" if by_caller else "caller")
    [event] = [e for e in office.story(office.calls()[-1]) if e.kind == "transfer"]
    told_of = {"by": referrer.phone.user, "to": "104", "how": "blind", "of": stays.phone.user}
    assert event.data == told_of


async def test_the_referrer_leaves_at_once(line: Line, office: OfficeInProcess) -> None:
    anna, piotr, ewa = [await line.phone(one) for one in ("101", "102", "104")]
    out, inward = await connected(anna, piotr)
    await refer(inward, "104")
    inward.bye()
    new = await answer(ewa)
    await talking(office, 2)
    new.bye()
    await out.over()
    row = await office.row()
    assert (row.handled_by, row.ended_by) == ("104", "callee")


async def test_the_progress_is_not_told_to_who_wants_none(
    line: Line, office: OfficeInProcess
) -> None:
    anna, piotr, ewa = [await line.phone(one) for one in ("101", "102", "104")]
    out, inward = await connected(anna, piotr)
    accepted = await refer(inward, "104", ("Refer-Sub", "false"), ("Require", "norefersub"))
    assert (accepted.status, accepted.get("Refer-Sub")) == (202, "false")
    await answer(ewa)
    await inward.over()
    assert not piotr.got("NOTIFY")
    out.bye()
    await office.row()


@pytest.mark.parametrize(("status", "told_as"), [(486, 486), (603, 603), (404, 480)])
async def test_a_refused_one_goes_on_with_the_referrer(
    line: Line, office: OfficeInProcess, status: int, told_as: int
) -> None:
    anna, piotr, ewa = [await line.phone(one) for one in ("101", "102", "104")]
    out, inward = await connected(anna, piotr)
    await inward.hold()
    await refer(inward, "104")
    (await ewa.rung()).answer(status)
    await told(inward, told_as)
    await asyncio.sleep(handover.HASTE + 0.1)
    assert not piotr.got("BYE") and not anna.got("BYE")
    inward.bye()
    await out.over()
    row = await office.row()
    assert (row.handled_by, row.ended_by) == ("102", "callee")


async def test_nobody_answers_and_it_comes_back(line: Line, office: OfficeInProcess) -> None:
    piotr, ewa = await line.phone("102"), await line.phone("104")
    client, out, inward = await from_outside(line, piotr)
    await refer(inward, "104")
    inward.bye()
    (await ewa.rung()).ring()
    back = await answer(piotr)
    await talking(office, 2)
    assert "Powr" in back.invite.get("From") and "600100200" in back.invite.get("From")
    back.bye()
    await out.over()
    row = await office.row()
    assert (row.result, row.handled_by) == (Result.TALKED, "102")
    assert "transfer.returned" in office.kinds()


async def test_a_phone_that_hangs_up_on_the_bad_news(line: Line, office: OfficeInProcess) -> None:
    piotr, ewa = await line.phone("102"), await line.phone("104")
    client, out, inward = await from_outside(line, piotr)
    await refer(inward, "104")
    (await ewa.rung()).answer(486)
    await told(inward, 486)
    inward.bye()
    back = await answer(piotr)
    out.bye()
    await back.over()
    await office.row()


@pytest.mark.parametrize("by_caller", [False, True])
async def test_nobody_is_there_any_more_and_the_safe_place_takes_over(
    line: Line, office: OfficeInProcess, by_caller: bool
) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    out, inward = await connected(anna, piotr)
    referrer, stays = (out, inward) if by_caller else (inward, out)
    await refer(referrer, "103")  # who has no phone
    referrer.bye()
    back = await referrer.phone.rung()
    back.answer(603)
    await office.until(lambda: "route.entered" in office.kinds(), "the safe place")
    await office.until(lambda: "prompt.played" in office.kinds() or stays.phone.rtp, "sound")
    stays.bye()
    row = await office.row()
    assert row.result is Result.TALKED
    assert row.ended_by == ("callee" if by_caller else "caller")


@pytest.mark.parametrize("moment", ["at once", "ringing", "answered"])
@pytest.mark.parametrize("by_caller", [False, True])
async def test_the_one_who_waits_hangs_up(
    line: Line, office: OfficeInProcess, moment: str, by_caller: bool
) -> None:
    anna, piotr, ewa = [await line.phone(one) for one in ("101", "102", "104")]
    out, inward = await connected(anna, piotr)
    referrer, stays = (out, inward) if by_caller else (inward, out)
    await refer(referrer, "104")
    if moment != "at once":
        new = await ewa.rung()
        new.ring()
        if moment == "answered":
            new.answer()
    stays.bye()
    await referrer.over()
    row = await office.row()
    assert row.ended_by == ("callee" if by_caller else "caller")


async def test_to_a_group_and_the_first_wins(line: Line, office: OfficeInProcess) -> None:
    piotr, anna = await line.phone("102"), await line.phone("101")
    client, out, inward = await from_outside(line, piotr)
    await refer(inward, "320")
    new = await answer(anna)
    await inward.over()
    out.bye()
    await new.over()
    assert (await office.row()).handled_by == "101"


async def test_to_a_queue(line: Line, office: OfficeInProcess) -> None:
    piotr, marta = await line.phone("102"), await line.phone("121")
    client, out, inward = await from_outside(line, piotr)
    await refer(inward, "300")
    await told(inward, 200)
    await inward.over()
    new = await answer(marta)
    await talking(office, 2)
    out.bye()
    await new.over()
    row = await office.row()
    assert (row.handled_by, row.queue) == ("121", "reception")


async def test_a_callee_goes_to_a_queue(line: Line, office: OfficeInProcess) -> None:
    anna, piotr, marta = [await line.phone(one) for one in ("101", "102", "121")]
    out, inward = await connected(anna, piotr)
    await refer(out, "300")
    await out.over()
    new = await answer(marta)
    assert ":102@" in new.invite.get("From")
    await talking(office, 2)
    new.bye()
    await inward.over()
    assert (await office.row()).handled_by == "121"


@pytest.mark.parametrize("has_early_sound", [False, True])
async def test_to_the_world_outside(
    line: Line, office: OfficeInProcess, has_early_sound: bool
) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    client = await line.provider()
    out, inward = await connected(anna, piotr)
    await refer(inward, "601202303")
    new = await client.rung()
    if has_early_sound:
        client.answer(new.invite, 183, client.offer(), new.tag)
        await office.until(lambda: "call.early" in office.kinds(), "early sound")
    new.answer()
    await told(inward, 200)
    await inward.over()
    new.bye()
    await out.over()
    await office.row()


async def test_a_stranger_may_not_refer(line: Line, office: OfficeInProcess) -> None:
    piotr = await line.phone("102")
    client, out, inward = await from_outside(line, piotr)
    assert (await refer(out, "601202303")).status == 403
    out.bye()
    await inward.over()


@pytest.mark.parametrize("target", ["", "<>", "<sip:>", "<sip:104@a>, <sip:103@a>", "<sip:4@a?x"])
async def test_rubbish_changes_nothing(line: Line, office: OfficeInProcess, target: str) -> None:
    out, inward = await connected(await line.phone("101"), await line.phone("102"))
    request = inward.inside("REFER")
    if target:
        request.headers.append(("Refer-To", target))
    inward.phone.send(request)
    assert (await inward.phone.expect(branch=request.branch, final=True)).status == 400
    out.bye()
    await inward.over()


async def test_a_phone_that_hangs_up_on_rubbish_that_it_sent(
    line: Line, office: OfficeInProcess
) -> None:
    """As baresip does: its user mistyped the number, and the client would be gone."""
    piotr = await line.phone("102")
    client, out, inward = await from_outside(line, piotr)
    assert (await refer(inward, "sip:104@a@")).status == 400
    inward.bye()
    again = await answer(piotr)
    await talking(office, 2)
    assert not client.got("BYE")
    out.bye()
    await again.over()
    assert (await office.row()).handled_by == "102"


@pytest.mark.parametrize("target", ["345", "bob", "000", "102"])
async def test_nobody_has_that_number(line: Line, office: OfficeInProcess, target: str) -> None:
    out, inward = await connected(await line.phone("101"), await line.phone("102"))
    await refer(out, target)
    await told(out, 480 if target == "102" else 404)
    inward.bye()
    await out.over()


async def test_outside_a_talk(line: Line, office: OfficeInProcess) -> None:
    anna = await line.phone("101")
    me = f"<sip:101@{anna.domain}>"
    request = anna.request("REFER", f"sip:102@{anna.domain}", me, me)
    request.headers.append(("Refer-To", f"<sip:104@{anna.domain}>"))
    assert (await anna.ask(request)).status == 403
    await line.phone("123")
    waiting = await (await anna.dial("301")).answered()
    assert (await refer(waiting, "102")).status == 491
    waiting.bye()


async def test_a_transfer_during_a_transfer(line: Line, office: OfficeInProcess) -> None:
    anna, piotr, ewa = [await line.phone(one) for one in ("101", "102", "104")]
    out, inward = await connected(anna, piotr)
    assert (await refer(inward, "104")).status == 202
    assert (await refer(inward, "103")).status == 491
    assert (await refer(out, "103")).status == 491
    new = await answer(ewa)
    await inward.over()
    assert (await refer(new, "102")).status == 202
    last = await answer(piotr)
    await new.over()
    assert (await refer(out, "104")).status == 202
    end = await answer(ewa)
    await out.over()
    end.bye()
    await last.over()
    row = await office.row()
    assert row.handled_by == "104"
    assert office.kinds().count("transfer") == 3


@pytest.mark.parametrize("consultation", ["called", "calling"])
@pytest.mark.parametrize("on", ["first", "second"])
async def test_attended(line: Line, office: OfficeInProcess, consultation: str, on: str) -> None:
    anna, piotr, ewa = [await line.phone(one) for one in ("101", "102", "104")]
    out, inward = await connected(anna, piotr)
    first = office.calls()[-1]
    await inward.hold()
    mine, hers = await connected(piotr, ewa) if consultation == "called" else (None, None)
    if mine is None or hers is None:
        hers, mine = await connected(ewa, piotr)
    second = office.calls()[-1]
    one, other = (inward, mine) if on == "first" else (mine, inward)
    assert (await refer(one, "104", replaces=other)).status == 202
    await told(one, 200)
    await inward.over()
    await mine.over()
    await office.until(lambda: office.left()["calls"] == 1, "one call is over")
    assert not anna.got("BYE") and not ewa.got("BYE")
    out.bye()
    await hers.over()
    await office.calm()
    for call in (first, second):
        [event] = [e for e in office.story(call) if e.kind == "transfer"]
        assert (event.data["by"], event.data["how"]) == ("102", "attended")


@pytest.mark.parametrize("is_ringing", [True, False])
async def test_a_consultation_that_nobody_has_answered(
    line: Line, office: OfficeInProcess, is_ringing: bool
) -> None:
    anna, piotr, ewa = [await line.phone(one) for one in ("101", "102", "104")]
    out, inward = await connected(anna, piotr)
    mine = await piotr.dial("104")
    hers = await ewa.rung()
    hers.ring()
    mine.final = await mine.status(180)
    await refer(inward, "104", replaces=mine)
    await hers.over()
    await mine.status(480)
    new = await answer(ewa)
    await inward.over()
    new.bye()
    await out.over()
    await office.calm()


async def test_the_calls_of_others_are_not_to_be_had(line: Line, office: OfficeInProcess) -> None:
    anna, piotr, ewa, jan = [await line.phone(one) for one in ("101", "102", "104", "103")]
    out, inward = await connected(anna, piotr)
    hers, his = await connected(ewa, jan)
    for named, status in ((hers, 403), (inward, 403)):
        await refer(inward, "104", replaces=named)
        await told(inward, status)
    gone = names(hers).replace("to-tag=", "to-tag=x")
    request = inward.inside("REFER")
    request.headers.append(("Refer-To", f"<sip:104@a?Replaces={quote(gone, safe='')}>"))
    piotr.send(request)
    await told(inward, 481)
    his.bye()
    await hers.over()
    out.bye()
    await asyncio.sleep(0)
    await office.calm()


async def test_outside_a_call_nobody_can_be_referred(line: Line, office: OfficeInProcess) -> None:
    """There is no talk that it could be about, and to dial for somebody is not a phone's to ask."""
    anna, before = await line.phone("101"), office.calls()
    me = f"<sip:101@{anna.domain}>"
    request = anna.request("REFER", f"sip:102@{anna.domain}", me, f"<sip:102@{anna.domain}>")
    request.headers += [("Contact", anna.contact), ("Refer-To", f"<sip:103@{anna.domain}>")]
    assert (await anna.ask(request)).status == 403
    assert office.calls() == before
