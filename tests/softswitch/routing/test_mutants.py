"""Offices of three sizes, broken in every way: what can lose a call is refused, at its line."""

import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from softswitch.office.findings import Finding, OfficeErrors, Severity
from softswitch.office.loader import LoadedOffice, parse_office
from softswitch.routing.check import check
from softswitch.routing.simulate import ChoosingCaller, Situation, walk
from tests.softswitch.routing.offices import office_text

# Every edge of the small office, and so many steps between those of the larger ones.
SIZES = {12: 1, 60: 5, 200: 9}
AT = datetime(2026, 11, 23, tzinfo=UTC)


@cache
def office(people: int) -> LoadedOffice:
    return parse_office(office_text(people), at=AT)


def errors(text: str) -> list[Finding]:
    try:
        found = check(parse_office(text, at=AT))
    except OfficeErrors as refused:
        found = refused.findings
    return [finding for finding in found if finding.severity is Severity.ERROR]


def edges(people: int) -> list[tuple[int, str, str]]:
    """Written edges: the size, node and outcome."""
    loaded = office(people)
    found = [
        (people, node.name, outcome)
        for node in loaded.graph.nodes.values()
        for outcome in node.edges
        if not node.is_implied and (*node.where, outcome) in loaded.source.values
    ]
    return found[:: SIZES[people]]


ALL_EDGES = [edge for people in SIZES for edge in edges(people)]


def with_target(people: int, node: str, outcome: str, target: str) -> tuple[str, int]:
    """The office with one edge led elsewhere, and the line of it."""
    lines = office_text(people).splitlines()
    row, column, _ = office(people).source.locate(("routes", node, outcome))
    written = re.match(r"[^,}]*", lines[row][column:])
    assert written is not None
    rest = lines[row][column + written.end() :]
    lines[row] = lines[row][:column] + target + rest
    return "\n".join(lines), row + 1


@pytest.mark.parametrize("people", SIZES)
def test_the_offices_are_good(people: int) -> None:
    found = check(office(people))
    assert [f.message for f in found if "no password" not in f.message] == []


@pytest.mark.parametrize(("people", "node", "outcome"), ALL_EDGES)
def test_an_edge_that_loses_a_caller_is_refused(people: int, node: str, outcome: str) -> None:
    is_key = bool(re.fullmatch(r"[0-9]|key_.", outcome))
    told_why = office(people).graph.nodes[node].verb.name == "play"
    for target in ("nowhere", "hangup", node):
        text, line = with_target(people, node, outcome, target)
        found = errors(text)
        is_fine = (target == "hangup" and told_why) or (target == node and is_key)
        assert bool(found) != is_fine, text.splitlines()[line - 1]
        if found:
            assert any(finding.line == line for finding in found), found


def other_mutants(text: str) -> Iterator[str]:
    """Without people, prompts, hours that change, or somebody on duty."""
    lines = text.splitlines()
    for row, line in enumerate(lines):
        broken = [
            re.sub(r"agents: \[[^]]*\]", "agents: []", line),
            re.sub(r"(play|menu|collect): (\w+)", r"\1: no_such", line),
            re.sub(r'^(  \w+: )"Mo-Fr .*"$', r'\1"2024 Mo-Fr 08:00-16:00"', line),
            line.replace(", otherwise: 1004", ""),
            re.sub(r"voicemail: \w+", "voicemail: none", line),
            re.sub(r"ring: \[[^]]*\]", "ring: []", line),
        ]
        for changed in broken:
            if changed != line and not line.startswith("  menu: {menu"):
                yield "\n".join([*lines[:row], changed, *lines[row + 1 :]])


def test_whatever_else_is_missing_is_refused() -> None:
    mutants = list(other_mutants(office_text(12)))
    assert len(mutants) > 12
    for mutant in mutants:
        assert errors(mutant), mutant


@pytest.mark.parametrize("people", SIZES)
def test_random_walks_end_well(people: int) -> None:
    chance, graph = random.Random(people), office(people).graph
    numbers = sorted(graph.entries)
    for _ in range(700):
        moment = AT + timedelta(minutes=chance.randrange(2 * 365 * 24 * 60))
        number = chance.choice(numbers)
        caller = ChoosingCaller(graph.office, number, Situation(moment), chance.choice)
        story = walk(graph, number, caller)
        assert story.result is not None and story.result.is_accepted, str(story)
