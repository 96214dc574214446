"""Telephone numbers of Poland and elsewhere: read, dialled, shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softswitch.office.numbers import Kind, Reach, normalize, pretty, reserved, understand


@pytest.mark.parametrize(
    "text",
    [
        "221234567",
        "48221234567",
        "+48221234567",
        "0048221234567",
        "0221234567",
        "+48 22 123 45 67",
        "(22) 123-45-67",
        "22\u00a0123\u00a045\u00a067",
    ],
)
def test_every_inbound_form_is_one_number(text: str) -> None:
    assert normalize(text, "PL") == "+48221234567"


@pytest.mark.parametrize(
    "text",
    [
        "442071838750",  # nothing says that it is foreign
        "12345678",
        "1234567890",
        "+4812",
        "112",
        "118913",
        "anonymous",
        "",
        "+",
        "+48 22 123 45 6x",
        "1" * 40,
        "²²¹²³⁴⁵⁶⁷",
    ],
)
def test_nothing_is_guessed(text: str) -> None:
    assert normalize(text, "PL") is None


def test_foreign_numbers_that_say_so() -> None:
    assert normalize("+44 20 7183 8750", "PL") == "+442071838750"
    assert normalize("00442071838750", "PL") == "+442071838750"


def test_a_range_that_the_library_does_not_know_yet() -> None:
    assert normalize("191234567", "PL") == "+48191234567"


@given(st.text(max_size=40))
def test_any_text_gives_a_number_or_none(text: str) -> None:
    number = normalize(text, "PL")
    assert number is None or (number[0] == "+" and number[1:].isdigit())


@given(st.integers(100_000_000, 999_999_999))
def test_normal_form_is_stable(digits: int) -> None:
    number = normalize(str(digits), "PL")
    assert number is not None
    assert normalize(number, "PL") == number
    assert normalize(pretty(number, "PL"), "PL") == number


@pytest.mark.parametrize(
    ("digits", "kind", "value"),
    [
        ("101", Kind.INTERNAL, "101"),
        ("112", Kind.EMERGENCY, "112"),
        ("997", Kind.EMERGENCY, "997"),
        ("998", Kind.EMERGENCY, "998"),
        ("999", Kind.EMERGENCY, "999"),
        ("116111", Kind.SHORT, "116111"),
        ("986", Kind.SHORT, "986"),
        ("*21", Kind.CODE, "*21"),
        ("600100200", Kind.EXTERNAL, "+48600100200"),
        ("221234568", Kind.INTERNAL, "+48221234568"),
        ("555", Kind.UNKNOWN, "555"),
        ("abc", Kind.UNKNOWN, "abc"),
    ],
)
def test_what_dialled_digits_mean(digits: str, kind: Kind, value: str) -> None:
    dialled = understand(digits, "PL", {"101", "112", "+48221234568"})
    assert (dialled.kind, dialled.value) == (kind, value)


@pytest.mark.parametrize(
    ("digits", "reach"),
    [
        ("600100200", Reach.NATIONAL),
        ("+442071838750", Reach.INTERNATIONAL),
        ("701234567", Reach.PREMIUM),
        ("118913", Reach.PREMIUM),
        ("116111", Reach.NATIONAL),
    ],
)
def test_how_far_a_call_goes(digits: str, reach: Reach) -> None:
    assert understand(digits, "PL", ()).reach is reach


def test_how_numbers_are_shown() -> None:
    assert pretty("+48221234567", "PL") == "22 123 45 67"
    assert pretty("+48600100200", "PL") == "600 100 200"
    assert pretty("+442071838750", "PL") == "+44 20 7183 8750"
    assert pretty("101", "PL") == "101"


@pytest.mark.parametrize("number", ["112", "999", "900", "995", "116111", "118913", "19115"])
def test_internal_numbers_that_would_hide_others(number: str) -> None:
    assert reserved(number, "PL")


@pytest.mark.parametrize("number", ["101", "300", "600", "8001", "119"])
def test_internal_numbers_that_may_be_used(number: str) -> None:
    assert reserved(number, "PL") is None


def test_emergency_in_another_country() -> None:
    assert understand("999", "GB", ()).kind is Kind.EMERGENCY
    assert understand("112", "GB", ()).kind is Kind.EMERGENCY
