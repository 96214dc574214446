"""The strangers' part of the switch's time: grows slowly, is halved, never becomes nothing."""

import pytest

from softswitch.guard.share import BURST, DEBT, LATE, LEAST, MOST, STEP, Share


def test_a_quiet_switch_serves_strangers_at_once() -> None:
    share = Share()
    assert share.part == MOST
    share.spend(BURST, 10.0)
    assert share.wait(10.0) == 0.0


def test_what_was_overdrawn_is_waited_for() -> None:
    share = Share()
    share.spend(BURST + DEBT / 2, 10.0)
    assert share.wait(10.0) == pytest.approx(DEBT / 2 / MOST)
    assert share.wait(10.0 + DEBT / 2 / MOST) == pytest.approx(0.0, abs=1e-9)


def test_one_slow_moment_shuts_nobody_out() -> None:
    share = Share()
    for _ in range(20):
        share.follow(2 * LATE)
    share.spend(30.0, 10.0)
    assert share.wait(10.0) == pytest.approx(DEBT / LEAST) == pytest.approx(1.0)


def test_a_late_switch_halves_the_part_down_to_the_least() -> None:
    share = Share()
    share.follow(2 * LATE)
    assert share.part == MOST / 2
    for _ in range(20):
        share.follow(2 * LATE)
    assert share.part == LEAST
    share.follow(LATE)
    assert share.part == pytest.approx(LEAST + STEP)
    for _ in range(100):
        share.follow(0.0)
    assert share.part == MOST


def test_time_that_stands_still_gives_nothing() -> None:
    share = Share()
    share.spend(BURST + DEBT, 5.0)
    assert share.wait(5.0) == share.wait(5.0) == pytest.approx(DEBT / MOST)
