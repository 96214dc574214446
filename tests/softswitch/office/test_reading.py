"""An office of several files, and what is wrong in which of them."""

from pathlib import Path

import pytest

from softswitch.office.findings import OfficeErrors
from softswitch.office.loader import LoadedOffice, load_office
from softswitch.office.models import Office
from softswitch.office.reading import SECRETS, included_files

MAIN = """\
include: [people.yaml, "routes/*.yaml"]
office: {name: One, safe: start}
queues:
  reception: {agents: [101, 102]}
mailboxes:
  all: {mail: [office@firm.example]}
"""
PEOPLE = """\
people:
  101: {name: Anna}
  102: {name: Piotr}
"""
START = """\
numbers:
  "+48 22 123 45 67": start
routes:
  start: {queue: reception, too_long: leave, full: leave, no_agents: leave}
"""
LEAVE = """\
routes:
  leave: {voicemail: all}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "routes").mkdir()
    (tmp_path / "office.yaml").write_text(MAIN)
    (tmp_path / "people.yaml").write_text(PEOPLE)
    (tmp_path / "routes" / "a.yaml").write_text(START)
    (tmp_path / "routes" / "b.yaml").write_text(LEAVE)
    return tmp_path


def load(folder: Path) -> LoadedOffice:
    return load_office(folder / "office.yaml")


def refusal(folder: Path) -> str:
    with pytest.raises(OfficeErrors) as errors:
        load(folder)
    return str(errors.value).replace(f"{folder}/", "")


def test_sections_of_several_files_are_one_office(folder: Path) -> None:
    loaded = load(folder)
    assert set(loaded.office.people) == {"101", "102"}
    assert set(loaded.office.routes) == {"start", "leave"}
    assert list(loaded.source.files) == ["people.yaml", "routes/a.yaml", "routes/b.yaml"]


def test_a_mistake_names_its_file_and_line(folder: Path) -> None:
    (folder / "routes" / "b.yaml").write_text("routes:\n  leave: {voicemale: all}\n")
    assert "routes/b.yaml:2:" in refusal(folder)


def test_a_syntax_error_names_its_file_and_the_others_are_read(folder: Path) -> None:
    (folder / "people.yaml").write_text("people:\n\t101: {name: Anna}\n")
    (folder / "routes" / "b.yaml").write_text("routes:\n  leave: {voicemail: [}\n")
    said = refusal(folder)
    assert "people.yaml:2:1: error: this line is indented with a tab" in said
    assert "routes/b.yaml:2:" in said


def test_an_entry_stands_in_one_file_only(folder: Path) -> None:
    (folder / "routes" / "b.yaml").write_text(LEAVE + "people:\n  101: {name: Other}\n")
    said = refusal(folder)
    assert "routes/b.yaml:4:3: error: `101` stands here a second time" in said
    assert "The first is in line 2 of people.yaml" in said


def test_a_single_value_is_not_put_together(folder: Path) -> None:
    (folder / "people.yaml").write_text(PEOPLE + "secrets: other.yaml\n")
    (folder / "routes" / "b.yaml").write_text(LEAVE + "secrets: more.yaml\n")
    assert "`secrets` stands here a second time" in refusal(folder)


def test_lists_follow_each_other(folder: Path) -> None:
    policy = "recording:\n  - {queue: reception, purpose: training, keep: 9d, notice: x}\n"
    (folder / "people.yaml").write_text(PEOPLE + policy)
    (folder / "routes" / "b.yaml").write_text(LEAVE + policy.replace("reception", "nobody"))
    assert "routes/b.yaml:4:13: error: there is no queue `nobody`" in refusal(folder)


def test_a_file_that_is_not_there_is_an_error_but_an_empty_pattern_is_none(folder: Path) -> None:
    (folder / "routes" / "b.yaml").rename(folder / "routes" / "b.txt")
    (folder / "office.yaml").write_text(MAIN.replace("people.yaml", "people.yaml, none/*.yaml"))
    (folder / "routes" / "a.yaml").write_text(START + LEAVE.replace("routes:\n", ""))
    assert set(load(folder).office.routes) == {"start", "leave"}
    (folder / "people.yaml").unlink()
    assert "office.yaml:1:11: error: there is no file `people.yaml` beside" in refusal(folder)


@pytest.mark.parametrize("name", ["/etc/passwd", "../x.yaml", "routes/../../x.yaml", "{a: 1}"])
def test_nothing_outside_the_folder_is_included(folder: Path, name: str) -> None:
    (folder / "office.yaml").write_text(MAIN.replace("people.yaml", f"people.yaml, {name}"))
    assert "names no file below the folder" in refusal(folder)


def test_an_included_file_includes_nothing(folder: Path) -> None:
    (folder / "people.yaml").write_text("include: other.yaml\n" + PEOPLE)
    assert "people.yaml:1:1: error: an included file includes nothing itself" in refusal(folder)


def test_each_file_comes_once(folder: Path) -> None:
    found = included_files(["routes/b.yaml", "routes/*.yaml"], folder)
    assert [path.name for path in found] == ["b.yaml", "a.yaml"]


def test_the_passwords_file_is_known_by_its_name() -> None:
    assert Office.model_fields["secrets"].default == SECRETS
