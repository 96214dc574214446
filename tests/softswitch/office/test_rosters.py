"""Duty rosters: who is on duty, without gaps and overlaps."""

from datetime import datetime, timedelta

import pytest

from softswitch.office.findings import OfficeErrors
from softswitch.office.loader import parse_office
from softswitch.office.rosters import coverage, on_duty, roster_name
from softswitch.office.spans import rule_of

TEXT = """
office: {name: Office, safe: message}
people: {101: {name: Anna}, 110: {name: Jan}, 111: {name: Ewa}, 112a: }
rosters:
  duty: {"Mo-Th 16:00-08:00": 110, "Fr 16:00 - Mo 08:00": [111, 110], otherwise: 101}
mailboxes: {office: {mail: a@b.example}}
routes: {message: {voicemail: office}}
""".replace(", 112a: ", "")


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-11-23 10:00", ("101",)),
        ("2026-11-23 16:00", ("110", "101")),
        ("2026-11-24 07:59", ("110", "101")),
        ("2026-11-27 15:59", ("101",)),
        ("2026-11-27 16:00", ("111", "110", "101")),
        ("2026-11-29 23:00", ("111", "110", "101")),
        ("2026-11-30 07:59", ("111", "110", "101")),
        ("2026-11-30 08:00", ("101",)),
    ],
)
def test_who_is_on_duty(at: str, expected: tuple[str, ...]) -> None:
    office = parse_office(TEXT).office
    assert on_duty(office, "duty", datetime.fromisoformat(at).replace(tzinfo=office.zone)) == (
        expected
    )


def test_coverage_is_whole() -> None:
    office = parse_office(TEXT).office
    start = datetime(2026, 11, 23, tzinfo=office.zone)
    end = start + timedelta(days=14)
    last = start
    for stretch in coverage(office, "duty", start, end):
        assert stretch.begin == last
        middle = stretch.begin + (stretch.end - stretch.begin) / 2
        on = on_duty(office, "duty", middle)
        assert (on == ("101",)) == (stretch.entries == ())
        last = stretch.end
    assert last == end


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Fr 16:00 - Mo 08:00", "Fr 16:00-24:00; Sa,Su 00:00-24:00; Mo 00:00-08:00"),
        ("fr 16:00-sa 00:00", "Fr 16:00-24:00"),
        ("Mo 08:00 - Mo 16:00", "Mo 08:00-16:00"),
        (
            "Mo 08:00 - Mo 06:00",
            "Tu,We,Th,Fr,Sa,Su 00:00-24:00; Mo 00:00-06:00,08:00-24:00",
        ),
        ("Mo-Fr 08:00-16:00", "Mo-Fr 08:00-16:00"),
    ],
)
def test_stretches_of_the_week(text: str, rule: str) -> None:
    assert rule_of(text) == rule


def test_a_rosters_name() -> None:
    assert roster_name("roster duty") == "duty"
    assert roster_name("roster") is None and roster_name("101") is None


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("otherwise: 101", "otherwise: 103", "there is no person 103"),
        ("Fr 16:00 - Mo", "Fr 16 - Mo", "Write times as HH:MM|cannot be read"),
        ("otherwise: 101", "otherwse: 101", "cannot be read"),
    ],
)
def test_mistakes(old: str, new: str, message: str) -> None:
    with pytest.raises(OfficeErrors, match=message):
        parse_office(TEXT.replace(old, new))
