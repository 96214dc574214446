"""Whoever reads Polish finds no English word in what the commands print and refuse.

The words are those of the catalogue's English sentences, of the English help, and of typer, which
no Polish sentence has. Every command is run over a working office with a day behind it.
"""

import asyncio
import io
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
from typer import rich_utils

from softswitch import cli
from softswitch.commands.help_texts import HELP, PANELS, speak_polish
from softswitch.wording import CATALOGUE
from tests.helpers.office_fixtures import Line
from tests.helpers.office_in_process import quicken
from tests.softswitch.apps.recording.test_erasure import RecordingOffice, his_calls
from tests.softswitch.commands.test_both_languages import commands

_WORD = re.compile(r"(?<![\w.*/<{\[-])[A-Za-z]{2,}(?![\w/>}\]-])")
_FILE = r"[\w/.-]+\.(?:wav|yaml|svg|tgz|zip|db)\b"
_NAME = re.compile(
    rf"`[^`]*`|{_FILE}|softswitch[ .][a-z ]*(?:--help)?|<[^>]*>|^.* room=.*$", re.MULTILINE
)
# Typer's and pydantic's own.
_OF_TYPER = """usage options try for help error invalid value missing argument option no such
command did you mean possible aborted required default input should be valid greater less than
equal unable parse string integer requires takes got unexpected extra repeat confirmation not is"""
# What the operator wrote himself, in English: keys of his office, reasons.
_OF_THE_OFFICE = {
    "reception",
    "single",
    "office",
    "operator",
    "spam",
    "offered",
    "message",
}
_OF_SIP = {"ringing"}


def words_of(texts: Iterator[str] | list[str]) -> set[str]:
    return {word.lower() for text in texts for word in re.findall(r"[^\W\d_]{2,}", text)}


def bare(template: str) -> str:
    """Without the names of facts; the forms of a word stay."""
    return re.sub(r"\{[^:}]*:?", " ", template)


POLISH = words_of([bare(polish) for _, polish in CATALOGUE.values()]) | words_of([*HELP.values()])
ENGLISH = (
    words_of([bare(english) for english, _ in CATALOGUE.values()])
    | words_of([*HELP])
    | words_of([_OF_TYPER])
) - POLISH


def english_in(text: str) -> set[str]:
    """What stands as a name is one: of a command, a file, a key."""
    text = _NAME.sub(" ", text)
    return {word for word in map(str.lower, _WORD.findall(text)) if word in ENGLISH}


def test_the_words_are_told_apart() -> None:
    assert english_in("Missing argument 'office'. held until noon") >= {"missing", "held", "until"}
    assert not english_in("kto dzwonił do biura; numer zastrzeżony")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RecordingOffice]:
    """It runs, and somebody has called."""

    async def day(one: RecordingOffice) -> None:
        async with AsyncExitStack() as stack:
            line = Line(one, stack)
            await his_calls(one, await line.provider(), await line.phone("102"))

    with pytest.MonkeyPatch.context() as patch:
        quicken(patch)
        with RecordingOffice(tmp_path_factory.mktemp("pl")) as one:
            asyncio.run(day(one))
            yield one


@cache
def translated(make: Callable[[typer.Typer], Any] = typer.main.get_command) -> Any:
    command = make(cli.app)
    speak_polish(command)
    return command


@pytest.fixture
def polish(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """A Polish terminal of 200 columns; typer is as it was afterwards."""
    for name in (*vars(rich_utils),):
        if name.isupper() or name == "rich_format_error":
            monkeypatch.setattr(rich_utils, name, getattr(rich_utils, name))
    monkeypatch.setattr(rich_utils, "MAX_WIDTH", 200)
    monkeypatch.setenv("LC_ALL", "pl_PL.UTF-8")
    monkeypatch.setenv("COLUMNS", "200")
    for name, title in PANELS.items():
        monkeypatch.setattr(rich_utils, name, title)
    # Translated once, not for each command that is run here.
    monkeypatch.setattr(typer.main, "get_command", lambda _: translated())
    monkeypatch.setattr(cli, "speak_polish", lambda _: None)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    monkeypatch.chdir(tmp_path)
    return monkeypatch


def printed(words: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """As from the console, in this process."""
    before, sys.argv = sys.argv, ["softswitch", *words]
    try:
        with pytest.raises(SystemExit) as ended:
            cli.program()()
    finally:
        sys.argv = before
    told = capsys.readouterr()
    code = ended.value.code
    return int(code or 0), told.out + told.err


def test_help(polish: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    names = [name for name, _ in commands(translated())]
    for name in names:
        code, told = printed([*name.split(), "--help"], capsys)
        assert code == 0 and "Użycie: " in told
        assert not english_in(told) - set(" ".join(names).split()), told


def shown(found: dict[str, tuple[set[str], str]]) -> str:
    return "\n".join(f"{words}: {english}\n{told}" for words, (english, told) in found.items())


WRONG = [
    "chek", "check", "check no.yaml", "calls --bzdura", "calls --limt 3", "calls --limit 0",
    "calls --limit x", "calls --limit", "calls --json=3", "calls --since wczoraj",
    "calls --lang de", "calls x y", "calls --data nic", "call", "call zzz", "phones x",
    "call zzz --sip", "note zzz tekst", "graph no.yaml", "graph no.yaml -o x.svg",
    "simulate no.yaml", "test no.yaml", "diff no.yaml tak.yaml", "privacy no.yaml",
    "privacy no.yaml --lang de", "init --language de", "init",
    "passwd 101 --office no.yaml", "dnd 101", "dnd 101 maybe", "dnd 999 on", "forward 101",
    "forward 101 --all x", "absent 999", "waiting 999 on", "agent 101 on --queue x",
    "pause 999", "trunks --test", "trunks --test x", "trunks --call 1", "dial 999 600100200",
    "dial 102 x", "callbacks --days -3", "callbacks close", "callbacks close x --reason spam",
    "callbacks open x", "messages done x", "messages open x", "limits x", "queues x",
    "recordings --limit x", "recording info x", "recording export x --to a.wav --reason y",
    "recording hold x --reason y", "recording erase x --reason y", "recording bzdura",
    "person erase 101 --reason y", "person export x --to p.zip --reason y", "backup",
    "restore no.tgz", "reload --confirm-within x", "reload --confirm", "rollback x", "versions x",
    "statistics --day x", "statistics --since x",
]  # fmt: skip


def test_refusals(
    office: RecordingOffice, polish: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    polish.setenv("SOFTSWITCH_DATA", str(office.data))
    found = {}
    for words in WRONG:
        code, told = printed(words.split(), capsys)
        assert code and told.strip(), words
        english = english_in(told) - _OF_THE_OFFICE
        if english:
            found[words] = (english, told)
    assert not found, "\n".join(
        f"{words}: {english}\n{told}" for words, (english, told) in found.items()
    )


@pytest.mark.parametrize(
    "setting", ["SIP_UDP_PORT=many", "SIP_UDP_PORT=70000", "LOG_FORMAT=xml", "LOG_LEVEL=loud",
                "MEDIA_SPARE=perhaps", "SESSION_MINIMUM=30", "SIP_KEEPALIVE=-1"],
)  # fmt: skip
def test_settings_of_the_process(
    setting: str, polish: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name, _, value = setting.partition("=")
    polish.setenv(f"SOFTSWITCH_{name}", value)
    code, told = printed(["phones"], capsys)
    assert code == 2 and told.startswith(f"`SOFTSWITCH_{name}`") and value in told
    assert not english_in(told) - {value, "console", "debug", "warning", "error", "json"}, told


WELL = [
    "calls", "calls --number 600100200 --result talked", "phones", "people", "queues", "limits",
    "trunks", "callbacks", "callbacks --all", "callbacks --check", "messages", "messages --all",
    "recordings", "recordings audit", "recordings verify", "statistics", "statistics",
    "person erase 600100200 --reason y --trial", "call {call}", "call {call} --sip",
    "recording info {recording}", "recording hold {recording} --reason y",
    "recording info {recording}", "recordings", "recording release {recording} --reason y",
    "dnd 101 on", "people", "dnd 101 off", "pause 121", "queues", "pause 121 --off",
    "absent 104", "absent 104 --off", "forward 101 --all 102", "people",
    "forward 101 --off", "agent 121 off", "agent 121 on", "waiting 101 off",
    "check {file}", "check {file} --hours", "test {file}", "simulate {file} --from 600100200",
    "simulate {file} --from 101 --to 600100200", "graph {file} -o x.svg", "privacy {file}",
    "diff {file} {file}", "reload", "backup kopia.tgz", "messages done {message}",
    "person export 600100200 --to p.zip --reason y",
]  # fmt: skip


def test_what_is_printed(
    office: RecordingOffice, polish: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    polish.setenv("SOFTSWITCH_DATA", str(office.data))
    talk = office.calls()[0]
    facts = {"call": talk, "recording": f"{talk}-1", "file": str(office.folder / "office.yaml"),
             "message": office.calls()[1]}  # fmt: skip
    found = {}
    for words in WELL:
        typed = words.format(**facts).split()
        code, told = printed(typed, capsys)
        assert told.strip() or words.startswith("diff"), words
        english = english_in(told.replace(str(office.folder), "")) - _OF_THE_OFFICE - _OF_SIP
        if english or code not in (0, 1):
            found[words] = (english, f"{code} {told}")
    assert not found, "\n".join(
        f"{words}: {english}\n{told}" for words, (english, told) in found.items()
    )
