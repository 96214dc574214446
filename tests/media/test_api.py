"""The asyncio client with a real worker process behind it."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable

import numpy as np
import pytest
from msgspec.structs import replace

from media.api import (
    Bridge,
    CloseLeg,
    Event,
    Failed,
    LegClosed,
    LegRefused,
    MediaClient,
    MediaSettings,
    Play,
    SendDigits,
    WorkerDied,
    WorkerRepaired,
)
from media.commands import Digit, PacketLoop, PlayEnded
from tests.media.desk import HOST, Phone, sine, strength

SETTINGS = MediaSettings(rtp_low=32000, rtp_high=32040)


class Office:
    """A client, its events, and patience that does not depend on the machine's speed."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.client = MediaClient(self.events.append)

    async def until(self, is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not is_so():  # noqa: ASYNC110 - packets set no Event
                await asyncio.sleep(0.005)

    def of(self, kind: type) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]

    async def open(self, phone: Phone) -> int:
        leg = await self.client.open_leg(HOST)
        phone.to = (HOST, leg.port)
        self.client.send(phone.remote(leg.id))
        return leg.id


async def test_who_listens_late_is_told_how_the_packet_loop_runs() -> None:
    """The office listens when its workers are there, and they say it as soon as they are."""
    client, events = MediaClient(), list[Event]()
    await client.start(replace(SETTINGS, native=False, workers=2, spare=False))
    await asyncio.sleep(0.1)
    client.on_event = events.append
    async with asyncio.timeout(30):
        while events.count(PacketLoop(False, "compiling is switched off")) < 2:
            await asyncio.sleep(0.005)
    await client.close()


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    one = Office()
    await one.client.start(SETTINGS)
    yield one
    await one.client.close()


async def test_two_phones_talk_through_the_worker(office: Office) -> None:
    alice, bob = Phone(), Phone(ssrc=5)
    a, b = await office.open(alice), await office.open(bob)
    office.client.send(Bridge(office.client.new_id(), (a, b)))
    wave = sine(1000, 0.02)

    def both_heard() -> bool:
        alice.say(wave)
        bob.say(sine(400, 0.02))
        alice.listen()
        bob.listen()
        return len(alice.heard) > 40 and len(bob.heard) > 40

    await office.until(both_heard)
    assert strength(bob.audio()[800:], 1000) > 7000
    assert strength(alice.audio()[800:], 400) > 7000
    office.client.send(CloseLeg(a))
    await office.until(lambda: bool(office.of(LegClosed)))
    alice.close()
    bob.close()


async def test_a_tone_is_heard_from_its_first_frame(office: Office) -> None:
    alice = Phone()
    a = await office.open(alice)
    office.client.send(Play(a, 4, ("tone:record",)))
    await office.until(lambda: bool(office.of(PlayEnded)))
    alice.listen()
    assert alice.heard[0].header.marker
    assert strength(alice.audio()[:1600], 1400) > 1000
    alice.close()


async def test_digits_from_worker_to_worker(office: Office) -> None:
    alice, bob = Phone(), Phone()
    a, b = await office.open(alice), await office.open(bob)
    # Each leg is the other's far phone: what one sends as digits the other one hears.
    for leg, far in ((a, bob.to), (b, alice.to)):
        office.client.send(alice.remote(leg, host=HOST, port=far[1]))
    office.client.send(SendDigits(a, "12#"))
    await office.until(lambda: len(office.of(Digit)) == 3)
    assert [(d.leg, d.digit, d.duration_ms) for d in office.of(Digit)] == [
        (b, "1", 160),
        (b, "2", 160),
        (b, "#", 160),
    ]
    alice.close()
    bob.close()


async def test_ports_run_out_and_the_leg_is_refused(office: Office) -> None:
    for _ in range(20):
        await office.client.open_leg(HOST)
    with pytest.raises(LegRefused, match="no free"):
        await office.client.open_leg(HOST)


async def test_after_the_first_leg_nobody_waits_for_one() -> None:
    office = Office()
    # Six of two hundred port pairs may wait for calls.
    await office.client.start(MediaSettings(rtp_low=32000, rtp_high=32400))
    first = await office.client.open_leg(HOST)
    await office.until(lambda: office.client.dump_standby()["ready"] == 6)
    assert office.client.dump()["legs"] == 1
    with pytest.raises(StopIteration) as at_once:
        office.client.open_leg(HOST).send(None)
    second = at_once.value.value
    alice, bob = Phone(), Phone(ssrc=5)
    for leg, phone in ((first, alice), (second, bob)):
        phone.to = (HOST, leg.port)
        office.client.send(phone.remote(leg.id))
    office.client.send(Bridge(office.client.new_id(), (first.id, second.id)))

    def is_heard() -> bool:
        alice.say(sine(1000, 0.02))
        bob.say(sine(400, 0.02))
        bob.listen()
        return len(bob.heard) > 40

    await office.until(is_heard)
    assert strength(bob.audio()[800:], 1000) > 7000
    os.kill(office.client.processes[0], signal.SIGKILL)
    await office.until(lambda: bool(office.of(WorkerRepaired)))
    assert [event.legs for event in office.of(WorkerDied)] == [2]  # type: ignore[attr-defined]
    bob.heard.clear()
    await office.until(is_heard)  # on the same ports, in another worker
    for leg in (first, second):
        office.client.send(CloseLeg(leg.id))
    await office.until(lambda: not any(office.client.dump().values()))
    await office.client.close()
    alice.close()
    bob.close()


async def test_what_fails_is_said(office: Office) -> None:
    office.client.send(CloseLeg(12345))
    await office.until(lambda: bool(office.of(Failed)))
    assert office.of(Failed) == [Failed("CloseLeg", 12345, "no leg 12345")]


async def test_close_ends_the_worker_quietly() -> None:
    office = Office()
    await office.client.start(SETTINGS)
    (process,) = office.client.processes
    await office.client.close()
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
    assert office.of(WorkerDied) == []


async def test_a_share_of_ports_for_each_worker() -> None:
    with pytest.raises(ValueError, match="3 media workers for 2 port pairs"):
        await MediaClient().start(MediaSettings(rtp_low=32000, rtp_high=32004, workers=3))


def test_strength_knows_its_frequency() -> None:
    assert strength(sine(1000, 0.1), 1000) == pytest.approx(8000, rel=0.01)
    assert strength(np.zeros(800, np.int16), 1000) == 0
