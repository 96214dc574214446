"""Recordings on a disk: WAV and sealed, a full disk, a slow one, a process that is killed."""

import os
import signal
import subprocess
import sys
import time
import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile

from media.recorder import TOO_SLOW, Recorder, RecordingResult, Seal, Trouble
from media.sealed import Gap, SealedError, SealedReader, Sound

SEAL = Seal(bytes(range(32)), "20261129-1")


def frames_of(seconds: float, channels: int) -> np.ndarray:
    count = int(seconds * 8000)
    return (np.arange(count * channels) % 20000 - 10000).astype(np.int16).reshape(count, channels)


def record(recorder: Recorder, path: Path, audio: np.ndarray) -> RecordingResult:
    recorder.open(1, path, audio.shape[1])
    for begin in range(0, len(audio), 160):
        assert recorder.write(1, audio[begin : begin + 160])
    recorder.finish(1)
    return result_of(recorder)


def result_of(recorder: Recorder) -> RecordingResult:
    for _ in range(300):
        results = recorder.take()
        if results:
            return results[0]
        time.sleep(0.01)
    raise AssertionError("no result")


@pytest.mark.parametrize("channels", [1, 2])
def test_recording_is_what_was_written(tmp_path: Path, channels: int) -> None:
    recorder = Recorder()
    recorder.start()
    path, audio = tmp_path / "new" / "folder" / "a.wav", frames_of(2.5, channels)
    result = record(recorder, path, audio)
    assert recorder.close()
    assert result == RecordingResult(1, path, 2.5, 0.0, None)
    read, rate = soundfile.read(path, dtype="int16", always_2d=True)
    assert rate == 8000
    assert np.array_equal(read, audio)
    with wave.open(str(path)) as file:
        assert file.getnchannels() == channels
        assert file.getnframes() == len(audio)
    assert path.stat().st_size == 44 + audio.nbytes
    assert path.stat().st_mode & 0o077 == 0
    assert recorder.dump() == {"recordings": 0, "queued": 0}


def test_close_ends_open_recordings(tmp_path: Path) -> None:
    recorder = Recorder()
    recorder.start()
    recorder.open(5, tmp_path / "a.wav", 1)
    recorder.write(5, frames_of(0.3, 1))
    assert recorder.close()
    assert recorder.take() == [RecordingResult(5, tmp_path / "a.wav", 0.3, 0.0, None)]
    assert len(soundfile.read(tmp_path / "a.wav")[0]) == 2400


def test_a_recording_never_takes_anothers_place(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(b"precious")
    recorder = Recorder()
    recorder.start()
    result = record(recorder, path, frames_of(1, 1))
    recorder.close()
    assert result.error == "File exists"
    assert result.seconds == 0
    assert result.dropped_seconds == 1
    assert path.read_bytes() == b"precious"


@pytest.mark.parametrize("name", ["null\0character.wav", "x" * 300, "file/under.wav"])
def test_a_path_that_cannot_be_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    recorder = Recorder()
    recorder.start()
    result = record(recorder, tmp_path / name, frames_of(0.1, 1))
    assert result.error
    assert record(recorder, tmp_path / "next.wav", frames_of(0.1, 1)).error is None
    assert recorder.close()


def test_close_without_start() -> None:
    assert Recorder().close()


def test_unknown_recordings_are_ignored() -> None:
    recorder = Recorder()
    recorder.start()
    assert not recorder.write(9, frames_of(0.02, 1))
    recorder.finish(9)
    assert recorder.close()
    assert recorder.take() == []


def test_full_queue_drops_and_counts_and_keeps_the_time(tmp_path: Path) -> None:
    """The thread is not running yet, as if the disk stood still."""
    recorder = Recorder(queue_bytes=16000)
    recorder.open(1, tmp_path / "a.wav", 1)
    audio = frames_of(2, 1)
    taken = [recorder.write(1, audio[begin : begin + 160]) for begin in range(0, 16000, 160)]
    assert taken == [True] * 50 + [False] * 50
    recorder.start()
    while recorder.dump()["queued"]:
        time.sleep(0.01)
    assert recorder.write(1, audio[:8000])
    recorder.finish(1)
    recorder.close()
    (result,) = recorder.take()
    assert (result.seconds, result.dropped_seconds, result.error) == (3.0, 1.0, None)
    read, _ = soundfile.read(tmp_path / "a.wav", dtype="int16")
    assert np.array_equal(read[:8000], audio[:8000, 0])
    assert not read[8000:16000].any()
    assert np.array_equal(read[16000:], audio[:8000, 0])


def test_full_disk_is_told_and_recovers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full = [False]
    real = os.pwrite

    def pwrite(descriptor: int, data: bytes, offset: int) -> int:
        if full[0]:
            raise OSError(28, "No space left on device")
        return real(descriptor, data[:3000], offset)  # short writes are the rule here

    def pwritev(descriptor: int, pieces: list[bytes], offset: int) -> int:
        return pwrite(descriptor, b"".join(pieces), offset)

    monkeypatch.setattr(os, "pwrite", pwrite)
    monkeypatch.setattr(os, "pwritev", pwritev)
    recorder = Recorder()
    recorder.start()
    recorder.open(1, tmp_path / "a.wav", 1)
    for is_full in (False, True, False):
        full[0] = is_full
        recorder.write(1, frames_of(1, 1))
        while recorder.dump()["queued"]:
            time.sleep(0.01)
    recorder.finish(1)
    recorder.close()
    (result,) = recorder.take()
    assert result.error == "No space left on device"
    assert (result.seconds, result.dropped_seconds) == (3.0, 1.0)
    read, _ = soundfile.read(tmp_path / "a.wav", dtype="int16")
    assert np.array_equal(read[16000:], frames_of(1, 1)[:, 0])


KILLED = """
import sys, time
from pathlib import Path
import numpy as np
from media.recorder import Recorder, Seal
recorder = Recorder()
recorder.start()
seal = Seal(bytes(range(32)), "20261129-1") if sys.argv[2:] else None
recorder.open(1, Path(sys.argv[1]), 2, seal)
begin = time.monotonic()
for number in range(10000):
    recorder.write(1, np.full((160, 2), number % 30000 + 1, np.int16))
    print(number, flush=True)
    time.sleep(max(0, begin + number * 0.02 - time.monotonic()))
"""


def killed_after(frames: int, path: Path, *more: str) -> int:
    """Kill a process that records while it writes; the last frame that it handed over."""
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(path), *more], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    last = -1
    for line in process.stdout:
        last = int(line)
        if last == frames:
            process.send_signal(signal.SIGKILL)
            break
    process.stdout.close()
    process.wait()
    return last


def test_killed_process_leaves_all_but_the_last_second(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    last = killed_after(140, path)
    read, rate = soundfile.read(path, dtype="int16")
    assert rate == 8000
    assert len(read) >= (last - 50) * 160
    with wave.open(str(path)) as file:
        assert file.getnframes() == len(read)
    assert np.array_equal(read[:, 0], np.repeat(np.arange(len(read) // 160) + 1, 160))


def sealed(path: Path, seal: Seal = SEAL) -> tuple[np.ndarray, list[Gap], SealedReader]:
    """Samples, gaps and the reader of a sealed file."""
    with path.open("rb") as file:
        reader = SealedReader(file, seal.key)
        pieces = list(reader.pieces())
    sound = b"".join(piece.samples for piece in pieces if isinstance(piece, Sound))
    gaps = [piece for piece in pieces if isinstance(piece, Gap)]
    return np.frombuffer(sound, "<i2").reshape(-1, reader.channels), gaps, reader


def test_a_sealed_recording_is_whole_and_never_in_clear(tmp_path: Path) -> None:
    recorder = Recorder()
    recorder.start()
    path, audio = tmp_path / "a.sealed", frames_of(2.5, 2)
    recorder.open(1, path, 2, SEAL)
    recorder.write(1, audio[:8000])
    recorder.mark(1, "paused", None)
    recorder.mark(1, "paused", 3.5)
    recorder.write(1, audio[8000:])
    recorder.finish(1)
    assert result_of(recorder) == RecordingResult(1, path, 2.5, 0.0, None)
    recorder.close()
    read, gaps, reader = sealed(path)
    assert np.array_equal(read, audio) and reader.is_whole and not reader.missing
    assert gaps == [Gap("paused", 3.5)]
    assert path.stat().st_mode & 0o077 == 0
    content, clear = path.read_bytes(), audio.astype("<i2").tobytes()
    assert not any(clear[at : at + 16] in content for at in range(0, len(clear) - 16, 97))


def test_a_killed_process_leaves_a_sealed_recording_readable(tmp_path: Path) -> None:
    path = tmp_path / "a.sealed"
    last = killed_after(140, path, "sealed")
    read, _, reader = sealed(path)
    assert len(read) >= (last - 50) * 160 and not reader.is_whole
    assert np.array_equal(read[:, 0], np.repeat(np.arange(len(read) // 160) + 1, 160))


def test_a_full_disk_is_told_at_once_and_leaves_a_marked_gap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full, real = [False], os.pwrite

    def pwrite(descriptor: int, data: bytes, offset: int) -> int:
        if full[0]:
            real(descriptor, data[:100], offset)  # a part of it is there
            raise OSError(28, "No space left on device")
        return real(descriptor, data[:3000], offset)

    monkeypatch.setattr(os, "pwrite", pwrite)
    recorder = Recorder()
    recorder.start()
    path = tmp_path / "a.sealed"
    recorder.open(1, path, 1, SEAL)
    for is_full in (False, True, False):
        full[0] = is_full
        recorder.write(1, frames_of(1, 1))
        while recorder.dump()["queued"]:
            time.sleep(0.01)
    assert recorder.troubles() == [Trouble(1, "No space left on device")]
    recorder.finish(1)
    recorder.close()
    (result,) = recorder.take()
    assert (result.seconds, result.dropped_seconds) == (2.0, 1.0)
    read, gaps, reader = sealed(path)
    assert np.array_equal(read, np.concatenate([frames_of(1, 1)] * 2)) and reader.is_whole
    assert gaps == [Gap("lost", 1.0)] and reader.missing == 1


def test_a_slow_disk_is_told_by_who_hands_over(tmp_path: Path) -> None:
    recorder = Recorder(queue_bytes=16000)
    recorder.open(1, tmp_path / "a.sealed", 1, SEAL)
    assert recorder.write(1, frames_of(1, 1)) and not recorder.write(1, frames_of(1, 1))
    assert not recorder.write(1, frames_of(1, 1))
    assert recorder.troubles() == [Trouble(1, TOO_SLOW)]
    recorder.start()
    recorder.finish(1)
    recorder.close()
    assert recorder.take()[0].dropped_seconds == 2.0


def test_a_key_that_cannot_be_is_told(tmp_path: Path) -> None:
    recorder = Recorder()
    recorder.start()
    recorder.open(1, tmp_path / "a.sealed", 1, Seal(b"short", "x"))
    assert result_of(recorder).error == "a recording's key has 32 octets"
    recorder.close()
    assert not (tmp_path / "a.sealed").exists()


def test_another_key_opens_nothing(tmp_path: Path) -> None:
    recorder = Recorder()
    recorder.start()
    path = tmp_path / "a.sealed"
    recorder.open(1, path, 1, SEAL)
    recorder.write(1, frames_of(1, 1))
    recorder.finish(1)
    recorder.close()
    with pytest.raises(SealedError, match="cannot be opened with this key"):
        sealed(path, Seal(bytes(32), SEAL.name))


def torn(path: Path, seal: Seal | None, audio: np.ndarray, tail: bytes) -> None:
    """A recording whose writer was killed: no end, and something half written behind it."""
    recorder = Recorder()
    recorder.start()
    recorder.open(1, path, 2, seal)
    assert recorder.write(1, audio)
    while recorder.dump()["queued"]:
        time.sleep(0.01)
    whole = path.read_bytes()
    assert recorder.close()
    path.write_bytes(whole + tail)


def resumed(path: Path, seal: Seal | None, audio: np.ndarray, seconds: float) -> RecordingResult:
    recorder = Recorder()
    recorder.start()
    recorder.open(2, path, 2, seal, resume=seconds)
    assert recorder.write(2, audio)
    recorder.finish(2)
    result = result_of(recorder)
    assert recorder.close()
    return result


def test_a_torn_wav_file_goes_on_where_it_should_be(tmp_path: Path) -> None:
    path, first, second = tmp_path / "a.wav", frames_of(1.0, 2), frames_of(0.75, 2)[::-1]
    torn(path, None, first, b"half a frame")
    result = resumed(path, None, second, 1.5)
    assert (result.seconds, result.error) == (2.25, None)
    read, _ = soundfile.read(path, dtype="int16")
    assert np.array_equal(read[:8000], first) and np.array_equal(read[12000:], second)
    assert not read[8000:12000].any()


def test_a_torn_sealed_file_goes_on_and_tells_its_gap(tmp_path: Path) -> None:
    path, first, second = tmp_path / "a.sealed", frames_of(1.0, 2), frames_of(0.75, 2)
    torn(path, SEAL, first, b"\0\0\1\0half a chunk")
    result = resumed(path, SEAL, second, 1.5)
    assert (result.seconds, result.error) == (1.75, None)
    with path.open("rb") as file:
        reader = SealedReader(file, SEAL.key)
        pieces = list(reader.pieces())
    sounds = [piece.samples for piece in pieces if isinstance(piece, Sound)]
    assert sounds == [first.tobytes(), second.tobytes()]
    assert [piece for piece in pieces if isinstance(piece, Gap)] == [Gap("lost", 0.5)]
    # The number of the chunk that was torn is not used again: its nonce was.
    assert reader.is_whole and reader.missing == 1


def test_a_file_that_is_somebody_elses_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.sealed"
    torn(path, SEAL, frames_of(1.0, 2), b"")
    before = path.read_bytes()
    other = resumed(path, Seal(SEAL.key, "another"), frames_of(0.7, 2), 1.5)
    assert other.error == "the file is another recording's" and path.read_bytes() == before
    nonsense = tmp_path / "nonsense"
    nonsense.write_bytes(b"nothing of the kind")
    for seal in (None, SEAL):
        assert "recording" in (resumed(nonsense, seal, frames_of(0.7, 2), 1.5).error or "")
    assert nonsense.read_bytes() == b"nothing of the kind"


def test_a_file_that_never_began_begins_with_its_gap(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    assert resumed(path, None, frames_of(0.75, 2), 0.5).seconds == 1.25
    read, _ = soundfile.read(path, dtype="int16")
    assert not read[:4000].any() and len(read) == 10000


def test_many_recordings_at_once_are_each_their_own(tmp_path: Path) -> None:
    recorder = Recorder(queue_bytes=60000)
    recorder.start()
    for number in (1, 2):
        recorder.open(number, tmp_path / f"{number}.wav", 2)
    block = np.stack([np.full((800, 2), value, np.int16) for value in (11, -22)])
    recorder.write_all((1, 2), block)
    # More than the queue may hold: each recording has its gap, told once.
    recorder.write_all((1, 2), np.zeros((2, 16000, 2), np.int16))
    assert sorted(one.recording for one in recorder.troubles()) == [1, 2]
    recorder.write_all((1, 2), block)
    for number in (1, 2):
        recorder.finish(number)
    assert recorder.close()
    assert sorted(one.dropped_seconds for one in recorder.take()) == [2.0, 2.0]
    for number, value in ((1, 11), (2, -22)):
        samples, _ = soundfile.read(tmp_path / f"{number}.wav", dtype="int16")
        assert samples.shape == (17600, 2)
        assert (samples[:800] == value).all() and (samples[-800:] == value).all()
        assert not samples[800:-800].any()


@pytest.mark.parametrize("seal", [None, SEAL])
def test_blocks_that_wait_are_written_in_their_order(tmp_path: Path, seal: Seal | None) -> None:
    """The thread is not running yet, as if the disk stood still; then other ones come between."""
    recorder, names = Recorder(), (1, 2)
    for number in names:
        recorder.open(number, tmp_path / str(number), 2, seal)
    sound = {number: frames_of(2.0, 2) + np.int16(number) for number in names}
    for begin in range(0, 12800, 800):
        recorder.write_all(names, np.stack([sound[n][begin : begin + 800] for n in names]))
    recorder.write(1, sound[1][12800:12960])
    recorder.write_all((1, 2), np.stack([sound[1][12960:13760], sound[2][12800:13600]]))
    recorder.start()
    for number in names:
        recorder.finish(number)
    assert recorder.close()
    for number, length in ((1, 13760), (2, 13600)):
        path = tmp_path / str(number)
        read = sealed(path)[0] if seal else soundfile.read(path, dtype="int16")[0]
        assert np.array_equal(read.reshape(-1, 2), sound[number][:length])


@pytest.mark.parametrize("seal", [None, SEAL])
def test_what_was_said_before_a_pause_does_not_wait_for_its_end(
    tmp_path: Path, seal: Seal | None
) -> None:
    recorder = Recorder()
    recorder.start()
    path = tmp_path / "a"
    recorder.open(1, path, 2, seal)
    recorder.write_all((1,), frames_of(0.1, 2)[None])
    recorder.mark(1, "paused", None)
    for _ in range(500):
        if path.exists() and path.stat().st_size > 3200:
            break
        time.sleep(0.01)
    assert path.stat().st_size > 3200
    assert recorder.close()
