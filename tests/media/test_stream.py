"""Encoders and decoders of one leg, with PyAV itself and aiortc at the other end."""

import av
import numpy as np
import pytest
from aiortc.codecs.g722 import G722Decoder
from aiortc.codecs.opus import OpusDecoder
from aiortc.jitterbuffer import JitterFrame

from media.codecs.format import G722, OPUS, PCMA, format_of
from media.codecs.stream import (
    decoder_rate,
    make_decoder,
    make_encoder,
    opus_units,
    packet_ms,
    payload_units,
)
from media.inflow import MAX_KEPT_FRAMES, Inflow
from tests.media.codec_phone import loudness_of, tone

L16 = format_of("L16", 16000)


@pytest.mark.parametrize("format", [OPUS, L16], ids=lambda one: one.name)
@pytest.mark.parametrize("ptime", [10, 20, 30, 40, 60])
def test_packets_hold_what_their_length_says(format, ptime: int) -> None:  # type: ignore[no-untyped-def]
    encoder, decoder = make_encoder(format, ptime), make_decoder(format)
    wave = tone(6000, 1.2)
    payloads = [p for i in range(60) for p in encoder.encode(wave[i * 320 : i * 320 + 320])]
    assert {payload_units(format, one) for one in payloads} == {packet_ms(format, ptime) * 8}
    heard = np.concatenate([decoder.decode(one) for one in payloads])
    assert loudness_of(heard[heard.size // 2 :], 6000, decoder_rate(format)) > 7500


@pytest.mark.parametrize(("format", "judge"), [(G722, G722Decoder), (OPUS, OpusDecoder)])
def test_aiortc_hears_it(format, judge) -> None:  # type: ignore[no-untyped-def]
    encoder, decoder = make_encoder(format, 20), judge()
    wave, parts = tone(6000, 1.0), []
    for i in range(50):
        for payload in encoder.encode(wave[i * 320 : i * 320 + 320]):
            for frame in decoder.decode(JitterFrame(payload, i * format.step)):
                channels = len(frame.layout.channels)
                parts.append(frame.to_ndarray().reshape(-1, channels)[:, 0])
    heard = np.concatenate(parts)
    rate = heard.size // 1
    assert loudness_of(heard[rate // 2 :], 6000, rate) > 7000


def test_formats_are_known_by_name_and_clock() -> None:
    assert format_of("pcma", 8000) is PCMA
    assert format_of("OPUS", 48000) is OPUS
    assert (G722.clock, G722.rate, OPUS.step, OPUS.unit) == (8000, 16000, 960, 6)
    for name, clock in (("opus", 8000), ("G722", 16000), ("L16", 44100), ("GSM", 8000)):
        with pytest.raises(ValueError, match=name):
            format_of(name, clock)


@pytest.mark.parametrize(
    ("first", "units"),
    [(0x00, 80), (0x18, 480), (0x60, 80), (0x80, 20), (0x98, 160), (0x99, 320), (0x9A, 320)],
)
def test_an_opus_packet_says_its_length(first: int, units: int) -> None:
    assert opus_units(bytes([first, 1, 2])) == units


@pytest.mark.parametrize("octets", [b"", b"\x9b", b"\x9b\x00", b"\x9b\x3f"])
def test_what_is_no_opus_packet_has_no_length(octets: bytes) -> None:
    assert opus_units(octets) == 0


def test_a_stereo_packet_is_heard_as_one_channel() -> None:
    context = av.CodecContext.create("libopus", "w")
    context.sample_rate, context.layout, context.format = 48000, "stereo", "s16"  # type: ignore[attr-defined]
    context.open()
    wave = np.repeat(tone(1000, 1.0), 3)
    decoder, parts = make_decoder(OPUS), []
    for i in range(0, wave.size, 960):
        pair = np.repeat(wave[i : i + 960], 2).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(pair, format="s16", layout="stereo")
        frame.sample_rate, frame.pts = 48000, i
        parts += [decoder.decode(bytes(one)) for one in context.encode(frame)]  # type: ignore[attr-defined]
    assert {part.size for part in parts} == {decoder_rate(OPUS) // 50}


def inflow_of_l16() -> Inflow:
    return Inflow(L16)


def payload(value: int, samples: int = 320) -> bytes:
    return np.full(samples, value, ">i2").tobytes()


def test_frames_come_in_the_order_of_the_stream() -> None:
    inflow = inflow_of_l16()
    inflow.put(1, 160, payload(2))
    inflow.put(0, 0, payload(1))
    assert [int(inflow.frame(i)[0]) for i in range(2)] == [1, 2]  # type: ignore[index]
    assert inflow.frame(2) is None


def test_two_short_packets_make_a_frame_and_a_long_one_several() -> None:
    inflow = inflow_of_l16()
    inflow.put(0, 80, payload(2, 160))
    inflow.put(0, 0, payload(1, 160))
    inflow.put(1, 160, payload(3, 960))
    first = inflow.frame(0)
    assert first is not None
    assert (first[0], first[-1]) == (1, 2)
    assert [int(inflow.frame(i)[0]) for i in (1, 2, 3)] == [3, 3, 3]  # type: ignore[index]
    assert inflow.frame(4) is None


def test_a_frame_that_was_passed_over_is_not_heard_later() -> None:
    inflow = inflow_of_l16()
    inflow.put(0, 0, payload(1))
    inflow.put(1, 160, payload(2))
    assert int(inflow.frame(1)[0]) == 2  # type: ignore[index]
    assert inflow.frame(2) is None


def test_a_packet_that_comes_twice_is_heard_once() -> None:
    inflow = inflow_of_l16()
    for _ in range(3):
        inflow.put(0, 0, payload(1))
    assert inflow.frame(0) is not None
    assert inflow.frame(1) is None


def test_more_sound_than_time_is_dropped() -> None:
    inflow = inflow_of_l16()
    for i in range(50):
        inflow.put(0, i, payload(1))
    assert inflow.frame(0) is not None
    count = 0
    while inflow.frame(count + 1) is not None:
        count += 1
    assert count == MAX_KEPT_FRAMES
