"""`softswitch messages`: what it prints, and what the running switch is asked to mark."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from typer.testing import CliRunner

from softswitch.cli import app
from softswitch.store.database import Database
from softswitch.store.messages import Message

runner = CliRunner()
NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def message(number: int, mailbox: str = "office", caller: str | None = "+48600100200") -> Message:
    at = NOON + timedelta(minutes=number)
    return Message(
        f"2026-{number}", mailbox, f"2026-{number}", caller, None, at, 34.4, f"/{number}"
    )


def fill(folder: Path) -> None:
    """Five messages: new, heard, done, of a caller without number, of another mailbox."""

    async def write() -> None:
        database = Database(f"sqlite+aiosqlite:///{folder / 'softswitch.db'}", folder)
        await database.start()
        for number in (1, 2, 3):
            database.messages.add(message(number))
        database.messages.add(message(4, caller=None))
        database.messages.add(message(5, "101"))
        database.messages.mark_heard("2026-2", "101", NOON)
        database.messages.mark_handled("2026-3", "102", NOON)
        await database.close()

    asyncio.run(write())


def run(folder: Path, *words: str) -> tuple[int, str]:
    done = runner.invoke(app, ["messages", "--data", str(folder), *words])
    return done.exit_code, done.output


def test_what_is_open_the_newest_first(tmp_path: Path) -> None:
    fill(tmp_path)
    code, text = run(tmp_path, "--json")
    found = json.loads(text)
    assert code == 0
    assert [one["id"] for one in found] == ["2026-5", "2026-4", "2026-2", "2026-1"]
    assert found[0]["path"] == "/5" and found[0]["at"] == "2026-11-30T12:05:00+00:00"
    code, text = run(tmp_path, "--mailbox", "101", "--json")
    assert [one["id"] for one in json.loads(text)] == ["2026-5"]
    code, text = run(tmp_path, "--all", "--limit", "3", "--json")
    assert [one["id"] for one in json.loads(text)] == ["2026-5", "2026-4", "2026-3"]


def test_the_table_says_who_has_dealt_with_it(tmp_path: Path) -> None:
    fill(tmp_path)
    code, text = run(tmp_path, "--all")
    assert code == 0 and "number withheld" in text and "0:34" in text
    (done,) = [line for line in text.splitlines() if "2026-3" in line]
    assert "done" in done and "by 102" in done
    (heard,) = [line for line in text.splitlines() if "2026-2" in line]
    assert "heard" in heard and "by 101" in heard


def test_an_empty_mailbox_and_a_switch_that_does_not_run(tmp_path: Path) -> None:
    fill(tmp_path)
    assert run(tmp_path, "--mailbox", "nobody") == (0, "no messages\n")
    code, text = run(tmp_path, "done", "2026-1")
    assert code == 1 and text
    assert run(tmp_path / "nowhere")[0] == 1
