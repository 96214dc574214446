"""The judge of sound, judged: tones, onsets, gaps, order, and G.711 against its own definition."""

from pathlib import Path

import numpy as np
import pytest

from tests.helpers import audio


@pytest.mark.parametrize("codec", ["PCMA", "PCMU"])
def test_g711_keeps_a_tone(codec: str) -> None:
    tone = audio.tone(440, 1.0)
    back = audio.decode(audio.encode(tone, codec), codec)
    error = back.astype(float) - tone
    assert 10 * np.log10(np.mean(tone.astype(float) ** 2) / np.mean(error**2)) > 36  # dB


@pytest.mark.parametrize(
    ("codec", "code", "value"),
    # G.711 tables 1a and 2a: first and last decision of each side, in 16 bits.
    [("PCMA", 0xD5, 8), ("PCMA", 0x55, -8), ("PCMA", 0xAA, 32256), ("PCMA", 0x2A, -32256)]
    + [("PCMU", 0xFF, 0), ("PCMU", 0x80, 32124), ("PCMU", 0x00, -32124)],
)
def test_g711_corner_values(codec: str, code: int, value: int) -> None:
    assert audio.decode(bytes([code]), codec)[0] == value


def test_tones_are_told_apart() -> None:
    line = audio.joined([audio.tone(440, 0.5), audio.silence(0.3), audio.tone(1000, 0.5)])
    assert audio.order_of(line, (440, 700, 1000)) == [440, 1000]
    assert audio.seconds_of(line, 440) == pytest.approx(0.5)
    assert audio.onset(line, 1000) == pytest.approx(0.8)
    assert audio.seconds_of(line, 700) == 0.0
    assert audio.strength(audio.tone(440, 1.0), 440) == pytest.approx(8000, rel=0.01)
    assert "aaaaa...bbbbb" in audio.describe(line, (440, 1000))


def test_gaps_are_found() -> None:
    line = audio.joined([audio.tone(440, 0.5), audio.silence(0.1), audio.tone(440, 0.5)])
    (gap,) = audio.gaps(line, 440)
    assert (gap.start, gap.seconds, gap.end) == pytest.approx((0.5, 0.1, 0.6))
    assert not audio.gaps(line, 440, longer_than=0.1)


def test_levels_and_files(tmp_path: Path) -> None:
    path = audio.write_wav(tmp_path / "a" / "tone.wav", audio.tone(1000, 0.2))
    assert audio.levels(audio.read_mono(path)) == pytest.approx([8000 / 2**0.5] * 10, rel=0.01)
    assert audio.read_wav(path)[0].shape == (1600, 1)
