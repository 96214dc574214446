"""Our own address is another one: a leg goes on from there, in its bridge and its recording."""

from pathlib import Path

import soundfile

from media.api import Bridge, Play, PlayEnded, Record, RecordingEnded, StopRecording
from media.recording_commands import RecordingEnd
from tests.media.desk import strength
from tests.media.test_repair import Talk, closed, office

__all__ = ["office"]
ELSEWHERE = "127.0.0.2"


def port_of(office: Talk, phone: int) -> int:
    return office.phones[phone].to[1]


async def test_a_talk_goes_on_from_another_address(office: Talk, tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    a, b = [await office.open(phone) for phone in office.phones]
    office.client.send(Bridge(7, (a, b)))
    office.client.send(Record(9, str(path), (a,), (b,)))
    await office.hear_each_other()
    office.client.rehost(a, ELSEWHERE)
    office.client.rehost(a, ELSEWHERE)  # nothing new
    office.phones[0].to = (ELSEWHERE, port_of(office, 0))
    await office.hear_each_other()
    office.client.send(StopRecording(9))
    await office.until(lambda: bool(office.of(RecordingEnded)))
    (ended,) = office.of(RecordingEnded)
    assert ended.reason is RecordingEnd.STOPPED  # type: ignore[attr-defined]
    samples, _ = soundfile.read(path, dtype="int16")
    for channel, frequency in ((0, 1000), (1, 400)):
        for part in (slice(800, 3200), slice(-3200, -800)):
            assert strength(samples[part, channel], frequency) > 1000  # not paced, so with gaps
    await closed(office, a, b)


async def test_a_prompt_is_not_cut_off(office: Talk) -> None:
    a = await office.open(office.phones[0])
    office.client.send(Play(a, 3, ("tone:busy",), loop=True))
    office.client.rehost(a, ELSEWHERE)
    office.phones[0].to = (ELSEWHERE, port_of(office, 0))
    office.phones[0].heard.clear()

    def is_heard() -> bool:
        office.speak()
        return len(office.phones[0].heard) > 30

    await office.until(is_heard)
    assert office.of(PlayEnded) == []
    await closed(office, a)


async def test_who_is_gone_is_not_moved(office: Talk) -> None:
    a = await office.open(office.phones[0])
    await closed(office, a)
    office.client.rehost(a, ELSEWHERE)
    assert not any(office.client.dump().values())
