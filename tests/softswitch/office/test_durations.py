"""Lengths of time: read, refused, written back."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softswitch.office.durations import DurationError, format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("20s", 20), ("5m", 300), ("1m30s", 90), ("2h", 7200), ("90d", 7776000), ("1.5s", 1.5)],
)
def test_reads_what_people_write(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "20", "s", "20 sec", "-5s", "20s!", "9999d" * 9, "5s 5"])
def test_refuses_the_rest(text: str) -> None:
    with pytest.raises(DurationError):
        parse_duration(text)


def test_a_missing_unit_is_named() -> None:
    with pytest.raises(DurationError, match="Write `20s` for seconds"):
        parse_duration("20")


@given(st.integers(1, 10**8))
def test_written_form_reads_back(seconds: int) -> None:
    assert parse_duration(format_duration(seconds)) == seconds


@given(st.text(max_size=60))
def test_only_duration_errors_come_out(text: str) -> None:
    with contextlib.suppress(DurationError):
        parse_duration(text)
