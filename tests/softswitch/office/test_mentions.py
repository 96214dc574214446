"""A number in texts: found however it is written, and never in a longer one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softswitch.office.mentions import Mentions
from softswitch.office.numbers import normalize
from tests.helpers.pump import fill, is_linear

WARSAW, LONDON = "+48221234567", "+442071838750"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("221234567", "X"),
        ("+48221234567", "X"),
        ("0048221234567, 0221234567; 48221234567", "X, X; X"),
        ("ask 22 123 45 67 or 22-123-45-67", "ask X or X"),
        ("(22) 123-45-67 / +48 (22) 123 45 67", "(X / X"),
        ("22\u00a0123\u00a045\u00a067", "X"),
        ("sip:0221234567@firm.example;tag=1", "sip:X@firm.example;tag=1"),
        ("12 22 123 45 67", "12 X"),
        ("600 100 200 22 123 45 67 600 100 200", "600 100 200 X 600 100 200"),
        ("22 123 45 67 22 123 45 67", "X X"),
        ("22 123 45 67 8", "X 8"),
    ],
)
def test_however_it_is_written(text: str, told: str) -> None:
    assert Mentions(WARSAW, "PL").replaced(text, "X") == told


@pytest.mark.parametrize(
    "text",
    [
        "+44221234567",
        "0044221234567",
        "+44 22 123 45 67",
        "+44 (22) 123-45-67",
        "00 44 22 123 45 67",
        "+420 221 234 567",
        "+420221234567",
        "00420 221234567",
        "1221234567",
        "2212345678",
        "22123456",
        "22:12:34:56:7",
        "22 123 45  \n 67",
        "",
    ],
)
def test_others_are_left_alone(text: str) -> None:
    assert Mentions(WARSAW, "PL").places(text) == []


@pytest.mark.parametrize(
    ("number", "country", "text", "told"),
    [
        (LONDON, "PL", "+44 20 7183 8750 and 0044 20 71838750", "X and X"),
        (LONDON, "PL", "020 7183 8750", "020 7183 8750"),
        (LONDON, "GB", "020 7183 8750, 20 7183 8750", "X, X"),
        (WARSAW, "GB", "+48 22 123 45 67, 22 123 45 67", "X, 22 123 45 67"),
        ("+49221234567", "DE", "0221 234567, 030 221234567", "X, 030 221234567"),
    ],
)
def test_by_the_country_of_the_office(number: str, country: str, text: str, told: str) -> None:
    assert Mentions(number, country).replaced(text, "X") == told


@given(st.text("0123456789+ -()./ab\u00a0\u2013", max_size=60))
def test_what_is_found_is_the_number_and_all_of_it_is_found(text: str) -> None:
    one = Mentions(WARSAW, "PL")
    for before in ("", "x", "a 0 ", "12 "):
        whole = f"{before}+48 22 123 45 67x{text}"
        places = one.places(whole)
        assert [normalize(whole[place], "PL") for place in places] == [WARSAW] * len(places)
        assert places and one.places(one.replaced(whole, "erased-xyz")) == []


@pytest.mark.parametrize("unit", ["1 ", "0", "22 123 45 67 ", "+48", "((", "+48 2 2 1 2 3 4 5 6 "])
def test_pump(unit: str) -> None:
    assert is_linear(Mentions(WARSAW, "PL").places, fill("22 123 45 67 ", unit, "67"))
