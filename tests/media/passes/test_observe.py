"""The closed form counts as RFC 3550 counts packet by packet."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from media.passes.observe import Logged, observe
from media.rows import Rows


def ready(rows: Rows, row: int, sequence: int) -> None:
    """A source that is valid, with `sequence` as its newest packet."""
    rows.change_source(row, 1)
    numbers = np.array([sequence - 1, sequence]) & 0xFFFF
    both = np.array([row, row])
    rows.reception.observe(both, numbers, np.array([0, 160]), np.array([0.0, 0.02]))


def logged(packets: list[tuple[int, int, int, float]]) -> Logged:
    rows, sequences, timestamps, arrivals = zip(*packets, strict=True)
    return Logged(
        np.array(rows, np.uint16),
        np.array(sequences, np.int64).astype(np.uint16),
        np.array(timestamps, np.int64).astype(np.uint32),
        np.array(arrivals),
    )


packets = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from([1, 1, 1, 1, 1, 0, 2, -1]), st.floats(0, 0.01)),
    min_size=1,
    max_size=30,
)


@settings(max_examples=150, deadline=None)
@example([(0, 1, 0.0), (0, 2, 0.0), (0, 2, 0.0), (0, -1, 0.0)], 0)  # first and last look in order
@given(packets, st.integers(0, 65535))
def test_the_same_as_packet_by_packet(steps: list[tuple[int, int, float]], start: int) -> None:
    one, many = Rows(3), Rows(3)
    for row in range(3):
        ready(one, row, start)
        ready(many, row, start)
    number = dict.fromkeys(range(3), start)
    batch = []
    for i, (row, step, late) in enumerate(steps):
        number[row] += step
        elapsed = number[row] - start + 1
        batch.append((row, number[row] & 0xFFFF, 160 * elapsed, 0.02 * i + late))
    observe(many, logged(batch))
    for row, sequence, timestamp, arrival in batch:
        one.reception.observe(
            np.array([row]), np.array([sequence]), np.array([timestamp]), np.array([arrival])
        )
    touched = sorted({row for row, *_ in batch})
    for name in ("max_sequence", "cycles"):
        assert getattr(one.reception, name).tolist() == getattr(many.reception, name).tolist()
    rows = np.array(touched)
    assert one.reception.lost(rows).tolist() == many.reception.lost(rows).tolist()
    assert many.packets_in.sum() == len(batch)
    assert one.reception.jitter == pytest.approx(many.reception.jitter, rel=0.3, abs=2)


def test_jitter_is_exact_for_packets_in_order() -> None:
    one, many = Rows(1), Rows(1)
    ready(one, 0, 5)
    ready(many, 0, 5)
    arrivals = np.cumsum([0.02, 0.035, 0.005, 0.02, 0.021]) + 0.02
    batch = [(0, 6 + i, 320 + 160 * i, float(at)) for i, at in enumerate(arrivals)]
    observe(many, logged(batch))
    for row, sequence, timestamp, arrival in batch:
        one.reception.observe(*(np.array([x]) for x in (row, sequence, timestamp, arrival)))
    assert many.reception.jitter[0] == pytest.approx(one.reception.jitter[0])


def test_a_jump_is_reported_and_does_not_move_the_stream_that_it_feeds() -> None:
    rows = Rows(2)
    ready(rows, 0, 5)
    rows.feeds[0] = 1
    rows.sequence_shift[0] = 100
    observe(rows, logged([(0, 6, 320, 0.04)]))
    assert rows.sequence_out[1] == 107
    assert observe(rows, logged([(0, 30000, 480, 0.06)])) == [0]
    assert rows.sequence_out[1] == 107
    assert rows.packets_out[1] == 2
