"""A free agent is rung for one caller, however many wait."""

import asyncio

from tests.helpers.hand_phone import Call
from tests.helpers.office_fixtures import Line
from tests.helpers.office_in_process import OfficeInProcess
from tests.softswitch.apps.test_route import MAIN, reached

WAITING = 4
# Long enough for every wrong INVITE to be here.
MOMENT = 0.7


async def test_one_agent_is_rung_once(line: Line, office: OfficeInProcess) -> None:
    provider, iza = await line.provider(), await line.phone("121")
    iza.rings = lambda call: call.ring()
    await (await provider.dial(MAIN)).answered()
    talk = await iza.rung()
    talk.answer()
    await iza.expect("ACK")
    await reached(office, "bridge.started")
    waiting: list[Call] = [await (await provider.dial(MAIN)).answered() for _ in range(WAITING)]
    await office.until(lambda: office.dump()["waiting"] == WAITING, "all wait")
    office.events.clear()
    talk.bye()
    await asyncio.sleep(MOMENT)
    offers = [event.kind for event in office.events].count("ring.started")
    invites = sum(one.is_request and one.method == "INVITE" for one in iza.inbox)
    for call in waiting:
        call.bye()
    assert (offers, invites) == (1, 1)
