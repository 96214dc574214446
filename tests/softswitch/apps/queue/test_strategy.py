"""Who is rung next."""

import pytest

from softswitch.apps.queue.strategy import pick

IDLE = {"101": 10.0, "102": 50.0, "103": 30.0}


@pytest.mark.parametrize(
    ("how", "free", "tried", "expected"),
    [
        ("longest_idle", ["101", "102", "103"], set(), ["102"]),
        ("longest_idle", ["101", "102", "103"], {"102"}, ["103"]),
        ("in_order", ["101", "102", "103"], set(), ["101"]),
        ("in_order", ["101", "102", "103"], {"101"}, ["102"]),
        ("together", ["101", "103"], set(), ["101", "103"]),
        ("together", ["101", "103"], {"101"}, ["103"]),
        # Everybody free let it ring out: begin again rather than never ring.
        ("in_order", ["101"], {"101"}, ["101"]),
        ("longest_idle", [], set(), []),
        ("together", [], {"101"}, []),
    ],
)
def test_pick(how: str, free: list[str], tried: set[str], expected: list[str]) -> None:
    assert pick(how, free, tried, IDLE.__getitem__) == expected
