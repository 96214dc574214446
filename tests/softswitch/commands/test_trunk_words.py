"""A trunk's test in words: nothing is missing in either language."""

import ast
import re
from pathlib import Path

import pytest

from softswitch.commands import trunk_words
from softswitch.commands.trunk_words import lines_of

HOME = Path(trunk_words.__file__).parent.parent
REPORT = {
    "trunk": "operator", "server": "sip.example", "state": "registered", "error": "",
    "at": ["192.0.2.1:5060"], "language": "pl", "alive": True, "answered_in": 12, "status": 200,
    "agent": "P", "seen_as": "198.51.100.1:5060", "number": "+48221234567", "back_after": 90,
    "rung_after": 120, "call_status": 200, "call_reason": "", "codec": "PCMA", "ptime": 20,
    "shown": {
        "called": {"to": "221234567"}, "identity": {"From": "<sip:x@y>"}, "codecs": ["PCMA"],
        "ptime": None, "extensions": [], "agent": None,
    },
    "keys": [True, False], "lost": [0, 3],
    "advice": [{"what": "did", "value": "to"}], "is_done": True,
}  # fmt: skip


def advices() -> set[str]:
    """Every key of a text that the code may give."""
    found = set(re.findall(r'Advice\("(\w+)"', (HOME / "apps" / "trunk_test.py").read_text()))
    text = (HOME / "trunks" / "showing.py").read_text()
    found |= set(re.findall(r'Advice\("(\w+)"', text)) | {"refused"}
    tree = ast.parse(text)
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_REFUSED":
            found |= set(ast.literal_eval(node.value).values())
    return found


@pytest.mark.parametrize("language", ["pl", "en"])
def test_each_advice_has_words(language: str) -> None:
    assert len(advices()) > 12
    for what in advices():
        (*_, line) = lines_of(
            {**REPORT, "language": language, "advice": [{"what": what, "value": "V"}]}
        )
        assert line.startswith("  - ") and len(line) > 20, what


def test_both_languages_say_the_same() -> None:
    assert set(trunk_words._PL) == set(trunk_words._EN)


def test_the_whole_report() -> None:
    text = "\n".join(lines_of(REPORT))
    for part in (
        "po 12 ms: P",
        "198.51.100.1:5060",
        "to (221234567)",
        "PCMA",
        "tam tak, z powrotem nie",
        "0 + 3",
        "`did: to`",
    ):
        assert part in text, text
    dead = "\n".join(lines_of({**REPORT, "alive": False, "status": 503, "language": "de"}))
    assert "does not answer OPTIONS: 503" in dead
