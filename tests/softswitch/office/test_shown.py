"""What strangers say of themselves, as it may be shown."""

import pytest

from softswitch.office.shown import MAX_NAME, one_line


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Jan Łoś", "Jan Łoś"),
        ("  two\r\nlines\tand\x1b[2J more  ", "two lines and [2J more"),
        ("\u202eturned\u2066 round", "turned round"),
        ("x" * 300, "x" * MAX_NAME),
        ("\x00\x07", None),
        ("", None),
        (17, None),
        (None, None),
    ],
)
def test_one_printable_line(said: object, shown: str | None) -> None:
    assert one_line(said) == shown


def test_what_is_cut_ends_with_no_blank() -> None:
    assert one_line("abc def", 4) == "abc"
