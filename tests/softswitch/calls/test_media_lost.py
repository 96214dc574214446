"""The media worker dies, or has no port left: nobody hangs for ever, and the next call works."""

import asyncio
import os
import signal

import pytest

from softswitch import metrics
from softswitch.calls.sound import Sound, SoundError
from softswitch.store.fold import Result
from softswitch.wiring import Server
from tests.helpers.hand_phone import Call, Phone
from tests.helpers.office_fixtures import Line
from tests.helpers.office_in_process import OfficeInProcess
from tests.live.rtp_media import build_packet
from tests.softswitch.calls.test_talk import connected

# A closed port is given out again after this.
DRAINED = 0.5


def kill_worker(office: OfficeInProcess) -> None:
    (process,) = office.server.desk.exchange.sounds._media.processes
    os.kill(process, signal.SIGKILL)


async def the_next_call_works(office: OfficeInProcess, anna: Phone, piotr: Phone) -> None:
    out, inward = await connected(anna, piotr)
    out.bye()
    await inward.over()
    assert (await office.row()).result is Result.TALKED


async def repaired(office: OfficeInProcess, deaths: float) -> None:
    """Another worker has all legs of the one that died."""

    def is_well(server: Server) -> bool:
        media = server.desk.exchange.sounds._media
        legs = media._wanted.legs.values()
        return bool(media.processes) and all(leg.is_settled for leg in legs)

    await office.until(lambda: metrics.media_workers_lost._value.get() > deaths, "it died")
    await office.until(lambda: office.ask(is_well), "another worker took over")


async def test_killed_during_a_talk(own_line: Line) -> None:
    """Nobody's phone is told anything, and sound goes on from and to the same ports."""
    line, office = own_line, own_line.office
    anna, piotr = await line.phone("101"), await line.phone("102")
    out, inward = await connected(anna, piotr)
    await both_hear(office, out, inward)
    deaths = metrics.media_workers_lost._value.get()
    metrics.media_compiled.set(-1)
    kill_worker(office)
    await repaired(office, deaths)
    await both_hear(office, out, inward)
    is_compiled = metrics.media_compiled._value
    await office.until(lambda: is_compiled.get() == 1, "its packet loop is compiled as well")
    out.bye()
    await inward.over()
    row = await office.row()
    assert (row.result, row.ended_by) == (Result.TALKED, "caller")
    await the_next_call_works(office, anna, piotr)


def speak(call: Call) -> None:
    """One packet of silence, numbered by the clock, from where the phone listens."""
    tick = int(asyncio.get_running_loop().time() * 200)
    packet = build_packet(8, tick, tick * 160, call.phone.sound_port, b"\xd5" * 160)
    assert call.remote is not None
    call.phone._sound.sendto(packet, (call.remote.host, call.remote.port))


async def both_hear(office: OfficeInProcess, *calls: Call) -> None:
    """Each phone sends to the port that it was told of, until each has heard the other."""
    before = [call.phone.rtp for call in calls]

    def heard() -> bool:
        for call in calls:
            speak(call)
        pairs = zip(calls, before, strict=True)
        return all(call.phone.rtp > count + 10 for call, count in pairs)

    await office.until(heard, "both hear")


async def test_killed_during_ringing(own_line: Line) -> None:
    line, office = own_line, own_line.office
    anna, piotr = await line.phone("101"), await line.phone("102")
    out = await anna.dial("102")
    inward = await piotr.rung()
    inward.ring()
    await out.status(180)
    deaths = metrics.media_workers_lost._value.get()
    kill_worker(office)
    inward.answer()
    await piotr.expect("ACK")
    await out.answered()
    await repaired(office, deaths)
    await both_hear(office, out, inward)
    inward.bye()
    await out.over()
    assert (await office.row()).result is Result.TALKED


async def test_killed_during_the_queue_and_a_recording(own_line: Line) -> None:
    line, office = own_line, own_line.office
    provider, marta = await line.provider(), await line.phone("121")
    waiting = await (await provider.dial("+48221234567")).answered()
    rung = await marta.rung()
    recorded = await (await provider.dial("+48221234569")).answered()
    await office.until(lambda: office.left().get("recordings"), "a recording")
    deaths = metrics.media_workers_lost._value.get()
    kill_worker(office)
    await repaired(office, deaths)
    assert office.left()["recordings"] == 1 and office.left()["calls"] == 2
    for call in (waiting, recorded):
        call.bye()
    await rung.over()
    await office.row()


async def test_no_worker_comes_back(own_line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """The calls end with a reason, and the next ones work when one can be started again."""
    line, office = own_line, own_line.office
    anna, piotr = await line.phone("101"), await line.phone("102")
    out, inward = await connected(anna, piotr)
    with monkeypatch.context() as patch:
        patch.setattr("media.link.WORKER", "media.there_is_none")
        kill_worker(office)
        assert "Media lost" in (await out.over()).get("Reason")
        await inward.over()
    row = await office.row()
    assert (row.result, row.ended_by, row.reason) == (Result.TALKED, "switch", "Media lost")
    await the_next_call_works(office, anna, piotr)


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
