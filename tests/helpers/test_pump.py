"""The measure itself: it tells a quadratic reader from a slow one."""

import re

from tests.helpers.pump import fill, is_linear


def test_quadratic_reading_is_found() -> None:
    trailing = re.compile(r"\s+x")  # tries every start, runs to the end from each
    assert not is_linear(trailing.search, fill("", " ")[:8_000])


def test_slow_but_linear_reading_is_not() -> None:
    def slow(text: str) -> None:
        for _ in range(8):
            for sign in text:
                ord(sign)

    assert is_linear(slow, fill("", "a"))
