"""Workers that die or share a call, as real processes: what phones hear, and what is recorded."""

import asyncio
import os
import signal
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from media.api import (
    Bridge,
    CloseLeg,
    Event,
    LegClosed,
    MediaSettings,
    Music,
    Play,
    Record,
    RecordingEnded,
    Rolled,
    SendDigits,
    StopRecording,
    Unbridge,
    WorkerDied,
    WorkerLost,
    WorkerRepaired,
)
from media.recording_commands import RecordingEnd
from tests.media.desk import HOST, Phone, sine, strength
from tests.media.test_api import Office
from tests.media.test_srtp import SecurePhone

SETTINGS = MediaSettings(rtp_low=32100, rtp_high=32180, spare=False)


class Talk(Office):
    """Two phones with a voice each."""

    def __init__(self) -> None:
        super().__init__()
        self.phones = Phone(ssrc=1), Phone(ssrc=2)
        self.waves = sine(1000, 0.02), sine(400, 0.02)

    def speak(self) -> None:
        for phone, wave in zip(self.phones, self.waves, strict=True):
            phone.say(wave)
            phone.listen()

    async def hear_each_other(self, packets: int = 30) -> None:
        """Until both have heard so much from now on; and it is the other one's voice."""
        for phone in self.phones:
            phone.heard.clear()

        def both() -> bool:
            self.speak()
            return all(len(phone.heard) >= packets for phone in self.phones)

        await self.until(both)
        for phone, frequency in zip(self.phones, (400, 1000), strict=True):
            assert strength(phone.audio()[-800:], frequency) > 7000

    async def kill(self, post: int = 0) -> None:
        before = len(self.of(WorkerRepaired))
        os.kill(self.client.processes[post], signal.SIGKILL)
        await self.until(lambda: len(self.of(WorkerRepaired)) > before)


@pytest.fixture
async def office() -> AsyncIterator[Talk]:
    one = Talk()
    await one.client.start(SETTINGS)
    yield one
    await one.client.close()
    for phone in one.phones:
        phone.close()
    assert one.of(WorkerLost) == []


async def closed(office: Talk, *legs: int) -> None:
    for leg in legs:
        office.client.send(CloseLeg(leg))
    await office.until(lambda: {e.leg for e in office.of(LegClosed)} >= set(legs))  # type: ignore
    dump = office.client.dump()
    assert not any(dump.values()), dump


async def test_a_worker_is_killed_and_the_talk_goes_on(office: Talk) -> None:
    a, b = [await office.open(phone) for phone in office.phones]
    office.client.send(Bridge(7, (a, b)))
    await office.hear_each_other()
    await office.kill()
    assert [event.legs for event in office.of(WorkerDied)] == [2]  # type: ignore[attr-defined]
    # The phones send to the ports that they know; nobody has told them anything.
    await office.hear_each_other()
    office.client.send(SendDigits(a, "5"))
    office.client.send(Unbridge(7))
    await closed(office, a, b)


async def test_an_encrypted_talk_of_an_hour_goes_on(office: Talk) -> None:
    plain, secure = office.phones[1], SecurePhone(ssrc=1)
    office.phones[0].close()
    office.phones = secure, plain
    a, b = [await office.open(phone) for phone in office.phones]
    office.client.send(Bridge(7, (a, b)))
    await office.hear_each_other()
    for _ in range(12):
        secure.sequence += 0x4000  # four times 22 minutes
        await office.hear_each_other(3)
    await office.until(lambda: bool(office.of(Rolled)))
    await office.kill()
    await office.hear_each_other()
    await closed(office, a, b)


async def test_music_and_a_loop_are_there_again(office: Talk, tmp_path: Path) -> None:
    path = tmp_path / "music.wav"
    soundfile.write(path, sine(700, 1.0), 8000)
    a, b = [await office.open(phone) for phone in office.phones]
    office.client.send(Music(a, str(path)))
    office.client.send(Play(b, 3, ("tone:busy",), loop=True))
    await office.kill()
    for phone in office.phones:
        phone.listen()
        phone.heard.clear()

    def both() -> bool:
        office.speak()
        return all(len(phone.heard) > 30 for phone in office.phones)

    await office.until(both)
    assert strength(office.phones[0].audio()[-800:], 700) > 5000
    await closed(office, a, b)


async def test_what_is_asked_for_meanwhile_is_done(office: Talk) -> None:
    a, b = [await office.open(phone) for phone in office.phones]
    os.kill(office.client.processes[0], signal.SIGKILL)
    await office.until(lambda: bool(office.of(WorkerDied)))
    office.client.send(Bridge(7, (a, b)))
    third = await office.client.open_leg(HOST)  # waits for the successor
    office.client.send(CloseLeg(third.id))
    await office.hear_each_other()
    os.kill(office.client.processes[0], signal.SIGKILL)
    await office.until(lambda: len(office.of(WorkerDied)) == 2)
    await closed(office, a, b, third.id)


async def test_a_recording_is_whole_but_for_the_gap(office: Talk, tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    a, b = [await office.open(phone) for phone in office.phones]
    office.client.send(Bridge(7, (a, b)))
    loop = asyncio.get_running_loop()
    began = loop.time()
    office.client.send(Record(9, str(path), (a,), (b,)))
    until = began + 2.0
    step = iter(np.arange(began, began + 60, 0.02))

    async def speak_until(end: float) -> None:
        while loop.time() < end:
            await asyncio.sleep(max(0.0, next(step) - loop.time()))
            office.speak()

    await speak_until(until)
    repaired = asyncio.create_task(office.kill())
    while not repaired.done():
        await speak_until(loop.time() + 0.05)
    await repaired
    await speak_until(loop.time() + 1.5)
    office.client.send(StopRecording(9))
    length = loop.time() - began
    await office.until(lambda: bool(office.of(RecordingEnded)))
    (ended,) = office.of(RecordingEnded)
    assert (ended.reason, ended.error) == (RecordingEnd.STOPPED, "")  # type: ignore[attr-defined]
    samples, rate = soundfile.read(path, dtype="int16")
    assert rate == 8000 and abs(len(samples) / 8000 - length) < 0.5
    left, right = samples[:, 0], samples[:, 1]
    for part in (slice(2400, 8000), slice(-7000, -1000)):
        assert strength(left[part], 1000) > 5000 and strength(right[part], 400) > 5000
    await closed(office, a, b)


async def test_two_workers_share_a_call() -> None:
    office = Talk()
    await office.client.start(MediaSettings(rtp_low=32200, rtp_high=32240, workers=2, spare=False))
    try:
        a, b = [await office.open(phone) for phone in office.phones]
        legs = office.client._wanted.legs
        assert {legs[a].worker, legs[b].worker} == {0, 1}
        office.client.send(Bridge(7, (a, b)))
        await office.hear_each_other()
        assert legs[a].worker == legs[b].worker
        beside = await office.client.open_leg(HOST, beside=a)
        assert legs[beside.id].worker == legs[a].worker
        # The worker that has nothing dies: nobody hears anything of it.
        await office.kill(1 - legs[a].worker)
        await office.hear_each_other(10)
        await office.kill(legs[a].worker)
        await office.hear_each_other()
        await closed(office, a, b, beside.id)
    finally:
        await office.client.close()
        for phone in office.phones:
            phone.close()


def bind_when_free(thief: socket.socket, port: int) -> None:
    """The system closes a killed process's sockets one by one."""
    while True:
        try:
            return thief.bind((HOST, port))
        except OSError:
            time.sleep(0.001)


async def test_a_port_taken_meanwhile_loses_only_its_leg(office: Talk) -> None:
    a, b = [await office.open(phone) for phone in office.phones]
    port = office.phones[0].to[1]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as thief:
        before = office.client.on_event
        assert before is not None

        def steal(event: Event) -> None:
            """Before another worker is told of the leg: this is said first."""
            if isinstance(event, WorkerDied):
                bind_when_free(thief, port)
            before(event)

        office.client.on_event = steal
        os.kill(office.client.processes[0], signal.SIGKILL)
        await office.until(lambda: bool(office.of(WorkerLost)))
    assert [event.legs for event in office.of(WorkerLost)] == [(a,)]  # type: ignore[attr-defined]
    await closed(office, b)
    office.events.clear()
