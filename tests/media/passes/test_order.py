"""The order pass: frames in any order in, one after the other out."""

import numpy as np
from numpy.typing import NDArray

from media.passes.order import LATE_LIMIT, TARGET, place, store, take, trim
from media.rows import Rows

ROW = np.array([0])


def frame(value: int, samples: int = 160) -> NDArray[np.uint8]:
    return np.full(samples, value, np.uint8)


def played(rows: Rows, count: int) -> list[int | None]:
    codes, present = take(rows, ROW, count)
    return [int(codes[0, i, 0]) if present[0, i] else None for i in range(count)]


def test_a_row_starts_behind_its_first_packet() -> None:
    rows = Rows(1)
    for i in range(4):
        place(rows, 0, 160 * i, frame(i + 1))
    assert played(rows, 7) == [None] * TARGET + [1, 2, 3, 4]


def test_order_is_restored_over_the_wrap_of_timestamps() -> None:
    rows = Rows(1)
    for i in (0, 2, 1, 3):
        place(rows, 0, (2**32 - 160 + 160 * i) & 0xFFFFFFFF, frame(i + 1))
    assert played(rows, 7)[TARGET:] == [1, 2, 3, 4]


def test_columns_do_what_single_packets_do() -> None:
    one, many = Rows(2), Rows(2)
    rows = np.array([0, 1, 0, 1, 0])
    stamps = np.array([0, 1000, 160, 1160, 320], np.uint32)
    packets = np.arange(5, dtype=np.uint8)[:, None] * np.ones((5, 172), np.uint8)
    starts, sizes = np.full(5, 12), np.full(5, 160)
    for _ in range(2):
        store(many, rows, stamps, packets, starts, sizes)
        for i in range(5):
            place(one, int(rows[i]), int(stamps[i]), packets[i, 12:])
        stamps = stamps + np.uint32(480)
    both = np.array([0, 1])
    for a, b in zip(take(one, both, 9), take(many, both, 9), strict=True):
        assert (a == b).all()


def test_ten_and_thirty_milliseconds_a_packet() -> None:
    rows = Rows(1)
    for i in range(6):
        place(rows, 0, 80 * i, frame(i + 1, 80))
    codes, present = take(rows, ROW, TARGET + 3)
    assert present[0, TARGET:].all()
    assert codes[0, TARGET, 0] == 1 and codes[0, TARGET, 159] == 2
    rows = Rows(1)
    for i in range(2):
        place(rows, 0, 240 * i, frame(i + 1, 240))
    assert played(rows, TARGET + 3)[TARGET:] == [1, 1, 2]


def test_a_late_packet_is_counted_and_a_late_stream_begins_again() -> None:
    rows = Rows(1)
    place(rows, 0, 0, frame(1))
    take(rows, ROW, TARGET + 10)
    for i in range(LATE_LIMIT - 1):
        place(rows, 0, 160 * (i + 1), frame(2))
    assert rows.late[0] == LATE_LIMIT - 1
    assert played(rows, 1) == [None]
    place(rows, 0, 160 * LATE_LIMIT, frame(7))
    assert played(rows, TARGET + 1)[-1] == 7


def test_a_jump_of_the_timestamp_begins_again() -> None:
    rows = Rows(1)
    place(rows, 0, 0, frame(1))
    place(rows, 0, 5_000_000, frame(9))
    assert played(rows, TARGET + 1)[-1] == 9


def test_a_row_that_is_always_deep_gives_up_a_frame() -> None:
    rows = Rows(1)
    for i in range(12):
        place(rows, 0, 160 * i, frame(i + 1))
    take(rows, ROW, TARGET + 2)
    rows.low_water[0] = 8
    trim(rows, ROW)
    assert played(rows, 1) == [4]
