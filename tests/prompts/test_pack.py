"""The shipped audio, listened to by analysis: as a telephone hears it, through A-law at 8 kHz."""

import io
import shutil
import subprocess
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from numpy.typing import NDArray
from ruamel.yaml import YAML

from media.codecs import PCMA
from media.files import load_prompt
from softswitch.resources import shipped

FOLDER = shipped("prompts")
LANGUAGES = ("pl", "en")
LANGUAGE = pytest.mark.parametrize("language", LANGUAGES)
MUSIC = pytest.mark.parametrize("name", ["calm", "bright"])
# Together with the music: what a wheel may weigh.
LARGEST_PACK_BYTES = 12_000_000

Wave = NDArray[np.float64]


@cache
def texts(language: str) -> dict[str, dict[str, str]]:
    read: dict[str, dict[str, str]] = YAML(typ="safe").load(FOLDER / "texts" / f"{language}.yaml")
    return read


def names(language: str) -> list[str]:
    return [*texts(language)["phrases"], *texts(language)["grammar"]]


@cache
def telephone(path: Path) -> Wave:
    """A file after the media engine's loader and G.711, in -1 to 1."""
    samples = load_prompt(path)
    return PCMA.decode(PCMA.encode(samples)).astype(np.float64) / 32768


def levels(wave: Wave, size: int = 160) -> Wave:
    """dB below full scale of each 20 ms."""
    frames = wave[: wave.size // size * size].reshape(-1, size)
    return np.asarray(10 * np.log10(np.mean(frames**2, axis=1) + 1e-12))


def speech_level(wave: Wave) -> float:
    """The level of the speech that a handset passes on: from 300 Hz, pauses left out."""
    spectrum = np.fft.rfft(wave)
    spectrum[np.fft.rfftfreq(wave.size, 1 / 8000) < 300] = 0
    level = levels(np.asarray(np.fft.irfft(spectrum, wave.size), np.float64))
    speech = level[level > level.max() - 32]
    return float(10 * np.log10(np.mean(10 ** (speech / 10))))


def in_band(wave: Wave, rate: int, low: float, high: float) -> float:
    """The share of the energy between two frequencies."""
    spectrum = np.abs(np.fft.rfft(wave)) ** 2
    frequencies = np.fft.rfftfreq(wave.size, 1 / rate)
    inside = (frequencies >= low) & (frequencies <= high)
    return float(spectrum[inside].sum() / spectrum.sum())


def test_both_languages_have_the_same_phrases() -> None:
    assert texts("pl")["phrases"].keys() == texts("en")["phrases"].keys()


@LANGUAGE
def test_each_text_has_audio_and_each_audio_a_text(language: str) -> None:
    assert {path.stem for path in (FOLDER / language).glob("*.flac")} == set(names(language))
    assert set(texts(language)["spoken"]) <= set(names(language))


@LANGUAGE
def test_format(language: str) -> None:
    for name in names(language):
        info = soundfile.info(FOLDER / language / f"{name}.flac")
        assert (info.samplerate, info.channels, info.subtype) == (16000, 1, "PCM_16"), name
        assert 0.2 < info.duration < 15, name


@LANGUAGE
def test_loudness_is_even(language: str) -> None:
    for name in names(language):
        level = speech_level(telephone(FOLDER / language / f"{name}.flac"))
        assert level == pytest.approx(-23, abs=2), (name, level)


@LANGUAGE
def test_nothing_clips(language: str) -> None:
    for name in names(language):
        wave, _ = soundfile.read(FOLDER / language / f"{name}.flac")
        assert 0.1 < np.abs(wave).max() < 10 ** (-3 / 20), name
        assert np.abs(telephone(FOLDER / language / f"{name}.flac")).max() < 0.8, name


@LANGUAGE
def test_short_quiet_before_and_after_and_no_hole(language: str) -> None:
    for name in names(language):
        wave, rate = soundfile.read(FOLDER / language / f"{name}.flac")
        loud = np.flatnonzero(np.abs(wave) > 0.003)
        assert 0.02 < loud[0] / rate < 0.12, name
        assert 0.02 < (wave.size - loud[-1]) / rate < 0.15, name
        assert np.diff(loud).max() / rate < 1.0, name
        assert wave[0] == wave[-1] == 0, name


@LANGUAGE
def test_longer_text_takes_longer(language: str) -> None:
    """A synthesiser that swallowed half of a sentence would be noticed."""
    for name, text in texts(language)["phrases"].items():
        seconds = soundfile.info(FOLDER / language / f"{name}.flac").duration
        assert 0.045 < seconds / len(text) < 0.15, (name, seconds)


def hiss(wave: Wave) -> Wave:
    """The energy above 1.8 kHz in each 5 ms, in dB below its maximum."""
    frames = wave[: wave.size // 40 * 40].reshape(-1, 40) * np.hanning(40)
    spectrum = np.abs(np.fft.rfft(frames, 160)) ** 2
    high = 10 * np.log10(spectrum[:, 36:].sum(axis=1) + 1e-9)
    return np.asarray(high - high.max())


def onset_to_vowel(wave: Wave) -> float:
    """Seconds from the first sound to the first voiced one."""
    frames = wave[: wave.size // 40 * 40].reshape(-1, 40) * np.hanning(40)
    spectrum = np.abs(np.fft.rfft(frames, 160)) ** 2
    low = 10 * np.log10(spectrum[:, 3:18].sum(axis=1) + 1e-9)
    first = np.flatnonzero(hiss(wave) > -35)[0]
    vowel = np.flatnonzero(low > low.max() - 8)
    return float(vowel[0] - first) * 0.005


def test_three_has_a_stop_before_its_hiss() -> None:
    """ "trzy" is a t and then a hiss; in "czy" they are one sound."""
    high = hiss(telephone(FOLDER / "pl" / "number_3.flac"))
    first = int(np.flatnonzero(high > -35)[0])
    pause = first + int(np.flatnonzero(high[first:] < -50)[0])
    again = pause + int(np.flatnonzero(high[pause:] > -25)[0])
    assert 0.03 <= (pause - first) * 0.005 <= 0.1
    assert (again - pause) * 0.005 >= 0.01
    assert (high[again : again + 20] > -25).mean() > 0.9


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
def test_three_is_not_whether() -> None:
    command = ["espeak-ng", "-v", "pl+Andrea", "-s", "118", "--stdout", "czy"]
    sound = subprocess.run(command, check=True, capture_output=True).stdout
    wave, rate = soundfile.read(io.BytesIO(sound))
    whether = soxr.resample(wave, rate, 8000)
    three = telephone(FOLDER / "pl" / "number_3.flac")
    assert onset_to_vowel(three) > 2 * onset_to_vowel(whether)


@MUSIC
def test_music_is_calm_and_for_telephones(name: str) -> None:
    wave, rate = soundfile.read(FOLDER / "music" / f"{name}.flac")
    assert (rate, wave.ndim) == (16000, 1)
    assert 60 <= wave.size / rate <= 90
    assert np.abs(wave).max() < 10 ** (-6 / 20)
    assert in_band(wave, rate, 300, 3400) > 0.9
    level = levels(wave, rate)
    assert 10 * np.log10(np.mean(wave**2)) == pytest.approx(-27, abs=1)
    assert level.max() - level.min() < 14


@MUSIC
def test_music_repeats_without_a_seam(name: str) -> None:
    """At the seam nothing is louder, sharper or emptier than elsewhere in the piece."""
    wave = telephone(FOLDER / "music" / f"{name}.flac")
    twice = np.concatenate([wave, wave])
    bend = np.abs(np.diff(twice, 2))
    seam = bend[wave.size - 200 : wave.size + 200].max()
    assert seam <= np.quantile(bend[: wave.size], 0.9999)
    around = levels(twice[wave.size - 1600 : wave.size + 1600])
    usual = levels(wave)
    assert usual.min() - 1 <= around.min()
    assert around.max() <= usual.max() + 1


def test_the_pack_is_small() -> None:
    total = sum(path.stat().st_size for path in FOLDER.rglob("*.flac"))
    assert total < LARGEST_PACK_BYTES


def cepstra(wave: Wave) -> Wave:
    """(frames, 13): the shape of the sound each 10 ms, as speech recognisers look at it."""
    frames = wave[np.arange(0, wave.size - 200, 80)[:, None] + np.arange(200)]
    power = np.abs(np.fft.rfft(frames * np.hamming(200), 256)) ** 2
    bands = np.linspace(2595 * np.log10(1 + 200 / 700), 2595 * np.log10(1 + 3600 / 700), 24)
    edges = 700 * (10 ** (bands / 2595) - 1)
    rise = (np.fft.rfftfreq(256, 1 / 8000) - edges[:-2, None]) / np.diff(edges)[:-1, None]
    fall = (edges[2:, None] - np.fft.rfftfreq(256, 1 / 8000)) / np.diff(edges)[1:, None]
    energy = np.log(power @ np.clip(np.minimum(rise, fall), 0, None).T + 1e-4)
    turns = np.outer(np.arange(13), np.arange(22) + 0.5)
    return np.asarray(energy @ np.cos(np.pi * turns / 22).T)


def distance(first: Wave, second: Wave) -> float:
    """Dynamic time warping: how far apart two words are, whatever their speed."""
    step = np.sqrt(((first[:, None] - second[None]) ** 2).sum(axis=2))
    total = np.full((step.shape[0] + 1, step.shape[1] + 1), np.inf)
    total[0, 0] = 0
    for row in range(step.shape[0]):
        for column in range(step.shape[1]):
            before = min(total[row, column], total[row, column + 1], total[row + 1, column])
            total[row + 1, column + 1] = step[row, column] + before
    return float(total[-1, -1] / sum(step.shape))


@LANGUAGE
def test_digits_are_told_apart_on_a_noisy_line(language: str) -> None:
    """Each of 0-12, with noise 10 dB below the speech, is most like itself."""
    random = np.random.default_rng(1)

    def on_noisy_line(digit: int) -> Wave:
        word = telephone(FOLDER / language / f"number_{digit}.flac")
        return cepstra(word + random.normal(size=word.size) * 10 ** (-33 / 20))

    known = [on_noisy_line(digit) for digit in range(13)]
    for digit in range(13):
        noisy = on_noisy_line(digit)
        assert int(np.argmin([distance(noisy, word) for word in known])) == digit
