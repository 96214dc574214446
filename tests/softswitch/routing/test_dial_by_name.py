"""`dial_by_name`: a surname spelled with the keys, as callers spell."""

from datetime import datetime

import pytest

from softswitch.office.findings import OfficeErrors
from softswitch.office.loader import LoadedOffice, parse_office
from softswitch.routing.check import check
from softswitch.routing.simulate import Situation, Story, simulate
from softswitch.routing.verbs.dial_by_name import keys_of

TEXT = """
office: {name: Office, safe: leave}
people:
  101: {name: Anna Zielińska}
  102: {name: Piotr Wójcik}
  110: {name: mec. Jan Nowak}
  111: {name: "Ewa Nowacka, radca"}
  113: {name: Ola Żółć (kadry)}
groups: {law: {ring: [110, 111]}}
mailboxes: {all: {mail: a@b.example}}
numbers: {"+48 22 123 45 67": spell}
routes:
  spell: {dial_by_name: spell_name, repeats: 1, no_digits: leave, nobody: leave}
  leave: {voicemail: all}
"""


def office(old: str = "", new: str = "") -> LoadedOffice:
    return parse_office(TEXT.replace(old, new, 1))


def told(keys: str, loaded: LoadedOffice | None = None) -> Story:
    loaded = loaded or office()
    at = datetime(2026, 11, 23, 10, 0, tzinfo=loaded.office.zone)
    return simulate(loaded.graph, "+48221234567", Situation(at=at, keys=keys))


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("Anna Zielińska", "943546752"),
        ("mec. Jan Nowak", "66925"),
        ("Ola Żółć (kadry)", "9652"),
        ("Ewa Nowacka, radca", "6692252"),
        ("Łukasz Łoś", "567"),
        ("O'Neil", "66345"),
        ("", ""),
    ],
)
def test_a_name_on_the_keys(name: str, keys: str) -> None:
    assert keys_of(name) == keys


@pytest.mark.parametrize(
    ("keys", "answers"),
    [
        ("943", "101"),  # Zie: nobody else
        ("96524", "102"),  # Wójci, of two who begin with 9652
        ("9652-2", "113"),
        ("66925", "110"),  # Nowak, told apart from Nowac(ka) by its last letter
        ("66922", "111"),
        ("6692-2", "111"),  # two fit: the second is chosen
        ("6692-1", "110"),
        ("6692#1", "110"),
    ],
)
def test_one_is_found(keys: str, answers: str) -> None:
    assert told(keys).answered_by == answers


def test_two_are_offered_by_their_numbers() -> None:
    heard = told("6692-1").heard
    offer = ["extension", "number_1", "number_1", "number_0", "press", "number_1"]
    assert [one for one in heard if one in {*offer, "number_2"}][:6] == offer


@pytest.mark.parametrize(
    ("keys", "outcome"), [("777", "nobody"), ("", "no_digits"), ("-", "no_digits"), ("1", "nobody")]
)
def test_nobody_is_found(keys: str, outcome: str) -> None:
    story = told(keys + "-----")
    assert story.result is not None
    steps = story.result.steps
    assert [step.node for step in steps] == ["spell", "leave"]
    assert steps[0].outcome in (outcome, "no_digits")
    assert ("number_not_in_service" in story.heard) is (outcome == "nobody")


def test_only_some_can_be_found() -> None:
    loaded = office("repeats: 1", "repeats: 0, among: [law, 101]")
    assert told("943", loaded).answered_by == "101"
    assert told("4", loaded).answered_by is None
    assert told("66925", loaded).answered_by == "110"


def test_every_way_is_proved() -> None:
    assert not [one for one in check(office()) if one.severity == "error"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("repeats: 1", "repeats: 1, among: [109]", "109"),
        ("nobody: leave", "nobdy: leave", "nobdy"),
    ],
)
def test_what_is_wrong_is_told(old: str, new: str, said: str) -> None:
    with pytest.raises(OfficeErrors) as errors:
        office(old, new)
    assert said in str(errors.value)
