"""The play pass: gapless, endless, and without clicks."""

import numpy as np
import pytest

from media.codecs.g711 import PCMA_TO_LINEAR
from media.passes.play import RAMP, Shared, Voice, encode_sound, play
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


@pytest.mark.parametrize("size", [160, 161, 250, 320, 1003])
def test_a_shared_sound_is_to_each_what_it_is_alone(size: int) -> None:
    rows = Rows(8)
    codes = np.random.default_rng(size).integers(0, 256, size, np.uint8)
    alone = [Voice(codes, Law.PCMA, is_loop=True) for _ in range(5)]
    together = [Voice(codes, Law.PCMA, is_loop=True) for _ in range(5)]
    r = np.array([6, 0, 3, 7, 2])
    for at, pair in enumerate(zip(alone, together, strict=True)):
        for one in pair:
            one.place = at * (size - 1) // 4
    for _ in range(2):  # whoever shares it anew goes on where he was
        shared = Shared(r, together)
        for _ in range(25):
            shared.play(rows)
            assert rows.packets[r, HEADER:].tolist() == [one.frame().tolist() for one in alone]
            assert [one.place for one in together] == [one.place for one in alone]
    assert not rows.packets[[1, 4, 5]].any()


def test_who_leaves_a_shared_sound_keeps_his_place() -> None:
    rows, codes = Rows(2), np.arange(1000).astype(np.uint8)
    stays, leaves = (Voice(codes, Law.PCMA, is_loop=True) for _ in range(2))
    Shared(np.array([0, 1]), [stays, leaves]).play(rows)
    Shared(np.array([0]), [stays]).play(rows)
    assert (stays.place, leaves.place) == (320, 160)
