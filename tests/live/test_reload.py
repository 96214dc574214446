"""A new office file while a foreign phone talks: by saving, by SIGHUP, by command; and back again.

What is heard at a number tells which version is in force: the first one asks for a message there,
the second one greets.
"""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers import audio
from tests.live.baresip import Baresip
from tests.live.commands import run_command
from tests.live.office_files import (
    AGENT,
    CALLER,
    GREETING,
    LEAVE_MESSAGE,
    MAILBOX,
)
from tests.live.office_under_test import OfficeUnderTest
from tests.live.phone_call import PhoneCall
from tests.live.process import until
from tests.live.rtp_peer import ScriptedPhone

# Long enough a stretch to be surely heard.
TALK = 0.5
# baresip plays from its own buffer, which may run dry for a moment on a loaded machine.
HOLE = 0.1
FIRST, SECOND = '"+48 22 123 45 69": message', '"+48 22 123 45 69": welcome'


class Change:
    """An office, somebody who talks in it, and the commands of its owner."""

    def __init__(self, office: OfficeUnderTest) -> None:
        self.office, self.file, self._from = office, office.office_file, 0
        self._from = len(self.versions()) - 1
        self.first = self.file.read_text(encoding="utf-8")
        self.second = self.first.replace(FIRST, SECOND)
        assert self.second != self.first
        self.provider: ScriptedPhone = office.provider()
        anna = office.phone("101")
        # A process of its own, with its own stack: whatever a reload does to it, it shows.
        self.desk: Baresip = office.baresip("111", say=AGENT, account=";answermode=auto")
        self.talk: PhoneCall = anna.dial("111")
        self.desk.wait_established()
        self.talk.wait_answered().say(CALLER)
        self.talk.wait_heard(AGENT, TALK)

    def command(self, *words: str) -> tuple[int, str, str]:
        """Exit code and what it says, good and bad."""
        done = run_command([*words, "--data", str(self.office.data)], {})
        return done.code, done.output, done.errors

    def serial(self) -> int:
        """Rises with every try to reload."""
        state = json.loads((self.office.data / "reload.json").read_text(encoding="utf-8"))
        return int(state["serial"])

    def returned(self) -> str | None:
        """The version that the switch took back last."""
        state = json.loads((self.office.data / "reload.json").read_text(encoding="utf-8"))
        return None if state["returned"] is None else str(state["returned"]["version"])

    def versions(self) -> list[Path]:
        """The one that was in force, and those since."""
        return sorted((self.office.data / "versions").glob("*.yaml"))[self._from :]

    def write(self, text: str) -> None:
        self.file.write_text(text, encoding="utf-8")

    def hears(self, tone: int) -> None:
        """Which version a new call is led by."""
        call = self.provider.dial(MAILBOX, number="+48600100200")
        call.wait_heard(tone, 0.2)
        others = {GREETING, LEAVE_MESSAGE} - {tone}
        assert audio.seconds_of(call.heard.samples(), others.pop()) == 0.0
        call.hang_up()
        call.wait_over()

    def finish(self) -> None:
        """The talk went on all the time, without a hole, and ends by its own people."""
        self.talk.wait_heard(AGENT, 2 * TALK)
        self.desk.wait_heard(CALLER, 2 * TALK)
        assert not self.talk.is_over
        self.talk.hang_up()
        self.desk.wait_closed()
        for sound, tone in ((self.talk.heard.samples(), AGENT), (self.desk.heard(), CALLER)):
            assert audio.seconds_of(sound, tone) > TALK, audio.describe(sound, (tone,))
            assert not audio.gaps(sound, tone, HOLE), audio.gaps(sound, tone, HOLE)
        row = self.office.wait_row(number="101", result="talked")
        assert row["handled_by"] == "111"
        self.write(self.first)
        assert self.command("reload")[0] == 0


@pytest.fixture
def change(office: OfficeUnderTest) -> Iterator[Change]:
    running = Change(office)
    yield running
    running.finish()


def test_saving_the_file_is_enough(change: Change) -> None:
    change.hears(LEAVE_MESSAGE)
    change.write(change.second)
    until(lambda: len(change.versions()) == 2, "the saved file is taken over")
    change.hears(GREETING)


def test_an_editor_that_replaces_the_file(change: Change) -> None:
    fresh = change.file.with_name(".office.yaml.new")
    fresh.write_text(change.second, encoding="utf-8")
    change.file.unlink()
    fresh.rename(change.file)
    until(lambda: len(change.versions()) == 2, "the new file is taken over")
    change.hears(GREETING)


def test_sighup(change: Change) -> None:
    before = change.serial()
    change.write(change.second)
    os.kill(change.office.process.pid, signal.SIGHUP)
    until(lambda: change.serial() > before, "an answer to SIGHUP")
    change.hears(GREETING)


def test_the_command_and_back(change: Change) -> None:
    change.write(change.second)
    code, said, wrong = change.command("reload")
    assert (code, wrong) == (0, "")
    newest = change.versions()[-1].stem
    assert said.strip() == f"accepted as version {newest}; calls in progress keep theirs"
    change.hears(GREETING)
    code, said, _ = change.command("versions")
    assert code == 0
    assert f"-  {FIRST}" in said and f"+  {SECOND}" in said
    code, said, wrong = change.command("rollback")
    assert (code, wrong) == (0, "")
    assert said.startswith(f"restored {change.versions()[0].stem}\n")
    assert change.file.read_text(encoding="utf-8") == change.first
    change.hears(LEAVE_MESSAGE)
    code, _, wrong = change.command("rollback", newest)
    assert (code, wrong) == (0, "")
    assert change.file.read_text(encoding="utf-8") == change.second
    change.hears(GREETING)


def test_what_nobody_confirms_is_taken_back(change: Change) -> None:
    """Somebody talks all the time, and one who came by the new version is not cut off either."""
    change.write(change.second)
    code, said, wrong = change.command("reload", "--confirm-within", "10m")
    assert (code, wrong) == (0, "")
    assert "confirm it with `softswitch reload --confirm` until" in said
    newest = change.versions()[-1].stem
    change.hears(GREETING)
    late = change.office.phone("102").dial("111")
    assert change.command("reload", "--confirm-within", "1s")[0] == 0
    until(lambda: change.file.read_text(encoding="utf-8") == change.first, "the version before")
    until(lambda: change.returned() == newest, "what it took back is told")
    change.hears(LEAVE_MESSAGE)
    assert not late.is_over
    late.hang_up()
    _, said, _ = change.command("versions", "--lang", "pl")
    assert f"wersja {newest} została wycofana: nikt jej na czas nie potwierdził" in said


def test_what_is_confirmed_stays(change: Change) -> None:
    change.write(change.second)
    assert change.command("reload", "--confirm-within", "10m")[0] == 0
    newest = change.versions()[-1].stem
    assert change.command("reload", "--confirm") == (0, f"version {newest} stays\n", "")
    assert change.command("reload", "--confirm") == (1, "", "no version is on trial\n")
    change.hears(GREETING)


@pytest.mark.parametrize(
    ("good", "bad", "told"),
    [
        ("agents: [111]", "agents: [112]", "112"),
        ("short_ring:  {ring: 102", "short_ring:  {rung: 102", "Did you mean"),
        ("message:     {voicemail: office}", "message:     {hangup: normal}", "lost"),
        ("routes:", "\troutes:", "tab"),
        ("{voicemail: office}\n", "{voicemail: office}\ntests:\n  wrong: TEST\n", "test wrong"),
    ],
    ids=["name", "slip", "lost", "tab", "test"],
)
def test_a_refused_file_changes_nothing(change: Change, good: str, bad: str, told: str) -> None:
    spoiled = change.second.replace(good, bad)
    assert spoiled != change.second
    change.write(spoiled.replace("TEST", '{at: "2026-11-25 12:00", expect: busy}'))
    code, said, wrong = change.command("reload")
    assert (code, said) == (1, "")
    assert f"{change.file}:" in wrong and ": error: " in wrong
    assert told in wrong
    assert wrong.rstrip().endswith("refused: nothing has changed")
    assert len(change.versions()) == 1
    change.hears(LEAVE_MESSAGE)
    change.write(change.second)
    assert change.command("reload")[0] == 0, "and it is not stuck"
    change.hears(GREETING)


def test_what_cannot_be_done_is_said(own_office: OfficeUnderTest) -> None:
    change = Change(own_office)
    assert change.command("rollback") == (1, "", "there is no earlier version\n")
    code, _, wrong = change.command("rollback", "1999")
    assert code == 1
    assert wrong == "no version, or several, begin with 1999\n"
    assert change.file.read_text(encoding="utf-8") == change.first
    change.hears(LEAVE_MESSAGE)
    change.finish()


def test_no_office_runs(tmp_path: Path) -> None:
    elsewhere = str(tmp_path / "elsewhere")
    for words in (["reload"], ["rollback"]):
        done = run_command([*words, "--data", elsewhere], {})
        assert (done.code, done.output) == (1, "")
        assert "no office runs" in done.errors
