"""Tones: frequencies by FFT, cadence by envelope, level in dBm0, no clicks, no seam."""

import numpy as np
import pytest
from numpy.typing import NDArray

from media.codecs import PCMA
from media.tone import (
    COUNTRIES,
    FULL_SCALE_DBM0,
    TONE_DBM0,
    ToneName,
    country_tone,
    dtmf_tone,
)

ALL = [(country, name) for country in COUNTRIES for name in ToneName]


def loudest(samples: NDArray[np.int16], count: int) -> list[int]:
    """The strongest frequencies of a signal in Hz, by peaks of its spectrum at 1 Hz steps."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(samples.size), 8000))
    found = []
    for _ in range(count):
        peak = int(spectrum.argmax())
        found.append(peak)
        spectrum[max(0, peak - 25) : peak + 25] = 0
    return sorted(found)


def dbm0(samples: NDArray[np.int16]) -> float:
    rms = np.sqrt(np.mean(samples.astype(float) ** 2))
    return float(20 * np.log10(rms * np.sqrt(2) / 32767) + FULL_SCALE_DBM0)


def on_times(samples: NDArray[np.int16]) -> list[float]:
    """Lengths of sound and silence in turn, in seconds."""
    loud = np.convolve(np.abs(samples.astype(float)), np.ones(80) / 80, "same") > 300
    edges = np.flatnonzero(np.diff(loud.astype(int))) + 1
    lengths = np.diff([0, *edges, samples.size])
    return [float(length) / 8000 for length in lengths if length > 40]


@pytest.mark.parametrize(
    ("country", "name", "cadence", "frequencies"),
    [
        ("PL", ToneName.RINGING, [1, 4], [425]),
        ("PL", ToneName.BUSY, [0.5, 0.5], [425]),
        ("PL", ToneName.CONGESTION, [0.25, 0.25], [425]),
        ("GB", ToneName.RINGING, [0.4, 0.2, 0.4, 2], [400, 450]),
        ("US", ToneName.RINGING, [2, 4], [440, 480]),
        ("US", ToneName.BUSY, [0.5, 0.5], [480, 620]),
        ("DE", ToneName.BUSY, [0.48, 0.48], [425]),
    ],
)
def test_cadence_and_frequency(
    country: str, name: ToneName, cadence: list[float], frequencies: list[int]
) -> None:
    tone = country_tone(country, name)
    assert on_times(tone) == pytest.approx(cadence, abs=0.012)
    steady = tone[400 : int(cadence[0] * 8000) - 400]
    assert loudest(steady, len(frequencies)) == pytest.approx(frequencies, abs=2)


@pytest.mark.parametrize(("country", "name"), ALL)
def test_level(country: str, name: ToneName) -> None:
    tone = country_tone(country, name)
    sound = COUNTRIES[country][name].cadence
    first = tone[200 : int(sound[0] * 8000) - 200] if sound else tone
    assert dbm0(first) == pytest.approx(TONE_DBM0, abs=0.6)


@pytest.mark.parametrize(("country", "name"), ALL)
def test_no_click_at_edges_or_seam(country: str, name: ToneName) -> None:
    """Nowhere does the signal bend more sharply than the tone itself does."""
    tone = np.tile(country_tone(country, name), 2).astype(float)
    spec = COUNTRIES[country][name]
    peak = np.abs(tone).max()
    bend = np.abs(np.diff(tone, 2)).max()
    assert bend <= 1.15 * peak * (2 * np.pi * max(spec.frequencies) / 8000) ** 2 + 3


def test_unknown_country_has_the_recommended_tones() -> None:
    assert np.array_equal(country_tone("XX", ToneName.BUSY), country_tone("PL", ToneName.BUSY))
    assert country_tone("pl", ToneName.BUSY).dtype == np.int16


def test_tones_are_shared_and_read_only() -> None:
    tone = country_tone("PL", ToneName.DIAL)
    assert tone is country_tone("PL", ToneName.DIAL)
    with pytest.raises(ValueError):
        tone[0] = 1


@pytest.mark.parametrize(
    ("digit", "pair"),
    [("1", [697, 1209]), ("5", [770, 1336]), ("#", [941, 1477]), ("d", [941, 1633])],
)
def test_dtmf(digit: str, pair: list[int]) -> None:
    tone = dtmf_tone(digit, 200)
    assert tone.size == 1600
    assert loudest(tone, 2) == pytest.approx(pair, abs=3)
    assert np.abs(tone).max() < 32767
    assert loudest(PCMA.decode(PCMA.encode(tone)), 2) == pytest.approx(pair, abs=3)


@pytest.mark.parametrize("digit", ["", "E", "12", " "])
def test_dtmf_refuses(digit: str) -> None:
    with pytest.raises(ValueError):
        dtmf_tone(digit)
