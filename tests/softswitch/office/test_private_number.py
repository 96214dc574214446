"""Somebody's own phone outside: every form of its number goes, and nothing else."""

import pytest

from softswitch.office.private_number import PrivateNumber

MOBILE = PrivateNumber("+48600100200", "102 mobile")


@pytest.mark.parametrize(
    "written",
    ["600100200", "0600100200", "48600100200", "+48600100200", "0048600100200", "%2B48600100200"],
)
def test_every_form_is_hidden(written: str) -> None:
    assert MOBILE.hidden_in(f"sip:{written}@x") == "sip:102 mobile@x"
    assert MOBILE.hidden_in(f"*21*{written}*1700") == "*21*102 mobile*1700"


@pytest.mark.parametrize("other", ["600100201", "60010020", "+48221234567", "*21*102*1700"])
def test_other_numbers_stay(other: str) -> None:
    assert MOBILE.hidden_in(other) == other
