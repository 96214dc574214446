"""The younger verbs: say, language, collect, and rings by roster; run with a simulated caller."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from softswitch.office.findings import OfficeErrors
from softswitch.office.loader import LoadedOffice, parse_office
from softswitch.routing.check import check
from softswitch.routing.simulate import Situation, Story, simulate
from softswitch.routing.verbs.base import End

TEXT = """
office: {name: Office, safe: message}
people:
  101: {name: Anna, email: a@b.example}
  110: {name: Jan, email: a@b.example}
  1012: {name: Ewa, email: a@b.example}
queues: {desk: {agents: [101], number: 300}}
rosters: {duty: {"Mo-Fr 16:00-24:00": 110, otherwise: [101]}}
mailboxes: {office: {mail: a@b.example}}
numbers: {"+48 22 123 45 67": menu, 250: english}
routes:
  menu: {menu: menu_main, 1: told, 2: ask, 3: english, 4: duty, no_key: desk, wrong_key: desk}
  told: {say: [time, 21, caller, called, thank_you], then: menu}
  ask: {collect: extension, dial: true, 77: told, no_digits: desk, wrong_number: message}
  english: {language: en, then: case}
  case: {collect: press, digits: 3, as: case, then: repeat, no_digits: desk}
  repeat: {say: $case, then: desk}
  duty: {ring: roster duty, for: 10s, no_answer: message, busy: desk}
  desk: {queue: desk, too_long: message, full: message, no_agents: message}
  message: {voicemail: office}
"""
LOADED = parse_office(TEXT)
ZONE = ZoneInfo("Europe/Warsaw")


def call(keys: str, hour: int = 10, **options: frozenset[str]) -> Story:
    at = datetime(2026, 11, 24, hour, 5, tzinfo=ZONE)
    situation = Situation(at, "+48600100200", keys=keys, **options)  # type: ignore[arg-type]
    return simulate(LOADED.graph, "+48221234567", situation)


def nodes(story: Story) -> list[tuple[str, str]]:
    assert story.result is not None
    return [(step.node, step.outcome) for step in story.result.steps]


def findings(text: str) -> list[str]:
    loaded: LoadedOffice = parse_office(text, at=datetime(2026, 11, 23, tzinfo=ZONE))
    return [str(f) for f in check(loaded) if "no password is set" not in f.message]


def test_the_office_is_proved() -> None:
    assert findings(TEXT) == []


def test_what_is_said() -> None:
    heard = call("1-").heard
    assert heard[1:7] == ("time_at", "time_10", "number_0", "number_5", "number_20", "number_1")
    assert heard[7:10] == ("number_6", "number_0", "number_0")  # 600 100 200
    assert heard[25] == "thank_you"


def test_another_language_and_collected_digits() -> None:
    story = call("3047")
    assert "is spoken to in en" in str(story)
    assert ("case", "then") in nodes(story)
    assert story.heard[2:5] == ("number_0", "number_4", "number_7")
    assert story.answered_by == "101"


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("2110", ("person 110", "answered")),  # no longer number begins with 110
        ("2101", ("person 101", "answered")),  # after a pause
        ("2101#", ("person 101", "answered")),
        ("21012", ("person 1012", "answered")),
        ("2300", ("queue desk", "answered")),
        ("277-", ("told", "then")),
        ("2250", ("english", "then")),
        ("2199#198#197#", ("message", "stored")),
        ("2#-", ("desk", "answered")),
        ("2---", ("desk", "answered")),
    ],
)
def test_an_extension_is_dialled(keys: str, expected: tuple[str, str]) -> None:
    assert expected in nodes(call(keys))


@pytest.mark.parametrize(
    ("hour", "silent", "who"), [(10, "", "101"), (17, "", "110"), (17, "110", "101")]
)
def test_who_is_on_duty_rings(hour: int, silent: str, who: str) -> None:
    assert call("4", hour, silent=frozenset({silent} - {""})).answered_by == who


def test_nobody_on_duty_answers() -> None:
    story = call("4", 17, silent=frozenset({"101", "110"}))
    assert story.result is not None and story.result.end is End.MESSAGE
    assert timedelta(seconds=story.waited) == timedelta(seconds=2 + 20 + 6)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("$case", "$cse", "nobody is asked for `$cse`. Did you mean `case`?"),
        ("language: en", "language: de", "there are no prompts in the language `de`"),
        ("otherwise: [101]", '"Mo-Fr 08:00-16:00": 101',
         "nobody is on duty by the roster duty from Mon 2026-11-23 00:00 to Mon 2026-11-23 08:00"),
        ("otherwise: [101]", '"Mo 15:00-17:00": 101, otherwise: 110',
         "`Mo 15:00-17:00` and `Mo-Fr 16:00-24:00` overlap in the roster duty from Mon 2026-11-23"),
        ("ring: roster duty", "ring: 101", "`duty` in `rosters` is never used"),
    ],
)  # fmt: skip
def test_findings(old: str, new: str, message: str) -> None:
    assert old in TEXT
    assert any(message in text for text in findings(TEXT.replace(old, new)))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "as: case, then: repeat",
            "as: case, wrong_number: repeat",
            "`wrong_number` never happens",
        ),
        ("dial: true", "dial: true, then: menu", "`then` never happens with these options"),
        ("roster duty", "[roster duty, 101]", "a roster rings alone"),
        ("language: en", "language: english", "`language` cannot be `english`"),
        ("as: case", "as: the case", "`as` cannot be `the case`"),
        ("then: repeat, ", "", "route case does not say where to go when digits are entered"),
    ],
)
def test_mistakes(old: str, new: str, message: str) -> None:
    assert old in TEXT
    with pytest.raises(OfficeErrors) as caught:
        parse_office(TEXT.replace(old, new))
    assert message in str(caught.value)
