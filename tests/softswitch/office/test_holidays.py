"""Names of holidays, for exactly the days that the calendar knows as free."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from softswitch.office.holidays import easter, holiday_name
from softswitch.office.hours import is_holiday

WARSAW = ZoneInfo("Europe/Warsaw")


@pytest.mark.parametrize(
    ("day", "polish", "english"),
    [
        ("2026-06-04", "Boże Ciało", "Corpus Christi"),
        ("2027-05-27", "Boże Ciało", "Corpus Christi"),
        ("2026-04-06", "Poniedziałek Wielkanocny", "Easter Monday"),
        ("2026-12-24", "Wigilia", "Christmas Eve"),
        ("2024-12-24", None, None),
        ("2026-12-23", None, None),
    ],
)
def test_names(day: str, polish: str | None, english: str | None) -> None:
    assert holiday_name(date.fromisoformat(day), "PL") == polish
    assert holiday_name(date.fromisoformat(day), "PL", "en") == english


def test_other_countries_have_no_names() -> None:
    assert holiday_name(date(2026, 12, 25), "GB") is None


@pytest.mark.parametrize(("year", "day"), [(2024, "03-31"), (2025, "04-20"), (2038, "04-25")])
def test_easter(year: int, day: str) -> None:
    assert easter(year).isoformat() == f"{year}-{day}"


@pytest.mark.parametrize("year", range(2024, 2036))
def test_each_free_day_has_a_name_and_no_other(year: int) -> None:
    moment = datetime(year, 1, 1, 11, tzinfo=UTC)
    while moment.year == year:
        named = holiday_name(moment.date(), "PL") is not None
        assert named == is_holiday(moment, "PL", WARSAW), moment
        moment += timedelta(days=1)
