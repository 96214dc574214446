"""Makes the music on hold: prompts/music/calm.flac and bright.flac.

    python prompts/make_music.py

Composed and synthesised here, so it is free of rights. Written for a telephone: notes lie where a
telephone hears them (300 to 3400 Hz), without bass that only distorts and without beats that a
caller could take for the ringing tone. Notes that ring over the end ring on at the beginning, so a
piece repeats without a seam. The same script gives the same files.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import soundfile
from numpy.typing import NDArray

HERE: Final = Path(__file__).parent
RATE: Final = 16000
# Below speech (-23), so that an announcement stands out, and calm for a waiting ear.
LOUDNESS_DB: Final = -27.0
LOW_HZ: Final = 280
HIGH_HZ: Final = 3500
# As the prompts: G.711 has 13 bits at best.
STEPS: Final = 1 << 12

Wave = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Piece:
    """Chords as MIDI notes, one a bar; a melody as (beat, note, beats) over the whole piece."""

    name: str
    beats_a_minute: float
    beats_a_bar: int
    chords: Sequence[Sequence[int]]
    arpeggio: Sequence[int]
    """Which chord note is plucked on each half beat of a bar; -1: none."""
    melody: Sequence[tuple[float, int, float]]
    pad: float
    """How loud the pad is against the plucks."""


def frequency(note: float) -> float:
    return float(440.0 * 2 ** ((note - 69) / 12))


class Loop:
    """A ring of samples: what sounds over the end goes on at the beginning."""

    def __init__(self, seconds: float) -> None:
        self.samples: Wave = np.zeros(round(seconds * RATE))

    def add(self, seconds: float, wave: Wave) -> None:
        start = round(seconds * RATE)
        places = (start + np.arange(wave.size)) % self.samples.size
        np.add.at(self.samples, places, wave)


def pluck(note: int, seconds: float, level: float) -> Wave:
    """Something between an electric piano and a harp: bright at the touch, mellow after it."""
    time = np.arange(round(seconds * RATE)) / RATE
    base = frequency(note)
    wave = np.zeros(time.size)
    for partial, (strength, decay) in enumerate(
        [(1.0, 1.6), (0.45, 2.6), (0.22, 4.0), (0.1, 6.0), (0.05, 8.0)], start=1
    ):
        # A string's partials are a little sharp.
        pitch = base * partial * (1 + 0.0004 * partial * partial)
        if pitch < HIGH_HZ:
            wave += strength * np.exp(-decay * time) * np.sin(2 * np.pi * pitch * time)
    return level * wave * edges(time.size, 0.006, min(0.25, seconds / 3))


def pad(notes: Sequence[int], seconds: float, level: float) -> Wave:
    """A soft string choir: three voices a note, a little apart, swelling and fading."""
    time = np.arange(round(seconds * RATE)) / RATE
    wave = np.zeros(time.size)
    for number, note in enumerate(notes):
        for voice, cents in enumerate((-5.0, 0.0, 6.0)):
            pitch = frequency(note + cents / 100)
            phase = 2.1 * number + 1.3 * voice
            wobble = 0.004 * np.sin(2 * np.pi * (0.35 + 0.07 * voice) * time + phase)
            angle = 2 * np.pi * pitch * (time + wobble / 8) + phase
            wave += np.sin(angle) + 0.35 * np.sin(2 * angle) + 0.12 * np.sin(3 * angle)
    return level * wave / (3 * len(notes)) * edges(time.size, 0.7, 1.1)


def edges(size: int, rise: float, fall: float) -> Wave:
    """One, with rounded shoulders of `rise` and `fall` seconds."""
    shape = np.ones(size)
    up, down = min(round(rise * RATE), size // 2), min(round(fall * RATE), size // 2)
    shape[:up] = 0.5 - 0.5 * np.cos(np.pi * np.arange(up) / up)
    shape[size - down :] = 0.5 + 0.5 * np.cos(np.pi * (np.arange(down) + 1) / down)
    return shape


def play(piece: Piece) -> Wave:
    """All voices of a piece in a ring."""
    beat = 60 / piece.beats_a_minute
    bar = beat * piece.beats_a_bar
    loop = Loop(bar * len(piece.chords))
    for number, chord in enumerate(piece.chords):
        loop.add(number * bar, pad(chord, bar + 1.1, piece.pad))
        for half, place in enumerate(piece.arpeggio):
            if place >= 0:
                note = chord[place % len(chord)] + 12 * (place // len(chord))
                touch = 0.34 if half % 4 == 0 else 0.24
                loop.add(number * bar + half * beat / 2, pluck(note, 3.0, touch))
    for when, note, length in piece.melody:
        loop.add(when * beat, pluck(note, max(1.6, length * beat + 0.8), 0.5))
    return loop.samples


def echoed(wave: Wave) -> Wave:
    """A room: a few late copies, around the ring so that the seam stays seamless."""
    room = wave.copy()
    for milliseconds, level in ((83, 0.16), (137, 0.12), (211, 0.09), (293, 0.06)):
        room += level * np.roll(wave, milliseconds * RATE // 1000)
    return room


def narrowed(wave: Wave) -> Wave:
    """Cut to the telephone's band; over the whole ring at once, so the seam stays seamless."""
    spectrum = np.fft.rfft(wave)
    frequencies = np.fft.rfftfreq(wave.size, 1 / RATE)
    low = 1 / (1 + (LOW_HZ / np.maximum(frequencies, 1)) ** 8)
    high = 1 / (1 + (frequencies / HIGH_HZ) ** 16)
    return np.asarray(np.fft.irfft(spectrum * low * high, wave.size), np.float64)


def levelled(wave: Wave) -> Wave:
    level = float(10 * np.log10(np.mean(wave**2)))
    return wave * float(10 ** ((LOUDNESS_DB - level) / 20))


# Notes from C4 (60, 262 Hz) upwards: their second partials are within the telephone's band.
_CMAJ7, _AM7, _FMAJ7, _G6 = (64, 67, 71, 72), (64, 67, 69, 72), (65, 69, 72, 76), (62, 67, 71, 76)
_DM7, _EM7, _GSUS = (65, 69, 72, 74), (64, 67, 71, 74), (65, 67, 72, 74)

CALM: Final = Piece(
    name="calm",
    beats_a_minute=63,
    beats_a_bar=4,
    chords=[
        *(_CMAJ7, _AM7, _FMAJ7, _G6, _CMAJ7, _EM7, _DM7, _GSUS),
        *(_AM7, _EM7, _FMAJ7, _CMAJ7, _DM7, _AM7, _FMAJ7, _GSUS),
        *(_CMAJ7, _AM7, _DM7, _G6),
    ],
    arpeggio=[0, -1, 2, -1, 3, -1, 1, -1],
    melody=[
        *((2, 79, 2), (6, 76, 2), (10, 77, 1), (11, 76, 1), (14, 74, 2)),
        *((18, 79, 2), (22, 83, 2), (26, 81, 1), (27, 79, 1), (30, 77, 2)),
        *((33, 76, 1), (34, 81, 2), (38, 79, 2), (42, 84, 1), (43, 81, 1), (46, 79, 2)),
        *((50, 77, 2), (54, 76, 2), (58, 81, 1), (59, 79, 1), (62, 74, 2)),
        *((66, 76, 2), (70, 79, 2), (74, 77, 1), (75, 74, 1), (78, 71, 2)),
    ],
    pad=0.9,
)

_D, _A, _BM, _G = (66, 69, 74, 78), (64, 69, 73, 76), (66, 71, 74, 78), (67, 71, 74, 79)
_EM, _FSM, _A7 = (64, 67, 71, 76), (66, 69, 73, 78), (67, 69, 73, 76)

BRIGHT: Final = Piece(
    name="bright",
    beats_a_minute=92,
    beats_a_bar=4,
    chords=[
        *(_D, _A, _BM, _G, _D, _FSM, _G, _A7),
        *(_BM, _FSM, _G, _D, _EM, _BM, _G, _A7),
        *(_D, _A, _BM, _FSM, _G, _D, _EM, _A7),
    ],
    arpeggio=[0, 2, 1, 3, 2, 1, 3, 2],
    melody=[
        *((0, 81, 1), (1.5, 78, 0.5), (2, 81, 2), (5, 83, 1), (6, 81, 2)),
        *((8, 78, 1), (9.5, 76, 0.5), (10, 74, 2), (13, 76, 1), (14, 78, 2)),
        *((16, 81, 1), (17.5, 78, 0.5), (18, 86, 2), (21, 85, 1), (22, 81, 2)),
        *((24, 83, 1), (25.5, 81, 0.5), (26, 79, 2), (29, 76, 1), (30, 73, 2)),
        *((34, 78, 1), (35, 79, 1), (36, 81, 2), (40, 83, 1), (42, 81, 1), (44, 78, 2)),
        *((48, 79, 1), (49.5, 78, 0.5), (50, 76, 2), (54, 74, 1), (56, 83, 1), (58, 81, 2)),
        *((60, 79, 1), (62, 76, 1), (64, 78, 1), (65.5, 81, 0.5), (66, 86, 2), (70, 85, 2)),
        *((72, 83, 1), (73.5, 81, 0.5), (74, 78, 2), (78, 81, 1), (80, 83, 1), (82, 79, 2)),
        *((84, 78, 1), (86, 74, 2), (88, 76, 1), (89.5, 79, 0.5), (90, 83, 2), (93, 81, 2)),
    ],
    pad=0.45,
)


def main() -> None:
    folder = HERE / "music"
    folder.mkdir(exist_ok=True)
    for piece in (CALM, BRIGHT):
        wave = levelled(narrowed(echoed(play(piece))))
        wave = np.rint(wave * STEPS) / STEPS
        path = folder / f"{piece.name}.flac"
        soundfile.write(path, wave, RATE, format="FLAC", subtype="PCM_16", compression_level=1.0)
        peak = 20 * np.log10(np.abs(wave).max())
        print(f"{path.name}: {wave.size / RATE:.1f} s, peak {peak:.1f} dB")


if __name__ == "__main__":
    main()
