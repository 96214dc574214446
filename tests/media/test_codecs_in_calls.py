"""Calls between codecs: equal ones are forwarded, others are mixed at the better rate."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from media.commands import Bridge, Digit, Echo, Failed, GetStats, Music, Play, SendDigits, Stats
from media.recording_commands import Record, RecordingEnded, StopRecording
from tests.media.codec_phone import CLOCKS, CodecPhone, loudness_of, tone
from tests.media.desk import EVENTS, PCMA, Desk, Phone, desk, sine, strength

WIDE = ("G722", "opus", "L16")


@pytest.fixture
def table() -> Iterator[Desk]:
    with desk() as one:
        yield one


def converse(table: Desk, seconds: float, *speakers: tuple[Phone, float]) -> None:
    """Each says a sine of its frequency, a packet a tick."""
    said = [
        (phone, (tone if isinstance(phone, CodecPhone) else sine)(frequency, seconds))
        for phone, frequency in speakers
    ]
    for i in range(int(seconds * 50)):
        for phone, wave in said:
            size = 320 if isinstance(phone, CodecPhone) else 160
            phone.say(wave[i * size : (i + 1) * size])
        table.step()


def end_of(phone: Phone, seconds: float = 0.4) -> np.ndarray:
    rate = 16000 if isinstance(phone, CodecPhone) else 8000
    return phone.audio()[-int(seconds * rate) :]


def loud(phone: Phone, frequency: float) -> float:
    rate = 16000 if isinstance(phone, CodecPhone) else 8000
    return loudness_of(end_of(phone), frequency, rate)


@pytest.mark.parametrize("codec", WIDE)
def test_equal_codecs_are_forwarded_as_they_come(table: Desk, codec: str) -> None:
    first, a = table.open(CodecPhone(codec))
    second, b = table.open(CodecPhone(codec, ssrc=0x77), payload_type=120)
    table.do(Bridge(1, (first, second)))
    converse(table, 1.0, (a, 6000), (b, 1000))
    assert {one.header.payload_type for one in b.heard} == {120}
    assert loud(b, 6000) > 7000
    assert len({one.header.timestamp for one in b.heard}) == len(b.heard)
    steps = np.diff([one.header.timestamp for one in b.heard])
    assert set(steps.tolist()) == {CLOCKS[codec] // 50}
    table.do(GetStats(second))
    # Never decoded.
    assert table.of(Stats)[-1].stats.concealed_ms is None


@pytest.mark.parametrize("codec", WIDE)
def test_a_wideband_phone_talks_with_one_of_g711(table: Desk, codec: str) -> None:
    first, a = table.open(CodecPhone(codec))
    second, b = table.open(Phone(PCMA, ssrc=0x77))
    table.do(Bridge(1, (first, second)))
    converse(table, 1.2, (a, 440), (b, 1000))
    assert loud(b, 440) == pytest.approx(8000, rel=0.1)
    assert loud(a, 1000) == pytest.approx(8000, rel=0.1)
    assert loud(b, 1000) < 100
    assert not table.of(Failed)


@pytest.mark.parametrize(("most", "octets"), [(None, 100), (16000, 55)])
def test_opus_is_sent_no_more_than_the_far_phone_wants(
    table: Desk, most: int | None, octets: int
) -> None:
    """RFC 7587 6.1; a call that is mixed, so that we encode."""
    first, a = table.open(CodecPhone("opus"), most_bits=most)
    second, b = table.open(Phone(PCMA, ssrc=0x77))
    table.do(Bridge(1, (first, second)))
    converse(table, 1.2, (b, 1000))
    sizes = [len(one.payload) for one in a.heard]
    assert octets / 2 < np.mean(sizes) < octets * 1.2
    assert loud(a, 1000) > 7000


@pytest.mark.parametrize("codec", WIDE)
def test_what_no_narrow_phone_could_hear_is_not_folded_into_its_band(
    table: Desk, codec: str
) -> None:
    first, a = table.open(CodecPhone(codec))
    second, b = table.open(Phone(PCMA, ssrc=0x77))
    table.do(Bridge(1, (first, second)))
    converse(table, 1.0, (a, 6000))
    assert np.abs(end_of(b).astype(float)).max() < 200


@pytest.mark.parametrize(("one", "other"), [("G722", "opus"), ("opus", "L16"), ("L16", "G722")])
def test_wideband_stays_wideband_from_codec_to_codec(table: Desk, one: str, other: str) -> None:
    first, a = table.open(CodecPhone(one))
    second, b = table.open(CodecPhone(other, ssrc=0x77))
    table.do(Bridge(1, (first, second)))
    converse(table, 1.2, (a, 6000), (b, 5000))
    assert loud(b, 6000) > 7000
    assert loud(a, 5000) > 7000


def test_a_recording_of_a_wideband_talk(table: Desk, tmp_path: Path) -> None:
    first, a = table.open(CodecPhone("G722"))
    second, b = table.open(CodecPhone("G722", ssrc=0x77))
    table.do(Bridge(1, (first, second)))
    table.do(Record(9, str(tmp_path / "talk.wav"), (first,), (second,)))
    converse(table, 1.2, (a, 440), (b, 1000))
    table.do(StopRecording(9))
    table.until(lambda: bool(table.of(RecordingEnded)))
    heard, rate = soundfile.read(tmp_path / "talk.wav", dtype="int16")
    assert rate == 8000
    for side, frequency in ((0, 440), (1, 1000)):
        assert loudness_of(heard[-3200:, side], frequency, 8000) == pytest.approx(8000, rel=0.1)


def test_a_conference_of_all_codecs(table: Desk) -> None:
    phones = [CodecPhone("G722", 1), CodecPhone("opus", 2), CodecPhone("L16", 3), Phone(PCMA, 4)]
    legs = [table.open(phone)[0] for phone in phones]
    table.do(Bridge(1, tuple(legs)))
    frequencies = [5000, 6000, 1500, 600]
    converse(table, 1.2, *zip(phones, frequencies, strict=True))
    for phone, own in zip(phones, frequencies, strict=True):
        for frequency in frequencies:
            if frequency == own:
                assert loud(phone, frequency) < 300, own
            elif frequency < 4000 or isinstance(phone, CodecPhone):
                assert loud(phone, frequency) > 6000, (own, frequency)


@pytest.mark.parametrize("ptime", [10, 30, 40, 60])
@pytest.mark.parametrize("codec", ["PCMA", *WIDE])
def test_packets_are_of_the_length_that_was_asked_for(table: Desk, codec: str, ptime: int) -> None:
    phone = Phone() if codec == "PCMA" else CodecPhone(codec)
    first, a = table.open(phone, ptime=ptime)
    second, b = table.open(Phone(PCMA, ssrc=0x77))
    table.do(Bridge(1, (first, second)))
    converse(table, 1.2, (b, 700))
    # Opus has no packets of 30 ms, and L16 of 60 would not fit an Ethernet frame.
    sent = {("opus", 30): 20, ("L16", 60): 40}.get((codec, ptime), ptime)
    steps = set(np.diff([one.header.timestamp for one in a.heard]).tolist())
    assert steps == {CLOCKS.get(codec, 8000) * sent // 1000}
    if codec != "opus":
        octets = sent * {"L16": 32}.get(codec, 8)
        assert {len(one.payload) for one in a.heard} == {octets}
    sequences = np.diff([one.header.sequence for one in a.heard])
    assert set(sequences.tolist()) == {1}
    assert loud(a, 700) > 7000


@pytest.mark.parametrize("ptime", [10, 40, 60])
@pytest.mark.parametrize("codec", ["G722", "opus"])
def test_packets_of_any_length_are_heard(table: Desk, codec: str, ptime: int) -> None:
    first, a = table.open(CodecPhone(codec, ptime=ptime))
    second, b = table.open(Phone(PCMA, ssrc=0x77))
    table.do(Bridge(1, (first, second)))
    wave, said = tone(440, 1.2), 0
    for i in range(60):
        while said + ptime * 16 <= (i + 1) * 320:
            a.say(wave[said : said + ptime * 16])
            said += ptime * 16
        table.step()
    assert loud(b, 440) == pytest.approx(8000, rel=0.1)


def test_a_change_of_codec_in_the_middle_of_a_call(table: Desk) -> None:
    first, a = table.open(Phone(PCMA))
    second, b = table.open(CodecPhone("G722", ssrc=0x77))
    table.do(Bridge(1, (first, second)))
    converse(table, 0.6, (a, 440), (b, 1000))
    assert loud(b, 440) > 7000
    c = CodecPhone("G722", ssrc=0x99)
    table.phones.append(c)
    c.to = a.to
    table.do(c.remote(first))
    converse(table, 0.8, (c, 6000), (b, 5000))
    assert loud(b, 6000) > 7000
    assert loud(c, 5000) > 7000
    table.do(GetStats(first))
    assert not table.of(Failed)


@pytest.mark.parametrize("codec", WIDE)
def test_prompts_and_music_have_the_whole_band(table: Desk, tmp_path: Path, codec: str) -> None:
    high = tmp_path / "high.wav"
    soundfile.write(high, tone(6000, 1.0), 16000)
    leg, phone = table.open(CodecPhone(codec))
    table.do(Music(leg, str(high)))
    table.until(lambda: len(phone.heard) > 60)
    assert loud(phone, 6000) > 7000
    table.do(Play(leg, 5, ("tone:ringing",)))
    phone.heard.clear()
    table.until(lambda: len(phone.heard) > 40)
    assert loud(phone, 425) > 1000


@pytest.mark.parametrize("codec", WIDE)
def test_an_echo(table: Desk, codec: str) -> None:
    leg, phone = table.open(CodecPhone(codec))
    table.do(Echo(leg, True))
    converse(table, 0.8, (phone, 6000))
    assert loud(phone, 6000) > 7000


def event(digit: int, duration: int, is_end: bool = False) -> bytes:
    return bytes([digit, (0x80 if is_end else 0) | 10]) + duration.to_bytes(2, "big")


@pytest.mark.parametrize(("one", "other"), [("opus", "PCMA"), ("PCMA", "opus"), ("G722", "opus")])
def test_a_key_passes_between_clocks(table: Desk, one: str, other: str) -> None:
    phones = [Phone() if name == "PCMA" else CodecPhone(name) for name in (one, other)]
    phones[1].ssrc = 0x77
    legs = [table.open(phone)[0] for phone in phones]
    a, b = phones
    table.do(Bridge(1, tuple(legs)))
    converse(table, 0.2, (a, 440))
    unit, to = CLOCKS.get(one, 8000) // 8000, CLOCKS.get(other, 8000) // 8000
    for i in range(1, 8):
        a.send(EVENTS, event(5, min(i, 5) * 160 * unit, i >= 5), marker=i == 1)
        table.step()
    table.step(5)
    (told,) = table.of(Digit)
    assert (told.digit, told.duration_ms) == ("5", 100)
    events = [one for one in b.heard if one.header.payload_type == EVENTS]
    assert [int.from_bytes(one.payload[2:4], "big") for one in events] == [
        min(i, 5) * 160 * to for i in range(1, 8)
    ]
    assert len({one.header.timestamp for one in events}) == 1
    assert [one.header.marker for one in events] == [True] + 6 * [False]


def test_keys_are_sent_in_the_clock_of_the_codec(table: Desk) -> None:
    leg, phone = table.open(CodecPhone("opus"))
    table.do(SendDigits(leg, "7", 100))
    table.step(20)
    events = [one for one in phone.heard if one.header.payload_type == EVENTS]
    assert int.from_bytes(events[-1].payload[2:4], "big") == 100 * 48


def test_comfort_noise_is_heard_as_quiet_noise(table: Desk) -> None:
    first, a = table.open(noise_type=13)
    second, b = table.open(CodecPhone("G722", ssrc=0x77))
    table.do(Bridge(1, (first, second)))
    converse(table, 0.4, (a, 440))
    a.send(13, bytes([50]))
    table.step(40)
    heard = end_of(b, 0.4).astype(float)
    # -50 dBov of 32768.
    assert np.sqrt((heard**2).mean()) == pytest.approx(104, rel=0.35)
    assert loud(b, 440) < 50
    a.timestamp += 40 * 160
    converse(table, 0.6, (a, 700))
    assert loud(b, 700) > 7000


@pytest.mark.parametrize("takes", [13, None])
def test_comfort_noise_is_forwarded_to_whoever_takes_it(table: Desk, takes: int | None) -> None:
    first, a = table.open(noise_type=13)
    second, b = table.open(Phone(PCMA, ssrc=0x77), noise_type=takes)
    table.do(Bridge(1, (first, second)))
    converse(table, 0.2, (a, 440))
    a.send(13, bytes([50]))
    table.step()
    converse(table, 0.2, (a, 440))
    assert [one.payload for one in b.heard if one.header.payload_type == 13] == (
        [bytes([50])] if takes else []
    )
    assert set(np.diff([one.header.sequence for one in b.heard]).tolist()) == {1}


@pytest.mark.parametrize("codec", WIDE)
def test_a_lost_packet_is_concealed(table: Desk, codec: str) -> None:
    first, a = table.open(CodecPhone(codec))
    second, b = table.open(Phone(PCMA, ssrc=0x77))
    table.do(Bridge(1, (first, second)))
    wave = tone(400, 1.6)
    for i in range(80):
        if i % 10 == 7:
            a.sequence += 1
            a.timestamp += CLOCKS[codec] // 50
        else:
            a.say(wave[i * 320 : (i + 1) * 320])
        table.step()
    assert loud(b, 400) > 6000
    table.do(GetStats(first))
    stats = table.of(Stats)[-1].stats
    assert stats.lost_in in (7, 8)
    assert stats.concealed_ms in (140, 160, 180, 200)
    assert stats.jitter_ms < 5


def test_a_packet_that_is_longer_than_its_place_is_not_heard(table: Desk) -> None:
    first, a = table.open(CodecPhone("opus"))
    second, b = table.open(CodecPhone("opus", ssrc=0x77))
    table.do(Bridge(1, (first, second)))
    converse(table, 0.2, (a, 440))
    before = len(b.heard)
    a.send(111, bytes(900))
    table.step()
    assert len(b.heard) == before
    table.do(GetStats(first))
    assert table.of(Stats)[-1].stats.strangers == 1


def test_garbage_in_an_opus_packet_ends_nothing(table: Desk) -> None:
    first, a = table.open(CodecPhone("opus"))
    second, b = table.open(Phone(PCMA, ssrc=0x77))
    table.do(Bridge(1, (first, second)))
    converse(table, 0.3, (a, 440))
    for octets in (b"", b"\xff", b"\x03\x3f" + bytes(40), bytes(range(200)), b"\xff" * 600):
        a.send(111, octets)
        a.timestamp += 960
        table.step()
    converse(table, 1.0, (a, 440))
    assert loud(b, 440) > 7000


@pytest.mark.parametrize(
    "changes", [{"codec": "G729"}, {"codec": "opus"}, {"ptime": 5}, {"ptime": 70}]
)
def test_what_is_not_spoken_is_refused(table: Desk, changes: dict[str, object]) -> None:
    leg, phone = table.open()
    table.do(phone.remote(leg, **changes))
    assert table.of(Failed)[-1].command == "SetRemote"


def test_narrow_bridges_are_mixed_at_eight_kilohertz_beside_a_wide_one(table: Desk) -> None:
    narrow = [table.open(Phone(PCMA, ssrc=i)) for i in (1, 2, 3)]
    wide = [table.open(Phone(PCMA, ssrc=4)), table.open(CodecPhone("G722", 5))]
    table.do(Bridge(1, tuple(leg for leg, _ in narrow)))
    table.do(Bridge(2, tuple(leg for leg, _ in wide)))
    converse(table, 0.8, (narrow[0][1], 440), (wide[1][1], 1000))
    assert strength(narrow[1][1].audio()[-3200:], 440) > 7000
    assert strength(wide[0][1].audio()[-3200:], 1000) > 7000
    # Nothing of a narrow bridge was brought up.
    rows = table.engine.rows
    narrow_rows = [table.engine.legs[leg].row for leg, _ in narrow]
    assert not rows.wide[narrow_rows].any()
