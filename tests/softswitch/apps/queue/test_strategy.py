"""Who is rung next."""

import pytest

from softswitch.apps.queue.strategy import Candidate, pick
from softswitch.office.queue import QueueStrategy

IDLE = {"101": 10.0, "102": 50.0, "103": 30.0}
SERVED = {"101": 2, "102": 5, "103": 1}
ORDER = list(IDLE)


def free(*agents: str) -> list[Candidate]:
    return [Candidate(one, ORDER.index(one), IDLE[one], SERVED[one]) for one in agents]


@pytest.mark.parametrize(
    ("how", "agents", "tried", "last", "expected"),
    [
        ("longest_idle", ["101", "102", "103"], set(), -1, ["102"]),
        ("longest_idle", ["101", "102", "103"], {"102"}, -1, ["103"]),
        ("in_order", ["101", "102", "103"], set(), -1, ["101"]),
        ("in_order", ["101", "102", "103"], {"101"}, -1, ["102"]),
        ("together", ["101", "103"], set(), -1, ["101", "103"]),
        ("together", ["101", "103"], {"101"}, -1, ["103"]),
        ("round_robin", ["101", "102", "103"], set(), -1, ["101"]),
        ("round_robin", ["101", "102", "103"], set(), 0, ["102"]),
        # The round goes on after whoever was rung, though he himself is not free now.
        ("round_robin", ["101", "103"], set(), 1, ["103"]),
        ("round_robin", ["101", "102"], set(), 2, ["101"]),
        ("fewest_calls", ["101", "102", "103"], set(), -1, ["103"]),
        ("fewest_calls", ["101", "102"], set(), -1, ["101"]),
        ("random", ["101", "102", "103"], set(), -1, ["103"]),
        # Everybody free let it ring out: begin again rather than never ring.
        ("in_order", ["101"], {"101"}, -1, ["101"]),
        ("longest_idle", [], set(), -1, []),
        ("together", [], {"101"}, -1, []),
    ],
)
def test_pick(how: str, agents: list[str], tried: set[str], last: int, expected: list[str]) -> None:
    chosen = pick(QueueStrategy(how), [free(*agents)], tried, last, lambda: 0.9)
    assert chosen == expected


@pytest.mark.parametrize("how", list(QueueStrategy))
def test_a_wider_tier_is_rung_only_when_the_better_one_has_nobody(how: QueueStrategy) -> None:
    if how is QueueStrategy.TOGETHER:
        assert pick(how, [free("101"), free("102")], set(), -1, lambda: 0.0) == ["101", "102"]
        return
    assert pick(how, [free("101"), free("102")], set(), -1, lambda: 0.0) == ["101"]
    assert pick(how, [[], free("102")], set(), -1, lambda: 0.0) == ["102"]
    assert pick(how, [free("101"), free("102")], {"101"}, -1, lambda: 0.0) == ["102"]
    # All have been tried: the better one again.
    assert pick(how, [free("101"), free("102")], {"101", "102"}, -1, lambda: 0.0) == ["101"]


def test_chance_reaches_everybody() -> None:
    chances = iter([0.0, 0.34, 0.67, 0.999])
    one = [pick(QueueStrategy.RANDOM, [free(*ORDER)], set(), -1, chances.__next__) for _ in "1234"]
    assert one == [["101"], ["102"], ["103"], ["103"]]
