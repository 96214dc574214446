"""G.722, compiled and interpreted: what libg722 and FFmpeg make of it, to the octet."""

from collections.abc import Iterator

import av
import numpy as np
import pytest
from G722 import G722 as LibG722
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from media.native.functions import DECODE_G722, ENCODE_G722, Interpreted, Loops
from media.native.g722 import (
    FRAME,
    HIGH_BAND,
    JOB,
    LOW,
    MODE,
    NARROW,
    PAST,
    STATE,
    WIDE,
    WORK,
    limit,
)
from media.native.g722_tables import (
    FAR,
    INTERVAL,
    INVERSE_BITS,
    LOW_MOST,
    LOW_STEP,
    inverses,
    tables,
)
from media.native.load import Compiled
from media.rows import CODER
from tests.media.codec_phone import tone

RATES = {NARROW: 8000, WIDE: 16000}
Octets, Samples = NDArray[np.uint8], NDArray[np.int16]


class Coders:
    """So many coders each way. Memory around what they may write to must stay as it is."""

    def __init__(self, loops: Loops, count: int) -> None:
        self.jobs = np.zeros((count, JOB), np.int64)
        self.words = np.zeros((2, count + 2, STATE), np.int32)
        self.words[:, [0, -1]] = -7
        self.octets = np.full((count + 2, FRAME), 77, np.uint8)
        self.sounds = np.full((3, count + 2, 2 * FRAME), 77, np.int16)
        work, number = np.zeros(WORK, np.int32), np.array([count], np.int64)
        self._kept = work, number
        given, narrow, wide = self.sounds
        self._tables = tables(), inverses()
        memory = (self.jobs, self.words[0], *self._tables, work, self.octets, given, number)
        self._encode = loops.bind(ENCODE_G722, memory)
        decoded = (self.octets, narrow, wide, number)
        self._decode = loops.bind(
            DECODE_G722, (self.jobs, self.words[1], self._tables[0], work, *decoded)
        )
        rows = np.arange(1, count + 1)
        self.jobs[:, 0], self.jobs[:, 1], self.jobs[:, 2] = rows, rows * FRAME, rows * 2 * FRAME

    def encode(self, samples: Samples) -> Octets:
        """samples: (count, 320) -> (count, 160)."""
        self.sounds[0, 1:-1] = samples
        assert self._encode() == 0
        self._is_kept_within()
        return self.octets[1:-1].copy()

    def decode(self, octets: Octets, how: int) -> Samples:
        self.jobs[:, 3] = how
        self.octets[1:-1] = octets
        assert self._decode() == 0
        self._is_kept_within()
        return self.sounds[how, 1:-1, : FRAME * how].copy()

    def _is_kept_within(self) -> None:
        assert (self.words[:, [0, -1]] == -7).all()
        assert (self.octets[[0, -1]] == 77).all() and (self.sounds[:, [0, -1]] == 77).all()


def said(frames: int, count: int) -> Iterator[Samples]:
    """Silence, noise from a whisper to what clips, and tones at full scale."""
    chance, size = np.random.default_rng(722), 2 * FRAME
    for i in range(frames):
        loudness = (0.0, 1.0, 100.0, 3000.0, 30000.0, 1e6)[i // 4 % 6]
        wave = chance.standard_normal((count, size)) * loudness
        if i % 7 == 3:
            wave = np.tile(32767 * np.sin(np.arange(size) * 0.1 * (i % 5 + 1)), (count, 1))
        yield np.clip(wave, -32768, 32767).astype(np.int16)


@pytest.mark.parametrize("how", [NARROW, WIDE])
def test_it_is_what_libg722_makes_of_it(loops: Loops, how: int) -> None:
    frames, count = (4, 1) if isinstance(loops, Interpreted) else (250, 5)
    chance = np.random.default_rng(9)
    coders = Coders(loops, count)
    judges = [[LibG722(RATES[one], 64000) for _ in range(count)] for one in (WIDE, how)]
    for i, samples in enumerate(said(frames, count)):
        theirs = [one.encode(wave) for one, wave in zip(judges[0], samples, strict=True)]
        octets = coders.encode(samples)
        assert [one.tobytes() for one in octets] == [bytes(one) for one in theirs]
        if i % 5 == 4:  # what no coder would say
            octets = chance.integers(0, 256, octets.shape).astype(np.uint8)
        heard = coders.decode(octets, how)
        for judge, sent, got in zip(judges[1], octets, heard, strict=True):
            assert np.array_equal(np.frombuffer(judge.decode(sent.tobytes()), np.int16), got)


def test_it_is_what_ffmpeg_makes_of_it(compiled: Compiled) -> None:
    """Another implementation of ITU-T G.722, both ways."""
    chance = np.random.default_rng(722)
    wave = tone(440, 2.0).astype(np.float64) * np.linspace(0, 1, 32000) * 2
    wave = np.clip(wave + chance.normal(0, 400, wave.size), -32768, 32767).astype(np.int16)
    context = av.CodecContext.create("g722", "w")
    context.sample_rate, context.layout, context.format = 16000, "mono", "s16"  # type: ignore[attr-defined]
    context.open()
    reader = av.CodecContext.create("g722", "r")
    reader.sample_rate, reader.layout = 16000, "mono"  # type: ignore[attr-defined]
    coders = Coders(compiled, 1)
    for i in range(0, wave.size, 320):
        frame = av.AudioFrame.from_ndarray(wave[None, i : i + 320], format="s16", layout="mono")
        frame.sample_rate, frame.pts = 16000, i
        theirs = b"".join(bytes(one) for one in context.encode(frame))  # type: ignore[attr-defined]
        octets = coders.encode(wave[None, i : i + 320])
        assert octets.tobytes() == theirs
        heard = np.concatenate([one.to_ndarray()[0] for one in reader.decode(av.Packet(theirs))])  # type: ignore[attr-defined]
        assert np.array_equal(coders.decode(octets, WIDE)[0], heard)


@given(st.binary(min_size=FRAME, max_size=FRAME), st.sampled_from([NARROW, WIDE]))
def test_fuzz_of_what_comes(compiled: Compiled, payload: bytes, how: int) -> None:
    coders, judge = Coders(compiled, 1), LibG722(RATES[how], 64000)
    for _ in range(2):
        heard = coders.decode(np.frombuffer(payload, np.uint8)[None], how)[0]
        assert np.array_equal(heard, np.frombuffer(judge.decode(payload), np.int16))


def test_a_decoder_that_goes_over_to_both_bands_has_a_fresh_high_one(compiled: Compiled) -> None:
    """And its low band goes on."""
    coders = Coders(compiled, 1)
    for samples in said(30, 1):
        coders.decode(coders.encode(samples), WIDE)
    assert coders.words[1, 1, HIGH_BAND:].any()
    for samples in said(3, 1):
        coders.decode(coders.encode(samples), NARROW)
    assert coders.words[1, 1, MODE] == NARROW
    judge = Coders(compiled, 1)
    judge.words[:] = coders.words
    judge.words[1, 1, PAST:LOW] = judge.words[1, 1, HIGH_BAND:] = 0
    judge.words[1, 1, MODE] = WIDE
    for samples in said(5, 1):
        octets = coders.encode(samples)
        assert np.array_equal(coders.decode(octets, WIDE), judge.decode(octets, WIDE))


def test_every_interval_is_found_by_the_inverse() -> None:
    """Instead of the standard's search: for each step and each error that there can be."""
    column = tables().astype(np.int64)
    ends = np.unique(np.flatnonzero(np.diff(column[INTERVAL : INTERVAL + FAR + 1])))
    sizes = np.arange(32768)
    for place, inverse in enumerate(inverses().tolist()):
        step = int(column[LOW_STEP + place])
        parts = (np.minimum(sizes, step) + 1 << 12) + step - 1
        found = column[INTERVAL + np.minimum(parts * inverse >> INVERSE_BITS, FAR)]
        searched = (sizes[:, None] >= (ends * step >> 12)).sum(axis=1)
        assert np.array_equal(found, searched), step
    assert place == LOW_MOST >> 6


def test_numbers_are_limited_to_sixteen_bits() -> None:
    assert [limit(n) for n in (-40000, -32768, 0, 32767, 32768)] == [
        -32768,
        -32768,
        0,
        32767,
        32767,
    ]


def test_a_row_has_room_for_a_coder() -> None:
    assert CODER == STATE
