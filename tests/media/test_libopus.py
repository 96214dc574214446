"""libopus by ctypes: lost packets out of the next one, or of the sound before; and without it."""

import logging

import numpy as np
import pytest

from media.codecs import libopus, stream
from media.codecs.format import OPUS
from media.inflow import CONCEALED, MAX_QUIET, Inflow
from media.passes.decode import decode_objects
from media.passes.order import place
from media.rows import Law, Rows
from tests.media.codec_phone import tone

FRAME = 320


def packets(wave: np.ndarray) -> list[bytes]:
    encoder = stream.make_encoder(OPUS, 20)
    return [one for i in range(0, wave.size, FRAME) for one in encoder.encode(wave[i : i + FRAME])]


def glide() -> np.ndarray:
    """A voice-like sound whose pitch moves: what was 20 ms ago is not what would come now."""
    time = np.arange(2 * libopus.RATE) / libopus.RATE
    phase = 2 * np.pi * (120 * time + 60 * time**2)
    chance = np.random.default_rng(6716).normal(0, 150, time.size)
    wave = sum(3000 / n * np.sin(n * phase) for n in range(1, 12)) + chance
    return np.clip(wave, -32768, 32767).astype(np.int16)


def test_the_library_is_here() -> None:
    assert libopus.IS_HERE
    assert stream.decoder_rate(OPUS) == libopus.RATE


def test_our_packets_hold_the_one_before_and_it_is_heard() -> None:
    """In-band FEC of our own encoder: with it a lost frame is nearer to what was said."""
    sent = packets(glide())
    whole = libopus.Decoder()
    said = [whole.decode(one).astype(float) for one in sent]
    errors = {True: 0.0, False: 0.0}
    for has_next in errors:
        decoder = libopus.Decoder()
        for i, one in enumerate(sent):
            if i % 10 == 9:
                made = decoder.missing(sent[i + 1] if has_next and i + 1 < len(sent) else None)
                errors[has_next] += float(np.square(made - said[i]).sum())
            else:
                decoder.decode(one)
    assert errors[True] < errors[False] / 2


def test_without_the_next_packet_the_sound_goes_on() -> None:
    decoder, sent = libopus.Decoder(), packets(glide())
    before = [decoder.decode(one) for one in sent[:40]][-1]
    made = [decoder.missing(None) for _ in range(30)]
    assert {one.size for one in made} == {FRAME}
    loud = [float(np.square(one.astype(float)).mean()) for one in (before, *made)]
    assert loud[1] > loud[0] / 8 and loud[-1] < loud[0] / 100


@pytest.mark.parametrize("octets", [b"", b"\xff\xff", b"\x03", b"\xff" * 40])
def test_what_is_no_packet_is_no_sound_and_hurts_nobody(octets: bytes) -> None:
    decoder = libopus.Decoder()
    decoder.decode(octets)
    decoder.missing(octets)
    assert decoder.decode(libopus._SILENCE).size == FRAME


def test_fuzz_packets() -> None:
    chance, decoder = np.random.default_rng(4), libopus.Decoder()
    for _ in range(2000):
        octets = chance.bytes(int(chance.integers(1, 60)))
        assert decoder.decode(octets).size <= libopus._MOST
        assert decoder.missing(octets).size <= FRAME


def test_a_library_that_is_none_is_passed_over(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(libopus.Missing):
        libopus.load(["libc.so.6", "libof-nobody.so"])
    monkeypatch.setattr(libopus, "_candidates", list)
    monkeypatch.setattr(libopus, "_SYSTEM", ())
    with caplog.at_level(logging.WARNING):
        assert libopus._chosen() is None
    assert "without its own concealment" in caplog.text


def heard(inflow: Inflow, sent: list[bytes], lost: set[int], count: int) -> list[bool]:
    """Whether there was sound at each frame; a packet is there a frame before its turn."""
    told = []
    for number in range(count):
        ahead = number + 1
        if number == 0:
            inflow.put(0, 0, sent[0])
        if ahead < len(sent) and ahead not in lost:
            inflow.put(ahead, ahead * 160, sent[ahead])
        told.append(inflow.frame(number) is not None)
    return told


def test_a_leg_covers_what_is_lost_for_a_tenth_of_a_second() -> None:
    sent = packets(glide())[:60]
    lost = {5, *range(20, 40)}
    told = heard(Inflow(OPUS), sent, lost, 60)
    silent = {number for number, one in enumerate(told) if not one}
    assert silent == set(range(20 + CONCEALED, 40))


def test_a_silence_that_is_not_sent_is_no_loss() -> None:
    sent = [*packets(glide())[:20], libopus._SILENCE[:2]]
    inflow = Inflow(OPUS)
    told = heard(inflow, sent, set(), 21 + MAX_QUIET + 5)
    assert inflow.is_quiet
    assert told == [True] * (21 + MAX_QUIET) + [False] * 5


@pytest.mark.parametrize("is_here", [True, False])
def test_rows_count_what_was_covered_by_whomever(
    is_here: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(libopus, "IS_HERE", is_here)
    rows, row = Rows(1), np.zeros(1, np.intp)
    rows.law[0], rows.unit[0] = Law.OBJECT, OPUS.unit
    rows.is_wide[0] = rows.is_high[0] = True
    rows.inflows[0] = Inflow(OPUS)
    loud = []
    for tick, packet in enumerate([*packets(tone(440, 1.0)), *[b""] * 20]):
        if packet and tick not in (20, 30):
            place(rows, 0, tick * OPUS.step, np.frombuffer(packet, np.uint8))
        decode_objects(rows, row, tick % 5, rows.play[row], 1)
        rows.play[row] += 1
        loud.append(np.abs(rows.wide[0, tick % 5].astype(int)).max())
    assert rows.concealed[0] == 2 + CONCEALED
    depth = int(rows.depth[0])
    assert min(loud[depth + 3 : 50]) > 1500, "no hole is heard"
    assert max(loud[50 + depth + CONCEALED + 1 :]) == 0, "and nothing once the phone is gone"
