"""The media worker dies, or has no port left: nobody hangs for ever, and the next call works."""

import asyncio
import os
import signal

import pytest

from softswitch.calls.sound import Sound, SoundError
from softswitch.store.fold import Result
from softswitch.wiring import Server
from tests.helpers.hand_phone import Phone
from tests.helpers.office_fixtures import Line
from tests.helpers.office_in_process import OfficeInProcess
from tests.softswitch.calls.test_talk import connected

# A closed port is given out again after this.
DRAINED = 0.5


def kill_worker(office: OfficeInProcess) -> None:
    media = office.server.desk.exchange.sounds._media
    assert media.process is not None
    os.kill(media.process, signal.SIGKILL)


async def the_next_call_works(office: OfficeInProcess, anna: Phone, piotr: Phone) -> None:
    out, inward = await connected(anna, piotr)
    out.bye()
    await inward.over()
    assert (await office.row()).result is Result.TALKED


async def test_killed_during_a_talk(own_line: Line) -> None:
    line, office = own_line, own_line.office
    anna, piotr = await line.phone("101"), await line.phone("102")
    out, inward = await connected(anna, piotr)
    kill_worker(office)
    assert "Media lost" in (await out.over()).get("Reason")
    await inward.over()
    row = await office.row()
    assert (row.result, row.ended_by, row.reason) == (Result.TALKED, "switch", "Media lost")
    await the_next_call_works(office, anna, piotr)


async def test_killed_during_ringing(own_line: Line) -> None:
    line, office = own_line, own_line.office
    anna, piotr = await line.phone("101"), await line.phone("102")
    out = await anna.dial("102")
    inward = await piotr.rung()
    inward.ring()
    await out.status(180)
    kill_worker(office)
    assert (await out.status(503)).get("Retry-After")
    await inward.over()
    assert (await office.row()).result is Result.FAILED
    await the_next_call_works(office, anna, piotr)


async def test_killed_during_the_queue_and_a_recording(own_line: Line) -> None:
    line, office = own_line, own_line.office
    provider, marta = await line.provider(), await line.phone("121")
    waiting = await (await provider.dial("+48221234567")).answered()
    rung = await marta.rung()
    recorded = await (await provider.dial("+48221234569")).answered()
    await office.until(lambda: office.left().get("recordings"), "a recording")
    kill_worker(office)
    for call in (waiting, recorded):
        await provider.expect("BYE", call=call)
    await rung.over()
    await office.row()


async def test_ports_used_up(line: Line, office: OfficeInProcess) -> None:
    anna, piotr, ewa = [await line.phone(one) for one in ("101", "102", "104")]
    out, inward = await connected(anna, piotr)
    sounds = await office.run(_take_all_ports)
    refused = await ewa.dial("101")
    assert (await refused.status(503)).get("Retry-After")
    office.ask(lambda _: sounds.pop().close())
    await asyncio.sleep(DRAINED)
    half = await ewa.dial("101")  # one port: the caller has his, the called has none
    await half.status(503)
    assert (await anna.expect("INVITE", within=0.5) if anna.got("INVITE") else None) is None
    assert office.left()["calls"] == 1
    out.bye()
    await inward.over()
    office.ask(lambda _: [sound.close() for sound in sounds])
    await office.calm()
    await asyncio.sleep(DRAINED)


async def _take_all_ports(server: Server) -> list[Sound]:
    taken = []
    try:
        while True:
            taken.append(await server.desk.exchange.sounds.open("127.0.0.1"))
    except SoundError:
        return taken


async def test_more_calls_than_the_bound(
    line: Line, office: OfficeInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, piotr, ewa = [await line.phone(one) for one in ("101", "102", "104")]
    out, inward = await connected(anna, piotr)
    monkeypatch.setattr("softswitch.apps.arrivals.MAX_CALLS", 1)
    ewa.password, password = None, ewa.password
    shed = await ewa.dial("101")
    assert (await shed.status(503)).get("Retry-After")
    ewa.password = password
    out.bye()
    await inward.over()
    assert (await office.row()).result is Result.TALKED
