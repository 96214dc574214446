"""When a report is due, and of which days."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from softswitch.office.reports import Period, Report, Span, last_span

WARSAW = ZoneInfo("Europe/Warsaw")
MONDAY, SUNDAY = date(2026, 11, 16), date(2026, 11, 22)


def report(every: Period, at: time = time(7)) -> Report:
    return Report(every=every, at=at, mail=("biuro@kancelaria.example",))


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (datetime(2026, 11, 25, 6, 59), date(2026, 11, 23)),
        (datetime(2026, 11, 25, 7, 0), date(2026, 11, 24)),
        (datetime(2026, 11, 25, 23, 59), date(2026, 11, 24)),
        (datetime(2027, 1, 1, 8, 0), date(2026, 12, 31)),
    ],
)
def test_of_the_day_before(now: datetime, day: date) -> None:
    assert last_span(report(Period.DAY), now.replace(tzinfo=WARSAW)) == Span(day, day)


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 11, 23, 7, 0),
        datetime(2026, 11, 25, 6, 0),
        datetime(2026, 11, 29, 23, 0),
        datetime(2026, 11, 30, 6, 59),
    ],
)
def test_of_the_week_before(now: datetime) -> None:
    assert last_span(report(Period.WEEK), now.replace(tzinfo=WARSAW)) == Span(MONDAY, SUNDAY)


def test_a_time_without_quotes_is_told() -> None:
    with pytest.raises(ValidationError, match="Write it in quotes"):
        Report.model_validate({"at": 420, "mail": "biuro@kancelaria.example"})
