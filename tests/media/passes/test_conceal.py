"""What is heard instead of lost frames: voices by their pitch, in both planes, and objectively."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from media.inflow import CONCEALED
from media.passes.conceal import LONGEST, conceal, find_pitch, merge
from media.rows import BLOCK, FRAME, RATE, Rows

PROMPTS = Path(__file__).parents[3] / "prompts"
ROW = np.zeros(1, np.intp)
Wave = NDArray[np.float64]


def voice(pitch: float, seconds: float, rate: int = RATE) -> Wave:
    """A buzz of ten overtones."""
    time = np.arange(round(seconds * rate)) / rate
    return sum(3000 / n * np.sin(2 * np.pi * pitch * n * time + n) for n in range(1, 11))


def through(sound: Wave, lost: NDArray[np.bool_], size: int = FRAME) -> NDArray[np.int16]:
    """A row's sound with these frames lost; `size` 320: in the wideband plane."""
    rows, heard = Rows(1), []
    rows.is_started[0] = True
    rows.conceals[0] = 0
    plane = rows.pcm if size == FRAME else rows.wide
    frames = np.rint(sound[: sound.size // size * size]).astype(np.int16).reshape(-1, size)
    for number, frame in enumerate(frames):
        place = number % BLOCK
        if lost[number]:
            conceal(rows, plane, ROW, place)
        else:
            plane[0, place] = frame
            merge(rows, plane, ROW, place)
        heard.append(plane[0, place].copy())
    return np.concatenate(heard)


def at(*frames: int, count: int = 50) -> NDArray[np.bool_]:
    lost = np.zeros(count, np.bool_)
    lost[list(frames)] = True
    return lost


@pytest.mark.parametrize("pitch", [75.0, 110.0, 180.0])
def test_the_pitch_of_a_voice_is_found(pitch: float) -> None:
    before = voice(pitch, 0.06).astype(np.float32)[None, :480]
    wide = voice(pitch, 0.06, 2 * RATE).astype(np.float32)[None, :960]
    for found in find_pitch(before)[0], find_pitch(wide)[0]:
        periods = pitch * found / RATE  # two short ones are as good as one
        assert periods == pytest.approx(round(periods), abs=0.03) and periods > 0.9


def test_a_hiss_has_no_pitch() -> None:
    noise = np.random.default_rng(1).normal(0, 1000, (50, 480)).astype(np.float32)
    assert np.median(find_pitch(noise)) >= 60
    assert find_pitch(np.zeros((1, 480), np.float32))[0] == LONGEST


@pytest.mark.parametrize(("size", "rate"), [(FRAME, RATE), (2 * FRAME, 2 * RATE)])
@pytest.mark.parametrize("pitch", [90.0, 160.0, 250.0])
def test_a_steady_voice_loses_nearly_nothing(pitch: float, size: int, rate: int) -> None:
    """One frame in ten: what is heard differs by less than a fifth of its loudness."""
    sound = voice(pitch, 1, rate)
    heard = through(sound, at(*range(5, 50, 10)), size)
    for frame in range(5, 50, 10):
        part = slice(frame * size, frame * size + 2 * size)
        wrong = heard[part] - sound[part]
        assert np.sqrt((wrong**2).mean()) < 0.2 * np.sqrt((sound[part] ** 2).mean())


def test_no_click_where_it_breaks_off_and_where_it_goes_on() -> None:
    sound = voice(137.0, 1)
    steepest = np.abs(np.diff(sound)).max()
    for first in range(4, 30, 7):
        heard = through(sound, at(first, first + 1)).astype(float)
        assert np.abs(np.diff(heard)).max() < 1.6 * steepest


def test_a_long_loss_fades_to_silence_and_the_voice_comes_back() -> None:
    sound = voice(120.0, 1)
    heard = through(sound, at(*range(10, 20))).astype(float)
    loud = [np.abs(heard[n * FRAME : (n + 1) * FRAME]).max() for n in range(9, 22)]
    assert loud[0] > loud[2] > loud[3] > loud[4] > 0
    assert not any(loud[1 + CONCEALED : 11])
    assert loud[-1] == pytest.approx(loud[0], rel=0.05)


def test_whoever_was_never_heard_is_silent_and_nothing_is_counted() -> None:
    rows = Rows(2)
    rows.pcm[:] = 1000
    conceal(rows, rows.pcm, np.arange(2), 3)
    assert not rows.pcm[:, 3].any()
    assert rows.concealed.tolist() == [0, 0]


def test_rows_are_concealed_each_in_its_own_pitch() -> None:
    rows, both = Rows(2), np.arange(2)
    rows.conceals[:] = 0
    waves = [voice(100.0, 0.1), voice(160.0, 0.1)]
    for row, wave in enumerate(waves):
        rows.pcm[row, :4] = wave[: 4 * FRAME].reshape(4, FRAME)
    conceal(rows, rows.pcm, both, 4)
    assert rows.pitch.tolist() == [80, 50]
    for row, wave in enumerate(waves):
        wrong = rows.pcm[row, 4, : FRAME // 2] - wave[4 * FRAME : 4 * FRAME + FRAME // 2]
        assert np.abs(wrong).max() < 0.1 * np.abs(wave).max()


def likeness(sent: Wave, heard: Wave, lost: NDArray[np.bool_]) -> float:
    """Segmental signal-to-noise ratio, dB, over 10 ms pieces of lost frames with speech in them."""
    found = []
    for start in (np.flatnonzero(np.repeat(lost, 2)) * FRAME // 2).tolist():
        one, other = (wave[start : start + FRAME // 2] for wave in (sent, heard))
        if np.abs(one).max() > 1000:
            ratio = (one**2).sum() / max(1.0, ((one - other) ** 2).sum())
            found.append(np.clip(10 * np.log10(ratio), -10, 35))
    return float(np.mean(found))


def repeated(sound: Wave, lost: NDArray[np.bool_]) -> Wave:
    """The simple way: the frame before once more, at 60 % of its loudness each time."""
    frames = sound[: lost.size * FRAME].reshape(-1, FRAME).copy()
    for number in np.flatnonzero(lost):
        frames[number] = 0.6 * frames[number - 1]
    return frames.reshape(-1)


@pytest.mark.parametrize("language", ["pl", "en"])
def test_speech_is_nearer_to_what_was_said_than_by_simpler_ways(language: str) -> None:
    """8 % of a minute of our prompts: beside silence, and beside repeating the last frame."""
    pieces = []
    for path in sorted((PROMPTS / language).glob("*.flac"))[:25]:
        samples, rate = soundfile.read(path, dtype="float64")
        pieces.append(samples[:: round(rate / RATE)] * 32767)
    sound = np.concatenate(pieces)
    count = sound.size // FRAME
    lost = np.random.default_rng(113).random(count) < 0.08
    lost[0] = False
    silent = np.where(np.repeat(lost, FRAME), 0, sound[: count * FRAME])
    ours = likeness(sound, through(sound, lost).astype(float), lost)
    assert ours > likeness(sound, repeated(sound, lost), lost) + 2
    assert ours > likeness(sound, silent, lost) + 0.5
