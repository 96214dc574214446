"""Numbers of callers are masked in the log; everything else is left as it is."""

import pytest

from softswitch.log import mask_number


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+48600100200", "+48600***200"),
        ("600100200", "600***200"),
        ("221234567", "221***567"),
        ("101", "101"),
        ("112", "112"),
        ("20261123-213231-36904dcd", "20261123-213231-36904dcd"),
        ("10.0.0.101", "10.0.0.101"),
    ],
)
def test_mask(number: str, shown: str) -> None:
    assert mask_number(number) == shown
