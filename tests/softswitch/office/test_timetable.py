"""The printed hours: two weeks as a table, and in one line."""

from datetime import date

from softswitch.office.loader import parse_office
from softswitch.office.timetable import summary, table

OFFICE = parse_office("""
office: {name: Office, safe: message}
hours:
  office: "Mo-Fr 08:00-16:00; PH off"
  night: "Mo-Su 22:00-06:00"
calendar: {free: {2026-12-31: Sylwester}}
mailboxes: {office: {mail: a@b.example}}
routes: {message: {voicemail: office}}
""").office


def test_the_table() -> None:
    lines = table(OFFICE, date(2026, 12, 23)).splitlines()
    assert len(lines) == 15
    assert lines[0].split() == ["office", "night"]
    assert (
        lines[1]
        == "We 2026-12-23  08:00-16:00                             00:00-06:00, 22:00-24:00"
    )
    assert lines[2].startswith("Th 2026-12-24  closed (Wigilia)  ")
    assert lines[9].startswith("Th 2026-12-31  closed (Sylwester)")


def test_the_nights_of_clock_changes() -> None:
    for first in (date(2026, 10, 24), date(2026, 3, 28)):
        line = table(OFFICE, first).splitlines()[2]
        assert line.split("  ", 1)[1].split() == ["closed", "00:00-06:00,", "22:00-24:00"]


def test_the_summary() -> None:
    assert summary(OFFICE, date(2026, 12, 7)) == [
        "office: Mo-Fr 08:00-16:00",
        "night: Mo-Su 00:00-06:00, 22:00-24:00",
    ]
    assert summary(OFFICE, date(2026, 12, 16))[0] == (
        "office: Mo-Fr 08:00-16:00; Th 2026-12-24: closed (Wigilia); "
        "Fr 2026-12-25: closed (Boże Narodzenie)"
    )
