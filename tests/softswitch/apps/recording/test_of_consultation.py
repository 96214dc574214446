"""Whom a client's agent asks while the client waits: recorded only if a policy says so of calls
between colleagues, in a recording of its own; and the client's goes on afterwards.
"""

import asyncio
from collections.abc import Iterator

import pytest

from tests.helpers.hand_phone import Call
from tests.helpers.virtual_office import VirtualOffice, virtual_office
from tests.softswitch.apps.recording.test_of_call import (
    MAIN,
    POLICIES,
    SECRET,
    hears_notice,
    is_recorded,
    kinds,
    queued,
)
from tests.softswitch.apps.test_talk_codes import answer, keys

INTERNAL = """\
  - {direction: internal, purpose: szkolenie, keep: 9d, notice: notice_recorded}
"""


@pytest.fixture(params=["", INTERNAL], ids=["clients", "everybody"])
def policies(request: pytest.FixtureRequest) -> str:
    return POLICIES.replace("never_recorded:", f"{request.param}never_recorded:")


@pytest.fixture
def office(policies: str) -> Iterator[VirtualOffice]:
    with virtual_office(policies) as running:
        yield running
        running.check_calm()
        assert not running.media.cut and not running.media.recordings
        dump = running.server.dump()
        assert (dump["calls recorded"], dump["tapes"]) == (0, 0)


async def consulting(office: VirtualOffice, colleague: str) -> tuple[Call, Call, Call]:
    """A recorded client waits, and 121 has a colleague on the line."""
    marta, piotr = await office.phone("121"), await office.phone(colleague)
    out, inward = await queued(office, marta)
    await keys(inward, f"*2{colleague}#")
    return out, inward, await answer(piotr)


def recordings(office: VirtualOffice) -> list[str]:
    return [
        str(event.data["recording"]).rpartition("-")[2]
        for event in office.story(office.calls()[-1])
        if event.kind == "recording.started"
    ]


def test_the_clients_recording_rests_and_goes_on(office: VirtualOffice, policies: str) -> None:
    async def story() -> None:
        out, inward, asked = await consulting(office, "102")
        if INTERNAL in policies:
            await office.until(lambda: hears_notice(office, asked), "the notice", 2)
            assert hears_notice(office, inward) and not hears_notice(office, out)
            assert not office.media.recorded() and not office.hears(inward, asked)
        await office.until(lambda: office.hears(inward, asked), "they consult")
        await asyncio.sleep(2)
        if INTERNAL in policies:
            assert is_recorded(office, inward, asked)
        else:
            assert not office.media.recorded()
        assert "transfer" in office.media.paused.values()
        await keys(inward, "*2")
        await inward.over()
        await office.until(lambda: is_recorded(office, out, asked), "he is recorded again")
        await asyncio.sleep(3)
        out.bye()
        await asked.over()

    office.do(story())
    (client, *others) = recordings(office)
    assert others == (["2"] if INTERNAL in policies else [])
    row = office.row()
    assert row.recording is not None and row.recording.endswith(f"-{client}"), "the client's"


@pytest.mark.parametrize("policies", [POLICIES.replace("never_", f"{INTERNAL}never_")])
def test_who_is_never_recorded_is_not_when_asked(office: VirtualOffice) -> None:
    async def story() -> None:
        out, inward, asked = await consulting(office, SECRET)
        await office.until(lambda: office.hears(inward, asked), "they consult")
        await asyncio.sleep(3)
        assert not office.media.recorded() and not hears_notice(office, asked)
        assert office.leg_of(asked) in office.media.protected
        await keys(inward, "*0")  # back to the client
        await office.until(lambda: is_recorded(office, out, inward), "he is recorded again")
        await asyncio.sleep(3)
        out.bye()
        await inward.over()

    office.do(story())
    assert recordings(office) == ["1"]
    assert "denied" in kinds(office)


@pytest.mark.parametrize("policies", [POLICIES.replace("never_", f"{INTERNAL}never_")])
@pytest.mark.parametrize("who", ["client", "asker", "asked"])
def test_who_leaves_during_the_notice(office: VirtualOffice, who: str) -> None:
    """Nothing is recorded of a consultation whose notice nobody has heard to its end."""

    async def story() -> None:
        out, inward, asked = await consulting(office, "102")
        await office.until(lambda: hears_notice(office, asked), "the notice", 2)
        {"client": out, "asker": inward, "asked": asked}[who].bye()
        left = {"client": (inward, asked), "asker": (out, asked), "asked": (out, inward)}[who]
        await office.until(lambda: office.hears(*left), "the two others talk", 10)
        assert len(office.media.recordings) <= 1
        await asyncio.sleep(3)
        left[0].bye()
        await left[1].over()

    office.do(story())
    assert recordings(office) == ["1"]


@pytest.mark.parametrize("policies", [POLICIES])
@pytest.mark.parametrize("number", ["600100777", "600100300"])
def test_somebody_outside_who_is_asked_is_a_call_out(office: VirtualOffice, number: str) -> None:
    """By the policy of calls out, after a notice; never, if he may not be recorded."""
    may_be = number != "600100300"

    async def story() -> None:
        marta, world = await office.phone("121"), await office.provider()
        out = await world.dial(MAIN)
        await out.answered()
        inward = await answer(marta)
        await office.until(lambda: is_recorded(office, out, inward), "the client is recorded")
        await keys(inward, f"*2{number}#")
        asked = await world.rung()
        asked.answer()
        await world.expect("ACK", call=asked)
        if may_be:
            await office.until(lambda: hears_notice(office, asked), "the notice", 3)
            assert not office.media.recorded()
            await office.until(lambda: is_recorded(office, inward, asked), "they are", 10)
        await office.until(lambda: office.hears(inward, asked), "they consult")
        await asyncio.sleep(3)
        assert is_recorded(office, inward, asked) is may_be
        asked.bye()
        await office.until(lambda: is_recorded(office, out, inward), "the client again", 10)
        await asyncio.sleep(3)
        out.bye()
        await inward.over()

    office.do(story())
    assert recordings(office) == (["1", "2"] if may_be else ["1"])
