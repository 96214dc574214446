"""Opening hours: Polish holidays, clock changes, rules that cannot be read."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from softswitch.office.hours import (
    HoursError,
    is_holiday,
    is_meant_always,
    is_open,
    moment,
    never_changes,
    next_change,
    parse,
)

WARSAW = ZoneInfo("Europe/Warsaw")
OFFICE = "Mo-Fr 08:00-16:00; PH off"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=WARSAW)


def easter(year: int) -> date:
    """Gregorian Easter Sunday (anonymous algorithm, Meeus, Astronomical Algorithms, ch. 8)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    correction = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * correction) // 451
    month, day = divmod(h + correction - 7 * m + 114, 31)
    return date(year, month, day + 1)


def statutory_days(year: int) -> set[date]:
    """Poland's days off by the act of 18 January 1951, with 24 December since 2025."""
    fixed = [(1, 1), (1, 6), (5, 1), (5, 3), (8, 15), (11, 1), (11, 11), (12, 25), (12, 26)]
    days = {date(year, month, day) for month, day in fixed}
    days |= {easter(year) + timedelta(days=n) for n in (0, 1, 49, 60)}
    return days | ({date(year, 12, 24)} if year >= 2025 else set())


@pytest.mark.parametrize("year", range(2024, 2036))
def test_holidays_are_those_of_the_law(year: int) -> None:
    day, found = datetime(year, 1, 1, 12, tzinfo=WARSAW), set()
    while day.year == year:
        if is_holiday(day, "PL", WARSAW):
            found.add(day.date())
        day += timedelta(days=1)
    assert found == statutory_days(year)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-06-04 12:00", False),  # Corpus Christi
        ("2027-05-27 12:00", False),
        ("2024-12-24 12:00", True),  # still a working day
        ("2025-12-24 12:00", False),
        ("2026-11-23 07:59", False),
        ("2026-11-23 08:00", True),
        ("2026-11-23 15:59", True),
        ("2026-11-23 16:00", False),
        ("2026-11-22 12:00", False),  # Sunday
    ],
)
def test_office_hours(text: str, expected: bool) -> None:
    assert is_open(OFFICE, at(text), "PL", WARSAW) is expected


def test_the_moment_may_come_in_any_zone() -> None:
    assert is_open(OFFICE, datetime(2026, 7, 1, 6, 0, tzinfo=UTC), "PL", WARSAW)
    assert not is_open(OFFICE, datetime(2026, 7, 1, 5, 59, tzinfo=UTC), "PL", WARSAW)


def test_night_of_the_clock_going_forward() -> None:
    rule = "Su 01:30-03:30"
    before = datetime(2026, 3, 29, 0, 45, tzinfo=UTC)  # 01:45 winter time
    assert is_open(rule, before, "PL", WARSAW)
    assert is_open(rule, before + timedelta(minutes=30), "PL", WARSAW)  # 03:15 summer time
    assert not is_open(rule, before + timedelta(minutes=45), "PL", WARSAW)


def test_a_wall_clock_time_that_does_not_exist_is_answered() -> None:
    assert is_open("Su 01:00-04:00", at("2026-03-29 02:30"), "PL", WARSAW)


def test_night_of_the_clock_going_back_follows_the_wall_clock() -> None:
    rule = "Su 02:00-02:30"
    start = datetime(2026, 10, 25, 0, 0, tzinfo=UTC)  # 02:00 summer time
    states = [is_open(rule, start + timedelta(minutes=15 * n), "PL", WARSAW) for n in range(9)]
    assert states == [True, True, False, False, True, True, False, False, False]


def test_a_range_over_the_end_of_a_month_does_not_fire_elsewhere() -> None:
    rule = "Apr 29-May 05 10:00-12:00"
    assert not is_open(rule, at("2026-04-05 11:00"), "PL", WARSAW)
    assert is_open(rule, at("2026-05-05 11:00"), "PL", WARSAW)


def test_reason_and_next_change() -> None:
    found = moment(OFFICE, at("2026-12-24 17:05"), "PL", WARSAW)
    assert found.in_words() == "closed: Christmas Eve"
    assert found.until == at("2026-12-28 08:00")
    assert next_change(OFFICE, at("2026-11-23 09:00"), "PL", WARSAW) == at("2026-11-23 16:00")
    with_comment = 'Mo-Fr 08:00-16:00; Dec 31 off "inventory"'
    assert moment(with_comment, at("2026-12-31 10:00"), "PL", WARSAW).reason == "inventory"


@pytest.mark.parametrize(
    ("rule", "expected"),
    [("24/7", True), ("00:00-24:00", True), ("24/7 off", False), ("PH off", False), (OFFICE, None)],
)
def test_rules_that_never_change(rule: str, expected: bool | None) -> None:
    assert never_changes(rule, at("2026-01-01 00:00"), "PL", WARSAW) is expected


@pytest.mark.timeout(20)
@pytest.mark.parametrize("rule", ["00:00-24:00", "2024 Mo-Fr 08:00-16:00"])
def test_a_rule_that_never_changes_is_asked_at_once(rule: str) -> None:
    """Not for a second a time, in which the switch would serve nobody."""
    for minute in range(60):
        assert moment(rule, at(f"2026-11-23 09:{minute:02}"), "PL", WARSAW).until is None


def test_only_the_plain_form_means_always() -> None:
    assert is_meant_always("24/7") and is_meant_always("24/7 off")
    assert not is_meant_always("00:00-24:00")


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("Mo-Fr 8-16", "Write `Mo-Fr 08:00-16:00`"),
        ("Pon-Pt 08:00-16:00", "Write `Mo-Fr 08:00-16:00`"),
        ("Monday 08:00-16:00", "Write `Mo 08:00-16:00`"),
        ("Mo-Fr 8.00-16.00", "Write `Mo-Fr 08:00-16:00`"),
        # With one more mistake, the first is told alone.
        ("Mo-Fr 8-16 please", "Write times as HH:MM"),
        ("Pon-Pt 08:00-16:00 please", "Write `Mo` for `Pon`"),
        ("Mo-Fr 08.00-16.00 please", "Write times with a colon"),
        ("6-1", "cannot be read"),
        ("", "cannot be read"),
        ("Mo-Fr 08:00-16:00;", "something is missing"),
        ("SH off", "school holidays"),
        ("Mo-Fr unknown", "a telephone must know"),
        ("Mo " * 500, "Shorten it"),
    ],
)
def test_bad_rules_are_explained(rule: str, words: str) -> None:
    with pytest.raises(HoursError, match=words):
        parse(rule, "PL")


def test_holidays_of_an_unknown_country_are_refused() -> None:
    with pytest.raises(HoursError, match="holidays"):
        parse("PH off", "XK")
    assert is_open("24/7", at("2026-01-01 00:00"), "XK", WARSAW)


def test_two_years_ahead_may_be_an_hour_that_never_is() -> None:
    """`make fuzz` found it: 731 days after this call, the clock jumps from two to three."""
    night = at("2027-03-25 02:31:06")
    found = moment("Mo-Fr 08:00-16:00; PH closed", night, "PL", WARSAW)
    assert not found.is_open and found.until == at("2027-03-25 08:00")
    assert never_changes("Mo-Fr 08:00-16:00", night, "PL", WARSAW) is None
    assert never_changes("24/7", night, "PL", WARSAW) is True
