"""Whom the office called, and for how long that is remembered."""

from datetime import UTC, datetime, timedelta

import pytest

from softswitch.apps import recent
from softswitch.apps.recent import RecentCalls
from softswitch.office.loader import parse_office
from softswitch.store.event import Event
from softswitch.store.fold import fold

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
CLIENT = "+48600100200"
OFFICE = parse_office("""
office: {name: Office, safe: leave}
people: {101: {name: Anna}, 110: {name: Jan}}
mailboxes: {all: {mail: a@b.example}}
routes: {leave: {voicemail: all}}
""")


def started(call: str, number: str, called: str, direction: str, at: datetime = NOW) -> Event:
    data = {"number": number, "called": called, "direction": direction}
    return Event(call, at, "call.started", data)


@pytest.fixture
def calls() -> RecentCalls:
    return RecentCalls(lambda: OFFICE)


def test_the_last_one_who_called_him(calls: RecentCalls) -> None:
    calls.see(started("a", "101", "600100200", "out"))
    calls.see(started("b", "110", "0048600100200", "out", NOW + timedelta(minutes=5)))
    calls.see(started("c", CLIENT, "+48221234567", "in", NOW + timedelta(minutes=6)))
    calls.see(started("d", "101", "110", "internal", NOW + timedelta(minutes=7)))
    later = NOW + timedelta(hours=1, minutes=5)
    assert calls.who(CLIENT, later, 3600) == "110"
    assert calls.who(CLIENT, later + timedelta(seconds=1), 3600) is None
    assert calls.who(None, later, 3600) is None and calls.who("+48600100299", NOW, 3600) is None


def test_a_callback_by_star_code_is_a_call_too(calls: RecentCalls) -> None:
    calls.see(started("a", "101", "*55", "internal"))
    calls.see(Event("a", NOW, "callback.dialled", {"number": CLIENT}))
    assert calls.who(CLIENT, NOW, 60) == "101"
    assert calls.dump() == {"calls out": 1}
    calls.see(Event("a", NOW, "call.ended", {}))
    assert calls.dump() == {"calls out": 0}


def test_who_has_left_the_office_is_nobody(calls: RecentCalls) -> None:
    calls.see(started("a", "199", "600100200", "out"))
    assert calls.who(CLIENT, NOW, 60) is None


def test_the_history_is_remembered_in_its_order(calls: RecentCalls) -> None:
    rows = [
        fold([started("b", "110", "600100200", "out", NOW + timedelta(minutes=1))]),
        fold([started("a", "101", "600100200", "out")]),
        fold([started("c", "101", "600100201", "internal")]),
    ]
    calls.remember(rows)
    assert calls.who(CLIENT, NOW + timedelta(minutes=2), 3600) == "110"
    assert calls.who("+48600100201", NOW, 3600) is None


def test_memory_is_bounded(calls: RecentCalls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent, "MOST_NUMBERS", 3)
    monkeypatch.setattr(recent, "MOST_CALLS", 2)
    for number in range(10):
        calls.see(started(str(number), "101", f"60010020{number}", "out"))
    assert len(calls._last) == 3 and calls.dump() == {"calls out": 2}
    assert calls.who("+48600100209", NOW, 60) == "101"
