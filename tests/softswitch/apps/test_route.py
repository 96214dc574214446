"""A client on a route: greeting, menu, queue, voicemail; and his hanging up at each step."""

import asyncio

import pytest

from softswitch.routing.caller import QueueOutcome
from softswitch.store.fold import Result
from tests.helpers.hand_phone import Call, Phone
from tests.helpers.office_fixtures import Line
from tests.helpers.office_in_process import OfficeInProcess

MAIN, MAILBOX, SHORT_RING, SHORT_WAIT = (f"+482212345{n}" for n in (67, 69, 70, 71))


async def reached(office: OfficeInProcess, kind: str) -> None:
    await office.until(lambda: office.calls() and kind in office.kinds(), kind)


@pytest.mark.parametrize("step", ["prompt.played", "route.left", "queue.entered", "ring.started"])
async def test_hanging_up_at_each_step(line: Line, office: OfficeInProcess, step: str) -> None:
    provider, marta = await line.provider(), await line.phone("121")
    office.events.clear()
    out = await (await provider.dial(MAIN)).answered()
    await reached(office, step)
    out.bye()
    row = await office.row()
    assert (row.result, row.ended_by) == (Result.ABANDONED, "caller")
    if step == "ring.started":
        assert (await (await marta.rung()).over()).method == "CANCEL"
        assert row.queue == "reception"
        left = next(e for e in office.story(row.id) if e.kind == "queue.left")
        assert left.data["outcome"] == "abandoned"


async def press(call: Call, key: str) -> None:
    info = call.inside("INFO", f"Signal={key}\r\n".encode())
    info.headers = [h for h in info.headers if h[0] != "Content-Type"]
    info.headers.append(("Content-Type", "application/dtmf-relay"))
    call.phone.send(info)
    assert (await call.phone.expect(branch=info.branch, final=True)).status == 200


async def served(provider: Phone, agent: Phone, number: str = MAIN) -> tuple[Call, Call]:
    out = await (await provider.dial(number)).answered()
    rung = await agent.rung()
    rung.ring()
    rung.answer()
    await agent.expect("ACK")
    return out, rung


@pytest.mark.parametrize("who", ["caller", "agent", "both"])
async def test_a_talk_with_an_agent(line: Line, office: OfficeInProcess, who: str) -> None:
    provider, marta = await line.provider(), await line.phone("121")
    out, rung = await served(provider, marta)
    await reached(office, "bridge.started")
    if who != "agent":
        out.bye()
    if who != "caller":
        rung.bye()
    await (rung.over() if who == "caller" else out.over() if who == "agent" else asyncio.sleep(0))
    row = await office.row()
    assert (row.result, row.handled_by, row.queue) == (Result.TALKED, "121", "reception")


async def test_the_caller_leaves_at_the_agents_answer(line: Line, office: OfficeInProcess) -> None:
    provider, marta = await line.provider(), await line.phone("121")
    for first in (True, False):
        out = await (await provider.dial(MAIN)).answered()
        rung = await marta.rung()
        rung.ring()
        for act in (out.bye, rung.answer) if first else (rung.answer, out.bye):
            act()
        await rung.over()
        row = await office.row()
        assert row.result in (Result.ABANDONED, Result.TALKED)


async def test_an_agent_refuses_another_answers(line: Line, office: OfficeInProcess) -> None:
    provider = await line.provider()
    marta, ola = await line.phone("121"), await line.phone("122")
    out = await (await provider.dial(MAIN)).answered()
    (await marta.rung()).answer(486)
    rung = await ola.rung()
    rung.answer()
    await reached(office, "bridge.started")
    out.bye()
    await rung.over()
    assert (await office.row()).handled_by == "122"


async def test_two_callers_and_one_agent(line: Line, office: OfficeInProcess) -> None:
    provider, marta = await line.provider(), await line.phone("121")
    first, rung = await served(provider, marta)
    second = await (await provider.dial(MAIN)).answered()
    await reached(office, "queue.entered")
    await asyncio.sleep(0.3)
    assert not marta.got("INVITE")
    first.bye()
    await rung.over()
    rung = await marta.rung()
    rung.answer()
    await reached(office, "bridge.started")
    second.bye()
    await rung.over()
    assert (await office.row()).result is Result.TALKED


async def test_a_caller_on_hold_meets_his_agent(line: Line, office: OfficeInProcess) -> None:
    provider, marta = await line.provider(), await line.phone("121")
    out = await (await provider.dial(MAIN)).answered()
    rung = await marta.rung()
    await out.hold()
    rung.answer()
    await reached(office, "hold")
    await out.reinvite(provider.offer(version=9))
    await reached(office, "resume")
    rung.bye()
    await out.over()
    assert (await office.row()).result is Result.TALKED


async def test_the_exits_of_a_queue(line: Line, office: OfficeInProcess) -> None:
    """Too long, full, nobody there, a key: each leads to the mailbox."""
    provider = await line.provider()
    calls = [await (await provider.dial(SHORT_WAIT)).answered()]
    await reached(office, "queue.left")  # no agent is registered
    async with Phone("123", office.address, "tajne-haslo-123") as iza:
        await iza.register()
        calls += [await (await provider.dial(SHORT_WAIT)).answered()]
        await reached(office, "queue.entered")
        calls += [await (await provider.dial(SHORT_WAIT)).answered()]
        await reached(office, "queue.entered")
        calls += [await (await provider.dial(SHORT_WAIT)).answered()]
        await reached(office, "queue.left")  # full
        await press(calls[2], "9")
        await office.until(lambda: len(_outcomes(office)) == 3, "the key")
        await office.until(lambda: len(_outcomes(office)) == 4, "the longest wait")
        await iza.register(0)
    for call in calls:
        call.bye()
    await office.calm()
    wanted = [QueueOutcome.UNREACHABLE, QueueOutcome.FULL, QueueOutcome.KEY, QueueOutcome.TOO_LONG]
    assert _outcomes(office)[-4:] == [one.value for one in wanted]


async def test_who_comes_in_one_instant_gets_no_more_places_than_there_are(
    line: Line, office: OfficeInProcess
) -> None:
    """Each is answered before he waits, and all of them come while the queue is empty."""
    provider = await line.provider()
    await line.phone("123")
    office.events.clear()
    calls = [await provider.dial(SHORT_WAIT) for _ in range(4)]
    for call in calls:
        await call.answered()
    await office.until(lambda: _outcomes(office)[:2] == ["full", "full"], "two are too many", 30)
    kinds = [event.kind for event in list(office.events)]
    for call in calls:
        call.bye()
    await office.calm()
    assert kinds.count("queue.entered") == 2


def _outcomes(office: OfficeInProcess) -> list[str]:
    return [
        e.data["outcome"]
        for e in list(office.events)
        if e.kind == "queue.left" and e.data["queue"] == "single"
    ]


async def test_agents_vanish_while_a_caller_waits(line: Line, office: OfficeInProcess) -> None:
    provider, iza = await line.provider(), await line.phone("123")
    office.events.clear()
    out = await (await provider.dial(SHORT_WAIT)).answered()
    await reached(office, "queue.entered")
    await iza.register(0)
    await (await iza.rung()).over()
    await reached(office, "queue.left")
    assert _outcomes(office) == ["unreachable"]
    out.bye()


@pytest.mark.parametrize("step", ["voicemail", "recording", "saved"])
async def test_hanging_up_in_voicemail(line: Line, office: OfficeInProcess, step: str) -> None:
    provider = await line.provider()
    out = await (await provider.dial(MAILBOX)).answered()
    if step != "voicemail":
        await office.until(lambda: office.left().get("recordings"), "the recording")
        await asyncio.sleep(1.3)
    if step == "saved":
        await press(out, "#")
        await reached(office, "voicemail.stored")
    out.bye()
    row = await office.row()
    assert row.result is (Result.ABANDONED if step == "voicemail" else Result.MESSAGE)
    assert (row.message is None) is (step == "voicemail")


async def test_a_hang_up_at_the_beep_leaves_no_message(line: Line, office: OfficeInProcess) -> None:
    provider = await line.provider()
    out = await (await provider.dial(MAILBOX)).answered()
    await office.until(lambda: office.left().get("recordings"), "the recording")
    out.bye()
    row = await office.row()
    assert row.result is Result.ABANDONED
    assert "voicemail.empty" in office.kinds()
    assert not list((office.folder / "data" / "messages").rglob(f"{row.id}*"))


async def test_nobody_answers_and_a_message_is_left(line: Line, office: OfficeInProcess) -> None:
    provider, piotr = await line.provider(), await line.phone("102")
    out = await provider.dial(SHORT_RING)
    rung = await piotr.rung()
    rung.ring()
    assert (await rung.over()).method == "CANCEL"
    await out.answered()
    await office.until(lambda: office.left().get("recordings"), "the recording")
    await asyncio.sleep(1.2)
    out.bye()
    assert (await office.row()).result is Result.MESSAGE


async def test_a_number_that_is_not_ours(line: Line, office: OfficeInProcess) -> None:
    out = await (await line.provider()).dial("+48229999999")
    await out.status(404)


@pytest.mark.parametrize("shown", ["101", "300", "*26"])
async def test_nobody_outside_shows_a_number_of_ours(
    line: Line, office: OfficeInProcess, shown: str
) -> None:
    """A thief who calls as `101` is nobody: phones would show Anna's name beside it."""
    piotr, provider = await line.phone("102"), await line.provider()
    provider.user = shown
    out = await provider.dial(SHORT_RING)
    rung = await piotr.rung()
    is_ours = shown != "*26"
    assert ("anonymous@anonymous.invalid" in rung.invite.get("From")) is is_ours
    out.cancel()
    await rung.over()
    row = await office.row()
    assert row.number == (None if is_ours else shown)
