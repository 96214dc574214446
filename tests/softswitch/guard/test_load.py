"""New work is shed while things are late, and taken again by and by."""

from softswitch.guard.load import HIGH, LEVELS, Load


def share(load: Load, is_friend: bool = False) -> float:
    """Of new requests that are taken now."""
    return sum(load.takes(is_friend) for _ in range(1280)) / 1280


def test_everything_is_taken_in_peace() -> None:
    load = Load()
    for _ in range(100):
        load.sample(0.01)
    assert load.level == 0 and share(load) == 1.0


def test_one_hiccup_sheds_nobody() -> None:
    load = Load()
    load.sample(0.9)
    for _ in range(20):
        load.sample(0.0)
        assert load.level == 0


def test_lateness_that_lasts_sheds_ever_more() -> None:
    load, levels = Load(), []
    for _ in range(30):
        load.sample(2 * HIGH)
        levels.append(load.level)
    assert levels == sorted(levels) and levels[-1] == LEVELS - 1
    assert 0 < share(load) < 0.02 and share(load, is_friend=True) > share(load)


def test_friends_are_shed_later() -> None:
    load = Load()
    while load.level < 2:
        load.sample(1.0)
    assert share(load, is_friend=True) == 1.0 and share(load) == 0.25


def test_the_way_back_is_gradual_and_does_not_flap() -> None:
    load = Load()
    for _ in range(30):
        load.sample(1.0)
    between = [load.level]
    for _ in range(50):
        load.sample(0.15)  # between the marks: nothing changes once it is there
        between.append(load.level)
    assert between[-1] == between[20]
    seen = []
    for _ in range(200):
        load.sample(0.0)
        seen.append(load.level)
    assert seen[-1] == 0
    assert all(earlier - later in (0, 1) for earlier, later in zip(seen, seen[1:], strict=False))
    assert seen.count(3) >= 5


def test_time_that_goes_back_is_no_lateness() -> None:
    load = Load()
    for _ in range(20):
        load.sample(-5.0)
    assert load.delay == 0.0
