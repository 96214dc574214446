"""A small daily share of the fuzzing: the same inputs each time. `make fuzz` tries a million."""

import pytest

from tests.fuzz.__main__ import explore
from tests.fuzz.targets import TARGETS

SEED = 4711


@pytest.mark.parametrize("name", TARGETS)
def test_fuzz(name: str) -> None:
    inputs = round(12_000 * TARGETS[name][1])
    assert explore(name, SEED, inputs) == 0
