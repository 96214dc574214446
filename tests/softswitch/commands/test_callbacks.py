"""`softswitch callbacks`: what it prints, as a table and as JSON; how the check exits."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from typer.testing import CliRunner

from softswitch.cli import app
from softswitch.commands.callbacks import callbacks_table
from softswitch.commands.terminal import plain
from softswitch.store.callbacks import Item, Member
from softswitch.store.database import Database
from softswitch.store.fold import Result
from softswitch.store.projection import row_values
from tests.softswitch.store.test_callback_table import NOW, item, row

runner = CliRunner()
PAST = datetime(2025, 3, 3, 9, 0, tzinfo=UTC)


def fill(folder: Path, items: list[Item], *, is_whole: bool = True) -> None:
    """A store with two calls, of which one talked, and these items."""

    async def write() -> None:
        url = f"sqlite+aiosqlite:///{folder / 'softswitch.db'}"
        database = Database(url, folder)
        await database.start()
        for call, result in (("20261124-1", Result.TALKED), ("20261124-2", Result.BUSY)):
            database.put(
                "call.save", row_values(replace(row(call, result), started=PAST, ended=PAST))
            )
        for one in items:
            database.callbacks.save(one)
        if is_whole:
            database.callbacks.settle("20261124-2", Member.ITEM, items[0].id)
        await database.close()

    asyncio.run(write())


def run(folder: Path, *words: str) -> tuple[int, str]:
    done = runner.invoke(app, ["callbacks", "--data", str(folder), *words])
    return done.exit_code, done.output


# The check looks back from now; the calls of this test stand still.
SINCE = ("--days", "10000")


def test_the_list_shows_the_oldest_due_first(tmp_path: Path) -> None:
    fill(tmp_path, [item("20261124-2", 9), item("20261123-9", 1, number=None, name=None)])
    code, text = run(tmp_path)
    assert code == 0
    assert text.index("number withheld") < text.index("+48600100200")
    code, text = run(tmp_path, "--json")
    assert [one["id"] for one in json.loads(text)] == ["20261123-9", "20261124-2"]


def test_an_empty_list_says_so_and_no_store_is_told(tmp_path: Path) -> None:
    assert run(tmp_path)[0] == 1
    fill(tmp_path, [item("20261124-2", closed=NOW, reason="talked", closed_by="101")])
    assert run(tmp_path) == (0, "nobody has to be called back\n")
    code, text = run(tmp_path, "--all", *SINCE)
    assert code == 0 and "talked (101)" in text


@pytest.mark.parametrize("is_whole", [True, False])
def test_the_check_prints_the_sums_and_exits_by_them(tmp_path: Path, is_whole: bool) -> None:
    fill(tmp_path, [item("20261124-2")], is_whole=is_whole)
    code, text = run(tmp_path, "--check", *SINCE)
    assert code == (0 if is_whole else 1)
    sums = "2 inbound = 1 talked + 1 to be called back" if is_whole else "in none:\n20261124-2"
    assert sums in text
    code, text = run(tmp_path, "--check", "--json", *SINCE)
    found = json.loads(text)
    assert (found["inbound"], found["is_whole"], len(found["missing"])) == (
        2,
        is_whole,
        0 if is_whole else 1,
    )


def test_closing_needs_a_running_office_and_a_reason(tmp_path: Path) -> None:
    assert run(tmp_path, "close", "2026")[0] == 2
    code, text = run(tmp_path, "close", "2026", "--reason", "spam")
    assert code == 1 and "no office runs" in text


def test_a_strangers_name_commands_no_terminal() -> None:
    from rich.console import Console

    console = Console(record=True, width=200)
    evil = item("a", name="[red]Jan\x1b[2J")
    console.print(callbacks_table([evil], NOW + timedelta(days=1), zone=UTC))
    text = console.export_text()
    assert "[red]Jan" in text and "\x1b" not in text
    assert plain(evil)["first"] == NOW.isoformat()
