"""The tones pass and its receiver, by the limits of ITU-T Q.24, through G.711 both ways."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from media.codecs import PCMA, PCMU
from media.inband import ToneReceiver
from media.passes.tones import find_tones
from media.rows import BLOCK, FRAME, RATE, Rows
from media.tone import DTMF_HIGH, DTMF_KEYS, DTMF_LOW, amplitude

PROMPTS = Path(__file__).parents[3] / "prompts"
KEYS = "".join(DTMF_KEYS)
Wave = NDArray[np.float64]
SIZE = BLOCK * FRAME


def heard(waves: list[Wave], clean: bool = False) -> list[str]:
    """What each wave's row dials; all rows at once, by turns in A-law and mu-law."""
    length = -(-max(wave.size for wave in waves) // SIZE) + 1
    samples = np.zeros((len(waves), length * SIZE), np.int16)
    for i, wave in enumerate(waves):
        samples[i, : wave.size] = np.clip(np.rint(wave), -32768, 32767)
        if not clean:
            law = (PCMA, PCMU)[i % 2]
            samples[i] = law.decode(law.encode(samples[i]))
    rows, receivers = Rows(len(waves)), [ToneReceiver() for _ in waves]
    found, r = ["" for _ in waves], np.arange(len(waves))
    for start in range(0, samples.shape[1], SIZE):
        rows.pcm[:] = samples[:, start : start + SIZE].reshape(len(waves), BLOCK, FRAME)
        for i, places in enumerate(find_tones(rows, r).tolist()):
            found[i] += "".join(digit.digit for digit in receivers[i].receive(places))
    return [
        text + "".join(d.digit for d in r.release())
        for text, r in zip(found, receivers, strict=True)
    ]


def key(
    pair: int,
    milliseconds: float = 40,
    low: float = -9,
    high: float = -9,
    off: tuple[float, float] = (0, 0),
    start: int = 0,
    phases: tuple[float, float] = (0, 0),
) -> Wave:
    """low, high: dBm0; off: of the two frequencies, as shares; start: samples of silence."""
    time = np.arange(round(milliseconds * RATE / 1000)) / RATE
    wave = np.zeros(time.size)
    ones = (DTMF_LOW[pair >> 2], low, off[0], phases[0]), (DTMF_HIGH[pair & 3], high, off[1], 0)
    for frequency, level, wrong, phase in ones:
        wave += amplitude(level) * np.sin(2 * np.pi * frequency * (1 + wrong) * time + phase)
    return np.concatenate([np.zeros(start), wave])


def dialled(make: Callable[[int, int, float], Wave]) -> list[str]:
    """Each key at eleven beginnings within the grid of the pass, with a phase by chance."""
    chance = np.random.default_rng(24)
    starts = range(320, 320 + 80, 7)
    cases = [(pair, start) for pair in range(16) for start in starts]
    return heard([make(pair, start, chance.uniform(0, 6.28)) for pair, start in cases])


def expected() -> list[str]:
    return [KEYS[pair] for pair in range(16) for _ in range(320, 320 + 80, 7)]


def test_forty_milliseconds_are_a_key_wherever_they_begin() -> None:
    assert dialled(lambda k, s, p: key(k, start=s, phases=(p, 0))) == expected()


def test_twenty_three_milliseconds_are_none() -> None:
    assert not any(dialled(lambda k, s, p: key(k, 23, start=s, phases=(p, 0))))


@pytest.mark.parametrize("wrong", [(0.015, 0.015), (-0.015, -0.015), (0.015, -0.015)])
def test_frequencies_within_a_percent_and_a_half_are_taken(wrong: tuple[float, float]) -> None:
    assert dialled(lambda k, s, p: key(k, off=wrong, start=s)) == expected()


@pytest.mark.parametrize("wrong", [(0.035, 0), (0, 0.035), (-0.035, 0), (0, -0.035), (0.05, 0.05)])
def test_frequencies_three_and_a_half_percent_off_are_not(wrong: tuple[float, float]) -> None:
    assert not any(dialled(lambda k, s, p: key(k, 100, off=wrong, start=s)))


@pytest.mark.parametrize(
    ("low", "high"), [(0, 0), (-25, -25), (-13, -9), (-9, -17), (-25, -21), (-17, -25), (-4, 0)]
)
def test_levels_and_twist_that_must_be_taken(low: float, high: float) -> None:
    assert dialled(lambda k, s, p: key(k, 45, low, high, start=s, phases=(p, 0))) == expected()


@pytest.mark.parametrize(("low", "high"), [(-45, -45), (-17, -5), (-5, -20)])
def test_levels_and_twist_that_must_not(low: float, high: float) -> None:
    assert not any(dialled(lambda k, s, p: key(k, 100, low, high, start=s)))


def test_noise_of_fifteen_decibels_below_the_key() -> None:
    chance = np.random.default_rng(15)

    def noisy(pair: int, start: int, phase: float) -> Wave:
        wave = key(pair, 50, off=(0.01, -0.01), start=start, phases=(phase, 0))
        level = amplitude(-9 - 15) / np.sqrt(2)
        return wave + chance.normal(0, level, wave.size)

    assert dialled(noisy) == expected()


def test_pauses_and_interruptions() -> None:
    pause = np.zeros(320)  # 40 ms
    twice = np.concatenate([key(5, 50), pause, key(5, 50), pause, key(6, 50)])
    torn = key(3, 150)
    torn[500:580] = 0  # 10 ms
    assert heard([twice, twice[37:], torn, torn[11:]]) == ["556", "556", "A", "A"]


def prompts(language: str) -> list[Wave]:
    """Our prompts at 8 kHz: every second sample of what has nothing above 4 kHz to speak of."""
    found = []
    for path in sorted((PROMPTS / language).glob("*.flac")):
        samples, rate = soundfile.read(path, dtype="float64")
        samples = samples if samples.ndim == 1 else samples.mean(axis=1)
        found.append(samples[:: round(rate / RATE)] * 32767)
    return found


@pytest.mark.parametrize("folder", ["pl", "en", "music"])
def test_talk_off_our_prompts_and_music_dial_nothing(folder: str) -> None:
    sounds = prompts(folder)
    assert sum(sound.size for sound in sounds) > 60 * RATE
    assert not any(heard(sounds))


def test_talk_off_vowels_dial_nothing() -> None:
    """A buzz with three formants, gliding: voices of men, women and children."""
    chance = np.random.default_rng(88)
    waves = []
    for pitch in np.linspace(80, 320, 60):
        time = np.arange(2 * RATE) / RATE
        glide = pitch * (1 + 0.15 * np.sin(2 * np.pi * chance.uniform(0.5, 3) * time))
        phase = 2 * np.pi * np.cumsum(glide) / RATE
        formants = chance.uniform((250, 800, 2000), (900, 2200, 3000))
        wave = np.zeros(time.size)
        for number in range(1, int(3400 / pitch)):
            near = np.exp(-(((number * pitch - formants) / 120) ** 2)).sum() + 0.02
            wave += near * np.sin(number * phase)
        waves.append(8000 * wave / np.abs(wave).max())
    assert not any(heard(waves))


def test_a_row_keeps_its_own_past() -> None:
    """A key over the edge of a block, in one row and not in the one beside it."""
    wave = key(7, 40, start=SIZE - 160)
    assert heard([np.zeros(1600), wave, np.zeros(1600)], clean=True) == ["", KEYS[7], ""]
