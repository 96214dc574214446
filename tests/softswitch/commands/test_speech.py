"""In which language commands speak, and that the Polish guide shows what they say."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from softswitch.cli import app
from softswitch.commands.speech import language_for, language_of, own_language

HOME = Path(__file__).parents[3]
DEMO, GUIDE = HOME / "config" / "office.yaml", HOME / "docs" / "pl" / "przewodnik.md"
MISTAKES = HOME / "tests" / "softswitch" / "mistakes"
OFFICE = "office: {name: Firm, safe: leave, language: %s}\nnumbers: [\n"


def run(*words: object, environment: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], env=environment or {})


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({"LC_ALL": "pl_PL.UTF-8", "LANG": "en_US.UTF-8"}, "pl"),
        ({"LC_MESSAGES": "en_GB.UTF-8", "LANG": "pl_PL.UTF-8"}, "en"),
        ({"LANG": "pl"}, "pl"),
        ({"LC_ALL": "C.UTF-8", "LANG": "pl_PL.UTF-8"}, None),
        ({"LANG": "POSIX"}, None),
        ({"LANG": "de_DE.UTF-8"}, None),
        ({}, None),
    ],
)
def test_the_terminal(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], language: str | None
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert own_language() == language
    assert language_for("en" if language == "pl" else "pl") != language, "what is typed counts"
    assert language_for(None, DEMO) == (language or "pl"), "then the office's"
    assert language_for(None) == (language or "en")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("office: {name: Firm, language: en}\nroutes: {a: {bad: 1}}\n", "en"),
        ("office: {name: Firm, language: pl}\n", "pl"),
        ("office: {name: Firm}\n", "pl"),
        ("office: {name: Firm, language: de}\n", None),
        ("office: {name: Firm\n", None),
        ("- no office\n", "pl"),
    ],
)
def test_the_office(tmp_path: Path, text: str, language: str | None) -> None:
    path = tmp_path / "office.yaml"
    path.write_text(text)
    assert language_of(path) == language


def test_an_unknown_language_is_refused() -> None:
    found = run("check", DEMO, "--lang", "de")
    assert found.exit_code == 2


def test_the_guide_shows_a_true_story() -> None:
    words = ("--at", "2026-12-24 17:05", "--keys", "5", "--away", "110,111", "--lang", "pl")
    found = run("simulate", DEMO, *words)
    assert found.exit_code == 0
    assert f"```text\n{found.output}```" in GUIDE.read_text(encoding="utf-8")


def test_the_guide_shows_a_true_finding() -> None:
    told = (MISTAKES / "loop_of_three.pl.txt").read_text(encoding="utf-8")
    shown = " ".join(GUIDE.read_text(encoding="utf-8").split())
    assert told.replace("loop_of_three.yaml", "office.yaml").strip() in shown


def test_check_in_polish() -> None:
    found = run("check", DEMO, "--lang", "pl")
    assert found.exit_code == 0
    assert f"{DEMO}: każda droga dobrze się kończy" in found.output
    assert run("check", DEMO, "--lang", "pl", "--hours").output.count("\npn ") == 2


def test_json_has_codes_that_are_the_same_in_every_language() -> None:
    path = MISTAKES / "no_unit.yaml"
    polish, english = (
        json.loads(run("check", path, "--json", "--lang", language).output)
        for language in ("pl", "en")
    )
    assert [one["said"] for one in polish] == [one["said"] for one in english]
    assert {"code": "no_unit", "facts": {"text": "20"}} in [one["said"] for one in polish]
    assert polish[0]["message"] != english[0]["message"]


def test_what_keeps_a_file_from_being_read_is_told_in_polish(tmp_path: Path) -> None:
    found = run("check", tmp_path / "none.yaml", "--lang", "pl")
    assert found.exit_code == 1
    assert "nie można odczytać pliku: nie ma takiego pliku." in " ".join(found.output.split())


def test_questions_and_passwords_in_polish(tmp_path: Path) -> None:
    path = tmp_path / "office.yaml"
    typed = [
        "Lis",
        "Polska",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "Anna",
        "anna",
        "",
        "",
        "biuro@lis.example",
    ]
    made = CliRunner().invoke(app, ["init", str(path)], input="\n".join(typed) + "\n")
    assert made.exit_code == 0, made.output
    assert "Tego nie rozumiem: `POLSKA` nie jest kodem kraju. Wpisz dwie wielkie" in made.output
    assert "Tego nie rozumiem: `anna` nie jest adresem e-mail. Wpisz np." in made.output
    words = ["passwd", "101", "--office", str(path), "--stdin", "--lang", "pl"]
    short = CliRunner().invoke(app, words, input="abc\n")
    assert short.exit_code == 2 and "hasło musi mieć co najmniej" in short.output
    done = CliRunner().invoke(app, words, input="a-long-enough-password\n")
    assert done.exit_code == 0 and "hasło numeru 101 zapisano w" in done.output


def test_wrong_use_is_told_in_polish() -> None:
    found = run("simulate", DEMO, "--to", "recption", "--lang", "pl")
    assert found.exit_code == 2
    shown = " ".join(found.output.replace("│", " ").split())
    assert "nikt ani nic nie nazywa się recption. Czy chodziło o `reception`?" in shown


def test_tests_and_changes_in_polish(tmp_path: Path) -> None:
    assert run("test", DEMO, "--lang", "pl").output == "testy: 4, udane: 4\n"
    path = tmp_path / "office.yaml"
    path.write_text(DEMO.read_text().replace("    3: payroll", "    3: leave_message"))
    found = run("diff", DEMO, path, "--at", "2026-11-23 00:00", "--lang", "pl")
    assert "pn-pt 08:00-16:00, 22 123 45 67, klawisz 3: dzwoni do: 120 Marta Lis" in found.output
