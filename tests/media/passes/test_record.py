"""The record pass: sides, sums, parts of blocks, and ends."""

import numpy as np
from numpy.typing import NDArray

from media.passes.record import Tape, Tapes
from media.rows import BLOCK, Rows


class Shelf:
    def __init__(self) -> None:
        self.written: dict[int, list[NDArray[np.int16]]] = {}

    def __call__(self, number: int, samples: NDArray[np.int16]) -> None:
        self.written.setdefault(number, []).append(samples.copy())

    def whole(self, number: int) -> NDArray[np.int16]:
        return np.concatenate(self.written[number])


def tapes(*each: Tape) -> Tapes:
    shelf = Tapes()
    for tape in each:
        shelf.add(tape)
    shelf.rewire()
    return shelf


def rows_saying(*values: int) -> Rows:
    rows = Rows(len(values))
    rows.pcm[:] = np.array(values, np.int16)[:, None, None]
    return rows


def test_left_is_left_and_sums_are_clipped() -> None:
    tape = Tape(1, False, None, None)
    tape.left, tape.right = (0, 1), (2,)
    shelf = Shelf()
    tapes(tape).record(rows_saying(20000, 20000, -5), shelf)
    assert shelf.whole(1).shape == (BLOCK * 160, 2)
    assert shelf.whole(1)[0].tolist() == [32767, -5]


def test_mono_adds_both_sides() -> None:
    tape = Tape(1, True, None, None)
    tape.left, tape.right = (0,), (1,)
    shelf = Shelf()
    tapes(tape).record(rows_saying(100, 11), shelf)
    assert set(shelf.whole(1).tolist()) == {111}


def test_a_tape_takes_only_its_part_of_a_block() -> None:
    tape = Tape(1, True, None, None)
    tape.left, tape.begin = (0,), 3
    all_tapes, shelf, rows = tapes(tape), Shelf(), rows_saying(1)
    all_tapes.record(rows, shelf)
    all_tapes.record(rows, shelf, only=1, end=2)
    all_tapes.record(rows, shelf, only=1, end=2)
    assert [part.size // 160 for part in shelf.written[1]] == [2, 2]


def test_length_is_kept_to_the_frame() -> None:
    tape = Tape(1, True, 7, None)
    tape.left = (0,)
    all_tapes, shelf, rows = tapes(tape), Shelf(), rows_saying(1)
    for _ in range(3):
        all_tapes.record(rows, shelf)
    assert shelf.whole(1).size == 7 * 160
    assert all_tapes.ended() == [tape]


def test_silence_ends_only_after_its_time() -> None:
    tape = Tape(1, True, None, 10)
    tape.left = (0,)
    all_tapes, shelf = tapes(tape), Shelf()
    all_tapes.record(rows_saying(0), shelf)
    all_tapes.record(rows_saying(5000), shelf)
    all_tapes.record(rows_saying(0), shelf)
    assert all_tapes.ended() == []
    all_tapes.record(rows_saying(3), shelf)
    assert all_tapes.ended() == [tape]
