"""What changes for callers: told when, for which numbers, by which way; else nothing."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from softswitch.office.loader import parse_office
from softswitch.routing.effects.classes import time_classes
from softswitch.routing.effects.compare import changes
from softswitch.routing.effects.words import sentence
from softswitch.routing.graph import Graph
from softswitch.routing.simulate import Situation, simulate
from tests.softswitch.routing.offices import office_text

DEMO = (Path(__file__).parents[4] / "config" / "office.yaml").read_text()
ZONE = ZoneInfo("Europe/Warsaw")
AT = datetime(2026, 11, 23, tzinfo=ZONE)
CALENDAR = "calendar: {periods: {x: {from: 2026-12-28, to: 2026-12-30}}}\nhours:"


def told(old: str, new: str) -> list[str]:
    found = changes(parse_office(old).graph, parse_office(new).graph, AT)
    return [f"{c.difference.kind}: {sentence(c, AT, ZONE, 'PL')}" for c in found]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "    3: payroll", "    3: leave_message",
            ["end: Mo-Fr 08:00-16:00, 22 123 45 67, key 3: rings 120 Marta Lis (kadry), "
             "102 Piotr Wójcik → is asked for a message in reception"],
        ),
        (
            "08:00-16:00", "08:00-17:00",
            ["end: Mo-Fr 16:00-17:00, 22 123 45 67: hears the menu menu_closed → "
             "hears the menu menu_main",
             "heard: Mo-Fr 16:00-17:00, 22 123 45 67: hears closed → hears it no more"],
        ),
        (
            "PH off", "PH off; Dec 24 10:00-12:00",
            ["end: on 2026-12-24 10:00-12:00, 2027-12-24 10:00-12:00, 22 123 45 67: hears the menu "
             "menu_closed → hears the menu menu_main",
             "heard: on 2026-12-24 10:00-12:00, 2027-12-24 10:00-12:00, 22 123 45 67: hears closed "
             "→ hears it no more"],
        ),
        (
            "    5: urgent\n", "",
            ["end: Mo-Fr 08:00-16:00, 22 123 45 67, key 5: rings 110 mec. Jan Nowak, "
             "111 mec. Ewa Kowalska, 101 Anna Zielińska → not offered"],
        ),
        (
            "ring: payroll, for: 25s", "ring: payroll, for: 30s",
            ["detail: Mo-Fr 08:00-16:00, 22 123 45 67, key 3: rings 120 Marta Lis (kadry), "
             "102 Piotr Wójcik with for 25.0 → with for 30.0"],
        ),
        (
            '  "+48 22 123 45 68": 110\n', "",
            ["end: always, 22 123 45 68: rings 110 mec. Jan Nowak → waits in the queue reception"],
        ),
        ("deputy: 111, absent", "deputy: 101, absent",
         ["detail: always, 22 123 45 68, 110: rings 110 mec. Jan Nowak with deputy 111 for "
          "110 → with deputy 101 for 110"]),
        ("hours:", CALENDAR,
         ["end: on 2026-12-28 08:00-16:00, 2026-12-29 08:00-16:00, 2026-12-30 08:00-16:00, "
          "22 123 45 67: hears the menu menu_main → hears the menu menu_closed",
          "heard: on 2026-12-28 08:00-16:00, 2026-12-29 08:00-16:00, 2026-12-30 08:00-16:00, "
          "22 123 45 67: heard nothing before → hears closed"]),
    ],
)  # fmt: skip
def test_a_change_is_told(old: str, new: str, expected: list[str]) -> None:
    assert old in DEMO
    assert told(DEMO, DEMO.replace(old, new, 1)) == expected


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("name: Anna Zielińska, ", "name: Anna Nowak, "),
        ("08:00-16:00", "08:00-12:00,12:00-16:00"),
        ("then: opening}", "then: before}\n  before: {goto: opening}"),
        ("closed: closed}", "closed: shut}\n  shut: {goto: closed}"),
        ("ring: [120, 102]", "ring: [102, 120]"),  # they ring together
        ("no_key: reception\n", "no_key: new\n"),
    ],
)
def test_what_no_caller_notices_is_not_told(old: str, new: str) -> None:
    assert old in DEMO
    text = DEMO.replace(old, new, 1)
    if "new\n" in new:
        text = text.replace("routes:", "routes:\n  new: {goto: reception}", 1)
    found = told(DEMO, text)
    assert [line for line in found if "Anna" not in line] == []


@pytest.mark.parametrize("text", [DEMO, office_text(12), office_text(60)], ids=["demo", "12", "60"])
def test_nothing_changed_nothing_told(text: str) -> None:
    assert told(text, text) == []


def mutants(text: str) -> Iterator[str]:
    """The office with one written edge led elsewhere."""
    loaded = parse_office(text)
    lines = text.splitlines()
    for node in loaded.graph.nodes.values():
        for outcome, edge in node.edges.items():
            place = (*node.where, outcome)
            if node.is_implied or place not in loaded.source.values or not edge.is_written:
                continue
            row, column, _ = loaded.source.locate(place)
            word = lines[row][column:].split(",")[0].split("}")[0].split("#")[0].strip()
            other = next(
                t for t in ("message", "leave_message", "closed") if t in loaded.graph.nodes
            )
            changed = lines[row][:column] + other + lines[row][column + len(word) :]
            yield "\n".join([*lines[:row], changed, *lines[row + 1 :]])


def same_for_all(old: Graph, new: Graph, chance: random.Random, calls: int) -> bool:
    people = sorted(old.office.people)
    for _ in range(calls):
        situation = Situation(
            AT + timedelta(minutes=chance.randrange(60 * 24 * 365)),
            keys="".join(chance.choice("12345-") for _ in range(4)),
            away=frozenset(chance.sample(people, chance.randrange(len(people)))),
            busy=frozenset(chance.sample(people, chance.randrange(len(people)))),
            silent=frozenset(chance.sample(people, chance.randrange(len(people)))),
            leaves_message=chance.random() < 0.5,
        )
        number = chance.choice(sorted(old.entries))
        a, b = (simulate(graph, number, situation) for graph in (old, new))
        facts = [(s.answered_by, s.mailbox, s.heard, s.waited) for s in (a, b)]
        if facts[0] != facts[1]:
            return False
    return True


@pytest.mark.parametrize("text", [DEMO, office_text(12)], ids=["demo", "12"])
def test_the_diff_and_the_simulator_agree(text: str) -> None:
    chance = random.Random(7)
    old = parse_office(text).graph
    for mutant in mutants(text):
        new = parse_office(mutant).graph
        if not changes(old, new, AT):
            assert same_for_all(old, new, chance, 200), mutant


def test_classes_cover_the_time_once() -> None:
    graph = parse_office(office_text(12)).graph
    classes = time_classes(graph, graph, AT)
    spans = sorted(span for one in classes for span in one.spans)
    assert spans[0][0] == AT
    assert all(a[1] == b[0] for a, b in zip(spans, spans[1:], strict=False))
    assert len(classes) < 20


def test_two_hundred_people_are_compared() -> None:
    text = office_text(200)
    old = parse_office(text).graph
    new = parse_office(
        text.replace("08:00-16:00", "09:00-17:00").replace("safe: m", "safe: m")
    ).graph
    assert changes(old, new, AT)
