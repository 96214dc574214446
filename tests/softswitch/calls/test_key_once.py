"""A key told by INFO and in the sound is one key."""

from softswitch.calls.key_once import APART, KeyOnce


def told(*keys: tuple[str, bool, float]) -> str:
    once = KeyOnce()
    return "".join(key for key, is_heard, at in keys if not once.is_again(key, is_heard, at))


def test_a_key_by_both_ways_is_one_whichever_was_first() -> None:
    assert told(("5", True, 0.0), ("5", False, 0.3)) == "5"
    assert told(("5", False, 0.0), ("5", True, 0.3)) == "5"


def test_the_same_key_twice_by_both_ways_is_two() -> None:
    keys = ("5", False, 0.0), ("5", True, 0.2), ("5", False, 0.4), ("5", True, 0.6)
    assert told(*keys) == "55"
    crossed = ("5", False, 0.0), ("5", False, 0.2), ("5", True, 0.25), ("5", True, 0.45)
    assert told(*crossed) == "55"


def test_one_way_alone_counts_each() -> None:
    assert told(*[("5", True, i * 0.1) for i in range(7)]) == "5555555"


def test_other_keys_and_late_ones_are_others() -> None:
    assert told(("5", True, 0.0), ("6", False, 0.1)) == "56"
    assert told(("5", True, 0.0), ("5", False, APART + 0.1)) == "55"
