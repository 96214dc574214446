"""`contact` and `ring: caretaker`: simulated, proved, and what is wrong told."""

from datetime import datetime
from pathlib import Path

import pytest

from softswitch.office.findings import OfficeErrors
from softswitch.office.loader import LoadedOffice, parse_office
from softswitch.routing.check import check
from softswitch.routing.simulate import Situation, simulate

TEXT = """
office: {name: Office, safe: leave}
contacts: clients.csv
people: {101: {name: Anna}, 110: {name: Jan, deputy: 111}, 111: {name: Ewa}}
queues: {desk: {agents: [101]}}
mailboxes: {all: {mail: a@b.example}}
numbers: {"+48 22 123 45 67": known}
routes:
  known: {contact: caretaker, found: his, unknown: desk}
  his: {ring: caretaker, for: 20s, no_answer: desk, busy: desk, unreachable: desk}
  desk: {queue: desk, too_long: leave, full: leave, no_agents: leave}
  leave: {voicemail: all}
"""


@pytest.fixture
def loaded(tmp_path: Path) -> LoadedOffice:
    rows = "number;name;caretaker\n600100200;Nowak;110\n600100201;Kowalska;\n"
    (tmp_path / "clients.csv").write_text(rows)
    return parse_office(TEXT, folder=tmp_path)


@pytest.mark.parametrize(
    ("number", "away", "answers"),
    [
        ("+48600100200", (), "110"),
        ("+48600100200", ("110",), "111"),
        ("+48600100200", ("110", "111"), "101"),
        ("+48600100201", (), "101"),  # known, and nobody's client
        ("+48600100299", (), "101"),
        (None, (), "101"),
    ],
)
def test_a_client_reaches_his_caretaker(
    loaded: LoadedOffice, number: str | None, away: tuple[str, ...], answers: str
) -> None:
    at = datetime(2026, 11, 23, 10, 0, tzinfo=loaded.office.zone)
    situation = Situation(at=at, number=number, away=frozenset(away))
    assert simulate(loaded.graph, "+48221234567", situation).answered_by == answers


def test_it_is_proved(loaded: LoadedOffice) -> None:
    assert not [one for one in check(loaded) if one.severity == "error"]


def test_a_client_who_is_known_at_all(loaded: LoadedOffice) -> None:
    text = TEXT.replace("contact: caretaker", "contact: known")
    known = parse_office(text, folder=loaded.folder)
    at = datetime(2026, 11, 23, 10, 0, tzinfo=loaded.office.zone)
    story = simulate(known.graph, "+48221234567", Situation(at=at, number="+48600100201"))
    assert "his" in [step.node for step in (story.result.steps if story.result else ())]
    assert story.answered_by == "101", "nobody looks after her: the way goes on at once"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("contacts: clients.csv\n", "", "without `contacts:` nobody has a caretaker"),
        ("ring: caretaker", "ring: [caretaker, 101]", "`caretaker` rings alone"),
        ("contact: caretaker", "contact: friend", "contact"),
        ("ring: caretaker", "ring: recent", "no route asks who called the caller before"),
        ("clients.csv", "{}", "Write `file:`, `http:` or `ldap:`"),
        ("clients.csv", '{ldap: "ldaps://a.example"}', "a directory without `base`"),
        (
            "clients.csv",
            '{ldap: "ldap://a.example", base: dc=a, login: cn=a, password: x}',
            "the password would be sent in clear",
        ),
        ("clients.csv", "[clients.csv, {http: ftp}]", "http"),
        ("found: his, ", "", "when the caller is known"),
        ("clients.csv", "none.csv", "the contacts cannot be read"),
    ],
)
def test_what_is_wrong_is_told(loaded: LoadedOffice, old: str, new: str, said: str) -> None:
    with pytest.raises(OfficeErrors) as errors:
        parse_office(TEXT.replace(old, new, 1), folder=loaded.folder)
    assert said in str(errors.value)


RECALL = """
  known: {contact: recent, within: 1h, found: returned, unknown: desk}
  returned: {ring: recent, for: 20s, no_answer: desk, busy: desk, unreachable: desk}
"""


@pytest.mark.parametrize(
    ("recent", "away", "answers"),
    [("110", (), "110"), ("110", ("110",), "111"), (None, (), "101"), ("999", (), "101")],
)
def test_a_client_who_calls_back_reaches_who_called_him(
    loaded: LoadedOffice, recent: str | None, away: tuple[str, ...], answers: str
) -> None:
    first = TEXT.index("  known:")
    text = TEXT[:first] + RECALL.lstrip("\n") + TEXT[TEXT.index("  desk:") :]
    office = parse_office(text, folder=loaded.folder)
    assert not [one for one in check(office) if one.severity == "error"]
    at = datetime(2026, 11, 23, 10, 0, tzinfo=loaded.office.zone)
    situation = Situation(at=at, number="+48600100299", away=frozenset(away), recent=recent)
    assert simulate(office.graph, "+48221234567", situation).answered_by == answers


def test_a_client_whom_another_system_knows(loaded: LoadedOffice) -> None:
    at = datetime(2026, 11, 23, 10, 0, tzinfo=loaded.office.zone)
    situation = Situation(at=at, number="+48600100299", client="110")
    assert simulate(loaded.graph, "+48221234567", situation).answered_by == "110"
