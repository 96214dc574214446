"""What an extension dials: colleagues, himself, groups, the world, nonsense."""

import pytest

from softswitch.sip.flow import Hop, Transport
from softswitch.store.fold import Result
from tests.helpers.office_fixtures import Line
from tests.helpers.office_in_process import OfficeInProcess
from tests.live.ports import free_port


async def test_dialling_oneself_is_busy(line: Line, office: OfficeInProcess) -> None:
    out = await (await line.phone("101")).dial("101")
    await out.status(486)
    assert (await office.row()).result is Result.BUSY


async def test_dialling_oneself_rings_the_other_device(line: Line, office: OfficeInProcess) -> None:
    first, second = await line.phone("101"), await line.phone("101")
    out = await first.dial("101")
    rung = await second.rung()
    assert not first.got("INVITE")
    rung.answer()
    await out.answered()
    out.bye()
    await rung.over()


async def test_a_group_does_not_ring_its_own_caller(line: Line, office: OfficeInProcess) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    out = await anna.dial("320")
    rung = await piotr.rung()
    rung.answer()
    await out.answered()
    assert not anna.got("INVITE")
    rung.bye()
    await out.over()
    assert (await office.row()).handled_by == "102"


async def test_a_group_of_the_caller_alone_leads_to_safety(
    line: Line, office: OfficeInProcess
) -> None:
    out = await (await line.phone("101")).dial("322")
    await out.answered()  # the safe place: a mailbox
    out.bye()
    await office.row()


async def test_a_group_in_order(line: Line, office: OfficeInProcess) -> None:
    anna, piotr, ewa = [await line.phone(one) for one in ("101", "102", "104")]
    out = await anna.dial("321")
    (await piotr.rung()).answer(486)
    rung = await ewa.rung()
    rung.answer()
    await out.answered()
    out.bye()
    await rung.over()
    assert (await office.row()).handled_by == "104"


async def test_an_absent_colleague_with_a_mailbox(line: Line, office: OfficeInProcess) -> None:
    out = await (await line.phone("101")).dial("103")
    await out.answered()
    out.bye()
    assert (await office.row()).result is not Result.FAILED


async def test_echo(line: Line, office: OfficeInProcess) -> None:
    out = await (await line.phone("101")).dial("600")
    await out.answered()
    out.bye()
    await office.row()


async def test_nonsense_is_not_found(line: Line, office: OfficeInProcess) -> None:
    await (await (await line.phone("101")).dial("7")).status(404)
    await office.row()


async def test_a_call_to_the_world(line: Line, office: OfficeInProcess) -> None:
    """183 with sound before the answer; a number's own ringing is heard."""
    anna, provider = await line.phone("101"), await line.provider()
    out = await anna.dial("600100200")
    rung = await provider.rung()
    assert "+48221234567" in rung.invite.get("From")
    provider.answer(rung.invite, 183, provider.offer(), rung.tag)
    assert (await out.status(183)).body
    rung.answer()
    await out.answered()
    rung.bye()
    await out.over()
    row = await office.row()
    assert (row.result, row.direction, row.handled_by) == (Result.TALKED, "out", "101")
    assert not office.ask(lambda server: server.desk.exchange.people.of("+48600100200").calls)


@pytest.mark.parametrize(
    ("status", "seen"),
    [
        (486, 486),
        (404, 404),
        (603, 603),
        (401, 502),
        (407, 502),
        (503, 502),
        (500, 502),
    ],
)
async def test_what_a_provider_refuses(
    line: Line, office: OfficeInProcess, status: int, seen: int
) -> None:
    anna, provider = await line.phone("101"), await line.provider()
    out = await anna.dial("600100200")
    (await provider.rung()).answer(status)
    final = await out.status(seen)
    assert not final.all("WWW-Authenticate")
    assert (await office.row()).status == seen


async def test_a_silent_provider(line: Line, office: OfficeInProcess) -> None:
    out = await (await line.phone("101")).dial("600100200")
    await out.status(502, 504)  # 502 when the kernel says that nobody listens there
    await office.row()


async def test_cancelled_while_the_provider_looks(line: Line, office: OfficeInProcess) -> None:
    anna, provider = await line.phone("101"), await line.provider()
    out = await anna.dial("600100200")
    rung = await provider.rung()
    provider.answer(rung.invite, 183, provider.offer(), rung.tag)
    await out.status(183)
    out.cancel()
    await out.status(487)
    await rung.over()
    assert (await office.row()).result is Result.ABANDONED


async def test_the_next_server_is_tried(line: Line, office: OfficeInProcess) -> None:
    """RFC 3263 4.3: nobody listens at the provider's first server; the call goes by the second."""
    anna, provider = await line.phone("101"), await line.provider()
    hops = office.server.arrivals.trunks._hops
    (name, known), dead = next(iter(hops.items())), free_port()
    hops[name] = [Hop(Transport.UDP, known[0].host, dead), *known]
    try:
        out = await anna.dial("600100200")
        rung = await provider.rung()
        rung.answer()
        await out.answered()
        out.bye()
        await rung.over()
    finally:
        hops[name] = known
    assert (await office.row()).result is Result.TALKED
