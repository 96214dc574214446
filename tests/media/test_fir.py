"""Rates by matrix product, judged by frequencies and by soxr."""

import numpy as np
import pytest
import soxr

from media.codecs.fir import DOUBLE, HALVE, THIRD, Fir

RATES = {HALVE: (16000, 8000), DOUBLE: (8000, 16000), THIRD: (48000, 16000)}


def sine(frequency: float, rate: int, size: int) -> np.ndarray:
    return (10000 * np.sin(2 * np.pi * frequency * np.arange(size) / rate)).astype(np.int16)


def filtered(fir: Fir, frequency: float) -> np.ndarray:
    source, _ = RATES[fir]
    return fir.apply(sine(frequency, source, source // 50 * 20 + fir.history)[None])[0]


def rms(samples: np.ndarray) -> float:
    return float(np.sqrt((samples.astype(float) ** 2).mean())) * 2**0.5 / 10000


@pytest.mark.parametrize(
    ("fir", "passes", "stops"),
    [(HALVE, (300, 1000, 3400), (4600, 6000, 7500)), (THIRD, (300, 3000, 7000), (9200, 20000))],
    ids=["halve", "third"],
)
def test_the_band_passes_and_what_would_fold_back_does_not(
    fir: Fir, passes: tuple[int, ...], stops: tuple[int, ...]
) -> None:
    for frequency in passes:
        assert rms(filtered(fir, frequency)) == pytest.approx(1, abs=0.01), frequency
    for frequency in stops:
        assert rms(filtered(fir, frequency)) < 0.001, frequency


@pytest.mark.parametrize("frequency", [300, 1000, 3400])
def test_doubling_leaves_no_image_of_the_band(frequency: int) -> None:
    made = filtered(DOUBLE, frequency)
    assert rms(made) == pytest.approx(1, abs=0.01)
    spectrum = np.abs(np.fft.rfft(made * np.hanning(made.size)))
    image = round((8000 - frequency) * made.size / 16000)
    assert spectrum[image - 3 : image + 4].max() < spectrum.max() / 500


@pytest.mark.parametrize("fir", RATES, ids=["halve", "double", "third"])
def test_frame_by_frame_is_the_same_as_all_at_once(fir: Fir) -> None:
    source, _ = RATES[fir]
    frame = source // 50
    samples = np.random.default_rng(1).integers(-9000, 9000, frame * 10 + fir.history)
    whole = fir.apply(samples.astype(np.int16)[None])[0]
    pieces = [
        fir.apply(samples[None, i : i + frame + fir.history].astype(np.int16))[0]
        for i in range(0, frame * 10, frame)
    ]
    # But for the order of the sums.
    assert np.abs(whole.astype(int) - np.concatenate(pieces)).max() <= 1


def test_it_is_what_soxr_makes_but_for_the_delay() -> None:
    source = sine(1234, 16000, 16000)
    ours = HALVE.apply(np.concatenate([np.zeros(HALVE.history, np.int16), source])[None])[0]
    theirs = soxr.resample(source, 16000, 8000).astype(float)
    spectra = [np.abs(np.fft.rfft(one[1000:5000])) for one in (ours, theirs)]
    assert np.abs(spectra[0] - spectra[1]).max() < spectra[1].max() * 0.01
