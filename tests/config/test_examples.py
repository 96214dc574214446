"""The examples that are shipped: each loads, is proved, and is read as its comments say."""

from pathlib import Path

import pytest

from softswitch.office.findings import Severity
from softswitch.office.loader import load_office
from softswitch.routing.check import check
from softswitch.routing.simulate.cases import run_cases

CONFIG = Path(__file__).parents[2] / "config"
EXAMPLES = sorted(CONFIG.glob("*.yaml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_passes(path: Path) -> None:
    found = check(load_office(path))
    assert [str(f) for f in found if f.severity is Severity.ERROR] == []
    warnings = [f.message for f in found if "no password is set" not in f.message]
    assert warnings == []


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_examples_own_tests_pass(path: Path) -> None:
    found = [f for verdict in run_cases(load_office(path)) for f in verdict.findings]
    assert [str(f) for f in found] == []


def test_there_are_examples() -> None:
    assert {path.stem for path in EXAMPLES} >= {"office", "small", "english"}


def test_the_demo_office() -> None:
    office = load_office(CONFIG / "office.yaml").office
    assert list(office.people) == ["101", "102", "110", "111", "120"]
    trunk = office.trunks["operator"]
    assert (trunk.host, trunk.port, trunk.username) == ("127.0.0.1", 5070, None)
    assert set(trunk.numbers) == {number for number in office.numbers if number[0] == "+"}
    assert set(office.queues) == {"reception", "clients"}
