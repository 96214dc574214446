"""The rate pass: MOS of an interval from counts, and a timeline that never grows."""

import numpy as np
import pytest
from numpy.typing import NDArray

from media.measured import Band, Rated
from media.passes.rate import rate
from media.ratings import rated_of
from media.rows import PLACES, Rows

BOTH = np.arange(2)
NO = np.full(2, np.nan)


def spoken(rows: Rows, row: int, packets: int, lost: tuple[int, ...] = ()) -> None:
    """So many packets in order; these of them never come."""
    reception = rows.reception
    first = int(reception.max_sequence[row]) + 1 if reception.probation[row] == 0 else 1
    numbers = np.array([first + i for i in range(packets) if i not in lost])
    rows.reception.observe(
        np.full(numbers.size, row), numbers % 65536, numbers * 160, numbers * 0.02
    )


def fresh() -> Rows:
    rows = Rows(2)
    rows.bpl[:] = 25.1
    return rows


def test_what_came_whole_is_good_and_what_did_not_come_is_not_measured() -> None:
    rows = fresh()
    spoken(rows, 0, 250)
    rated = rate(rows, BOTH, NO, NO).opinions
    assert rated[0, 0] == pytest.approx(4.41, abs=0.01)
    assert np.isnan(rated[1]).all() and np.isnan(rated[0, 1])


def test_only_the_time_since_counts() -> None:
    rows = fresh()
    spoken(rows, 0, 250, tuple(range(10, 250, 10)))
    first = rate(rows, BOTH, NO, NO).opinions[0, 0]
    spoken(rows, 0, 250)
    assert first < 3.7
    assert rate(rows, BOTH, NO, NO).opinions[0, 0] == pytest.approx(4.41, abs=0.01)
    assert np.isnan(rate(rows, BOTH, NO, NO).opinions[0, 0])  # nothing since: held, or silent


def test_losses_in_a_row_are_worse_than_the_same_by_chance() -> None:
    rows = fresh()
    spoken(rows, 0, 500, tuple(range(5, 495, 25)))
    spoken(rows, 1, 500, tuple(i for start in range(5, 495, 125) for i in range(start, start + 5)))
    rated = rate(rows, BOTH, NO, NO).opinions
    assert rated[1, 0] < rated[0, 0] < 4.3


def test_a_wideband_row_is_on_its_own_scale_and_one_without_values_is_not_measured() -> None:
    rows = fresh()
    rows.is_wide[:] = True
    rows.ie[:], rows.bpl[:] = (13, np.nan), (4.9, 1)
    for row in BOTH:
        spoken(rows, int(row), 250, (100, 130))
    heard = rate(rows, BOTH, NO, NO)
    assert heard.opinions[0, 0] == pytest.approx(4.06, abs=0.01)
    assert np.isnan(heard.opinions[1]).all()
    assert heard.loss[:, 0] == pytest.approx(2 / 250, rel=0.01) and np.isnan(heard.loss[:, 1]).all()
    rated = [rated_of(rows, row, None) for row in range(2)]
    assert [one.band for one in rated] == [Band.WIDE, Band.WIDE]
    assert rated[1].mos_in is None and rated[1].timeline_in == (None,)


def test_a_leg_of_another_band_begins_anew_on_the_other_scale() -> None:
    rows = fresh()
    spoken(rows, 0, 250, tuple(range(10, 250, 10)))
    rate(rows, BOTH, NO, NO)
    rows.forget_opinions(0)
    rows.is_wide[0], rows.ie[0], rows.bpl[0] = True, 13, 4.9
    spoken(rows, 0, 250)
    rate(rows, BOTH, NO, NO)
    rated = rated_of(rows, 0, None)
    assert rated.worst_in == rated.mos_in == pytest.approx(4.34, abs=0.01)
    assert rated.timeline_in == (None, pytest.approx(4.34, abs=0.01)), "time stays where it was"
    narrow = Rated(5, 2.0, None, 2.0, None, (2.0,), (None,))
    assert rated.after(narrow) == rated


def test_late_packets_are_lost_where_we_listen() -> None:
    rows = fresh()
    for row in BOTH:
        spoken(rows, int(row), 250)
    rows.late[:] = 20
    rows.hears[1] = True
    rated = rate(rows, BOTH, NO, NO).opinions
    assert rated[1, 0] < rated[0, 0]


def test_what_the_far_phone_reports() -> None:
    rows = fresh()
    rated = rate(rows, BOTH, np.array([0.0, 0.10]), np.array([20.0, 20.0])).opinions
    assert rated[0, 1] == pytest.approx(4.41, abs=0.01) and rated[1, 1] < 3.6
    slow = rate(rows, BOTH, np.zeros(2), np.array([20.0, 700.0])).opinions
    assert slow[1, 1] < slow[0, 1] - 0.5


def test_another_source_is_not_taken_for_loss() -> None:
    rows = fresh()
    spoken(rows, 0, 250)
    rate(rows, BOTH, NO, NO)
    rows.change_source(0, 77)
    spoken(rows, 0, 100)
    assert np.isnan(rate(rows, BOTH, NO, NO).opinions[0, 0])
    spoken(rows, 0, 250)
    assert rate(rows, BOTH, NO, NO).opinions[0, 0] > 4.4


def lived(losses: NDArray[np.float64]) -> Rated:
    rows = fresh()
    for loss in losses:
        rate(rows, BOTH, np.array([loss, np.nan]), NO)
    return rated_of(rows, 0, None)


def test_a_timeline_of_a_short_call() -> None:
    rated = lived(np.array([0.0, 0.0, 0.10, np.nan, 0.0]))
    assert rated.seconds == 5 and rated.timeline_in == (None,) * 5
    assert [None if one is None else one < 4 for one in rated.timeline_out] == [
        *(False, False, True, None, False)
    ]
    assert rated.worst_out is not None and rated.mos_out is not None and rated.mos_in is None
    assert rated.worst_out < 3.6 < rated.mos_out


def test_a_timeline_of_a_day_is_as_long_and_keeps_the_worst() -> None:
    losses = np.zeros(24 * 720)
    losses[10_001] = 0.20
    rated = lived(losses)
    assert PLACES // 2 <= len(rated.timeline_out) <= PLACES
    assert rated.seconds * len(rated.timeline_out) >= 24 * 3600
    bad = [one for one in rated.timeline_out if one is None or one < 4.3]
    assert bad == [pytest.approx(rated.worst_out, abs=0.02)]
    assert rated.mos_out == pytest.approx(4.41, abs=0.01)


def test_two_workers_one_leg() -> None:
    before = Rated(5, 4.0, None, 3.0, None, (3.0, 5.0), (None, None))
    after = Rated(5, 2.0, 4.4, 2.0, 4.4, (2.0,), (4.4,), 4.1)
    both = after.after(before)
    assert (both.mos_in, both.worst_in, both.mos_out) == (pytest.approx(3.33, abs=0.01), 2.0, 4.4)
    assert both.timeline_in == (3.0, 5.0, 2.0) and both.told == 4.1
