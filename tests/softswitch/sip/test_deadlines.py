"""The heap of deadlines against a plain list of them."""

from __future__ import annotations

from math import inf
from random import Random

from softswitch.sip.deadlines import SWEEP_ABOVE, Deadlines


class Clock:
    """An owner."""

    def __init__(self) -> None:
        self.due = inf
        self.queued = inf


def at(deadlines: Deadlines, owner: Clock, due: float) -> None:
    owner.due = due
    deadlines.update(owner)


def test_nothing_is_due_at_first() -> None:
    deadlines = Deadlines()
    assert deadlines.next is None
    assert list(deadlines.expired(1e9)) == []


def test_later_and_earlier() -> None:
    deadlines, owner = Deadlines(), Clock()
    at(deadlines, owner, 5.0)
    at(deadlines, owner, 9.0)
    assert deadlines.next == 9.0
    at(deadlines, owner, 2.0)
    assert deadlines.next == 2.0
    assert list(deadlines.expired(1.9)) == []
    assert list(deadlines.expired(2.0)) == [owner]
    assert deadlines.next is None
    assert len(deadlines) == 0


def test_a_cleared_one_never_comes() -> None:
    deadlines, owner = Deadlines(), Clock()
    at(deadlines, owner, 5.0)
    at(deadlines, owner, inf)
    assert deadlines.next is None
    at(deadlines, owner, 5.0)
    assert list(deadlines.expired(5.0)) == [owner]


def test_who_is_due_again_comes_again_in_order() -> None:
    deadlines, slow, fast = Deadlines(), Clock(), Clock()
    at(deadlines, slow, 2.5)
    at(deadlines, fast, 1.0)
    seen = []
    for owner in deadlines.expired(3.0):
        seen.append(owner)
        if owner is fast and len(seen) < 3:
            at(deadlines, fast, 2.0 if len(seen) == 1 else inf)
    assert seen == [fast, fast, slow]


def test_the_dead_are_swept_out() -> None:
    deadlines = Deadlines()
    for number in range(20 * SWEEP_ABOVE):
        owner = Clock()
        at(deadlines, owner, 1000.0 + number)
        at(deadlines, owner, inf)
    assert len(deadlines) <= SWEEP_ABOVE
    assert deadlines.alive == 0


def test_as_a_plain_list_would() -> None:
    for seed in range(30):
        random = Random(seed)
        deadlines, owners, now = Deadlines(), [Clock() for _ in range(12)], 0.0
        for _ in range(400):
            owner = random.choice(owners)
            at(deadlines, owner, random.choice([inf, now + random.randint(1, 40) / 4]))
            if random.random() < 0.3:
                now += random.randint(0, 8) / 4
                expected = sorted(each.due for each in owners if each.due <= now)
                dues = {id(each): each.due for each in owners}
                assert [dues[id(each)] for each in deadlines.expired(now)] == expected
            earliest = min(each.due for each in owners)
            assert deadlines.next == (None if earliest == inf else earliest)
            assert deadlines.alive >= sum(each.due != inf for each in owners)
