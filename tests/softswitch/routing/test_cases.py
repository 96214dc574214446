"""Tests that stand in the office file: what fails is told at the line of the expectation."""

from pathlib import Path

import pytest

from softswitch.office.findings import OfficeErrors
from softswitch.office.loader import parse_office
from softswitch.routing.simulate.cases import Verdict, run_cases

DEMO = (Path(__file__).parents[3] / "config" / "office.yaml").read_text()
UNTESTED = DEMO[: DEMO.index("\ntests:")]

TESTS = """
tests:
  noon:     {at: 2026-11-25 12:00, keys: 3, expect: talk, with: 120, in: payroll, within: 30s}
  wigilia:  {at: 2026-12-24 12:00, from: "600 100 200", expect: message, in: leave_message,
             hears: closed, through: [closed, closed_menu]}
  nobody:   {at: 2026-11-25 12:00, keys: 4, away: all, expect: message, in: reception}
  mute:     {at: 2026-12-24 12:00, leaves_message: false, expect: no_message}
  partner:  {at: 2026-11-25 12:00, to: "+48 22 123 45 68", silent: 110, expect: message, in: "110"}
  inside:   {at: 2026-11-25 12:00, to: urgent, away: [110], with: 111}
"""


def verdicts(tests: str) -> list[Verdict]:
    return run_cases(parse_office(UNTESTED + tests), lambda prompt: 6.0)


def test_good_tests_pass() -> None:
    found = verdicts(TESTS)
    assert [str(f) for verdict in found for f in verdict.findings] == []
    assert [verdict.name for verdict in found] == [
        "noon", "wigilia", "nobody", "mute", "partner", "inside",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("expect: talk", "expect: message", "error: test noon: expected message, and it ends with"),
        ("with: 120", "with: 102", "expected 102 Piotr Wójcik to answer, and it was 120 Marta Lis"),
        ("in: payroll", "in: urgent", "expected to end in urgent, and it ends in payroll"),
        ("within: 30s", "within: 3s", "expected within 3s, and it takes 13s. It went welcome"),
        ("hears: closed", "hears: [closed, welcome]", "expected to hear welcome, and the caller"),
        ("[closed, closed_menu]", "[closed_menu, closed]", "expected to come through closed"),
        ("{at: 2026-12-24 12:00, leaves", "{at: 2026-12-23 12:00, leaves", "ends with talk"),
    ],
)
def test_a_wrong_expectation(old: str, new: str, message: str) -> None:
    assert old in TESTS
    text = TESTS.replace(old, new, 1)
    (finding,) = [f for verdict in verdicts(text) for f in verdict.findings]
    assert message in str(finding)
    line = (UNTESTED + text).splitlines()[finding.line - 1][finding.column - 1 :]
    assert new.endswith("leaves") or line.startswith(new.split(": ")[-1])


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ("{at: 2026-11-25 12:00}", "a test expects nothing. Write for example `expect: talk`"),
        ("{at: 2026-11-25, expect: talk}", "has no time. Write it like `2026-11-25 12:00`"),
        ("{expect: talk}", "test x has no `at`"),
        ("{at: 2026-11-25 12:00, expect: talking}", "Did you mean `talk`"),
        ("{at: 2026-11-25 12:00, expect: talk, busy: 103}", "there is no person 103"),
        ("{at: 2026-11-25 12:00, expect: talk, full: clens}", "there is no queue `clens`"),
        ("{at: 2026-11-25 12:00, through: clos}", "there is no route `clos`"),
        ("{at: 2026-11-25 12:00, to: recption, expect: talk}", "Did you mean `reception`"),
    ],
)
def test_a_test_with_a_mistake(case: str, message: str) -> None:
    with pytest.raises(OfficeErrors) as caught:
        parse_office(f"{UNTESTED}\ntests:\n  x: {case}\n")
    assert message in str(caught.value)
    assert f":{UNTESTED.count(chr(10)) + 3}:" in str(caught.value)
