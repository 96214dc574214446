"""Switches by hand: what they close and open, for how long, who may turn them."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from softswitch.office.calendar import state
from softswitch.office.findings import OfficeErrors
from softswitch.office.loader import parse_office
from softswitch.office.switches import allowed

WARSAW = ZoneInfo("Europe/Warsaw")
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=WARSAW)
NIGHT = datetime(2026, 11, 23, 22, 0, tzinfo=WARSAW)
TEXT = """
office: {name: Office, safe: leave}
people: {101: {name: Anna}, 102: {name: Piotr}, 103: {name: Ewa}}
groups: {front: {ring: [101]}}
mailboxes: {all: {mail: a@b.example}}
hours: {office: "Mo-Fr 08:00-16:00; PH off", hotline: "24/7"}
switches:
  early: {code: "*28", number: 801, closes: [office], reason: za wcześnie, who: [front, 102]}
  late: {number: 802, opens: all, lasts: 2h}
  flag: {number: 803}
numbers: {"+48 22 123 45 67": opening}
routes:
  opening: {hours: office, open: leave, closed: leave, early: leave}
  leave: {voicemail: all}
"""
OFFICE = parse_office(TEXT).office


def test_a_switch_closes_and_says_why_and_until_when() -> None:
    until = MONDAY.replace(hour=14)
    found = state(OFFICE, "office", MONDAY, {"early": until})
    assert (found.is_open, found.reason, found.until) == (False, "za wcześnie", until)
    assert found.period == "early"
    assert state(OFFICE, "hotline", MONDAY, {"early": until}).is_open, "only what it names"
    assert state(OFFICE, "office", MONDAY).is_open


def test_a_switch_opens_and_closing_comes_before_it() -> None:
    assert state(OFFICE, "office", NIGHT, {"late": None}).is_open
    assert not state(OFFICE, "office", NIGHT, {"late": None, "early": None}).is_open


def test_a_switch_of_another_version_does_nothing() -> None:
    assert state(OFFICE, "office", MONDAY, {"gone": None, "flag": None}).is_open


def test_how_long_it_lasts() -> None:
    assert OFFICE.switches["early"].end(MONDAY) == datetime(2026, 11, 24, tzinfo=WARSAW)
    assert OFFICE.switches["late"].end(MONDAY) == MONDAY.replace(hour=12)


def test_who_may_turn_it() -> None:
    may = {one for one in OFFICE.people if allowed(OFFICE, "early", one)}
    assert may == {"101", "102"}
    assert allowed(OFFICE, "late", "103")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("closes: [office]", "closes: [offise]", "there are no hours `offise`"),
        ("who: [front, 102]", "who: [back]", "there is no person back"),
        ('code: "*28"', 'code: "*26"', 'cannot be told from "*26" (codes: dnd)'),
        ('code: "*28"', 'code: "*2"', "cannot be told from"),
        ("number: 802", "number: 801", "801 belongs to the switch early already"),
        ("number: 802", "number: 101", "101 belongs to Anna already"),
        ("  early: {code", "  open: {code", "`open` has a meaning beside `hours:` already"),
        ("opens: all", "opens: all, closes: all", "Make two switches of it"),
        ("lasts: 2h", "lasts: 5s", "lasts"),
    ],
)
def test_what_is_wrong_is_told(old: str, new: str, said: str) -> None:
    with pytest.raises(OfficeErrors) as errors:
        parse_office(TEXT.replace(old, new, 1))
    assert said in str(errors.value)
