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
        ("ring: caretaker", "ring: [caretaker, 101]", "a caretaker rings alone"),
        ("contact: caretaker", "contact: friend", "contact"),
        ("found: his, ", "", "when the caller is known"),
        ("clients.csv", "none.csv", "the contacts cannot be read"),
    ],
)
def test_what_is_wrong_is_told(loaded: LoadedOffice, old: str, new: str, said: str) -> None:
    with pytest.raises(OfficeErrors) as errors:
        parse_office(TEXT.replace(old, new, 1), folder=loaded.folder)
    assert said in str(errors.value)
