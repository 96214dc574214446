"""What people set for themselves: kept, told to lamps, and over by itself at its time."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from softswitch.calls.standing import Standing
from softswitch.office.codes import Lit, Setting
from softswitch.office.loader import parse_office
from softswitch.office.models import Office
from softswitch.store.database import Database
from softswitch.store.standing import StandingRecord

START = datetime(2026, 12, 18, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
OFFICE = Office.model_validate(
    {
        "office": {"name": "Kancelaria", "safe": "reception"},
        "people": {
            "101": {"name": "Anna"},
            "110": {"name": "Jan", "deputy": "111", "absent": ["2026-12-20 - 2027-01-06"]},
            "111": {"name": "Ewa", "calls": 1},
        },
    }
)


@dataclass
class Shelf:
    """A table that outlives its owner."""

    rows: dict[tuple[str, str], StandingRecord] = field(default_factory=dict)

    def load(self) -> list[StandingRecord]:
        return list(self.rows.values())

    def save(self, record: StandingRecord) -> None:
        self.rows[record.extension, record.setting] = record


class Room:
    """A standing with its clock in hand, and what it told."""

    def __init__(self, shelf: Shelf | None = None, now: datetime = START) -> None:
        self.now, self.shelf, self.office = now, shelf or Shelf(), OFFICE
        self.told: list[tuple[str, str, bool]] = []
        self.standing = Standing(self.shelf, lambda: self.office, lambda: self.now)
        self.standing.observers.append(lambda *what: self.told.append(what))
        self.standing.tick()

    def at(self, now: datetime) -> Standing:
        self.now = now
        self.standing.tick()
        return self.standing


def test_on_off_and_over() -> None:
    room = Room()
    room.standing.set("101", Setting.DND, True, until=START + HOUR)
    assert room.standing.active("101", Setting.DND)
    assert room.told == [("101", "dnd", True)]
    room.now = START + HOUR
    assert room.standing.active("101", Setting.DND) is None, "over without a tick"
    room.standing.tick()
    room.standing.tick()
    assert room.told[1:] == [("101", "dnd", False)]
    room.standing.set("101", Setting.DND, True)
    room.standing.set("101", Setting.DND, False)
    assert [is_on for *_, is_on in room.told[2:]] == [True, False]


def test_a_restart_keeps_it_and_what_is_over_stays_over() -> None:
    shelf = Shelf()
    before = Room(shelf).standing
    before.set("101", Setting.FORWARD_ALL, True, target="+48600100200", until=START + HOUR)
    before.set("101", Setting.DND, True)
    again = Room(shelf, START + HOUR / 2)
    assert again.told == [("101", "dnd", True), ("101", "forward_all", True)]
    record = again.standing.active("101", Setting.FORWARD_ALL)
    assert record is not None
    assert record.target == "+48600100200"
    late = Room(shelf, START + 2 * HOUR)
    assert late.told == [("101", "dnd", True)]


def test_what_is_switched_off_keeps_its_target() -> None:
    standing = Room().standing
    standing.set("101", Setting.FORWARD_NO_ANSWER, True, target="111", seconds=15.0)
    standing.set("101", Setting.FORWARD_NO_ANSWER, False)
    last = standing.last("101", Setting.FORWARD_NO_ANSWER)
    assert last is not None
    assert (last.is_on, last.target, last.seconds) == (False, "111", 15.0)


def test_an_absence_of_the_file_begins_and_ends_by_itself() -> None:
    room = Room()
    assert room.standing.away("110") is None
    away = room.at(datetime(2026, 12, 19, 23, 0, tzinfo=UTC)).away("110")  # midnight in Warsaw
    assert away is not None
    assert away.until == datetime(2027, 1, 6, 23, 0, tzinfo=UTC)
    assert room.told == [("110", "absent", True)]
    assert room.at(datetime(2027, 1, 6, 23, 0, tzinfo=UTC)).away("110") is None
    assert room.told[1:] == [("110", "absent", False)]


def test_back_before_the_file_says_so() -> None:
    room = Room(now=datetime(2026, 12, 28, tzinfo=UTC))
    room.standing.set("110", Setting.ABSENT, False)
    assert room.standing.away("110") is None
    again = Room(room.shelf, room.now + HOUR)
    assert again.standing.away("110") is None, "after a restart too"
    again.standing.set("110", Setting.ABSENT, True, until=room.now + 3 * HOUR)
    away = again.standing.away("110")
    assert away is not None, "and away again, by his own word"
    assert away.until == datetime(2027, 1, 6, 23, 0, tzinfo=UTC)


def test_back_early_counts_for_this_absence_only() -> None:
    room = Room(now=datetime(2026, 12, 28, tzinfo=UTC))
    room.standing.set("110", Setting.ABSENT, False)
    spans = {"absent": ("2026-12-20 - 2027-01-06", "2027-02-01")}
    person = OFFICE.people["110"].model_copy(update=spans)
    room.office = OFFICE.model_copy(update={"people": {**OFFICE.people, "110": person}})
    assert room.at(datetime(2027, 1, 2, tzinfo=UTC)).away("110") is None
    assert room.at(datetime(2027, 2, 1, 12, tzinfo=UTC)).away("110") is not None


def test_how_many_calls_at_once() -> None:
    standing = Room().standing
    assert (standing.limit("101"), standing.limit("111"), standing.limit("nobody")) == (2, 1, 1)
    standing.set("101", Setting.CALL_WAITING, False)
    standing.set("111", Setting.CALL_WAITING, True)
    assert standing.limit("101") == 1
    assert standing.limit("111") == 1, "the office file is the ceiling"
    standing.set("101", Setting.CALL_WAITING, True)
    assert standing.limit("101") == 2


def test_who_has_left_the_office_is_not_shown() -> None:
    room = Room()
    room.standing.set("101", Setting.DND, True)
    room.office = OFFICE.model_copy(update={"people": {}})
    room.standing.tick()
    assert room.told == [("101", "dnd", True), ("101", "dnd", False)]


async def test_in_the_store(tmp_path: Path) -> None:
    """Through the writer, over a restart, an unknown setting of a later version left alone."""
    url = f"sqlite+aiosqlite:///{tmp_path / 's.db'}"
    database = Database(url, tmp_path)
    await database.start()
    standing = Standing(database.standing, lambda: OFFICE, lambda: START)
    until = START + HOUR
    first = standing.set(
        "101", Setting.FORWARD_NO_ANSWER, True, target="+48600100200", seconds=15.0, until=until
    )
    standing.set("111", Setting.DND, True)
    second = standing.set("111", Setting.DND, False, by="command")
    database.standing.save(StandingRecord("101", "later", True, None, None, None, START, "phone"))
    await database.close()
    again = Database(url, tmp_path)
    await again.start()
    restored = Standing(again.standing, lambda: OFFICE, lambda: START)
    assert restored.active("101", Setting.FORWARD_NO_ANSWER) == first
    assert restored.last("111", Setting.DND) == second
    await again.close()


def test_an_agent_answers_for_some_of_his_queues() -> None:
    room = Room()
    assert room.standing.left_queues("101") == frozenset()
    room.standing.set("101", Setting.AGENT, True, target="clients desk")
    again = Room(room.shelf).standing
    assert again.is_agent("101") and again.left_queues("101") == {"clients", "desk"}
    again.set("101", Setting.AGENT, False)
    assert not again.is_agent("101") and again.left_queues("101") == frozenset()
    again.set("101", Setting.AGENT, True)
    assert again.left_queues("101") == frozenset(), "who comes back comes back to all"


def test_the_lamp_of_an_agent_who_has_left_some_queues() -> None:
    room = Room()
    room.office = parse_office(QUEUES).office
    room.standing.set("101", Setting.AGENT, True, target="clients")
    room.standing.set("101", Setting.AGENT, False)
    room.standing.set("101", Setting.AGENT, True, target="desk")
    room.standing.set("101", Setting.AGENT, True)
    assert [lit for *_, lit in room.told] == [Lit.PARTLY, Lit.ON, Lit.PARTLY, Lit.OFF]
    room.standing.set("101", Setting.AGENT, True, target="others gone")
    assert len(room.told) == 4, "a queue that is not his, or no more there, is not left"


QUEUES = """
office: {name: Office, safe: leave}
people: {101: {name: Anna}, 111: {name: Jan}}
queues:
  clients: {agents: [101, 111], longest_wait: 60s}
  desk: {agents: [111], widen: [{after: 10s, agents: [101]}], longest_wait: 60s}
  others: {agents: [111], longest_wait: 60s}
mailboxes: {all: {mail: a@b.example}}
routes: {leave: {voicemail: all}}
"""
