"""What words and numbers of an office mean."""

import pytest

from softswitch.office.directory import Destination, Kind, internal_numbers, resolve
from softswitch.office.loader import parse_office

OFFICE = parse_office("""
office: {name: Office, safe: message}
people:
  101: {name: Anna, email: a@b.example}
  110: {name: Jan}
groups: {payroll: {number: 320, ring: [101, 110]}}
queues: {reception: {number: 300, agents: [101]}, clients: {agents: [110]}}
mailboxes: {office: {number: 330}}
numbers: {"+48 22 123 45 67": message, "+48 22 123 45 68": 110, 250: clients}
routes:
  message: {voicemail: office}
  reception: {goto: message}
""").office


@pytest.mark.parametrize(
    ("word", "kind", "key"),
    [
        ("101", Kind.PERSON, "101"),
        ("320", Kind.GROUP, "payroll"),
        ("payroll", Kind.GROUP, "payroll"),
        ("300", Kind.QUEUE, "reception"),
        ("reception", Kind.ROUTE, "reception"),  # a route comes before a queue of its name
        ("clients", Kind.QUEUE, "clients"),
        ("250", Kind.QUEUE, "clients"),
        ("330", Kind.MAILBOX, "office"),
        ("office", Kind.MAILBOX, "office"),
        ("600", Kind.SERVICE, "echo"),
        ("221234567", Kind.ROUTE, "message"),
        ("0048 22 123 45 68", Kind.PERSON, "110"),
        ("600 100 200", Kind.EXTERNAL, "+48600100200"),
    ],
)
def test_words(word: str, kind: Kind, key: str) -> None:
    assert resolve(OFFICE, word) == Destination(kind, key)


def test_a_word_that_means_nothing() -> None:
    assert resolve(OFFICE, "nobody") is None
    assert resolve(OFFICE, "555") is None


def test_everything_that_can_be_dialled_inside() -> None:
    assert set(internal_numbers(OFFICE)) == {
        *("101", "110", "320", "300", "330", "250", "600"),
        *("+48221234567", "+48221234568"),
    }
