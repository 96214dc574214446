"""Who may call where, and when, as the office's file has it."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from softswitch.office.findings import OfficeErrors
from softswitch.office.loader import parse_office
from softswitch.office.models import Office
from softswitch.office.numbers import understand
from softswitch.office.permission import PROMPTS, Barred, barred, in_words

DAY = datetime(2026, 11, 25, 12, 0, tzinfo=ZoneInfo("Europe/Warsaw"))
NIGHT = DAY.replace(hour=23)
OFFICE = """
office: {name: K, safe: 101}
people: {101: {name: A}, 110: {name: B}}
"""
RULES = """
outgoing:
  countries: [DE, "+44 20"]
  numbers: ["118 913", "+48 700 123 456"]
  locked: "22:00-06:00"
  people:
    110: {countries: ["US"], costly: true, locked: none}
"""


def office(rules: str = "") -> Office:
    return parse_office(OFFICE + rules).office


def verdict(made: Office, who: str, digits: str, at: datetime = DAY) -> Barred | None:
    return barred(made, who, understand(digits, "PL", ()), at)


@pytest.mark.parametrize(
    ("digits", "why"),
    [
        ("600100200", None),
        ("221234567", None),
        ("801123456", None),
        ("116111", None),
        ("19115", None),
        ("112", None),
        ("+49301234567", Barred.ABROAD),
        ("00442071838750", Barred.ABROAD),
        ("+80012345678", None),
        ("700123456", Barred.COSTLY),
        ("118913", Barred.COSTLY),
        ("+881612345678", Barred.COSTLY),
        ("+449061234567", Barred.COSTLY),
        ("300123456", Barred.COSTLY),
    ],
)
def test_closed_by_default(digits: str, why: Barred | None) -> None:
    assert verdict(office(), "101", digits) is why


@pytest.mark.parametrize(
    ("who", "digits", "why"),
    [
        ("101", "+49301234567", None),
        ("101", "+442071838750", None),
        ("101", "+441212345678", Barred.ABROAD),
        ("101", "+12125550123", Barred.ABROAD),
        ("101", "118913", None),
        ("101", "118912", Barred.COSTLY),
        ("101", "700123456", None),
        ("101", "700123457", Barred.COSTLY),
        ("101", "+499001234567", Barred.COSTLY),
        ("110", "+12125550123", None),
        ("110", "+18095550123", Barred.ABROAD),
        ("110", "+49301234567", Barred.ABROAD),
        ("110", "118912", None),
    ],
)
def test_lists_by_country_number_and_person(who: str, digits: str, why: Barred | None) -> None:
    """The Dominican Republic shares the code of the United States, and no more."""
    assert verdict(office(RULES), who, digits) is why


@pytest.mark.parametrize(
    ("who", "digits", "why"),
    [
        ("101", "600100200", Barred.LOCKED),
        ("101", "112", None),
        ("101", "999", None),
        ("101", "118913", None),
        ("110", "600100200", None),
    ],
)
def test_the_night_lock(who: str, digits: str, why: Barred | None) -> None:
    assert verdict(office(RULES), who, digits, NIGHT) is why


def test_each_reason_has_a_prompt_and_words() -> None:
    for why in Barred:
        assert PROMPTS[why]
        assert "{" not in in_words(why, "101", "+442071838750")
    assert "GB" in in_words(Barred.ABROAD, "101", "+442071838750")


def test_whose_limits_count() -> None:
    rules = office(
        """
outgoing:
  person: {abroad: 30m}
  office: {money: 100}
  tariff: {home: 0.1, abroad: 1, "+49": 0.2, "+49 15": 0.4}
  people: {110: {abroad: 2h, at_once: 1}}
"""
    ).outgoing
    assert rules.limits("101").abroad == 1800
    assert rules.limits("101").at_once == 4, "as without the section"
    assert (rules.limits("110").abroad, rules.limits("110").at_once) == (7200, 1)
    assert rules.limits(None).abroad == 4 * 3600
    assert rules.limits(None).money == 100
    assert rules.price("+49301234", "abroad") == 0.2
    assert rules.price("+4915112345", "abroad") == 0.4
    assert rules.price("+442071838750", "abroad") == 1
    assert rules.price("118913", "costly") == 1, "what has no price is the dearest"


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ("countries: [XX]", "no country"),
        ("countries: [germany]", "no country"),
        ("numbers: [555]", "no number outside"),
        ("numbers: [112]", "no number outside"),
        ("locked: evening", "the hours `evening`"),
        ("tariff: {sometimes: 1}", "has no price"),
        ("person: {money: 5}", "no tariff"),
        ("people: {999: {abroad: 1h}}", "no person 999"),
        ("sudden: {calls: 1}", "calls"),
    ],
)
def test_what_is_wrong_is_said(rules: str, said: str) -> None:
    with pytest.raises(OfficeErrors) as refused:
        office(f"outgoing: {{{rules}}}")
    assert said in str(refused.value)
