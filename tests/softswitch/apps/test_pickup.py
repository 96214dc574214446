"""Pick-up with phones played by hand: whoever wants the call, exactly one has it."""

import asyncio

import pytest

from softswitch.office.pickup import PickupRight
from softswitch.presence.things import DialogState, Kind, LampDialog, Thing
from softswitch.store.fold import CallRow, Result, fold
from tests.helpers.hand_phone import Call, Phone
from tests.helpers.office_fixtures import Line
from tests.helpers.office_in_process import MAIN, SHORT, OfficeInProcess
from tests.live import sip_text

CLIENT = "600100200"


@pytest.fixture(autouse=True)
def a_story_of_its_own(office: OfficeInProcess) -> None:
    office.events.clear()


async def ringing(caller: Phone, number: str, *phones: Phone) -> tuple[Call, list[Call]]:
    out = await caller.dial(number)
    rung = [await phone.rung() for phone in phones]
    for call in rung:
        call.ring()
    return out, rung


async def first_row(office: OfficeInProcess) -> CallRow:
    """Of the test's first call, which is the one that was picked up."""
    await office.calm()
    return fold(office.story(office.calls()[0]))


def picked(office: OfficeInProcess) -> list[tuple[object, object]]:
    found = [event.data for event in list(office.events) if event.kind == "pickup"]
    return [(data["by"], data["of"]) for data in found]


def lamp(office: OfficeInProcess, kind: Kind, key: str) -> LampDialog:
    dialogs = office.ask(lambda server: server.presence.lamps.dialogs(Thing(kind, key)))
    return dialogs[-1]


def replacing(dialog: LampDialog) -> tuple[str, str]:
    """The header that a phone makes of a dialog in our dialog-info document."""
    tags = f"to-tag={dialog.remote_tag};from-tag={dialog.local_tag}"
    return "Replaces", f"{dialog.call_id};{tags}"


@pytest.mark.parametrize("code", ["*8102", "*8*102#", "*8"])
async def test_a_client_is_picked_up(line: Line, office: OfficeInProcess, code: str) -> None:
    piotr, anna = await line.phone("102"), await line.phone("101")
    client = await line.provider()
    out, [rung] = await ringing(client, SHORT, piotr)
    mine = await (await anna.dial(code)).answered()
    final = mine.final or mine.invite
    assert CLIENT in final.get("P-Asserted-Identity")
    cancel = await piotr.expect("CANCEL", call=rung)
    assert 'cause=200;text="Call completed elsewhere"' in cancel.get("Reason")
    await out.answered()
    await office.until(lambda: office.dump()["talking"] == 2, "they talk")
    await office.until(lambda: office.left()["calls"] == 1, "one call is left")
    assert office.ask(lambda server: server.desk.exchange.people.busy()) == ["101"]
    assert lamp(office, Kind.PERSON, "101").state is DialogState.CONFIRMED
    mine.bye()
    await out.over()
    row = await first_row(office)
    assert (row.result, row.handled_by, row.ended_by) == (Result.TALKED, "101", "callee")
    assert picked(office) == [("101", "102")]
    other = fold(office.story(office.calls()[1]))
    assert (other.result, other.number) == (Result.SERVICE, "101")


async def test_one_of_a_group(line: Line, office: OfficeInProcess) -> None:
    anna, piotr, ewa, jan = [await line.phone(one) for one in ("101", "102", "104", "103")]
    out, rung = await ringing(ewa, "320", anna, piotr)
    mine = await (await jan.dial("*8320")).answered()
    for call in rung:
        assert "elsewhere" in (await call.phone.expect("CANCEL", call=call)).get("Reason")
    await out.answered()
    out.bye()
    await mine.over()
    assert (await first_row(office)).handled_by == "103"
    assert picked(office) == [("103", "payroll")]


async def test_in_turn_whoever_is_rung_now(line: Line, office: OfficeInProcess) -> None:
    piotr, jan, anna = [await line.phone(one) for one in ("102", "103", "101")]
    out, _ = await ringing(anna, "321", piotr)
    mine = await (await jan.dial("*8321")).answered()
    await out.answered()
    mine.bye()
    await out.over()
    assert (await first_row(office)).handled_by == "103"


@pytest.mark.parametrize("code", ["*8300", "*8121"])
async def test_a_caller_of_a_queue(line: Line, office: OfficeInProcess, code: str) -> None:
    marta, anna = await line.phone("121"), await line.phone("101")
    client = await line.provider()
    out = await (await client.dial(MAIN)).answered()
    rung = await marta.rung()
    rung.ring()
    mine = await (await anna.dial(code)).answered()
    await marta.expect("CANCEL", call=rung)
    await office.until(lambda: office.dump()["talking"] == 2, "they talk")
    out.bye()
    await mine.over()
    row = await first_row(office)
    assert (row.handled_by, row.queue) == ("101", "reception")
    left = [e.data["outcome"] for e in office.events if e.kind == "queue.left"]
    assert left == ["answered"]


@pytest.mark.parametrize("code", ["*8301", "*8"])
async def test_who_has_waited_longest_while_no_phone_rings(
    line: Line, office: OfficeInProcess, code: str
) -> None:
    """The only agent talks, so nothing rings; he is also the one who may say plain `*8`."""
    iza, anna, ewa = [await line.phone(one) for one in ("123", "101", "104")]
    first = await (await ewa.dial("301")).answered()
    busy = await iza.rung()
    busy.answer(603)
    await office.until(lambda: "ring.failed" in office.kinds(), "he rests")
    second = await (await (await line.phone("103")).dial("301")).answered()
    picker = iza if code == "*8" else anna
    mine = await (await picker.dial(code)).answered()
    assert ":104@" in (mine.final or mine.invite).get("P-Asserted-Identity")
    events = office.events
    await office.until(lambda: "bridge.started" in [e.kind for e in events], "they talk")
    mine.bye()
    await first.over()
    second.bye()
    assert (await first_row(office)).handled_by == picker.user


@pytest.mark.parametrize(
    ("code", "status"),
    [("*8102", 480), ("*8320", 480), ("*8300", 480), ("*8", 480), ("*8999", 404), ("#8102", 404)],
)
async def test_nothing_rings(line: Line, office: OfficeInProcess, code: str, status: int) -> None:
    refused = await (await (await line.phone("101")).dial(code)).status(status)
    assert f"cause={status}" in refused.get("Reason")
    await office.calm()


async def test_a_talk_and_an_outgoing_call_are_no_prey(line: Line, office: OfficeInProcess) -> None:
    anna, piotr, ewa = [await line.phone(one) for one in ("101", "102", "104")]
    out, [rung] = await ringing(anna, "102", piotr)
    await (await ewa.dial("*8101")).status(480)
    await (await ewa.dial("101", None, replacing(lamp(office, Kind.PERSON, "101")))).status(481)
    rung.answer()
    await out.answered()
    await (await ewa.dial("*8102")).status(480)
    shown = lamp(office, Kind.PERSON, "102")
    await (await ewa.dial("102", None, replacing(shown))).status(486)
    assert not piotr.got("BYE") and not anna.got("BYE")
    out.bye()
    await rung.over()
    await office.calm()


async def test_ones_own_talk_moves_to_another_phone_by_the_lamp(
    line: Line, office: OfficeInProcess
) -> None:
    anna, piotr, other = [await line.phone(one) for one in ("101", "102", "102")]
    out, rung = await ringing(anna, "102", piotr, other)
    rung[0].answer()
    await out.answered()
    await office.until(lambda: office.dump()["talking"] == 2, "they talk")
    shown = lamp(office, Kind.PERSON, "102")
    mine = await (await other.dial("102", None, replacing(shown))).answered()
    await rung[0].over()
    out.bye()
    await mine.over()
    await office.calm()


@pytest.mark.parametrize("way", ["lamp", "early dialog", "early only"])
async def test_by_replaces(line: Line, office: OfficeInProcess, way: str) -> None:
    piotr, anna = await line.phone("102"), await line.phone("101")
    client = await line.provider()
    out, [rung] = await ringing(client, SHORT, piotr)
    await out.status(180)
    name, value = replacing(lamp(office, Kind.PERSON, "102"))
    if way != "lamp":
        theirs = sip_text.parameter(rung.invite.get("From"), "tag")
        value = f"{rung.invite.get('Call-ID')};to-tag={theirs};from-tag={rung.tag}"
    value += ";early-only" if way == "early only" else ""
    mine = await (await anna.dial("102", None, (name, value))).answered()
    assert "elsewhere" in (await piotr.expect("CANCEL", call=rung)).get("Reason")
    assert CLIENT in (mine.final or mine.invite).get("P-Asserted-Identity")
    await out.answered()
    await (await piotr.dial("102", None, (name, value))).status(481)
    out.bye()
    await mine.over()
    row = await first_row(office)
    assert (row.handled_by, len(office.calls())) == ("101", 1)


async def test_the_callers_own_early_dialog_is_not_to_be_had(
    line: Line, office: OfficeInProcess
) -> None:
    """RFC 3891 3: one that was not initiated by us is 481."""
    anna, piotr, ewa = [await line.phone(one) for one in ("101", "102", "104")]
    out, _ = await ringing(anna, "102", piotr)
    early = await out.status(180)
    mine = sip_text.parameter(out.invite.get("From"), "tag")
    ours = sip_text.parameter(early.get("To"), "tag")
    value = f"{out.invite.get('Call-ID')};to-tag={ours};from-tag={mine}"
    await (await ewa.dial("102", None, ("Replaces", value))).status(481)
    out.cancel()
    await office.calm()


async def test_only_in_the_group_if_the_office_wants_it_so(
    line: Line, office: OfficeInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = office.ask(lambda server: server.desk.office)
    stricter = loaded.office.model_copy(update={"pickup": PickupRight.GROUP})
    monkeypatch.setattr(type(loaded), "office", property(lambda _: stricter), raising=False)
    piotr, jan, anna, ewa = [await line.phone(one) for one in ("102", "103", "101", "104")]
    client = await line.provider()
    out, _ = await ringing(client, SHORT, piotr)
    refused = await (await jan.dial("*8102")).status(403)
    assert "group" in refused.get("Reason")
    await (await jan.dial("*8")).status(480)
    shown = replacing(lamp(office, Kind.PERSON, "102"))
    await (await jan.dial("102", None, shown)).status(403)
    mine = await (await anna.dial("*8102")).answered()
    await out.answered()
    mine.bye()
    await out.over()
    await office.calm()


async def test_a_stranger_picks_nothing_up(line: Line, office: OfficeInProcess) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    client = await line.provider()
    out, [rung] = await ringing(anna, "102", piotr)
    await (await client.dial("*8102")).status(404)
    value = replacing(lamp(office, Kind.PERSON, "102"))
    await (await client.dial(MAIN, None, value)).status(403)
    rung.answer()
    await out.answered()
    out.bye()
    await rung.over()
    await office.calm()


async def test_two_pickers_at_once(line: Line, office: OfficeInProcess) -> None:
    piotr, anna, ewa = [await line.phone(one) for one in ("102", "101", "104")]
    client = await line.provider()
    out, _ = await ringing(client, SHORT, piotr)
    tries = [await phone.dial("*8102") for phone in (anna, ewa)]
    finals = [await one.status(200, 480) for one in tries]
    assert sorted(one.status for one in finals) == [200, 480]
    winner = next(one for one, final in zip(tries, finals, strict=True) if final.status == 200)
    winner.ack()
    await out.answered()
    out.bye()
    await winner.over()
    row = await first_row(office)
    assert row.handled_by == winner.phone.user
    assert len(picked(office)) == 1


@pytest.mark.parametrize("round_", range(4))
async def test_the_phone_answers_in_the_same_instant(
    line: Line, office: OfficeInProcess, round_: int
) -> None:
    piotr, anna = await line.phone("102"), await line.phone("101")
    client = await line.provider()
    out, [rung] = await ringing(client, SHORT, piotr)
    if round_ % 2:
        rung.answer()
        mine = await anna.dial("*8102")
    else:
        mine = await anna.dial("*8102")
        rung.answer()
    final = await mine.status(200, 480)
    await out.answered()
    if final.status == 200:
        mine.ack()
    await office.until(lambda: office.dump()["talking"] == 2, "two talk")
    out.bye()
    await office.calm()
    row = await first_row(office)
    assert row.handled_by == ("101" if final.status == 200 else "102")
    assert len(picked(office)) == (final.status == 200)


@pytest.mark.parametrize("when", ["before", "after"])
async def test_the_caller_hangs_up_in_the_same_instant(
    line: Line, office: OfficeInProcess, when: str
) -> None:
    piotr, anna = await line.phone("102"), await line.phone("101")
    client = await line.provider()
    out, _ = await ringing(client, SHORT, piotr)
    if when == "before":
        out.cancel()
    mine = await anna.dial("*8102")
    if when == "after":
        out.cancel()
    final = await mine.status(200, 480)
    if final.status == 200:
        mine.ack()
        if when == "after" and not out.final:
            await out.status(200, 487)
            if out.final and out.final.status == 200:  # the CANCEL came too late
                out.ack()
                out.bye()
        await mine.over()
    await office.calm()


async def test_the_picker_gives_up_and_it_rings_on(line: Line, office: OfficeInProcess) -> None:
    piotr, anna = await line.phone("102"), await line.phone("101")
    client = await line.provider()
    out, [rung] = await ringing(client, SHORT, piotr)
    mine = await anna.dial("*8102")
    mine.cancel()
    final = await mine.status(200, 487)
    if final.status == 200:
        mine.ack()
        mine.bye()
        await out.answered()
        await out.over()
    else:
        rung.answer()
        await out.answered()
        out.bye()
    await office.calm()


async def test_a_late_offer_picks_up_too(line: Line, office: OfficeInProcess) -> None:
    piotr, anna = await line.phone("102"), await line.phone("101")
    client = await line.provider()
    out, _ = await ringing(client, SHORT, piotr)
    mine = await anna.dial("*8102", b"")
    final = await mine.status(200)
    assert b"m=audio" in final.body
    mine.ack(anna.offer())
    await out.answered()
    await asyncio.sleep(0.1)
    out.bye()
    await mine.over()
    assert (await first_row(office)).handled_by == "101"
