"""What a far phone says of its hanging up, as the history tells it."""

import pytest

from softswitch.calls.leg import LONGEST_REASON, in_words


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ('SIP;cause=200;text="Call completed elsewhere"', "Call completed elsewhere"),
        ("Q.850;cause=16", "Q.850;cause=16"),
        ("", ""),
        # A terminal would obey it.
        ('SIP;cause=200;text="\x1b]0;owned\x07 \x1b[31mred\u202e"', "]0;owned [31mred"),
        (f'SIP;cause=200;text="{"x" * 1000}"', "x" * LONGEST_REASON),
    ],
)
def test_in_words(reason: str, told: str) -> None:
    assert in_words(reason) == told
