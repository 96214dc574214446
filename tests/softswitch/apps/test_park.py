"""Parking with phones played by hand: who waits where, who fetches him, and who takes him back."""

import asyncio

import pytest

from softswitch.apps import park, parking_lot
from softswitch.office.loader import load_office
from softswitch.presence.things import DialogState, Kind, Thing
from softswitch.store.fold import Result, fold
from tests.helpers.hand_phone import Call, Phone
from tests.helpers.office_fixtures import Line
from tests.helpers.office_in_process import OfficeInProcess
from tests.softswitch.apps.test_transfer import answer, from_outside, refer, told
from tests.softswitch.calls.test_talk import connected

CLIENT = "600100200"


def is_lit(office: OfficeInProcess, slot: str) -> bool:
    thing = Thing(Kind.SWITCH, slot)
    found = office.ask(lambda server: server.presence.lamps.dialogs(thing))
    assert all(one.state is DialogState.CONFIRMED for one in found)
    return bool(found)


async def parked(office: OfficeInProcess, slot: str) -> None:
    await office.until(lambda: is_lit(office, slot), f"somebody is parked at {slot}")


async def talking(office: OfficeInProcess, times: int) -> None:
    """The test's first call has come to its n-th talk."""

    def talks() -> int:
        kinds = [event.kind for event in office.story(office.calls()[0])]
        return kinds.count("bridge.started")

    await office.until(lambda: talks() == times, "they talk")


async def fetched(phone: Phone, slot: str) -> Call:
    return await (await phone.dial(slot)).answered()


def told_of(office: OfficeInProcess, kind: str) -> list[dict[str, object]]:
    """The data of these events, of all calls of the office."""
    return [dict(one.data) for one in list(office.events) if one.kind == kind]


@pytest.fixture(autouse=True)
def a_story_of_its_own(office: OfficeInProcess) -> None:
    office.events.clear()


@pytest.fixture
def short_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    terms = parking_lot.Terms
    monkeypatch.setattr(parking_lot, "Terms", lambda _, music: terms(0.5, music))
    monkeypatch.setattr(park, "RETURN_SECONDS", 1.0)


@pytest.mark.parametrize("word", ["701", "*7701", "*7", "*7*701#"])
async def test_a_client_is_parked_and_fetched(
    line: Line, office: OfficeInProcess, word: str
) -> None:
    piotr, ewa = await line.phone("102"), await line.phone("104")
    client, out, inward = await from_outside(line, piotr)
    assert (await refer(inward, word)).status == 202
    await told(inward, 200)
    await inward.over()
    await parked(office, "701")
    before = client.rtp
    await office.until(lambda: client.rtp >= before + 5, "he hears music")
    back = await fetched(ewa, "701")
    assert CLIENT in (back.final or back.invite).get("P-Asserted-Identity")
    await talking(office, 2)
    assert not is_lit(office, "701")
    assert not client.got("INVITE") and not client.got("BYE")
    await office.until(lambda: office.left()["calls"] == 1, "one call is left")
    busy = office.ask(lambda server: server.desk.exchange.people.busy())
    assert busy == ["104"]
    out.bye()
    await back.over()
    await office.calm()
    [begun], [ended] = told_of(office, "park.started"), told_of(office, "park.ended")
    assert begun == {"slot": "701", "by": "102"}
    assert (ended["outcome"], ended["who"], ended["by"]) == ("fetched", "104", "102")
    row = fold(office.story(office.calls()[0]))
    assert (row.result, row.handled_by, row.number) == (Result.TALKED, "104", "+48600100200")
    fetching = fold(office.story(office.calls()[1]))
    assert (fetching.called, fetching.talk, fetching.result) == ("701", 0.0, Result.SERVICE)


async def test_the_called_one_is_parked_and_fetched_by_its_own_parker(
    line: Line, office: OfficeInProcess
) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    out, inward = await connected(anna, piotr)
    await refer(out, "703")
    await out.over()
    await parked(office, "703")
    back = await fetched(anna, "703")
    assert "102" in (back.final or back.invite).get("P-Asserted-Identity")
    back.bye()
    await inward.over()
    await office.calm()
    assert told_of(office, "park.ended")[0]["outcome"] == "fetched"


async def test_the_next_one_gets_the_next_slot(line: Line, office: OfficeInProcess) -> None:
    anna, piotr, ewa, jan = [await line.phone(one) for one in ("101", "102", "104", "103")]
    first, inward = await connected(anna, piotr)
    second, other = await connected(ewa, jan)
    await refer(inward, "*7")
    await inward.over()
    await parked(office, "701")
    await refer(other, "*7")
    await other.over()
    await parked(office, "702")
    first.bye()
    await office.until(lambda: not is_lit(office, "701"), "the slot is free at once")
    second.bye()
    await office.calm()
    assert [one["outcome"] for one in told_of(office, "park.ended")] == ["hung_up"] * 2


async def test_a_taken_slot_refuses_and_the_talk_goes_on(
    line: Line, office: OfficeInProcess
) -> None:
    anna, piotr, ewa, jan = [await line.phone(one) for one in ("101", "102", "104", "103")]
    first, inward = await connected(anna, piotr)
    second, other = await connected(ewa, jan)
    await refer(inward, "701")
    await inward.over()
    await refer(other, "701")
    await told(other, 486)
    await refer(other, "*7799")
    await told(other, 404)
    assert not jan.got("BYE") and not ewa.got("BYE")
    refused = await (await piotr.dial("*7701")).status(486)
    assert "taken" in refused.get("Reason")
    first.bye()
    second.bye()
    await other.over()
    await office.calm()


@pytest.mark.parametrize("slot", ["701", "708", "*7799", "*8701"])
async def test_an_empty_slot_says_so(line: Line, office: OfficeInProcess, slot: str) -> None:
    refused = await (await (await line.phone("101")).dial(slot)).status(404)
    assert "slot" in refused.get("Reason") or "parked" in refused.get("Reason")
    await office.calm()


async def test_an_attended_transfer_to_the_slot_that_was_told(
    line: Line, office: OfficeInProcess
) -> None:
    anna, piotr, ewa = [await line.phone(one) for one in ("101", "102", "104")]
    out, inward = await connected(anna, piotr)
    await inward.hold()
    asking = await (await piotr.dial("*7")).answered()
    heard = piotr.rtp
    await office.until(lambda: piotr.rtp >= heard + 5, "he is told a slot")
    assert not is_lit(office, "701")
    assert (await (await ewa.dial("701")).status(404)).status == 404
    await refer(inward, "*7", replaces=asking)
    await asking.over()
    await inward.over()
    await parked(office, "701")
    assert office.dump()["parked"] == 1
    back = await fetched(ewa, "701")
    out.bye()
    await back.over()
    await office.calm()


async def test_who_was_told_a_slot_and_hangs_up_keeps_none(
    line: Line, office: OfficeInProcess
) -> None:
    piotr, anna = await line.phone("102"), await line.phone("101")
    for phone in (piotr, anna):
        asking = await (await phone.dial("*7")).answered()
        assert office.dump()["parked"] == 1
        asking.bye()
        await office.until(lambda: not office.dump()["parked"], "the slot is free")
    cancelled = await piotr.dial("*7708")
    cancelled.bye() if cancelled.final else cancelled.cancel()
    await office.calm()


async def test_the_forgotten_one_comes_back(
    line: Line, office: OfficeInProcess, short_stay: None
) -> None:
    piotr = await line.phone("102")
    client, out, inward = await from_outside(line, piotr)
    await refer(inward, "701")
    await inward.over()
    back = await answer(piotr)
    shown = back.invite.get("From")
    assert "Parking 701: " in shown and CLIENT in shown
    assert "alert-return" in back.invite.get("Alert-Info")
    await talking(office, 2)
    assert not is_lit(office, "701")
    out.bye()
    await back.over()
    await office.calm()
    row = fold(office.story(office.calls()[0]))
    assert (row.result, row.handled_by) == (Result.TALKED, "102")
    [ended] = told_of(office, "park.ended")
    assert ended["outcome"] == "returned"


@pytest.mark.parametrize("is_there", [True, False])
async def test_nobody_takes_him_back_and_the_safe_place_does(
    line: Line, office: OfficeInProcess, short_stay: None, is_there: bool
) -> None:
    piotr = await line.phone("102")
    client, out, inward = await from_outside(line, piotr)
    await refer(inward, "701")
    await inward.over()
    if is_there:
        (await piotr.rung()).answer(603)
    else:
        await piotr.register(0)
    await office.until(lambda: "prompt.played" in office.kinds() or client.rtp > 20, "safe")
    await office.until(lambda: "route.entered" in office.kinds(), "the safe place")
    out.bye()
    await office.calm()


@pytest.mark.parametrize("moment", ["parked", "fetched", "returning"])
async def test_the_parked_one_hangs_up(
    line: Line, office: OfficeInProcess, moment: str, request: pytest.FixtureRequest
) -> None:
    if moment == "returning":
        request.getfixturevalue("short_stay")
    piotr, ewa = await line.phone("102"), await line.phone("104")
    client, out, inward = await from_outside(line, piotr)
    await refer(inward, "701")
    await inward.over()
    await parked(office, "701")
    if moment == "fetched":
        back = await ewa.dial("701")
        out.bye()
        await back.status(200, 404)
    elif moment == "returning":
        ringing = await piotr.rung()
        ringing.ring()
        out.bye()
        await ringing.over()
    else:
        out.bye()
    await office.calm()
    assert not is_lit(office, "701")


async def test_two_fetch_and_one_has_him(line: Line, office: OfficeInProcess) -> None:
    piotr, ewa, anna = [await line.phone(one) for one in ("102", "104", "101")]
    client, out, inward = await from_outside(line, piotr)
    await refer(inward, "701")
    await inward.over()
    await parked(office, "701")
    tries = [await ewa.dial("701"), await anna.dial("701")]
    finals = [await one.status(200, 404) for one in tries]
    assert sorted(one.status for one in finals) == [200, 404]
    winner = next(one for one, final in zip(tries, finals, strict=True) if final.status == 200)
    winner.ack()
    await talking(office, 2)
    winner.bye()
    await out.over()
    await office.calm()


async def test_who_gives_up_fetching_leaves_him_there(line: Line, office: OfficeInProcess) -> None:
    """The CANCEL is there before the call's task has looked who came."""
    piotr, ewa = await line.phone("102"), await line.phone("104")
    client, out, inward = await from_outside(line, piotr)
    await refer(inward, "701")
    await inward.over()
    await parked(office, "701")
    for _ in range(5):
        trying = await ewa.dial("701")
        trying.cancel()
        final = await trying.status(200, 487)
        if final.status == 200:  # too late for it: he is fetched
            trying.ack()
            trying.bye()
            break
        assert is_lit(office, "701")
    out.bye()
    await office.calm()


async def test_a_reload_without_the_slot_keeps_who_is_parked(own_line: Line) -> None:
    office = own_line.office
    piotr, ewa = await own_line.phone("102"), await own_line.phone("104")
    client, out, inward = await from_outside(own_line, piotr)
    await refer(inward, "701")
    await inward.over()
    await parked(office, "701")
    file = office.folder / "office.yaml"
    file.write_text(file.read_text() + "\nparking: none\n")
    changed = load_office(file)
    await office.run(lambda server: server.use(changed))
    assert (await (await ewa.dial("702")).status(404)).status == 404
    back = await fetched(ewa, "701")
    assert (await refer(back, "701")).status == 202
    await told(back, 404)
    out.bye()
    await back.over()
    await office.calm()


async def test_the_lamp_s_key_fetches(line: Line, office: OfficeInProcess) -> None:
    """An INVITE with a Replaces that names the made-up dialog of the slot's lamp."""
    piotr, ewa = await line.phone("102"), await line.phone("104")
    client, out, inward = await from_outside(line, piotr)
    await refer(inward, "704")
    await inward.over()
    await parked(office, "704")
    thing = Thing(Kind.SWITCH, "704")
    [shown] = office.ask(lambda server: server.presence.lamps.dialogs(thing))
    value = f"{shown.call_id};to-tag={shown.remote_tag};from-tag={shown.local_tag}"
    back = await (await ewa.dial("704", None, ("Replaces", value))).answered()
    assert CLIENT in (back.final or back.invite).get("P-Asserted-Identity")
    await talking(office, 2)
    gone = await (await piotr.dial("704", None, ("Replaces", value))).status(481)
    assert gone.status == 481
    back.bye()
    await out.over()
    await asyncio.sleep(0)
    await office.calm()


async def test_parked_by_keys_and_told_where(line: Line, office: OfficeInProcess) -> None:
    """A phone without a transfer key: the code is pressed in the talk."""
    piotr = await line.phone("102")
    client, out, inward = await from_outside(line, piotr)
    for key in "*7":
        info = inward.inside("INFO")
        info.headers.append(("Content-Type", "application/dtmf-relay"))
        info.body = f"Signal={key}\r\nDuration=160\r\n".encode()
        piotr.send(info)
        assert (await piotr.expect(branch=info.branch, final=True)).status == 200
    await office.until(lambda: office.dump()["parked"] == 1, "a slot is kept")
    heard, music = piotr.rtp, client.rtp
    await office.until(lambda: piotr.rtp >= heard + 5, "he is told the slot")
    await office.until(lambda: client.rtp >= music + 5, "the client hears music meanwhile")
    assert not is_lit(office, "701")
    await inward.over()
    await parked(office, "701")
    out.bye()
    await office.calm()


@pytest.mark.parametrize("who", ["client", "parker"])
async def test_somebody_hangs_up_while_the_slot_is_told(
    line: Line, office: OfficeInProcess, who: str
) -> None:
    piotr = await line.phone("102")
    client, out, inward = await from_outside(line, piotr)
    await refer(inward, "*7")
    await office.until(lambda: office.dump()["parked"] == 1, "a slot is kept")
    if who == "client":
        out.bye()
        await inward.over()
    else:
        inward.bye()
        await parked(office, "701")
        out.bye()
    await office.calm()
