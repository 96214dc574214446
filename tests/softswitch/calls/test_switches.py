"""Switches by hand keep over a restart, end by themselves, and tell each change once."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from softswitch.calls.switches import Switches
from softswitch.office.loader import parse_office
from softswitch.store.switches import SwitchRecord

OFFICE = parse_office("""
office: {name: Office, safe: leave}
mailboxes: {all: {mail: a@b.example}}
switches: {early: {}, brief: {lasts: 10m}}
routes: {leave: {voicemail: all}}
""").office
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class Shelf:
    """The table, as far as switches know it."""

    def __init__(self) -> None:
        self.rows: dict[str, SwitchRecord] = {}

    def load(self) -> Sequence[SwitchRecord]:
        return list(self.rows.values())

    def save(self, record: SwitchRecord) -> None:
        self.rows[record.name] = record

    def delete(self, name: str) -> None:
        del self.rows[name]


class Stage:
    def __init__(self, shelf: Shelf | None = None, now: datetime = START) -> None:
        self.shelf, self.now = shelf or Shelf(), now
        self.told: list[tuple[str, bool]] = []
        self.switches = Switches(self.shelf, lambda: OFFICE, lambda: self.now)
        self.switches.observers.append(lambda name, is_on: self.told.append((name, is_on)))
        self.switches.tick()


def test_on_until_midnight_of_the_office() -> None:
    stage = Stage()
    assert stage.switches.turn_on("early", "101") == datetime(2026, 11, 23, 23, 0, tzinfo=UTC)
    stage.now += timedelta(hours=13, minutes=59)
    assert "early" in stage.switches.on()
    stage.now += timedelta(minutes=1)
    assert not stage.switches.on(), "before anybody ticks"
    stage.switches.tick()
    assert stage.told == [("early", True), ("early", False)]
    assert not stage.shelf.rows


def test_each_change_is_told_once() -> None:
    stage = Stage()
    stage.switches.turn_on("early", "101")
    stage.switches.turn_on("early", "102")
    stage.switches.turn_off("early")
    stage.switches.turn_off("early")
    assert stage.told == [("early", True), ("early", False)]


def test_over_a_restart() -> None:
    stage = Stage()
    until = stage.switches.turn_on_for("brief", "route", None)
    assert until == START + timedelta(minutes=10)
    again = Stage(stage.shelf, START + timedelta(minutes=9))
    assert again.switches.on() == {"brief": until}
    assert again.told == [("brief", True)]
    late = Stage(stage.shelf, START + timedelta(minutes=11))
    assert late.switches.on() == {} and late.told == []


def test_one_that_the_office_has_lost_counts_for_nothing() -> None:
    shelf = Shelf()
    shelf.save(SwitchRecord("gone", None, START, "101"))
    stage = Stage(shelf)
    assert stage.switches.on() == {} and stage.told == []
