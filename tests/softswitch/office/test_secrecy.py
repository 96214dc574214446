"""Who is never recorded nor listened to, and which policy a talk falls under."""

import pytest

from softswitch.office.contacts import Contact, Contacts
from softswitch.office.loader import parse_office
from softswitch.office.recording import (
    RecordedDirection,
    RecordingPolicy,
    Subject,
    may_hear,
    policy_for,
)
from softswitch.office.secrecy import Denial, Ground, denial_of

OFFICE = parse_office("""
office: {name: Office, safe: leave}
people: {101: {name: Anna}, 110: {name: Jan, privileged: true}}
mailboxes: {all: {mail: a@b.example}}
never_recorded: ["22 123 45 68", "+48 601 000 001"]
routes: {leave: {voicemail: all}}
""").office
CLIENT, SECRET = "+48600100200", "+48600100201"
CONTACTS = Contacts(
    {
        CLIENT: Contact(CLIENT, "Nowak"),
        SECRET: Contact(SECRET, "Żółw", is_privileged=True),
    }
)


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ((CLIENT, "101", None), None),
        ((CLIENT, "110"), Denial("110", Ground.PERSON)),
        (("101", SECRET), Denial(SECRET, Ground.CLIENT)),
        ((CLIENT, "+48221234568"), Denial("+48221234568", Ground.NUMBER)),
        (("101", "112"), Denial("112", Ground.HELP)),
    ],
)
def test_deny_wins(numbers: tuple[str | None, ...], expected: Denial | None) -> None:
    assert denial_of(OFFICE, CONTACTS, *numbers) == expected


def policy(**keys: str) -> RecordingPolicy:
    usual = {"purpose": "training", "keep": "9d", "notice": "notice_recorded"}
    return RecordingPolicy.model_validate({**usual, **keys})


IN, OUT, INTERNAL = RecordedDirection.IN, RecordedDirection.OUT, RecordedDirection.INTERNAL


@pytest.mark.parametrize(
    ("keys", "subject", "is_covered"),
    [
        ({"queue": "desk"}, Subject(IN, queue="desk"), True),
        ({"queue": "desk"}, Subject(IN, queue="other"), False),
        ({"number": "+48221234567"}, Subject(IN, number="+48221234567"), True),
        ({"person": "101"}, Subject(OUT, people=frozenset({"101"})), True),
        ({"person": "101"}, Subject(INTERNAL, people=frozenset({"101", "102"})), False),
        (
            {"person": "101", "direction": "internal"},
            Subject(INTERNAL, people=frozenset({"101"})),
            True,
        ),
        ({"person": "101", "direction": "in"}, Subject(OUT, people=frozenset({"101"})), False),
        ({"direction": "out"}, Subject(OUT), True),
    ],
)
def test_what_a_policy_covers(keys: dict[str, str], subject: Subject, is_covered: bool) -> None:
    assert policy(**keys).covers(subject) is is_covered


def test_the_first_policy_that_covers_counts() -> None:
    policies = [policy(queue="desk"), policy(direction="in"), policy(person="101")]
    found = policy_for(policies, Subject(IN, people=frozenset({"101"})))
    assert found == (1, policies[1])
    assert policy_for(policies, Subject(INTERNAL)) is None
    assert policies[2].title == "person 101" and policies[1].title == "calls in"


def test_who_may_hear() -> None:
    assert may_hear(("110", "payroll"), "110", ())
    assert may_hear(("110", "payroll"), "120", ["payroll"])
    assert not may_hear((), "110", ["payroll"])
