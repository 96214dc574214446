"""Help in Polish: each text of the commands that speak it, and how the language is chosen."""

import subprocess
import sys

import pytest
import typer

from softswitch.cli import app
from softswitch.commands.help_texts import HELP, SPOKEN, help_language


def test_every_text_has_its_translation() -> None:
    group = typer.main.get_command(app)
    assert group.help in HELP
    for name in SPOKEN:
        command = group.commands[name]  # type: ignore[attr-defined]
        for text in (command.help, *(getattr(one, "help", None) for one in command.params)):
            assert text is None or text in HELP, f"{name}: {text!r}"


def test_no_translation_is_idle() -> None:
    group = typer.main.get_command(app)
    known = {group.help, "Show this message and exit."}
    for command in group.commands.values():  # type: ignore[attr-defined]
        known |= {command.help, *(getattr(one, "help", None) for one in command.params)}
    assert HELP.keys() <= known


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
