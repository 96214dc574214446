"""A new office file: taken whole or not at all, kept, taken back."""

import asyncio
import errno
import json
import os
from pathlib import Path

import pytest

from softswitch.commands.versions import restore
from softswitch.office.loader import LoadedOffice, load_office
from softswitch.office_files import Source
from softswitch.reload import PID_FILE, STATE_FILE, Reloader, prove
from softswitch.versions import (
    VERSIONS,
    Note,
    asked_by,
    bundle,
    keep_version,
    note_of,
    unbundle,
    versions,
)
from softswitch.wording import say

TEST = Note("test")

OFFICE = """\
office: {name: %s, safe: start}
people:
  101: {name: Anna}
queues:
  reception: {number: 300, agents: [101]}
mailboxes:
  all: {mail: [office@firm.example]}
numbers:
  "+48 22 123 45 67": start
routes:
  start: {queue: reception, too_long: leave, full: leave, no_agents: leave}
  leave: {voicemail: all}
"""


class Running:
    """A server, as far as a reload knows it."""

    def __init__(self, folder: Path) -> None:
        self.data, self.file = folder / "data", folder / "office.yaml"
        self.data.mkdir()
        self.write("One")
        self.names: list[str] = []
        self.reloader = Reloader(Source(self.file, "softswitch"), self.data, self.use)

    async def use(self, office: LoadedOffice) -> None:
        self.names.append(office.office.office.name)

    def write(self, name: str) -> None:
        self.file.write_text(OFFICE % name)

    def state(self) -> dict[str, object]:
        found: dict[str, object] = json.loads((self.data / STATE_FILE).read_text())
        return found


@pytest.fixture
def running(tmp_path: Path) -> Running:
    made = Running(tmp_path)
    made.reloader.begin(load_office(made.file))
    return made


async def test_a_full_disk_keeps_nobody_from_starting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And when there is room again, versions are kept as ever."""

    def full(path: Path, text: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    made = Running(tmp_path)
    with monkeypatch.context() as then:
        then.setattr("softswitch.versions.write_atomically", full)
        then.setattr("softswitch.reload.write_atomically", full)
        made.reloader.begin(load_office(made.file))
        assert versions(made.data / VERSIONS) == []
    made.write("Two")
    assert (await made.reloader.reload(TEST)).is_accepted
    assert made.names == ["Two"] and len(versions(made.data / VERSIONS)) == 1
    made.reloader.end()


async def test_a_good_file_is_taken(running: Running) -> None:
    running.write("Two")
    outcome = await running.reloader.reload(TEST)
    assert outcome.is_accepted
    assert running.names == ["Two"]
    assert len(versions(running.data / VERSIONS)) == 2
    assert "Two" in versions(running.data / VERSIONS)[-1][1], "the difference is kept"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace("agents: [101]", "agents: [102]"),
        lambda text: text.replace("too_long: leave", "too_long: hangup"),
        lambda text: text + "\t broken",
        lambda text: text + 'tests:\n  wrong: {at: "2026-11-23 10:00", expect: busy}\n',
        lambda text: "",
    ],
    ids=["name", "lost caller", "syntax", "failing test", "empty"],
)
async def test_a_bad_file_changes_nothing(running: Running, spoil) -> None:  # type: ignore[no-untyped-def]
    running.file.write_text(spoil(OFFICE % "Bad"))
    outcome = await running.reloader.reload(TEST)
    assert not outcome.is_accepted
    assert running.names == []
    assert outcome.findings
    assert running.state()["is_accepted"] is False
    assert len(versions(running.data / VERSIONS)) == 1


async def test_a_file_that_is_gone_changes_nothing(running: Running) -> None:
    running.file.unlink()
    assert not (await running.reloader.reload(TEST)).is_accepted
    assert running.names == []


async def test_saving_the_file_is_enough(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("softswitch.reload.LOOK", 0.01)
    watching = asyncio.create_task(running.reloader.watch())
    running.write("Saved")
    os.utime(running.file, ns=(1, 1))  # even when the clock was set back
    async with asyncio.timeout(20):
        while not running.names:
            await asyncio.sleep(0.01)
    watching.cancel()
    await asyncio.wait([watching])
    assert running.names == ["Saved"]


async def test_many_reloads_at_once_are_one_after_the_other(running: Running) -> None:
    outcomes = await asyncio.gather(*(running.reloader.reload(TEST) for _ in range(20)))
    assert sorted(one.serial for one in outcomes) == list(range(2, 22))
    assert len(versions(running.data / VERSIONS)) == 1, "the same text is the same version"


def test_where_commands_find_us(running: Running) -> None:
    assert (running.data / PID_FILE).read_text() == str(os.getpid())
    running.reloader.end()
    assert not (running.data / PID_FILE).exists()


def test_versions_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("softswitch.versions.MAX_VERSIONS", 3)
    for number in range(6):
        keep_version(tmp_path, f"text {number}", TEST)
    kept = [path.read_text() for path in sorted(tmp_path.glob("*.yaml"))]
    assert kept == ["text 3", "text 4", "text 5"]
    assert len(list(tmp_path.glob("*.json"))) == 3


def test_prove_runs_the_tests_of_the_file(running: Running) -> None:
    source = Source(running.file, "softswitch")
    good = OFFICE % "x" + 'tests:\n  right: {at: "2026-11-23 10:00", expect: talk}\n'
    running.file.write_text(good)
    assert prove(source).office is not None


@pytest.fixture
def split(running: Running) -> Running:
    """The same office with its people in a file of their own."""
    people = "people:\n  101: {name: Anna}\n"
    running.file.write_text("include: parts/*.yaml\n" + (OFFICE % "Split").replace(people, ""))
    parts = running.file.parent / "parts"
    parts.mkdir()
    (parts / "people.yaml").write_text(people)
    return running


async def test_saving_an_included_file_is_enough(
    split: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("softswitch.reload.LOOK", 0.01)
    assert (await split.reloader.reload(TEST)).is_accepted
    watching = asyncio.create_task(split.reloader.watch())
    extra = split.file.parent / "parts" / "more.yaml"
    extra.write_text("people:\n  102: {name: Piotr}\n")
    async with asyncio.timeout(20):
        while len(split.names) < 2:
            await asyncio.sleep(0.01)
        extra.write_text("people:\n  102: {name: Piotr Wójcik}\n")
        while len(split.names) < 3:
            await asyncio.sleep(0.01)
    watching.cancel()
    await asyncio.wait([watching])
    assert "Piotr Wójcik" in versions(split.data / VERSIONS)[-1][1]


async def test_a_rollback_brings_every_file_back(split: Running) -> None:
    await split.reloader.reload(TEST)
    parts = split.file.parent / "parts"
    (parts / "people.yaml").write_text("people:\n  101: {name: Another}\n")
    (parts / "more.yaml").write_text("people:\n  102: {name: Piotr}\n")
    assert (await split.reloader.reload(TEST)).is_accepted
    restore(split.data, None)
    assert (parts / "people.yaml").read_text() == "people:\n  101: {name: Anna}\n"
    assert not (parts / "more.yaml").exists() and (parts / "more.yaml.off").exists()
    assert (await split.reloader.reload(TEST)).is_accepted
    assert split.names[-1] == "Split"


def test_a_bundle_comes_apart_again() -> None:
    files = {"people.yaml": "people: {}\n", "routes/a.yaml": "# nothing\n"}
    assert unbundle(bundle("office: {}\n", files)) == ("office: {}\n", files)
    assert unbundle(bundle("office: {}", {})) == ("office: {}", {})


def test_who_brought_a_version_and_why(tmp_path: Path) -> None:
    """A file that was saved is in force before somebody asks and says what it is about."""
    saved = Note(say("version_saved"))
    first = keep_version(tmp_path, "one", saved)
    assert note_of(tmp_path, first) == saved
    assert saved.line.in_language("pl") == "zapisano plik"
    asked = asked_by("anna", "  podwyżka\n opłat " + "x" * 300)
    assert keep_version(tmp_path, "one", asked) == first
    found = note_of(tmp_path, first)
    assert found is not None and found.line.startswith("anna: podwyżka opłat xxx")
    assert len(found.comment or "") == 200
    keep_version(tmp_path, "one", Note("SIGHUP"))
    keep_version(tmp_path, "one", asked_by("root", None))
    assert note_of(tmp_path, first) == found, "who reads it again has not brought it"
    keep_version(tmp_path, "one", asked_by("jan", "cofnięte"))
    assert (note_of(tmp_path, first) or saved).line == "jan: cofnięte"
    second = keep_version(tmp_path, "two", Note("SIGHUP", "jan"))
    assert (note_of(tmp_path, second) or saved).line == "jan"
    (tmp_path / f"{second}.json").write_text("{")
    assert note_of(tmp_path, second) is None and note_of(tmp_path, "older") is None
