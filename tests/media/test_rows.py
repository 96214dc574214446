"""Rows: given out once, clean when they come back."""

import numpy as np

from media.rows import NO_TYPE, RESTING, Rows


def test_rows_are_given_out_once_and_the_oldest_free_first() -> None:
    rows = Rows(3)
    assert [rows.allocate() for _ in range(4)] == [0, 1, 2, None]
    rows.release(1)
    rows.release(0)
    assert [rows.allocate(), rows.allocate()] == [1, 0]
    assert rows.dump() == {"rows": 3, "capacity": 3}


def test_memory_follows_the_most_legs_at_once() -> None:
    """A row that was never used has no memory yet; calls that come and go do not touch them all."""
    rows = Rows(1000)
    used = set()
    for _ in range(500):
        both = [rows.allocate() for _ in range(2)]
        used.update(both)
        for row in both:
            assert row is not None
            rows.release(row)
    assert len(used) <= RESTING + 4


def test_a_released_row_remembers_nothing() -> None:
    rows, fresh = Rows(2), Rows(2)
    row = rows.allocate()
    assert row == 0
    for name, column in vars(rows).items():
        if isinstance(column, np.ndarray) and name != "ring":
            column[0] = 1
    rows.reception.received[0] = 5
    rows.release(0)
    for name, column in vars(rows).items():
        if isinstance(column, np.ndarray) and name != "ring":
            assert (column[0] == vars(fresh)[name][0]).all(), name
    assert rows.reception.received[0] == 0
    assert rows.type_in[0] == NO_TYPE


def test_losses_add_up_over_sources() -> None:
    rows = Rows(1)
    for source in (1, 2):
        rows.change_source(0, source)
        numbers = np.array([10, 11, 12, 15], np.uint16)
        zeros = np.zeros(4, np.intp)
        rows.reception.observe(zeros, numbers, numbers.astype(np.int64) * 160, numbers * 0.02)
    assert rows.lost(0) == 4
