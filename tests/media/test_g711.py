"""G.711 against the standard's definition and against two coders that we did not write."""

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from media.codecs import CODECS, PCMA, PCMU, Codec, transcode_table
from media.codecs.g711 import PCMA_TO_PCMU, transcode

ALL_SAMPLES = np.arange(65536).astype(np.uint16).view(np.int16)
ALL_CODES = np.arange(256).astype(np.uint8)
BOTH = pytest.mark.parametrize("codec", [PCMA, PCMU], ids=["PCMA", "PCMU"])
PYAV_NAMES = {"PCMA": "pcm_alaw", "PCMU": "pcm_mulaw"}


def pyav_encode(codec: Codec, samples: NDArray[np.int16]) -> NDArray[np.uint8]:
    context = av.CodecContext.create(PYAV_NAMES[codec.name], "w")
    assert isinstance(context, av.AudioCodecContext)
    context.sample_rate, context.layout, context.format = 8000, "mono", "s16"
    frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate = 8000
    packets = [*context.encode(frame), *context.encode(None)]
    return np.frombuffer(b"".join(bytes(packet) for packet in packets), np.uint8)


def pyav_decode(codec: Codec, codes: NDArray[np.uint8]) -> NDArray[np.int16]:
    context = av.CodecContext.create(PYAV_NAMES[codec.name], "r")
    assert isinstance(context, av.AudioCodecContext)
    context.sample_rate, context.layout = 8000, "mono"
    frames = context.decode(av.Packet(codes.tobytes()))
    return np.concatenate([frame.to_ndarray().reshape(-1) for frame in frames])


@BOTH
def test_decode_agrees_with_pyav(codec: Codec) -> None:
    assert np.array_equal(codec.decode(ALL_CODES), pyav_decode(codec, ALL_CODES))


@BOTH
def test_encode_stays_within_one_step_of_pyav(codec: Codec) -> None:
    """PyAV rounds to the nearest output; G.711's decision values differ only at segment ends."""
    ours, theirs = codec.encode(ALL_SAMPLES), pyav_encode(codec, ALL_SAMPLES)
    different = np.flatnonzero(ours != theirs)
    assert different.size < 0.02 * ALL_SAMPLES.size
    order = np.sort(codec.to_linear)
    places = [np.searchsorted(order, codec.decode(codes[different])) for codes in (ours, theirs)]
    assert np.abs(places[0] - places[1]).max(initial=0) <= 1


@BOTH
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_against_audioop(codec: Codec) -> None:
    """audioop left the standard library in 3.13. Its mu-law is off by one for some negatives."""
    audioop = pytest.importorskip("audioop")
    decode, encode = {
        "PCMA": (audioop.alaw2lin, audioop.lin2alaw),
        "PCMU": (audioop.ulaw2lin, audioop.lin2ulaw),
    }[codec.name]
    assert codec.decode(ALL_CODES).tobytes() == decode(ALL_CODES.tobytes(), 2)
    theirs = np.frombuffer(encode(ALL_SAMPLES.tobytes(), 2), np.uint8)
    same = theirs == codec.encode(ALL_SAMPLES)
    assert same[ALL_SAMPLES >= 0].all()
    assert same.mean() > 0.99


@pytest.mark.parametrize(
    ("codec", "sample", "code", "decoded"),
    [
        # G.711 table 1a/1b: decision values 0, 2 ... 4096 of 4096 (here times 8)
        (PCMA, 0, 0xD5, 8),
        (PCMA, -1, 0x55, -8),
        (PCMA, 15, 0xD5, 8),
        (PCMA, 16, 0xD4, 24),
        (PCMA, 511, 0xC5 ^ 0x0F, 504),
        (PCMA, 512, 0xF5, 528),
        (PCMA, 32767, 0xAA, 32256),
        (PCMA, -32768, 0x2A, -32256),
        # G.711 table 2a/2b: decision values 0, 1, 3 ... 31, 35 ... 8159 of 8159 (here times 4)
        (PCMU, 0, 0xFF, 0),
        (PCMU, -1, 0x7F, 0),
        (PCMU, 3, 0xFF, 0),
        (PCMU, 4, 0xFE, 8),
        (PCMU, 123, 0xF0, 120),
        (PCMU, 124, 0xEF, 132),
        (PCMU, 32767, 0x80, 32124),
        (PCMU, -32768, 0x00, -32124),
    ],
)
def test_known_points(codec: Codec, sample: int, code: int, decoded: int) -> None:
    samples = np.array([sample], np.int16)
    assert int(codec.encode(samples)[0]) == code
    assert int(codec.decode(codec.encode(samples))[0]) == decoded


@BOTH
def test_code_to_sample_to_code_keeps_the_value(codec: Codec) -> None:
    linear = codec.decode(ALL_CODES)
    assert np.array_equal(codec.decode(codec.encode(linear)), linear)


@BOTH
def test_encoding_is_monotonic(codec: Codec) -> None:
    rising = np.arange(-32768, 32768).astype(np.int16)
    assert (np.diff(codec.decode(codec.encode(rising)).astype(int)) >= 0).all()


@BOTH
def test_halves_mirror(codec: Codec) -> None:
    positive = np.arange(0, 32767).astype(np.int16)
    negative = (-positive - 1).astype(np.int16)
    assert np.array_equal(codec.encode(positive) & 0x7F, codec.encode(negative) & 0x7F)


@BOTH
def test_silence_code(codec: Codec) -> None:
    assert codec.encode(np.zeros(1, np.int16))[0] == codec.silence


@BOTH
def test_columns_in_and_out(codec: Codec) -> None:
    rows = np.random.default_rng(1).integers(-32768, 32768, (7, 160)).astype(np.int16)
    codes = np.empty((7, 160), np.uint8)
    linear = np.empty((7, 160), np.int16)
    assert codec.encode(rows, codes) is codes
    assert codec.decode(codes, linear) is linear
    assert np.array_equal(codes, codec.encode(rows))
    assert np.array_equal(linear, codec.decode(codes))


@BOTH
def test_a_sine_keeps_its_quality(codec: Codec) -> None:
    """ITU-T G.712: signal to distortion of at least 33 dB for 0 to -30 dBm0."""
    for amplitude in (30000, 3000, 1000):
        sine = (amplitude * np.sin(np.arange(8000) * 2 * np.pi * 1020 / 8000)).astype(np.int16)
        noise = codec.decode(codec.encode(sine)).astype(float) - sine
        ratio = 10 * np.log10(np.mean(sine.astype(float) ** 2) / np.mean(noise**2))
        assert ratio > 33, amplitude


def test_transcoding_is_decode_then_encode() -> None:
    for source in CODECS.values():
        for target in CODECS.values():
            table = transcode_table(source, target)
            if source is target:
                assert table is None
                continue
            assert table is not None
            out = np.empty(256, np.uint8)
            assert transcode(table, ALL_CODES, out) is out
            assert np.array_equal(out, target.encode(source.decode(ALL_CODES)))


def test_tables_are_read_only() -> None:
    with pytest.raises(ValueError):
        PCMA_TO_PCMU[0] = 1
