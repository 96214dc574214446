"""A slip that is good YAML is told once, and the rest is read as it was meant."""

import pytest

from softswitch.office.findings import OfficeErrors
from softswitch.office.loader import parse_office

OFFICE = """\
office: {name: Office, safe: message}
people:
  101: {name: Anna, email: a@b.example}
queues:
  desk: {agents: [101]}
mailboxes:
  office: {mail: a@b.example}
routes:
  message: {voicemail: office}
"""


def told(text: str) -> list[str]:
    with pytest.raises(OfficeErrors) as caught:
        parse_office(text)
    return [str(one) for one in caught.value.findings]


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("\nqueues:", "\n  queues:", "4:3"),
        ("\n  desk:", "\ndesk:", "5:1"),
        ("\nqueues:", "\nqeues:", "4:1"),
        ("message: {v", "message  {v", "9:3"),
        ("{voicemail: office}", "{voicemail: „office”}", "9:24"),
    ],
)
def test_only_the_slip_is_told_and_what_else_is_wrong(old: str, new: str, place: str) -> None:
    wrong = OFFICE.replace("agents: [101]", "agents: [101], how: fairest")
    (first,) = told(OFFICE.replace(old, new))
    assert first.startswith(f"office.yaml:{place}: error: ")
    assert len(told(wrong.replace(old, new))) == 2


def test_all_entries_that_are_not_indented_belong_to_the_section_above() -> None:
    text = OFFICE.replace("\n  desk:", "\nclients: {agents: [101]}\ndesk:")
    lines = [":".join(one.split(":")[1:3]) for one in told(text)]
    assert lines == ["5:1", "6:1"]


def test_a_name_may_stand_in_the_quotation_marks_of_its_language() -> None:
    assert parse_office(OFFICE.replace("Anna", "„Społem” PSS „Anna”")).office.people["101"]


def test_a_key_that_looks_like_nothing_is_told_with_the_sections() -> None:
    (first,) = told(OFFICE + "xyzzy: 1\n")
    assert "there is no section `xyzzy`. The sections are" in first


def test_what_cannot_be_put_right_is_told_all_the_same() -> None:
    broken = OFFICE.replace("e: {v", "e {[v")
    assert any("there is no colon after `message`" in text for text in told(broken))
