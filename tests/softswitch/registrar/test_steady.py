"""Registrations go by their length, whatever the clock is set to."""

from softswitch.registrar.steady import SteadyClock


def test_a_clock_that_is_set_moves_nothing() -> None:
    wall, passed = [1_800_000_000.0], [50.0]
    steady = SteadyClock(lambda: wall[0], lambda: passed[0])
    assert steady() == 1_800_000_000
    for step in (3600, -86_400, 0):  # the network's time comes, somebody sets it, nothing
        wall[0] += step + 10
        passed[0] += 10
    assert steady() == 1_800_000_030
    assert SteadyClock(lambda: wall[0], lambda: passed[0])() == wall[0], "a restart asks it again"
