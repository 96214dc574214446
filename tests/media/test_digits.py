"""Keys in the sound: detected where no telephone events were agreed on, and made as tones."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from media.commands import Bridge, Digit, Play, PlayEnd, PlayEnded, SendDigits
from media.digits import key_sound
from media.inband import ToneReceiver
from media.passes.tones import find_tones
from media.rows import BLOCK, FRAME, Rows
from tests.media.codec_phone import CodecPhone
from tests.media.desk import EVENTS, PCMU, Desk, Phone, desk, sine, strength

NO_EVENTS = {"dtmf_send": None, "dtmf_receive": None, "tones": True}


@pytest.fixture
def table() -> Iterator[Desk]:
    with desk() as one:
        yield one


def dial(table: Desk, phone: Phone, digits: str, milliseconds: int = 80) -> None:
    """The phone lets keys sound, with 80 ms after each."""
    rate, size = (16000, 320) if isinstance(phone, CodecPhone) else (8000, 160)
    wave = np.concatenate([np.zeros(size * 5, np.int16), key_sound(digits, milliseconds, 80, rate)])
    wave = np.concatenate([wave, np.zeros(size * 12, np.int16)])
    for start in range(0, wave.size - size + 1, size):
        phone.say(wave[start : start + size])
        table.step()


def heard_keys(samples: NDArray[np.int16]) -> str:
    """What of the sound is a key, by our own receiver."""
    rows, receiver, found = Rows(1), ToneReceiver(), ""
    size = BLOCK * FRAME
    samples = np.concatenate([samples, np.zeros(2 * size, np.int16)])
    for start in range(0, samples.size - size, size):
        rows.pcm[0] = samples[start : start + size].reshape(BLOCK, FRAME)
        places = find_tones(rows, np.array([0]))[0].tolist()
        found += "".join(digit.digit for digit in receiver.receive(places))
    return found


@pytest.mark.parametrize("kind", ["PCMA", "PCMU", "G722", "opus", "L16"])
def test_tones_of_a_phone_without_events_are_keys(table: Desk, kind: str) -> None:
    makers = {"PCMA": Phone, "PCMU": partial(Phone, PCMU)}
    leg, phone = table.open(makers.get(kind, partial(CodecPhone, kind))(), **NO_EVENTS)
    dial(table, phone, "147*0#D")
    assert "".join(event.digit for event in table.of(Digit)) == "147*0#D"
    assert {event.leg for event in table.of(Digit)} == {leg}
    assert [
        event.duration_ms for event in table.of(Digit) if not 50 <= event.duration_ms <= 90
    ] == []


def test_the_keys_of_a_bridge_are_heard_and_forwarded(table: Desk) -> None:
    (a, alice), (b, bob) = table.open(**NO_EVENTS), table.open(Phone(ssrc=9))
    table.do(Bridge(1, (a, b)))
    table.talk(10, (alice, 440), (bob, 600))
    dial(table, alice, "5")
    assert [event.digit for event in table.of(Digit)] == ["5"]
    assert heard_keys(bob.audio()) == "5"
    assert not any(heard.header.payload_type == EVENTS for heard in bob.heard)


def test_tones_beside_agreed_events_are_no_second_key(table: Desk) -> None:
    _, phone = table.open(tones=True)
    dial(table, phone, "5")
    assert table.of(Digit) == []
    for is_end in (0, 0, 0x80, 0x80, 0x80):
        phone.send(EVENTS, bytes([5, 10 | is_end, 0, 160]))
    table.step(2)
    assert [event.digit for event in table.of(Digit)] == ["5"]


def test_a_leg_that_asked_for_none_is_not_listened_to(table: Desk) -> None:
    _, phone = table.open(dtmf_send=None, dtmf_receive=None)
    dial(table, phone, "5")
    assert table.of(Digit) == []


def test_a_tone_interrupts_a_prompt_when_it_begins(table: Desk, tmp_path: Path) -> None:
    path = tmp_path / "prompt.wav"
    soundfile.write(path, sine(700, 5), 8000)
    leg, phone = table.open(**NO_EVENTS)
    table.do(Play(leg, 1, (str(path),), barge=True))
    table.until(lambda: bool(phone.heard))
    wave = key_sound("5", 1000, 0, 8000)
    for start in range(0, wave.size, 160):
        phone.say(wave[start : start + 160])
        table.step()
    assert [event.reason for event in table.of(PlayEnded)] == [PlayEnd.DIGIT]
    assert table.of(Digit) == []  # it is still held down


def test_a_closed_leg_completes_its_key(table: Desk) -> None:
    leg, phone = table.open(**NO_EVENTS)
    dial(table, phone, "")
    for start in range(0, 1600, 160):
        phone.say(key_sound("8", 200, 0, 8000)[start : start + 160])
        table.step()
    table.engine.close(table.now)
    assert [event.digit for event in table.of(Digit)] == ["8"]
    assert leg


@pytest.mark.parametrize("kind", ["PCMA", "G722"])
def test_keys_for_a_phone_without_events_are_tones(table: Desk, kind: str) -> None:
    """Over what it hears, one behind the other, and afterwards it hears the other side again."""
    b, bob = table.open(Phone() if kind == "PCMA" else CodecPhone(kind), **NO_EVENTS)
    a, alice = table.open(Phone(ssrc=9))
    table.do(Bridge(1, (a, b)))
    table.talk(10, (alice, 1000))
    table.do(SendDigits(b, "12", 100, 60))
    table.talk(2, (alice, 1000))
    table.do(SendDigits(b, "A,#", 100, 60))
    table.talk(75, (alice, 1000))
    sound = bob.audio()
    if isinstance(bob, CodecPhone):
        sound = sound[::2]
    assert heard_keys(sound) == "12A#"
    assert strength(sound[-1600:], 1000) > 6000
    sequences = [heard.header.sequence for heard in bob.heard]
    assert sequences == list(range(sequences[0], sequences[0] + len(sequences)))


def test_events_of_one_side_are_tones_for_the_other(table: Desk) -> None:
    """Once each, however often the packets of a key are repeated."""
    (a, alice), (b, bob) = table.open(), table.open(Phone(ssrc=9), **NO_EVENTS)
    table.do(Bridge(1, (a, b)))
    table.talk(10, (alice, 1000), (bob, 500))
    for key in (4, 2):
        for i in range(1, 8):
            alice.send(EVENTS, bytes([key, 10, *(160 * i).to_bytes(2, "big")]))
            table.step()
        for _ in range(3):
            alice.send(EVENTS, bytes([key, 0x8A, *(160 * 8).to_bytes(2, "big")]))
        table.step()
        alice.timestamp += 160 * 12
        table.talk(10, (alice, 1000), (bob, 500))
    assert heard_keys(bob.audio()) == "42"
    assert [event.digit for event in table.of(Digit)] == ["4", "2"]
    assert strength(bob.audio()[-1600:], 1000) > 6000
