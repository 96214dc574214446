"""The play pass: gapless, endless, and without clicks."""

import numpy as np

from media.codecs.g711 import PCMA_TO_LINEAR
from media.passes.play import RAMP, Voice, encode_sound, play
from media.rows import HEADER, Law, Rows


def voice(count: int, is_loop: bool = False) -> Voice:
    return Voice(np.arange(count).astype(np.uint8), Law.PCMA, is_loop)


def test_the_last_frame_is_filled_up_with_silence() -> None:
    one = voice(200)
    assert one.frame().tolist() == list(range(160))
    assert one.frame().tolist() == list(range(160, 200)) + [0xD5] * 120
    assert one.is_over


def test_a_loop_goes_on_in_the_middle_of_a_frame() -> None:
    one = voice(100, is_loop=True)
    assert one.frame().tolist() == [i % 100 for i in range(160)]
    assert one.frame().tolist() == [i % 100 for i in range(160, 320)]
    assert not one.is_over


def test_the_fast_copy_is_the_same_sound() -> None:
    slow, fast = voice(400), voice(400)
    payload = bytearray(160)
    assert fast.copy(memoryview(payload))
    assert list(payload) == slow.frame().tolist()
    assert fast.copy(memoryview(payload))
    assert not fast.copy(memoryview(payload))


def test_music_that_goes_on_rises_and_a_cut_sound_falls_under_it() -> None:
    rows = Rows(1)
    loud = encode_sound(np.full(800, 8000, np.int16), Law.PCMA)
    rising = Voice(loud, Law.PCMA, is_loop=True)
    rising.is_faded_in = False
    play(rows, 0, rising, None)
    heard = PCMA_TO_LINEAR[rows.packets[0, HEADER:]].astype(int)
    assert abs(heard[0]) < 100
    assert heard[RAMP + 1] > 7500
    tail = Voice(loud, Law.PCMA, is_loop=True).falling()
    assert tail[0] > 7500 and not tail[RAMP:].any()
    play(rows, 0, Voice(np.full(160, 0xD5, np.uint8), Law.PCMA, False), tail)
    heard = PCMA_TO_LINEAR[rows.packets[0, HEADER:]].astype(int)
    assert heard[0] > 7500 and abs(heard[-1]) < 100
