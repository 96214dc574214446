"""An office whose trace is written at once, and a way to read a call's ladder from its store."""

from collections.abc import Iterator

import pytest

from softswitch.trace import keeper
from tests.helpers.office_fixtures import line, office, own_line, patch_waits

__all__ = ["line", "office", "own_line", "patch_waits"]


@pytest.fixture(scope="module", autouse=True)
def quick_rounds() -> Iterator[None]:
    """Set before the office starts: its store is read a moment after each call."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keeper, "EVERY", 0.05)
        yield
