"""The file that a user should be able to write (`target/office.yaml`), as it is written.

It loads, is proved and simulated with its prompts and its clients, and each of its keys does
something: every test below would fail without the key that it is about.
"""

from datetime import datetime
from pathlib import Path

import pytest

from softswitch.office.calendar import state
from softswitch.office.findings import Severity
from softswitch.office.loader import LoadedOffice, load_office
from softswitch.office.numbers import normalize
from softswitch.routing.caller import Priority
from softswitch.routing.check import check
from softswitch.routing.lengths import library_of, prompt_lengths
from softswitch.routing.simulate import Situation, Story, simulate
from softswitch.routing.verbs.queue import QueueOptions

FILE = Path(__file__).parent / "target" / "office.yaml"
MAIN, DIRECT = "+48221234567", "+48221234568"
BUDIMEX, MALINOWSKA, SOSNA = "+48600200300", "+48601200300", "+48602200300"
# What the check says of it, none of which keeps it from running.
KNOWN = ("`closing` in `hours` is never used", "no password is set", "may wait 11m18s",
         "the legal ground of the recording is not named")  # fmt: skip


@pytest.fixture(scope="module")
def loaded() -> LoadedOffice:
    return load_office(FILE)


def told(loaded: LoadedOffice, at: str, called: str = MAIN, **world: object) -> Story:
    moment = datetime.fromisoformat(at).replace(tzinfo=loaded.office.zone)
    people = {k: frozenset(v) for k, v in world.items() if isinstance(v, list)}
    plain = {k: v for k, v in world.items() if not isinstance(v, list)}
    situation = Situation(moment, **plain, **people)  # type: ignore[arg-type]
    length = prompt_lengths(library_of(loaded.office, loaded.folder))
    return simulate(loaded.graph, called, situation, length)


def test_it_is_accepted(loaded: LoadedOffice) -> None:
    found = check(loaded)
    assert [str(f) for f in found if f.severity is Severity.ERROR] == []
    assert [str(f) for f in found if not any(words in f.message for words in KNOWN)] == []


@pytest.mark.parametrize(
    ("at", "world", "answered", "mailbox"),
    [
        # Known clients reach their caretaker, then his deputy, then the team.
        ("2026-11-25 10:00", {"number": BUDIMEX}, "110", None),
        ("2026-11-25 10:00", {"number": MALINOWSKA}, "111", None),
        ("2026-11-25 10:00", {"number": BUDIMEX, "away": ["110"]}, "111", None),
        ("2026-11-25 10:00", {"number": BUDIMEX, "busy": ["110", "111"]}, "101", None),
        # Nobody looks after these: the menu.
        ("2026-11-25 10:00", {"number": SOSNA, "keys": "3"}, "120", None),
        ("2026-11-25 10:00", {"keys": "1"}, "101", None),
        ("2026-11-25 10:00", {"keys": "2"}, "110", None),
        ("2026-11-25 10:00", {"keys": "3", "busy": ["120"]}, "102", None),
        ("2026-11-25 10:00", {"keys": "4", "away": ["101"]}, "102", None),
        ("2026-11-25 10:00", {"keys": "5"}, "101", None),
        ("2026-11-25 10:00", {"keys": "4", "full": ["reception"]}, None, "reception"),
        ("2026-11-25 10:00", {"keys": "4", "busy": ["101", "102"]}, None, "reception"),
        ("2026-11-25 10:00", {}, "101", None),
        # Urgent at night: the roster, and the mobile of whoever is on duty.
        ("2026-11-25 22:00", {"keys": "5"}, "110", None),
        ("2026-11-25 22:00", {"keys": "5", "away": ["110"]}, "110", None),
        ("2026-11-28 22:00", {"keys": "5"}, "111", None),
        ("2026-11-28 22:00", {"keys": "5", "away": ["111"]}, "101", None),
        # Closed: at night, on Christmas Eve.
        ("2026-11-25 22:00", {}, None, "reception"),
        ("2026-12-24 10:00", {"number": BUDIMEX}, None, "reception"),
    ],
)
def test_who_gets_the_call(
    loaded: LoadedOffice, at: str, world: dict[str, object], answered: str | None, mailbox: str
) -> None:
    story = told(loaded, at, **world)
    assert (story.answered_by, story.mailbox) == (answered, mailbox), str(story)


def test_the_direct_number(loaded: LoadedOffice) -> None:
    assert told(loaded, "2026-11-28 22:00", DIRECT).answered_by == "110"
    assert told(loaded, "2026-11-28 22:00", DIRECT, silent=["110"]).mailbox == "110"


def test_it_says_why(loaded: LoadedOffice) -> None:
    text = str(told(loaded, "2026-12-24 10:00"))
    assert "closed: Wigilia (office: Mo-Fr 08:00-16:00; PH off)" in text
    assert "is known: Budimex Jan Kowal, looked after by 110 mec. Jan Nowak" in str(
        told(loaded, "2026-11-25 10:00", number=BUDIMEX)
    )


def test_the_rest_of_its_keys(loaded: LoadedOffice) -> None:
    office = loaded.office
    season = datetime(2027, 4, 22, 19, 0, tzinfo=office.zone)
    assert state(office, "closing", season).is_open and not state(office, "office", season).is_open
    assert normalize(office.office.number or "", office.country) == MAIN
    queue = office.queues["reception"]
    assert queue.announce is not None
    assert (queue.announce.every, queue.announce.position) == (30.0, True)
    assert (queue.longest_wait, queue.places, queue.wrap_up) == (300.0, 20, 15.0)
    new_matter = loaded.graph.nodes["new_matter"].options
    assert isinstance(new_matter, QueueOptions) and new_matter.priority is Priority.HIGH
    (policy,) = office.recording
    assert (policy.queue, policy.notice, policy.opt_out_key) == (
        "reception",
        "notice_recorded",
        "9",
    )
    assert policy.keep == 90 * 86400
    box = office.mailbox("reception")
    assert box is not None and box.mail == ("biuro@kancelaria.example", "anna@kancelaria.example")
