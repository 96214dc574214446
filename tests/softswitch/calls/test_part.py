"""Who owns whom in a call: what is over is freed at once, without the collector."""

import gc
from collections.abc import Iterator
from weakref import ref

import pytest

from softswitch.calls.part import Part
from tests.helpers.hand_phone import Call
from tests.helpers.office_in_process import SHORT
from tests.helpers.virtual_office import VirtualOffice, virtual_office


@pytest.fixture
def office() -> Iterator[VirtualOffice]:
    with virtual_office() as running:
        gc.disable()
        yield running
        gc.enable()
        running.check_calm()


def owned(office: VirtualOffice) -> list[ref[object]]:
    """The legs of all calls, the calls, and who talks."""
    desk = office.server.desk
    legs = list(desk.exchange.dispatcher._dialogs.values())
    talks = list(desk.conversations.values())
    return [ref(one) for one in (*legs, *talks, *(talk.call for talk in talks))]


async def begun(office: VirtualOffice) -> tuple[Call, Call]:
    phone, provider = await office.phone("102"), await office.provider()
    out = await provider.dial(SHORT)
    rung = await phone.rung()
    rung.answer()
    await out.answered()
    await office.until(lambda: office.hears(out, rung), "they talk")
    return out, rung


@pytest.mark.parametrize("who", ["caller", "callee"])
def test_a_call_that_is_over_waits_for_no_collector(office: VirtualOffice, who: str) -> None:
    out, rung = office.do(begun(office))
    found = owned(office)
    assert len(found) == 4 and all(one() is not None for one in found)

    async def end() -> None:
        (out if who == "caller" else rung).bye()
        await (rung if who == "caller" else out).over()

    office.do(end())
    office.loop.pass_time(2.0)
    assert [one() for one in found] == [None] * 4


def test_a_hold_leaves_no_circle_either(office: VirtualOffice) -> None:
    out, rung = office.do(begun(office))
    found = owned(office)

    async def story() -> None:
        assert (await rung.hold("sendonly")).status == 200
        assert (await rung.hold("sendrecv")).status == 200
        out.bye()
        await rung.over()

    office.do(story())
    office.loop.pass_time(2.0)
    assert [one() for one in found] == [None] * 4


class _Whole:
    pass


def test_a_part_knows_its_leg_as_long_as_there_is_one() -> None:
    whole = _Whole()
    part = Part(whole)
    assert part._leg is whole
    del whole
    with pytest.raises(ReferenceError, match="after the leg was gone"):
        _ = part._leg
