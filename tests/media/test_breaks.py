"""The packet loop's waits are lent to one other thread, which never stands still for good."""

import threading
import time

from media.breaks import Breaks


def steps(breaks: Breaks, count: int, done: list[int]) -> None:
    for number in range(count):
        breaks.worked()
        done.append(number)


def test_a_step_may_follow_at_once_within_a_break() -> None:
    breaks, done = Breaks(), list[int]()
    breaks.begin(time.monotonic() + 3600)
    steps(breaks, 1000, done)
    assert len(done) == 1000


def test_without_any_break_work_goes_on_in_slices() -> None:
    breaks, done = Breaks(), list[int]()
    thread = threading.Thread(target=steps, args=(breaks, 200, done))
    thread.start()
    thread.join(60)
    assert len(done) == 200


def test_breaks_that_begin_meanwhile_and_those_that_are_over_do_no_harm() -> None:
    breaks, done = Breaks(), list[int]()
    thread = threading.Thread(target=steps, args=(breaks, 2000, done))
    thread.start()
    while thread.is_alive():
        breaks.begin(time.monotonic() - 1)
        breaks.begin(time.monotonic() + 0.001)
        thread.join(0.001)
    assert done == list(range(2000))
