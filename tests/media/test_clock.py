"""The grid does not shift, and a stall is not caught up for ever."""

import pytest

from media.clock import MAX_CATCH_UP, TICK, TickClock


def test_late_ticks_do_not_shift_the_grid() -> None:
    clock = TickClock(100.0)
    assert clock.due(100.019) == 0
    assert clock.due(100.027) == 1
    assert abs(clock.next - 100.04) < 1e-9
    assert clock.due(100.0401) == 1
    total = sum(clock.due(100.04 + 0.0073 * i) for i in range(1, 1000))
    assert abs(total - 0.0073 * 999 / TICK) <= 1


def test_a_stall_is_caught_up_in_part() -> None:
    clock = TickClock(0.0)
    assert clock.due(10.0) == MAX_CATCH_UP
    assert clock.skipped == 500 - MAX_CATCH_UP
    assert clock.next > 10.0


def test_lateness_counts_from_the_next_tick() -> None:
    clock = TickClock(100.0)
    assert clock.lateness(100.0) == pytest.approx(-0.02)
    assert clock.lateness(100.05) == pytest.approx(0.03)
