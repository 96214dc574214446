"""Prompts in and recordings out, with a process that is killed and a disk that is full."""

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

from media import files
from media.files import AudioFileError, PromptCache, Recorder, RecordingResult, load_prompt


def sine(frequency: float, seconds: float, rate: int, amplitude: float = 0.5) -> np.ndarray:
    return amplitude * np.sin(2 * np.pi * frequency * np.arange(int(seconds * rate)) / rate)


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3"])
@pytest.mark.parametrize("rate", [8000, 16000, 44100])
def test_prompts_of_any_format(tmp_path: Path, suffix: str, rate: int) -> None:
    path = tmp_path / f"prompt.{suffix}"
    soundfile.write(path, np.stack([sine(440, 1, rate)] * 2, axis=1), rate)
    samples = load_prompt(path)
    assert samples.dtype == np.int16
    assert samples.ndim == 1
    assert samples.size == pytest.approx(8000, rel=0.15 if suffix == "mp3" else 0.01)
    middle = samples[2000:6000].astype(float)
    assert np.abs(np.fft.rfft(middle)).argmax() == 220
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(32768 * 0.5 / np.sqrt(2), rel=0.03)


def test_resampling_lets_nothing_fold_back(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "high.wav", sine(6000, 1, 16000), 16000)
    assert np.abs(load_prompt(tmp_path / "high.wav")[200:-200]).max() < 40


def test_full_scale_does_not_wrap(tmp_path: Path) -> None:
    square = np.sign(sine(300, 1, 16000))
    soundfile.write(tmp_path / "loud.wav", square, 16000, subtype="FLOAT")
    samples = load_prompt(tmp_path / "loud.wav")
    assert samples.max() == 32767
    assert samples.min() == -32768


def test_bad_prompts_name_the_file(tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("not audio")
    for name in ("text.wav", "missing.wav"):
        with pytest.raises(AudioFileError, match=name):
            load_prompt(tmp_path / name)
        with pytest.raises(AudioFileError, match=name):
            PromptCache().load(tmp_path / name)


def test_endless_prompt_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_PROMPT_SECONDS", 1)
    soundfile.write(tmp_path / "long.wav", np.zeros(8001), 8000)
    with pytest.raises(AudioFileError, match="longer"):
        load_prompt(tmp_path / "long.wav")


def test_cache_reads_once_and_again_when_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, sine(440, 0.1, 8000), 8000)
    cache = PromptCache()
    first = cache.load(path)
    assert cache.load(path) is first
    soundfile.write(path, sine(440, 0.2, 8000), 8000)
    assert cache.load(path).size == 1600
    assert cache.dump() == {"prompts": 1, "bytes": 3200}


def test_cache_is_bounded_by_bytes(tmp_path: Path) -> None:
    cache = PromptCache(max_bytes=4000)
    loaded = []
    for name in "abc":
        soundfile.write(tmp_path / f"{name}.wav", np.zeros(800), 8000)
        loaded.append(cache.load(tmp_path / f"{name}.wav"))
    assert cache.dump() == {"prompts": 2, "bytes": 3200}
    assert cache.load(tmp_path / "c.wav") is loaded[2]
    assert cache.load(tmp_path / "a.wav") is not loaded[0]
    soundfile.write(tmp_path / "huge.wav", np.zeros(8000), 8000)
    assert cache.load(tmp_path / "huge.wav").size == 8000
    assert cache.dump()["bytes"] <= 4000


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

    monkeypatch.setattr(os, "pwrite", pwrite)
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
from media.files import Recorder
recorder = Recorder()
recorder.start()
recorder.open(1, Path(sys.argv[1]), 2)
begin = time.monotonic()
for number in range(10000):
    recorder.write(1, np.full((160, 2), number % 30000 + 1, np.int16))
    print(number, flush=True)
    time.sleep(max(0, begin + number * 0.02 - time.monotonic()))
"""


def test_killed_process_leaves_all_but_the_last_second(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    last = -1
    for line in process.stdout:
        last = int(line)
        if last == 140:
            process.send_signal(signal.SIGKILL)
            break
    process.stdout.close()
    process.wait()
    read, rate = soundfile.read(path, dtype="int16")
    assert rate == 8000
    assert len(read) >= (last - 50) * 160
    with wave.open(str(path)) as file:
        assert file.getnframes() == len(read)
    assert np.array_equal(read[:, 0], np.repeat(np.arange(len(read) // 160) + 1, 160))
