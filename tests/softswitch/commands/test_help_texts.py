"""Help in Polish: each text of the commands that speak it, and how the language is chosen."""

import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
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
        [sys.executable, "-m", "softswitch", "reload", "--help"],
        env={"LANG": "pl_PL.UTF-8", "PATH": "/usr/bin", "COLUMNS": "200"},
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    for text in ("Zostaw wersję, która jest na próbie.", "Opcje", "Pokaż tę pomoc i zakończ."):
        assert text in shown
    assert "Show this" not in shown


def test_also_of_a_command_within_another() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "softswitch", "callbacks", "close", "--help", "--lang", "pl"],
        env={"PATH": "/usr/bin", "COLUMNS": "200"},
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert "Zdejmij klienta z listy bez rozmowy" in shown and "Opcje" in shown


def shown(*words: str, **environment: str) -> str:
    return subprocess.run(
        [sys.executable, "-m", "softswitch", *words],
        env={"PATH": "/usr/bin", "COLUMNS": "80", **environment},
        capture_output=True, text=True,
    ).stdout  # fmt: skip


def test_what_an_option_takes_is_said_as_people_say_it() -> None:
    """And what takes nothing is followed by nothing: `--json <bool>` looks as if it did."""
    english, polish = (shown("calls", "--help", "--lang", one) for one in ("en", "pl"))
    for page in (english, polish):
        assert not any(word in page for word in ("<bool", "<str", "<int", "<list", "<date"))
        assert max(map(len, page.splitlines())) <= 80
    assert "<number>" in english and "<time>" in english and "<path>" in english
    assert "<liczba>" in polish and "<czas>" in polish and "<ścieżka>" in polish


def test_the_language_may_stand_before_the_command() -> None:
    assert shown("--lang", "pl", "--help") == shown("--help", "--lang", "pl")
    assert "Wszystko, co o nim wiadomo" in shown("--lang", "pl", "recording", "info", "--help")
    told = subprocess.run(
        [sys.executable, "-m", "softswitch", "--lang", "pl", "limits", "--data", "/none"],
        env={"PATH": "/usr/bin"}, capture_output=True, text=True,
    )  # fmt: skip
    assert "nie działa żadne biuro; wskaż folder swojego przez --data" in told.stderr


def test_the_version_is_said() -> None:
    assert shown("--version") == f"softswitch {version('softswitch')}\n"
