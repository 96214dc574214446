"""Telephone numbers of Poland and elsewhere: read, dialled, shown.

`numbers_pl.csv` was made from the national plan by writing digits one behind another, without this
code: what is written, what it means, and how each kind of provider wants it.
"""

import csv
from pathlib import Path

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from softswitch.office.numbers import (
    Kind,
    Reach,
    is_free,
    normalize,
    pretty,
    redialled,
    region_of,
    reserved,
    understand,
    ways_of_writing,
)
from softswitch.office.trunk import Trunk
from softswitch.trunks.profile import written

with (Path(__file__).parent / "numbers_pl.csv").open(encoding="utf-8") as table:
    TABLE = list(csv.DictReader(table))
INSIDE = {"101", "300", "8001", "+48221234568"}


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


@given(st.integers(100_000_000, 999_999_999), st.sampled_from(["", "48", "+48", "0048"]))
def test_the_plan_says_of_a_number_at_home_what_the_library_says(digits: int, code: str) -> None:
    read = phonenumbers.parse(f"{code}{digits}", "PL")
    number = phonenumbers.format_number(read, phonenumbers.PhoneNumberFormat.E164)
    assert normalize(f"{code}{digits}", "PL") == number
    assert redialled(number, "PL") == pretty(number, "PL").replace(" ", "")


@pytest.mark.parametrize(
    ("number", "country", "shown"),
    [
        ("+48221234567", "PL", "221234567"),
        ("+48221234567", "DE", "+48221234567"),
        ("+442071838750", "PL", "+442071838750"),
        ("+4930123456", "DE", "030123456"),
        ("221234567", "PL", "221234567"),
        ("101", "PL", "101"),
    ],
)
def test_how_numbers_are_dialled_back(number: str, country: str, shown: str) -> None:
    assert redialled(number, country) == shown


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
        ("709234567", Reach.PREMIUM),
        ("201234567", Reach.PREMIUM),
        ("300123456", Reach.PREMIUM),
        ("400123456", Reach.PREMIUM),
        ("806123456", Reach.PREMIUM),
        ("118913", Reach.PREMIUM),
        ("19491", Reach.PREMIUM),
        ("19115", Reach.NATIONAL),
        ("800123456", Reach.NATIONAL),
        ("801123456", Reach.NATIONAL),
        ("804123456", Reach.NATIONAL),
        ("391234567", Reach.NATIONAL),
        ("471234567", Reach.NATIONAL),
        ("221234567", Reach.NATIONAL),
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


def test_the_table_is_whole() -> None:
    meanings = {row["meaning"] for row in TABLE}
    assert len(TABLE) >= 300
    assert meanings == {kind.value for kind in Kind}


@pytest.mark.parametrize("row", TABLE, ids=[row["written"] for row in TABLE])
def test_written_understood_and_sent(row: dict[str, str]) -> None:
    dialled = understand(row["written"], "PL", INSIDE)
    reach = dialled.reach.value if dialled.reach is not None else "-"
    found = (dialled.kind.value, reach, dialled.value)
    assert found == (row["meaning"], row["reach"], row["value"])
    if dialled.kind is Kind.EXTERNAL:
        assert normalize(row["written"], "PL") == row["value"], "as a provider may send it"
    for form in ("national", "48", "+48", "0048"):
        if row[form]:
            trunk = Trunk.model_validate({"server": "op.example", "format": form})
            assert written(trunk, dialled.value, "PL") == row[form]


@pytest.mark.parametrize("free", ["112", "116111", "+48800123456", "+80012345678", "991"])
def test_what_costs_nothing(free: str) -> None:
    assert is_free(free, "PL")


@pytest.mark.parametrize("costs", ["118913", "19115", "+48801123456", "+48600100200", "+442071"])
def test_what_costs(costs: str) -> None:
    assert not is_free(costs, "PL")


def test_countries_that_share_a_code() -> None:
    assert region_of("+18095550123") == "DO"
    assert region_of("+12125550123") == "US"
    assert region_of("+881612345678") is None


def test_another_country_has_its_own_costly_numbers() -> None:
    assert understand("09061234567", "GB", ()).reach is Reach.PREMIUM
    assert understand("08001234567", "GB", ()).reach is Reach.NATIONAL
    assert is_free("+448001234567", "GB")


@pytest.mark.parametrize(
    ("number", "country", "ways"),
    [
        (
            "+48600100200",
            "PL",
            ("0048600100200", "048600100200", "48600100200", "600100200", "0600100200"),
        ),
        ("+33123456789", "PL", ("0033123456789",)),
    ],
)
def test_how_a_number_may_have_been_dialled(
    number: str, country: str, ways: tuple[str, ...]
) -> None:
    """Nine digits of another country are somebody else's number here."""
    found = ways_of_writing(number, country)
    assert found[0] == number and set(found[1:]) == set(ways)
