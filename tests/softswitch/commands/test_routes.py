"""The commands about routes, as somebody types them."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from softswitch.commands.routes import add_commands
from softswitch.office.loader import load_office
from softswitch.routing.check import check

CONFIG = Path(__file__).parents[3] / "config"
DEMO = CONFIG / "office.yaml"


def run(*words: str | Path, typed: str = "") -> Result:
    app = typer.Typer()
    add_commands(app)
    return CliRunner().invoke(app, [str(word) for word in words], input=typed)


def test_simulate_tells_a_story() -> None:
    found = run("simulate", DEMO, "--at", "2026-12-24 17:05", "--keys", "5", "--away", "110,111")
    assert found.exit_code == 0, found.output
    assert "opening          closed: Wigilia (office: Mo-Fr 08:00-16:00; PH off)" in found.output
    assert "101 Anna Zielińska answers" in found.output
    assert found.output.startswith("Thu 2026-12-24\n17:05:00")
    assert "a withheld number calls 22 123 45 67" in found.output


def test_simulate_as_json() -> None:
    arguments = ("--at", "2026-11-25 12:00", "--from", "+48600100200", "--away", "all", "--json")
    story = json.loads(run("simulate", DEMO, *arguments).output)
    assert (story["end"], story["mailbox"], story["is_well"]) == ("message", "reception", True)
    assert story["heard"][0] == "welcome"


def test_simulate_explores() -> None:
    found = run("simulate", DEMO, "--random", "500", "--json")
    counts = json.loads(found.output)
    assert (found.exit_code, counts["calls"], counts["lost"]) == (0, 500, [])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--from", "12x"), "12x is no telephone number"),
        (("--full", "desk"), "there is no queue `desk`"),
        (("--busy", "1o1"), "there is no person 1o1"),
        (("--at", "tomorrow"), "Write it like 2026-12-24 17:05"),
        (("--at", "24.12.2026 17:05"), "is no moment. Write it like 2026-12-24 17:05"),
        (("--at", "1.12.2026 8:00"), "is no moment. Write it like 2026-12-01 08:00"),
        (("--keys", "one"), "`one` names no keys: they are 0 to 9"),
        (("--to", "recption"), "nobody is called recption. Did you mean `reception`"),
    ],
)
def test_simulate_used_wrongly(arguments: tuple[str, str], message: str) -> None:
    found = run("simulate", DEMO, *arguments)
    assert found.exit_code == 2
    assert message in " ".join(found.output.replace("│", " ").split())


def test_a_lost_caller_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "office.yaml"
    path.write_text(DEMO.read_text().replace("    4: reception", "    4: hangup"))
    assert run("simulate", path, "--at", "2026-11-25 12:00", "--keys", "4").exit_code == 1


def test_test() -> None:
    found = run("test", DEMO)
    assert (found.exit_code, found.output) == (0, "4 of 4 tests passed\n")


def test_a_failing_test(tmp_path: Path) -> None:
    path = tmp_path / "office.yaml"
    path.write_text(DEMO.read_text().replace("with: 111", "with: 110"))
    found = run("test", path)
    assert found.exit_code == 1
    assert "error: test urgent: expected 110 mec. Jan Nowak to answer" in found.output
    assert "3 of 4 tests passed" in found.output


def test_diff(tmp_path: Path) -> None:
    path = tmp_path / "office.yaml"
    path.write_text(DEMO.read_text().replace("    3: payroll", "    3: leave_message"))
    assert run("diff", DEMO, DEMO).output == "every call goes as before\n"
    found = run("diff", DEMO, path, "--at", "2026-11-23 00:00")
    assert found.exit_code == 1
    assert "Mo-Fr 08:00-16:00, 22 123 45 67, key 3: rings 120 Marta Lis" in found.output
    (change,) = json.loads(run("diff", DEMO, path, "--json").output)
    assert change["way"] == ["key 3"] and change["numbers"] == ["+48221234567"]


def test_schema_and_manual() -> None:
    assert json.loads(run("schema").output)["title"] == "softswitch office"
    assert run("schema", "--manual").output.startswith("# The office file")


POLISH = """Biuro "Lis" & Syn


12 345 67 8
12 345 67 89
sip.operator.example
pn-so
8
8:00
7:00
16:30
Marta Lis
marta
marta@biuro.example
Adam Lis



"""
ENGLISH = """Baker & Finch


020 7946 0123
sip.carrier.example:5060

9:00
17:30
Oliver Baker


desk@baker.example
"""


@pytest.mark.parametrize(("language", "typed"), [("pl", POLISH), ("en", ENGLISH)])
def test_init_writes_an_office_that_is_proved(tmp_path: Path, language: str, typed: str) -> None:
    path = tmp_path / "office.yaml"
    found = run("init", path, "--language", language, typed=typed)
    assert found.exit_code == 0, found.output
    assert run("test", path).output == "3 of 3 tests passed\n"
    findings = [f.message for f in check(load_office(path))]
    assert all("no password is set" in message for message in findings)
    office = load_office(path).office
    assert office.hours["office"] in (
        "Mo-Sa 08:00-16:30; PH off",
        "Mo-Fr 09:00-17:30; PH off",
    )


@pytest.mark.parametrize(
    ("language", "typed", "anything", "anybody"),
    [
        ("pl", POLISH, "Tu trzeba coś wpisać.", "W biurze jest co najmniej jedna osoba"),
        ("en", ENGLISH, "Something has to be written here.", "An office has at least one person"),
    ],
)
def test_init_says_what_cannot_be_left_empty(
    tmp_path: Path, language: str, typed: str, anything: str, anybody: str
) -> None:
    before, person, after = typed.partition("Marta Lis" if language == "pl" else "Oliver Baker")
    answers = f"\n{before}\n \n{person}{after}"
    found = run("init", tmp_path / "office.yaml", "--language", language, typed=answers)
    assert found.exit_code == 0, found.output
    assert (found.output.count(anything), found.output.count(anybody)) == (1, 2)


def test_init_does_not_write_over_a_file(tmp_path: Path) -> None:
    path = tmp_path / "office.yaml"
    path.write_text("mine")
    assert run("init", path, typed=POLISH).exit_code == 2
    assert path.read_text() == "mine"
