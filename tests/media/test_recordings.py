"""Recordings through the engine: sides, ends, and a transfer."""

import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from media.commands import (
    Bridge,
    CloseLeg,
    Failed,
    Rechannel,
    Record,
    RecordingEnd,
    RecordingEnded,
    StopRecording,
)
from tests.media.desk import Desk, desk, strength


@pytest.fixture
def table() -> Iterator[Desk]:
    with desk() as one:
        yield one


def wav(path: Path) -> np.ndarray:
    with wave.open(str(path)) as file:
        data = np.frombuffer(file.readframes(file.getnframes()), np.int16)
        return data.reshape(-1, file.getnchannels())


def test_a_forwarded_call_is_recorded_in_stereo(table: Desk, tmp_path: Path) -> None:
    (a, alice), (b, bob) = table.open(), table.open()
    path = tmp_path / "call.wav"
    table.do(Bridge(1, (a, b)))
    table.do(Record(3, str(path), (a,), (b,)))
    table.talk(100, (alice, 1000), (bob, 400))
    assert strength(bob.audio(), 1000) > 7000
    table.do(StopRecording(3))
    table.until(lambda: bool(table.of(RecordingEnded)))
    ended = table.of(RecordingEnded)[0]
    assert ended.reason is RecordingEnd.STOPPED
    assert ended.seconds == 2.0
    left, right = wav(path)[1600:].T
    assert strength(left, 1000) > 7000 and strength(left, 400) < 200
    assert strength(right, 400) > 7000 and strength(right, 1000) < 200


def test_a_message_ends_by_silence(table: Desk, tmp_path: Path) -> None:
    a, alice = table.open()
    path = tmp_path / "message.wav"
    table.do(Record(3, str(path), (a,), mono=True, stop_silence=0.5))
    table.talk(50, (alice, 1000))
    table.until(lambda: bool(table.of(RecordingEnded)))
    ended = table.of(RecordingEnded)[0]
    assert ended.reason is RecordingEnd.SILENCE
    assert wav(path).shape[1] == 1
    assert strength(wav(path)[800:7000, 0], 1000) > 7000


def test_a_recording_ends_by_length_and_by_its_last_leg(table: Desk, tmp_path: Path) -> None:
    (a, alice), (b, _) = table.open(), table.open()
    table.do(Record(3, str(tmp_path / "a.wav"), (a,), max_seconds=0.5))
    table.do(Record(4, str(tmp_path / "b.wav"), (b,)))
    table.talk(30, (alice, 1000))
    table.do(CloseLeg(b))
    table.until(lambda: len(table.of(RecordingEnded)) == 2)
    reasons = {e.recording: (e.reason, e.seconds) for e in table.of(RecordingEnded)}
    assert reasons[3] == (RecordingEnd.LENGTH, 0.5)
    assert reasons[4][0] is RecordingEnd.STOPPED


def test_a_recording_follows_a_transfer(table: Desk, tmp_path: Path) -> None:
    (a, alice), (b, bob), (c, carol) = table.open(), table.open(), table.open()
    path = tmp_path / "call.wav"
    table.do(Bridge(1, (a, b)))
    table.do(Record(3, str(path), (a,), (b,)))
    table.talk(50, (alice, 1000), (bob, 400))
    table.do(Bridge(1, (a, c)))
    table.do(Rechannel(3, (a,), (c,)))
    table.talk(50, (alice, 1000), (carol, 2000))
    table.do(StopRecording(3))
    table.until(lambda: bool(table.of(RecordingEnded)))
    right = wav(path)[:, 1]
    assert strength(right[1600:7000], 400) > 7000
    assert strength(right[-6000:], 2000) > 7000


def test_a_recording_begins_and_ends_within_a_block(table: Desk, tmp_path: Path) -> None:
    a, alice = table.open()
    path = tmp_path / "part.wav"
    table.talk(13, (alice, 1000))
    table.do(Record(3, str(path), (a,), mono=True))
    table.talk(29, (alice, 1000))
    table.do(StopRecording(3))
    table.until(lambda: bool(table.of(RecordingEnded)))
    assert wav(path).shape == (29 * 160, 1)
    assert strength(wav(path)[1600:, 0], 1000) > 7000


def test_three_in_a_bridge_are_recorded(table: Desk, tmp_path: Path) -> None:
    (a, alice), (b, bob), (c, carol) = table.open(), table.open(), table.open()
    path = tmp_path / "three.wav"
    table.do(Bridge(1, (a, b, c)))
    table.do(Record(3, str(path), (a,), (b, c)))
    table.talk(50, (alice, 1000), (bob, 400), (carol, 2000))
    table.do(StopRecording(3))
    table.until(lambda: bool(table.of(RecordingEnded)))
    left, right = wav(path)[1600:].T
    assert strength(left, 1000) > 7000 and strength(left, 400) < 200
    assert strength(right, 400) > 7000 and strength(right, 2000) > 7000


def test_a_file_that_cannot_be_written_is_told(table: Desk) -> None:
    a, alice = table.open()
    table.do(Record(3, "/proc/nowhere/a.wav", (a,)))
    table.talk(10, (alice, 1000))
    table.do(StopRecording(3))
    table.until(lambda: bool(table.of(RecordingEnded)))
    ended = table.of(RecordingEnded)[0]
    assert ended.reason is RecordingEnd.ERROR
    assert ended.error


def test_what_cannot_be_recorded_fails(table: Desk, tmp_path: Path) -> None:
    a, _ = table.open()
    table.do(Record(3, str(tmp_path / "a.wav"), (99,)))
    table.do(Rechannel(4, (a,)))
    table.do(Record(5, str(tmp_path / "b.wav"), (a,)))
    table.do(Record(5, str(tmp_path / "c.wav"), (a,)))
    assert [event.command for event in table.of(Failed)] == ["Record", "Rechannel", "Record"]
