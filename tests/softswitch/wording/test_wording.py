"""Sentences in two languages: complete, with the same facts, used, and told by grammar."""

import ast
import copy
import json
import pickle
import string
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from softswitch.office.findings import Findings
from softswitch.office.source import Source
from softswitch.office.timetable import WEEKDAYS
from softswitch.wording import (
    CATALOGUE,
    SILENT,
    Said,
    Slip,
    either,
    in_language,
    read,
    say,
    several,
)
from softswitch.wording.catalogue import _KINDS

HOME = Path(__file__).parents[3] / "softswitch"
# Made of facts alone, or the same word in both languages.
SAME = frozenset(
    ("silent", "word", "marked", "subject_inner", "day_and_reason", "step_why", "step_length")
    + ("step_then", "at_moment", "goes_otherwise", "hours_found", "detail", "weekdays", "days_open")
    + ("rule_and_hours", "hours_but", "day", "told_and_advised", "test_failed", "subject_tests")
    + ("version_by", "call_began", "with_name", "talked_long", "step_how", "step_and", "step_rings",
       "head_id", "head_agent", "head_nr", "stands_so", "one_after_other",
       "with_reason", "refused_at", "closed_then", "closed_then_by", "closing_spam",
       "sums_added", "sum_spam", "day_listed", "told_of_file", "info_line", "word_by")
    + tuple(f"weekday_{day}" for day in WEEKDAYS)
)  # fmt: skip


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


@pytest.mark.parametrize("code", CATALOGUE)
def test_both_languages_tell_the_same_facts(code: str) -> None:
    english, polish = CATALOGUE[code]
    assert fields(english) == fields(polish)
    assert english != polish or code in SAME


def test_no_code_stands_twice() -> None:
    assert sum(len(kind.SENTENCES) for kind in _KINDS) == len(CATALOGUE)


def said_in_source() -> Iterator[tuple[str, ast.Call]]:
    for path in HOME.rglob("*.py"):
        if "from softswitch.wording" not in (text := path.read_text()):
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "say" and node.args:
                yield f"{path.relative_to(HOME)}:{node.lineno}", node


def test_each_sentence_gets_its_facts() -> None:
    """Also in branches that no test enters: a sentence without its fact would be a KeyError."""
    for where, call in said_in_source():
        given = {keyword.arg for keyword in call.keywords}
        for code in codes(call.args[0]):
            missing = fields(CATALOGUE[code][0]) - given
            assert not missing or None in given, f"{where}: {code} without {missing}"


def codes(argument: ast.expr) -> list[str]:
    """The codes that an argument of `say` may be, as far as it is written there."""
    if isinstance(argument, ast.Constant):
        assert argument.value in CATALOGUE, argument.value
        return [argument.value]
    if isinstance(argument, ast.IfExp):
        return [*codes(argument.body), *codes(argument.orelse)]
    if isinstance(argument, ast.JoinedStr) and isinstance(argument.values[0], ast.Constant):
        begin = str(argument.values[0].value)
        found = [code for code in CATALOGUE if code.startswith(begin)]
        assert found, begin
    return []


def test_each_sentence_is_said_somewhere() -> None:
    text = "\n".join(
        path.read_text() for path in HOME.rglob("*.py") if "catalogue" not in str(path)
    )
    begun = {f.values[0].value for _, call in said_in_source() for f in [call.args[0]]
             if isinstance(f, ast.JoinedStr) and isinstance(f.values[0], ast.Constant)}  # fmt: skip
    idle = [
        code
        for code in CATALOGUE
        if f'"{code}"' not in text and not code.startswith(tuple(map(str, begun)))
    ]
    assert not idle


def test_no_finding_is_a_bare_text() -> None:
    """The types say so too; this says it of whatever has a type that is not looked at."""
    for path in (*HOME.glob("office/*.py"), *HOME.rglob("routing/**/*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if node.func.attr in ("error", "warning", "error_at", "warning_at", "tell"):
                if "_log" in ast.unparse(node.func):
                    continue
                bare = [a for a in node.args if isinstance(a, ast.JoinedStr | ast.Constant)]
                assert not bare, f"{path.name}:{node.lineno}"


@pytest.mark.parametrize(
    ("count", "expected"),
    [(0, "klawiszy"), (1, "klawisz"), (2, "klawisze"), (4, "klawisze"), (5, "klawiszy"),
     (12, "klawiszy"), (14, "klawiszy"), (22, "klawisze"), (25, "klawiszy"), (112, "klawiszy")],
)  # fmt: skip
def test_words_go_with_numbers_as_in_polish(count: int, expected: str) -> None:
    found = say("menu_too_long", name="main", keys=count, most=5)
    assert f"ma {count} {expected}, a" in found.in_language("pl")


def test_words_go_with_numbers_as_in_english() -> None:
    assert say("explored", count=1, ends=()) == "1 call: "
    assert say("explored", count=2, ends=()) == "2 calls: "


def test_a_moment_has_the_day_of_its_language() -> None:
    at = datetime(2026, 11, 30, 8, 5, tzinfo=UTC)
    told = say("roster_gap", name="duty", begin=at, end=date(2026, 12, 4))
    assert told.endswith("from Mon 2026-11-30 08:05 to Fri 2026-12-04")
    assert told.in_language("pl").endswith("od pon. 2026-11-30 08:05 do pt. 2026-12-04")
    assert say("day", at=at).in_language("pl") == "pon. 2026-11-30"


def test_sentences_stand_in_sentences() -> None:
    reason = say("help_lines")
    told = say("reserved_choose", reason=reason)
    assert told == "116xxx are help lines: choose another"
    circle = say("circle", ring="a → b", way=say("somebody_calls", number="22 123 45 67"))
    assert circle.endswith("a → b. Somebody calls 22 123 45 67")
    assert circle.in_language("pl").endswith("a → b. Ktoś dzwoni na 22 123 45 67")


def test_lists() -> None:
    assert say("known_here", words=("`a`", "`b`")) == "Known here: `a`, `b`"
    assert several(["101", "102", "103"]).in_language("pl") == "101 i 102 i 103"
    assert either([say("marked", word="a"), say("marked", word="b")]).in_language("pl") == (
        "`a` lub `b`"
    )


def test_another_program_gets_code_and_facts_and_they_come_back() -> None:
    at = datetime(2026, 11, 30, 8, 5, tzinfo=UTC)
    why = say("step_why", node="menu", why=say("meaning_presses_nothing"))
    told = say("at_moment", at=at, way=say("step_then", one=why, other=say("word", word=("a", 3))))
    data = json.loads(json.dumps(told.as_data()))
    assert data["facts"]["way"]["facts"]["one"]["code"] == "step_why"
    again = read(data)
    assert (again, again.in_language("pl")) == (told, told.in_language("pl"))


def test_a_copy_is_still_a_sentence() -> None:
    told = say("no_such_queue", word="x")
    for again in (copy.copy(told), copy.deepcopy(told), pickle.loads(pickle.dumps(told))):
        assert again.in_language("pl") == "nie ma kolejki `x`"


def test_what_nobody_may_read_is_hidden_in_every_language() -> None:
    findings = Findings(Source("office.yaml"))
    findings.hidden["hunter2"] = "${secret:p}"
    inner = say("marked", word="hunter2")
    findings.error((), say("must_be", field="x", kind=say("kind_text"), value=inner), SILENT)
    (found,) = findings.sorted()
    for text in (str(found), found.in_language("pl"), json.dumps(found.as_data())):
        assert "hunter2" not in text and "${secret:p}" in text


def test_a_slip_is_a_text_with_its_remedy() -> None:
    slip = Slip(say("no_day", value="x"), say("no_day_remedy"))
    assert str(slip) == "`x` is no day. Write it like 2026-12-24"
    assert str(Slip(say("must_know"))) == say("must_know")


def test_what_is_no_sentence_stays() -> None:
    assert in_language("libsndfile says so", "pl") == "libsndfile says so"
    assert isinstance(say("is_lost"), Said)
