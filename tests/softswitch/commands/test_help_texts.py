"""Help in Polish: each text of the commands that speak it, and how the language is chosen."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from softswitch.cli import app
from softswitch.commands.help_texts import HELP, help_language


def texts(command: Any) -> Iterator[str]:
    """Of a command and those below it."""
    for text in (command.help, *(getattr(one, "help", None) for one in command.params)):
        if text:
            yield text
    for below in getattr(command, "commands", {}).values():
        yield from texts(below)


def test_every_text_has_its_translation_and_none_is_idle() -> None:
    written = {*texts(typer.main.get_command(app)), "Show this message and exit."}
    assert written - HELP.keys() == set()
    assert HELP.keys() - written == set()


@pytest.mark.parametrize(
    ("words", "language"),
    [
        (["check", "--help", "--lang", "pl"], "pl"),
        (["--lang=pl", "check"], "pl"),
        (["check", "--lang"], "en"),
        (["check", "--lang", "de"], "en"),
        (["check"], "en"),
    ],
)
def test_the_language(words: list[str], language: str) -> None:
    assert help_language(words) == language


def test_the_terminal_shows_it() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "softswitch.cli", "reload", "--help"],
        env={"LANG": "pl_PL.UTF-8", "PATH": "/usr/bin", "COLUMNS": "200"},
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    for text in ("Zostaw wersję, która jest na próbie.", "Opcje", "Pokaż tę pomoc i zakończ."):
        assert text in shown
    assert "Show this" not in shown


def test_also_of_a_command_within_another() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "softswitch.cli", "callbacks", "close", "--help", "--lang", "pl"],
        env={"PATH": "/usr/bin", "COLUMNS": "200"},
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert "Zdejmij klienta z listy bez rozmowy" in shown and "Opcje" in shown
