"""Time limits of callbacks run while the office works, over nights, holidays and clock changes."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from softswitch.office.callback_duty import owner_of, team_of, working_time
from softswitch.office.models import Office

WARSAW = ZoneInfo("Europe/Warsaw")
OFFICE = Office.model_validate(
    {
        "office": {"name": "Kancelaria", "safe": "reception"},
        "hours": {"office": "Mo-Fr 08:00-16:00; PH off", "always": "24/7", "never": "24/7 off"},
        "calendar": {"free": {"2026-11-27": "dzień wolny"}},
        "people": {
            "101": {"name": "Anna", "email": "anna@kancelaria.example"},
            "102": {"name": "Piotr", "voicemail": "office"},
            "103": {"name": "Jan"},
        },
        "groups": {"payroll": {"number": 320, "ring": ["102", "103"]}},
        "queues": {"reception": {"number": 300, "agents": ["101", "102"]}},
        "mailboxes": {"office": {"number": 330}},
        "numbers": {"+48221234567": "welcome", "+48221234568": "103"},
        "routes": {"welcome": {"queue": "reception"}},
        "callbacks": {"owner": "payroll", "hours": "office"},
    }
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=WARSAW)


@pytest.mark.parametrize(
    ("begin", "minutes", "end"),
    [
        ("2026-11-24 09:00", 30, "2026-11-24 09:30"),
        ("2026-11-24 15:50", 30, "2026-11-25 08:20"),
        ("2026-11-24 15:50", 10, "2026-11-25 08:00"),  # the moment at which it closes is none
        ("2026-11-24 22:00", 0, "2026-11-25 08:00"),
        ("2026-11-26 15:50", 30, "2026-11-30 08:20"),  # Thursday; Friday is free, then the weekend
        ("2026-12-23 15:00", 120, "2026-12-28 09:00"),  # Wigilia, Christmas, the weekend
        ("2026-11-24 09:00", 24 * 60, "2026-11-30 09:00"),  # three working days
    ],
)
def test_only_working_time_counts(begin: str, minutes: float, end: str) -> None:
    found = working_time(OFFICE, "office", at(begin), minutes * 60)
    assert found == at(end).astimezone(UTC)
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    ("begin", "hours", "end"),
    [
        ("2027-03-28 01:30", 1, "2027-03-28 03:30"),  # 2:00 to 3:00 is not there
        ("2026-10-25 01:30", 2, "2026-10-25 02:30"),  # and here comes twice
    ],
)
def test_the_nights_of_a_clock_change_have_their_own_length(
    begin: str, hours: float, end: str
) -> None:
    fold = 1 if end.startswith("2026-10") else 0
    for rule in ("always", None):
        found = working_time(OFFICE, rule, at(begin), hours * 3600)
        assert found == at(end).replace(fold=fold).astimezone(UTC)
        assert found - at(begin).astimezone(UTC) == timedelta(hours=hours)


def test_hours_that_never_open_stop_no_clock() -> None:
    begin = at("2026-11-24 09:00")
    for rule in ("never", "no such rule"):
        assert working_time(OFFICE, rule, begin, 60) == begin + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("caretaker", "queue", "word", "owner"),
    [
        ("103", "reception", "101", "103"),
        ("999", "reception", "101", "reception"),  # who has left
        (None, None, "101", "101"),
        (None, None, "payroll", "payroll"),
        (None, None, "office", "office"),
        (None, None, "+48221234568", "103"),
        (None, None, "+48221234567", "payroll"),  # a route: the default
        (None, "gone", "999", "payroll"),
        (None, None, None, "payroll"),
    ],
)
def test_whose_it_is(
    caretaker: str | None, queue: str | None, word: str | None, owner: str | None
) -> None:
    assert owner_of(OFFICE, caretaker, queue, word) == owner


@pytest.mark.parametrize(
    ("owner", "team"),
    [
        ("101", {"101"}),
        ("payroll", {"102", "103"}),
        ("reception", {"101", "102"}),
        ("office", {"102"}),
        (None, {"101", "102", "103"}),
        ("somebody who left", {"101", "102", "103"}),
    ],
)
def test_who_works_it(owner: str | None, team: set[str]) -> None:
    assert team_of(OFFICE, owner) == team


def test_escalation_comes_not_before_the_due_time() -> None:
    with pytest.raises(ValueError, match="escalated before it is due"):
        Office.model_validate(
            {"office": {"name": "K", "safe": "x"}, "callbacks": {"due": "3h", "escalate": "1h"}}
        )
