"""Free days and closed periods over the opening hours."""

from datetime import datetime, timedelta

import pytest

from softswitch.office.calendar import state, stretches, why_closed
from softswitch.office.findings import OfficeErrors
from softswitch.office.loader import parse_office
from softswitch.office.models import Office

TEXT = """
office: {name: Office, safe: message}
hours:
  office: "Mo-Fr 08:00-16:00; PH off"
  emergency: "24/7"
  evening: "Mo-Fr 16:00-20:00; PH off"
calendar:
  free: {2027-01-04: za 26 grudnia, "2027-01-05": }
  periods:
    christmas: {from: 2026-12-28, to: 2026-12-30, reason: przerwa świąteczna}
    training: {from: 2026-12-03 12:00, to: 2026-12-03 16:00, hours: [office]}
    repair: {from: 2026-12-07, to: 2026-12-07, hours: [emergency]}
mailboxes: {office: {mail: a@b.example}}
routes: {message: {voicemail: office}}
"""


@pytest.fixture(scope="module")
def office() -> Office:
    return parse_office(TEXT).office


@pytest.mark.parametrize(
    ("name", "at", "expected", "until"),
    [
        ("office", "2026-12-23 10:00", "open", "2026-12-23 16:00"),
        ("office", "2026-12-24 10:00", "closed: Wigilia", "2026-12-31 08:00"),
        ("office", "2026-12-29 10:00", "closed: przerwa świąteczna", "2026-12-31 08:00"),
        ("office", "2027-01-04 10:00", "closed: za 26 grudnia", "2027-01-07 08:00"),
        ("office", "2027-01-05 10:00", "closed: free day", "2027-01-07 08:00"),
        ("office", "2026-12-03 11:59", "open", "2026-12-03 12:00"),
        ("office", "2026-12-03 12:00", "closed: training", "2026-12-04 08:00"),
        ("evening", "2026-12-03 17:00", "open", "2026-12-03 20:00"),
        ("emergency", "2026-12-29 10:00", "open", "2026-12-07 00:00"),
        ("emergency", "2026-12-07 10:00", "closed: repair", "2026-12-08 00:00"),
    ],
)
def test_the_calendar_closes(office: Office, name: str, at: str, expected: str, until: str) -> None:
    found = state(office, name, datetime.fromisoformat(at).replace(tzinfo=office.zone))
    assert found.in_words() == expected
    if name != "emergency" or not found.is_open:
        assert found.until == datetime.fromisoformat(until).replace(tzinfo=office.zone)


def test_the_period_is_named(office: Office) -> None:
    at = datetime(2026, 12, 29, 10, tzinfo=office.zone)
    assert state(office, "office", at).period == "christmas"
    assert state(office, "office", at - timedelta(days=3)).period is None


@pytest.mark.parametrize("name", ["office", "emergency", "evening"])
def test_stretches_have_no_gap_and_agree_with_the_state(office: Office, name: str) -> None:
    begin = datetime(2026, 11, 30, tzinfo=office.zone)
    end = begin + timedelta(days=50)
    last = begin
    for start, finish, is_open in stretches(office, name, begin, end):
        assert start == last and finish > start
        middle = start + (finish - start) / 2
        assert state(office, name, middle).is_open == is_open
        last = finish
    assert last == end


def test_why_a_day_is_special(office: Office) -> None:
    days = [datetime(2026, 12, 24).date(), datetime(2027, 1, 5).date(), datetime(2027, 1, 7).date()]
    assert [why_closed(office, day) for day in days] == ["Wigilia", "free day", None]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("from: 2026-12-28", "from: 2026-12-32", "`2026-12-32` is no day. Write it like 2026"),
        ("to: 2026-12-30", "to: 2026-12-20", "ends before it begins"),
        ("2027-01-04:", "4 stycznia:", "`4 stycznia` is no day"),
        ("reason: przerwa", "raeson: przerwa", "Did you mean `reason`"),
    ],
)
def test_mistakes(old: str, new: str, message: str) -> None:
    with pytest.raises(OfficeErrors, match=message):
        parse_office(TEXT.replace(old, new))


def test_a_list_of_days_will_do() -> None:
    text = TEXT.replace('{2027-01-04: za 26 grudnia, "2027-01-05": }', "[2027-01-04]")
    assert [str(day) for day in parse_office(text).office.calendar.free] == ["2027-01-04"]
