"""`softswitch graph`: three kinds of files, and the ways that callers took."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from softswitch.commands.drawing import NoFont, add_commands, png
from softswitch.routing.drawing.svg import FONT
from softswitch.store.database import Database
from softswitch.store.event import Event
from softswitch.store.events import EventLog

DEMO = Path(__file__).parents[3] / "config" / "office.yaml"


def run(*words: str | Path) -> Result:
    app = typer.Typer()
    add_commands(app)
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.mark.parametrize(("name", "begin"), [("r.svg", b"<svg"), ("r.mmd", b"flowchart LR")])
def test_graph(tmp_path: Path, name: str, begin: bytes) -> None:
    assert run(DEMO, "-o", tmp_path / name).exit_code == 0
    assert (tmp_path / name).read_bytes().startswith(begin)


def test_a_picture_of_points_has_words_or_there_is_none(tmp_path: Path) -> None:
    """A machine may have no font at all; a picture without words would be worse than a refusal."""
    found = run(DEMO, "-o", tmp_path / "r.png")
    if found.exit_code:
        assert "fonts-dejavu-core" in found.output and not (tmp_path / "r.png").exists()
    else:
        words = f"<svg xmlns='http://www.w3.org/2000/svg' width='90' height='40' {FONT}>{{}}</svg>"
        assert png(words.format("<text y='30'>words</text>")) != png(words.format(""))
        assert (tmp_path / "r.png").read_bytes().startswith(b"\x89PNG")


def test_without_a_font_there_is_no_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resvg_py.svg_to_bytes", lambda **_: b"the same for all")
    with pytest.raises(NoFont, match="fonts-dejavu"):
        png("<svg/>")


def test_graph_used_wrongly(tmp_path: Path) -> None:
    assert run(DEMO, "-o", tmp_path / "r.gif").exit_code == 2
    assert run(DEMO, "-o", tmp_path / "none" / "r.svg").exit_code == 2
    assert run(DEMO, "-o", tmp_path / "r.svg", "--hot", "--data", tmp_path / "none").exit_code != 0


async def filled(folder: Path) -> None:
    """A store with 40 ways by key 2 of the menu, 3 by key 1, and an old one by key 3."""
    database = Database(f"sqlite+aiosqlite:///{folder / 'softswitch.db'}", folder, lambda _: None)
    await database.start()
    log, now = EventLog(database), datetime.now(UTC)
    for outcome, times, at in (
        ("2", 40, now),
        ("1", 3, now),
        ("3", 9, now - timedelta(days=60)),
    ):
        for number in range(times):
            data = {"node": "menu", "verb": "menu", "outcome": outcome}
            log.append(Event(f"call-{outcome}-{number}", at, "route.left", data))
    await database.flush()
    await database.close()


async def test_hot_ways_are_thicker_and_counted(tmp_path: Path) -> None:
    import asyncio

    await filled(tmp_path)
    target = tmp_path / "r.svg"
    found = await asyncio.to_thread(run, DEMO, "-o", target, "--hot", "--data", tmp_path)
    assert found.exit_code == 0, found.output
    text = target.read_text()
    assert ">40 ×<" in text and ">3 ×<" in text and ">9 ×<" not in text
    widths = {float(width) for width in re.findall(r"stroke-width='([0-9.]+)' marker-end", text)}
    assert max(widths) == 5.0 and {1.3} < widths and len(widths) == 3
