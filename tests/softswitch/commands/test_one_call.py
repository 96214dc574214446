"""`softswitch call ID` with everything that it can show, on a store with one call."""

import asyncio
import json
import sqlite3
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from softswitch.cli import app
from softswitch.commands.verdicts_view import verdicts_dict, verdicts_view
from softswitch.store.database import Database
from softswitch.store.event import Event
from softswitch.store.events import EventLog
from softswitch.store.traces import TraceRow
from softswitch.trace.message import entry, pack, way_of
from softswitch.trace.verdicts import gather
from tests.softswitch.trace.ladders import START, plain_call

CALL = "20260301-090000-abcdef01"
AT = datetime.fromtimestamp(START / 1_000_000, UTC)


def event(name: str, after: float, /, **data: object) -> Event:
    return Event(CALL, AT + timedelta(seconds=after), name, data)


STORY = (
    event(
        "call.started", 0.002, direction="in", number="+48600100200", name="Jan", trunk="operator"
    ),
    event("menu.key", 1, node="menu", key="1"),
    event("ring.started", 2.4, who=["101"], kind="person", key="101"),
    event("call.answered", 6.001, who="101", after=3.6),
    event("bridge.started", 6.001, who="101"),
    event("bridge.ended", 9, who="101", seconds=3.0),
    event("call.ended", 9, by="callee", status=None, reason="Bye"),
    event(
        "leg.stats", 9.1, who=None, sip="in", seconds=9.0, packets_in=0, packets_out=450,
        lost_in=0, strangers=0, jitter_ms=None, loss_remote=None,
    ),
)  # fmt: skip


async def write(folder: Path, *, traced: bool) -> None:
    store = Database(f"sqlite+aiosqlite:///{folder / 'softswitch.db'}", folder)
    await store.start()
    log = EventLog(store)
    for one in STORY:
        log.append(one)
    if traced:
        entries = [
            entry(
                one.at,
                way_of(one.direction, one.transport, one.local, one.remote),
                one.octets,
                one.text,
            )
            for one in plain_call()
        ]
        data = pack(entries)
        store.traces.add(TraceRow(CALL, START, START, len(data), data))
    await store.close()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    asyncio.run(write(tmp_path, traced=True))
    return tmp_path


def run(data: Path, *words: str, language: str = "C") -> Result:
    runner = CliRunner(env={"LC_ALL": language, "COLUMNS": "160"})
    return runner.invoke(app, ["call", CALL[:12], "--data", str(data), *words])


def lines(result: Result) -> list[str]:
    assert result.exit_code == 0, result.output
    return [" ".join(line.split()) for line in result.output.splitlines()]


def test_the_story_ends_with_sound_and_verdict(data: Path) -> None:
    told = lines(run(data))
    assert "0:01 pressed 1 in menu" in told
    sound = next(line for line in told if line.startswith("Sound:"))
    assert sound == (
        "Sound: from +48600100200 Jan (operator) 0 packets; towards +48600100200 Jan (operator) "
        "450 packets, loss not measured"
    )
    assert (
        "Certain: No sound came from +48600100200 Jan (operator) in 9 s: the other side heard "
        "nothing." in told
    )
    assert "Note: 101 ended with the reason: Bye." in told


def test_in_polish(data: Path) -> None:
    by_terminal, by_option = run(data, language="pl_PL.UTF-8"), run(data, "--language", "pl")
    assert lines(by_terminal) == lines(by_option)
    assert any(line.startswith("Na pewno: +48600100200 Jan") for line in lines(by_option))
    assert run(data, "--language", "xx").exit_code == 2


def test_the_ladder_has_the_steps_between_the_messages(data: Path) -> None:
    told = lines(run(data, "--sip"))
    pressed = next(n for n, line in enumerate(told) if "· pressed 1 in menu" in line)
    assert "100 Trying" in told[pressed - 1] and "INVITE 101 (sound)" in told[pressed + 2]
    assert not any("m=audio" in line for line in told)
    assert any("m=audio 4000" in line for line in lines(run(data, "--sip", "--full")))


def test_json(data: Path) -> None:
    story = json.loads(run(data, "--json").output)
    assert [one["code"] for one in story["verdicts"]] == ["silent", "reason"]
    assert story["sound"][0]["loss_in"] is None
    ladder = json.loads(run(data, "--sip", "--json").output)
    assert ladder["id"] == CALL and len(ladder["messages"]) == 12


def test_a_picture(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "ladder.svg"
    assert run(data, "--sip", "--svg", str(file)).exit_code == 0
    root = ElementTree.parse(file).getroot()
    assert root.tag.endswith("svg")
    nowhere = run(data, "--svg", str(tmp_path / "no" / "folder.svg"))
    assert nowhere.exit_code == 1 and "No such file" in nowhere.output


def test_nothing_kept_is_said(tmp_path: Path) -> None:
    asyncio.run(write(tmp_path, traced=False))
    told = run(tmp_path, "--sip")
    assert told.exit_code == 1 and "SOFTSWITCH_TRACE_DAYS" in told.output
    assert any("messages are not kept" in line for line in lines(run(tmp_path)))


def test_a_store_of_an_older_version_can_be_read(data: Path) -> None:
    connection = sqlite3.connect(data / "softswitch.db")
    connection.execute("DROP TABLE traces")
    connection.close()
    assert "0:01 pressed 1 in menu" in lines(run(data))


def test_no_such_call(data: Path) -> None:
    result = CliRunner().invoke(app, ["call", "nothing", "--data", str(data)])
    assert result.exit_code == 1 and "no call nothing" in result.output


@pytest.mark.parametrize(
    ("language", "figure", "line"),
    [
        ("en", "MOS 4.0 (wideband), 2.4 at its worst; towards", "from ?: █▄·█ (5 s each)"),
        ("pl", "MOS 4.0 (szerokie pasmo), najgorzej 2.4; wysłano", "od: ?: █▄·█ (co 5 s)"),
    ],
)
def test_how_good_it_sounded_is_a_figure_and_a_line(language: str, figure: str, line: str) -> None:
    rated = {**STORY[-1].data, "packets_in": 450, "mos_in": 4.0, "worst_in": 2.4}
    rated["band"] = "wb"
    rated["timeline"] = {"seconds": 5, "in": [4.4, 2.4, None, 4.4], "out": [None] * 4}
    evidence = gather((Event(CALL, AT, "leg.stats", rated),), None)
    console = Console(width=160, record=True, file=StringIO())
    console.print(verdicts_view(evidence, language))
    told = [one.strip() for one in console.export_text().splitlines()]
    assert any(figure in one for one in told), told
    assert line in told
    assert len([one for one in told if "·" in one]) == 1, "what nobody reported has no line"
    (sound,) = verdicts_dict(evidence, language)["sound"]
    assert (sound["mos_in"], sound["mos_out"], sound["band"]) == (4.0, None, "wb")
