"""`check` on absences of the office's file."""

from datetime import datetime

import pytest

from softswitch.office.findings import OfficeErrors
from softswitch.routing.simulate import Situation, simulate
from tests.softswitch.routing.test_check import OFFICE, findings, load

# The test's office is read on 23 November 2026.
AHEAD, PAST = "2026-12-20 - 2027-01-06", "2026-01-02 - 2026-01-05"


PERSON = "  101: {name: Anna, email: a@b.example}"


def office(first: str, second: str) -> str:
    """The good office, with these fields for Anna and for a colleague of hers."""
    people = [
        PERSON.replace("}", f", {first}}}"),
        f"  102: {{name: Piotr{second and ', ' + second}}}",
    ]
    assert PERSON in OFFICE
    text = OFFICE.replace("{agents: [101]}", "{agents: [101, 102]}")
    return text.replace(PERSON, "\n".join(people))


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (f'absent: ["{AHEAD}"]', "", "nobody takes the calls of 101"),
        (f'absent: ["{PAST}"]', "", None),
        (f'absent: ["{AHEAD}"], deputy: 102', "", None),
        (
            f'absent: "{AHEAD}", deputy: 102',
            'absent: ["2027-01-05"]',
            "both absent from Tue 2027-01-05",
        ),
        (f'absent: ["{AHEAD}"], deputy: 102', 'absent: ["2027-01-07"], deputy: 101', None),
        ("deputy: 101", "", "101 Anna is his own deputy"),
        ('absent: ["soon"]', "", "`soon` is no day"),
        ("calls: 0", "", "calls"),
    ],
)
def test_absences(first: str, second: str, expected: str | None) -> None:
    try:
        found = findings(office(first, second))
    except OfficeErrors as errors:
        found = [str(one) for one in errors.findings]
    if expected is None:
        assert found == []
    else:
        assert any(expected in one for one in found), found


@pytest.mark.parametrize(
    ("team", "expected"),
    [
        ("queues: {desk: {agents: [101, 102]}}", "nobody of the queue desk is there from Sat "
         "2027-01-02 00:00 to Mon 2027-01-04 00:00: 101 and 102 are absent"),
        ("groups: {all: {number: 320, ring: [102, 101]}}", "nobody of the group all is there"),
        ("rosters: {duty: {'Mo-Fr 08:00-16:00': 101, otherwise: 102}}", "everybody on duty by the "
         "roster duty is absent from Sat 2027-01-02 00:00 to Mon 2027-01-04 00:00"),
        ("rosters: {duty: {'Mo-Fr 08:00-16:00': 101, otherwise: 103}}", None),
        ("groups: {all: {number: 320, ring: [102, 101, 103]}}", None),
    ],
)  # fmt: skip
def test_a_team_of_which_nobody_is_left(team: str, expected: str | None) -> None:
    text = f"""\
office: {{name: Office, safe: message}}
people:
  101: {{name: Anna, email: a@b.example, deputy: 103, absent: "2026-12-20 - 2027-01-03"}}
  102: {{name: Piotr, deputy: 103, absent: "2027-01-02 - 2027-01-06"}}
  103: {{name: Jan}}
mailboxes: {{office: {{mail: a@b.example}}}}
routes: {{message: {{voicemail: office}}}}
{team}
"""
    found = [one for one in findings(text) if "absent" in one or "is there" in one]
    assert len(found) == (expected is not None), found
    assert expected is None or expected in found[0]


@pytest.mark.parametrize(
    ("day", "deputies", "answered_by"),
    [
        ("2026-12-19", ("102", "103"), "101"),
        ("2026-12-21", ("102", "103"), "102"),
        ("2027-01-02", ("102", "103"), "103"),  # the deputy is absent too
        ("2027-01-02", ("102", "101"), None),  # in a circle
    ],
)
def test_a_simulated_call_goes_to_the_deputy(
    day: str, deputies: tuple[str, str], answered_by: str | None
) -> None:
    first, second = deputies
    text = office(
        f'absent: ["{AHEAD}"], deputy: {first}', f'absent: ["2027-01-02"], deputy: {second}'
    ).replace("\nhours:", "\n  103: {name: Jan}\nhours:", 1)
    loaded = load(text)
    at = datetime.fromisoformat(f"{day} 12:00").replace(tzinfo=loaded.office.zone)
    story = simulate(loaded.graph, "101", Situation(at))
    assert story.answered_by == answered_by
