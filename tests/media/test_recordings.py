"""Recordings through the engine: sides, ends, and a transfer."""

import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from media.commands import Bridge, CloseLeg, Failed, Hearing
from media.recording_commands import (
    PauseRecording,
    Protect,
    Rechannel,
    Record,
    RecordingEnd,
    RecordingEnded,
    RecordingTrouble,
    ResumeRecording,
    StopRecording,
)
from media.sealed import Gap, SealedReader, Sound
from tests.media.desk import Desk, desk, strength


@pytest.fixture
def table() -> Iterator[Desk]:
    with desk() as one:
        yield one


def wav(path: Path) -> np.ndarray:
    with wave.open(str(path)) as file:
        data = np.frombuffer(file.readframes(file.getnframes()), np.int16)
        return data.reshape(-1, file.getnchannels())


KEY = bytes(range(32)).hex()


def unsealed(path: Path) -> tuple[np.ndarray, list[Gap]]:
    with path.open("rb") as file:
        pieces = list(SealedReader(file, bytes.fromhex(KEY)).pieces())
    sound = b"".join(piece.samples for piece in pieces if isinstance(piece, Sound))
    gaps = [piece for piece in pieces if isinstance(piece, Gap)]
    return np.frombuffer(sound, np.int16).reshape(-1, 2), gaps


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


def test_a_pause_leaves_a_marked_gap(table: Desk, tmp_path: Path) -> None:
    (a, alice), (b, bob) = table.open(), table.open()
    path = tmp_path / "call.sealed"
    table.do(Bridge(1, (a, b)))
    table.do(Record(3, str(path), (a,), (b,), key=KEY, name="r1"))
    table.talk(50, (alice, 1000), (bob, 400))
    table.do(PauseRecording(3, "paused"))
    table.talk(50, (alice, 2000), (bob, 2000))
    table.do(ResumeRecording(3))
    table.talk(50, (alice, 1000), (bob, 400))
    table.do(StopRecording(3))
    table.until(lambda: bool(table.of(RecordingEnded)))
    assert table.of(RecordingEnded)[0].seconds == 2.0
    sound, gaps = unsealed(path)
    assert gaps == [Gap("paused", 1.0)] and len(sound) == 16000
    assert strength(sound[1600:, 0], 1000) > 7000 and strength(sound[1600:, 1], 400) > 7000
    assert strength(sound[1600:, 0], 2000) < 200


def test_who_is_privileged_is_not_recorded_nor_whoever_he_talks_with(
    table: Desk, tmp_path: Path
) -> None:
    (a, alice), (b, bob) = table.open(), table.open()
    table.do(Protect(b))
    table.do(Bridge(1, (a, b)))
    for number, legs in enumerate([(a, b), (a,), (b,)]):
        table.do(Record(number, str(tmp_path / f"{number}.wav"), legs))
    table.talk(10, (alice, 1000), (bob, 400))
    assert [event.reason for event in table.of(Failed)] == [
        f"leg {leg} is privileged" for leg in (a, a, b)
    ]
    assert not list(tmp_path.iterdir())
    message = tmp_path / "message.wav"
    table.do(Record(7, str(message), (b,), mono=True, message=True))
    table.talk(20, (bob, 400))
    table.do(StopRecording(7))
    table.until(lambda: bool(table.of(RecordingEnded)))
    assert strength(wav(message)[:, 0], 400) > 3000


def test_nobody_listens_in_on_who_is_privileged(table: Desk) -> None:
    (a, alice), (b, bob), (c, carol) = table.open(), table.open(), table.open()
    table.do(Bridge(1, (a, b)))
    listens = Bridge(1, (a, b, c), hears=(Hearing(a, (b,)), Hearing(b, (a,))))
    table.do(Protect(a))
    table.do(listens)
    assert [event.reason for event in table.of(Failed)] == [f"leg {a} is privileged"]
    table.talk(50, (alice, 1000), (bob, 400))
    assert strength(bob.audio(), 1000) > 7000 and not carol.heard
    table.do(Protect(a, on=False))
    table.do(listens)
    table.talk(50, (alice, 1000), (bob, 400))
    assert strength(carol.audio()[-4000:], 1000) > 3000


def test_a_running_recording_is_cut_when_somebody_privileged_comes(
    table: Desk, tmp_path: Path
) -> None:
    (a, alice), (b, bob), (c, carol) = table.open(), table.open(), table.open()
    path = tmp_path / "call.sealed"
    table.do(Protect(c))
    table.do(Bridge(1, (a, b)))
    table.do(Record(3, str(path), (a,), (b,), key=KEY, name="r1"))
    table.talk(50, (alice, 1000), (bob, 400))
    table.do(Bridge(1, (a, c)))
    table.talk(50, (alice, 2000), (carol, 3000))
    table.until(lambda: bool(table.of(RecordingEnded)))
    assert table.of(RecordingEnded)[0].reason is RecordingEnd.PRIVILEGED
    sound, _ = unsealed(path)
    assert len(sound) == 8000
    assert strength(sound[:, 0], 2000) < 200 and strength(sound[:, 1], 3000) < 200
    table.do(Protect(c, on=False))
    table.do(Record(4, str(tmp_path / "again.wav"), (a,), (c,)))
    assert not table.of(Failed)


def test_a_recorded_conference_is_cut_when_somebody_privileged_comes(
    table: Desk, tmp_path: Path
) -> None:
    """Although nobody has paused it; and as long as he is in, none begins, whoever it is of."""
    (a, alice), (b, bob), (c, carol), (d, dan) = (table.open() for _ in range(4))
    path = tmp_path / "board.sealed"
    table.do(Protect(d))
    table.do(Bridge(1, (a, b, c)))
    table.do(Record(3, str(path), (a, b, c), mono=True, key=KEY, name="r1"))
    table.talk(50, (alice, 1000), (bob, 400), (carol, 1500))
    table.do(Bridge(1, (a, b, c, d)))
    table.talk(50, (alice, 2000), (dan, 3000))
    table.until(lambda: bool(table.of(RecordingEnded)))
    assert table.of(RecordingEnded)[0].reason is RecordingEnd.PRIVILEGED
    sound = unsealed(path)[0].reshape(-1)  # one channel
    assert len(sound) == 8000
    assert all(strength(sound[1600:], tone) > 2000 for tone in (400, 1000, 1500))
    assert strength(sound, 2000) < 200 and strength(sound, 3000) < 200
    table.do(Record(4, str(tmp_path / "again.wav"), (a, b), mono=True))
    assert [event.command for event in table.of(Failed)] == ["Record"]


def test_a_recording_without_legs_waits_for_the_next_ones(table: Desk, tmp_path: Path) -> None:
    """As the call leads it past somebody who is never recorded."""
    (a, alice), (b, bob), (c, carol) = table.open(), table.open(), table.open()
    path = tmp_path / "call.sealed"
    table.do(Protect(c))
    table.do(Bridge(1, (a, b)))
    table.do(Record(3, str(path), (a,), (b,), key=KEY, name="r1"))
    table.talk(50, (alice, 1000), (bob, 400))
    table.do(PauseRecording(3, "privileged"))
    table.do(Rechannel(3, ()))
    table.do(Bridge(1, (a, c)))
    table.do(ResumeRecording(3))  # by mistake: there is nobody to hear
    table.do(PauseRecording(3, "privileged"))
    table.do(Rechannel(3, (a,), (c,)))
    assert [event.command for event in table.of(Failed)] == ["Rechannel"]
    table.talk(50, (alice, 2000), (carol, 2000))
    table.do(Bridge(1, (a, b)))
    table.do(Rechannel(3, (a,), (b,)))
    table.do(ResumeRecording(3))
    table.talk(50, (alice, 1000), (bob, 400))
    table.do(StopRecording(3))
    table.until(lambda: bool(table.of(RecordingEnded)))
    assert table.of(RecordingEnded)[0].reason is RecordingEnd.STOPPED
    sound, gaps = unsealed(path)
    assert strength(sound[:, 0], 2000) < 200 and strength(sound[:, 1], 2000) < 200
    assert len(sound) == 16000
    assert gaps[-1] == Gap("privileged", 1.0)


def test_a_disk_that_takes_nothing_is_told_while_it_happens(table: Desk) -> None:
    a, alice = table.open()
    table.do(Record(3, "/proc/nowhere/a.sealed", (a,), key=KEY, name="r1"))
    table.until(lambda: bool(table.of(RecordingTrouble)))
    table.talk(10, (alice, 1000))
    trouble = table.of(RecordingTrouble)[0]
    assert (trouble.recording, trouble.path) == (3, "/proc/nowhere/a.sealed") and trouble.error
    table.do(PauseRecording(9, "paused"))
    table.do(Record(4, "/tmp/x", (a,), key="zz", name="r1"))
    assert [event.command for event in table.of(Failed)] == ["PauseRecording", "Record"]
