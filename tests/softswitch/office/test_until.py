"""End times as people dial and type them, over clock changes, year ends and leap days."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softswitch.office.models import Person
from softswitch.office.until import absent_until, dialled_day, dialled_time, typed_time

WARSAW = ZoneInfo("Europe/Warsaw")


def at(text: str) -> datetime:
    """A moment on Warsaw's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=WARSAW)


def shown(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment.astimezone(WARSAW):%Y-%m-%d %H:%M %z}"


NOON = at("2026-11-25 12:00")


@pytest.mark.parametrize(
    ("now", "digits", "until"),
    [
        ("2026-11-25 12:00", "1700", "2026-11-25 17:00 +0100"),
        ("2026-11-25 17:00", "1700", "2026-11-26 17:00 +0100"),  # now is over already
        ("2026-11-25 12:00", "0000", "2026-11-26 00:00 +0100"),
        ("2026-12-31 23:00", "0800", "2027-01-01 08:00 +0100"),
        ("2026-11-25 12:00", "25121700", "2026-12-25 17:00 +0100"),
        ("2026-12-25 17:00", "25121700", "2027-12-25 17:00 +0100"),
        ("2026-11-25 12:00", "01010800", "2027-01-01 08:00 +0100"),
        ("2026-11-25 12:00", "29021200", "2028-02-29 12:00 +0100"),
        # 29 March 2026: 02:00 becomes 03:00, so 02:30 is what would have been, 03:30.
        ("2026-03-28 20:00", "0230", "2026-03-29 03:30 +0200"),
        ("2026-03-28 20:00", "0400", "2026-03-29 04:00 +0200"),
        # 25 October 2026: 02:30 comes twice; asked between the two, the second is meant.
        ("2026-10-24 20:00", "0230", "2026-10-25 02:30 +0200"),
    ],
)
def test_a_time_is_the_next_one(now: str, digits: str, until: str) -> None:
    assert shown(dialled_time(digits, at(now), WARSAW)) == until


def test_an_hour_that_comes_twice() -> None:
    between = datetime(2026, 10, 25, 0, 45, tzinfo=UTC)  # 02:45 for the first time
    assert shown(dialled_time("0230", between, WARSAW)) == "2026-10-25 02:30 +0100"


@pytest.mark.parametrize(
    "digits",
    ["", "17", "2400", "1260", "32011200", "31021200", "00001200", "170000", "1700*", "²²00"],
)
def test_what_is_no_time(digits: str) -> None:
    assert dialled_time(digits, NOON, WARSAW) is None


@pytest.mark.parametrize(
    ("digits", "until"),
    [
        ("0112", "2026-12-01 00:00 +0100"),
        ("2511", "2027-11-25 00:00 +0100"),  # this morning is over
        ("01120800", "2026-12-01 08:00 +0100"),
        ("1700", None),
        ("017", None),
    ],
)
def test_an_absence_ends_with_a_day(digits: str, until: str | None) -> None:
    assert shown(dialled_day(digits, NOON, WARSAW)) == until


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("17:00", "2026-11-25 17:00 +0100"),
        ("9:05", "2026-11-26 09:05 +0100"),
        ("2026-12-20", "2026-12-20 00:00 +0100"),
        ("2026-12-20 17:30", "2026-12-20 17:30 +0100"),
        ("2020-01-01", "2020-01-01 00:00 +0100"),  # whoever asks refuses the past
        ("tomorrow", None),
        ("2026-13-01", None),
        ("25:00", None),
    ],
)
def test_typed(text: str, until: str | None) -> None:
    assert shown(typed_time(text, NOON, WARSAW)) == until


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2090, 1, 1)),
    st.integers(0, 23),
    st.integers(0, 59),
)
def test_property_a_time_of_day_is_ahead_and_within_25_hours(
    now: datetime, hour: int, minute: int
) -> None:
    moment = now.replace(tzinfo=UTC)
    until = dialled_time(f"{hour:02}{minute:02}", moment, WARSAW)
    assert until is not None
    assert 0 < (until - moment).total_seconds() <= 25 * 3600


@given(st.text(alphabet="0123456789*#x ", max_size=12))
def test_property_nothing_is_raised(digits: str) -> None:
    for read in (dialled_time, dialled_day, typed_time):
        until = read(digits, NOON, WARSAW)
        assert until is None or until.tzinfo is UTC


def absent(*spans: str) -> tuple[str, ...]:
    return Person.model_validate({"name": "Jan", "absent": list(spans)}).absent


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-12-19 23:59", None),
        ("2026-12-20 00:00", "2027-01-07 00:00 +0100"),
        ("2027-01-06 23:59", "2027-01-07 00:00 +0100"),
        ("2027-01-07 00:00", None),
        ("2027-02-01 11:59", None),
        ("2027-02-01 12:00", "2027-02-04 00:00 +0100"),  # two that touch
        ("2027-03-10 10:00", "2027-03-11 00:00 +0100"),
    ],
)
def test_absences_of_the_file(now: str, until: str | None) -> None:
    spans = absent(
        "2027-02-01 12:00 - 2027-02-02 16:00",
        "2026-12-20 - 2027-01-06",
        "2027-02-02 16:00 - 2027-02-03",
        "2027-03-10",
    )
    assert shown(absent_until(spans, at(now), WARSAW)) == until


@pytest.mark.parametrize(
    "span", ["soon", "2027-01-01 - 2026-01-01", "2026-12-20 - 2026-12-21 - 2026-12-22"]
)
def test_what_is_no_absence(span: str) -> None:
    with pytest.raises(ValueError, match="Write"):
        absent(span)
