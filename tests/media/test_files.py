"""Prompts of any format, and the cache of them."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from media import files
from media.files import AudioFileError, PromptCache, load_prompt


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
