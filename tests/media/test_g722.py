"""G.722 in calls, by libg722 and compiled: one band is decoded where nobody hears more, both where
somebody does, and what a leg's coders know goes with its row.
"""

from collections.abc import Iterator

import numpy as np
import pytest
from G722 import G722 as LibG722

from media.commands import Bridge, CloseLeg, Play
from media.g722 import Coders
from media.hearing import Hearing
from media.native.functions import Interpreted, Loops
from media.native.g722 import MODE, NARROW, WIDE
from media.native.load import Compiled
from media.passes.order import PATIENT_LOOKS, place
from media.rows import BLOCK, FRAME, HEADER, Law, Rows
from tests.media.codec_phone import CodecPhone, loudness_of, tone
from tests.media.desk import PCMA as ALAW
from tests.media.desk import Desk, Phone, desk
from tests.media.test_codecs_in_calls import converse, loud


@pytest.fixture
def table(loops: Loops) -> Iterator[Desk]:
    with desk() as one:
        one.engine.use(loops)
        yield one


def modes(table: Desk, leg: int) -> tuple[int, int, bool]:
    """How the leg's coders coded last, in and out, and whether its samples are kept at 16 kHz."""
    row, rows = table.engine.legs[leg].row, table.engine.rows
    return int(rows.g722_in[row, MODE]), int(rows.g722_out[row, MODE]), bool(rows.is_high[row])


def test_one_wideband_phone_among_others_is_coded_by_its_low_band(table: Desk) -> None:
    first, a = table.open(CodecPhone("G722"))
    second, b = table.open(Phone(ALAW, ssrc=0x77))
    table.do(Bridge(1, (first, second)))
    converse(table, 1.0, (a, 440), (b, 1000))
    assert modes(table, first) == (NARROW, WIDE, False)
    assert loud(b, 440) == pytest.approx(8000, rel=0.1)
    assert loud(a, 1000) == pytest.approx(8000, rel=0.1)
    assert not table.engine.rows.wide.any()


def test_a_second_one_comes_and_goes(table: Desk) -> None:
    first, a = table.open(CodecPhone("G722"))
    second, b = table.open(Phone(ALAW, ssrc=0x77))
    third, c = table.open(CodecPhone("G722", ssrc=0x99))
    table.do(Bridge(1, (first, second)))
    converse(table, 0.6, (a, 440), (b, 1000))
    table.do(Bridge(1, (first, second, third)))
    converse(table, 0.8, (a, 6000), (b, 1000), (c, 5000))
    assert modes(table, first) == modes(table, third) == (WIDE, WIDE, True)
    assert loud(c, 6000) > 7000 and loud(c, 1000) > 7000
    assert loud(a, 5000) > 7000
    assert loud(b, 5000) < 100 and loud(b, 6000) < 100
    table.do(CloseLeg(third))
    converse(table, 0.8, (a, 440), (b, 1000))
    assert modes(table, first) == (NARROW, WIDE, False)
    assert loud(b, 440) == pytest.approx(8000, rel=0.1)
    assert loud(a, 1000) == pytest.approx(8000, rel=0.1)


def test_a_sound_over_the_talk_has_the_whole_band(table: Desk) -> None:
    first, a = table.open(CodecPhone("G722"))
    second, b = table.open(Phone(ALAW, ssrc=0x77))
    table.do(Bridge(1, (first, second)))
    converse(table, 0.4, (a, 440), (b, 1000))
    table.do(Play(first, 3, ("tone:ringing",), over=True, loop=True))
    table.until(lambda: modes(table, first)[1] == WIDE)
    converse(table, 0.8, (a, 440), (b, 1000))
    assert loud(a, 1000) == pytest.approx(4000, rel=0.1)
    assert loud(a, 425) > 1000
    assert loud(b, 440) == pytest.approx(8000, rel=0.1)


def test_who_has_the_row_next_finds_fresh_coders(loops: Loops) -> None:
    """What is said to both is the same octets, and the same samples again."""
    rows = Rows(4)
    coders = Coders(rows)
    coders.use(loops)
    wave, r = tone(440, 0.06, 20000).reshape(3, 320), np.array([2])
    heard = []
    for _ in range(2):
        for i, sound in enumerate(wave):
            coders.encode(r, sound[None], np.zeros(1, np.intp))
            rows.ring[2, i] = rows.packets[2, HEADER:]
        coders.decode(r, 0, np.array([[0, 1, 2]]), np.array([[True, False, True]]))
        heard.append((rows.ring[2, :3].copy(), rows.pcm[2].copy()))
        assert rows.pcm[2, 0].any() and not rows.pcm[2, 1].any() and rows.pcm[2, 2].any()
        rows.release(2)
    for first, second in zip(*heard, strict=True):
        assert np.array_equal(first, second)


def test_a_frame_that_is_left_out_is_decoded_too(loops: Loops) -> None:
    """The next one builds upon it: behind the fade it is what it would have been."""
    rows = Rows(1)
    coders = Coders(rows)
    coders.use(loops)
    hearing = Hearing(rows, coders)
    rows.law[0], rows.tapes[0] = Law.G722, 1
    hearing.renew(0)
    encoder, judge = LibG722(16000, 64000), LibG722(8000, 64000)
    wave = tone(440, 0.2, 20000).reshape(10, 320)
    payloads = [bytes(encoder.encode(sound)) for sound in wave]
    for i, payload in enumerate(payloads):
        place(rows, 0, 160 * i, np.frombuffer(payload, np.uint8))
    heard = [np.frombuffer(judge.decode(payload), np.int16) for payload in payloads]
    hearing.decode(BLOCK)
    assert np.array_equal(rows.pcm[0, BLOCK - 1], heard[1])
    hearing.begin_block()
    rows.excess[0] = PATIENT_LOOKS
    hearing.decode(BLOCK)
    assert rows.play[0] == 8
    assert np.array_equal(rows.pcm[0, 0, FRAME // 2 :], heard[3][FRAME // 2 :])
    assert np.array_equal(rows.pcm[0, 1], heard[4])


def test_the_form_changes_in_the_middle_of_a_talk(compiled: Compiled) -> None:
    """Whoever takes over begins anew, and is right again before anybody notices."""
    with desk() as table:
        first, a = table.open(CodecPhone("G722"))
        second, b = table.open(Phone(ALAW, ssrc=0x77))
        table.do(Bridge(1, (first, second)))
        for form in (Interpreted(), compiled, Interpreted()):
            table.engine.use(form)
            converse(table, 0.6, (a, 440), (b, 1000))
            assert loud(b, 440) == pytest.approx(8000, rel=0.1)
            assert loud(a, 1000) == pytest.approx(8000, rel=0.1)
            assert np.abs(b.audio()).max() < 12000


@pytest.mark.parametrize("frequency", [300, 1000, 2000, 3000, 3400])
def test_the_low_band_is_a_telephones(table: Desk, frequency: int) -> None:
    """ITU-T G.712's band, to within a decibel."""
    first, a = table.open(CodecPhone("G722"))
    second, b = table.open(Phone(ALAW, ssrc=0x77))
    table.do(Bridge(1, (first, second)))
    converse(table, 1.0, (a, frequency))
    assert loud(b, frequency) == pytest.approx(8000, rel=0.11)


@pytest.mark.parametrize(("frequency", "part"), [(5000, 10), (5500, 100), (7000, 500)])
def test_what_is_above_it_is_hardly_folded_into_it(table: Desk, frequency: int, part: int) -> None:
    """As little as the standard's own filter lets pass: between the bands it is not steep."""
    first, a = table.open(CodecPhone("G722"))
    second, b = table.open(Phone(ALAW, ssrc=0x77))
    table.do(Bridge(1, (first, second)))
    converse(table, 1.0, (a, frequency))
    assert loudness_of(b.audio()[-3200:], 8000 - frequency, 8000) < 8000 / part


@pytest.mark.parametrize("frequency", [1000, 3000, 3400])
def test_the_wideband_phone_hears_no_mirrored_voice(table: Desk, frequency: int) -> None:
    first, a = table.open(CodecPhone("G722"))
    second, b = table.open(Phone(ALAW, ssrc=0x77))
    table.do(Bridge(1, (first, second)))
    converse(table, 1.0, (b, frequency))
    assert loud(a, frequency) > 7000
    assert loud(a, 8000 - frequency) < 8000 / 100
