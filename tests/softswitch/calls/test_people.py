"""Who is free: in a call, in wrap-up, idle since."""

from softswitch.calls.people import People


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_busy_while_in_a_call_and_in_wrap_up() -> None:
    clock = Clock()
    people = People(clock)
    assert people.is_free("101")
    with people.occupied("101", wrap_up=15.0):
        assert not people.is_free("101")
        with people.occupied("101"):
            pass
        assert not people.is_free("101"), "the first call still lasts"
    assert not people.is_free("101"), "wrap-up"
    clock.now += 15.0
    assert people.is_free("101")


def test_idle_time_counts_from_the_end_of_the_last_call() -> None:
    clock = Clock()
    people = People(clock)
    with people.occupied("101"):
        clock.now += 60.0
    clock.now += 7.0
    assert people.idle_seconds("101") == 7.0


def test_what_was_before_a_restart() -> None:
    clock = Clock()
    people = People(clock)
    people.remember("101", idle=60.0, pause=15.0)
    assert people.idle_seconds("101") == 60.0
    assert people.idle_seconds("102") > 10**9, "who has had no call is idle longest"
    assert not people.is_free("101")
    clock.now += 15.0
    assert people.is_free("101")
    people.remember("102", idle=5.0, pause=-3.0)
    assert people.is_free("102")


def test_all_occupied_frees_everybody_even_on_an_error() -> None:
    people = People(Clock())
    try:
        with people.all_occupied(["101", "102"]):
            assert not people.is_free("102")
            raise RuntimeError
    except RuntimeError:
        pass
    assert people.is_free("101")
    assert people.is_free("102")
