"""The engine's commands, one after the other, with real sockets and virtual time."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from media.commands import (
    Bridge,
    CloseLeg,
    Digit,
    Echo,
    Failed,
    GetStats,
    LegClosed,
    Music,
    OpenLeg,
    Play,
    PlayEnd,
    PlayEnded,
    SendDigits,
    Silent,
    Stats,
    StopMusic,
    StopPlay,
    Unbridge,
)
from media.dtmf import parse_event
from tests.media.desk import EVENTS, HOST, PCMU, Desk, Phone, desk, is_continuous, sine, strength


@pytest.fixture
def table(loops):
    with desk() as one:
        one.engine.use(loops)
        yield one


@pytest.fixture
def prompt(tmp_path: Path) -> Path:
    path = tmp_path / "prompt.wav"
    soundfile.write(path, sine(700, 0.505), 8000)
    return path


def test_two_legs_of_one_codec_are_forwarded_on_arrival(table: Desk) -> None:
    (a, alice), (b, bob) = table.open(), table.open()
    table.do(Bridge(1, (a, b)))
    alice.say(sine(1000, 0.02))
    table.pump()
    bob.listen()
    assert len(bob.heard) == 1
    assert bob.heard[0].header.marker
    assert bob.heard[0].header.ssrc != alice.ssrc
    table.talk(50, (alice, 1000), (bob, 400))
    assert strength(bob.audio(), 1000) > 7000
    assert strength(alice.audio(), 400) > 7000
    assert is_continuous(alice) and is_continuous(bob)


def test_a_bridge_of_two_laws_is_transcoded(table: Desk) -> None:
    (a, alice), (b, bob) = table.open(), table.open(Phone(PCMU))
    table.do(Bridge(1, (a, b)))
    table.talk(25, (alice, 1000), (bob, 400))
    assert {heard.header.payload_type for heard in bob.heard} == {PCMU}
    assert strength(bob.audio(), 1000) > 7000
    assert strength(alice.audio(), 400) > 7000


def test_three_hear_each_other_and_not_themselves(table: Desk) -> None:
    (a, alice), (b, bob), (c, carol) = table.open(), table.open(Phone(PCMU)), table.open()
    table.do(Bridge(1, (a, b, c)))
    table.talk(50, (alice, 1000), (bob, 400), (carol, 2000))
    heard = alice.audio()[1600:]
    assert strength(heard, 400) > 7000
    assert strength(heard, 2000) > 7000
    assert strength(heard, 1000) < 200
    assert strength(bob.audio()[1600:], 1000) > 7000
    assert is_continuous(alice)


def test_a_transfer_keeps_the_stream_continuous(table: Desk) -> None:
    (a, alice), (b, bob), (c, carol) = table.open(), table.open(), table.open()
    carol.sequence, carol.timestamp, carol.ssrc = 60000, 4_000_000_000, 99
    table.do(Bridge(1, (a, b)))
    table.talk(20, (alice, 1000), (bob, 400))
    table.do(Bridge(1, (a, c)))
    table.talk(20, (alice, 1000), (carol, 2000))
    assert is_continuous(alice)
    assert strength(alice.audio()[3200:], 2000) > 7000
    steps = [h.header.timestamp for h in alice.heard]
    assert max(np.diff(steps)) <= 480
    assert sum(h.header.marker for h in alice.heard) == 2


def test_unbridged_legs_hear_nothing(table: Desk) -> None:
    (a, alice), (b, bob) = table.open(), table.open()
    table.do(Bridge(1, (a, b)))
    table.talk(5, (alice, 1000))
    table.do(Unbridge(1))
    count = len(bob.heard)
    table.talk(5, (alice, 1000))
    assert len(bob.heard) == count


def test_direction_is_obeyed(table: Desk) -> None:
    (a, alice), (b, bob) = table.open(), table.open()
    table.do(Bridge(1, (a, b)))
    table.do(bob.remote(b, send=False))
    table.talk(5, (alice, 1000), (bob, 400))
    assert bob.heard == []
    table.do(bob.remote(b, receive=False))
    before = len(alice.heard)
    table.talk(5, (alice, 1000), (bob, 400))
    assert len(bob.heard) == 5
    assert len(alice.heard) == before


def test_play_is_gapless_and_ends_once(table: Desk, prompt: Path) -> None:
    a, alice = table.open()
    table.do(Play(a, 5, (str(prompt), "silence:100", str(prompt))))
    table.until(lambda: bool(table.of(PlayEnded)))
    assert table.of(PlayEnded) == [PlayEnded(a, 5, PlayEnd.FINISHED)]
    audio = alice.audio()
    wanted = np.concatenate([sine(700, 0.505), np.zeros(800, np.int16), sine(700, 0.505)])
    assert np.abs(audio[: wanted.size].astype(int) - wanted).max() < 300
    assert is_continuous(alice)
    table.step(5)
    assert len(alice.heard) == -(-wanted.size // 160)


def test_between_two_prompts_no_packet_is_missing_and_time_has_passed(
    table: Desk, prompt: Path
) -> None:
    """RFC 3550 5.1: timestamps follow the clock of the samples, sequence numbers the packets. So a
    pause is a jump in time with the marker of a talkspurt (RFC 3551 4.1), by whole packets.
    """
    a, phone = table.open()
    heard = []
    for play in (1, 2):
        table.do(Play(a, play, (str(prompt),)))
        table.until(lambda play=play: table.of(PlayEnded) and table.of(PlayEnded)[-1].play == play)
        heard.append([one.header for one in phone.heard])
        table.step(37)
    before, after = heard[0][-1], heard[1][len(heard[0])]
    assert after.marker and not before.marker and heard[0][0].marker
    assert [one.marker for one in heard[1]].count(True) == 2
    assert after.sequence == (before.sequence + 1) & 0xFFFF and after.ssrc == before.ssrc
    jump = (after.timestamp - before.timestamp) & 0xFFFFFFFF
    assert jump % 160 == 0 and jump / 160 >= 37
    times = (table.now - 1000.0) / 0.02 - 37
    assert (after.timestamp - heard[0][0].timestamp) & 0xFFFFFFFF <= times * 160


def test_a_loop_has_no_seam(table: Desk) -> None:
    a, alice = table.open()
    table.do(Play(a, 5, ("tone:busy",), loop=True))
    table.until(lambda: len(alice.heard) > 120)
    assert strength(alice.audio()[8000:12000], 425) > 1000
    table.do(StopPlay(a))
    assert table.of(PlayEnded) == [PlayEnded(a, 5, PlayEnd.STOPPED)]


def test_a_play_that_cannot_be_read_says_so(table: Desk, tmp_path: Path) -> None:
    a, _ = table.open()
    table.do(Play(a, 5, (str(tmp_path / "none.wav"),)))
    table.until(lambda: bool(table.of(PlayEnded)))
    ended = table.of(PlayEnded)[0]
    assert ended.reason is PlayEnd.ERROR
    assert "none.wav" in ended.error


def test_music_keeps_its_place_under_a_play(table: Desk, tmp_path: Path) -> None:
    rise = np.concatenate([sine(300 + 100 * i, 0.5) for i in range(20)])
    path = tmp_path / "music.wav"
    soundfile.write(path, rise, 8000)
    a, alice = table.open()
    table.do(Music(a, str(path), 0.0))
    table.until(lambda: len(alice.heard) >= 50)
    table.do(Play(a, 6, ("silence:1000",)))
    table.until(lambda: bool(table.of(PlayEnded)))
    first = len(alice.heard)
    table.step(25)
    after = alice.audio()[first * 160 :]
    played = first - 50  # frames of music until the silence, and one second of silence
    place = (first - played - 1) // 25
    nearest = [strength(after[400:2000], 300 + 100 * i) for i in range(20)]
    assert abs(int(np.argmax(nearest)) - place) <= 1
    assert is_continuous(alice)
    table.do(StopMusic(a))
    count = len(alice.heard)
    table.step(5)
    assert len(alice.heard) == count


def test_music_covers_the_bridge(table: Desk, prompt: Path) -> None:
    (a, alice), (b, bob) = table.open(), table.open()
    table.do(Bridge(1, (a, b)))
    table.talk(10, (alice, 1500), (bob, 400))
    table.do(Music(a, str(prompt), -6.0))
    table.until(lambda: table.engine.legs[a].voice is not None)
    start = len(alice.heard)
    table.talk(20, (alice, 1500), (bob, 400))
    held = alice.audio()[(start + 1) * 160 :]
    assert 3000 < strength(held, 700) < 5000
    assert strength(held, 400) < 500
    assert strength(bob.audio()[-1600:], 1500) > 7000
    table.do(StopMusic(a))
    start = len(alice.heard)
    table.talk(10, (alice, 1500), (bob, 400))
    assert strength(alice.audio()[start * 160 :], 400) > 7000
    assert is_continuous(alice)


def test_echo(table: Desk) -> None:
    a, alice = table.open()
    table.do(Echo(a, True))
    table.talk(10, (alice, 1000))
    assert strength(alice.audio(), 1000) > 7000
    table.do(Echo(a, False))
    count = len(alice.heard)
    table.talk(3, (alice, 1000))
    assert len(alice.heard) == count


def press(phone: Phone, event: int, table: Desk, ends: int = 3, repeats: int = 5) -> None:
    for i in range(1, repeats):
        phone.send(EVENTS, bytes([event, 10, *(160 * i).to_bytes(2, "big")]))
        table.step()
    for _ in range(ends):
        phone.send(EVENTS, bytes([event, 0x8A, *(160 * repeats).to_bytes(2, "big")]))
    table.step()
    phone.timestamp += 160 * (repeats + 1)


def test_a_digit_is_one_digit(table: Desk) -> None:
    a, alice = table.open()
    press(alice, 5, table)
    press(alice, 5, table)
    press(alice, 16, table)
    assert table.of(Digit) == [Digit(a, "5", 100), Digit(a, "5", 100)]


def test_a_digit_without_its_end_is_told_by_time(table: Desk) -> None:
    a, alice = table.open()
    press(alice, 11, table, ends=0)
    assert table.of(Digit) == []
    table.step(20)
    assert table.of(Digit) == [Digit(a, "#", 80)]


def test_barge_stops_the_play_at_the_first_packet(table: Desk) -> None:
    a, alice = table.open()
    table.do(Play(a, 9, ("tone:ringing",), loop=True, barge=True))
    table.until(lambda: len(alice.heard) > 3)
    press(alice, 1, table, ends=0, repeats=2)
    assert table.of(PlayEnded) == [PlayEnded(a, 9, PlayEnd.DIGIT)]


@pytest.mark.parametrize("is_bridged", [False, True])
def test_a_key_within_a_tick_sends_no_frame_twice(
    table: Desk, tmp_path: Path, is_bridged: bool
) -> None:
    path = tmp_path / "rising.wav"
    soundfile.write(path, np.arange(-16000, 16000, 2, dtype=np.int16), 8000)
    (a, alice), (b, bob) = table.open(), table.open(Phone(PCMU))
    if is_bridged:  # then somebody is heard behind the prompt
        table.do(Bridge(1, (a, b)))
    table.do(Play(a, 9, (str(path),), barge=True))
    table.until(lambda: len(alice.heard) > 3)
    press(alice, 1, table, ends=0, repeats=4)
    bob.say(sine(400, 0.02))
    table.step(2)
    assert table.of(PlayEnded) == [PlayEnded(a, 9, PlayEnd.DIGIT)]
    heard = [one.payload for one in alice.heard]
    assert len(set(heard)) == len(heard)
    assert is_continuous(alice)


def test_digits_pass_a_bridge_with_the_other_sides_payload_type(table: Desk) -> None:
    a, alice = table.open()
    b, bob = table.open(dtmf_send=96)
    table.do(Bridge(1, (a, b)))
    table.talk(5, (alice, 1000))
    press(alice, 7, table)
    table.talk(5, (alice, 1000))
    events = [h for h in bob.heard if h.header.payload_type == 96]
    assert len(events) == 7
    assert len({h.header.timestamp for h in events}) == 1
    assert is_continuous(bob)
    assert table.of(Digit) == [Digit(a, "7", 100)]


def test_digits_toward_a_phone_that_takes_none_leave_no_gap(table: Desk) -> None:
    a, alice = table.open()
    b, bob = table.open(dtmf_send=None)
    table.do(Bridge(1, (a, b)))
    table.talk(5, (alice, 1000))
    press(alice, 7, table)
    table.talk(5, (alice, 1000))
    assert is_continuous(bob)
    assert {heard.header.payload_type for heard in bob.heard} == {8}


def test_digits_are_sent_with_their_timing(table: Desk) -> None:
    (a, alice), (b, bob) = table.open(), table.open()
    table.do(Bridge(1, (a, b)))
    table.talk(5, (alice, 1000), (bob, 400))
    table.do(SendDigits(b, "1,2", 100, 60))
    table.talk(60, (alice, 1000), (bob, 400))
    events = [h for h in bob.heard if h.header.payload_type == EVENTS]
    parsed = [parse_event(h.payload) for h in events]
    assert [p.digit for p in parsed if p] == ["1"] * 7 + ["2"] * 7 or len(parsed) > 12
    assert sum(p.is_end for p in parsed if p) == 6
    assert [h.header.marker for h in events].count(True) == 2
    assert is_continuous(bob)
    assert strength(bob.audio()[-1600:], 1000) > 7000


def test_digits_refused(table: Desk) -> None:
    (a, _), (b, _) = table.open(dtmf_send=None), table.open()
    table.do(SendDigits(a, "?"))
    table.do(SendDigits(b, "1x"))
    assert [event.command for event in table.of(Failed)] == ["SendDigits", "SendDigits"]


def test_stats_tell_what_was_lost_and_heard(table: Desk) -> None:
    (a, alice), (b, _) = table.open(), table.open()
    table.do(Bridge(1, (a, b)))
    table.talk(10, (alice, 1000))
    alice.sequence += 2
    alice.timestamp += 320
    table.talk(10, (alice, 1000))
    table.do(GetStats(a))
    stats = table.of(Stats)[-1].stats
    assert stats.packets_in == 20
    assert stats.lost_in == 2
    assert stats.octets_in == 3200
    assert stats.concealed_ms is None
    assert stats.round_trip_ms is None
    table.do(CloseLeg(b))
    closed = table.of(LegClosed)[0]
    assert closed.stats.packets_out == 20
    assert closed.stats.jitter_ms is None


def test_silence_is_told_once(table: Desk) -> None:
    a, alice = table.open()
    table.talk(5, (alice, 1000))
    table.step(700)
    assert [event.leg for event in table.of(Silent)] == [a]
    table.talk(60, (alice, 1000))
    table.step(700)
    assert len(table.of(Silent)) == 2


def test_a_leg_that_waited_for_its_call_counts_from_there(table: Desk) -> None:
    phone = Phone()
    table.do(OpenLeg(1, HOST))
    table.step(800)  # sixteen seconds of ringing, or on standby
    table.do(phone.remote(1))
    table.step(150)
    assert table.of(Silent) == []
    table.do(GetStats(1))
    assert table.of(Stats)[-1].stats.seconds == pytest.approx(3.0, abs=0.1)
    table.step(400)
    assert [event.leg for event in table.of(Silent)] == [1]
    phone.close()


def test_reports_are_sent_and_say_goodbye(table: Desk) -> None:
    a, alice = table.open()
    table.do(Echo(a, True))
    table.talk(260, (alice, 1000))
    reports = alice.reports()
    assert reports and reports[0][1] == 200
    table.do(CloseLeg(a))
    goodbye = alice.reports()[-1]
    assert b"softswitch" in goodbye
    assert goodbye[-8:-4] == bytes([0x81, 203, 0, 1])


def test_commands_about_nothing_fail(table: Desk) -> None:
    table.do(CloseLeg(77))
    table.do(Bridge(1, (77, 78)))
    table.do(OpenLeg(1, "203.0.113.1"))
    a, phone = table.open()
    table.do(phone.remote(a, codec="G729"))
    failed = [(event.command, event.leg) for event in table.of(Failed)]
    assert failed[:2] == [("CloseLeg", 77), ("Bridge", None)]
    assert failed[2][0] == "OpenLeg"
    assert failed[-1] == ("SetRemote", a)


def test_other_music_leaves_no_gap(table: Desk, tmp_path: Path) -> None:
    for name, frequency in (("first", 700), ("second", 1500)):
        soundfile.write(tmp_path / f"{name}.wav", sine(frequency, 1.0), 8000)
    a, alice = table.open()
    table.do(Music(a, str(tmp_path / "first.wav"), 0.0))
    table.until(lambda: len(alice.heard) > 20)
    alice.heard.clear()
    table.do(Music(a, str(tmp_path / "second.wav"), 0.0))
    steps = 0

    def is_second() -> bool:
        nonlocal steps
        steps += 1
        return strength(alice.audio()[-160:], 1500) > 5000

    table.until(is_second)
    assert abs(len(alice.heard) - steps) <= 1
    assert set(np.diff([one.header.sequence for one in alice.heard]).tolist()) == {1}
    table.do(Music(a, str(tmp_path / "none.wav"), 0.0))
    table.until(lambda: bool(table.of(PlayEnded)))
    assert "none.wav" in table.of(PlayEnded)[-1].error
