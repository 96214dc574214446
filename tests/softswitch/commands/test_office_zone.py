"""Moments as commands show and read them: on the office's clock, wherever the machine's stands."""

import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from msgspec import structs
from rich.console import Console
from typer.testing import CliRunner

from softswitch.cli import app
from softswitch.commands.asker import Asker
from softswitch.commands.person import _Kept, index_page
from softswitch.commands.versions import show_state
from softswitch.control import Control
from softswitch.reload import STATE_FILE
from softswitch.store.database import Database
from softswitch.store.event import Event
from softswitch.store.events import EventLog
from softswitch.store.messages import Message
from softswitch.store.traces import TraceRow
from softswitch.trace.message import entry, pack, way_of
from tests.softswitch.apps.recording.test_commands import ROW
from tests.softswitch.commands.test_phones_view import DESK
from tests.softswitch.store.test_callback_table import item
from tests.softswitch.trace.ladders import START, plain_call

CALL = "20261129-233005-abcdef01"
# Monday in Warsaw, Sunday everywhere west of it.
AT = datetime(2026, 11, 29, 23, 30, 5, tzinfo=UTC)
WARSAW, NEW_YORK = ZoneInfo("Europe/Warsaw"), ZoneInfo("America/New_York")
SHOWN, ELSEWHERE = "2026-11-30 00:30", ("2026-11-29 18:30", "2026-11-29 23:30")
STORY = (
    Event(CALL, AT, "call.started", {"direction": "in", "number": "+48600100200", "trunk": "t"}),
    Event(CALL, AT + timedelta(seconds=4), "call.ended", {"by": "caller", "status": None}),
)
TRUNK = {
    "trunk": "t", "server": "sip.example", "transport": "tls", "state": "unregistered",
    "since": AT.astimezone(NEW_YORK).isoformat(), "calls": 0, "limit": None, "error": "",
    "next_try": (AT + timedelta(minutes=1)).isoformat(),
}  # fmt: skip
USED = {"calls": 0, "now": 0, "seconds": 0, "abroad": 0, "money": 0.0,
        "limits": {"now": None, "seconds": None, "abroad": None, "money": None}}  # fmt: skip
REFUSED = {"at": AT.isoformat(), "extension": "101", "number": "+33123456789", "why": "abroad",
           "words": ""}  # fmt: skip


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One whose clock shows New York's time."""
    with monkeypatch.context() as changed:
        changed.setenv("TZ", "America/New_York")
        changed.setenv("LC_ALL", "C")
        time.tzset()
        yield
    time.tzset()


def run_with(folder: Path, office: str) -> None:
    """As if an office had run with this data folder."""
    (folder / "office.yaml").write_text(office)
    (folder / STATE_FILE).write_text(json.dumps({"office": str(folder / "office.yaml")}))


async def fill(folder: Path) -> None:
    """One of everything, all of the same moment."""
    store = Database(f"sqlite+aiosqlite:///{folder / 'softswitch.db'}", folder)
    await store.start()
    log = EventLog(store)
    for one in STORY:
        log.append(one)
    later = int(AT.timestamp() * 1_000_000) - START
    entries = [
        entry(one.at + later, way_of(one.direction, one.transport, one.local, one.remote),
              one.octets, one.text)
        for one in plain_call()
    ]  # fmt: skip
    data = pack(entries)
    store.traces.add(TraceRow(CALL, START + later, START + later, len(data), data))
    store.messages.add(Message("m1", "office", CALL, "+48600100200", None, AT, 34.0, "/m1"))
    store.callbacks.save(replace(item(CALL), first=AT, due=AT))
    store.recordings.add(replace(ROW, started=AT, keep_until=AT))
    store.bindings.save(structs.replace(DESK, registered=AT.timestamp(), expires=4e9))
    await store.close()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Only read by the tests."""
    folder = tmp_path_factory.mktemp("office")
    run_with(folder, "office: {name: Kancelaria, safe: leave}\n")
    asyncio.run(fill(folder))
    return folder


def told(folder: Path, *words: str) -> str:
    done = CliRunner(env={"COLUMNS": "300"}).invoke(app, [*words, "--data", str(folder)])
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.parametrize(
    "words",
    [
        ("calls",),
        ("callbacks",),
        ("messages",),
        ("recordings",),
        ("recording", "info", "c1-1"),
        ("phones",),
        ("call", CALL, "--sip"),
    ],
    ids=" ".join,
)
def test_what_is_shown(data: Path, words: tuple[str, ...]) -> None:
    output = told(data, *words)
    assert SHOWN in output and not [one for one in ELSEWHERE if one in output], output


def test_one_call_and_its_messages_name_the_zone(data: Path) -> None:
    assert "Monday, 30 November 2026, 00:30:05 CET" in told(data, "call", CALL, "--lang", "en")
    assert "2026-11-30 00:30:05.000000 CET" in told(data, "call", CALL, "--sip")


def test_other_programs_get_the_same_whatever_the_zone(data: Path) -> None:
    (found,) = json.loads(told(data, "calls", "--json"))
    assert found["started"] == AT.isoformat()
    assert AT.isoformat() in told(data, "calls", "--csv")


@pytest.mark.parametrize("command", ["calls", "recordings"])
@pytest.mark.parametrize(
    ("words", "count"),
    [
        (("--since", "2026-11-30 00:30:00"), 1),
        (("--since", "2026-11-30 00:31:00"), 0),
        (("--until", "2026-11-30 00:31"), 1),
        (("--until", "2026-11-30"), 0),
    ],
)
def test_what_is_typed(data: Path, command: str, words: tuple[str, ...], count: int) -> None:
    assert len(json.loads(told(data, command, *words, "--json"))) == count


def test_days_and_hours_of_the_statistics(data: Path) -> None:
    until = ("--until", "2026-12-01", "--json")
    found = json.loads(told(data, "statistics", *until))
    assert (list(found["day"]), list(found["hour"])) == (["2026-11-30 Mon"], ["00"])
    for since, offered in (("2026-11-30", 1), ("2026-11-30 00:31:00", 0)):
        found = json.loads(told(data, "statistics", "--since", since, *until))
        assert found["all"]["offered"] == offered


async def test_what_a_running_office_says(tmp_path: Path) -> None:
    run_with(tmp_path, "office: {name: Kancelaria, safe: leave}\n")
    limits = {"people": [], "office": USED, "refused": [REFUSED]}
    verbs = {"trunks": lambda _: {"trunks": [TRUNK]}, "limits": lambda _: limits}
    async with Control(tmp_path, verbs):
        output = await asyncio.to_thread(told, tmp_path, "trunks")
        assert "2026-11-30 00:30:05" in output and "2026-11-30 00:31:05" in output
        assert "00:30" in await asyncio.to_thread(told, tmp_path, "limits")


def test_until_when_a_version_has_to_be_confirmed() -> None:
    console = Console(width=200, record=True)
    trial = {"must_be_confirmed": True, "until": AT.isoformat(), "before": "x"}
    state = {"findings": [], "is_accepted": True, "version": "y", "trial": trial}
    with console.capture() as captured:
        assert show_state(state, console, console, WARSAW)
    assert "00:30:05" in captured.get()


def test_the_page_of_a_person() -> None:
    page = index_page(_Kept("+48600100200", [], [], [replace(ROW, started=AT)]), WARSAW)
    assert SHOWN in page


@pytest.mark.parametrize(
    ("office", "zone"),
    [
        ("office: {name: F, safe: x, timezone: Europe/London}\n", ZoneInfo("Europe/London")),
        ("office: {name: F, safe: x}\n", WARSAW),
        ("include: firm.yaml\n", ZoneInfo("Europe/London")),
        ("office: {name: F, safe: x, timezone: Europe/Nowhere}\n", None),
        ("office: {name: F\n", None),
        (None, None),
    ],
)
def test_whose_clock(tmp_path: Path, office: str | None, zone: ZoneInfo | None) -> None:
    (tmp_path / "firm.yaml").write_text("office: {name: F, safe: x, timezone: Europe/London}\n")
    if office is not None:
        run_with(tmp_path, office)
    asker, typed = Asker(tmp_path, "en"), datetime(2026, 7, 1, 8)
    assert asker.zone == zone
    meant = asker.meant(typed)
    assert meant == typed.replace(tzinfo=zone or NEW_YORK)
    assert asker.meant(meant) == meant and asker.meant(None) is None
