"""One call is one fact: from its events as they come, and the same when they are read back."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from softswitch.apps.callbacks.seeing import NoItem, Seen, seen_in
from softswitch.office.loader import LoadedOffice, load_office
from softswitch.office.secrets import write_secret
from softswitch.store.callbacks import Attempt, Member, Talk
from softswitch.store.event import Event

START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
OFFICE = """\
office: {name: Kancelaria, country: PL, timezone: Europe/Warsaw, safe: message}
people: {101: {name: Anna, email: anna@kancelaria.example}, 102: {name: Piotr}}
groups: {payroll: {ring: [101, 102]}}
queues: {reception: {agents: [101]}}
mailboxes: {office: {mail: [biuro@kancelaria.example]}}
trunks: {operator: {server: "127.0.0.1", numbers: ["+48 22 123 45 67"]}}
numbers: {"+48 22 123 45 67": welcome}
hours: {office: "Mo-Fr 08:00-16:00"}
callbacks: {hours: office, due: 30m, escalate: 2h, shortest: 3s, spam: ["+48 600 666 666"]}
routes:
  welcome: {ring: payroll, for: 5s, no_answer: reception, busy: reception}
  reception: {queue: reception, too_long: message, full: message, no_agents: message}
  message: {voicemail: office}
"""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> LoadedOffice:
    folder = tmp_path_factory.mktemp("office")
    (folder / "office.yaml").write_text(OFFICE)
    for extension in ("101", "102"):
        write_secret(folder / "secrets.yaml", extension, "softswitch", f"haslo-{extension}-abc")
    return load_office(Path(folder / "office.yaml"))


def told(office: LoadedOffice, *events: tuple[float, str, dict[str, Any]], **start: Any) -> Seen:
    first = {"direction": "in", "number": "+48600100200", "called": "+48221234567", **start}
    story = [(0.0, "call.started", first), *events]
    return seen_in(
        "c",
        [Event("c", START + timedelta(seconds=s), kind, data) for s, kind, data in story],
        office,
    )


def end(seconds: float, by: str = "caller", **data: Any) -> tuple[float, str, dict[str, Any]]:
    return seconds, "call.ended", {"by": by, "status": None, "reason": None, **data}


def attempt(seen: Seen) -> Attempt:
    assert isinstance(seen, Attempt), seen
    return seen


QUEUED = (5.0, "queue.entered", {"queue": "reception", "position": 1})
RUNG = (1.0, "ring.started", {"who": ["101", "102"], "kind": "group", "key": "payroll"})
PERSONAL = (30.0, "voicemail.stored", {"mailbox": "101", "message": "c", "seconds": 4})
TALKING = (8.0, "bridge.started", {"who": "101"})


def test_a_call_that_goes_on_is_nothing_yet(office: LoadedOffice) -> None:
    assert told(office, QUEUED) is None


def test_who_gave_up_is_to_be_called_by_whom_he_waited_for(office: LoadedOffice) -> None:
    seen = attempt(told(office, end(4)))
    assert (seen.call, seen.number, seen.owner, seen.is_asked) == ("c", "+48600100200", None, False)
    assert seen.due == START + timedelta(minutes=30)
    assert seen.escalate == START + timedelta(hours=2)
    assert attempt(told(office, RUNG, end(4))).owner == "payroll"
    assert attempt(told(office, RUNG, QUEUED, end(9))).owner == "reception"
    left = attempt(told(office, RUNG, PERSONAL, end(40)))
    assert (left.owner, left.message) == ("101", "c")


@pytest.mark.parametrize("reason", ["interrupted", None])
def test_what_a_restart_cut_off_is_called_back_even_in_a_talk(
    office: LoadedOffice, reason: str | None
) -> None:
    seen = told(office, TALKING, end(60, "switch", reason=reason))
    assert isinstance(seen, Attempt if reason else Talk)


def test_a_promise_counts_before_the_call_is_over(office: LoadedOffice) -> None:
    asked = (20.0, "callback.requested", {"number": "+48600100200", "owner": "payroll"})
    early, late = told(office, QUEUED, asked), told(office, QUEUED, asked, end(25, "switch"))
    for seen in (early, late):
        assert attempt(seen).is_asked and attempt(seen).owner == "payroll"
        assert attempt(seen).due == START + timedelta(seconds=20), "at once"


def test_a_real_talk_is_no_attempt_and_a_short_one_closes_nothing(office: LoadedOffice) -> None:
    seen = told(office, TALKING, (18.5, "bridge.ended", {"who": "101"}), end(19))
    began = START + timedelta(seconds=8)
    assert seen == Talk("c", "+48600100200", began, "101")
    assert told(office, TALKING, (12, "bridge.ended", {"who": "101"}), end(19)) is None


@pytest.mark.parametrize("dialled", ["600100200", "0048600100200", "+48 600 100 200"])
def test_our_own_call_is_a_talk_with_that_number(office: LoadedOffice, dialled: str) -> None:
    who = {"direction": "out", "number": "102", "called": dialled}
    talking = (8.0, "bridge.started", {"who": dialled})
    seen = told(office, talking, end(30), **who)
    assert seen == Talk("c", "+48600100200", START + timedelta(seconds=8), "102")
    assert told(office, end(30), **who) is None


def test_a_dialled_callback_is_a_call_out(office: LoadedOffice) -> None:
    who = {"direction": "internal", "number": "102", "called": "*55"}
    dialled = (0.1, "callback.dialled", {"item": "x", "number": "+48600100200"})
    seen = told(office, dialled, (8.0, "bridge.started", {"who": "+48600100200"}), end(30), **who)
    assert isinstance(seen, Talk)
    assert (seen.number, seen.who) == ("+48600100200", "102")


def test_colleagues_owe_each_other_nothing(office: LoadedOffice) -> None:
    assert told(office, end(30), direction="internal", number="101", called="102") is None


def test_spam_and_a_slip_of_the_finger(office: LoadedOffice) -> None:
    assert told(office, end(30), number="+48600666666") == NoItem("c", Member.SPAM)
    assert told(office, end(2)) == NoItem("c", Member.BRIEF)
    # Nor is it haste to wait in vain for whom he was put through to.
    handed = (9.0, "transfer", {"by": "101", "to": "300", "how": "blind"})
    talked = (1.0, "bridge.started", {"who": "101"})
    assert isinstance(told(office, talked, handed, QUEUED, end(30)), Attempt)
    # The switch's own end is never his haste.
    assert isinstance(told(office, end(0.1, "switch", status=503)), Attempt)


def test_a_withheld_number_is_an_item_of_its_own(office: LoadedOffice) -> None:
    assert attempt(told(office, end(30), number=None)).key == "call c"


@pytest.mark.parametrize("by", ["caller", "callee"])
def test_who_had_no_time_to_say_anything_is_called_back(office: LoadedOffice, by: str) -> None:
    """He gave up as somebody came, or whoever came hung up by mistake."""
    seen = attempt(
        told(office, QUEUED, TALKING, (9.5, "bridge.ended", {"who": "101"}), end(10, by))
    )
    assert seen.owner == "reception"
    assert (
        told(office, QUEUED, TALKING, (10.5, "bridge.ended", {"who": "101"}), end(11, by)) is None
    )
