"""The mistakes that a tired person makes in an office file, each with every word it is answered.

`mistakes/NAME.yaml` is an office with one slip (or several), `mistakes/NAME.txt` what `softswitch
check` says of it, `NAME.pl.txt` the same in Polish: where, what is wrong, what to write instead.
The texts were judged by people who read them; `python -m tests.softswitch.test_mistakes` writes
them again after a change of wording.
"""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from softswitch.office.findings import OfficeErrors
from softswitch.office.loader import load_office
from softswitch.routing.check import check

FOLDER = Path(__file__).parent / "mistakes"
AT = datetime(2026, 11, 23, tzinfo=UTC)
NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml"))


def answer(name: str, language: str = "en") -> str:
    """One line a finding, without the folder, and without the passwords that no file has here."""
    path = FOLDER / f"{name}.yaml"
    try:
        found = check(load_office(path, at=AT))
    except OfficeErrors as refused:
        found = refused.findings
    lines = [one.in_language(language) for one in found if "no password is set" not in one.message]
    return "".join(f"{line}\n" for line in lines).replace(f"{FOLDER}/", "")


@pytest.mark.parametrize("name", NAMES)
def test_a_mistake_gets_this_answer(name: str) -> None:
    assert answer(name) == (FOLDER / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_it_is_answered_in_polish(name: str) -> None:
    told = answer(name, "pl")
    assert told == (FOLDER / f"{name}.pl.txt").read_text(encoding="utf-8")
    assert told.count("\n") == answer(name).count("\n")


@pytest.mark.parametrize("name", NAMES)
def test_an_answer_says_where_what_and_what_instead(name: str) -> None:
    for line in answer(name).splitlines():
        place, severity, text = line.split(": ", 2)
        assert place.startswith(f"{name}.yaml:") and place.count(":") == 2
        assert severity in ("error", "warning")
        assert ". " in text or "? " in text or text.endswith("?"), line
    assert "error" in answer(name)


def test_one_slip_is_told_once() -> None:
    """What follows from a mistake is not told as mistakes of its own."""
    many = {name: len(answer(name).splitlines()) for name in NAMES if name != "several_at_once"}
    assert len(many) >= 30
    assert {name for name, lines in many.items() if lines > 2} == set()


if __name__ == "__main__":
    for each in NAMES:
        (FOLDER / f"{each}.txt").write_text(answer(each), encoding="utf-8")
        (FOLDER / f"{each}.pl.txt").write_text(answer(each, "pl"), encoding="utf-8")
