"""The first file of a new office: always one that is proved."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from softswitch.office.beginning import Answers, Employee, office_file
from softswitch.office.loader import parse_office

ANSWERS = Answers(
    "Biuro", "pl", "PL", "Europe/Warsaw", "Mo-Fr", "08:00", "16:00",
    (Employee("Anna", "a@b.example"),), "a@b.example",
)  # fmt: skip
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30).filter(
    lambda text: text.strip()
)


def test_without_number_and_provider() -> None:
    loaded = parse_office(office_file(ANSWERS))
    assert list(loaded.office.numbers) == ["200"]
    assert not loaded.office.trunks and not loaded.office.tests


def test_with_tests() -> None:
    loaded = parse_office(office_file(ANSWERS, date(2026, 11, 25)))
    assert list(loaded.office.tests) == ["open", "closed", "busy"]


@settings(max_examples=60)
@given(TEXT, TEXT)
def test_property_any_name_can_be_written(name: str, person: str) -> None:
    made = Answers(
        name, "en", "GB", "Europe/London", "Mo-Sa", "09:00", "17:30", (Employee(person),),
        "a@b.example", "+44 20 7946 0123", "sip.example",
    )  # fmt: skip
    office = parse_office(office_file(made)).office
    assert office.office.name == name.strip()
    assert office.people["101"].name == person.strip()
