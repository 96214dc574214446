"""The record pass: sides, sums, parts of blocks, and ends."""

import numpy as np
from numpy.typing import NDArray

from media.passes.record import ALIKE, Tape, Tapes
from media.rows import BLOCK, Rows


class Shelf:
    def __init__(self) -> None:
        self.written: dict[int, list[NDArray[np.int16]]] = {}
        self.memory = 0  # octets that the last block holds

    def write(self, recording: int, samples: NDArray[np.int16]) -> None:
        self.written.setdefault(recording, []).append(samples.copy())

    def write_all(self, recordings: tuple[int, ...], samples: NDArray[np.int16]) -> None:
        assert samples.base is not None
        self.memory = samples.base.nbytes
        for recording, part in zip(recordings, samples, strict=True):
            self.write(recording, part)

    def whole(self, number: int) -> NDArray[np.int16]:
        return np.concatenate(self.written[number])


def tapes(rows: Rows, *each: Tape) -> Tapes:
    shelf = Tapes()
    for tape in each:
        left, right, tape.left, tape.right = tape.left, tape.right, (), ()
        shelf.add(tape)
        shelf.wire(rows, tape, left, right)
    return shelf


def rows_saying(*values: int) -> Rows:
    rows = Rows(len(values))
    rows.pcm[:] = np.array(values, np.int16)[:, None, None]
    return rows


def test_left_is_left_and_sums_are_clipped() -> None:
    tape = Tape(1, False, None, None)
    tape.left, tape.right = (0, 1), (2,)
    shelf = Shelf()
    rows = rows_saying(20000, 20000, -5)
    tapes(rows, tape).record(rows, shelf)
    assert shelf.whole(1).shape == (BLOCK * 160, 2)
    assert shelf.whole(1)[0].tolist() == [32767, -5]


def test_mono_adds_both_sides() -> None:
    tape = Tape(1, True, None, None)
    tape.left, tape.right = (0,), (1,)
    shelf = Shelf()
    rows = rows_saying(100, 11)
    tapes(rows, tape).record(rows, shelf)
    assert set(shelf.whole(1).tolist()) == {111}


def test_a_tape_takes_only_its_part_of_a_block() -> None:
    tape = Tape(1, True, None, None)
    tape.left, tape.begin = (0,), 3
    shelf, rows = Shelf(), rows_saying(1)
    all_tapes = tapes(rows, tape)
    all_tapes.record(rows, shelf)
    all_tapes.cut(rows, tape, 2, shelf)
    all_tapes.cut(rows, tape, 2, shelf)
    assert [part.size // 160 for part in shelf.written[1]] == [2, 2]


def test_length_is_kept_to_the_frame() -> None:
    tape = Tape(1, True, 7, None)
    tape.left = (0,)
    shelf, rows = Shelf(), rows_saying(1)
    all_tapes = tapes(rows, tape)
    for _ in range(3):
        all_tapes.record(rows, shelf)
    assert shelf.whole(1).size == 7 * 160
    assert all_tapes.ended() == [tape]


def test_silence_ends_only_after_its_time() -> None:
    tape = Tape(1, True, None, 10)
    tape.left = (0,)
    all_tapes, shelf = tapes(rows_saying(0), tape), Shelf()
    all_tapes.record(rows_saying(0), shelf)
    all_tapes.record(rows_saying(5000), shelf)
    all_tapes.record(rows_saying(0), shelf)
    assert all_tapes.ended() == []
    all_tapes.record(rows_saying(3), shelf)
    assert all_tapes.ended() == [tape]


def test_whole_blocks_of_many_tapes_go_together_and_parts_alone() -> None:
    rows, shelf = rows_saying(1, 2, 3, 20000, 20000), Shelf()
    young, paired, summed = (Tape(number, False, None, None) for number in (1, 2, 3))
    young.left, young.begin = (0,), 3
    paired.left, paired.right = (1,), (2,)
    summed.right = (3, 4)
    all_tapes = tapes(rows, young, paired, summed)
    all_tapes.record(rows, shelf)
    all_tapes.record(rows, shelf)
    all_tapes.cut(rows, paired, 2, shelf)
    all_tapes.record(rows, shelf)
    sizes = {number: [part.shape for part in parts] for number, parts in shelf.written.items()}
    whole = (BLOCK * 160, 2)
    assert sizes[1] == [(2 * 160, 2), whole, whole]
    assert sizes[2] == [whole, whole, (2 * 160, 2), (3 * 160, 2)]
    assert shelf.whole(2)[-1].tolist() == [2, 3] and shelf.whole(1)[-1].tolist() == [1, 0]
    assert shelf.whole(3)[0].tolist() == [0, 32767]


def test_blocks_of_about_as_many_tapes_take_as_much_memory() -> None:
    """So that a later one fits where an earlier one was; and the octets are those of the tapes."""
    taken: list[int] = []
    for count in (1, ALIKE - 1, ALIKE, ALIKE + 1):
        rows, each = rows_saying(*range(1, count + 1)), []
        for row in range(count):
            each.append(Tape(row, False, None, None))
            each[-1].left = (row,)
        shelf = Shelf()
        tapes(rows, *each).record(rows, shelf)
        assert sorted(shelf.written) == list(range(count))
        assert [int(shelf.whole(row)[0, 0]) for row in range(count)] == list(range(1, count + 1))
        taken.append(shelf.memory)
    assert taken[0] == taken[1] == taken[2] < taken[3]


def test_rows_know_how_many_tapes_hear_them() -> None:
    rows, tape, other = rows_saying(0, 0), Tape(1, False, None, None), Tape(2, False, None, None)
    tape.left, other.left = (0,), (0,)
    all_tapes = tapes(rows, tape, other)
    assert rows.tapes.tolist() == [2, 0]
    all_tapes.wire(rows, tape, (0,), (1,), is_paused=True)
    assert rows.tapes.tolist() == [1, 0]
    all_tapes.wire(rows, tape, (0,), (1,))
    all_tapes.remove(rows, other)
    assert rows.tapes.tolist() == [1, 1]
