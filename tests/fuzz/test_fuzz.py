"""A small daily share of the fuzzing: the same inputs each time. `make fuzz` tries a million.

And of the calls by chance, of which `make fuzz` tells ten thousand stories.
"""

import pytest

from tests.fuzz import calls
from tests.fuzz.__main__ import explore
from tests.fuzz.targets import TARGETS

SEED = 4711
STORIES = 60


@pytest.mark.parametrize("name", TARGETS)
def test_fuzz(name: str) -> None:
    inputs = round(12_000 * TARGETS[name][1])
    assert explore(name, SEED, inputs) == 0


def test_calls_by_chance() -> None:
    told = calls.explore(SEED, 0, STORIES)
    assert told.happened["call.started"] > 2 * STORIES
    assert all(told.happened[kind] for kind in calls.WORTH_TELLING), told.happened
