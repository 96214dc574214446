"""Real calls through the office in process: what the store has of their messages is the truth."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from softswitch.store.database import open_for_reading
from softswitch.store.history import History
from softswitch.trace.ladder import Ladder, build
from softswitch.trace.loading import Trace, known_from, load_trace
from tests.helpers.hand_phone import Call, Phone
from tests.helpers.office_fixtures import Line
from tests.helpers.office_in_process import PASSWORD, OfficeInProcess
from tests.softswitch.apps.test_transfer import answer, refer, told

PATIENCE = 60.0


async def stored(office: OfficeInProcess, call: str, enough: Callable[[Trace], bool]) -> Trace:
    """A call's messages, once what the test waits for is among them."""
    end = asyncio.get_running_loop().time() + PATIENCE
    async with open_for_reading(url(office.folder)) as shelf:
        while True:
            trace = await load_trace(shelf, call)
            if enough(trace):
                return trace
            assert asyncio.get_running_loop().time() < end, lines(trace)
            await asyncio.sleep(0.05)


def url(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder / 'data' / 'softswitch.db'}"


def lines(trace: Trace) -> list[str]:
    ladder = build(trace.messages)
    return [] if ladder is None else told_by(ladder)


def told_by(ladder: Ladder) -> list[str]:
    """`101 > INVITE 102 (sound)`: who sent what."""
    found = []
    for arrow in ladder.arrows:
        who = ladder.participants[arrow.participant].label
        found.append(f"{f'> {who}' if arrow.is_ours else f'{who} >'}: {arrow.label}")
    return found


def has(count: int, what: str) -> Callable[[Trace], bool]:
    """So many messages whose first line contains this."""

    def check(trace: Trace) -> bool:
        firsts = [one.text.partition(b"\r\n")[0].decode() for one in trace.messages]
        return sum(what in first for first in firsts) >= count

    return check


async def connected(caller: Phone, callee: Phone) -> tuple[Call, Call]:
    out = await caller.dial(callee.user)
    inward = await answer(callee)
    await out.answered()
    return out, inward


async def test_a_call_between_two_phones(line: Line, office: OfficeInProcess) -> None:
    anna, piotr = [await line.phone(one) for one in ("101", "102")]
    out, inward = await connected(anna, piotr)
    out.bye()
    await inward.over()
    await office.row()
    trace = await stored(office, office.calls()[-1], has(1, "BYE sip:102"))
    shown = [line for line in lines(trace) if "100 Trying" not in line]
    assert shown[:6] == [
        "101 >: INVITE 102 (sound)",
        "> 101: 401 Unauthorized",
        "101 >: ACK",
        "101 >: INVITE 102 (sound)",
        "> 102: INVITE 102 (sound)",
        "102 >: 180 Ringing",
    ]
    assert {line for line in lines(trace) if "BYE" in line} == {
        "101 >: BYE",
        "> 101: 200 OK (BYE)",
        "> 102: BYE",
        "102 >: 200 OK (BYE)",
    }
    texts = b"".join(one.text for one in trace.messages)
    assert b"Authorization: Digest [cut]" in texts and b"WWW-Authenticate: Digest [cut]" in texts
    assert b"response=" not in texts and b"nonce=" not in texts
    assert PASSWORD.format("101").encode() not in texts


async def test_registrations_and_strangers_leave_nothing(
    line: Line, office: OfficeInProcess
) -> None:
    anna = await line.phone("101")
    scanner = Phone("100", office.address)
    async with scanner:
        invite = scanner.request("INVITE", f"sip:900@{scanner.domain}", "<sip:100@x>", "<sip:9@x>")
        scanner.put(invite)
        await scanner.expect(401)
    await anna.register()
    exchange = office.ask(lambda server: server.desk.exchange)
    assert exchange.trace is not None
    await office.until(lambda: exchange.trace and exchange.trace.dump()["messages heard"] == 0, "")
    assert exchange.trace.dump()["messages unclaimed"] <= 1


async def test_an_attended_transfer_shows_all_legs(line: Line, office: OfficeInProcess) -> None:
    anna, piotr, ewa = [await line.phone(one) for one in ("101", "102", "104")]
    first, inward = await connected(anna, piotr)
    asked = await piotr.dial("104")  # the consultation
    far = await answer(ewa)
    await asked.answered()
    calls = office.calls()[-2:]
    assert (await refer(inward, "104", replaces=asked)).status == 202
    await told(inward, 200)
    await inward.over()
    await asked.over()
    far.bye()
    await first.over()
    await office.row()
    for call in calls:
        trace = await stored(office, call, has(1, "BYE sip:101"))
        assert sorted(trace.calls) == sorted(calls)
        ladder = build(trace.messages)
        assert ladder is not None
        assert [one.label for one in ladder.participants] == ["101", "102", "104"]
        shown = told_by(ladder)
        assert shown.index("102 >: REFER to 104") < shown.index("> 102: NOTIFY 200 OK")
        assert shown.index("> 104: INVITE 104 (sound)") < shown.index("102 >: REFER to 104")
        assert shown.index("104 >: BYE") < shown.index("> 101: BYE")
        legs = {arrow.seen.call_id for arrow in ladder.arrows}
        assert len(legs) == 4  # two of each call


async def test_a_refused_offer_is_traced(line: Line, office: OfficeInProcess) -> None:
    anna, before = await line.phone("101"), len(office.calls())
    out = await anna.dial("102", b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n")
    await out.status(488)
    await office.until(lambda: len(office.calls()) > before, "its line in the history")
    trace = await stored(office, office.calls()[-1], has(1, "488"))
    assert "> 101: 488 Not Acceptable Here" in lines(trace)


async def test_a_call_that_rings_several_people(line: Line, office: OfficeInProcess) -> None:
    client = await line.provider()
    anna, piotr = [await line.phone(one) for one in ("101", "102")]
    jan = await line.phone("103")
    out = await jan.dial("320")
    one, other = await anna.rung(), await piotr.rung()
    one.ring()
    other.ring()
    other.answer()
    await one.over()
    await out.answered()
    out.bye()
    await other.over()
    await office.row()
    trace = await stored(office, office.calls()[-1], has(2, "BYE"))
    shown = lines(trace)
    assert "> 101: CANCEL [Call completed elsewhere]" in shown
    assert "101 >: 487 Whatever" in shown
    assert client.user not in "".join(shown)


async def test_events_name_the_far_sides(line: Line, office: OfficeInProcess) -> None:
    client, piotr = await line.provider(), await line.phone("102")
    out = await client.dial("+48221234570")
    inward = await answer(piotr)
    await out.answered()
    out.bye()
    await inward.over()
    await office.row()
    call = office.calls()[-1]
    await stored(office, call, has(1, "BYE"))
    async with open_for_reading(url(office.folder)) as shelf:
        story = await History(shelf).get_call(call)
        trace = await load_trace(shelf, call)
    assert story is not None
    ladder = build(trace.messages, known=known_from(story.events, {"102": "Piotr"}))
    assert ladder is not None
    assert [one.who for one in ladder.participants] == ["+48600100200 (operator)", "102 Piotr"]
    stats = [event for event in story.events if event.kind == "leg.stats"]
    assert sorted(event.data["sip"] for event in stats) == sorted(
        {arrow.seen.call_id for arrow in ladder.arrows}
    )
