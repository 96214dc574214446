"""The callback list over a real office: missed, merged, promised, closed by talks and by people."""

import os
import pwd
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from softswitch.control import ControlError, ask
from softswitch.office.codes import CALLBACK
from softswitch.presence.things import own_switch
from softswitch.store.callbacks import Act, Item
from softswitch.store.fold import Result, fold
from tests.helpers.callback_office import MAIN, OFFERED, SPAMMER, WAITED, CallbackOffice
from tests.helpers.hand_phone import Call, Phone
from tests.helpers.office_fixtures import Line
from tests.softswitch.apps.test_route import press, reached
from tests.softswitch.apps.test_transfer import refer

CLIENT = "+48600100200"


@pytest.fixture(scope="module")
def office(
    tmp_path_factory: pytest.TempPathFactory, patch_waits: pytest.MonkeyPatch
) -> Iterator[CallbackOffice]:
    with CallbackOffice(tmp_path_factory.mktemp("office")) as running:
        yield running
        running.wait_until_empty()


@pytest.fixture
async def line(office: CallbackOffice) -> AsyncIterator[Line]:
    async with AsyncExitStack() as stack:
        yield Line(office, stack)
        await office.calm()
    assert (await office.sums()).is_whole
    for item in office.waiting():
        office.ask(lambda server, it=item: server.desk.callbacks.decide(it, Act.CLOSED, "test"))
    assert not office.waiting()
    office.events.clear()


async def missed(office: CallbackOffice, provider: Phone, *headers: tuple[str, str]) -> Item:
    """A client who leaves the main number before anybody answers; his item."""
    out = await (await provider.dial(MAIN, None, *headers)).answered()
    out.bye()
    await office.calm()
    return office.waiting()[0]


async def talked(out: Call, far: Phone) -> None:
    await out.answered()
    (await far.rung()).answer()
    await far.expect("ACK")


async def test_a_missed_call_is_an_item_and_the_next_one_joins_it(
    line: Line, office: CallbackOffice
) -> None:
    provider = await line.provider()
    first = await missed(office, provider)
    assert (first.number, first.attempts, first.owner) == (CLIENT, 1, "payroll")
    again = await missed(office, provider)
    assert (again.id, again.attempts) == (first.id, 2)
    assert [item.id for item in await office.stored(only_open=True)] == [first.id]
    assert (await office.sums()).in_open == 2


async def test_who_withholds_his_number_stands_alone(line: Line, office: CallbackOffice) -> None:
    provider = await line.provider()
    for _ in range(2):
        await missed(office, provider, ("Privacy", "id"))
    assert [item.number for item in office.waiting()] == [None, None]
    # Nobody can be called; the code says so and takes nobody.
    out = await (await line.phone("102")).dial("*55")
    await out.answered()
    await out.over()
    await office.calm()
    assert len(office.waiting()) == 2


async def test_the_clients_own_later_call_closes_it(line: Line, office: CallbackOffice) -> None:
    provider, marta = await line.provider(), await line.phone("121")
    item = await missed(office, provider)
    out = await provider.dial(MAIN)
    await talked(out, marta)
    await reached(office, "bridge.started")
    out.bye()
    await office.calm()
    assert not office.waiting()
    done = next(one for one in await office.stored() if one.id == item.id)
    assert (done.reason, done.closed_by, done.closing_call) == ("talked", "121", office.calls()[-1])


async def test_who_is_put_through_and_gives_up_is_an_item(
    line: Line, office: CallbackOffice
) -> None:
    """Reception talked with him, and he never came to whom he called for."""
    provider, marta, iza = [await line.provider(), await line.phone("121"), await line.phone("123")]
    out = await (await provider.dial(MAIN)).answered()
    rung = await marta.rung()
    rung.answer()
    await marta.expect("ACK")
    await reached(office, "bridge.started")
    await refer(rung, "301")
    await iza.rung()
    out.bye()
    await office.calm()
    (item,) = office.waiting()
    assert (item.number, item.queue, item.owner) == (CLIENT, "single", "single")
    (row,) = [fold(office.story(call)) for call in office.calls()]
    assert (row.result, row.handled_by) == (Result.ABANDONED, "121")


async def test_a_talk_that_anybody_had_with_the_number_closes_it(
    line: Line, office: CallbackOffice
) -> None:
    provider, iza = await line.provider(), await line.phone("123")
    await missed(office, provider)
    out = await iza.dial("600100200")
    (await provider.rung()).answer()
    await out.answered()
    await reached(office, "bridge.started")
    out.bye()
    await office.calm()
    assert not office.waiting()


async def test_the_code_calls_the_next_one_with_the_offices_number(
    line: Line, office: CallbackOffice
) -> None:
    provider, piotr = await line.provider(), await line.phone("102")
    item = await missed(office, provider)
    out = await piotr.dial("*55")
    await out.answered()
    rung = await provider.rung()
    assert rung.invite.start.split()[1].startswith(f"sip:{CLIENT}@")
    assert "+48221234567" in rung.invite.get("From")
    # While he calls, nobody else is given the same client.
    assert office.ask(lambda server: server.desk.callbacks.next_for("101")) is None
    rung.answer()
    await provider.expect("ACK")
    await reached(office, "bridge.started")
    rung.bye()
    row = await office.row()
    assert (row.direction, row.called, row.result) == ("out", CLIENT, Result.TALKED)
    assert row.handled_by == "102"
    assert not office.waiting()
    done = next(one for one in await office.stored() if one.id == item.id)
    assert (done.reason, done.closed_by) == ("talked", "102")


@pytest.mark.parametrize("how", ["busy", "hung up"])
async def test_who_is_not_reached_stays_and_rests_a_while(
    line: Line, office: CallbackOffice, how: str
) -> None:
    provider, piotr = await line.provider(), await line.phone("102")
    item = await missed(office, provider)
    out = await piotr.dial("*55")
    await out.answered()
    rung = await provider.rung()
    if how == "busy":
        rung.answer(486)
        await out.over()
    else:
        rung.ring()
        out.bye()
        await rung.over()
    await office.calm()
    assert [one.id for one in office.waiting()] == [item.id]
    provider.user = "+48600100299"
    other = await missed(office, provider)
    assert office.waiting() == [other, item], "whom nobody has tried comes first"
    assert office.ask(lambda server: server.desk.callbacks.next_for("101")) == other


async def test_who_is_on_the_phone_with_us_is_not_called(
    line: Line, office: CallbackOffice
) -> None:
    """He calls again by himself, and his line would be busy."""
    provider = await line.provider()
    await missed(office, provider)
    out = await (await provider.dial(MAIN)).answered()
    await office.until(lambda: len(office.calls()) == 2, "he is here")
    assert office.ask(lambda server: server.desk.callbacks.next_for("101")) is None
    out.bye()
    await office.calm()
    assert office.ask(lambda server: server.desk.callbacks.next_for("101")).number == CLIENT


async def test_only_the_owners_team_is_given_a_client(line: Line, office: CallbackOffice) -> None:
    item = await missed(office, await line.provider())
    found = office.ask(
        lambda server: [server.desk.callbacks.next_for(one) for one in ("101", "102", "121")]
    )
    assert found == [item, item, None]
    out = await (await line.phone("121")).dial("*55")
    await out.answered()
    await out.over()
    await office.calm()
    told = [dict(one.data) for one in office.events if one.kind == "service.used"]
    assert told == [{"service": "callback", "outcome": "none"}]


@pytest.mark.parametrize("number", [OFFERED, WAITED])
async def test_a_promise_is_kept_first(line: Line, office: CallbackOffice, number: str) -> None:
    provider = await line.provider()
    if number == WAITED:
        await line.phone("123")
    provider.user = "+48600100201"
    await missed(office, provider)
    provider.user = CLIENT
    out = await (await provider.dial(number)).answered()
    if number == WAITED:
        await reached(office, "queue.entered")
        await press(out, "1")
    await reached(office, "prompt.played")
    await press(out, "1")
    await reached(office, "callback.requested")
    first = office.waiting()[0]
    assert (first.number, first.is_asked, first.owner) == (CLIENT, True, "payroll")
    await out.over()
    row = await office.row()
    assert row.result is not Result.TALKED
    ends = [one.data["end"] for one in office.story(row.id) if one.kind == "route.ended"]
    assert ends == ["callback"]
    assert [one.attempts for one in office.waiting()] == [1, 1]


@pytest.mark.parametrize("key", ["2", None])
async def test_who_declines_goes_on(line: Line, office: CallbackOffice, key: str | None) -> None:
    out = await (await (await line.provider()).dial(OFFERED)).answered()
    if key is not None:
        await press(out, key)
    await reached(office, "route.left")
    left = next(one.data for one in office.events if one.kind == "route.left")
    assert left["outcome"] == ("declined" if key else "no_key")
    out.bye()
    await office.calm()
    assert not office.waiting()[0].is_asked


async def test_a_hidden_number_is_offered_nothing(line: Line, office: CallbackOffice) -> None:
    out = await (await line.provider()).dial(OFFERED, None, ("Privacy", "id"))
    await out.answered()
    await reached(office, "route.left")
    left = next(one.data for one in office.events if one.kind == "route.left")
    assert left["outcome"] == "withheld"
    out.bye()


async def test_declared_spam_is_counted_and_not_called(line: Line, office: CallbackOffice) -> None:
    provider = await line.provider()
    before = (await office.sums()).spam
    provider.user = SPAMMER
    out = await (await provider.dial(MAIN)).answered()
    out.bye()
    await office.calm()
    assert not office.waiting()
    provider.user = "+48600100298"
    item = await missed(office, provider)
    ask_in_thread = office.data, "callback close"
    told = await _ask(*ask_in_thread, id=item.id[:20], reason="spam")
    assert told["number"] == "+48600100298"
    out = await (await provider.dial(MAIN)).answered()
    out.bye()
    await office.calm()
    assert not office.waiting()
    assert (await office.sums()).spam == before + 2
    await _ask(office.data, "callback open", id=item.id)
    assert [one.id for one in office.waiting()] == [item.id]


async def test_a_reason_is_typed_and_stands_in_the_story(
    line: Line, office: CallbackOffice
) -> None:
    item = await missed(office, await line.provider())
    with pytest.raises(ControlError, match="say why"):
        await _ask(office.data, "callback close", id=item.id)
    with pytest.raises(ControlError, match="no item"):
        await _ask(office.data, "callback close", id="nothing", reason="spam")
    await _ask(office.data, "callback close", id=item.id, reason="elsewhere")
    with pytest.raises(ControlError, match="closed already"):
        await _ask(office.data, "callback close", id=item.id, reason="elsewhere")
    told = office.story(item.id)[-1]
    assert (told.kind, told.data["reason"], told.data["by"]) == (
        "callback.closed",
        "elsewhere",
        pwd.getpwuid(os.geteuid()).pw_name,
    )


async def test_the_lamp_is_lit_while_somebody_is_due_and_mail_goes_when_it_is_late(
    line: Line, office: CallbackOffice
) -> None:
    item = await missed(office, await line.provider())
    assert lit(office) == []
    ahead(office, timedelta(hours=1, minutes=1))
    assert lit(office) == ["101", "102"]
    assert office.waiting()[0].escalated is None
    ahead(office, timedelta(hours=2, minutes=1))
    for _ in range(3):
        office.ask(lambda server: server.desk.callbacks.tick())
    assert office.waiting()[0].escalated is not None
    mails = await office.run(lambda server: _mails(server))
    (mail,) = [one for one in mails if "+48 600 100 200" in one.subject]
    assert mail.recipients == ("biuro@kancelaria.example",)
    ahead(office, timedelta(0))
    office.ask(lambda server: server.desk.callbacks.decide(item, Act.CLOSED, "elsewhere"))
    assert lit(office) == []


async def _mails(server):  # type: ignore[no-untyped-def]
    outbox = server.desk.outbox
    await outbox._store.flush()
    return await outbox.list_mails()


async def _ask(*arguments: object, **what: str) -> dict[str, object]:
    import asyncio

    return await asyncio.to_thread(ask, *arguments, **what)  # type: ignore[arg-type]


def lit(office: CallbackOffice) -> list[str]:
    """Whose lamp is on."""

    def look(server):  # type: ignore[no-untyped-def]
        server.desk.callbacks.tick()
        lamps = server.presence.lamps
        people = server.desk.office.office.people
        return [one for one in people if lamps.is_lit(own_switch(one, CALLBACK))]

    return office.ask(look)


def ahead(office: CallbackOffice, by: timedelta) -> None:
    """The clock of the list stands so much later than it is."""

    def turn(server):  # type: ignore[no-untyped-def]
        from datetime import UTC, datetime

        server.desk.exchange.clock = lambda: datetime.now(UTC) + by

    office.ask(turn)
